"""When submissions arrived, as the instructor's own system knows it."""

from __future__ import annotations

import csv
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.course import Course
from autograder.errors import CourseError

FILE = "arrivals.csv"
COLUMNS = ("student_id", "assignment", "timestamp")


def read_arrivals(course: Course, homework: str) -> dict[str, str]:
    """Read ``arrivals.csv`` in the course directory, if there is one.

    What it says counts, whatever a ``timestamp.txt`` among the submitted files claims: anybody may
    have written that. It has the columns student_id, assignment and timestamp
    (``2027-03-01 12:00:00 UTC``), as learning platforms can export them.

    Raises
    ------
    CourseError
        If a line of it cannot be read; the message names the line.
    """
    path = course.root / FILE
    if not path.exists():
        return {}
    arrivals = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if missing := sorted(set(COLUMNS) - set(reader.fieldnames or ())):
            raise CourseError(f"{path}: columns {', '.join(missing)} are missing")
        for row in reader:
            when = _checked(row["timestamp"], path, reader.line_num)
            if row["assignment"] == homework:
                arrivals[row["student_id"]] = when
    return arrivals


def _checked(when: str | None, path: Path, line: int) -> str:
    try:
        parse_utc((when or "").strip())
    except (ValueError, OverflowError, TypeError) as error:
        raise CourseError(f"{path}: line {line}: {when!r} is no time ({error})") from error
    return (when or "").strip()

"""The class's scores as a table in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student

from autograder.course import Course
from autograder.results import load_result

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "status",
    "reason",
)
"""nbgrader's columns, and why."""


def export_scores(course: Course, target: Path, homework: str | None = None) -> Path:
    """Write everyone's scores as CSV.

    The columns are those of nbgrader's exporter, which does not quote its cells, with the
    grading's status and reason behind them.

    Parameters
    ----------
    course : Course
        Whose gradebook to read.
    target : Path
        The file to write.
    homework : str, optional
        Only this homework; all by default.
    """
    with course.gradebook() as gradebook, target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for assignment in gradebook.assignments:
            if homework in (None, assignment.name):
                writer.writerows(_rows(course, gradebook, assignment))
    return target


def _rows(course: Course, gradebook: Gradebook, assignment: Assignment) -> Iterator[dict[str, str]]:
    for student in gradebook.students:
        row = _scores(gradebook, assignment, student)
        result = load_result(course, assignment.name, student.id)
        if result is not None:
            row |= {"status": result.status, "reason": result.reason}
        yield {name: cell(value) for name, value in row.items()}


def _scores(gradebook: Gradebook, assignment: Assignment, student: Student) -> dict[str, object]:
    row: dict[str, object] = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row | {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
    penalty = submission.late_submission_penalty or 0.0
    return row | {
        "timestamp": submission.timestamp,
        "raw_score": submission.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - penalty),
    }


def cell(value: object) -> str:
    """Write a value so that a spreadsheet shows it and never runs it as a formula."""
    text = "" if value is None else str(value)
    is_number = isinstance(value, int | float)
    return (
        f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not is_number else text
    )

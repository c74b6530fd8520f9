"""What grading says of a submission, kept as one small JSON file each."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.course import Course
from autograder.handed_in import is_ordinary
from autograder.task import Status


@dataclass(frozen=True)
class Result:
    """One graded submission."""

    student: str
    homework: str
    status: Status
    score: float
    max_score: float
    reason: str
    seconds: float
    fingerprint: str
    """Hashes of the submitted files and of the homework, and the time of arrival if it is known:
    equal means nothing to grade anew."""
    isolation: str = ""
    """How well its kernel was found to be kept apart; empty if none ran."""
    timing: dict[str, float] = field(default_factory=dict)
    """Seconds for the kernel's start, the student's cells and each test (see ``Account``)."""
    seed: int = 0
    """Where the tests' random numbers started."""
    mistakes: dict[str, list[str]] = field(default_factory=dict)
    """The known mistakes that were found in it (see ``Account``)."""


def fingerprint(folder: Path) -> str:
    """Hash the names and contents of all files in a folder; nothing has a hash too."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if is_ordinary(path):
            digest.update(os.fsencode(path.relative_to(folder)))
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def result_path(course: Course, homework: str, student: str) -> Path:
    """Say where a result is kept."""
    return course.results / homework / f"{student}.json"


def save_result(course: Course, result: Result) -> None:
    """Write a result for good: after a power cut too there is the old file or the new one."""
    path = result_path(course, result.homework, result.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(result), file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_result(course: Course, homework: str, student: str) -> Result | None:
    """Read a result, or None if the submission has not been graded.

    Raises
    ------
    ValueError
        If the file is there but is not a result; the message names it.
    """
    path = result_path(course, homework, student)
    if not path.exists():
        return None
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        numbers = {name: float(fields[name]) for name in ("score", "max_score", "seconds")}
        return Result(**{**fields, **numbers, "status": Status(fields["status"])})
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"{path}: not a grading result ({error}); delete it to grade anew"
        ) from error

"""One submission, graded in a process of its own: ``python -m autograder.child JOB.json``.

The process ends with the submission, so nothing that a submission leaves in its grader (modules,
settings, memory) reaches the next one. It writes its outcome to a file named in the job: its
standard output belongs to whatever the kernel prints.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from traitlets.config import Config

from autograder.course import open_course
from autograder.nbgrader_config import NOT_RUN, autograde_steps

DATABASE_SECONDS = 60

MEMORY = 8 * 2**30
"""Bytes of address space for the grader of a submission and for its kernel: torch maps several."""


@dataclass(frozen=True)
class Job:
    """What the child is to do, in plain data."""

    course: str
    homework: str
    student: str
    submitted: str
    """The folder that stands for nbgrader's ``submitted``, with the copy to grade in it."""
    cell_seconds: int
    refusal: str | None
    """If given, nothing is run and every test fails with this reason."""
    outcome: str
    """Where to write ``{"success": ..., "log": ..., "error": ...}``."""

    def save(self, path: Path) -> None:
        """Write the job for a child to read."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def settings(job: Job) -> Config:
    """Translate the job into nbgrader's settings."""
    config = Config()
    config.CourseDirectory.submitted_directory = job.submitted
    config.Execute.timeout = job.cell_seconds
    if job.refusal is not None:
        config.Autograde.autograde_preprocessors = autograde_steps(NOT_RUN)
        config.NotRun.reason = job.refusal
    return config


def patient(database: str) -> str:
    """Let SQLite wait for its turn longer than the usual five seconds: several children write."""
    is_plain_file = database.startswith("sqlite:") and "?" not in database
    return f"{database}?timeout={DATABASE_SECONDS}" if is_plain_file else database


def main(path: str) -> None:
    """Grade one submission with nbgrader."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    job = Job(**json.loads(Path(path).read_text(encoding="utf-8")))
    course = open_course(Path(job.course))
    config = settings(job)
    config.CourseDirectory.db_url = patient(course.database)
    api = course.api(config)
    outcome = api.autograde(job.homework, job.student, force=True, create=True)
    Path(job.outcome).write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

"""One submission, graded in a process of its own that is forked for it.

The process ends with the submission, so nothing that a submission leaves in its grader (modules,
settings, memory) reaches the next one. It writes its outcome to a file named in the job, and what
it prints to a log.
"""

from __future__ import annotations

import json
import os
import resource
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from autograder.course import open_course
from autograder.nbgrader_config import NOT_RUN, autograde_steps
from autograder.sandbox.levels import Isolation

DATABASE_SECONDS = 60

TOKEN = "COURSE_GRADING_TOKEN"
"""Environment variable by which the processes of a submission are told from all others."""

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
    account: str
    """Where to write what running it was like."""
    isolation: Isolation = Isolation.STRICT
    """The least isolation to run at."""
    runs: str = ""
    """The sandbox's folder of runs, if there is a sandbox."""
    seed: int = 0
    """Where the kernel's random numbers start."""


def settings(job: Job) -> Config:
    """Translate the job into nbgrader's settings."""
    config = Config()
    config.CourseDirectory.submitted_directory = job.submitted
    config.Execute.timeout = job.cell_seconds
    config.Execute.isolation = str(job.isolation)
    config.Execute.account = job.account
    config.Execute.canaries = [job.submitted, job.outcome]
    config.SandboxProvisioner.runs = job.runs
    config.SandboxProvisioner.seed = job.seed
    if job.refusal is not None:
        config.Autograde.autograde_preprocessors = autograde_steps(NOT_RUN)
        config.NotRun.reason = job.refusal
    return config


def patient(database: str) -> str:
    """Let SQLite wait for its turn longer than the usual five seconds: several children write."""
    is_plain_file = database.startswith("sqlite:") and "?" not in database
    return f"{database}?timeout={DATABASE_SECONDS}" if is_plain_file else database


def main(job: Job, log: str, token: str) -> None:
    """Grade one submission with nbgrader."""
    _settle(job, log, token)
    course = open_course(Path(job.course))
    config = settings(job)
    config.CourseDirectory.db_url = patient(course.database)
    outcome = course.api(config).autograde(job.homework, job.student, force=True, create=True)
    Path(job.outcome).write_text(json.dumps(outcome), encoding="utf-8")


def _settle(job: Job, log: str, token: str) -> None:
    """Become a process of its own: with its own log, terminal, name and limits."""
    # A Ctrl-C in the terminal must not end it half-way and cost a student their points.
    os.setsid()
    os.environ[TOKEN] = token
    os.chdir(job.course)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.close(written)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

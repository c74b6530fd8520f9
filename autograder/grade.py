"""Grading a class: many submissions, each ending with a row and a reason.

A submission is taken in (:mod:`autograder.intake`), run by nbgrader in a child process
(:mod:`autograder.child`), and its result is saved at once. What brings its kernel or its child
down is graded once more without being run, so that it too has a row.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from filelock import AcquireReturnProxy, FileLock, Timeout
from nbgrader.api import MissingEntry

from autograder.account import Account
from autograder.child import Job
from autograder.course import Course
from autograder.errors import CourseError
from autograder.homework import Homework
from autograder.intake import Intake, take_in, write_copy
from autograder.process import Blame, ChildOutcome, run_child
from autograder.reasons import explain
from autograder.release import released_notebook
from autograder.results import Result, Status, fingerprint, load_result, save_result
from autograder.sandbox.levels import Isolation
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.settings import settings_for
from autograder.workplace import workplace

logger = logging.getLogger(__name__)

MAX_NAME = 200


@dataclass(frozen=True)
class Limits:
    """How long a submission may take, in seconds."""

    cell: int = 30
    submission: int = 600


class Apart(NamedTuple):
    """How submissions are kept apart from the rest."""

    isolation: Isolation
    place: Path
    """A folder for the copies that are graded; kernels do not see it."""
    runs: str = ""
    """The sandbox's folder of runs, if there is a sandbox."""


class How(NamedTuple):
    """How submissions are graded."""

    limits: Limits
    regrade: bool
    apart: Apart


def grade_class(
    course: Course,
    homework: Homework,
    *,
    students: Iterable[str] | None = None,
    limits: Limits | None = None,
    jobs: int | None = None,
    regrade: bool = False,
    failed_only: bool = False,
    isolation: Isolation = Isolation.STRICT,
) -> Iterator[Result]:
    """Grade everyone's submission of a homework, several at a time.

    Parameters
    ----------
    course : Course
        Where the submissions are.
    homework : Homework
        What to grade; it must have been released.
    students : iterable of str, optional
        Whom to grade; everyone who handed in something by default.
    limits : Limits, optional
        Time allowed.
    jobs : int, optional
        How many submissions at a time; one a processor core by default.
    regrade : bool
        Grade again even where neither the submission nor the homework has changed.
    failed_only : bool
        Grade only those on whom the grader itself failed the last time.
    isolation : Isolation
        How well each submission must be kept apart; where that cannot be had, nothing is graded.

    Yields
    ------
    Result
        Each as soon as it is saved, in the order in which they end.

    Raises
    ------
    CourseError
        If the homework was not released, or a named student handed in nothing.
    """
    released = released_notebook(course, homework)
    if not released.is_file():
        raise CourseError(f"{released}: missing; first run: course release {homework.name}")
    chosen = _chosen(course, homework, students)
    if failed_only:
        chosen = [student for student in chosen if _has_failed(course, homework, student)]
    lock = _lock(course, homework)
    with lock, _apart(homework, isolation) as apart:
        pool = ThreadPoolExecutor(jobs or os.cpu_count())
        how = How(limits or Limits(), regrade, apart)
        try:
            tasks = [
                pool.submit(_grade_safely, course, homework, student, how) for student in chosen
            ]
            for task in as_completed(tasks):
                yield task.result()
        finally:
            # When the caller stops early (Ctrl-C), what runs is finished, the rest left for later.
            pool.shutdown(cancel_futures=True)


@contextmanager
def _apart(homework: Homework, isolation: Isolation) -> Iterator[Apart]:
    """Keep a sandbox for as long as the homework is graded, if there is to be one."""
    with workplace() as place:
        if isolation is Isolation.PROCESS:
            yield Apart(isolation, place)
        else:
            with Sandbox(settings_for(homework.notebook()), place) as sandbox:
                yield Apart(isolation, place, str(sandbox.runs))


def _lock(course: Course, homework: Homework) -> AcquireReturnProxy[FileLock]:
    """Keep a second grader out: two would overwrite each other's work."""
    path = course.results / f"{homework.name}.lock"
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path)
    try:
        return lock.acquire(timeout=0)
    except Timeout as error:
        raise CourseError(f"{homework.name} is being graded here already ({path})") from error


def _grade_safely(course: Course, homework: Homework, student: str, how: How) -> Result:
    """Grade one submission; if the grader itself fails on it, say so and let the others go on."""
    try:
        return grade_submission(course, homework, student, how)
    except Exception as error:
        logger.info("grading %s of %s failed", homework.name, student, exc_info=True)
        name = "" if isinstance(error, CourseError) else f"{type(error).__name__}: "
        reason = f"{name}{error}"
        return Result(student, homework.name, Status.FAILED, 0.0, 0.0, reason, 0.0, "")


def _has_failed(course: Course, homework: Homework, student: str) -> bool:
    known = _load(course, homework, student)
    return known is not None and known.status is Status.FAILED


def _chosen(course: Course, homework: Homework, students: Iterable[str] | None) -> list[str]:
    present = course.students(homework.name)
    if students is None:
        return present
    wanted = list(students)
    absent = [student for student in wanted if student not in present]
    if absent:
        raise CourseError(f"{', '.join(absent)}: handed in nothing for {homework.name}")
    return wanted


def grade_submission(course: Course, homework: Homework, student: str, how: How) -> Result:
    """Grade one submission and save the result; a result that still holds is returned as it is."""
    start = time.monotonic()
    submitted = course.submitted / student / homework.name
    print_now = fingerprint(submitted, course.source / homework.name)
    _check_name(student)
    known = None if how.regrade else _known(course, homework, student)
    if known is not None and known.fingerprint == print_now and _has_row(course, known):
        return known
    intake = take_in(submitted, released_notebook(course, homework))
    with tempfile.TemporaryDirectory(dir=how.apart.place) as scratch:
        run = _Run(course, homework, student, intake, how, print_now)
        status, reason, account = _run(run, Path(scratch))
    failed = status is Status.FAILED
    score, max_score = (0.0, 0.0) if failed else _score(course, homework.name, student)
    if status in (Status.GRADED, Status.MENDED):
        graded = course.autograded / student / homework.name / f"{homework.notebook_name}.ipynb"
        reason = " ".join([*intake.notes, explain(graded)])
    result = Result(
        student=student,
        homework=homework.name,
        status=status,
        score=score,
        max_score=max_score,
        reason=reason,
        seconds=round(time.monotonic() - start, 1),
        fingerprint=print_now,
        isolation=account.isolation,
        timing=account.timing,
    )
    save_result(course, result)
    return result


def _check_name(student: str) -> None:
    """Refuse a folder name that nbgrader would take for a pattern or cannot write down."""
    if re.search(r"[\[\]?\n\r]", student) or not student.isprintable() or len(student) > MAX_NAME:
        raise CourseError(
            f"rename the folder: a student's name has up to {MAX_NAME} printable characters, "
            "no brackets and no question mark"
        )


def _known(course: Course, homework: Homework, student: str) -> Result | None:
    """Load a result, unless it only says that grading has to be tried again."""
    known = _load(course, homework, student)
    return None if known is None or known.status is Status.FAILED else known


def _load(course: Course, homework: Homework, student: str) -> Result | None:
    try:
        return load_result(course, homework.name, student)
    except ValueError as error:
        logger.warning("%s: grading anew", error)
        return None


class _Run(NamedTuple):
    """A submission that is to be run, and how."""

    course: Course
    homework: Homework
    student: str
    intake: Intake
    how: How
    fingerprint: str

    def job(self, scratch: Path, refusal: str | None) -> Job:
        return Job(
            course=str(self.course.root),
            homework=self.homework.name,
            student=self.student,
            submitted=str(scratch / "submitted"),
            cell_seconds=self.how.limits.cell,
            refusal=refusal,
            outcome=str(scratch / "outcome.json"),
            account=str(scratch / "account.json"),
            isolation=self.how.apart.isolation,
            runs=self.how.apart.runs,
            seed=int(self.fingerprint[:8], 16),
        )


def _run(run: _Run, scratch: Path) -> tuple[Status, str, Account]:
    """Run a submission; if that cannot be done, record it without running it."""
    folder = scratch / "submitted" / run.student / run.homework.name
    folder.parent.mkdir(parents=True)
    submitted = run.course.submitted / run.student / run.homework.name
    write_copy(run.intake, submitted, folder, f"{run.homework.notebook_name}.ipynb")

    def attempt(refusal: str | None) -> ChildOutcome:
        return run_child(run.job(scratch, refusal), scratch, run.how.limits.submission)

    refusal = run.intake.refusal
    if refusal is None:
        outcome = attempt(None)
        if not outcome.success and outcome.blame is not Blame.SUBMISSION:
            outcome = attempt(None)
        if outcome.success:
            return (Status.MENDED if run.intake.notes else Status.GRADED), "", outcome.account
        if outcome.blame is Blame.GRADER:
            return Status.FAILED, outcome.reason, Account()
        refusal = outcome.reason
    outcome = attempt(refusal)
    if outcome.success:
        return Status.NOT_RUN, refusal, Account()
    return Status.FAILED, f"{refusal} Then, recording that: {outcome.reason}", Account()


def _has_row(course: Course, result: Result) -> bool:
    with course.gradebook() as gradebook:
        try:
            gradebook.find_submission(result.homework, result.student)
        except MissingEntry:
            return False
        return True


def _score(course: Course, homework: str, student: str) -> tuple[float, float]:
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission(homework, student)
        return float(submission.score), float(submission.max_score)

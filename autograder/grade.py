"""Grading a class: many submissions, each ending with a row and a reason.

This process reads what was handed in (:mod:`autograder.handed_in`) and writes what was found
(:mod:`autograder.ledger`); between the two a submission is run by others
(:mod:`autograder.runners`). Each result is saved at once.
"""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, as_completed, wait
from contextlib import closing
from typing import NamedTuple

from filelock import AcquireReturnProxy, FileLock, Timeout

from autograder.arrivals import read_arrivals
from autograder.assignment import gather
from autograder.course import Course
from autograder.errors import CourseError
from autograder.handed_in import TIMESTAMP, HandedIn, pack
from autograder.homework import Homework
from autograder.instructors import settings_for
from autograder.ledger import Ledger
from autograder.results import Result, fingerprint, load_result, save_result
from autograder.runners import Runner, runner
from autograder.sandbox.levels import Isolation
from autograder.seeds import course_key, seed_for
from autograder.task import Assignment, Limits, Outcome, Status, Task

logger = logging.getLogger(__name__)

MAX_NAME = 200


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
    cluster: str | None = None,
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
        How many submissions at a time; one more than there are processor cores by default.
    regrade : bool
        Grade again even where neither the submission nor the homework has changed.
    failed_only : bool
        Grade only those on whom the grader itself failed the last time.
    isolation : Isolation
        How well each submission must be kept apart; where that cannot be had, nothing is graded.
    cluster : str, optional
        Address of a dask scheduler whose workers run the submissions; this machine by default.

    Yields
    ------
    Result
        Each as soon as it is saved, in the order in which they end.

    Raises
    ------
    CourseError
        If the homework was not released, a named student handed in nothing, or the disk is full.
    """
    assignment = gather(course, homework)
    chosen = choose(course, homework, students, failed_only=failed_only)
    settings = settings_for(assignment.instructors.notebook)
    with (
        _lock(course, homework),
        closing(Ledger(course, assignment)) as ledger,
        runner(settings, isolation, jobs, cluster) as run,
    ):
        arrivals = read_arrivals(course, homework.name)
        rules = _Rules(limits or Limits(), isolation, regrade, course_key(course), arrivals)
        yield from _Grading(course, assignment, ledger, run, rules).grade(chosen)


class _Rules(NamedTuple):
    """How submissions are graded."""

    limits: Limits
    isolation: Isolation
    regrade: bool
    key: bytes
    arrivals: dict[str, str]
    """When whose submission arrived, where that is known."""


class _Begun(NamedTuple):
    """A submission that is being run."""

    task: Task
    fingerprint: str


class _Grading:
    """One run over a class."""

    def __init__(
        self, course: Course, assignment: Assignment, ledger: Ledger, run: Runner, rules: _Rules
    ) -> None:
        self.course, self.assignment, self.ledger = course, assignment, ledger
        self.run, self.rules = run, rules
        self.homework = assignment.homework
        self.source = fingerprint(course.source / self.homework)
        self.running: dict[Future[Outcome], _Begun] = {}

    def grade(self, students: Iterable[str]) -> Iterator[Result]:
        """Grade submissions, several at a time, each result in its turn."""
        waiting = iter(students)
        try:
            while True:
                yield from self._begin_some(waiting)
                if not self.running:
                    return
                done, _ = wait(self.running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield self._finish(future)
        finally:
            # When the caller stops early (Ctrl-C), what runs is finished, the rest left for later.
            for future in as_completed(list(self.running)):
                self._finish(future)

    def _begin_some(self, waiting: Iterator[str]) -> Iterator[Result]:
        """Begin as many as there is room for; give what is known without running it."""
        while len(self.running) < self.run.room:
            student = next(waiting, None)
            if student is None:
                return
            try:
                known = self._begin(student)
            except Exception as error:
                known = self._failed(student, error)
            if known is not None:
                yield known

    def _begin(self, student: str) -> Result | None:
        _check_name(student)
        submitted = self.course.submitted / student / self.homework
        arrival = self.rules.arrivals.get(student, "")
        print_now = " ".join([fingerprint(submitted), self.source, arrival]).strip()
        known = None if self.rules.regrade else _load(self.course, self.homework, student)
        holds = known is not None and known.fingerprint == print_now
        if holds and self.ledger.has(student):
            return known
        task = Task(
            assignment=self.assignment,
            student=student,
            handed_in=pack(submitted, f"{self.assignment.notebook_name}.ipynb"),
            seed=seed_for(self.rules.key, self.homework, student),
            limits=self.rules.limits,
            isolation=self.rules.isolation,
            canaries=(str(self.course.root),),
        )
        self.running[self.run.submit(task)] = _Begun(task, print_now)
        return None

    def _finish(self, future: Future[Outcome]) -> Result:
        """Write down what was found; if that fails, say so and let the others go on."""
        begun = self.running.pop(future)
        try:
            outcome = future.result()
            return self._record(begun, outcome)
        except Exception as error:
            return self._failed(begun.task.student, error)

    def _record(self, begun: _Begun, outcome: Outcome) -> Result:
        task = begun.task
        score, max_score = 0.0, 0.0
        if outcome.status is not Status.FAILED:
            known = self.rules.arrivals.get(task.student)
            timestamp = known or _timestamp(task.handed_in)
            score, max_score = self.ledger.record(task, outcome, timestamp)
        result = Result(
            student=task.student,
            homework=self.homework,
            status=outcome.status,
            score=score,
            max_score=max_score,
            reason=outcome.reason,
            seconds=outcome.seconds,
            # One that failed is tried again.
            fingerprint="" if outcome.status is Status.FAILED else begun.fingerprint,
            isolation=outcome.account.isolation,
            timing=outcome.account.timing,
            mistakes=outcome.account.mistakes,
            seed=task.seed,
        )
        save_result(self.course, result)
        return result

    def _failed(self, student: str, error: Exception) -> Result:
        """Say that the grader failed on a submission; a full disk ends the run."""
        if _is_disk_full(error):
            raise CourseError(
                f"{self.course.root}: no space left; make room and run the same command again: "
                "what was finished is kept"
            ) from error
        logger.info("grading %s of %s failed", self.homework, student, exc_info=error)
        name = "" if isinstance(error, CourseError) else f"{type(error).__name__}: "
        result = Result(student, self.homework, Status.FAILED, 0.0, 0.0, f"{name}{error}", 0.0, "")
        try:
            save_result(self.course, result)
        except (OSError, ValueError):  # a name that no file can have
            logger.warning("%s: the result could not be saved", student, exc_info=True)
        return result


def _is_disk_full(error: Exception) -> bool:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or "database or disk is full" in str(error)


def _timestamp(handed_in: HandedIn) -> str | None:
    """Read when it was handed in, as it says itself."""
    content = handed_in.attachments.get(TIMESTAMP)
    return None if content is None else content.decode().strip()


def _lock(course: Course, homework: Homework) -> AcquireReturnProxy[FileLock]:
    """Keep a second grader out: two would overwrite each other's work."""
    path = course.results / f"{homework.name}.lock"
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path)
    try:
        return lock.acquire(timeout=0)
    except Timeout as error:
        raise CourseError(f"{homework.name} is being graded here already ({path})") from error


def choose(
    course: Course,
    homework: Homework,
    students: Iterable[str] | None = None,
    *,
    failed_only: bool = False,
) -> list[str]:
    """Name those to grade: everyone who handed in something, or these ``students``.

    Raises
    ------
    CourseError
        If nobody handed in anything, or one of these did not.
    """
    present = course.students(homework.name)
    if not present and students is None:
        raise CourseError(f"nobody handed in {homework.name}: {course.submitted}/*/{homework.name}")
    wanted = present if students is None else list(students)
    if absent := sorted(set(wanted) - set(present)):
        raise CourseError(f"{', '.join(absent)}: handed in nothing for {homework.name}")
    if failed_only:
        return [student for student in wanted if _has_failed(course, homework, student)]
    return wanted


def _has_failed(course: Course, homework: Homework, student: str) -> bool:
    known = _load(course, homework.name, student)
    return known is not None and known.status is Status.FAILED


def _check_name(student: str) -> None:
    """Refuse a folder name that nbgrader would take for a pattern or cannot write down."""
    if re.search(r"[\[\]?\n\r]", student) or not student.isprintable() or len(student) > MAX_NAME:
        raise CourseError(
            f"rename the folder: a student's name has up to {MAX_NAME} printable characters, "
            "no brackets and no question mark"
        )


def _load(course: Course, homework: str, student: str) -> Result | None:
    try:
        return load_result(course, homework, student)
    except ValueError as error:
        logger.warning("%s: grading anew", error)
        return None

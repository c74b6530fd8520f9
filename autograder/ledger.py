"""Writing down what was found: the gradebook and the graded copies. One process does so."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from nbgrader.api import (
    BaseCell,
    Gradebook,
    GradeCell,
    InvalidEntry,
    MissingEntry,
    SolutionCell,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import OperationalError

from autograder.course import Course
from autograder.task import Assignment, Outcome, Task

PATIENCE = 60
"""Seconds to wait for another program that writes to the gradebook."""

TRIES = 3
"""How often to write what another program wrote at the same time: one of the two has to yield."""

logger = logging.getLogger(__name__)


class Score(NamedTuple):
    """Points, and how many there were to get."""

    score: float
    max_score: float


class Ledger:
    """A course's gradebook, open for as long as a class is graded, until it is closed.

    Parameters
    ----------
    course : Course
        Whose gradebook it is.
    assignment : Assignment
        The homework that is graded.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self.course, self.assignment = course, assignment
        coursedir = course.api().coursedir
        self.late = AssignLatePenalties(config=assignment.config)
        self.late.init_plugin()
        converter = Autograde(coursedir=coursedir, config=assignment.config)
        # Written in decimal digits: 444 means what it means to chmod.
        self.permissions = int(str(converter.permissions), 8)
        self.gradebook = Gradebook(patient(coursedir.db_url), coursedir.course_id)

    def close(self) -> None:
        """Let go of the gradebook."""
        self.gradebook.close()

    @contextmanager
    def _transaction(self) -> Iterator[Gradebook]:
        """Make all that nbgrader commits one change, which is there as a whole or not at all."""
        session = self.gradebook.db
        session.remove()
        with self.gradebook.engine.begin() as connection:
            # A commit on the way makes nothing stale: nobody else writes within the transaction.
            session.configure(bind=connection, expire_on_commit=False)
            try:
                yield self.gradebook
                session.flush()
            finally:
                session.remove()
                session.configure(bind=self.gradebook.engine, expire_on_commit=True)

    def has(self, student: str) -> bool:
        """Tell whether the gradebook knows a submission of the student's."""
        with self._transaction() as gradebook:
            try:
                gradebook.find_submission(self.assignment.homework, student)
            except MissingEntry:
                return False
            return True

    def record(self, task: Task, outcome: Outcome, timestamp: str | None) -> Score:
        """Write down one outcome for good."""
        self._write_copy(task, outcome)
        for _ in range(TRIES - 1):
            try:
                return self._enter(task, outcome, timestamp)
            except (InvalidEntry, OperationalError):
                logger.info("another program wrote at the same time", exc_info=True)
        return self._enter(task, outcome, timestamp)

    def _enter(self, task: Task, outcome: Outcome, timestamp: str | None) -> Score:
        names = (self.assignment.homework, task.student)
        with self._transaction() as gradebook:
            gradebook.update_or_create_student(task.student)
            when = {} if timestamp is None else {"timestamp": timestamp}
            with gradebook.db.no_autoflush:  # it is made of parts that are added one by one
                submission = gradebook.update_or_create_submission(*names, **when)
            notebook = gradebook.find_submission_notebook(self.assignment.notebook_name, *names)
            cells = _load_cells(gradebook, notebook)
            _fill_in(notebook, outcome)
            del cells
            gradebook.db.flush()
            gradebook.db.expire_all()  # sums are the database's
            late = submission.total_seconds_late
            notebook.late_submission_penalty = self._penalty(task.student, notebook, late)
            gradebook.db.flush()
            return Score(float(submission.score), float(submission.max_score))

    def _penalty(self, student: str, notebook: SubmittedNotebook, late: float) -> float | None:
        """Have nbgrader's plugin say what being late costs, as ``AssignLatePenalties`` does."""
        if late <= 0:
            return None
        penalty = self.late.plugin_inst.late_submission_penalty(student, notebook.score, late)
        return None if penalty is None else self.late._check_late_penalty(notebook, penalty)

    def _write_copy(self, task: Task, outcome: Outcome) -> None:
        """Write the graded copy, so that the old one or the new one stands there."""
        folder = self.course.autograded / task.student / self.assignment.homework
        draft = folder.with_name(f".{folder.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        files = task.handed_in.attachments | self.assignment.files
        files[f"{self.assignment.notebook_name}.ipynb"] = outcome.notebook.encode()
        for name, content in files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(self.permissions)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)


def _load_cells(gradebook: Gradebook, notebook: SubmittedNotebook) -> list[BaseCell]:
    """Load at once what grades and comments would each load for itself, while this is kept."""
    kinds = (GradeCell, SolutionCell, TaskCell)
    queries = [gradebook.db.query(kind).filter_by(notebook=notebook.notebook) for kind in kinds]
    return [cell for query in queries for cell in query.all()]


def _fill_in(notebook: SubmittedNotebook, outcome: Outcome) -> None:
    """Enter points and comments, as nbgrader's ``SaveAutoGrades`` does.

    Raises
    ------
    ValueError
        If there are points for what is no graded cell, or more than it has.
    """
    grades = {grade.name: grade for grade in notebook.grades}
    if unknown := sorted(set(outcome.scores) - set(grades)):
        raise ValueError(f"scores: expected those of graded cells, got {unknown} too")
    for name, points in outcome.scores.items():
        grade, maximum = grades[name], grades[name].cell.max_score
        if points is not None and not 0 <= points <= maximum:
            raise ValueError(f"scores: expected 0 to {maximum:g} for {name}, got {points}")
        grade.auto_score = points
        grade.needs_manual_grade = grade.manual_score is not None or points is None
    for comment in notebook.comments:
        comment.auto_comment = "No response." if comment.name in outcome.unanswered else None


def patient(database: str) -> str:
    """Let SQLite wait for its turn longer than the usual five seconds."""
    is_plain_file = database.startswith("sqlite:") and "?" not in database
    return f"{database}?timeout={PATIENCE}" if is_plain_file else database

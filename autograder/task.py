"""What grading a submission takes and gives, as plain data that can travel to another machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from nbformat import NotebookNode
from traitlets.config import Config

from autograder.account import Account
from autograder.handed_in import HandedIn
from autograder.instructors import Instructors
from autograder.sandbox.levels import Isolation


class Status(StrEnum):
    """How a submission ended."""

    GRADED = "graded"
    """It ran as it was handed in."""
    MENDED = "mended"
    """It ran after something was put back; the reason says what."""
    NOT_RUN = "not run"
    """It could not be run: no points, with the reason."""
    FAILED = "failed"
    """The grader itself failed on it: no row in the gradebook. Nothing is lost; grade it again."""


@dataclass(frozen=True)
class Limits:
    """How long a submission may take, in seconds."""

    cell: int = 30
    submission: int = 600


@dataclass(frozen=True)
class Assignment:
    """A homework as its graders need it; the same for the whole class."""

    homework: str
    notebook_name: str
    released: NotebookNode
    """What students got."""
    instructors: Instructors
    """What they did not get."""
    marked: dict[str, NotebookNode]
    """The released notebook's locked cells by grade_id, as the gradebook has them: with their
    hidden tests."""
    files: dict[str, bytes]
    """The instructor's other files, which stand in place of the student's of the same name."""
    steps: tuple[str | type, ...]
    """nbgrader's preprocessors, less those that need the gradebook."""
    config: Config
    """nbgrader's settings in this course."""


@dataclass(frozen=True)
class Task:
    """One submission to grade."""

    assignment: Assignment
    student: str
    handed_in: HandedIn
    seed: int
    """Where the tests' random numbers start."""
    limits: Limits
    isolation: Isolation
    """The least isolation to run at."""
    canaries: tuple[str, ...] = ()
    """Paths that the submission must not see."""


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    status: Status
    reason: str
    notebook: str = ""
    """The notebook as it was run, as JSON."""
    scores: dict[str, float | None] = field(default_factory=dict)
    """Points of each graded cell by grade_id; None where a person has to give them."""
    unanswered: tuple[str, ...] = ()
    """Answers that are as they were released."""
    seconds: float = 0.0
    """How long it took, waiting for its turn left out."""
    account: Account = field(default_factory=Account)
    """What running it was like."""

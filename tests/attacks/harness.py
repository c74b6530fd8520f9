"""Hands attacks in as submissions of the toy homework, and grades them: ours, or stock nbgrader.

An attack is a file of this folder: one sentence on what it tries, and ``ANSWER``, the code that
stands in the place of the function ``double``. None of them answers rightly, so that every point
gained there is a success of the attack; the other questions are answered rightly, and an attack
that does not wreck its own kernel must keep their points.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from autograder.answers import put_answer
from autograder.course import Course, init_course
from autograder.grade import Limits, grade_class
from autograder.homework import Homework, find_homework
from autograder.release import release, released_notebook
from autograder.sample import filled

HERE = Path(__file__).parent
SOLUTIONS = HERE.parent / "autograder" / "solutions"
ATTACKED = ("double-one", "double-more")
LIMITS = Limits(cell=4, submission=120)
NOT_ATTACKS = {"harness", "compare", "test_attacks", "conftest"}
STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "stock"
c.Execute.timeout = 4
"""


class Attack(NamedTuple):
    """One way to points that were not earned."""

    name: str
    sentence: str
    answer: str
    earns: float
    """Points that the answer is worth: 0, but for what a public check cannot tell apart."""


class Marks(NamedTuple):
    """What a grader gave."""

    attacked: float
    """Points in the attacked question."""
    others: float
    """Points in the questions that were answered rightly."""
    row: bool
    """Whether the gradebook has the submission at all."""
    seconds: float


def attacks() -> list[Attack]:
    """Read every attack."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in NOT_ATTACKS:
            parts = runpy.run_path(str(path))
            earns = parts.get("EARNS", 0)
            found.append(Attack(path.stem, parts["__doc__"], parts["ANSWER"], earns))
    return found


def homework() -> Homework:
    """Find the homework under attack."""
    return find_homework(SOLUTIONS, "hw01")


def hand_in(course: Course, chosen: Iterable[Attack]) -> None:
    """Hand each attack in, as a student of its name, and the honest solution beside them."""
    work = homework()
    untouched = nbformat.read(released_notebook(course, work), as_version=4)
    solved = filled(untouched, work.notebook())
    notebooks = {"honest": solved}
    for attack in chosen:
        notebooks[attack.name] = put_answer(solved, "double", attack.answer)
    for student, notebook in notebooks.items():
        folder = course.submitted / student / work.name
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{work.notebook_name}.ipynb")


def grade_ours(root: Path, chosen: list[Attack]) -> dict[str, Marks]:
    """Grade attacks with this project's grader."""
    course, work = init_course(root), homework()
    release(course, work)
    hand_in(course, chosen)
    results = list(grade_class(course, work, limits=LIMITS))
    return {r.student: read_marks(course, r.student, r.seconds) for r in results}


def grade_stock(root: Path, chosen: list[Attack]) -> dict[str, Marks]:
    """Grade attacks with nbgrader as it comes, each in a process of its own."""
    course, work = init_course(root), homework()
    (root / "nbgrader_config.py").write_text(STOCK_CONFIG.format(root=str(root)))
    release(course, work)
    hand_in(course, chosen)
    marks = {}
    for student in course.students(work.name):
        start = time.monotonic()
        _nbgrader(root, "autograde", work.name, f"--student={student}", "--create")
        marks[student] = read_marks(course, student, time.monotonic() - start)
    return marks


def _nbgrader(root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    try:
        subprocess.run(command, cwd=root, timeout=60, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return  # seen in the gradebook: there is no row


def read_marks(course: Course, student: str, seconds: float) -> Marks:
    """Read what the gradebook says of a submission."""
    with Gradebook(course.database, "stock") as gradebook:
        try:
            notebook = gradebook.find_submission_notebook(
                homework().notebook_name, homework().name, student
            )
        except MissingEntry:
            return Marks(0, 0, False, seconds)
        points = {grade.name: grade.auto_score or 0.0 for grade in notebook.grades}
    attacked = sum(points[name] for name in ATTACKED)
    return Marks(attacked, sum(points.values()) - attacked, True, seconds)

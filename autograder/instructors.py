"""What the instructor wrote, from where students cannot write: the gradebook and the source."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.answers import Answer
from autograder.cells import answers, code_cells, is_test, only_shows, points_of
from autograder.errors import CourseError
from autograder.homework import Question, questions
from autograder.names import (
    asks_for_classes,
    definitions_of,
    imported_modules,
    students_names,
    used_names,
)
from autograder.sandbox.settings import Settings
from autograder.statements import compiled, packed
from autograder.withheld import withheld_packages

TORCH = ("torch", "torch._dynamo")
"""What takes seconds to import; the second is imported when the first optimizer is made."""

ROLE = ("grade", "solution", "locked", "task")


class Test(NamedTuple):
    """A test cell as the instructor marked it."""

    points: float
    role: tuple[bool, ...]

    def describes(self, cell: NotebookNode) -> bool:
        """Tell whether a cell that was handed in carries these marks."""
        marks = cell.metadata.nbgrader
        return role_of(cell) == self.role and marks.get("points") == self.points


class Instructors(NamedTuple):
    """The instructor's side of a homework."""

    notebook: NotebookNode
    """The source notebook: solutions, hidden tests and all."""
    locked: dict[str, str]
    """The code of every locked cell that tests may need, by grade_id."""
    tests: dict[str, Test]
    """Those of them that are graded."""
    names: frozenset[str]
    """What students define, and tests look up in their kernels."""
    uses: dict[str, frozenset[str]]
    """The names that each locked cell reads from its notebook."""
    programs: dict[str, bytes]
    """Every locked cell, compiled (:mod:`autograder.statements`)."""
    asks_for_classes: bool
    """Whether students define classes."""
    questions: tuple[Question, ...]
    """What is asked, and which tests look at it."""
    definitions: str
    """The functions and classes of all right answers, with what they import."""
    mistakes: tuple[Answer, ...] = ()
    """Wrong answers that students really give, with what to tell whoever gave one."""


def role_of(cell: NotebookNode) -> tuple[bool, ...]:
    """Say what a cell is marked as."""
    marks = cell.metadata.get("nbgrader", {})
    return tuple(bool(marks.get(name, False)) for name in ROLE)


def load_instructors(config: Config, where: dict[str, Any]) -> Instructors:
    """Read the instructor's side of the notebook that is being graded.

    Parameters
    ----------
    config : Config
        nbgrader's settings: where the course directory is.
    where : dict
        ``resources["nbgrader"]``: names of assignment and notebook, and the gradebook's address.

    Raises
    ------
    CourseError
        If the source notebook is missing, or one of its locked cells is not plain Python.
    """
    path = source_folder(config, where) / f"{where['notebook']}.ipynb"
    if not path.is_file():
        raise CourseError(f"{path}: missing; release the homework before grading it")
    notebook = nbformat.read(path, as_version=4)
    locked, tests = {}, {}
    recorded = _recorded(where)
    for cell in code_cells(notebook):
        if cell.metadata.get("nbgrader") and utils.is_locked(cell) and not only_shows(cell):
            grade_id = cell.metadata.nbgrader.grade_id
            locked[grade_id] = recorded.get(grade_id, cell.source)
            if is_test(cell):
                tests[grade_id] = Test(points_of(cell), role_of(cell))
    return Instructors(
        notebook=notebook,
        locked=locked,
        tests=tests,
        names=students_names(notebook),
        programs={grade_id: _program(path, grade_id, code) for grade_id, code in locked.items()},
        uses={grade_id: used_names(code) for grade_id, code in locked.items()},
        asks_for_classes=asks_for_classes(notebook),
        questions=tuple(questions(notebook)),
        definitions="\n".join(definitions_of(cell.source) for cell in answers(notebook)),
    )


def source_folder(config: Config, where: dict[str, Any]) -> Path:
    """Say where the instructor's files are."""
    folders = CourseDirectory(config=config)
    return Path(folders.format_path(folders.source_directory, ".", where["assignment"]))


def _program(path: Path, grade_id: str, code: str) -> bytes:
    try:
        return packed(compiled(grade_id, code))
    except SyntaxError as error:
        raise CourseError(
            f"{path}: cell {grade_id}: what is locked runs outside of Jupyter too, so it must be "
            f"plain Python, without magics: {error}"
        ) from error


def _recorded(where: dict[str, Any]) -> dict[str, str]:
    """Read the cells' text as the gradebook has had it since the release."""
    with Gradebook(where["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(where["notebook"], where["assignment"])
        return {cell.name: cell.source for cell in notebook.source_cells if cell.locked}


def settings_for(notebook: NotebookNode) -> Settings:
    """Read from an instructor's notebook what its sandbox must not hold.

    The notebook's metadata says so: ``{"course": {"withheld": ["torch", "scipy.signal"]}}``.
    """
    withheld = withheld_packages(notebook)
    uses_torch = any(name.split(".")[0] == "torch" for name in imported_modules(notebook))
    heavy = TORCH if uses_torch and importlib.util.find_spec("torch") is not None else ()
    return Settings(
        withheld=withheld,
        preload=(*Settings.preload, *(() if "torch" in withheld else heavy)),
        graders_preload=heavy,
    )

"""A homework's source: one jupytext script from which everything else is generated."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import jupytext
from nbformat import NotebookNode

from autograder.cells import answers
from autograder.errors import CourseError
from autograder.names import used_names


class Question(NamedTuple):
    """A solution cell and the graded cells that follow it, up to the next solution cell."""

    functions: tuple[str, ...]
    grade_id: str
    tests: tuple[str, ...]
    points: float


@dataclass(frozen=True)
class Homework:
    """A homework in ``solutions/``.

    Parameters
    ----------
    name : str
        The assignment's name in nbgrader, for example ``hw03``.
    folder : Path
        ``solutions/hw03-convolution``.
    """

    name: str
    folder: Path

    @property
    def notebook_name(self) -> str:
        """The file that students get, less its ``.ipynb``: ``hw03-convolution``."""
        return self.folder.name

    @property
    def script(self) -> Path:
        """The instructor's notebook as a jupytext script, the only source."""
        return self.folder / f"{self.folder.name}.py"

    @property
    def misconceptions(self) -> Path:
        """Wrong answers that students really give."""
        return self.folder / "misconceptions.py"

    @property
    def variants(self) -> Path:
        """Other right answers."""
        return self.folder / "variants.py"

    @property
    def attachments_script(self) -> Path:
        """Makes files that students get, if there is one: data that no repository should hold."""
        return self.folder / "attachments.py"

    def attachments(self) -> list[Path]:
        """List files that students get beside the notebook as they are."""
        private = {self.script, self.misconceptions, self.variants, self.attachments_script}
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file() and path not in private and "__pycache__" not in path.parts
        )

    def notebook(self) -> NotebookNode:
        """Read the instructor's notebook.

        A cell marked ``course={"include": "../checks.py"}`` holds what that file says, so that what
        several homeworks need is written once.

        Raises
        ------
        CourseError
            If there is no such file.
        """
        notebook: NotebookNode = jupytext.read(self.script)
        for cell in notebook.cells:
            included = cell.metadata.pop("course", {}).get("include")
            if included:
                cell.source = self._read_included(included)
        return notebook

    def _read_included(self, name: str) -> str:
        path = self.folder / name
        if not path.is_file():
            raise CourseError(f"{self.script}: a cell includes {name}, which is not at {path}")
        return path.read_text(encoding="utf-8").strip()


def find_homework(solutions: Path, name: str) -> Homework:
    """Find the folder ``NAME-title`` (or ``NAME``) under ``solutions``.

    Raises
    ------
    CourseError
        If there is no such folder, or no script of the same name in it.
    """
    homeworks = list_homeworks(solutions)
    for homework in homeworks:
        if name in (homework.name, homework.folder.name):
            if not homework.script.is_file():
                raise CourseError(f"{homework.folder}: {homework.script.name} is missing")
            return homework
    known = ", ".join(homework.folder.name for homework in homeworks) or "none"
    raise CourseError(f"{name}: no such homework in {solutions} (there: {known})")


def list_homeworks(solutions: Path) -> list[Homework]:
    """List the folders ``NAME-title`` (or ``NAME``) under ``solutions``, in order."""
    folders = sorted(path for path in solutions.glob("hw*") if path.is_dir())
    return [Homework(folder.name.split("-", 1)[0], folder) for folder in folders]


def defined_functions(source: str) -> tuple[str, ...]:
    """Name the functions and classes that a cell defines at top level."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return tuple(node.name for node in ast.parse(source).body if isinstance(node, kinds))


def questions(notebook: NotebookNode) -> list[Question]:
    """List the coded questions of an instructor's notebook, in order."""
    found: list[Question] = []
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if marks.get("solution") and not marks.get("grade"):
            found.append(Question(defined_functions(cell.source), marks["grade_id"], (), 0.0))
        elif marks.get("grade") and not marks.get("solution") and found:
            last = found[-1]
            tests = (*last.tests, marks["grade_id"])
            found[-1] = last._replace(tests=tests, points=last.points + float(marks["points"]))
    return found


def built_on(notebook: NotebookNode) -> dict[str, frozenset[str]]:
    """For each function that is asked for, name the others that the instructor's answer calls."""
    asked = {function for question in questions(notebook) for function in question.functions}
    needed: dict[str, frozenset[str]] = {}
    for cell in answers(notebook):
        for function in defined_functions(cell.source):
            needed[function] = used_names(cell.source) & (asked - {function})
    return needed

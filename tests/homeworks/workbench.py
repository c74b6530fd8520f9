"""Answers tried on a homework's checks in this process: quickly, and without a sandbox.

``python -m tests.homeworks.workbench hw03`` tries every variant and misconception and says which do
not earn what they should.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import weakref
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from autograder.answers import Answer, read_answers
from autograder.homework import Homework, find_homework, questions
from autograder.release import write_attachments
from tests.homeworks.pages import SOLUTIONS


class Workbench:
    """A homework's notebook, run with the instructor's answers, of which one is exchanged."""

    def __init__(self, homework: Homework) -> None:
        self.homework, self.source = homework, homework.notebook()
        self.questions = {question.functions[0]: question for question in questions(self.source)}
        self.folder = Path(mkdtemp())
        weakref.finalize(self, remove, self.folder, os.getpid())
        write_attachments(homework, self.folder)
        self.programs: dict[str, Any] = {}
        self.namespace: dict[str, Any] = {}
        with self.files(), contextlib.redirect_stdout(io.StringIO()):
            for number, cell in enumerate(self.source.cells):
                if cell.cell_type == "code":
                    name = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number}")
                    self.programs[name] = compile(cell.source, f"<{name}>", "exec")
                    exec(self.programs[name], self.namespace)

    @contextlib.contextmanager
    def files(self) -> Iterator[None]:
        """Be where the notebook's files are."""
        with contextlib.chdir(self.folder):
            yield

    def tests(self, function: str) -> list[str]:
        """Name the test cells of a question that earn points."""
        graded = {
            cell.metadata.nbgrader.grade_id
            for cell in self.source.cells
            if cell.metadata.get("nbgrader", {}).get("points")
        }
        return [test for test in self.questions[function].tests if test in graded]

    def define(self, function: str, code: str) -> Callable[..., Any]:
        """Run the code of an answer, and keep it from taking the right one's place."""
        right = self.namespace[function]
        try:
            exec(compile(code, f"<{function}>", "exec"), self.namespace)
            defined: Callable[..., Any] = self.namespace[function]
            return defined
        finally:
            self.namespace[function] = right

    def answer(self, function: str) -> str:
        """Give the code of the instructor's answer."""
        grade_id = self.questions[function].grade_id
        (cell,) = (
            cell
            for cell in self.source.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )
        code: str = cell.source
        return code

    def failed(self, function: str, answer: Callable[..., Any]) -> dict[str, Exception]:
        """Say which test cells a question's answer fails, and how."""
        return dict(self._failures(function, answer))

    def first_failed(self, function: str, answer: Callable[..., Any]) -> str | None:
        """Name the first test cell that a question's answer fails, if any."""
        with contextlib.closing(self._failures(function, answer)) as failures:
            return next((test for test, _ in failures), None)

    def _failures(
        self, function: str, answer: Callable[..., Any]
    ) -> Generator[tuple[str, Exception], None, None]:
        right = self.namespace[function]
        self.namespace[function] = answer
        try:
            with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"), self.files():
                for test in self.tests(function):
                    try:
                        exec(self.programs[test], self.namespace)
                    except Exception as error:
                        yield test, error
        finally:
            self.namespace[function] = right


def remove(folder: Path, owner: int) -> None:
    """Remove a workbench's folder, but not from a fork, which may find it unused as well."""
    if os.getpid() == owner:
        shutil.rmtree(folder)


def answered(bench: Workbench, answer: Answer) -> tuple[str, Callable[..., Any]]:
    """Define an answer, as :meth:`Workbench.failed` wants it."""
    return answer.function, bench.define(answer.function, answer.source)


def complaints(bench: Workbench) -> list[str]:
    """Say which answers do not earn what they should."""
    found: list[str] = []

    def complain(answer: Answer, what: str) -> None:
        found.append(f"{answer.function}.{answer.name}: {what}")

    for answer in read_answers(bench.homework.variants):
        for test, error in bench.failed(*answered(bench, answer)).items():
            complain(answer, f"a variant that fails {test}: {type(error).__name__}: {error}")
    for answer in read_answers(bench.homework.misconceptions):
        failed = bench.failed(*answered(bench, answer))
        print(f"{answer.function}.{answer.name}: {', '.join(failed) or 'NOTHING LOST'}")
        if not failed:
            complain(answer, "a misconception that loses nothing")
        elif len(failed) == len(bench.tests(answer.function)):
            complain(answer, "(loses all points of its question)")
    return found


if __name__ == "__main__":
    print(*complaints(Workbench(find_homework(SOLUTIONS, sys.argv[1]))), sep="\n")

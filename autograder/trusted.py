"""Test cells, run in the grader's own process on proxies of what the student wrote."""

from __future__ import annotations

import io
import linecache
import math
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbgrader import utils

from autograder.cells import code_cells
from autograder.instructors import Instructors
from autograder.names import imports_of
from autograder.remote.link import KernelGoneError, Link, OutOfTimeError
from autograder.remote.loopback import Loopback
from autograder.remote.proxies import Student
from autograder.remote.replies import Replies
from autograder.remote.wire import WireError
from autograder.statements import file_of, unpacked

SEED = "COURSE_SEED"
"""Environment variable from which tests may draw their inputs; unset while a student works."""

WITHHELD = "(a hidden check; its code is not shown)"


class Trusted:
    """The grader's side of one submission: the namespace in which its tests run.

    Parameters
    ----------
    instructors : Instructors
        The tests, what they import, and which names are the student's.
    seconds : float
        Time that a test cell may take.
    folder : Path
        Where tests and set-up cells find the instructor's files, and no others.
    seed : int
        What tests read as ``os.environ["COURSE_SEED"]``; the kernel does not get to see it.
    """

    def __init__(
        self, instructors: Instructors, seconds: float, folder: Path, seed: int = 0
    ) -> None:
        self.instructors, self.cells = instructors, instructors.locked
        self.seconds, self.folder, self.seed = seconds, folder, seed
        self.used: frozenset[str] = frozenset()
        self.replies: dict[str, Replies] = {}
        """What each test cell has heard from the student's code."""
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        for cell in code_cells(instructors.notebook):
            if not utils.is_solution(cell) and not utils.is_locked(cell):
                exec(imports_of(cell.source), self.namespace)

    def is_test_code(self, function: FunctionType) -> bool:
        """Tell whether a function was defined by a test or set-up cell."""
        return function.__globals__ is self.namespace

    def set_up(self, grade_id: str, link: Link) -> None:
        """Run a locked cell that is no test here too, for what it defines.

        One that shows the student's own work may fail on it; what it shows comes from the kernel.
        """
        shows_students_work = bool(self.instructors.uses[grade_id] & self.instructors.names)
        outputs = self.run(grade_id, link, 0.0)
        failed = [output for output in outputs if output.output_type == "error"]
        if failed and not shows_students_work:
            raise RuntimeError(f"the set-up cell {grade_id} failed: {failed[0].evalue}")

    def run(self, grade_id: str, link: Link, maximum: float) -> list[NotebookNode]:
        """Run a cell on what the student has defined by now and return its outputs.

        Raises
        ------
        KernelGoneError
            If the kernel has to be replaced; the caller says so in the cell.
        """
        code = self.cells[grade_id]
        filename = file_of(grade_id)
        linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
        student = self._student(link)
        student.on_answer = self.replies.setdefault(grade_id, Replies()).add
        printed = io.StringIO()
        outputs: list[NotebookNode] = []
        link.open(self.seconds)
        try:
            with self._as_told(printed):
                self._bind(self.instructors.uses[grade_id], student)
                value = self._run_statements(grade_id, student)
            if value is not None:
                outputs.append(_result(value, maximum))
        except KernelGoneError:
            raise
        except Exception as error:
            outputs.append(_error(error, filename, student.hidden))
        if text := printed.getvalue():
            outputs.insert(0, stream_output(text))
        return outputs

    def run_on(self, grade_id: str, link: Loopback, on_answer: Callable[[str, Any], None]) -> None:
        """Run a cell on something else than the student's, for the answers that it gets."""
        student = self._student(link)
        student.on_answer = on_answer
        with self._as_told(io.StringIO()):
            self._bind(self.instructors.uses[grade_id], student)
            self._run_statements(grade_id, student)

    def _student(self, link: Link | Loopback) -> Student:
        return Student(link, self.is_test_code, self.instructors.asks_for_classes)

    @contextmanager
    def _as_told(self, printed: io.StringIO) -> Iterator[None]:
        """Surround a cell with what it may rely on, and limit its time."""
        with (
            redirect_stdout(printed),
            redirect_stderr(printed),
            _alarm(self.seconds + 5),
            _environment(SEED, str(self.seed)),
            chdir(self.folder),
        ):
            yield

    def _bind(self, uses: frozenset[str], student: Student) -> None:
        # Helpers of earlier cells read names too, so these stay bound from then on.
        self.used |= uses
        wanted = sorted(self.used & self.instructors.names)
        for name in wanted:
            self.namespace.pop(name, None)
        self.namespace.update(student.lookup(wanted))

    def _run_statements(self, grade_id: str, student: Student) -> Any:
        value = None
        program = self.instructors.programs[grade_id]
        for code, student.hidden in unpacked(program, grade_id, self.cells[grade_id]):
            value = eval(code, self.namespace)
        return value


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment for a while."""
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Stop test code that goes on without asking the student's; the link watches the rest."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_: int, __: FrameType | None) -> None:
        raise OutOfTimeError("ran out of time")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _result(value: Any, maximum: float) -> NotebookNode:
    """Turn the last expression of a test cell into its points.

    nbgrader gives full points to whatever is no number, and to NaN; here only a number from 0 to
    the maximum that is the grader's own counts.
    """
    is_number = type(value) in (int, float) or isinstance(value, (np.floating, np.integer))
    if not is_number or not math.isfinite(value) or not 0 <= value <= maximum:
        reason = f"this test gave {value!r:.100}, which is no number from 0 to {maximum:g}"
        return error_output("ValueError", reason, [reason])
    data = {"text/plain": repr(float(value))}
    return _output("execute_result", data=data, execution_count=1, metadata={})


def _output(kind: str, **parts: Any) -> NotebookNode:
    # Not by nbformat's new_output: it checks each against the schema, which adds up.
    output: NotebookNode = nbformat.from_dict({"output_type": kind, **parts})
    return output


def _error(error: Exception, filename: str, hidden: bool) -> NotebookNode:
    name, text = type(error).__name__, str(error)
    if isinstance(error, OutOfTimeError):
        name = "CellTimeoutError"
    elif isinstance(error, WireError):
        text = f"your code gave back {text}"
    lines = [WITHHELD] if hidden else _lines(error, filename)
    # Where it happened in the student's own code; the notes were made of the kernel's account.
    notes = [f"in your code: {note}" for note in getattr(error, "__notes__", []) if note]
    return error_output(name, text, [*lines, *notes, f"{name}: {text}"])


def stream_output(text: str) -> NotebookNode:
    """Make the output that shows printed text."""
    return _output("stream", name="stdout", text=text)


def error_output(name: str, text: str, lines: list[str]) -> NotebookNode:
    """Make the output that nbgrader takes for a failed test."""
    return _output("error", ename=name, evalue=text, traceback=lines)


def _lines(error: Exception, filename: str) -> list[str]:
    """Show the lines of the test cell that led to an error."""
    return [
        f"line {frame.lineno} of the test: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == filename
    ]

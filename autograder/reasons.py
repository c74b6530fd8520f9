"""Why a graded submission has the score it has, in one line."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader import utils

from autograder.cells import earns_points, lost_points

SHOWN = 4

NAMES = {
    # The grader interrupts what runs too long; the kernel knows it only as an interrupt.
    "KeyboardInterrupt": "ran out of time",
    "CellTimeoutError": "ran out of time",
    "KernelGone": "the kernel was lost",
    "NotImplementedError": "not answered",
}


def explain(notebook: NotebookNode) -> str:
    """Sum up the outcome of the tests in a notebook that was run."""
    coded = list(filter(earns_points, notebook.cells))
    lost = [_lost(cell) for cell in coded if lost_points(cell)]
    sentence = f"All {len(coded)} tests passed."
    unanswered = [test for test in lost if "(not answered)" in test]
    if coded and len(unanswered) == len(coded):
        sentence = f"Nothing was answered: none of {len(coded)} tests passed."
    elif lost:
        sentence = f"{len(lost)} of {len(coded)} tests failed: {shorten(lost)}."
    manual = [cell for cell in notebook.cells if _waits(cell)]
    by_hand = [f"{len(manual)} to grade by hand."] if manual else []
    return " ".join([sentence, *_broken_answers(notebook), *by_hand])


def shorten(names: list[str]) -> str:
    """Name the first few and count the rest."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _broken_answers(notebook: NotebookNode) -> list[str]:
    """Name the answers whose own cell stopped, by a syntax error for instance."""
    return [
        f"The answer {cell.metadata.nbgrader['grade_id']} stopped with {errors[0]}."
        for cell in notebook.cells
        if utils.is_solution(cell) and (errors := _errors(cell))
    ]


def _errors(cell: NotebookNode) -> list[str]:
    return [output.ename for output in cell.get("outputs", []) if output.output_type == "error"]


def _lost(cell: NotebookNode) -> str:
    grade_id: str = cell.metadata.nbgrader["grade_id"]
    errors = _errors(cell)
    if errors == ["AssertionError"]:
        return grade_id
    why = NAMES.get(errors[0], errors[0]) if errors else "partly right"
    return f"{grade_id} ({why})"


def _waits(cell: NotebookNode) -> bool:
    if utils.is_task(cell):
        return True
    return bool(utils.is_grade(cell)) and utils.determine_grade(cell)[0] is None

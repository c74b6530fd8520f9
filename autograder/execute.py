"""Running a submission: nbgrader preprocessors for the seam where its ``Execute`` stands.

Both are named in ``Autograde.autograde_preprocessors`` (see :mod:`autograder.nbgrader_config`)
and write outputs where nbgrader's ``SaveAutoGrades`` expects them.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

Resources = dict[str, Any]

MAX_PRINTED = 100_000
"""Characters of a cell's printed output that are kept."""


def fold_stderr(cell: NotebookNode) -> None:
    """Keep what went to stderr as ordinary output.

    nbgrader gives no points to a test cell with anything on stderr, but a warning is not a mistake.
    """
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"


def cut_output(cell: NotebookNode) -> None:
    """Cut what was printed to a length that a page can show."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and len(output.text) > MAX_PRINTED:
            cut = len(output.text) - MAX_PRINTED
            output.text = f"{output.text[:MAX_PRINTED]}\n[{cut:,} more characters were cut]\n"


class Execute(NbGraderExecute):  # type: ignore[misc]
    """Run every cell in a fresh kernel, as nbgrader does; warnings cost no points."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Run one cell."""
        cell, resources = super().preprocess_cell(cell, resources, index)
        fold_stderr(cell)
        cut_output(cell)
        if is_test(cell) and cell.execution_count is None:
            # nbgrader gives full points to a test without an error, run or not.
            cell.outputs.append(_error("NotRun", "this test was not run"))
        return cell, resources


class NotRun(NbGraderPreprocessor):  # type: ignore[misc]
    """Run nothing; every test cell fails with the reason why.

    For submissions that cannot be read or that bring their kernel down, so that they too end with
    a row in the gradebook and a feedback page.
    """

    reason = Unicode("", help="Why the submission was not run.").tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Put the reason where a failed test shows its error."""
        if is_test(cell):
            cell.outputs = [_error("NotRun", self.reason)]
        return cell, resources


def is_test(cell: NotebookNode) -> bool:
    """Tell whether a cell is a test that is run for points."""
    return bool(utils.is_grade(cell)) and not utils.is_solution(cell) and cell.cell_type == "code"


def _error(name: str, reason: str) -> NotebookNode:
    line = f"{name}: {reason}"
    output: NotebookNode = new_output("error", ename=name, evalue=reason, traceback=[line])
    return output

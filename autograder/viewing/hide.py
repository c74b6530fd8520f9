"""What feedback keeps to itself: an nbgrader preprocessor for ``GenerateFeedback``."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from autograder.cells import is_test
from autograder.execute import Resources


class HideTests(ClearHiddenTests):  # type: ignore[misc]
    """Show which tests failed and what they said, but no code of the hidden ones.

    The code would give away reference answers; so would the lines around an error, so a test with
    a hidden part shows the error's own sentence only. Only tests are touched: a student who writes
    nbgrader's marks into other cells changes nothing.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Clear the hidden part of a test cell."""
        if not is_test(cell):
            return cell, resources
        whole = cell.source
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.source != whole:
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources

"""What a notebook's cells are, and what they gave."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode
from nbgrader import utils

ONLY_SHOWS = "only-shows"
"""A tag of cells."""


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """List the code cells of a notebook."""
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def answers(source: NotebookNode) -> Iterator[NotebookNode]:
    """List the code cells that hold the instructor's own answers."""
    return filter(utils.is_solution, code_cells(source))


def is_test(cell: NotebookNode) -> bool:
    """Tell whether a cell is a test that is run for points."""
    return bool(utils.is_grade(cell)) and not utils.is_solution(cell) and cell.cell_type == "code"


def earns_points(cell: NotebookNode) -> bool:
    """Tell whether a cell is a test that more than none can be had for."""
    return is_test(cell) and points_of(cell) > 0


def only_shows(cell: NotebookNode) -> bool:
    """Tell whether a cell only shows the student's work, so that no test needs what it defines."""
    return not is_test(cell) and ONLY_SHOWS in cell.metadata.get("tags", ())


def points_of(cell: NotebookNode) -> float:
    """Read how many points a graded cell gives at most."""
    return float(cell.metadata.nbgrader.points)


def lost_points(cell: NotebookNode) -> bool:
    """Tell whether a test that was run gave less than its points."""
    return bool(utils.determine_grade(cell)[0] != points_of(cell))

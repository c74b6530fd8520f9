"""Packages that a homework withholds: who imports one is told so in plain words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader import utils


def withheld_packages(notebook: NotebookNode) -> tuple[str, ...]:
    """Read what a homework withholds from its notebook's metadata."""
    return tuple(notebook.metadata.get("course", {}).get("withheld", ()))


def withheld_imports(code: str, withheld: tuple[str, ...]) -> list[str]:
    """Name what of a cell's imports is withheld, also within functions.

    Parameters
    ----------
    code : str
        A cell's code; IPython's magics are allowed, and a cell that is no Python imports nothing.
    withheld : tuple of str
        Names as in an ``import`` statement: ``torch``, or ``lecturelib.conv``.
    """
    try:
        tree = ast.parse(TransformerManager().transform_cell(code))
    except SyntaxError:
        return []
    imported = [name for node in ast.walk(tree) for name in _imported(node)]
    return list(dict.fromkeys(name for name in withheld if any(_is_in(i, name) for i in imported)))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def told_of_imports(cell: NotebookNode, withheld: tuple[str, ...]) -> str:
    """Say what comes of a student's cell that imports what is withheld; nothing of other cells."""
    if utils.is_locked(cell) or not (names := withheld_imports(cell.source, withheld)):
        return ""
    return (
        f"You import {' and '.join(names)}, which this homework withholds: where it is graded "
        "there is no such package, and a cell that imports it stops."
    )

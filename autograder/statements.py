"""Test cells, cut into statements and compiled: once for a whole class."""

from __future__ import annotations

import ast
import marshal
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import NamedTuple

HIDDEN_BEGIN, HIDDEN_END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


class Statement(NamedTuple):
    """One statement of a test cell, ready for ``eval``."""

    code: CodeType
    """Its value is that of the cell, if it is the last one and an expression, and else None."""
    hidden: bool
    """Whether it lies between the marks of hidden tests."""


def compiled(grade_id: str, source: str) -> list[Statement]:
    """Compile a cell.

    Raises
    ------
    SyntaxError
        If it is not plain Python.
    """
    hidden = _hidden_lines(source)
    body = ast.parse(source).body
    return [
        Statement(
            _compiled(node, node is body[-1], file_of(grade_id)),
            not hidden.isdisjoint(range(node.lineno, (node.end_lineno or 0) + 1)),
        )
        for node in body
    ]


def packed(statements: list[Statement]) -> bytes:
    """Write a compiled cell as bytes that travel to other processes."""
    return MAGIC_NUMBER + marshal.dumps([tuple(statement) for statement in statements])


def unpacked(data: bytes, grade_id: str, source: str) -> list[Statement]:
    """Read a compiled cell of ours; compile it anew if another version of Python wrote it."""
    if not data.startswith(MAGIC_NUMBER):
        return compiled(grade_id, source)
    return [Statement(*parts) for parts in marshal.loads(data[len(MAGIC_NUMBER) :])]


def file_of(grade_id: str) -> str:
    """Name the file that a cell pretends to be, in the frames of what it runs."""
    return f"<test {grade_id}>"


def _hidden_lines(source: str) -> set[int]:
    hidden, inside = set(), False
    for number, line in enumerate(source.splitlines(), start=1):
        inside = (inside or line.strip() == HIDDEN_BEGIN) and line.strip() != HIDDEN_END
        if inside:
            hidden.add(number)
    return hidden


def _compiled(node: ast.stmt, is_last: bool, file: str) -> CodeType:
    # Not with the features that this module imports from the future.
    if is_last and isinstance(node, ast.Expr):
        return compile(ast.Expression(node.value), file, "eval", dont_inherit=True)
    return compile(ast.Module([node], []), file, "exec", dont_inherit=True)

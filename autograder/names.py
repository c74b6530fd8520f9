"""Which names of a notebook are the student's, and which the tests' own."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.cells import answers, code_cells


def students_names(source: NotebookNode) -> frozenset[str]:
    """Name what the instructor's own answers bind at top level, imports left out.

    Only these names are ever looked up in a student's kernel: were unknown names looked up too, a
    student could bind ``np`` and decide what ``np.isclose`` says.
    """
    found: set[str] = set()
    for cell in answers(source):
        table = symtable.symtable(cell.source, "solution", "exec")
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_assigned() and not symbol.is_imported()
        }
    return frozenset(found)


def asks_for_classes(source: NotebookNode) -> bool:
    """Tell whether the instructor's own answers define a class at top level."""
    return any(
        isinstance(node, ast.ClassDef)
        for cell in answers(source)
        for node in _parsed(cell.source).body
    )


def used_names(code: str) -> frozenset[str]:
    """Name everything that code, or a function in it, reads from the notebook's namespace."""
    return frozenset(_globals(symtable.symtable(code, "test", "exec")))


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    at_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (at_top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def imported_modules(source: NotebookNode) -> frozenset[str]:
    """Name the modules that a notebook's cells import, also within functions."""
    found: set[str] = set()
    for cell in code_cells(source):
        for node in ast.walk(_parsed(cell.source)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return frozenset(found)


IMPORTS = (ast.Import, ast.ImportFrom)


def imports_of(code: str) -> str:
    """Return the import statements of a cell, and nothing else of it."""
    return _statements(code, IMPORTS)


def definitions_of(code: str) -> str:
    """Return the imports, functions and classes of a cell, and nothing that takes time."""
    return _statements(code, (*IMPORTS, ast.FunctionDef, ast.ClassDef))


def _statements(code: str, kinds: tuple[type[ast.stmt], ...]) -> str:
    kept = [node for node in _parsed(code).body if isinstance(node, kinds)]
    return "\n".join(ast.unparse(node) for node in kept)


def _parsed(code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError:  # a cell of notebook magic
        return ast.Module([], [])

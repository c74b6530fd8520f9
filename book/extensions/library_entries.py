"""What the library offers, and which chapters introduce it, as its docstrings say."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import lecturelib
import lecturelib.models

SEE_ALSO = re.compile(
    r"^See Also\n-+\n(?P<related>.*?)(?P<place>^(?:Chapter |L)\d.*?)?(?=^\S[^\n]*\n---+$|\Z)",
    re.MULTILINE | re.DOTALL,
)
CHAPTER = re.compile(r'Chapter (?P<number>\d+)(?:, "[^"]+")?')


class Entry(NamedTuple):
    """A public function or class."""

    module: str
    name: str
    chapters: frozenset[int]


@cache
def modules() -> list[str]:
    """Name the library's public modules."""
    found = [
        f"{package.__name__}.{module.name}"
        for package in (lecturelib, lecturelib.models)
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_")
    ]
    return sorted(found)


@cache
def entries() -> list[Entry]:
    """List what the public modules offer, in the order of their pages."""
    return [entry for module in modules() for entry in entries_of(module)]


def entries_of(name: str) -> Iterator[Entry]:
    """Yield what one module offers."""
    module = importlib.import_module(name)
    offered = [public for public in module.__all__ if is_code(getattr(module, public))]
    for public in sorted(offered, key=lambda public: position(module, public)):
        thing = getattr(module, public)
        _, place = split(inspect.getdoc(thing) or "")
        chapters = {int(found["number"]) for found in CHAPTER.finditer(place)}
        yield Entry(name, public, frozenset() if is_made(thing) else frozenset(chapters))


def is_code(thing: object) -> bool:
    """Tell functions and classes from constants."""
    return inspect.isroutine(thing) or inspect.isclass(thing)


def is_made(thing: Any) -> bool:
    """Tell a function that was made of another one, whose docstring it has."""
    return hasattr(thing, "__wrapped__") and thing.__doc__ == thing.__wrapped__.__doc__


def position(module: ModuleType, public: str) -> tuple[int, int]:
    """Sort as the module's file does, which imports what it builds on before it adds its own."""
    line = lines_of(module.__name__)[public]
    thing = getattr(module, public)
    if thing.__module__ == module.__name__ or is_made(thing):
        return line, 0
    return line, lines_of(thing.__module__)[thing.__name__]


@cache
def lines_of(name: str) -> dict[str, int]:
    """Map each name that a module's file defines or imports to its line."""
    found = {}
    for statement in ast.parse(inspect.getsource(importlib.import_module(name))).body:
        match statement:
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound):
                found[bound] = statement.lineno
            case ast.Assign(targets=[ast.Name(id=bound)]):
                found[bound] = statement.lineno
            case ast.ImportFrom(names=aliases):
                found |= {alias.asname or alias.name: statement.lineno for alias in aliases}
    return found


def split(docstring: str) -> tuple[str, str]:
    """Take the line that says where a function is taught out of its docstring's "See Also"."""
    found = SEE_ALSO.search(docstring)
    if found is None:
        return docstring, ""
    related = found["related"].strip()
    rest = f"See Also\n--------\n{related}\n\n" if related else ""
    place = " ".join((found["place"] or "").split())
    return docstring[: found.start()] + rest + docstring[found.end() :], place

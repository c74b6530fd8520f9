"""Answers that students might give: read from ``misconceptions.py`` and ``variants.py``.

Such a file is a set of classes named as the functions that students write; each function inside
is one complete answer, and its docstring is what a student who gave it should be told::

    class conv1d_forward:
        def flips_the_kernel(x, w, b): \"\"\"You turned the kernel round. ...\"\"\"

The file is parsed, never run: an answer is text to be put into a notebook.
"""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from autograder.errors import CourseError


class Answer(NamedTuple):
    """One way to answer a question."""

    function: str
    """The function that the homework asks for."""
    name: str
    """What was done, as an identifier: ``flips_the_kernel``."""
    sentence: str
    """What its author should be told."""
    source: str
    """The code as it would stand in the student's cell."""


def read_answers(path: Path) -> list[Answer]:
    """Read every answer in a file, in order.

    Raises
    ------
    CourseError
        If the file is not Python, or an answer in it has no docstring.
    """
    text = path.read_text(encoding="utf-8")
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{path}: line {error.lineno}: {error.msg}") from error
    return [
        _answer(path, text, namespace.name, function)
        for namespace in module.body
        if isinstance(namespace, ast.ClassDef)
        for function in namespace.body
        if isinstance(function, ast.FunctionDef)
    ]


def _answer(path: Path, text: str, question: str, function: ast.FunctionDef) -> Answer:
    sentence = ast.get_docstring(function)
    if not sentence:
        raise CourseError(f"{path}: line {function.lineno}: {function.name} has no docstring")
    docstring = function.body[0]
    lines = text.splitlines()
    header = lines[function.lineno - 1 : docstring.lineno - 1]
    body = lines[docstring.end_lineno : function.end_lineno]
    code = textwrap.dedent("\n".join(header + body))
    code = re.sub(rf"\b{function.name}\b", question, code)
    return Answer(question, function.name, " ".join(sentence.split()), code)


def put_answer(notebook: NotebookNode, function: str, code: str) -> NotebookNode:
    """Return a copy of ``notebook`` in which ``code`` stands where ``function`` was defined.

    Raises
    ------
    CourseError
        If no solution cell of the notebook defines ``function``.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            span = _span(cell.source, function)
            if span is not None:
                lines = cell.source.splitlines()
                lines[span[0] : span[1]] = code.splitlines()
                cell.source = "\n".join(lines)
                return notebook
    raise CourseError(f"{function}: no solution cell of the notebook defines it")


def _span(source: str, function: str) -> tuple[int, int] | None:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            assert node.end_lineno is not None
            end = node.end_lineno
            lines = source.splitlines()
            # A closing comment, such as nbgrader's END SOLUTION, is not part of the syntax tree.
            while end < len(lines) and lines[end].startswith((" ", "\t")):
                end += 1
            return node.lineno - 1, end
    return None

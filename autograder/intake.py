"""Reading what a student handed in, and mending what can be mended without guessing.

The submitted file is never changed: grading works on a copy. What was mended is said at the top
of that copy, so that it stands in the student's feedback.
"""

from __future__ import annotations

import copy
import html
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.reasons import shorten

MAX_BYTES = 20_000_000
"""A larger notebook is refused: it holds output that nobody can read."""


class Intake(NamedTuple):
    """A submission ready for grading."""

    notebook: NotebookNode
    notes: list[str]
    """What was mended, as sentences to the student."""
    refusal: str | None
    """Why it cannot be run at all, or None."""


class UnreadableError(Exception):
    """The file is not a notebook; the message says in what way."""


def take_in(folder: Path, released: Path) -> Intake:
    """Read the notebook in a submission's ``folder`` against the ``released`` one.

    A submission that cannot be read gives the released notebook, unanswered, and the reason.
    """
    reference = nbformat.read(released, as_version=4)
    try:
        path, notes = find_notebook(folder, released.name)
        notebook = read_notebook(path)
    except UnreadableError as error:
        return Intake(_with_banner(reference, [str(error)]), [], str(error))
    notes += restore(notebook, reference)
    return Intake(_with_banner(notebook, notes), notes, None)


def find_notebook(folder: Path, name: str) -> tuple[Path, list[str]]:
    """Find the notebook called ``name``, or the only one there is.

    Raises
    ------
    UnreadableError
        If there is none, or several of other names.
    """
    if (folder / name).is_file():
        return folder / name, []
    others = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    if len(others) == 1:
        return others[0], [f"{others[0].name} was taken for {name}: keep the file's name."]
    found = ", ".join(path.name for path in others) or "no notebook"
    raise UnreadableError(f"{name}: no such file was handed in (found: {found})")


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that anybody may have written.

    Raises
    ------
    UnreadableError
        If the file is too large, not text, not JSON, or not a notebook.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        raise UnreadableError(f"{path.name}: {size / 1e6:.0f} MB, the limit is {limit} MB")
    try:
        json.loads(path.read_text(encoding="utf-8"))
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path.name}: not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableError(f"{path.name}: not valid JSON, {where}: {error.msg}") from error
    except RecursionError as error:
        raise UnreadableError(f"{path.name}: nested too deeply to be a notebook") from error
    except Exception as error:  # nbformat's readers raise what their input makes them raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableError(f"{path.name}: not a Jupyter notebook: {reason[:200]}") from error
    return notebook


def restore(notebook: NotebookNode, released: NotebookNode) -> list[str]:
    """Put back, in place, whatever of the released notebook is not the student's to change.

    Locked cells (the tests) get their text and marks back, answers get their marks back, and cells
    that are gone come back behind the cell they followed. Without this a student could unlock a
    test cell, or lose points by deleting one.

    Returns
    -------
    list of str
        A sentence for each thing put back.
    """
    theirs = {_grade_id(cell): cell for cell in notebook.cells if _grade_id(cell)}
    missing, changed = [], []
    previous: NotebookNode | None = None
    for cell in released.cells:
        grade_id = _grade_id(cell)
        if grade_id is None:
            continue
        if grade_id not in theirs:
            missing.append(grade_id)
            theirs[grade_id] = copy.deepcopy(cell)
            at = 0 if previous is None else notebook.cells.index(previous) + 1
            notebook.cells.insert(at, theirs[grade_id])
        elif _restore_cell(theirs[grade_id], cell):
            changed.append(grade_id)
        previous = theirs[grade_id]
    return _sentences(missing, changed)


def _restore_cell(mine: NotebookNode, original: NotebookNode) -> bool:
    locked = not original.metadata.nbgrader.get("solution")
    differs = mine.metadata.nbgrader != original.metadata.nbgrader
    if locked:
        differs = differs or mine.source != original.source
        mine.source = original.source
    if mine.cell_type != original.cell_type:
        differs = True
        source = mine.source
        mine.clear()
        mine.update(copy.deepcopy(original), source=source)
    mine.metadata.nbgrader = copy.deepcopy(original.metadata.nbgrader)
    return bool(differs)


def _sentences(missing: list[str], changed: list[str]) -> list[str]:
    notes = []
    if missing:
        notes.append(f"{len(missing)} deleted cells were put back: {shorten(missing)}.")
    if changed:
        notes.append(f"{len(changed)} changed locked cells were restored: {shorten(changed)}.")
    return notes


def _grade_id(cell: NotebookNode) -> str | None:
    marks = cell.metadata.get("nbgrader")
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _with_banner(notebook: NotebookNode, lines: list[str]) -> NotebookNode:
    if lines:
        # Escaped, since names and error texts come from the student's file.
        items = "\n".join(f"- {html.escape(line)}" for line in lines)
        notebook.cells.insert(0, new_markdown_cell(f"**A note from the grader**\n\n{items}"))
        notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


def write_copy(intake: Intake, submitted: Path, target: Path, name: str) -> None:
    """Write the submission, as it will be graded, to ``target`` with the files that came along."""
    shutil.copytree(submitted, target, ignore=shutil.ignore_patterns("*.ipynb"), symlinks=True)
    nbformat.write(intake.notebook, target / name)

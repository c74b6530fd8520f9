"""Reading what a student handed in, and mending what can be mended without guessing.

The submitted file is never changed: grading works on a copy. What was mended is said at the top
of that copy, so that it stands in the student's feedback.
"""

from __future__ import annotations

import copy
import html
import json
import re
import uuid
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.handed_in import HandedIn, UnreadableError
from autograder.reasons import shorten


class Intake(NamedTuple):
    """A submission ready for grading."""

    notebook: NotebookNode
    notes: list[str]
    """What was mended, as sentences to the student."""
    refusal: str | None
    """Why it cannot be run at all, or None."""


def take_in(handed_in: HandedIn, released: NotebookNode) -> Intake:
    """Read the notebook of a submission against the ``released`` one.

    A submission that cannot be read gives the released notebook, unanswered, and the reason.
    """
    refusal = handed_in.refusal
    if refusal is None:
        try:
            notebook = read_notebook(handed_in.notebook, handed_in.name)
        except UnreadableError as error:
            refusal = str(error)
    if refusal is not None:
        return Intake(_with_banner(copy.deepcopy(released), [refusal]), [], refusal)
    notes = [*handed_in.notes, *restore(notebook, released)]
    return Intake(_with_banner(notebook, notes), notes, None)


def read_notebook(content: bytes, name: str) -> NotebookNode:
    """Read a notebook that anybody may have written.

    Raises
    ------
    UnreadableError
        If it is not text, not JSON, or not a notebook.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
        wrong: dict[str, Exception] = {}
        notebook: NotebookNode = nbformat.reads(
            _tidy(document), as_version=4, capture_validation_error=wrong
        )
        for error in wrong.values():
            raise error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{name}: not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableError(f"{name}: not valid JSON, {where}: {error.msg}") from error
    except RecursionError as error:
        raise UnreadableError(f"{name}: nested too deeply to be a notebook") from error
    except Exception as error:  # nbformat's readers raise what their input makes them raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableError(f"{name}: not a Jupyter notebook: {reason[:200]}") from error
    return notebook


def _tidy(document: Any) -> str:
    """Mend what makes no notebook unreadable to a person: odd cell ids, halves of characters."""
    for cell in document.get("cells", ()):  # older formats have none here, and no ids
        if "id" in cell and not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"]):
            cell["id"] = uuid.uuid4().hex[:8]
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def restore(notebook: NotebookNode, released: NotebookNode) -> list[str]:
    """Put back, in place, whatever of the released notebook is not the student's to change.

    Locked cells (the tests) get their text back, all cells of the release their metadata, and
    cells that are gone come back behind the cell they followed. Copies of such cells, and cells
    that a student marked, become ordinary ones. Without this a student could unlock or skip a
    test, or lose points by deleting or copying one.

    Returns
    -------
    list of str
        A sentence for each thing put back.
    """
    notebook.metadata = copy.deepcopy(released.metadata)
    theirs: dict[str, NotebookNode] = {}
    for cell in notebook.cells:
        grade_id = _grade_id(cell)
        if grade_id is not None:
            theirs.setdefault(grade_id, cell)
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
    kept = [theirs[grade_id] for grade_id in map(_grade_id, released.cells) if grade_id]
    for cell in notebook.cells:
        if not any(cell is one for one in kept):
            cell.metadata.pop("nbgrader", None)
    return _sentences(missing, changed)


def _restore_cell(mine: NotebookNode, original: NotebookNode) -> bool:
    """Give a cell of the release back what is not the student's; say if it was a changed test."""
    locked = not original.metadata.nbgrader.get("solution")
    source = original.source if locked else mine.source
    differs = (mine.source, mine.cell_type) != (source, original.cell_type)
    differs = differs or (locked and mine.metadata.nbgrader != original.metadata.nbgrader)
    if mine.cell_type != original.cell_type:
        mine.clear()
        mine.update(copy.deepcopy(original))
    mine.source = source
    mine.metadata = copy.deepcopy(original.metadata)
    return bool(differs)


def _sentences(missing: list[str], changed: list[str]) -> list[str]:
    notes = []
    if missing:
        notes.append(f"{len(missing)} deleted cells were put back: {shorten(missing)}.")
    if changed:
        notes.append(
            f"{len(changed)} cells differed from the release and were set back: {shorten(changed)}."
        )
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

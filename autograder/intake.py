"""Reading what a student handed in, and mending what can be mended without guessing.

The submitted file is never changed: grading works on a copy. What was mended is said at the top
of that copy, so that it stands in the student's feedback.
"""

from __future__ import annotations

import copy
import html
import importlib.metadata
import json
import os
import re
import shutil
import sys
import uuid
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import parse_utc

from autograder.reasons import shorten

TIMESTAMP = "timestamp.txt"
"""Where nbgrader reads when a submission was handed in."""

MAX_BYTES = 20_000_000
"""A larger notebook is refused: it holds output that nobody can read."""

MAX_FILES, MAX_ATTACHED = 200, 50_000_000
"""How many files may come along with it, and how many bytes they may hold together."""

MAX_NOTES = 20
"""How many files that were left out are named."""


class Intake(NamedTuple):
    """A submission ready for grading."""

    notebook: NotebookNode
    attachments: list[Path]
    """Files that came along, relative to the submission's folder."""
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
        return Intake(_with_banner(reference, [str(error)]), [], [], str(error))
    attachments, left_out = find_attachments(folder)
    notes += restore(notebook, reference) + left_out
    return Intake(_with_banner(notebook, notes), attachments, notes, None)


def is_ordinary(path: Path) -> bool:
    """Tell whether a path is a file of its own, not a link to another, a pipe or a socket."""
    return path.is_file() and not path.is_symlink()


def find_notebook(folder: Path, name: str) -> tuple[Path, list[str]]:
    """Find the notebook called ``name``, or the only one there is.

    Raises
    ------
    UnreadableError
        If there is none, or several of other names.
    """
    if not folder.is_dir():
        raise UnreadableError(f"{folder.name}: not a folder with {name} in it")
    if is_ordinary(folder / name):
        return folder / name, []
    others = sorted(path for path in folder.glob("*.ipynb") if is_ordinary(path))
    names = [printable(Path(path.name)) for path in others]
    if len(others) == 1:
        return others[0], [f"{names[0]} was taken for {name}: keep the file's name."]
    found = ", ".join(names) or "no notebook"
    raise UnreadableError(f"{name}: no such file was handed in (found: {found})")


def find_attachments(folder: Path) -> tuple[list[Path], list[str]]:
    """List the files beside the notebook, and say which things were left out as unfit."""
    kept: list[Path] = []
    left_out: list[str] = []
    room = MAX_ATTACHED
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if (path.is_dir() and not path.is_symlink()) or path.suffix == ".ipynb":
            continue
        reason = _unfit(path, inside)
        if reason is None and len(kept) == MAX_FILES:
            reason = f"more than {MAX_FILES} files came along"
        elif reason is None and path.stat().st_size > room:
            reason = f"the files together hold more than {MAX_ATTACHED // 1_000_000} MB"
        if reason is None:
            room -= path.stat().st_size
            kept.append(inside)
        elif len(left_out) < MAX_NOTES:
            left_out.append(f"{printable(inside)} was left out: {reason}.")
    return kept, left_out


def _unfit(path: Path, inside: Path) -> str | None:
    """Say why a file cannot stand beside the notebook, if it cannot."""
    if not is_ordinary(path):
        return "not an ordinary file"
    if inside.name == TIMESTAMP and not _is_timestamp(path):
        return "it holds no date"
    name = inside.parts[0].removesuffix(".py")
    is_module = path.suffix in (".py", ".so", ".pyc", ".pth")
    if is_module and name.split(".")[0] in _module_names():
        return f"it would stand in for the module {name.split('.')[0]}"
    return None


@cache
def _module_names() -> frozenset[str]:
    """Name what Python finds when something is imported, and what it imports by itself."""
    installed = importlib.metadata.packages_distributions()
    return frozenset({*sys.stdlib_module_names, *installed, "sitecustomize", "usercustomize"})


def _is_timestamp(path: Path) -> bool:
    try:
        parse_utc(path.read_text(encoding="utf-8").strip())
    except (ValueError, OverflowError, OSError, TypeError):
        return False
    return True


def printable(path: Path) -> str:
    """Write a path so that every encoding can carry it."""
    return os.fsencode(path).decode("utf-8", "replace")


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
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
        notebook: NotebookNode = nbformat.reads(_tidy(document), as_version=4)
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


def _tidy(document: Any) -> str:
    """Mend what makes no notebook unreadable to a person: odd cell ids, halves of characters."""
    for cell in document["cells"]:
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


def write_copy(intake: Intake, submitted: Path, target: Path, name: str) -> None:
    """Write the submission, as it will be graded, to ``target`` with the files that came along."""
    target.mkdir(parents=True)
    for inside in intake.attachments:
        (target / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(submitted / inside, target / inside)
    nbformat.write(intake.notebook, target / name)

"""What a student handed in, as bytes: which files count, and which are left out."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.utils import parse_utc

from autograder.archives import ArchiveError, is_archive, unpack

TIMESTAMP = "timestamp.txt"
"""Where nbgrader reads when a submission was handed in."""

MAX_BYTES = 20_000_000
"""A larger notebook is refused: it holds output that nobody can read."""

MAX_FILES, MAX_ATTACHED = 200, 50_000_000
"""How many files may come along with it, and how many bytes they may hold together."""

MAX_NOTES = 20
"""How many files that were left out are named."""


class UnreadableError(Exception):
    """There is no notebook that could be read; the message says in what way."""


@dataclass(frozen=True)
class HandedIn:
    """A submission's files, of which none has been looked into."""

    notebook: bytes = b""
    name: str = ""
    """The notebook's file name, fit to be shown."""
    attachments: dict[str, bytes] = field(default_factory=dict)
    """What came along, by its path within the submission."""
    notes: tuple[str, ...] = ()
    """What was set right or left out, as sentences to the student."""
    refusal: str | None = None
    """Why there is no notebook to run, if there is none."""


def pack(folder: Path, name: str) -> HandedIn:
    """Read the files of the submission in ``folder``, whose notebook should be called ``name``."""
    archive = _only_archive(folder)
    if archive is not None:
        return _pack_archive(archive, name)
    try:
        path, notes = find_notebook(folder, name)
        size = path.stat().st_size
        if size > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise UnreadableError(f"{path.name}: {size / 1e6:.0f} MB, the limit is {limit} MB")
    except UnreadableError as error:
        return HandedIn(refusal=str(error))
    kept, left_out = find_attachments(folder)
    attachments = {str(inside): (folder / inside).read_bytes() for inside in kept}
    return HandedIn(path.read_bytes(), printable(Path(path.name)), attachments, (*notes, *left_out))


def _only_archive(folder: Path) -> Path | None:
    """Find the archive in a folder that has no notebook."""
    if not folder.is_dir() or any(map(is_ordinary, folder.glob("*.ipynb"))):
        return None
    found = [path for path in folder.iterdir() if is_ordinary(path) and is_archive(path)]
    return found[0] if len(found) == 1 else None


def _pack_archive(archive: Path, name: str) -> HandedIn:
    """Read an archive as the folder that it was made of."""
    shown = printable(Path(archive.name))
    with TemporaryDirectory() as scratch:
        try:
            if archive.stat().st_size > MAX_ATTACHED:
                raise ArchiveError(f"it has more than {MAX_ATTACHED // 1_000_000} MB")
            left_out = unpack(archive, Path(scratch))
        except ArchiveError as error:
            return HandedIn(refusal=f"{shown}: {error}")
        handed_in = pack(_folder_of_notebook(Path(scratch), name), name)
    notes = [f"{shown} was unpacked: hand in the files themselves."]
    notes += [f"{printable(Path(each))} was left out: it leads elsewhere." for each in left_out]
    attachments = dict(handed_in.attachments)
    if attachments.pop(TIMESTAMP, None) is not None:
        notes.append(f"{TIMESTAMP} was left out: the archive's author wrote it.")
    # The one beside the archive, if any, was written by whoever collected it.
    if is_ordinary(beside := archive.with_name(TIMESTAMP)) and _is_timestamp(beside):
        attachments[TIMESTAMP] = beside.read_bytes()
    notes = [*notes[:MAX_NOTES], *handed_in.notes]
    return replace(handed_in, attachments=attachments, notes=tuple(notes))


def _folder_of_notebook(folder: Path, name: str) -> Path:
    """Find where in an archive the notebook lies: often in a folder of its own."""
    found = list(folder.rglob(name)) or list(folder.rglob("*.ipynb"))
    return min(found, key=lambda path: (len(path.parts), path)).parent if found else folder


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

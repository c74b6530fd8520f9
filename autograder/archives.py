"""Archives that students hand in: unpacked with care, since their names and sizes are anybody's."""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")

MAX_MEMBERS, MAX_UNPACKED = 2_000, 70_000_000
"""How many things an archive may hold, and how many bytes they may make together."""

TOO_MUCH = f"it unpacks to more than {MAX_MEMBERS:,} files or {MAX_UNPACKED // 1_000_000} MB"

CLUTTER = {"__MACOSX", ".DS_Store", "Thumbs.db"}
"""What computers put into archives without being asked."""


class ArchiveError(Exception):
    """An archive that cannot be unpacked; the message says why."""


class _Member(NamedTuple):
    name: str
    size: int
    is_file: bool
    open: Callable[[], IO[bytes] | None]


def is_archive(path: Path) -> bool:
    """Tell whether a file is called like an archive."""
    return path.name.lower().endswith(SUFFIXES)


def unpack(archive: Path, target: Path) -> list[str]:
    """Write an archive's ordinary files into the empty folder ``target``.

    Returns
    -------
    list of str
        Names of what was left out: links, devices, and paths that lead out of the folder.

    Raises
    ------
    ArchiveError
        If it is damaged, locked by a password, or unpacks to too much.
    """
    left_out = []
    try:
        room = MAX_UNPACKED
        for number, member in enumerate(_members(archive)):
            # What it says of its size decides for tar; a zip may lie, so what comes is counted too.
            if number == MAX_MEMBERS or member.size > room:
                raise ArchiveError(TOO_MUCH)
            path = _inside(member.name)
            if not member.is_file or path is None:
                left_out.append(member.name)
            elif CLUTTER.isdisjoint(path.parts):
                room -= _write(member, target / path, room)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise ArchiveError(f"it is damaged: {error}") from error
    except (RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise ArchiveError(str(error)) from error
    return left_out


def _write(member: _Member, path: Path, room: int) -> int:
    opened = member.open()
    assert opened is not None
    with opened:
        content = opened.read(room + 1)
    if len(content) > room:
        raise ArchiveError(TOO_MUCH)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)


def _inside(name: str) -> Path | None:
    """Read a member's name as a path within the folder, or None if it leads out of it."""
    path = PurePosixPath(name.replace("\\", "/"))
    unsafe = path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name
    return None if unsafe or not path.parts else Path(path)


def _members(archive: Path) -> Iterator[_Member]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if not info.is_dir():
                    yield _Member(
                        info.filename,
                        info.file_size,
                        kind in (0, stat.S_IFREG),
                        lambda info=info: opened.open(info),  # type: ignore[misc]
                    )
        return
    with tarfile.open(archive) as tar:
        for entry in tar:
            if not entry.isdir():
                yield _Member(
                    entry.name,
                    entry.size,
                    entry.isreg(),
                    lambda entry=entry: tar.extractfile(entry),  # type: ignore[misc]
                )

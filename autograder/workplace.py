"""A private folder for one run of grading, that goes when the run ends, however it ends."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "course-"
LOCK = "owner.lock"
STARTING = 10
"""Seconds in which a run has locked its folder."""


@contextmanager
def workplace() -> Iterator[Path]:
    """Make a folder, and remove those of runs that were killed before they could."""
    # Sockets lie in it, and the path of a Unix socket has room for some 100 characters.
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    with FileLock(place / LOCK):
        _sweep()
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _sweep() -> None:
    """Remove folders whose owner is no more: the system gave its lock back."""
    for lock in Path("/tmp").glob(f"{PREFIX}*/{LOCK}"):
        try:
            # A younger one may belong to a run that is just about to lock it.
            if time.time() - lock.stat().st_mtime > STARTING:
                with FileLock(lock, timeout=0):
                    shutil.rmtree(lock.parent, ignore_errors=True)
        except (Timeout, OSError):
            continue  # it is in use, or another user's

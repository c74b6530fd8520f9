"""Processes and what descends from them, seen through ``/proc``; used inside and outside."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


def leave(work: Callable[..., int | None], *arguments: object) -> NoReturn:
    """Do the work of a forked process and end it, whatever happens."""
    code = 1
    try:
        code = work(*arguments) or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def outlast(kernel: int) -> int:
    """Bury all who die, as the first process of a world must, until the kernel has; its code."""
    while True:
        ended, status = os.wait()
        if ended == kernel:
            return max(os.waitstatus_to_exitcode(status), 0) or (1 if status else 0)


def resident(process: int) -> int:
    """Count the bytes of memory that a process holds."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0  # it has ended
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def descendants(process: int) -> list[int]:
    """List the processes that a process started, and those that they did."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path(f"/proc/{name}/stat").read_bytes()
        except OSError:
            continue  # it has ended
        parent = int(stat.rpartition(b")")[2].split()[1])
        children.setdefault(parent, []).append(int(name))
    found = list(children.get(process, []))
    for member in found:
        found += children.get(member, [])
    return found

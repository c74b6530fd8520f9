"""Whom a kernel runs as, seen from outside."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from autograder.sandbox.inside.namespaces import NOBODY

FIRST = 0x70000000
"""From here on, no one hands out numbers of users: neither systemd nor what keeps containers."""
EACH = 64
"""Numbers for each process that starts kernels."""

_turn = itertools.count()


def unused_user() -> int:
    """Choose a user whom no other kernel runs as: limits on processes count all of a user's.

    Only root can choose; kernels of others run as whoever starts them, under the name of nobody.
    So do root's where it has few users itself, in a container; there one kernel's processes can
    use up what all may have.
    """
    user = FIRST + os.getpid() * EACH + next(_turn) % EACH
    return user if os.geteuid() == 0 and _exists(user) else NOBODY


def _exists(user: int) -> bool:
    """Tell whether a number is one here: within a user namespace, few may be."""
    for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines():
        first, _, count = map(int, line.split())
        if first <= user < first + count:
            return True
    return False

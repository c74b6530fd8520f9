"""Waiting for what another process does, which may take longer on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], object], message: str, seconds: float = 60) -> None:
    """Wait until something holds; fail with the message if it does not within the time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, message
        time.sleep(0.05)

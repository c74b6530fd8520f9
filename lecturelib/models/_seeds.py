"""Randomness that a seed decides, without a trace outside."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def seeded(seed: int, cards: Sequence[torch.device] = ()) -> Iterator[None]:
    """Let a seed decide all that is random, and leave the generators as they were."""
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        yield

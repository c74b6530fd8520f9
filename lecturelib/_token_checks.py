"""Checks of tokens and ids that come from outside."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from lecturelib._shapes import check_int

if TYPE_CHECKING:
    Token = Hashable
    Sentences = Iterable[Iterable[Token]]


def check_sentences(sentences: Sentences) -> Sentences:
    """Return the sentences; raise TypeError for one string, whose sentences are characters."""
    if isinstance(sentences, (str, bytes)):
        raise TypeError(f"sentences: expected an iterable of sentences, got {sentences[:20]!r}")
    return sentences


def check_ids(name: str, ids: Iterable[int], size: int) -> list[int]:
    """Return the ids as a list of ints; raise unless all are from 0 to size - 1."""
    numbers = [check_int(name, number, minimum=0) for number in ids]
    if numbers and max(numbers) >= size:
        raise ValueError(f"{name}: expected ids below V={size}, got {max(numbers)}")
    return numbers

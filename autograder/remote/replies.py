"""What a test cell heard from a student's code, and whether other code says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograder.remote.proxies import RemoteObject

MAX_BYTES = 50_000_000
"""Of the arrays that are kept for a test cell."""

TOLERANCES = {np.dtype(np.float16): 1e-2, np.dtype(np.float32): 1e-4, np.dtype(np.complex64): 1e-4}
"""Relative to the largest value: other orders of summation round differently."""
TOLERANCE = 1e-9


class Reply(NamedTuple):
    """An answer to a request, less what was printed on the way."""

    kind: str
    """``value``, ``error``, or the name of what went wrong on the line."""
    said: Any

    @classmethod
    def of(cls, kind: str, answer: Any) -> Reply:
        """Make it of what came over the line."""
        return cls(kind, answer[:-1] if isinstance(answer, list) else answer)

    def agrees_with(self, other: Reply) -> bool:
        """Tell whether the other says the same, but for rounding."""
        if self.kind == other.kind == "error":
            # What an error says is its author's own words.
            return bool(self.said[0] == other.said[0])
        return self.kind == other.kind and same(self.said, other.said)


class Replies:
    """The replies to a test cell's requests, in order."""

    def __init__(self) -> None:
        self.kept: list[Reply] = []
        self.complete = True
        """Whether all of them were kept."""
        self._bytes = 0

    def add(self, kind: str, answer: Any) -> None:
        """Keep one more."""
        reply = Reply.of(kind, answer)
        self._bytes += _size(reply.said)
        self.complete = self.complete and self._bytes <= MAX_BYTES
        if self.complete:
            self.kept.append(reply)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, but for rounding."""
    one, other = _plain(one), _plain(other)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _same_arrays(one, other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if _is_number(one) and _is_number(other):
        return _same_arrays(_array(one), _array(other))
    return type(one) is type(other) and (isinstance(one, RemoteObject) or bool(one == other))


def _same_arrays(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype.kind not in "fc":
        return np.array_equal(one, other)
    finite = np.abs(other[np.isfinite(other)])
    tolerance = TOLERANCES.get(one.dtype, TOLERANCE) * float(finite.max(initial=0))
    return np.allclose(one, other, rtol=0, atol=tolerance, equal_nan=True)


def _array(number: Any) -> np.ndarray:
    return np.asarray(number, dtype=complex if np.iscomplexobj(number) else float)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex | np.number) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """Turn what holds numbers in its own way into NumPy's."""
    if type(value).__name__ == "Tensor":
        return value.numpy()
    if type(value) is np.random.Generator:
        return value.bit_generator.state
    return value


def _size(value: Any) -> int:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return _size(list(value.values()))
    # What stays with the student is not asked for its size.
    return 100 if isinstance(value, RemoteObject) else int(getattr(value, "nbytes", 0)) + 100

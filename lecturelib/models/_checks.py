"""What the models accept, beside what all of the library checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lecturelib._numbers import check_kind
from lecturelib._shapes import check_ints

if TYPE_CHECKING:
    from collections.abc import Collection

    import torch


def check_samples(name: str, x: torch.Tensor, sizes: tuple[int, ...]) -> None:
    """Raise unless x is (N, *sizes)."""
    if x.shape[1:] != sizes:
        wanted = ", ".join(map(str, sizes))
        raise ValueError(f"{name}: expected shape (N, {wanted}), got {tuple(x.shape)}")


def check_sizes(name: str, sizes: tuple[int, ...], number: int | None = None) -> None:
    """Raise unless it is a tuple of integers from 1 up, of so many where that is said."""
    check_kind(name, sizes, tuple)
    check_ints(name, sizes, len(sizes) if number is None else number, minimum=1)


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise unless it is one of those."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {value!r}")

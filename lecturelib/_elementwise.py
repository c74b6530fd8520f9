"""What functions that treat each number by itself accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lecturelib._shapes import check_floats

if TYPE_CHECKING:
    import numpy as np


def check_input(x: np.ndarray) -> np.ndarray:
    """Return x in float32 or float64.

    Raises
    ------
    TypeError
        If it is masked or holds anything but float32, float64 or integers.
    """
    return check_floats(x=x)[0]


def check_gradient(dy: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return dy and x in their one floating-point type.

    Raises
    ------
    TypeError
        As `check_input`; also if float32 and float64 meet.
    ValueError
        If their shapes differ.
    """
    dy, x = check_floats(dy=dy, x=x)
    if dy.shape != x.shape:
        raise ValueError(f"dy: expected shape {x.shape} as x has, got {dy.shape}")
    return dy, x


def check_target(x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and targets in their one floating-point type.

    Raises
    ------
    TypeError, ValueError
        As `check_gradient`.
    """
    x, target = check_floats(x=x, target=target)
    if target.shape != x.shape:
        raise ValueError(f"target: expected shape {x.shape} as x has, got {target.shape}")
    return x, target

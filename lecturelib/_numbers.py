"""Checks of arguments that are single numbers, types, whole axes, indices or generators."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np

from lecturelib._shapes import FLOATS, check_int


def check_number(
    name: str, value: object, *, minimum: float = -math.inf, maximum: float = math.inf
) -> float:
    """Return a real number of any kind as a Python float, which leaves float32 arrays float32.

    Raises
    ------
    TypeError
        If it is no real number. True and False are none here.
    ValueError
        If it is out of range or NaN.

    Examples
    --------
    >>> check_number("p", np.float64(0.5), minimum=0, maximum=1)
    0.5
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: expected a number, got {_kind(value)}")
    number = float(value)
    if not minimum <= number <= maximum:
        raise ValueError(f"{name}: expected {_range(minimum, maximum)}, got {value}")
    return number


def check_positive(name: str, value: object) -> float:
    """Return a number above 0 as a Python float.

    Raises
    ------
    TypeError
        If it is no real number.
    ValueError
        If it is not positive.
    """
    number = check_number(name, value)
    if number <= 0:
        raise ValueError(f"{name}: expected a positive number, got {value}")
    return number


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return repr(value)


def _range(minimum: float, maximum: float) -> str:
    if math.isinf(minimum) and math.isinf(maximum):
        return "a number"
    if math.isinf(maximum):
        return f"at least {minimum:g}"
    return f"{minimum:g} to {maximum:g}"


def check_axis(array: np.ndarray, axis: object) -> int:
    """Return the axis counted from the front, if the array has it and it is not empty.

    Raises
    ------
    TypeError
        If the axis is no integer.
    ValueError
        If the array has no such axis, or nothing along it.
    """
    number = check_int("axis", axis, minimum=-array.ndim)
    if number >= array.ndim:
        raise ValueError(f"axis: expected less than {array.ndim}, the axes of x, got {number}")
    if array.shape[number] == 0:
        raise ValueError(
            f"x: expected at least one entry along axis {number}, got shape {array.shape}"
        )
    return number % array.ndim


def check_integers(name: str, array: object) -> np.ndarray:
    """Return the array if it holds integers, such as classes or the numbers of words.

    Raises
    ------
    TypeError
        If it is no array, is a masked one, or holds anything else.
    """
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu":
        kind = f"dtype {array.dtype}" if hasattr(array, "dtype") else type(array).__name__
        raise TypeError(f"{name}: expected an array of integers, got {kind}")
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(f"{name}: expected an array without a mask, got a masked array")
    return array


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """Return float32 or float64 as a dtype.

    Raises
    ------
    TypeError
        If it is any other.
    """
    with contextlib.suppress(TypeError, ValueError):  # what NumPy says of no type at all
        for allowed in FLOATS:
            if dtype is not None and np.dtype(dtype) == allowed:  # None would be float64
                return allowed
    raise TypeError(f"dtype: expected float32 or float64, got {dtype!r}")


def check_kind(name: str, value: object, kind: type) -> None:
    """Raise TypeError unless the value is of that kind, or of one derived from it."""
    if not isinstance(value, kind):
        raise TypeError(f"{name}: expected {kind.__name__}, got {type(value).__name__}")


def check_generator(rng: Any) -> np.random.Generator:
    """Return rng if it is a generator: a seed or the old global state would hide what is drawn.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng: expected a numpy.random.Generator, got {type(rng).__name__}")
    return rng

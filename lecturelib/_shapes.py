"""What the public functions accept: checks that name the argument, what was expected, what came.

Nothing here is about convolution in particular; every layer of the library checks its
arguments with these few functions, so that every error reads the same.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def check_floats(**arrays: Any) -> list[np.ndarray]:
    """Return the arrays in the one floating-point type that they share.

    float32 stays float32 and float64 stays float64, in the byte order of this machine. Integers,
    such as the pictures printed in the lectures, take the type of the floats beside them, else
    float64. The two float types do not mix: promoting silently would double a network's memory
    behind its author's back.

    Parameters
    ----------
    **arrays : ndarray
        The arguments by name, in order.

    Returns
    -------
    list of ndarray
        The same arrays in the same order; those of the right type are not copied.

    Raises
    ------
    TypeError
        If one is not an array or is a masked one, holds anything but float32, float64 or integers,
        or if float32 and float64 come together.

    Examples
    --------
    >>> x, w = check_floats(x=np.ones(2, np.float32), w=np.array([1, 2]))
    >>> w
    array([1., 2.], dtype=float32)
    """
    given = list(arrays.values())
    for dtype in FLOATS:  # what nearly always comes, told at once
        if all(type(array) is np.ndarray and array.dtype == dtype for array in given):
            return given
    floats: dict[str, np.dtype[Any]] = {}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name}: expected a NumPy array, got {type(array).__name__}")
        if isinstance(array, np.ma.MaskedArray):  # the layers would not heed the mask
            raise TypeError(f"{name}: expected an array without a mask, got a masked array")
        native = array.dtype.newbyteorder("=")
        if native in (np.float32, np.float64):
            floats[name] = native
        elif native.kind not in "iu":
            raise TypeError(
                f"{name}: expected float32, float64 or integers, got dtype {array.dtype}"
            )
    leader = next(iter(floats), None)
    dtype = floats[leader] if leader else FLOATS[1]
    for name, other in floats.items():
        if other != dtype:
            raise TypeError(f"{name}: expected {dtype} as {leader} has, got {other}")
    return [array.astype(dtype, copy=False) for array in arrays.values()]


def are_integers(*arrays: object) -> bool:
    """Tell whether all arguments but None are arrays of integers."""
    return all(
        isinstance(array, np.ndarray) and array.dtype.kind in "iu"
        for array in arrays
        if array is not None
    )


def check_shape(name: str, array: np.ndarray, **axes: int | None) -> None:
    """Raise unless the array has these axes; a size of None accepts any size from 1 up.

    The batch axis ``N`` may be empty: the last batch of a data set sometimes is.

    Raises
    ------
    ValueError
        If the number of axes or a size differs.

    Examples
    --------
    >>> check_shape("w", np.ones((4, 1, 3, 3)), F=None, C=3, KH=None, KW=None)
    Traceback (most recent call last):
    ValueError: w: expected shape (F, C=3, KH, KW), got (4, 1, 3, 3)
    """
    sizes = array.shape
    if len(sizes) == len(axes) and all(
        got and size in (None, got) for size, got in zip(axes.values(), sizes, strict=True)
    ):
        return  # what nearly always comes, before any message is composed
    wanted = ", ".join(axis if size is None else f"{axis}={size}" for axis, size in axes.items())
    wanted = f"({wanted},)" if len(axes) == 1 else f"({wanted})"
    if len(sizes) != len(axes) or any(
        size is not None and size != got for size, got in zip(axes.values(), sizes, strict=True)
    ):
        raise ValueError(f"{name}: expected shape {wanted}, got {sizes}")
    if any(got == 0 and axis != "N" for axis, got in zip(axes, sizes, strict=True)):
        raise ValueError(f"{name}: expected shape {wanted} with no empty axis, got {sizes}")


def check_int(name: str, value: object, *, minimum: int) -> int:
    """Return the value as an int, at least `minimum`.

    Raises
    ------
    TypeError
        If it is no integer. True and False are none here: ``padding=True`` is a slip.
    ValueError
        If it is too small.
    """
    number = _index(value)
    if number is None:
        raise TypeError(f"{name}: expected an integer, got {value!r}")
    if number < minimum:
        raise ValueError(f"{name}: expected at least {minimum}, got {number}")
    return number


def _index(value: object) -> int | None:
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # its TypeError is the check
    except TypeError:
        return None


def check_ints(name: str, value: object, axes: int, *, minimum: int) -> tuple[int, ...]:
    """Return one int for each axis, from a single int for all or a sequence of one each.

    Raises
    ------
    TypeError, ValueError
        As `check_int`; also ValueError if the sequence has the wrong length.

    Examples
    --------
    >>> check_ints("stride", 2, 2, minimum=1), check_ints("stride", (3, 2), 2, minimum=1)
    ((2, 2), (3, 2))
    """
    items: tuple[Any, ...] = (value,) * axes
    if isinstance(value, (tuple, list)):
        items = tuple(value)
    if len(items) == axes and all(type(item) is int and item >= minimum for item in items):
        return items
    wanted = "an integer" if axes == 1 else f"an integer or {axes} of them"
    if len(items) != axes:
        raise ValueError(f"{name}: expected {wanted}, got {value!r}")
    if any(_index(item) is None for item in items):
        raise TypeError(f"{name}: expected {wanted}, got {value!r}")
    return tuple(check_int(name, item, minimum=minimum) for item in items)


def output_sizes(
    name: str,
    sizes: Sequence[int],
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
) -> tuple[int, ...]:
    """Return how many places the window takes along each axis: (size + 2p - K) // s + 1.

    Raises
    ------
    ValueError
        If the window exceeds the padded input along any axis; `name` is the argument to blame.
    """
    padded = tuple(size + 2 * p for size, p in zip(sizes, padding, strict=True))
    if any(k > size for k, size in zip(kernel_size, padded, strict=True)):
        kernel, whole = (" x ".join(map(str, each)) for each in (kernel_size, padded))
        raise ValueError(
            f"{name}: expected a kernel of at most {whole} (the padded input), got {kernel}"
        )
    return tuple(
        (size - k) // s + 1 for size, k, s in zip(padded, kernel_size, stride, strict=True)
    )

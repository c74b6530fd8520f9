"""What NumPy computes for the nodes of a graph, with the gradients that NumPy does not have.

Plain functions of arrays, which know nothing of nodes, and at the end the table of operations made
of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib.graph._operation import Operation

if TYPE_CHECKING:
    Axes = int | tuple[int, ...] | None


def fit(gradient: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Sum over the axes along which `like` was broadcast: each copy of an entry sends its share.

    Examples
    --------
    >>> fit(np.ones((2, 3)), np.zeros((2, 1)))
    array([[3.],
           [3.]])
    """
    if gradient.shape == like.shape:
        return gradient
    new = gradient.ndim - like.ndim
    stretched = [new + axis for axis, size in enumerate(like.shape) if size == 1]
    summed: np.ndarray = gradient.sum(axis=(*range(new), *stretched))
    return summed.reshape(like.shape)


def power(x: np.ndarray, exponent: float) -> Any:
    """Return x**exponent."""
    return x**exponent


def power_backward(dy: np.ndarray, x: np.ndarray, exponent: float) -> np.ndarray:
    """Return dx of `power`."""
    if exponent == 0:  # where x is 0, too
        return np.zeros_like(x)
    return dy * (exponent * x ** (exponent - 1))


def maximum_da(dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return da of ``np.maximum(a, b)``: where both are equal, each takes half."""
    return fit(dy * (a > b) + dy * (a == b) / 2, a)


def matmul_da(dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return da of ``a @ b``: dy bᵀ."""
    dy, A, B = _as_matrices(dy, a, b)
    return fit(dy @ B.swapaxes(-1, -2), A).reshape(a.shape)


def matmul_db(dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return db of ``a @ b``: aᵀ dy."""
    dy, A, B = _as_matrices(dy, a, b)
    if B.ndim == 2:  # one product over the whole batch, rather than a sum of products
        A, dy = (each.reshape(-1, each.shape[-1]) for each in (A, dy))
    return fit(A.swapaxes(-1, -2) @ dy, B).reshape(b.shape)


def _as_matrices(dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """Give vectors the axis that matmul adds to them, and to dy the axes that it then drops."""
    if b.ndim == 1:
        b, dy = b[:, np.newaxis], dy[..., np.newaxis]
    if a.ndim == 1:
        a, dy = a[np.newaxis, :], dy[..., np.newaxis, :]
    return dy, a, b


def take(x: np.ndarray, index: Any) -> Any:
    """Return x[index]."""
    return x[index]


def take_backward(dy: np.ndarray, x: np.ndarray, index: Any) -> np.ndarray:
    """Return dx of `take`: zero but for the entries that were taken."""
    dx = np.zeros_like(x)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, (list, np.ndarray)) for part in parts):
        np.add.at(dx, index, dy)  # an entry that was taken twice gets both gradients
    else:
        dx[index] = dy
    return dx


def sum_backward(
    dy: np.ndarray, x: np.ndarray, *, axis: Axes = None, keepdims: bool = False
) -> np.ndarray:
    """Return dx of ``np.sum``: every entry gets the gradient of the sum that it is in."""
    if axis is not None and not keepdims:
        dy = np.expand_dims(dy, axis)
    return np.broadcast_to(dy, x.shape)


def mean_backward(
    dy: np.ndarray, x: np.ndarray, *, axis: Axes = None, keepdims: bool = False
) -> np.ndarray:
    """Return dx of ``np.mean``."""
    count = x.size // max(dy.size, 1)
    return sum_backward(dy, x, axis=axis, keepdims=keepdims) / count


def transpose_backward(
    dy: np.ndarray, x: np.ndarray, axes: tuple[int, ...] | None = None
) -> np.ndarray:
    """Return dx of ``np.transpose``: every axis goes back to its place."""
    if axes is None:
        return dy.transpose()
    return dy.transpose(np.argsort([axis % x.ndim for axis in axes]))


def concatenate(*arrays: np.ndarray, axis: int = 0) -> np.ndarray:
    """Join the arrays along an axis that they have."""
    return np.concatenate(arrays, axis=axis)


def concatenate_backward(
    dy: np.ndarray, *arrays: np.ndarray, axis: int = 0
) -> tuple[np.ndarray, ...]:
    """Return the gradients of `concatenate`: dy, cut into the same parts."""
    ends = np.cumsum([array.shape[axis] for array in arrays])
    return tuple(np.split(dy, ends[:-1], axis=axis))


def stack(*arrays: np.ndarray, axis: int = 0) -> np.ndarray:
    """Join arrays of one shape along a new axis."""
    return np.stack(arrays, axis=axis)


def stack_backward(dy: np.ndarray, *arrays: np.ndarray, axis: int = 0) -> tuple[np.ndarray, ...]:
    """Return the gradients of `stack`."""
    return tuple(np.moveaxis(dy, axis, 0))


ADD = Operation(np.add, lambda dy, a, b: fit(dy, a), lambda dy, a, b: fit(dy, b))
SUBTRACT = Operation(np.subtract, lambda dy, a, b: fit(dy, a), lambda dy, a, b: fit(-dy, b))
MULTIPLY = Operation(np.multiply, lambda dy, a, b: fit(dy * b, a), lambda dy, a, b: fit(dy * a, b))
DIVIDE = Operation(
    np.divide, lambda dy, a, b: fit(dy / b, a), lambda dy, a, b: fit(-dy * a / (b * b), b)
)
NEGATIVE = Operation(np.negative, lambda dy, x: -dy)
EXP = Operation(np.exp, lambda dy, x: dy * np.exp(x))
LOG = Operation(np.log, lambda dy, x: dy / x)
MAXIMUM = Operation(np.maximum, maximum_da, lambda dy, a, b: maximum_da(dy, b, a))
POWER = Operation(power, power_backward)
MATMUL = Operation(np.matmul, matmul_da, matmul_db)
SUM = Operation(np.sum, sum_backward)
MEAN = Operation(np.mean, mean_backward)
INDEX = Operation(take, take_backward, name="index")
RESHAPE = Operation(np.reshape, lambda dy, x, shape: dy.reshape(x.shape))
TRANSPOSE = Operation(np.transpose, transpose_backward)
CONCATENATE = Operation(concatenate, concatenate_backward, inputs=None)
STACK = Operation(stack, stack_backward, inputs=None)

"""The linear (fully connected) layer, and its gradients.

Shapes: x (..., D), w (F, D), b (F,), y (..., F): D numbers in, F out, for each of any number of
examples, along any number of leading axes: (N, D) for a batch, (T, B, D) for sequences. As in
``torch.nn.functional.linear``, each row of w holds the weights of one output; L1's W x, applied to
every example. L3 writes its weights the other way round: its alpha is our w transposed.

The functions keep float32 and float64 as they are; integers take the float type beside them, else
float64. They change none of their arguments, and keep nothing between forward and backward.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._shapes import check_floats, check_shape

if TYPE_CHECKING:
    from jaxtyping import Float, Num

__all__ = ["linear_backward", "linear_forward"]


def linear_forward(
    x: Num[np.ndarray, "... D"], w: Num[np.ndarray, "F D"], b: Num[np.ndarray, " F"] | None
) -> Float[np.ndarray, "... F"]:
    """Return every weighted sum of the inputs, plus its bias.

    y[..., f] = b[f] + sum over d of w[f, d] * x[..., d], that is y = x wᵀ + b.

    Parameters
    ----------
    x : (..., D)
        Inputs, with any leading axes or none.
    w : (F, D)
        Weights, one row for each output.
    b : (F,) or None
        One bias for each output; None for none.

    Returns
    -------
    y : (..., F)

    Raises
    ------
    ValueError
        If shapes disagree.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet.

    See Also
    --------
    linear_backward : Its gradients.
    Chapter 2, "Networks"; L3, "Fully-Connected Layer".

    Examples
    --------
    >>> linear_forward(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [0.0, -1.0]]), np.ones(2))
    array([[12., -1.]])
    """
    if b is None:
        x, w = check_floats(x=x, w=w)
    elif isinstance(b, np.ndarray):
        x, w, b = check_floats(x=x, w=w, b=b)
    else:
        raise TypeError(f"b: expected a NumPy array, or None for no bias, got {type(b).__name__}")
    _check_weights(x, w)
    # Matrix products of two axes are one call to BLAS; with leading axes there would be many.
    y: np.ndarray = _rows(x) @ w.T
    if b is not None:
        check_shape("b", b, F=len(w))
        y += b
    return y.reshape(*x.shape[:-1], len(w))


def linear_backward(
    dy: Num[np.ndarray, "... F"], x: Num[np.ndarray, "... D"], w: Num[np.ndarray, "F D"]
) -> tuple[Float[np.ndarray, "... D"], Float[np.ndarray, "F D"], Float[np.ndarray, " F"]]:
    """Return the gradients of `linear_forward`.

    With all examples as rows: dx = dy w, dw = dyᵀ x, and db is the sum of the rows of dy.

    Parameters
    ----------
    dy : (..., F)
        Gradient of the loss with respect to y.
    x, w
        What the forward pass was given.

    Returns
    -------
    dx : (..., D)
    dw : (F, D)
    db : (F,)

    Raises
    ------
    ValueError, TypeError
        As `linear_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    linear_forward : The layer itself.
    Chapter 3, "Learning"; L3, "Fully-Connected Layer".

    Examples
    --------
    >>> x, w = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    >>> linear_backward(np.array([[10.0]]), x, w)
    (array([[30., 40.]]), array([[10., 20.]]), array([10.]))
    """
    dy, x, w = check_floats(dy=dy, x=x, w=w)
    _check_weights(x, w)
    expected = (*x.shape[:-1], len(w))
    if dy.shape != expected:
        raise ValueError(f"dy: expected shape {expected}, got {dy.shape}")
    rows = _rows(dy)
    return (rows @ w).reshape(x.shape), rows.T @ _rows(x), rows.sum(axis=0)


def _rows(array: np.ndarray) -> np.ndarray:
    """Return all examples as the rows of a matrix, whatever their leading axes."""
    # Not -1: it cannot be told from the size when there is no example.
    return array.reshape(math.prod(array.shape[:-1]), array.shape[-1])


def _check_weights(x: np.ndarray, w: np.ndarray) -> None:
    check_shape("w", w, F=None, D=None)
    if x.ndim == 0 or x.shape[-1] != w.shape[1]:
        raise ValueError(f"x: expected shape (..., D={w.shape[1]}), got {x.shape}")

"""Softmax, its logarithm, and their gradients; public in `activations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._elementwise import check_gradient, check_input
from lecturelib._numbers import check_axis
from lecturelib._shapes import check_shape

if TYPE_CHECKING:
    from jaxtyping import Float, Num


def softmax_forward(x: Num[np.ndarray, ...], *, axis: int = -1) -> Float[np.ndarray, ...]:
    """Turn scores into probabilities: y_i = exp(x_i) / sum over k of exp(x_k).

    A number added to all scores changes nothing, so the largest is taken off first: no exponential
    overflows, and at least one is 1.

    Parameters
    ----------
    x : array of any shape
        Scores (logits). One of -inf has probability 0.
    axis : int
        The axis along which the probabilities sum to 1.

    Returns
    -------
    y : shaped as x

    Raises
    ------
    ValueError
        If x has no such axis, or nothing along it.
    TypeError
        If the axis is no integer, or x is masked or holds anything but float32, float64 or
        integers.

    See Also
    --------
    softmax_backward : Its gradient.
    log_softmax_forward : Its logarithm, when probabilities may be too small for a float.
    Chapter 3, "Learning"; L3, "Softmax Layer".

    Notes
    -----
    Scores whose largest is inf, or that are all -inf, have no probabilities: they become NaN, with
    NumPy's warning.

    Examples
    --------
    >>> softmax_forward(np.log([1.0, 2.0, 5.0])) * 8
    array([1., 2., 5.])
    """
    x = check_input(x)
    return _softmax(x, check_axis(x, axis))


def softmax_backward(
    dy: Num[np.ndarray, ...], x: Num[np.ndarray, ...], *, axis: int = -1
) -> Float[np.ndarray, ...]:
    """Return the gradient of `softmax_forward`: dx_j = y_j * (dy_j - sum over i of dy_i * y_i).

    This is dy times the matrix of `softmax_jacobian`, without ever building it.

    Parameters
    ----------
    dy : shaped as x
        Gradient of the loss with respect to y.
    x, axis
        What the forward pass was given.

    Returns
    -------
    dx : shaped as x

    Raises
    ------
    ValueError
        As `softmax_forward`; also if the shapes differ.
    TypeError
        As `softmax_forward`; also if float32 and float64 meet.

    See Also
    --------
    softmax_forward : The function itself.
    Chapter 3, "Learning"; L3, "Softmax Layer".

    Examples
    --------
    >>> softmax_backward(np.array([1.0, 0.0]), np.zeros(2))
    array([ 0.25, -0.25])
    """
    dy, x = check_gradient(dy, x)
    axis = check_axis(x, axis)
    y = _softmax(x, axis)
    dx: np.ndarray = dy * y
    y *= dx.sum(axis=axis, keepdims=True)
    dx -= y
    return dx


def softmax_jacobian(x: Num[np.ndarray, " K"]) -> Float[np.ndarray, "K K"]:
    """Return all derivatives of `softmax_forward` at one vector.

    dy_i/dx_j is y_i * (1 - y_i) where i = j, and -y_i * y_j elsewhere.

    Parameters
    ----------
    x : (K,)
        Scores.

    Returns
    -------
    jacobian : (K, K)
        dy_i/dx_j in row i and column j. It is symmetric, and every row and column sums to 0.

    Raises
    ------
    ValueError
        If x is not one vector, or empty.
    TypeError
        As `softmax_forward`.

    See Also
    --------
    softmax_backward : What a network uses.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Softmax Layer".

    Examples
    --------
    >>> softmax_jacobian(np.zeros(2))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    x = check_input(x)
    check_shape("x", x, K=None)
    y = _softmax(x, 0)
    return np.diag(y) - np.outer(y, y)


def log_softmax_forward(x: Num[np.ndarray, ...], *, axis: int = -1) -> Float[np.ndarray, ...]:
    """Return the logarithm of `softmax_forward`: y_i = x_i - log(sum over k of exp(x_k)).

    It keeps its digits where the probability itself would be rounded to 0.

    Parameters
    ----------
    x : array of any shape
        Scores (logits). One of -inf stays so.
    axis : int
        The axis along which the probabilities sum to 1.

    Returns
    -------
    y : shaped as x
        Log-probabilities, at most 0.

    Raises
    ------
    ValueError, TypeError
        As `softmax_forward`.

    See Also
    --------
    log_softmax_backward : Its gradient.
    Chapter 3, "Learning"; L3, "Softmax Layer".

    Examples
    --------
    >>> log_softmax_forward(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    x = check_input(x)
    axis = check_axis(x, axis)
    y: np.ndarray = x - x.max(axis=axis, keepdims=True)
    y -= np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y


def log_softmax_backward(
    dy: Num[np.ndarray, ...], x: Num[np.ndarray, ...], *, axis: int = -1
) -> Float[np.ndarray, ...]:
    """Return the gradient of `log_softmax_forward`: dx_j = dy_j - softmax(x)_j * sum of dy.

    Parameters
    ----------
    dy : shaped as x
        Gradient of the loss with respect to y.
    x, axis
        What the forward pass was given.

    Returns
    -------
    dx : shaped as x

    Raises
    ------
    ValueError, TypeError
        As `softmax_backward`.

    See Also
    --------
    log_softmax_forward : The function itself.
    Chapter 3, "Learning"; L3, "Softmax Layer".

    Examples
    --------
    >>> log_softmax_backward(np.array([1.0, 0.0]), np.zeros(2))
    array([ 0.5, -0.5])
    """
    dy, x = check_gradient(dy, x)
    axis = check_axis(x, axis)
    dx = _softmax(x, axis)
    dx *= dy.sum(axis=axis, keepdims=True)
    np.subtract(dy, dx, out=dx)
    return dx


def _softmax(x: np.ndarray, axis: int) -> np.ndarray:
    y: np.ndarray = x - x.max(axis=axis, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y

"""The two smooth steps, sigmoid and tanh, and their gradients; public in `activations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._elementwise import check_gradient, check_input

if TYPE_CHECKING:
    from jaxtyping import Float, Num


def sigmoid_forward(x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return the logistic function: y = 1 / (1 + exp(-x)), a smooth step from 0 to 1.

    Parameters
    ----------
    x : array of any shape

    Returns
    -------
    y : shaped as x

    Raises
    ------
    TypeError
        If x is masked or holds anything but float32, float64 or integers.

    See Also
    --------
    sigmoid_backward : Its gradient.
    Chapter 2, "Networks"; L1, "Differentiable Non-linearities".

    Examples
    --------
    >>> sigmoid_forward(np.array([-1000.0, 0.0, np.log(3)]))
    array([0.  , 0.5 , 0.75])
    """
    x = check_input(x)
    y: np.ndarray = np.negative(x, out=np.empty_like(x))
    # Where exp overflows, y is below the smallest normal number, and 1 / inf is the right 0.
    with np.errstate(over="ignore"):
        np.exp(y, out=y)
    y += 1
    np.divide(1, y, out=y)
    return y


def sigmoid_backward(dy: Num[np.ndarray, ...], x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return the gradient of `sigmoid_forward`: dx = dy * y * (1 - y).

    It is computed as dy * e / (1 + e)**2 with e = exp(-abs(x)), which is the same and keeps its
    digits where y is so close to 1 that 1 - y would lose them.

    Parameters
    ----------
    dy : shaped as x
        Gradient of the loss with respect to y.
    x : array of any shape
        What the forward pass was given.

    Returns
    -------
    dx : shaped as x

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        As `sigmoid_forward`; also if float32 and float64 meet.

    See Also
    --------
    sigmoid_forward : The function itself.
    Chapter 3, "Learning"; L1, "Differentiable Non-linearities".

    Examples
    --------
    >>> sigmoid_backward(np.array([8.0, 16.0]), np.array([0.0, np.log(3)]))
    array([2., 3.])
    """
    dy, x = check_gradient(dy, x)
    dx: np.ndarray = np.abs(x, out=np.empty_like(x))
    np.negative(dx, out=dx)
    np.exp(dx, out=dx)
    below = 1 + dx
    below *= below
    dx /= below
    dx *= dy
    return dx


def tanh_forward(x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return the hyperbolic tangent: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    It is a sigmoid stretched to run from -1 to 1: tanh(x) = 2 * sigmoid(2x) - 1.

    Parameters
    ----------
    x : array of any shape

    Returns
    -------
    y : shaped as x

    Raises
    ------
    TypeError
        If x is masked or holds anything but float32, float64 or integers.

    See Also
    --------
    tanh_backward : Its gradient.
    Chapter 2, "Networks"; L2, "Computation graphs".

    Examples
    --------
    >>> tanh_forward(np.array([-1000.0, 0.0, np.log(3)]))
    array([-1. ,  0. ,  0.8])
    """
    x = check_input(x)
    y: np.ndarray = np.tanh(x, out=np.empty_like(x))
    return y


def tanh_backward(dy: Num[np.ndarray, ...], x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return the gradient of `tanh_forward`: dx = dy * (1 - y**2).

    Parameters
    ----------
    dy : shaped as x
        Gradient of the loss with respect to y.
    x : array of any shape
        What the forward pass was given.

    Returns
    -------
    dx : shaped as x

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        As `tanh_forward`; also if float32 and float64 meet.

    See Also
    --------
    tanh_forward : The function itself.
    Chapter 3, "Learning"; L2, "Computation graphs".

    Examples
    --------
    >>> tanh_backward(np.array([1.0, 100.0]), np.array([0.0, np.log(3)])).round(9)
    array([ 1., 36.])
    """
    dy, x = check_gradient(dy, x)
    dx: np.ndarray = np.tanh(x, out=np.empty_like(x))
    dx *= dx
    np.subtract(1, dx, out=dx)
    dx *= dy
    return dx

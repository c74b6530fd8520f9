"""Activation functions and their gradients: what makes a network more than one linear map.

All but softmax work on each number by itself, and take arrays of any shape. Softmax and its
logarithm turn the numbers along one axis, the last unless told otherwise, into probabilities.

The functions keep float32 and float64 as they are; integers become float64, or what dy is. They
change none of their arguments, and keep nothing between forward and backward. Results are accurate
for arguments of any size; NaN in gives NaN out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._elementwise import check_gradient, check_input
from lecturelib._numbers import check_number
from lecturelib._shapes import check_shape
from lecturelib._sigmoid import sigmoid_backward, sigmoid_forward, tanh_backward, tanh_forward
from lecturelib._softmax import (
    log_softmax_backward,
    log_softmax_forward,
    softmax_backward,
    softmax_forward,
    softmax_jacobian,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Num

__all__ = [
    "leaky_relu_backward",
    "leaky_relu_forward",
    "log_softmax_backward",
    "log_softmax_forward",
    "relu_backward",
    "relu_forward",
    "relu_jacobian",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax_backward",
    "softmax_forward",
    "softmax_jacobian",
    "step_forward",
    "tanh_backward",
    "tanh_forward",
]


def step_forward(x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return 0 where x <= 0 and 1 above.

    Its derivative is 0 wherever it has one, so it teaches a network nothing and has no backward
    pass here; the perceptron's learning rule does without.

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
    Chapter 1, "Perceptrons and feature maps"; L1, "The Building Block of Neural Networks".

    Examples
    --------
    >>> step_forward(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    x = check_input(x)
    # Not a comparison alone, which would take NaN for 0.
    y: np.ndarray = np.heaviside(x, 0, out=np.empty_like(x))
    return y


def relu_forward(x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return the rectified linear unit: y = max(0, x).

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
    relu_backward : Its gradient.
    Chapter 2, "Networks"; L3, "ReLU Layer".

    Examples
    --------
    >>> relu_forward(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    x = check_input(x)
    zeros = np.zeros_like(x)  # NumPy compares two arrays faster than an array and a number
    y: np.ndarray = np.maximum(x, zeros, out=zeros)
    return y


def relu_backward(dy: Num[np.ndarray, ...], x: Num[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Return the gradient of `relu_forward`: dx = dy where x > 0, else 0.

    At 0, where the function has a kink, any slope from 0 to 1 is a subderivative; as in L3 and in
    torch it is 0.

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
        As `relu_forward`; also if float32 and float64 meet.

    See Also
    --------
    relu_forward : The function itself.
    Chapter 3, "Learning"; L3, "ReLU Layer".

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 7.])
    """
    dy, x = check_gradient(dy, x)
    # Bits times 0 or 1, as integers: as numbers, an infinite dy would give NaN where x <= 0.
    bits = np.dtype(f"i{x.itemsize}")
    slope = np.asarray(x > 0).astype(bits)
    dx: np.ndarray = np.multiply(dy.view(bits), slope, out=slope).view(x.dtype)
    return dx


def relu_jacobian(x: Num[np.ndarray, " K"]) -> Float[np.ndarray, "K K"]:
    """Return all derivatives of `relu_forward` at one vector: 1 or 0 on the diagonal, else 0.

    Parameters
    ----------
    x : (K,)

    Returns
    -------
    jacobian : (K, K)
        dy_i/dx_j in row i and column j.

    Raises
    ------
    ValueError
        If x is not one vector.
    TypeError
        As `relu_forward`.

    See Also
    --------
    relu_backward : What a network uses, without the zeros.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "ReLU Layer".

    Examples
    --------
    >>> relu_jacobian(np.array([-2.0, 3.0]))
    array([[0., 0.],
           [0., 1.]])
    """
    x = check_input(x)
    check_shape("x", x, K=None)
    return np.diag(relu_backward(np.ones_like(x), x))


def leaky_relu_forward(
    x: Num[np.ndarray, ...], *, negative_slope: float = 0.01
) -> Float[np.ndarray, ...]:
    """Return x where it is positive, else negative_slope * x: no unit falls wholly silent.

    Parameters
    ----------
    x : array of any shape
    negative_slope : float
        Slope at and below 0.

    Returns
    -------
    y : shaped as x

    Raises
    ------
    ValueError
        If the slope is NaN.
    TypeError
        If the slope is no number, or x is masked or holds anything but float32, float64 or
        integers.

    See Also
    --------
    leaky_relu_backward : Its gradient.
    Chapter 2, "Networks"; Maas et al. 2013, "Rectifier nonlinearities improve neural network
    acoustic models".

    Examples
    --------
    >>> leaky_relu_forward(np.array([-2.0, 0.0, 3.0]))
    array([-0.02,  0.  ,  3.  ])
    """
    x = check_input(x)
    y = _slopes(x, negative_slope)
    y *= x
    return y


def leaky_relu_backward(
    dy: Num[np.ndarray, ...], x: Num[np.ndarray, ...], *, negative_slope: float = 0.01
) -> Float[np.ndarray, ...]:
    """Return the gradient of `leaky_relu_forward`: dx = dy where x > 0, else negative_slope * dy.

    Parameters
    ----------
    dy : shaped as x
        Gradient of the loss with respect to y.
    x, negative_slope
        What the forward pass was given.

    Returns
    -------
    dx : shaped as x

    Raises
    ------
    ValueError
        As `leaky_relu_forward`; also if the shapes differ.
    TypeError
        As `leaky_relu_forward`; also if float32 and float64 meet.

    See Also
    --------
    leaky_relu_forward : The function itself.
    Chapter 3, "Learning"; Maas et al. 2013, "Rectifier nonlinearities improve neural network
    acoustic models".

    Examples
    --------
    >>> leaky_relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-2.0, 0.0, 3.0]))
    array([0.05, 0.06, 7.  ])
    """
    dy, x = check_gradient(dy, x)
    dx = _slopes(x, negative_slope)
    dx *= dy
    return dx


def _slopes(x: np.ndarray, negative_slope: float) -> np.ndarray:
    slope = check_number("negative_slope", negative_slope)
    # One of the two comparisons is 1. np.where, branching at every number, is ten times slower.
    slopes: np.ndarray = np.multiply(x <= 0, slope, out=np.empty_like(x))
    slopes += x > 0
    return slopes

"""Layers as objects: each remembers its input, so that a network can go back as it went forward.

They are thin. What a layer computes is a pure function of another module (``linear``, ``conv``,
``pool``, ``activations``, ``dropout``); the layer adds the parameters, and the memory between
forward and backward. Names and settings are torch's, but whatever draws random numbers takes an
explicit generator, and backward passes are called by hand: ``dx = layer.backward(dy)``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._elementwise import check_input
from lecturelib._layer import Layer, Parameter
from lecturelib._learned_layers import Conv2d, Linear
from lecturelib._numbers import check_generator, check_number
from lecturelib._shapes import check_ints, check_shape
from lecturelib.activations import (
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    softmax_backward,
    softmax_forward,
    tanh_backward,
    tanh_forward,
)
from lecturelib.dropout import dropout_backward, dropout_forward, dropout_mask
from lecturelib.pool import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "AvgPool2d",
    "Conv2d",
    "Dropout",
    "Flatten",
    "Layer",
    "Linear",
    "MaxPool2d",
    "Parameter",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]


class _Activation(Layer):
    """One function applied to the whole input, and its gradient."""

    _forward: Callable[[np.ndarray], np.ndarray]
    _backward: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.remember(x)
        return self._forward(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return self._backward(dy, self.remembered())


class ReLU(_Activation):
    """The rectified linear unit: y = max(x, 0).

    See Also
    --------
    lecturelib.activations.relu_forward : The function itself.
    Chapter 2, "Networks"; L3, "ReLU Layer".

    Examples
    --------
    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    _forward = staticmethod(relu_forward)
    _backward = staticmethod(relu_backward)


class Sigmoid(_Activation):
    """The logistic function: y = 1 / (1 + exp(-x)).

    See Also
    --------
    lecturelib.activations.sigmoid_forward : The function itself.
    Chapter 2, "Networks"; L1, "Differentiable Non-linearities".

    Examples
    --------
    >>> Sigmoid()(np.array([0.0]))
    array([0.5])
    """

    _forward = staticmethod(sigmoid_forward)
    _backward = staticmethod(sigmoid_backward)


class Tanh(_Activation):
    """The hyperbolic tangent.

    See Also
    --------
    lecturelib.activations.tanh_forward : The function itself.
    Chapter 2, "Networks"; L1, "Differentiable Non-linearities".

    Examples
    --------
    >>> Tanh()(np.array([0.0]))
    array([0.])
    """

    _forward = staticmethod(tanh_forward)
    _backward = staticmethod(tanh_backward)


class Softmax(_Activation):
    """Probabilities from numbers: y_i = exp(x_i) / sum over j of exp(x_j), along the last axis.

    A network that is trained with the cross-entropy ends without it: that loss takes the numbers
    before the softmax, the logits.

    See Also
    --------
    lecturelib.activations.softmax_forward : The function itself.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Softmax Layer".

    Examples
    --------
    >>> Softmax()(np.zeros((1, 4)))
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    _forward = staticmethod(softmax_forward)
    _backward = staticmethod(softmax_backward)


class _Pool2d(Layer):
    """Pooling of one kind, over windows of one size."""

    _forward: Callable[..., np.ndarray]
    _backward: Callable[..., np.ndarray]

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        self.kernel_size = check_ints("kernel_size", kernel_size, 2, minimum=1)
        steps = self.kernel_size if stride is None else stride
        self.stride = check_ints("stride", steps, 2, minimum=1)
        self.padding = check_ints("padding", padding, 2, minimum=0)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, C, OH, OW) for x (N, C, H, W)."""
        self.remember(x)
        return self._forward(x, self.kernel_size, stride=self.stride, padding=self.padding)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W) for dy (N, C, OH, OW)."""
        x = self.remembered()
        return self._backward(dy, x, self.kernel_size, stride=self.stride, padding=self.padding)

    def _settings(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool2d(_Pool2d):
    """The maximum of every window.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int, (int, int) or None
        Step of the window; None for `kernel_size`.
    padding : int or (int, int)
        Border, in pixels: it never wins.

    See Also
    --------
    lecturelib.pool.max_pool2d_forward : The function itself.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Max-pooling".

    Examples
    --------
    >>> MaxPool2d(2)(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    array([[[[4.]]]])
    """

    _forward = staticmethod(max_pool2d_forward)
    _backward = staticmethod(max_pool2d_backward)


class AvgPool2d(_Pool2d):
    """The average of every window.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int, (int, int) or None
        Step of the window; None for `kernel_size`.
    padding : int or (int, int)
        Border, in pixels: zeros, which count.

    See Also
    --------
    lecturelib.pool.avg_pool2d_forward : The function itself.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Downsampling by Averaging".

    Examples
    --------
    >>> AvgPool2d(2)(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    array([[[[2.5]]]])
    """

    _forward = staticmethod(avg_pool2d_forward)
    _backward = staticmethod(avg_pool2d_backward)


class Flatten(Layer):
    """All axes but the first as one: what stands between convolutions and linear layers.

    See Also
    --------
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Layers of a CNN".

    Examples
    --------
    >>> Flatten()(np.zeros((3, 16, 5, 5))).shape
    (3, 400)
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x (N, ...) as y (N, D)."""
        check_input(x)
        if x.ndim < 2:
            raise ValueError(f"x: expected shape (N, ...) with two axes or more, got {x.shape}")
        self.remember(x)
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))  # -1 would not do for no images

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dy (N, D) in the shape of x."""
        x = self.remembered()
        check_shape("dy", dy, N=x.shape[0], D=math.prod(x.shape[1:]))
        return dy.reshape(x.shape)


class Dropout(Layer):
    """In training, numbers set to zero at random, so that no unit can rely on another.

    Each is dropped with probability p, and the others divided by 1 - p, which leaves the
    expectation as it was. In evaluation mode y = x.

    Parameters
    ----------
    p : float
        Probability of being dropped, from 0 to 1.
    rng : numpy.random.Generator
        Draws anew at each forward pass in training mode.

    Raises
    ------
    ValueError, TypeError
        If p is no number from 0 to 1, or rng no generator.

    See Also
    --------
    lecturelib.dropout.dropout_forward : The function itself.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> layer = Dropout(0.5, np.random.default_rng(0))
    >>> layer(np.ones(6))
    array([2., 2., 2., 0., 0., 0.])
    >>> layer.eval()(np.ones(6))
    array([1., 1., 1., 1., 1., 1.])
    """

    def __init__(self, p: float, rng: np.random.Generator) -> None:
        self.p = check_number("p", p, minimum=0, maximum=1)
        self.rng = check_generator(rng)
        self._mask: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x with some of its numbers dropped, or as it is."""
        x = check_input(x)
        self.remember(x)
        self._mask = None
        if self.training:
            self._mask = dropout_mask(x.shape, self.p, self.rng, dtype=x.dtype)
            return dropout_forward(x, self._mask)
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dy with the same numbers dropped, or as it is."""
        self.remembered()
        return dy if self._mask is None else dropout_backward(dy, self._mask)

    def _settings(self) -> str:
        return f"p={self.p:g}"

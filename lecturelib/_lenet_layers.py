"""Layers of the first LeNet-5 for which today's networks have others; public in `lenet`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lecturelib._layer import Layer, Parameter, uniform_parameter
from lecturelib._numbers import check_dtype
from lecturelib._shapes import check_floats, check_int, check_shape
from lecturelib.activations import tanh_backward, tanh_forward
from lecturelib.conv import conv2d_backward, conv2d_forward
from lecturelib.pool import avg_pool2d_backward, avg_pool2d_forward


class ScaledTanh(Layer):
    """The squashing function y = 1.7159 tanh(2x/3), which takes 1 to 1 and -1 to -1.

    See Also
    --------
    lecturelib.layers.Tanh : Without the factors.
    Chapter 8, "LeNet-5"; LeCun, Bottou, Bengio and Haffner 1998, appendix A.

    Examples
    --------
    >>> ScaledTanh()(np.array([-1.0, 0.0, 1.0, 100.0])).round(4)
    array([-1.    ,  0.    ,  1.    ,  1.7159])
    """

    amplitude = 1.7159
    slope = 2 / 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y, shaped as x."""
        self.remember(x)
        return self.amplitude * tanh_forward(self.slope * x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx, shaped as dy."""
        return self.amplitude * self.slope * tanh_backward(dy, self.slope * self.remembered())


class Subsample2d(Layer):
    """Pooling that learns: for each map, a coefficient times the sum of a 2 x 2 window, and a bias.

    y[n, c] = weight[c] * (sum over each window of x[n, c]) + bias[c], windows side by side. The
    coefficients and biases are drawn from U(-1/2, 1/2): 1/sqrt(n) for four inputs, as elsewhere.

    Parameters
    ----------
    channels : int
        C of the maps x (N, C, H, W), which give y (N, C, H // 2, W // 2).
    rng : numpy.random.Generator
        Draws the coefficients (C,), then the biases (C,).
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    See Also
    --------
    lecturelib.layers.AvgPool2d : The same with nothing to learn.
    Chapter 8, "LeNet-5"; LeCun, Bottou, Bengio and Haffner 1998, section II.B.

    Examples
    --------
    >>> layer = Subsample2d(6, np.random.default_rng(0))
    >>> layer(np.ones((1, 6, 28, 28), np.float32)).shape
    (1, 6, 14, 14)
    """

    def __init__(self, channels: int, rng: np.random.Generator, *, dtype: Any = np.float32) -> None:
        self.channels = check_int("channels", channels, minimum=1)
        dtype = check_dtype(dtype)
        self.weight = uniform_parameter("weight", (self.channels,), 0.5, rng, dtype)
        self.bias = uniform_parameter("bias", (self.channels,), 0.5, rng, dtype)

    def parameters(self) -> list[Parameter]:
        """Return the coefficients and the biases."""
        return [self.weight, self.bias]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, C, OH, OW) for x (N, C, H, W)."""
        check_shape("x", x, N=None, C=self.channels, H=None, W=None)
        x, w, b = check_floats(x=x, w=self.weight.data, b=self.bias.data)
        self.remember(x)
        y: np.ndarray = self._sums(x) * w[:, np.newaxis, np.newaxis]
        y += b[:, np.newaxis, np.newaxis]
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W) for dy (N, C, OH, OW)."""
        x, w = self.remembered(), self.weight.data
        dx: np.ndarray = avg_pool2d_backward(4 * dy * w[:, np.newaxis, np.newaxis], x, 2)
        self.weight.add_gradient((dy * self._sums(x)).sum(axis=(0, 2, 3)))
        self.bias.add_gradient(dy.sum(axis=(0, 2, 3)))
        return dx

    def _sums(self, x: np.ndarray) -> np.ndarray:
        sums: np.ndarray = 4 * avg_pool2d_forward(x, 2)
        return sums

    def _settings(self) -> str:
        return f"{self.channels}"


class PartialConv2d(Layer):
    """A convolution in which each output map sees only some of the input maps.

    The weights are those of the connections that exist, (L, KH, KW) for L of them; only for the
    computation are they set into filters (F, C, KH, KW) that are zero elsewhere. Weights and biases
    are drawn from U(-1/sqrt(n), 1/sqrt(n)), where n is the mean number of inputs of an output.

    Parameters
    ----------
    connections : (F, C) of bool
        Which output map sees which input map; each sees one at least.
    kernel_size : int
        Height and width of the filters.
    rng : numpy.random.Generator
        Draws the weights, then the biases (F,).
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    See Also
    --------
    lecturelib.layers.Conv2d : With all connections.
    Chapter 8, "LeNet-5"; LeCun, Bottou, Bengio and Haffner 1998, table I.

    Examples
    --------
    Two maps that see one map each, and one that sees both:

    >>> connections = np.array([[True, False], [False, True], [True, True]])
    >>> layer = PartialConv2d(connections, 5, np.random.default_rng(0))
    >>> [parameter.data.shape for parameter in layer.parameters()]
    [(4, 5, 5), (3,)]
    """

    def __init__(
        self,
        connections: np.ndarray,
        kernel_size: int,
        rng: np.random.Generator,
        *,
        dtype: Any = np.float32,
    ) -> None:
        if not isinstance(connections, np.ndarray) or connections.dtype != np.bool_:
            kind = getattr(connections, "dtype", type(connections).__name__)
            raise TypeError(f"connections: expected an array of bool, got {kind}")
        check_shape("connections", connections, F=None, C=None)
        if not connections.any(axis=1).all():
            raise ValueError("connections: expected one or more in each row, got none in one")
        self.connections = connections.copy()
        self.kernel_size = check_int("kernel_size", kernel_size, minimum=1)
        links = int(connections.sum())
        shape = (links, self.kernel_size, self.kernel_size)
        bound = math.sqrt(len(connections) / math.prod(shape))
        dtype = check_dtype(dtype)
        self.weight = uniform_parameter("weight", shape, bound, rng, dtype)
        self.bias = uniform_parameter("bias", (len(connections),), bound, rng, dtype)

    def parameters(self) -> list[Parameter]:
        """Return the weights of the connections, and the biases."""
        return [self.weight, self.bias]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, F, OH, OW) for x (N, C, H, W)."""
        check_shape("x", x, N=None, C=self.connections.shape[1], H=None, W=None)
        self.remember(x)
        y: np.ndarray = conv2d_forward(x, self._filters(), self.bias.data)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W) for dy (N, F, OH, OW)."""
        gradients: Any = conv2d_backward(dy, self.remembered(), self._filters())
        dx, dw, db = gradients
        self.weight.add_gradient(dw[self.connections])
        self.bias.add_gradient(db)
        return np.asarray(dx)

    def _filters(self) -> np.ndarray:
        weight = self.weight.data
        filters = np.zeros((*self.connections.shape, *weight.shape[1:]), weight.dtype)
        filters[self.connections] = weight
        return filters

    def _settings(self) -> str:
        F, C = self.connections.shape
        return f"{C}, {F}, kernel_size={self.kernel_size}, connections={len(self.weight.data)}"


class RadialBasis(Layer):
    """How near the input is to each of some fixed codes: y[n, k] = -‖x[n] - codes[k]‖².

    Taken as logits by the cross-entropy, this makes the loss ‖x - code of the target‖² plus
    log(sum over k of exp(-‖x - codes[k]‖²)): nearer to the right code than to the others. The
    paper adds a constant to the sum, a further logit of -j, without which ‖x‖² cancels out and
    nothing pulls x towards any code.

    Parameters
    ----------
    codes : (K, D)
        They are not learned, and have the type of x.

    Raises
    ------
    ValueError, TypeError
        If the codes are not as described, or x (N, D) does not fit them.

    See Also
    --------
    lecturelib.lenet.digit_codes : Codes for digits.
    Chapter 8, "LeNet-5"; LeCun, Bottou, Bengio and Haffner 1998, sections II.B and
    II.C.

    Examples
    --------
    >>> RadialBasis(np.array([[1.0, 1.0], [-1.0, 1.0]]))(np.array([[1.0, 0.0]]))
    array([[-1., -5.]])
    """

    def __init__(self, codes: np.ndarray) -> None:
        (self.codes,) = (array.copy() for array in check_floats(codes=codes))
        check_shape("codes", self.codes, K=None, D=None)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, K) for x (N, D)."""
        x, codes = check_floats(x=x, codes=self.codes)
        check_shape("x", x, N=None, D=codes.shape[1])
        self.remember(x)
        distances: np.ndarray = np.square(x[:, np.newaxis] - codes).sum(axis=2)
        return -distances

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (N, D) for dy (N, K)."""
        x = self.remembered()
        check_shape("dy", dy, N=len(x), K=len(self.codes))
        dx: np.ndarray = 2 * (dy @ self.codes - dy.sum(axis=1, keepdims=True) * x)
        return dx

    def _settings(self) -> str:
        K, D = self.codes.shape
        return f"in_features={D}, out_features={K}"

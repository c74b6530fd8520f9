"""The layers that learn: linear and convolution; public in `layers`."""

from __future__ import annotations

from typing import Any

import numpy as np

from lecturelib._elementwise import check_input
from lecturelib._layer import Layer, Parameter, weight_and_bias
from lecturelib._shapes import check_int, check_ints, check_shape
from lecturelib.conv import conv2d_backward, conv2d_forward
from lecturelib.linear import linear_backward, linear_forward


class _WeightAndBias(Layer):
    """What a linear and a convolution layer share: a weight, and a bias or none."""

    weight: Parameter
    bias: Parameter | None

    def parameters(self) -> list[Parameter]:
        return [self.weight] if self.bias is None else [self.weight, self.bias]

    def _bias_data(self) -> np.ndarray | None:
        return None if self.bias is None else self.bias.data

    def _add_gradients(self, dw: np.ndarray, db: np.ndarray) -> None:
        self.weight.add_gradient(dw)
        if self.bias is not None:
            self.bias.add_gradient(db)


class Linear(_WeightAndBias):
    """Weighted sums of all inputs: y = x Wᵀ + b.

    Weights and biases are drawn from U(-1/sqrt(D), 1/sqrt(D)), as torch does.

    Parameters
    ----------
    in_features, out_features : int
        D and F: x (..., D) gives y (..., F).
    rng : numpy.random.Generator
        Draws the weights (F, D), then the biases (F,).
    bias : bool
        Whether each output has a bias.
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described. `forward` and `backward` raise as `linear_forward` and
        `linear_backward`.

    See Also
    --------
    lecturelib.linear.linear_forward : The function itself.
    Chapter 2, "Networks"; L3, "Fully-Connected Layer".

    Examples
    --------
    >>> layer = Linear(400, 120, np.random.default_rng(0))
    >>> layer
    Linear(in_features=400, out_features=120, bias=True)
    >>> layer(np.ones((2, 400), np.float32)).shape
    (2, 120)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        rng: np.random.Generator,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.in_features = check_int("in_features", in_features, minimum=1)
        self.out_features = check_int("out_features", out_features, minimum=1)
        shape = (self.out_features, self.in_features)
        self.weight, self.bias = weight_and_bias(shape, bias, rng, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (..., F) for x (..., D)."""
        y: np.ndarray = linear_forward(x, self.weight.data, self._bias_data())
        self.remember(x)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (..., D) for dy (..., F)."""
        dx, dw, db = linear_backward(dy, self.remembered(), self.weight.data)
        self._add_gradients(dw, db)
        return dx

    def _settings(self) -> str:
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


class Conv2d(_WeightAndBias):
    """Cross-correlation of every image with every filter.

    Weights and biases are drawn from U(-1/sqrt(n), 1/sqrt(n)), where n = C*KH*KW is the number of
    inputs of each output, as torch does.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F: x (N, C, H, W) gives y (N, F, OH, OW).
    kernel_size : int or (int, int)
        Height and width of the filters.
    rng : numpy.random.Generator
        Draws the weights (F, C, KH, KW), then the biases (F,).
    stride, padding : int or (int, int)
        Step and zero border, in pixels, for rows and columns.
    bias : bool
        Whether each filter has a bias.
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described. `forward` and `backward` raise as `conv2d_forward` and
        `conv2d_backward`.

    See Also
    --------
    lecturelib.conv.conv2d_forward : The function itself.
    Chapter 6, "Convolution", (eq-conv-layer); L3, "Layers of a CNN".

    Examples
    --------
    >>> layer = Conv2d(1, 6, 5, np.random.default_rng(0), padding=2)
    >>> layer
    Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> layer(np.ones((3, 1, 28, 28), np.float32)).shape
    (3, 6, 28, 28)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        rng: np.random.Generator,
        *,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        self.in_channels = check_int("in_channels", in_channels, minimum=1)
        self.out_channels = check_int("out_channels", out_channels, minimum=1)
        KH, KW = check_ints("kernel_size", kernel_size, 2, minimum=1)
        SH, SW = check_ints("stride", stride, 2, minimum=1)
        PH, PW = check_ints("padding", padding, 2, minimum=0)
        self.kernel_size, self.stride, self.padding = (KH, KW), (SH, SW), (PH, PW)
        shape = (self.out_channels, self.in_channels, KH, KW)
        self.weight, self.bias = weight_and_bias(shape, bias, rng, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, F, OH, OW) for x (N, C, H, W)."""
        check_input(x)
        check_shape("x", x, N=None, C=self.in_channels, H=None, W=None)
        y: np.ndarray = conv2d_forward(
            x, self.weight.data, self._bias_data(), stride=self.stride, padding=self.padding
        )
        self.remember(x)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W) for dy (N, F, OH, OW)."""
        dx: np.ndarray = self._gradients(dy, need_dx=True)
        return dx

    def backward_parameters(self, dy: np.ndarray) -> None:
        """Add to the parameters' gradients alone, which saves a third of the work."""
        self._gradients(dy, need_dx=False)

    def _gradients(self, dy: np.ndarray, *, need_dx: bool) -> Any:
        place = {"stride": self.stride, "padding": self.padding}
        x, w = self.remembered(), self.weight.data
        dx, dw, db = conv2d_backward(dy, x, w, **place, need_dx=need_dx)
        self._add_gradients(dw, db)
        return dx

    def _settings(self) -> str:
        settings = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}"
        )
        return settings if self.bias is not None else f"{settings}, bias=False"

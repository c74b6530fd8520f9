"""Convolution in one and two dimensions, and its gradients.

Shapes: x (N, C, H, W), w (F, C, KH, KW), b (F,), y (N, F, OH, OW), where
OH = (H + 2*padding - KH) // stride + 1 and OW follows suit; in one dimension x (N, C, T),
w (F, C, K) and y (N, F, OT). As in the lectures, and in ``torch.nn.functional.conv2d``, this is
cross-correlation: the kernel is not flipped.

The functions keep float32 and float64 as they are; integers take the float type beside them, else
float64. They change none of their arguments, and keep nothing between forward and backward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._conv1d import conv1d_backward, conv1d_forward
from lecturelib._convolve import backward, check_convolution, forward
from lecturelib._shapes import (
    are_integers,
    check_floats,
    check_int,
    check_ints,
    check_shape,
    output_sizes,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Num

    Stride = int | tuple[int, int]

__all__ = [
    "conv1d_backward",
    "conv1d_forward",
    "conv2d_backward",
    "conv2d_forward",
    "conv_output_size",
    "conv_parameter_count",
]


def conv_output_size(size: int, kernel_size: int, *, stride: int = 1, padding: int = 0) -> int:
    """Return how many places a window takes along one axis.

    The first place begins `padding` before the input, and each further one `stride` later, as long
    as the whole window fits: floor((size + 2*padding - kernel_size) / stride) + 1.

    Parameters
    ----------
    size : int
        Length of the input, without padding.
    kernel_size : int
        Length of the window.
    stride : int
        Step from one place to the next.
    padding : int
        Zeros added at either end.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    ValueError
        If the window exceeds the padded input, or an argument is too small.
    TypeError
        If an argument is not an integer.

    See Also
    --------
    Chapter 6, "Convolution", (eq-output-size);
    L3, "Layers of a CNN".

    Examples
    --------
    >>> conv_output_size(224, 11, stride=4, padding=2)
    55
    """
    size = check_int("size", size, minimum=1)
    kernel_size = check_int("kernel_size", kernel_size, minimum=1)
    stride = check_int("stride", stride, minimum=1)
    padding = check_int("padding", padding, minimum=0)
    return output_sizes("kernel_size", (size,), (kernel_size,), (stride,), (padding,))[0]


def conv_parameter_count(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, ...], *, bias: bool = True
) -> int:
    """Return how many numbers a convolution layer learns.

    Each filter has one weight for every kernel entry and input channel, and one bias; the size of
    the picture plays no part. The lecture's (height * width + 1) * n_kernels is the case of one
    input channel.

    Parameters
    ----------
    in_channels, out_channels : int
        C and F of the filters (F, C, KH, KW).
    kernel_size : int or tuple of int
        One int for a square kernel in two dimensions; a tuple (K,) or (KH, KW) for any other.
    bias : bool
        Whether each filter has a bias.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a count or size is less than 1, or `kernel_size` is an empty tuple.
    TypeError
        If a count or size is not an integer.

    See Also
    --------
    Chapter 6, "Convolution", (eq-parameters); L4, "Convolutional neural network (CNN)".

    Examples
    --------
    >>> conv_parameter_count(1, 6, 5), conv_parameter_count(3, 96, (11, 11))
    (156, 34944)
    """
    in_channels = check_int("in_channels", in_channels, minimum=1)
    out_channels = check_int("out_channels", out_channels, minimum=1)
    axes = len(kernel_size) if isinstance(kernel_size, (tuple, list)) else 2
    if axes == 0:
        raise ValueError(
            f"kernel_size: expected an integer or one for each axis, got {kernel_size!r}"
        )
    weights = in_channels
    for size in check_ints("kernel_size", kernel_size, axes, minimum=1):
        weights *= size
    return (weights + bool(bias)) * out_channels


def conv2d_forward(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "F C KH KW"],
    b: Num[np.ndarray, " F"] | None,
    *,
    stride: Stride = 1,
    padding: Stride = 0,
) -> Float[np.ndarray, "N F OH OW"]:
    """Cross-correlate every image with every filter.

    y[n, f, i, j] = b[f] + sum over c, k, l of w[f, c, k, l] * x[n, c, i*stride + k, j*stride + l],
    where x is bordered by `padding` zeros.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    w : (F, C, KH, KW)
        Filters.
    b : (F,) or None
        One bias for each filter; None for none.
    stride, padding : int or (int, int)
        Step and zero border, in pixels, for rows and columns.

    Returns
    -------
    y : (N, F, OH, OW)

    Raises
    ------
    ValueError
        If shapes disagree, the kernel exceeds the padded image, the stride is less than 1 or the
        padding negative or beyond all measure.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if the stride or padding is not made of integers.

    See Also
    --------
    conv2d_backward : Its gradients.
    Chapter 6, "Convolution", (eq-conv2d) and (eq-conv-layer);
    L3, "Layers of a CNN".

    Notes
    -----
    Kernels three strides high, over 16 channels or more, are computed with half of the
    multiplications (``FourRows`` in ``lecturelib/_winograd.py``), unless y has fewer than three
    rows or all arrays hold integers, whose sums stay exact. Four rows of y are then computed from
    six strides of rows of x together, and rounding errors are relative to the largest pixel among
    those, not in the window alone: on normal data in float32 some 3e-6 of the largest output, where
    the plain sum has 5e-7; but a row of pixels beside one that is 10**6 times larger keeps about
    one digit. NaN and infinite pixels make NaN of outputs up to three rows away from their windows,
    and numbers within a factor of about 100 of the largest float may overflow.

    Examples
    --------
    >>> conv2d_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), np.zeros(1))[0, 0]
    array([[4., 4.],
           [4., 4.]])
    """
    exact = are_integers(x, w, b)
    x, w, b, window = check_convolution(x, w, b, stride, padding, size="H W", kernel_size="KH KW")
    return forward(x, w, b, window, exact=exact)


def conv2d_backward(
    dy: Num[np.ndarray, "N F OH OW"],
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "F C KH KW"],
    *,
    stride: Stride = 1,
    padding: Stride = 0,
    need_dx: bool = True,
) -> tuple[
    Float[np.ndarray, "N C H W"] | None, Float[np.ndarray, "F C KH KW"], Float[np.ndarray, " F"]
]:
    """Return the gradients of `conv2d_forward`.

    Parameters
    ----------
    dy : (N, F, OH, OW)
        Gradient of the loss with respect to y.
    x, w, stride, padding
        What the forward pass was given.
    need_dx : bool
        False leaves dx out, a third of the work: the first layer of a network has no use for it.

    Returns
    -------
    dx : (N, C, H, W) or None
    dw : (F, C, KH, KW)
    db : (F,)

    Raises
    ------
    ValueError, TypeError
        As `conv2d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    conv2d_forward : The layer itself.
    Chapter 6, "Convolution", (eq-backward-b), (eq-backward-w), (eq-backward-x);
    L3, "Layers of a CNN".

    Examples
    --------
    >>> x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    >>> dx, dw, db = conv2d_backward(np.ones((1, 1, 2, 2)), x, w)
    >>> dx[0, 0]  # how many windows each pixel is part of
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    exact = are_integers(dy, x, w)
    dy, x, w = check_floats(dy=dy, x=x, w=w)
    x, w, _, window = check_convolution(
        x, w, None, stride, padding, size="H W", kernel_size="KH KW"
    )
    OH, OW = window.output
    check_shape("dy", dy, N=x.shape[0], F=w.shape[0], OH=OH, OW=OW)
    return backward(dy, x, w, window, need_dx=need_dx, exact=exact)

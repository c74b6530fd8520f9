"""Pooling in one and two dimensions, and its gradients.

Shapes: x (N, C, H, W), y (N, C, OH, OW), where OH = (H + 2*padding - KH) // stride + 1 and OW
follows suit; in one dimension x (N, C, T) and y (N, C, OT). Each channel is pooled by itself.

``stride=None`` sets windows side by side, as in ``torch.nn.functional``. ``kernel_size=None``, a
default that torch has not, pools globally: the whole picture or sequence is the one window, and
neither stride nor padding may be given. Padding is at most half the window, so that every window
holds a pixel; it never wins in max- and min-pooling, and counts as zeros in averages. A maximum or
minimum that several pixels of a window share sends its gradient to the first of them, row by row;
NaN counts as better than any number.

The functions keep float32 and float64 as they are; integers become float64, or what dy is. They
change none of their arguments, and keep nothing between forward and backward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._pool1d import (
    avg_pool1d_backward,
    avg_pool1d_forward,
    max_pool1d_backward,
    max_pool1d_forward,
    min_pool1d_backward,
    min_pool1d_forward,
)
from lecturelib._pooling import (
    MAX,
    MIN,
    average_backward,
    average_forward,
    check_pooling,
    extreme_backward,
    extreme_forward,
)
from lecturelib._shapes import check_floats, check_shape

if TYPE_CHECKING:
    from jaxtyping import Float, Num

    Size2d = int | tuple[int, int]

__all__ = [
    "avg_pool1d_backward",
    "avg_pool1d_forward",
    "avg_pool2d_backward",
    "avg_pool2d_forward",
    "max_pool1d_backward",
    "max_pool1d_forward",
    "max_pool2d_backward",
    "max_pool2d_forward",
    "min_pool1d_backward",
    "min_pool1d_forward",
    "min_pool2d_backward",
    "min_pool2d_forward",
]


def max_pool2d_forward(
    x: Num[np.ndarray, "N C H W"],
    kernel_size: Size2d | None = None,
    *,
    stride: Size2d | None = None,
    padding: Size2d = 0,
) -> Float[np.ndarray, "N C OH OW"]:
    """Return the maximum of every window.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    kernel_size : int, (int, int) or None
        Height and width of the window; None for the whole image.
    stride : int, (int, int) or None
        Step of the window; None for `kernel_size`.
    padding : int or (int, int)
        Border, in pixels: it never wins.

    Returns
    -------
    y : (N, C, OH, OW)

    Raises
    ------
    ValueError
        If x has not four axes, the window exceeds the padded image, the stride is less than 1,
        the padding is negative or more than half the window, or either is given without
        `kernel_size`.
    TypeError
        If x is masked or holds anything but float32, float64 or integers; if `kernel_size`, stride
        or padding is not made of integers.

    See Also
    --------
    max_pool2d_backward : Its gradient.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Max-pooling".

    Examples
    --------
    >>> x = np.array([[[[1, 2, 5, 6], [3, 4, 7, 8]]]])
    >>> max_pool2d_forward(x, 2)
    array([[[[4., 8.]]]])
    """
    x, window = check_pooling(x, kernel_size, stride, padding, size="H W")
    return extreme_forward(MAX, x, window)


def max_pool2d_backward(
    dy: Num[np.ndarray, "N C OH OW"],
    x: Num[np.ndarray, "N C H W"],
    kernel_size: Size2d | None = None,
    *,
    stride: Size2d | None = None,
    padding: Size2d = 0,
) -> Float[np.ndarray, "N C H W"]:
    """Return the gradient of `max_pool2d_forward`: each dy goes to its window's maximum.

    Parameters
    ----------
    dy : (N, C, OH, OW)
        Gradient of the loss with respect to y.
    x, kernel_size, stride, padding
        What the forward pass was given.

    Returns
    -------
    dx : (N, C, H, W)

    Raises
    ------
    ValueError, TypeError
        As `max_pool2d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    max_pool2d_forward : The layer itself.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Max-pooling".

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> max_pool2d_backward(np.ones((1, 1, 1, 1)), x, 2)
    array([[[[0., 0.],
            [0., 1.]]]])
    """
    dy, x = check_floats(dy=dy, x=x)
    x, window = check_pooling(x, kernel_size, stride, padding, size="H W")
    OH, OW = window.output
    check_shape("dy", dy, N=x.shape[0], C=x.shape[1], OH=OH, OW=OW)
    return extreme_backward(MAX, dy, x, window)


def avg_pool2d_forward(
    x: Num[np.ndarray, "N C H W"],
    kernel_size: Size2d | None = None,
    *,
    stride: Size2d | None = None,
    padding: Size2d = 0,
) -> Float[np.ndarray, "N C OH OW"]:
    """Return the average of every window.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    kernel_size : int, (int, int) or None
        Height and width of the window; None for the whole image.
    stride : int, (int, int) or None
        Step of the window; None for `kernel_size`.
    padding : int or (int, int)
        Border, in pixels: zeros, which count.

    Returns
    -------
    y : (N, C, OH, OW)

    Raises
    ------
    ValueError
        If x has not four axes, the window exceeds the padded image, the stride is less than 1,
        the padding is negative or more than half the window, or either is given without
        `kernel_size`.
    TypeError
        If x is masked or holds anything but float32, float64 or integers; if `kernel_size`, stride
        or padding is not made of integers.

    See Also
    --------
    avg_pool2d_backward : Its gradient.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Downsampling by Averaging".

    Examples
    --------
    >>> x = np.array([[[[1, 2, 5, 6], [3, 4, 7, 8]]]])
    >>> avg_pool2d_forward(x, 2)
    array([[[[2.5, 6.5]]]])
    """
    x, window = check_pooling(x, kernel_size, stride, padding, size="H W")
    return average_forward(x, window)


def avg_pool2d_backward(
    dy: Num[np.ndarray, "N C OH OW"],
    x: Num[np.ndarray, "N C H W"],
    kernel_size: Size2d | None = None,
    *,
    stride: Size2d | None = None,
    padding: Size2d = 0,
) -> Float[np.ndarray, "N C H W"]:
    """Return the gradient of `avg_pool2d_forward`: each dy is shared out evenly.

    Parameters
    ----------
    dy : (N, C, OH, OW)
        Gradient of the loss with respect to y.
    x, kernel_size, stride, padding
        What the forward pass was given.

    Returns
    -------
    dx : (N, C, H, W)

    Raises
    ------
    ValueError, TypeError
        As `avg_pool2d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    avg_pool2d_forward : The layer itself.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Downsampling by Averaging".

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> avg_pool2d_backward(np.ones((1, 1, 1, 1)), x, 2)
    array([[[[0.25, 0.25],
            [0.25, 0.25]]]])
    """
    dy, x = check_floats(dy=dy, x=x)
    x, window = check_pooling(x, kernel_size, stride, padding, size="H W")
    OH, OW = window.output
    check_shape("dy", dy, N=x.shape[0], C=x.shape[1], OH=OH, OW=OW)
    return average_backward(dy, x, window)


def min_pool2d_forward(
    x: Num[np.ndarray, "N C H W"],
    kernel_size: Size2d | None = None,
    *,
    stride: Size2d | None = None,
    padding: Size2d = 0,
) -> Float[np.ndarray, "N C OH OW"]:
    """Return the minimum of every window.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    kernel_size : int, (int, int) or None
        Height and width of the window; None for the whole image.
    stride : int, (int, int) or None
        Step of the window; None for `kernel_size`.
    padding : int or (int, int)
        Border, in pixels: it never wins.

    Returns
    -------
    y : (N, C, OH, OW)

    Raises
    ------
    ValueError
        If x has not four axes, the window exceeds the padded image, the stride is less than 1,
        the padding is negative or more than half the window, or either is given without
        `kernel_size`.
    TypeError
        If x is masked or holds anything but float32, float64 or integers; if `kernel_size`, stride
        or padding is not made of integers.

    See Also
    --------
    min_pool2d_backward : Its gradient.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Max-pooling".

    Examples
    --------
    >>> x = np.array([[[[1, 2, 5, 6], [3, 4, 7, 8]]]])
    >>> min_pool2d_forward(x, 2)
    array([[[[1., 5.]]]])
    """
    x, window = check_pooling(x, kernel_size, stride, padding, size="H W")
    return extreme_forward(MIN, x, window)


def min_pool2d_backward(
    dy: Num[np.ndarray, "N C OH OW"],
    x: Num[np.ndarray, "N C H W"],
    kernel_size: Size2d | None = None,
    *,
    stride: Size2d | None = None,
    padding: Size2d = 0,
) -> Float[np.ndarray, "N C H W"]:
    """Return the gradient of `min_pool2d_forward`: each dy goes to its window's minimum.

    Parameters
    ----------
    dy : (N, C, OH, OW)
        Gradient of the loss with respect to y.
    x, kernel_size, stride, padding
        What the forward pass was given.

    Returns
    -------
    dx : (N, C, H, W)

    Raises
    ------
    ValueError, TypeError
        As `min_pool2d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    min_pool2d_forward : The layer itself.
    Chapter 7, "Pooling and the layers of a CNN"; L3, "Max-pooling".

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> min_pool2d_backward(np.ones((1, 1, 1, 1)), x, 2)
    array([[[[1., 0.],
            [0., 0.]]]])
    """
    dy, x = check_floats(dy=dy, x=x)
    x, window = check_pooling(x, kernel_size, stride, padding, size="H W")
    OH, OW = window.output
    check_shape("dy", dy, N=x.shape[0], C=x.shape[1], OH=OH, OW=OW)
    return extreme_backward(MIN, dy, x, window)

"""Pooling over sequences: that over pictures, for pictures of one row. Public in `pool`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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

    Size1d = int | tuple[int]


def max_pool1d_forward(
    x: Num[np.ndarray, "N C T"],
    kernel_size: Size1d | None = None,
    *,
    stride: Size1d | None = None,
    padding: Size1d = 0,
) -> Float[np.ndarray, "N C OT"]:
    """Return the maximum of every window of a sequence.

    Parameters
    ----------
    x : (N, C, T)
        Sequences.
    kernel_size, stride, padding
        As in `max_pool2d_forward`, for one axis.

    Returns
    -------
    y : (N, C, OT)

    Raises
    ------
    ValueError, TypeError
        As `max_pool2d_forward`.

    See Also
    --------
    max_pool1d_backward : Its gradient.
    Chapter 7, "Pooling and the layers of a CNN"; L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> max_pool1d_forward(np.array([[[2, 3, 1, 3, 2, 1]]]), 3)
    array([[[3., 3.]]])
    """
    x, window = check_pooling(x, kernel_size, stride, padding, size="T")
    return extreme_forward(MAX, x[:, :, np.newaxis], window)[:, :, 0]


def max_pool1d_backward(
    dy: Num[np.ndarray, "N C OT"],
    x: Num[np.ndarray, "N C T"],
    kernel_size: Size1d | None = None,
    *,
    stride: Size1d | None = None,
    padding: Size1d = 0,
) -> Float[np.ndarray, "N C T"]:
    """Return the gradient of `max_pool1d_forward`.

    Parameters
    ----------
    dy : (N, C, OT)
        Gradient of the loss with respect to y.
    x, kernel_size, stride, padding
        What the forward pass was given.

    Returns
    -------
    dx : (N, C, T)

    Raises
    ------
    ValueError, TypeError
        As `max_pool1d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    max_pool1d_forward : The layer itself.
    Chapter 7, "Pooling and the layers of a CNN"; L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> max_pool1d_backward(np.ones((1, 1, 1)), np.array([[[2.0, 3.0, 1.0]]]))
    array([[[0., 1., 0.]]])
    """
    dy, x = check_floats(dy=dy, x=x)
    x, window = check_pooling(x, kernel_size, stride, padding, size="T")
    check_shape("dy", dy, N=x.shape[0], C=x.shape[1], OT=window.output[1])
    dy, x = dy[:, :, np.newaxis], x[:, :, np.newaxis]
    return extreme_backward(MAX, dy, x, window)[:, :, 0]


def avg_pool1d_forward(
    x: Num[np.ndarray, "N C T"],
    kernel_size: Size1d | None = None,
    *,
    stride: Size1d | None = None,
    padding: Size1d = 0,
) -> Float[np.ndarray, "N C OT"]:
    """Return the average of every window of a sequence.

    Parameters
    ----------
    x : (N, C, T)
        Sequences.
    kernel_size, stride, padding
        As in `avg_pool2d_forward`, for one axis.

    Returns
    -------
    y : (N, C, OT)

    Raises
    ------
    ValueError, TypeError
        As `avg_pool2d_forward`.

    See Also
    --------
    avg_pool1d_backward : Its gradient.
    Chapter 7, "Pooling and the layers of a CNN"; L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> avg_pool1d_forward(np.array([[[2, 3, 1, 3, 2, 1]]]), 3)
    array([[[2., 2.]]])
    """
    x, window = check_pooling(x, kernel_size, stride, padding, size="T")
    return average_forward(x[:, :, np.newaxis], window)[:, :, 0]


def avg_pool1d_backward(
    dy: Num[np.ndarray, "N C OT"],
    x: Num[np.ndarray, "N C T"],
    kernel_size: Size1d | None = None,
    *,
    stride: Size1d | None = None,
    padding: Size1d = 0,
) -> Float[np.ndarray, "N C T"]:
    """Return the gradient of `avg_pool1d_forward`.

    Parameters
    ----------
    dy : (N, C, OT)
        Gradient of the loss with respect to y.
    x, kernel_size, stride, padding
        What the forward pass was given.

    Returns
    -------
    dx : (N, C, T)

    Raises
    ------
    ValueError, TypeError
        As `avg_pool1d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    avg_pool1d_forward : The layer itself.
    Chapter 7, "Pooling and the layers of a CNN"; L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> avg_pool1d_backward(np.ones((1, 1, 1)), np.array([[[2.0, 3.0, 1.0]]]))
    array([[[0.33333333, 0.33333333, 0.33333333]]])
    """
    dy, x = check_floats(dy=dy, x=x)
    x, window = check_pooling(x, kernel_size, stride, padding, size="T")
    check_shape("dy", dy, N=x.shape[0], C=x.shape[1], OT=window.output[1])
    dy, x = dy[:, :, np.newaxis], x[:, :, np.newaxis]
    return average_backward(dy, x, window)[:, :, 0]


def min_pool1d_forward(
    x: Num[np.ndarray, "N C T"],
    kernel_size: Size1d | None = None,
    *,
    stride: Size1d | None = None,
    padding: Size1d = 0,
) -> Float[np.ndarray, "N C OT"]:
    """Return the minimum of every window of a sequence.

    Parameters
    ----------
    x : (N, C, T)
        Sequences.
    kernel_size, stride, padding
        As in `min_pool2d_forward`, for one axis.

    Returns
    -------
    y : (N, C, OT)

    Raises
    ------
    ValueError, TypeError
        As `min_pool2d_forward`.

    See Also
    --------
    min_pool1d_backward : Its gradient.
    Chapter 7, "Pooling and the layers of a CNN"; L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> min_pool1d_forward(np.array([[[2, 3, 1, 3, 2, 1]]]), 3)
    array([[[1., 1.]]])
    """
    x, window = check_pooling(x, kernel_size, stride, padding, size="T")
    return extreme_forward(MIN, x[:, :, np.newaxis], window)[:, :, 0]


def min_pool1d_backward(
    dy: Num[np.ndarray, "N C OT"],
    x: Num[np.ndarray, "N C T"],
    kernel_size: Size1d | None = None,
    *,
    stride: Size1d | None = None,
    padding: Size1d = 0,
) -> Float[np.ndarray, "N C T"]:
    """Return the gradient of `min_pool1d_forward`.

    Parameters
    ----------
    dy : (N, C, OT)
        Gradient of the loss with respect to y.
    x, kernel_size, stride, padding
        What the forward pass was given.

    Returns
    -------
    dx : (N, C, T)

    Raises
    ------
    ValueError, TypeError
        As `min_pool1d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    min_pool1d_forward : The layer itself.
    Chapter 7, "Pooling and the layers of a CNN"; L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> min_pool1d_backward(np.ones((1, 1, 1)), np.array([[[2.0, 3.0, 1.0]]]))
    array([[[0., 0., 1.]]])
    """
    dy, x = check_floats(dy=dy, x=x)
    x, window = check_pooling(x, kernel_size, stride, padding, size="T")
    check_shape("dy", dy, N=x.shape[0], C=x.shape[1], OT=window.output[1])
    dy, x = dy[:, :, np.newaxis], x[:, :, np.newaxis]
    return extreme_backward(MIN, dy, x, window)[:, :, 0]

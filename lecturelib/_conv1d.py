"""Convolution over sequences: that over pictures, for pictures of one row. Public in `conv`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._convolve import backward, check_convolution, forward
from lecturelib._shapes import check_floats, check_shape

if TYPE_CHECKING:
    from jaxtyping import Float, Num


def conv1d_forward(
    x: Num[np.ndarray, "N C T"],
    w: Num[np.ndarray, "F C K"],
    b: Num[np.ndarray, " F"] | None,
    *,
    stride: int | tuple[int] = 1,
    padding: int | tuple[int] = 0,
) -> Float[np.ndarray, "N F OT"]:
    """Cross-correlate every sequence with every filter.

    y[n, f, t] = b[f] + sum over c, k of w[f, c, k] * x[n, c, t*stride + k], where x is bordered by
    `padding` zeros.

    Parameters
    ----------
    x : (N, C, T)
        Sequences.
    w : (F, C, K)
        Filters.
    b : (F,) or None
        One bias for each filter; None for none.
    stride, padding : int or (int,)
        Step, and zeros at either end.

    Returns
    -------
    y : (N, F, OT)

    Raises
    ------
    ValueError, TypeError
        As `conv2d_forward`.

    See Also
    --------
    conv1d_backward : Its gradients.
    Chapter 6, "Convolution", (eq-conv1d);
    L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> x, w = np.array([[[2, 3, 1, 3, 2, 1]]]), np.array([[[1, 2, 1]]])
    >>> conv1d_forward(x, w, None)
    array([[[9., 8., 9., 8.]]])
    """
    x, w, b, window = check_convolution(x, w, b, stride, padding, size="T", kernel_size="K")
    # A sequence is a picture of one row.
    return forward(x[:, :, np.newaxis], w[:, :, np.newaxis], b, window)[:, :, 0]


def conv1d_backward(
    dy: Num[np.ndarray, "N F OT"],
    x: Num[np.ndarray, "N C T"],
    w: Num[np.ndarray, "F C K"],
    *,
    stride: int | tuple[int] = 1,
    padding: int | tuple[int] = 0,
    need_dx: bool = True,
) -> tuple[Float[np.ndarray, "N C T"] | None, Float[np.ndarray, "F C K"], Float[np.ndarray, " F"]]:
    """Return the gradients of `conv1d_forward`.

    Parameters
    ----------
    dy : (N, F, OT)
        Gradient of the loss with respect to y.
    x, w, stride, padding
        What the forward pass was given.
    need_dx : bool
        False leaves dx out, as in `conv2d_backward`.

    Returns
    -------
    dx : (N, C, T) or None
    dw : (F, C, K)
    db : (F,)

    Raises
    ------
    ValueError, TypeError
        As `conv1d_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    conv1d_forward : The layer itself.
    Chapter 6, "Convolution", (eq-backward-b), (eq-backward-w), (eq-backward-x) for one row;
    L2, "Convolutional Neural Networks".

    Examples
    --------
    >>> x, w = np.array([[[2.0, 3.0, 1.0]]]), np.array([[[1.0, 2.0]]])
    >>> dx, dw, db = conv1d_backward(np.ones((1, 1, 2)), x, w)
    >>> dx, dw, db
    (array([[[1., 3., 2.]]]), array([[[5., 4.]]]), array([2.]))
    """
    dy, x, w = check_floats(dy=dy, x=x, w=w)
    x, w, _, window = check_convolution(x, w, None, stride, padding, size="T", kernel_size="K")
    check_shape("dy", dy, N=x.shape[0], F=w.shape[0], OT=window.output[1])
    dy, x, w = (each[:, :, np.newaxis] for each in (dy, x, w))
    dx, dw, db = backward(dy, x, w, window, need_dx=need_dx)
    return None if dx is None else dx[:, :, 0], dw[:, :, 0], db

"""Convolution as a fully connected layer with most links cut and the others shared.

Its matrix, sparse, and what it saves. Public in `features`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._shapes import check_floats, check_ints, check_shape, output_sizes
from lecturelib.conv import conv_parameter_count

if TYPE_CHECKING:
    from jaxtyping import Num
    from scipy.sparse import csr_array

    Size = int | tuple[int, int]


class ConnectionCounts(NamedTuple):
    """How many numbers three layers between the same units learn.

    Attributes
    ----------
    fully_connected : int
        Each output has a weight for every input.
    locally_connected : int
        Each output has weights for its own window.
    shared : int
        All outputs of a channel have the same weights: convolution.

    See Also
    --------
    connection_counts : Computes them.
    Chapter 6, "Convolution", (eq-parameters); L1, "Receptive Fields".
    """

    fully_connected: int
    locally_connected: int
    shared: int


def connection_counts(
    in_size: Size,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    *,
    stride: Size = 1,
    padding: Size = 0,
    bias: bool = True,
) -> ConnectionCounts:
    """Return how many parameters a convolution saves, in its two steps.

    A fully connected layer from the C*H*W inputs to the F*OH*OW outputs has
    F*OH*OW * (C*H*W + 1) of them. With only the links inside the windows there are
    F*OH*OW * (C*KH*KW + 1), and with the weights shared by all windows F * (C*KH*KW + 1).

    Parameters
    ----------
    in_size : int or (int, int)
        H and W; one int for a square picture.
    in_channels, out_channels : int
        C and F.
    kernel_size, stride, padding : int or (int, int)
        As in `conv2d_forward`. A window that reaches into the padding counts with all its weights.
    bias : bool
        Whether each output (each output channel, if shared) has a bias.

    Returns
    -------
    ConnectionCounts

    Raises
    ------
    ValueError
        If a number is too small or the window exceeds the padded picture.
    TypeError
        If an argument is not made of integers.

    See Also
    --------
    conv2d_matrix : The links themselves.
    Chapter 6, "Convolution", (eq-parameters); L1, "Receptive Fields".

    Examples
    --------
    >>> connection_counts(28, 1, 1, 5)
    ConnectionCounts(fully_connected=452160, locally_connected=14976, shared=26)
    """
    shared = conv_parameter_count(in_channels, out_channels, kernel_size, bias=bias)
    size = check_ints("in_size", in_size, 2, minimum=1)
    kernel = check_ints("kernel_size", kernel_size, 2, minimum=1)
    strides = check_ints("stride", stride, 2, minimum=1)
    paddings = check_ints("padding", padding, 2, minimum=0)
    places = math.prod(output_sizes("kernel_size", size, kernel, strides, paddings))
    return ConnectionCounts(
        fully_connected=out_channels * places * (in_channels * math.prod(size) + bool(bias)),
        locally_connected=places * shared,
        shared=shared,
    )


def conv2d_matrix(
    w: Num[np.ndarray, "F C KH KW"],
    in_size: Size,
    *,
    stride: Size = 1,
    padding: Size = 0,
) -> csr_array:
    """Return the sparse matrix A that does what the filters do: vec(y) = A vec(x).

    Row (f, i, j) holds the weights w[f] where the window of that output lies, and is zero
    elsewhere. Its transpose is the backward pass: vec(dx) = Aᵀ vec(dy).

    Parameters
    ----------
    w : (F, C, KH, KW)
        Filters.
    in_size : int or (int, int)
        H and W of the pictures; one int for square ones.
    stride, padding : int or (int, int)
        As in `conv2d_forward`.

    Returns
    -------
    A : sparse array (F*OH*OW, C*H*W), of w's type
        One entry for each link, even where the weight is zero.

    Raises
    ------
    ValueError
        If w has not four axes, or the kernel exceeds the padded picture.
    TypeError
        If w holds anything but float32, float64 or integers; if a size, the stride or the padding
        is not made of integers.

    See Also
    --------
    connection_counts : What sharing saves.
    Chapter 6, "Convolution", (eq-as-matrix); L1, "Receptive Fields".

    Examples
    --------
    >>> A = conv2d_matrix(np.array([[[[1.0, 2.0]]]]), (1, 4))
    >>> A.toarray()
    array([[1., 2., 0., 0.],
           [0., 1., 2., 0.],
           [0., 0., 1., 2.]])
    """
    from scipy.sparse import coo_array

    (w,) = check_floats(w=w)
    check_shape("w", w, F=None, C=None, KH=None, KW=None)
    F, C, KH, KW = w.shape
    H, W = check_ints("in_size", in_size, 2, minimum=1)
    SH, SW = check_ints("stride", stride, 2, minimum=1)
    PH, PW = check_ints("padding", padding, 2, minimum=0)
    OH, OW = output_sizes("w", (H, W), (KH, KW), (SH, SW), (PH, PW))

    # Every link has an output (f, i, j) and a place (c, k, l) in the window.
    f, i, j, c, k, l = np.ogrid[:F, :OH, :OW, :C, :KH, :KW]  # noqa: E741  # the letters of the sum
    row, column = i * SH + k - PH, j * SW + l - PW
    output, pixel = (f * OH + i) * OW + j, (c * H + row) * W + column
    inside = (row >= 0) & (row < H) & (column >= 0) & (column < W)
    *links, inside = np.broadcast_arrays(w[f, c, k, l], output, pixel, inside)
    weight, output, pixel = (each[inside] for each in links)
    return coo_array((weight, (output, pixel)), shape=(F * OH * OW, C * H * W)).tocsr()


def conv1d_matrix(
    w: Num[np.ndarray, "F C K"], in_size: int, *, stride: int = 1, padding: int = 0
) -> csr_array:
    """Return the sparse matrix of a convolution in one dimension: vec(y) = A vec(x).

    Parameters
    ----------
    w : (F, C, K)
        Filters.
    in_size : int
        T, the length of the sequences.
    stride, padding : int
        As in `conv1d_forward`.

    Returns
    -------
    A : sparse array (F*OT, C*T), of w's type

    Raises
    ------
    ValueError, TypeError
        As `conv2d_matrix`.

    See Also
    --------
    conv2d_matrix : The same for pictures.
    Chapter 6, "Convolution", (eq-as-matrix); L1, "Receptive Fields".

    Examples
    --------
    >>> conv1d_matrix(np.array([[[1.0, 2, 1]]]), 4, padding=1).toarray()
    array([[2., 1., 0., 0.],
           [1., 2., 1., 0.],
           [0., 1., 2., 1.],
           [0., 0., 1., 2.]])
    """
    (w,) = check_floats(w=w)
    check_shape("w", w, F=None, C=None, K=None)
    (T,) = check_ints("in_size", in_size, 1, minimum=1)
    (s,) = check_ints("stride", stride, 1, minimum=1)
    (p,) = check_ints("padding", padding, 1, minimum=0)
    return conv2d_matrix(w[:, :, None], (1, T), stride=(1, s), padding=(0, p))

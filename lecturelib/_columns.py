"""Patches of a picture as the columns of a matrix (im2col), and back.

A convolution takes the inner product of every patch with every filter. Written side by side as
columns, the patches make it a matrix product, which BLAS does near the processor's peak:

    y (F, places) = filters (F, KH*KW*C) @ columns (KH*KW*C, places)

All columns of a batch at once would be KH*KW times as large as the batch itself, and writing and
reading them would cost more than the product. So they are built for one block at a time, small
enough to stay in the processor's cache; and the backward pass builds them again instead of
keeping them. Row (i, j, c) of the columns is what kernel entry (i, j) sees of channel c, at all
places of all pictures of the block: with the pictures as the last axis of the tiles (see `_tiles`),
these are long runs of memory even where pictures are small.

Axes: tiles (G, P, Q, C, A, B, n), columns (G, KH*KW*C, OH*OW*n). The axis G has one entry here;
`_winograd` uses it for its smaller convolutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lecturelib._tiles import Scratch


def gather(tiles: np.ndarray, kernel_size: tuple[int, int], scratch: Scratch) -> np.ndarray:
    """Write the patches of tiles (G, P, Q, C, A, B, n) as columns (G, KH*KW*C, OH*OW*n): im2col."""
    G, P, Q, C, A, B, n = tiles.shape
    KH, KW = kernel_size
    OH, OW = A - (KH - 1) // P, B - (KW - 1) // Q
    columns = scratch.empty("columns", G, KH, KW, C, OH, OW, n)
    if P == Q == 1:
        columns[...] = _patches(tiles, columns.shape)  # in one go, in half the time
    else:
        for entries, seen in _pairs(columns, tiles):
            entries[...] = seen
    return columns.reshape(G, KH * KW * C, OH * OW * n)


def _patches(tiles: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """View tiles (G, 1, 1, C, A, B, n) as patches (G, KH, KW, C, OH, OW, n), which overlap."""
    g, _, _, c, a, b, n = tiles.strides
    return np.lib.stride_tricks.as_strided(tiles, shape, (g, a, b, c, a, b, n), writeable=False)


def scatter(
    columns: np.ndarray,
    tiles_shape: tuple[int, ...],
    kernel_size: tuple[int, int],
    scratch: Scratch,
) -> np.ndarray:
    """Add columns up into tiles of zeros (col2im): `gather` transposed.

    A pixel is part of several patches, and the gradients that come back from them add up.
    """
    G, P, Q, C, A, B, n = tiles_shape
    KH, KW = kernel_size
    columns = columns.reshape(G, KH, KW, C, A - (KH - 1) // P, B - (KW - 1) // Q, n)
    tiles = scratch.zeros("dtiles", *tiles_shape)
    for entries, seen in _pairs(columns, tiles):
        seen += entries
    return tiles


def _pairs(columns: np.ndarray, tiles: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the kernel's entries in columns (G, KH, KW, C, OH, OW, n), and what they see of tiles.

    Entry (i, j) sees tile (i % P, j % Q) from pixel (i // P, j // Q) on, at stride 1. So P x Q
    entries, one for each tile, are done at once.
    """
    KH, KW, _, OH, OW = columns.shape[1:6]
    P, Q = tiles.shape[1:3]
    for i in range(0, KH, P):
        for j in range(0, KW, Q):
            entries = columns[:, i : i + P, j : j + Q]
            height, width = entries.shape[1:3]
            a, b = i // P, j // Q
            yield entries, tiles[:, :height, :width, :, a : a + OH, b : b + OW]

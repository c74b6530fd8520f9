"""Patches of a picture as the columns of a matrix (im2col), and back.

A convolution takes the inner product of every patch with every filter. Written side by side as
columns, the patches make it a matrix product, which BLAS does near the processor's peak:

    y (F, places) = filters (F, KH*KW*C) @ columns (KH*KW*C, places)

All columns of a batch at once would be KH*KW times as large as the batch itself, and writing and
reading them would cost more than the product. So they are built for one block at a time, small
enough to stay in the processor's cache; and the backward pass builds them again instead of
keeping them. Row (i, j, c) of the columns is what kernel entry (i, j) sees of channel c: a run of
one of the tiles (see `_tiles`).

Axes: tiles (G, P, Q, C, T), columns (G, KH*KW*C, L) with L of the T places. The axis G has one
entry here; `_winograd` uses it for its smaller convolutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from lecturelib._tiles import Scratch, Shifts


def gather(tiles: np.ndarray, shifts: Shifts, scratch: Scratch) -> np.ndarray:
    """Write the patches of tiles (G, P, Q, C, T) as columns (G, KH*KW*C, L): im2col."""
    G, _, _, C, T = tiles.shape
    L = T - shifts.last
    columns = scratch.empty("columns", G, *shifts.kernel_size, C, L)
    for position, i, j in shifts.shared():
        entries = columns[:, i, j]
        P, Q = entries.shape[1:3]
        entries[...] = tiles[:, :P, :Q, :, position : position + L]
    return columns.reshape(G, -1, L)


def scatter(
    columns: np.ndarray, tiles_shape: tuple[int, ...], shifts: Shifts, scratch: Scratch
) -> np.ndarray:
    """Add columns up into tiles of zeros (col2im): `gather` transposed.

    A pixel is part of several patches, and the gradients that come back from them add up.
    """
    G, _, _, C, _ = tiles_shape
    L = columns.shape[2]
    columns = columns.reshape(G, *shifts.kernel_size, C, L)
    tiles = scratch.zeros("dtiles", *tiles_shape)
    for position, i, j in shifts.shared():
        entries = columns[:, i, j]
        P, Q = entries.shape[1:3]
        tiles[:, :P, :Q, :, position : position + L] += entries
    return tiles

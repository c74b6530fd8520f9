"""The convolution itself, block by block, forward and backward.

A block takes the way x -> tiles -> (lift) -> columns -> products -> (lower) -> y, and its
gradients take the same way back, each step transposed: dx is the forward pass read backwards.
`_tiles` and `_columns` say how tiles and columns are made, `_winograd` what lifting and lowering
are for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._columns import gather, scatter
from lecturelib._shapes import check_floats, check_ints, check_shape
from lecturelib._tiles import Block, Scratch, Window, make_blocks, make_window
from lecturelib._winograd import Direct, FourRows

if TYPE_CHECKING:
    from collections.abc import Iterator

# Columns and products of a block together. Smaller blocks spend more time in Python, larger ones
# leave the processor's cache before they are used: between 1 and 4 MB the time hardly differs.
BLOCK_BYTES = 2 * 1024 * 1024

# FourRows saves half of the multiplications and pays for it with sums over the pixels of x and y.
# Measured, that is a gain of a quarter and more from this many channels on either side.
ENOUGH_CHANNELS = 16


def check_convolution(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None,
    stride: object,
    padding: object,
    *,
    size: str,
    kernel_size: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Window]:
    """Return the arrays in one type, and the window; raise as the public functions say.

    `size` and `kernel_size` name the axes after the channels, for messages: "H W" and "KH KW".
    """
    if b is not None and not isinstance(b, np.ndarray):
        raise TypeError(f"b: expected a NumPy array, or None for no bias, got {type(b).__name__}")
    if b is None:
        x, w = check_floats(x=x, w=w)
    else:
        x, w, b = check_floats(x=x, w=w, b=b)
    check_shape("x", x, N=None, C=None, **dict.fromkeys(size.split()))
    check_shape("w", w, F=None, C=x.shape[1], **dict.fromkeys(kernel_size.split()))
    if b is not None:
        check_shape("b", b, F=w.shape[0])
    strides = check_ints("stride", stride, x.ndim - 2, minimum=1)
    paddings = check_ints("padding", padding, x.ndim - 2, minimum=0)
    return x, w, b, make_window("w", x.shape[2:], w.shape[2:], strides, paddings)


def forward(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None, window: Window, *, exact: bool = False
) -> np.ndarray:
    """Return y (N, F, OH, OW) for x (N, C, H, W), w (F, C, KH, KW) and b (F,) or None.

    `exact` asks for the plain sums, which make integers of integers.
    """
    N, F = x.shape[0], w.shape[0]
    y = np.empty((N, F, *window.output), x.dtype)
    scratch = Scratch(x.dtype)
    method = _choose_method(w, window, scratch, exact)
    filters = _rows_of_filters(method.lift_filters(w))  # (G, F, KH'*KW*C)
    for block in _blocks(method, filters, window, N):
        tiling = method.tiling(block.height)
        tiles = block.cut(x, tiling, scratch)  # (P, Q, C, n, A, B)
        lifted_tiles = method.lift_tiles(tiles)  # (G, P', Q', C, T)
        columns = gather(lifted_tiles, method.shifts(tiling), scratch)  # (G, KH'*KW*C, L)
        L = columns.shape[2]
        products = scratch.empty("products", method.products, F, tiles[0, 0, 0].size)
        np.matmul(filters, columns, out=products[:, :, :L])  # (G, F, L)
        products[:, :, L:] = 0  # behind the last column: completes the shape of the pictures
        if b is not None:
            # Lowering hands this one product to every row of y unchanged, and so the bias too.
            products[method.constant] += b[:, np.newaxis]
        rows = method.lower(products.reshape(-1, F, *tiles.shape[3:]))  # (S, F, n, A, B)
        for target, source in _output_rows(y, block, rows):
            target[...] = source
    return y


def backward(
    dy: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    window: Window,
    *,
    need_dx: bool,
    exact: bool = False,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Return dx (N, C, H, W) or None, dw (F, C, KH, KW) and db (F,); `exact` as `forward`."""
    F = w.shape[0]
    scratch = Scratch(x.dtype)
    method = _choose_method(w, window, scratch, exact)
    lifted = method.lift_filters(w)  # (G, F, C, KH', KW)
    filters = _rows_of_filters(lifted)  # (G, F, KH'*KW*C)
    dfilters = np.zeros_like(filters)
    db = np.zeros(F, x.dtype)
    dx = np.empty(x.shape, x.dtype) if need_dx else None
    for block in _blocks(method, filters, window, x.shape[0]):
        tiling = method.tiling(block.height)
        shifts = method.shifts(tiling)
        tiles = block.cut(x, tiling, scratch)  # (P, Q, C, n, A, B)
        lifted_tiles = method.lift_tiles(tiles)  # (G, P', Q', C, T)
        columns = gather(lifted_tiles, shifts, scratch)  # (G, KH'*KW*C, L)
        drows = scratch.zeros("rows", method.row_step, F, *tiles.shape[3:])  # (S, F, n, A, B)
        for source, target in _output_rows(dy, block, drows):
            target[...] = source
        dproducts = method.lower_transposed(drows).reshape(method.products, F, -1)
        dproducts = dproducts[:, :, : columns.shape[2]]  # (G, F, L)
        # The product that carried the bias to every row of y brings their gradients back, summed.
        db += dproducts[method.constant].sum(axis=1)
        # products = filters @ columns has the gradients dproducts @ columns' and
        # filters' @ dproducts.
        dfilters += dproducts @ columns.swapaxes(1, 2)
        if dx is not None:
            dcolumns = np.matmul(filters.swapaxes(1, 2), dproducts, out=columns)
            dtiles = method.lift_tiles_transposed(
                scatter(dcolumns, lifted_tiles.shape, shifts, scratch)
            )
            block.paste(dtiles.reshape(tiles.shape), dx, tiling)
    dw = method.lift_filters_transposed(_filters_of_rows(dfilters, lifted.shape))
    return dx, np.ascontiguousarray(dw), db


def _choose_method(w: np.ndarray, window: Window, scratch: Scratch, exact: bool) -> Direct:
    F, C, KH, KW = w.shape
    SH, SW = window.stride
    channels = C * min(SH, KH) * min(SW, KW)  # what one place of the window's tiles holds
    enough_rows = window.output[0] >= 3  # of the four; for fewer, the plain sum is cheaper
    if (
        math.ceil(KH / SH) == 3
        and min(channels, F) >= ENOUGH_CHANNELS
        and enough_rows
        and not exact  # FourRows divides by 24, so its sums of integers are off by rounding
    ):
        return FourRows(window, scratch)
    return Direct(window, scratch)


def _blocks(method: Direct, filters: np.ndarray, window: Window, count: int) -> Iterator[Block]:
    G, F, entries = filters.shape
    row_bytes = G * (entries + F) // method.row_step * window.output[1] * filters.itemsize
    return make_blocks(window, count, row_bytes, method.row_step, BLOCK_BYTES)


def _output_rows(
    y: np.ndarray, block: Block, rows: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the parts of y (N, F, OH, OW) and rows (S, F, n, A, B) that belong together."""
    # Lowering gives S rows of y for each row of the tiles, so y's rows s, s + S... lie in rows[s].
    # The block may end within the last S, and tiles are wider than y: hence the cut.
    S = len(rows)
    of_block = y[block.images, :, block.rows].swapaxes(0, 1)
    for s in range(S):
        part = of_block[:, :, s::S]
        yield part, rows[s][:, :, : part.shape[2], : part.shape[3]]


def _rows_of_filters(w: np.ndarray) -> np.ndarray:
    """Write filters (G, F, C, KH, KW) as (G, F, KH*KW*C), in the order of the columns."""
    return w.transpose(0, 1, 3, 4, 2).reshape(*w.shape[:2], -1)


def _filters_of_rows(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo `_rows_of_filters`."""
    G, F, C, KH, KW = shape
    return rows.reshape(G, F, KH, KW, C).transpose(0, 1, 4, 2, 3)

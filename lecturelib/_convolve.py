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
from lecturelib._products import add_products, multiply
from lecturelib._shapes import check_floats, check_ints, check_shape
from lecturelib._tiles import Block, Scratch, Window, make_blocks, make_window
from lecturelib._winograd import Direct, FourRows

if TYPE_CHECKING:
    from collections.abc import Iterator

# Numbers in the columns and products of a block. Smaller blocks spend more time in Python, larger
# ones leave the processor's cache before they are used: within a factor of two, the time hardly
# differs.
BLOCK_SIZE = 520 * 1024

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
    bias = (np.zeros(F, x.dtype) if b is None else b).reshape(F, 1, 1, 1)
    for block in _blocks(method, filters, window, N):
        tiles = block.cut(_pictures(x, block), method.tiling(block.height), scratch)
        lifted_tiles = method.lift_tiles(tiles)  # (G, P', Q', C, A, B, n)
        columns = gather(lifted_tiles, method.kernel_size, scratch)  # (G, KH'*KW*C, L)
        products = scratch.empty("products", method.products, F, columns.shape[2])
        multiply(filters, columns, out=products)  # (G, F, L)
        output = method.lower(products)  # (S, F, L)
        for part, rows in _output_rows(y, block, output):
            np.add(rows[:, : part.shape[1]], bias, out=part)
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
        tiles = block.cut(_pictures(x, block), tiling, scratch)
        lifted_tiles = method.lift_tiles(tiles)  # (G, P', Q', C, A, B, n)
        columns = gather(lifted_tiles, method.kernel_size, scratch)  # (G, KH'*KW*C, L)
        doutput = scratch.empty("rows", method.row_step, F, columns.shape[2])
        for part, rows in _output_rows(dy, block, doutput):
            rows[:, : part.shape[1]] = part
            rows[:, part.shape[1] :] = 0
        db += doutput.sum(axis=(0, 2))
        dproducts = method.lower_transposed(doutput)  # (G, F, L)
        # products = filters @ columns has the gradients dproducts @ columns' and
        # filters' @ dproducts.
        add_products(dproducts, columns, dfilters)
        if dx is not None:
            dcolumns = multiply(filters.swapaxes(1, 2), dproducts, out=columns)
            dlifted = scatter(dcolumns, lifted_tiles.shape, method.kernel_size, scratch)
            dtiles = method.lift_tiles_transposed(dlifted).reshape(tiles.shape)
            block.paste(dtiles, _pictures(dx, block), tiling)
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
    row_size = G * (entries + F) // method.row_step * window.output[1]
    block_size = max(BLOCK_SIZE, filters.size)  # every block reads all filters
    return make_blocks(window, count, row_size, method.row_step, block_size)


def _pictures(x: np.ndarray, block: Block) -> np.ndarray:
    """Return the block's pictures of x (N, C, H, W) as a view (C, H, W, n)."""
    return x[block.pictures].transpose(1, 2, 3, 0)


def _output_rows(
    y: np.ndarray, block: Block, rows: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the parts of y (N, F, OH, OW) and rows (S, F, A*OW*n) that belong together."""
    # Lowering gives S rows of y for each row of the tiles, so y's rows s, s + S... lie in rows[s].
    # The block may end within the last S, so that the part has a row less.
    of_block = _pictures(y, block)[:, block.rows]
    S, (F, height, OW, n) = len(rows), of_block.shape
    rows = rows.reshape(S, F, -(-height // S), OW, n)
    for s in range(S):
        yield of_block[:, s::S], rows[s]


def _rows_of_filters(w: np.ndarray) -> np.ndarray:
    """Write filters (G, F, C, KH, KW) as (G, F, KH*KW*C), in the order of the columns."""
    return w.transpose(0, 1, 3, 4, 2).reshape(*w.shape[:2], -1)


def _filters_of_rows(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo `_rows_of_filters`."""
    G, F, C, KH, KW = shape
    return rows.reshape(G, F, KH, KW, C).transpose(0, 1, 4, 2, 3)

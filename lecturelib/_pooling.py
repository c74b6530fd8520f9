"""Pooling itself: running results over shifted pictures.

A window of KH x KW at all its places is KH*KW *taps*: tap (i, j) is what the window's entry (i, j)
sees, at every place at once. Pooling combines the taps one after another, so that NumPy loops over
whole pictures, never over single windows; and since the maximum of a window is that of its columns'
maxima, and a sum likewise, KH + KW steps are enough.

The backward pass has to know which tap won. It finds the winners again instead of keeping them,
which is cheaper than writing and reading them. Here taps are taken from the tiles of `_tiles`,
where each is one run of memory.

Every channel is pooled by itself: the tiles have all N*C of them on the axis of the channels, and
one picture on the last. Both ways work in blocks that stay in the processor's cache.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._shapes import check_floats, check_ints, check_shape
from lecturelib._tiles import Block, Scratch, make_blocks, make_window, split, tiling_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lecturelib._tiles import Window

    Share = Callable[[int, np.ndarray], object]  # writes what one entry of the window gets to out

# Pixels of a block: few enough to stay in the processor's cache, and enough to make the time
# spent in Python small beside that in NumPy.
BLOCK_SIZE = 256 * 1024


class Extreme(NamedTuple):
    """What tells max-pooling from min-pooling."""

    combine: np.ufunc  # the better of two; NaN if either is
    worst: np.ufunc  # the worse of two; NaN if either is
    beats: np.ufunc  # whether a tap is better than the best so far
    find: Callable[..., np.ndarray]  # the index of the best along an axis
    border: float  # beats no pixel


MAX = Extreme(np.maximum, np.minimum, np.greater, np.argmax, -np.inf)
MIN = Extreme(np.minimum, np.maximum, np.less, np.argmin, np.inf)


def check_pooling(
    x: np.ndarray, kernel_size: object, stride: object, padding: object, *, size: str
) -> tuple[np.ndarray, Window]:
    """Return x in a float type, and the window; raise as the public functions say.

    `size` names the axes after the channels, for messages: "H W" or "T".
    """
    (x,) = check_floats(x=x)
    check_shape("x", x, N=None, C=None, **dict.fromkeys(size.split()))
    axes = x.ndim - 2
    paddings = check_ints("padding", padding, axes, minimum=0)
    if kernel_size is None:
        if stride is not None:
            raise ValueError(
                f"stride: expected None where kernel_size is None (global), got {stride!r}"
            )
        if any(paddings):
            raise ValueError(
                f"padding: expected 0 where kernel_size is None (global), got {padding!r}"
            )
        kernel_sizes = x.shape[2:]
    else:
        kernel_sizes = check_ints("kernel_size", kernel_size, axes, minimum=1)
    strides = kernel_sizes if stride is None else check_ints("stride", stride, axes, minimum=1)
    # A window wholly in the border would have no pixel to choose from.
    if any(2 * p > k for p, k in zip(paddings, kernel_sizes, strict=True)):
        raise ValueError(
            f"padding: expected at most half of kernel_size {kernel_sizes}, got {padding!r}"
        )
    return x, make_window("kernel_size", x.shape[2:], kernel_sizes, strides, paddings)


class Piece:
    """The tiles of one block, and the taps that can be had from them."""

    def __init__(self, block: Block, x: np.ndarray, border: float, scratch: Scratch) -> None:
        window = block.window
        self.block, self.scratch = block, scratch
        self.tiling = tiling_of(window, block.height)
        self.tiles = block.cut(x[block.pictures], self.tiling, scratch, border)
        self.places = self.tiles.shape[2:5]  # n pictures of A x B
        self.entries = math.prod(window.kernel_size)
        (KH, KW), (SH, SW) = window.kernel_size, window.stride
        self.disjoint = KH <= SH and KW <= SW  # no pixel is part of two windows
        self.length = math.prod(self.places) - self._position(KH - 1, KW - 1)

    def _position(self, i: int, j: int) -> int:
        """Return where in its tile the run begins that entry (i, j) sees."""
        SH, SW = self.block.window.stride
        return i // SH * self.tiling.cells[1] + j // SW

    def tap(self, entry: int, tiles: np.ndarray | None = None) -> np.ndarray:
        """Return the run of pixels that one entry of the window sees, a view."""
        window = self.block.window
        i, j = divmod(entry, window.kernel_size[1])
        tile = (self.tiles if tiles is None else tiles)[i % window.stride[0], j % window.stride[1]]
        position = self._position(i, j)
        run: np.ndarray = tile.reshape(-1)[position : position + self.length]
        return run

    def inside(self, entry: int) -> np.ndarray:
        """Return for the run of `tap` where it reads pixels of the picture, not its border."""
        window, (n, A, B) = self.block.window, self.places
        i, j = divmod(entry, window.kernel_size[1])
        rows = (self.block.rows.start + np.arange(A)) * window.stride[0] + i - window.padding[0]
        columns = np.arange(B) * window.stride[1] + j - window.padding[1]
        row_inside = (rows >= 0) & (rows < window.size[0])
        column_inside = (columns >= 0) & (columns < window.size[1])
        both = row_inside[:, np.newaxis] & column_inside
        return np.broadcast_to(both, (n, A, B)).reshape(-1)[: self.length]

    def outputs(self, run: np.ndarray) -> np.ndarray:
        """Return the view (n, rows, OW) of a run of `places` that holds outputs."""
        OW = self.block.window.output[1]
        return run.reshape(self.places)[:, : self.block.height, :OW]


def extreme_forward(extreme: Extreme, x: np.ndarray, window: Window) -> np.ndarray:
    """Return y (N, C, OH, OW) for x (N, C, H, W)."""
    if _is_global(window):
        best: np.ndarray = extreme.combine.reduce(x, axis=(2, 3), keepdims=True)
        return best

    return _slide(extreme.combine, x, window, extreme.border)


def extreme_backward(extreme: Extreme, dy: np.ndarray, x: np.ndarray, window: Window) -> np.ndarray:
    """Return dx (N, C, H, W): each dy goes to the winning pixel of its window."""
    if _is_global(window):
        flat = (*x.shape[:2], math.prod(window.size))
        winner = extreme.find(x.reshape(flat), axis=2)[:, :, np.newaxis]
        dx = np.zeros(flat, x.dtype)
        np.put_along_axis(dx, winner, dy[:, :, 0], axis=2)
        return dx.reshape(x.shape)

    def share(piece: Piece, dy: np.ndarray) -> Share:
        winners = _winners(extreme, piece)
        # Bits times 0 or 1, as integers: as numbers, an infinite dy would give the losers NaN.
        bits = np.dtype(f"i{dy.itemsize}")
        return lambda entry, out: np.multiply(dy.view(bits), winners == entry, out=out.view(bits))

    return _pool_backward(dy, x, window, extreme.border, share)


def average_forward(x: np.ndarray, window: Window) -> np.ndarray:
    """Return y (N, C, OH, OW) for x (N, C, H, W); padding counts as zeros."""
    if _is_global(window):
        mean: np.ndarray = x.mean(axis=(2, 3), keepdims=True)
        return mean

    y = _slide(np.add, x, window, 0)
    y /= math.prod(window.kernel_size)
    return y


def average_backward(dy: np.ndarray, x: np.ndarray, window: Window) -> np.ndarray:
    """Return dx (N, C, H, W): each dy is shared out evenly over its window."""
    if _is_global(window):
        return np.broadcast_to(dy / math.prod(window.kernel_size), x.shape).copy()

    def share(piece: Piece, dy: np.ndarray) -> Share:
        part = dy / piece.entries
        return lambda _, out: np.copyto(out, part)

    return _pool_backward(dy, x, window, 0, share)


def _winners(extreme: Extreme, piece: Piece) -> np.ndarray:
    """Return which entry of the window, row by row, holds the extreme; the first of equals."""
    small = np.min_scalar_type(piece.entries).type
    run = piece.scratch.empty("best", math.prod(piece.places))
    best, out = piece.tap(0), run[: piece.length]
    out[...] = best
    winners = np.zeros(piece.length, small)
    for entry in range(1, piece.entries):
        tap = piece.tap(entry)
        # Entries come in rising order, so the last that won is the largest. This arithmetic on
        # bytes takes a fraction of the time of ``winners[wins] = entry``.
        wins = extreme.beats(tap, best)
        np.maximum(winners, wins * small(entry), out=winners)
        best = extreme.combine(best, tap, out=out)
    # False for NaN, which no comparison finds, and where a border may have stood in for a pixel.
    if extreme.beats(extreme.worst.reduce(piece.outputs(run), axis=None), extreme.border):
        return winners
    return _winners_among_any(extreme, piece)


def _winners_among_any(extreme: Extreme, piece: Piece) -> np.ndarray:
    """Return what `_winners` does, at several times the cost, for NaN and infinite pixels too."""
    best = piece.tap(0).copy()
    winners = np.full(piece.length, -1)
    for entry in range(piece.entries):
        tap = piece.tap(entry)
        better = extreme.beats(tap, best) | (np.isnan(tap) & ~np.isnan(best))
        wins = piece.inside(entry) & (better | (winners < 0))
        best[wins] = tap[wins]
        winners[wins] = entry
    return winners


def _slide(combine: np.ufunc, x: np.ndarray, window: Window, border: float) -> np.ndarray:
    """Return what a window combines at every place: first down its columns, then along the row."""
    N, C, H, W = x.shape
    (KH, KW), (SH, SW), (PH, PW) = window.kernel_size, window.stride, window.padding
    OH, OW = window.output
    x = x.reshape(N * C, H, W)
    y = np.empty((N * C, OH, OW), x.dtype)
    scratch = Scratch(x.dtype)
    for some in split(N * C, BLOCK_SIZE // (H * W)):
        pixels = x[some]
        if PH or PW:
            pixels = scratch.empty("tiles", len(pixels), H + 2 * PH, W + 2 * PW)
            pixels.fill(border)
            pixels[:, PH : PH + H, PW : PW + W] = x[some]
        rows = scratch.empty("rows", len(pixels), OH, W + 2 * PW)
        _slide_along(combine, pixels.swapaxes(1, 2), KH, SH, rows.swapaxes(1, 2))
        _slide_along(combine, rows, KW, SW, y[some])
    return y.reshape(N, C, OH, OW)


def _slide_along(combine: np.ufunc, x: np.ndarray, size: int, stride: int, out: np.ndarray) -> None:
    """Write to out what a window combines along the last axis of x."""
    reach = (out.shape[-1] - 1) * stride + 1
    result, *others = (x[..., entry : entry + reach : stride] for entry in range(size))
    for other in others:
        result = combine(result, other, out=out)
    if not others:
        out[...] = result


def _pool_backward(
    dy: np.ndarray,
    x: np.ndarray,
    window: Window,
    border: float,
    share: Callable[[Piece, np.ndarray], Share],
) -> np.ndarray:
    dy = dy.reshape(-1, *window.output)
    dx = np.empty((x.shape[0] * x.shape[1], *window.size, 1), x.dtype)
    for piece in _pieces(x, window, border):
        part = dy[piece.block.pictures, piece.block.rows]
        if piece.disjoint:  # every place is an output
            run = part.reshape(-1)
        else:
            run = piece.scratch.zeros("run", math.prod(piece.places))
            piece.outputs(run)[...] = part
        dtiles = _gather_shares(piece, share(piece, run[: piece.length]))
        piece.block.paste(dtiles, dx[piece.block.pictures], piece.tiling)
    return dx.reshape(x.shape)


def _gather_shares(piece: Piece, write: Share) -> np.ndarray:
    """Return the gradients of the tiles: each tap's share of dy, added up."""
    if piece.disjoint:
        dtiles = piece.scratch.empty("dtiles", *piece.tiles.shape)
        for entry in range(piece.entries):
            write(entry, piece.tap(entry, dtiles))
        return dtiles
    dtiles = piece.scratch.zeros("dtiles", *piece.tiles.shape)
    part = piece.scratch.empty("part", piece.length)
    for entry in range(piece.entries):
        write(entry, part)
        tap = piece.tap(entry, dtiles)
        tap += part
    return dtiles


def _pieces(x: np.ndarray, window: Window, border: float) -> Iterator[Piece]:
    scratch = Scratch(x.dtype)
    x = x.reshape(-1, *window.size, 1)
    row_size = window.size[1] * window.stride[0]
    for block in make_blocks(window, len(x), row_size, 1, BLOCK_SIZE):
        yield Piece(block, x, border, scratch)


def _is_global(window: Window) -> bool:
    return window.kernel_size == window.size and window.padding == (0, 0)

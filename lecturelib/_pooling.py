"""Pooling itself: running results over shifted pictures.

A window of KH x KW at all its places is KH*KW *taps*: tap (i, j) is what the window's entry (i, j)
sees, at every place at once. Pooling combines the taps one after another, so that NumPy loops over
whole pictures, never over single windows. Taps are taken from the tiles of `_tiles`, where each
is one run of memory, and worked on in blocks that stay in the processor's cache. The backward pass
finds the winners again instead of keeping them: that is cheaper than writing and reading them.

Every channel is pooled by itself, so here all N*C channels count as pictures of one channel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._shapes import check_floats, check_ints, check_shape
from lecturelib._tiles import Block, Scratch, Shifts, make_blocks, make_window, tiling_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lecturelib._tiles import Window

# The pixels of a block: few enough to stay in the processor's cache, and enough to make the time
# spent in Python small beside that in NumPy.
BLOCK_BYTES = 1024 * 1024


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
        self._shifts = Shifts(window.kernel_size, window.stride, self.tiling.cells[1])
        self.tiles = block.cut(x, self.tiling, scratch, border)
        self._begin = list(self._shifts)
        self.entries = len(self._begin)
        self.places = (self.tiles.shape[3], *self.tiling.cells)
        self.length = math.prod(self.places) - self._shifts.last

    def tap(self, entry: int, tiles: np.ndarray | None = None) -> np.ndarray:
        """Return the run of pixels that one entry of the window sees, a view."""
        p, q, position = self._begin[entry]
        tiles = self.tiles if tiles is None else tiles
        run: np.ndarray = tiles[p, q].reshape(-1)[position : position + self.length]
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

    def combine(piece: Piece) -> np.ndarray:
        best = piece.scratch.empty("best", piece.length)
        best[...] = piece.tap(0)
        for entry in range(1, piece.entries):
            extreme.combine(best, piece.tap(entry), out=best)
        return best

    return _pool(x, window, extreme.border, combine)


def extreme_backward(extreme: Extreme, dy: np.ndarray, x: np.ndarray, window: Window) -> np.ndarray:
    """Return dx (N, C, H, W): each dy goes to the winning pixel of its window."""
    if _is_global(window):
        flat = (*x.shape[:2], math.prod(window.size))
        winner = extreme.find(x.reshape(flat), axis=2)[:, :, np.newaxis]
        dx = np.zeros(flat, x.dtype)
        np.put_along_axis(dx, winner, dy[:, :, 0], axis=2)
        return dx.reshape(x.shape)

    def share(piece: Piece, dy: np.ndarray) -> Iterator[np.ndarray]:
        winners = _winners(extreme, piece)
        part = piece.scratch.empty("part", piece.length)
        # Bits times 0 or 1, as integers: as numbers, an infinite dy would give the losers NaN.
        bits = np.dtype(f"i{dy.itemsize}")
        for entry in range(piece.entries):
            np.multiply(dy.view(bits), winners == entry, out=part.view(bits))
            yield part

    return _pool_backward(dy, x, window, extreme.border, share)


def average_forward(x: np.ndarray, window: Window) -> np.ndarray:
    """Return y (N, C, OH, OW) for x (N, C, H, W); padding counts as zeros."""
    if _is_global(window):
        mean: np.ndarray = x.mean(axis=(2, 3), keepdims=True)
        return mean

    def combine(piece: Piece) -> np.ndarray:
        total = piece.scratch.empty("total", piece.length)
        total[...] = piece.tap(0)
        for entry in range(1, piece.entries):
            total += piece.tap(entry)
        total /= piece.entries
        return total

    return _pool(x, window, 0, combine)


def average_backward(dy: np.ndarray, x: np.ndarray, window: Window) -> np.ndarray:
    """Return dx (N, C, H, W): each dy is shared out evenly over its window."""
    if _is_global(window):
        return np.broadcast_to(dy / math.prod(window.kernel_size), x.shape).copy()

    def share(piece: Piece, dy: np.ndarray) -> Iterator[np.ndarray]:
        part = dy / piece.entries
        for _ in range(piece.entries):
            yield part

    return _pool_backward(dy, x, window, 0, share)


def _winners(extreme: Extreme, piece: Piece) -> np.ndarray:
    """Return which entry of the window, row by row, holds the extreme; the first of equals."""
    small = np.min_scalar_type(piece.entries).type
    run = piece.scratch.empty("best", math.prod(piece.places))
    best = run[: piece.length]
    best[...] = piece.tap(0)
    winners = np.zeros(piece.length, small)
    for entry in range(1, piece.entries):
        tap = piece.tap(entry)
        # Entries come in rising order, so the last that won is the largest. This arithmetic on
        # bytes takes a fraction of the time of ``winners[wins] = entry``.
        wins = extreme.beats(tap, best)
        np.maximum(winners, wins * small(entry), out=winners)
        extreme.combine(best, tap, out=best)
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


def _pool(
    x: np.ndarray, window: Window, border: float, combine: Callable[[Piece], np.ndarray]
) -> np.ndarray:
    N, C = x.shape[:2]
    y = np.empty((N * C, *window.output), x.dtype)
    for piece in _pieces(x, window, border):
        run = piece.scratch.empty("run", math.prod(piece.places))
        run[: piece.length] = combine(piece)
        y[piece.block.images, piece.block.rows] = piece.outputs(run)
    return y.reshape(N, C, *window.output)


def _pool_backward(
    dy: np.ndarray,
    x: np.ndarray,
    window: Window,
    border: float,
    share: Callable[[Piece, np.ndarray], Iterator[np.ndarray]],
) -> np.ndarray:
    dy = dy.reshape(-1, *window.output)
    dx = np.empty((x.shape[0] * x.shape[1], 1, *window.size), x.dtype)
    for piece in _pieces(x, window, border):
        # Places that are no output keep a gradient of zero.
        run = piece.scratch.zeros("run", math.prod(piece.places))
        piece.outputs(run)[...] = dy[piece.block.images, piece.block.rows]
        dtiles = piece.scratch.zeros("dtiles", *piece.tiles.shape)
        for entry, part in enumerate(share(piece, run[: piece.length])):
            tap = piece.tap(entry, dtiles)
            tap += part
        piece.block.paste(dtiles, dx, piece.tiling)
    return dx.reshape(x.shape)


def _pieces(x: np.ndarray, window: Window, border: float) -> Iterator[Piece]:
    scratch = Scratch(x.dtype)
    x = x.reshape(-1, 1, *window.size)
    row_bytes = x.itemsize * window.size[1] * window.stride[0]
    for block in make_blocks(window, len(x), row_bytes, 1, BLOCK_BYTES):
        yield Piece(block, x, border, scratch)


def _is_global(window: Window) -> bool:
    return window.kernel_size == window.size and window.padding == (0, 0)

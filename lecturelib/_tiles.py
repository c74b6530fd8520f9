"""Pictures cut into tiles, in which a sliding window reads long runs of memory.

A window's entry (i, j) sees one pixel at every place the window takes: the picture shifted by
(i, j) and thinned by the stride. Copying or adding such views is what convolution and pooling
spend their time on, and it is fast where it moves long runs of neighbouring numbers. Two steps
see to that.

First, the pixels of a *block*, some pictures or some rows of them, are copied into tiles together
with their padding. With stride (SH, SW), tile (p, q) holds the pixels (a*SH + p, b*SW + q), for
all a and b: as many small pictures as there are different places within a stride. Entry (i, j)
only ever meets tile (i % SH, j % SW), which it visits at stride 1, shifted by (i // SH, j // SW).

Then, since the A x B pixels of a tile lie in memory as one run, and those of the next picture
right behind them, what the entry sees is that whole run, from *position* (i // SH)*B + j // SW
on. Beyond the last output of a row this pairs the end of one pixel row with the start of the next:
places that stand for no output. They are a few per cent of the work, and are skipped when outputs
are written and zero among the outputs' gradients.

Axes: tiles (P, Q, C, n, A, B) for n pictures, or (P, Q, C, T) with T = n*A*B.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._shapes import output_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator


MOST_PIXELS = 2**40  # of one padded picture: terabytes, which end in no clear error otherwise


class Window(NamedTuple):
    """A window that slides over pictures of one size: all the numbers of a layer's geometry."""

    size: tuple[int, int]
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    output: tuple[int, int]


def make_window(
    name: str,
    size: tuple[int, ...],
    kernel_size: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
) -> Window:
    """Return the window with its output size; ValueError, blaming `name`, if it does not fit.

    ValueError also if the padding is beyond all measure.

    Sizes of one axis are those of a sequence, which counts as a picture of one row.
    """
    padded = [length + 2 * border for length, border in zip(size, padding, strict=True)]
    if math.prod(padded) > MOST_PIXELS:
        raise ValueError(
            f"padding: expected at most {MOST_PIXELS} pixels in a padded picture, "
            f"got {' x '.join(map(str, padded))}"
        )
    output = output_sizes(name, size, kernel_size, stride, padding)
    if len(size) == 1:
        (T,), (K,), (S,), (P,), (OT,) = size, kernel_size, stride, padding, output
        return Window((1, T), (1, K), (1, S), (0, P), (1, OT))
    (H, W), (KH, KW), (SH, SW), (PH, PW), (OH, OW) = size, kernel_size, stride, padding, output
    return Window((H, W), (KH, KW), (SH, SW), (PH, PW), (OH, OW))


class Tiling(NamedTuple):
    """How a block's pixels are dealt out to tiles."""

    number: tuple[int, int]  # P x Q tiles: (p, q) begins at row p, column q
    step: tuple[int, int]  # and takes every so many rows and columns
    cells: tuple[int, int]  # A x B times


_thread = threading.local()  # each thread has its own memory for Scratch
KEPT_BYTES = 8 * 1024 * 1024


class Scratch:
    """Working memory of one type, by role, that blocks and calls use again and again.

    Fresh memory comes from the operating system page by page, which costs more than filling it.
    Each thread keeps the largest array that each role has had, for as long as it lives, but none
    beyond KEPT_BYTES, which only very wide pictures or many channels need: with the layers of the
    benchmarks, some 20 MB together. Nothing that is returned to a user may lie here.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._kept: dict[str, np.ndarray] = vars(_thread)

    def empty(self, role: str, *shape: int) -> np.ndarray:
        """Return an array to overwrite; it is good until the role's next one."""
        size = math.prod(shape) * self._dtype.itemsize
        if size > KEPT_BYTES:
            return np.empty(shape, self._dtype)
        memory = self._kept.get(role)
        if memory is None or memory.size < size:
            memory = self._kept[role] = np.empty(size, np.uint8)
        return memory[:size].view(self._dtype).reshape(shape)

    def zeros(self, role: str, *shape: int) -> np.ndarray:
        """Return an array of zeros, otherwise as `empty`."""
        array = self.empty(role, *shape)
        array.fill(0)
        return array


@dataclass(frozen=True)
class Block:
    """Some output rows of some pictures."""

    window: Window
    images: slice
    rows: slice

    @property
    def height(self) -> int:
        """The number of output rows."""
        return int(self.rows.stop - self.rows.start)

    def cut(self, x: np.ndarray, tiling: Tiling, scratch: Scratch, border: float = 0) -> np.ndarray:
        """Copy the block's pixels of x (N, C, H, W) into new tiles (P, Q, C, n, A, B)."""
        x = x[self.images].swapaxes(0, 1)
        tiles = scratch.empty("tiles", *tiling.number, *x.shape[:2], *tiling.cells)
        for tile, here, there in _shared(self.window, self.rows.start, tiling):
            inside = tiles[tile][here]
            if inside.size < tiles[tile].size:
                tiles[tile].fill(border)
            inside[...] = x[there]
        return tiles

    def paste(self, dtiles: np.ndarray, dx: np.ndarray, tiling: Tiling) -> None:
        """Add the gradients of tiles to dx (N, C, H, W): `cut` transposed.

        The first block of a picture sets it to zero before, since it is going to be in the cache
        anyway; dx need not be initialised.
        """
        dx = dx[self.images].swapaxes(0, 1)
        if self.rows.start == 0:
            dx[...] = 0
        # Blocks of whole pictures, each pixel in one tile, find zeros: no need to read them.
        alone = self.height == self.window.output[0] and tiling.step == self.window.stride
        for tile, here, there in _shared(self.window, self.rows.start, tiling):
            if alone:
                dx[there] = dtiles[tile][here]
            else:
                dx[there] += dtiles[tile][here]


@lru_cache(maxsize=256)  # the same for every block of a batch that has these rows
def _shared(
    window: Window, top: int, tiling: Tiling
) -> list[tuple[tuple[int, int], tuple[Any, ...], tuple[Any, ...]]]:
    """Return each tile with the pixels that it shares with x: in the tile, and in x.

    `top` is the block's first output row. The tile's other pixels are padding, or lie where no
    window reaches.
    """
    corner = (top * window.stride[0] - window.padding[0], -window.padding[1])
    shared = []
    for tile in np.ndindex(tiling.number):
        here: list[Any] = [...]
        there: list[Any] = [...]
        for axis in range(2):
            size, step, start = window.size[axis], tiling.step[axis], corner[axis] + tile[axis]
            # Cells first..stop-1 have their pixel start + cell*step within 0..size-1.
            first = max(0, math.ceil(-start / step))
            stop = max(first, min(tiling.cells[axis], math.ceil((size - start) / step)))
            here.append(slice(first, stop))
            there.append(slice(start + first * step, start + stop * step, step))
        shared.append(((tile[0], tile[1]), tuple(here), tuple(there)))
    return shared


def make_blocks(
    window: Window, count: int, row_bytes: int, row_step: int, block_bytes: int
) -> Iterator[Block]:
    """Cut `count` pictures into blocks of about `block_bytes`.

    One output row of one picture takes `row_bytes`; blocks begin at multiples of `row_step` rows.
    Small pictures share a block, large ones are cut into bands of rows.
    """
    OH = window.output[0]
    bands = math.ceil(OH / row_step)
    for images in _split(count, block_bytes // (row_bytes * OH)):
        for band in _split(bands, block_bytes // (row_bytes * row_step)):
            rows = slice(band.start * row_step, min(band.stop * row_step, OH))
            yield Block(window, images, rows)


def _split(length: int, most: int) -> Iterator[slice]:
    """Yield slices of range(length) of about the same size, at least 1 and at most `most`.

    The first is as long as any, so that working memory does not have to grow later.
    """
    parts = math.ceil(length / max(1, most))
    for part in range(parts):
        yield slice(-(-length * part // parts), -(-length * (part + 1) // parts))


def tiling_of(window: Window, rows: int) -> Tiling:
    """Return the tiles that a window needs for so many output rows, each pixel in one of them."""
    (KH, KW), (SH, SW) = window.kernel_size, window.stride
    cells = (rows - 1 + math.ceil(KH / SH), window.output[1] - 1 + math.ceil(KW / SW))
    return Tiling((min(KH, SH), min(KW, SW)), window.stride, cells)


@dataclass(frozen=True)
class Shifts:
    """Where each kernel entry begins to read: which tile (p, q), and at which position."""

    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    width: int  # B of the tiles

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Yield (p, q, position) for the kernel's entries, row by row."""
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        for i in range(KH):
            for j in range(KW):
                yield i % SH, j % SW, i // SH * self.width + j // SW

    def shared(self) -> Iterator[tuple[int, slice, slice]]:
        """Yield (position, rows, columns) for each block of entries that begin there together.

        They are at most a stride high and wide, and entry (p, q) of the block reads tile (p, q).
        """
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        for i in range(0, KH, SH):
            for j in range(0, KW, SW):
                position = i // SH * self.width + j // SW
                yield position, slice(i, min(i + SH, KH)), slice(j, min(j + SW, KW))

    @property
    def last(self) -> int:
        """The furthest position at which an entry begins."""
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        return (KH - 1) // SH * self.width + (KW - 1) // SW

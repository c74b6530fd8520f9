"""Pictures cut into tiles, in which a sliding window reads long runs of memory.

A window's entry (i, j) sees one pixel at every place the window takes: the picture shifted by
(i, j) and thinned by the stride. Copying or adding such views is what convolution and pooling
spend their time on, and it is fast where it moves long runs of neighbouring numbers. Two steps
see to that.

First, the pixels of a *block*, some pictures or some rows of them, are copied into tiles together
with their padding. With stride (SH, SW), tile (p, q) holds the pixels (a*SH + p, b*SW + q), for
all a and b: as many small pictures as there are different places within a stride. Entry (i, j)
only ever meets tile (i % SH, j % SW), which it visits at stride 1, shifted by (i // SH, j // SW).

Then, the pictures of a block lie on the last axis, so that pixel (a, b) of all of them is one run
of memory, and a row of pixels a longer one. Shifting by (i, j) keeps such runs together, however
small the pictures are.

Axes: pictures (C, H, W, n), tiles (P, Q, C, A, B, n).
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


@lru_cache(maxsize=256)  # a network asks for the same few, in every step
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

    def covers(self, window: Window) -> bool:
        """Tell whether every pixel of whole pictures lies in a tile."""
        axes = zip(self.number, self.step, self.cells, window.padding, window.size, strict=True)
        return all(n == step and step * cells - pad >= size for n, step, cells, pad, size in axes)


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
    pictures: slice
    rows: slice

    @property
    def height(self) -> int:
        """The number of output rows."""
        return int(self.rows.stop - self.rows.start)

    def cut(
        self, pictures: np.ndarray, tiling: Tiling, scratch: Scratch, border: float = 0
    ) -> np.ndarray:
        """Copy the block's rows of its pictures (C, H, W, n) into new tiles (P, Q, C, A, B, n)."""
        C, _, _, n = pictures.shape
        tiles = scratch.empty("tiles", *tiling.number, C, *tiling.cells, n)
        for tile, here, there in _shared(self.window, self.rows.start, tiling):
            inside = tiles[tile][here]
            if inside.size < tiles[tile].size:
                tiles[tile].fill(border)
            inside[...] = pictures[there]
        return tiles

    def paste(self, dtiles: np.ndarray, dpictures: np.ndarray, tiling: Tiling) -> None:
        """Add the gradients of tiles to those of the pictures (C, H, W, n): `cut` transposed.

        The first block of a picture clears it before, since it is going to be in the cache anyway;
        it need not be initialised.
        """
        # In blocks of whole pictures with each pixel in one tile, there is nothing to add to.
        alone = self.height == self.window.output[0] and tiling.step == self.window.stride
        if self.rows.start == 0 and not (alone and tiling.covers(self.window)):
            dpictures[...] = 0
        for tile, here, there in _shared(self.window, self.rows.start, tiling):
            if alone:
                dpictures[there] = dtiles[tile][here]
            else:
                dpictures[there] += dtiles[tile][here]


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
        here: list[Any] = [slice(None)]
        there: list[Any] = [slice(None)]
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
    window: Window, count: int, row_size: int, row_step: int, block_size: int
) -> Iterator[Block]:
    """Cut `count` pictures into blocks of about `block_size` numbers.

    One output row of one picture takes `row_size` of them. Blocks begin at multiples of `row_step`
    rows. Small pictures share a block, large ones are cut into bands of rows.
    """
    OH = window.output[0]
    bands = math.ceil(OH / row_step)
    for images in split(count, block_size // (row_size * OH)):
        for band in split(bands, block_size // (row_size * row_step)):
            rows = slice(band.start * row_step, min(band.stop * row_step, OH))
            yield Block(window, images, rows)


def split(length: int, most: int) -> Iterator[slice]:
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

"""Four output rows for the price of six products instead of twelve.

`Direct` turns a block of a convolution into one matrix product, `FourRows` into six of half the
size together. It does so for kernels three strides high, after S. Winograd; see A. Lavin and
S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, whose F(4, 3) is applied
here to rows as a whole.

Let d0..d5 be six rows of the picture and g0, g1, g2 the rows of the kernel. The four output rows
yi = di*g0 + d(i+1)*g1 + d(i+2)*g2, where * correlates two rows, take twelve such products. To see
that six are enough, think of numbers in place of rows and of the transposed question: from four
numbers and three, find the coefficients of the product of two polynomials, of degree 3 and 2. The
product has degree 5, so six of its values tell it: evaluate both factors at six points (here 0, 1,
-1, 2, -2 and infinity), multiply the values, and interpolate. Each step is a matrix, and transposed
they answer the question that was asked:

    y = LOWER @ ((FILTER @ g) * (PICTURE @ d))

Six products, each a convolution by a kernel of one row; the matrices cost little beside them. The
price is rounding: the six rows meet in differences, so that errors are relative to the largest of
them, and on normal data are two to four times those of the plain sum (root mean square, measured in
float32). The notes of `conv2d_forward` say what a user will notice.

The backward pass is the transpose, step by step: each method has its transpose beside it.
"""

from __future__ import annotations

import math

import numpy as np

from lecturelib._tiles import Scratch, Tiling, Window, tiling_of


class Direct:
    """The convolution as it is: nothing changes but for an axis G of length 1."""

    products = 1  # G
    row_step = 1  # blocks begin at multiples of this many output rows

    def __init__(self, window: Window, scratch: Scratch) -> None:
        self.window = window
        self.scratch = scratch

    def tiling(self, rows: int) -> Tiling:
        """Return the tiles needed for so many output rows."""
        return tiling_of(self.window, rows)

    @property
    def kernel_size(self) -> tuple[int, int]:
        """The products' KH' and KW."""
        return self.window.kernel_size

    def lift_filters(self, w: np.ndarray) -> np.ndarray:
        """Return w (F, C, KH, KW) as the filters (G, F, C, KH', KW) of the products."""
        return w[np.newaxis]

    def lift_filters_transposed(self, dlifted: np.ndarray) -> np.ndarray:
        """Return dw from the gradients of the products' filters."""
        dw: np.ndarray = dlifted[0]
        return dw

    def lift_tiles(self, tiles: np.ndarray) -> np.ndarray:
        """Return tiles (P, Q, C, A, B, n) as those of the products, (G, P', Q', C, A, B, n)."""
        return tiles[np.newaxis]

    def lift_tiles_transposed(self, dlifted: np.ndarray) -> np.ndarray:
        """Return the gradient of the tiles, in the order of the tiles if not in their shape."""
        return dlifted

    def lower(self, products: np.ndarray) -> np.ndarray:
        """Return rows (S, F, L) of y from the products (G, F, L).

        Entry s holds the block's rows s, s + S, s + 2*S... of all pictures, with S = `row_step`.
        """
        return products

    def lower_transposed(self, drows: np.ndarray) -> np.ndarray:
        """Return the products' gradients from those of the rows."""
        return drows


class FourRows(Direct):
    """Winograd's F(4, 3) over rows, for kernels that are up to three strides high.

    With a stride of SH rows, each "row" of the formulas is SH rows: those of the picture from one
    place of the window to the next, and as many of the kernel, which zeros fill up to 3*SH rows.
    """

    products = 6
    row_step = 4

    PICTURE = np.array(
        [
            [4, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ]
    )
    FILTER = np.array(
        [
            [1 / 4, 0, 0],
            [-1 / 6, -1 / 6, -1 / 6],
            [-1 / 6, 1 / 6, -1 / 6],
            [1 / 24, 1 / 12, 1 / 6],
            [1 / 24, -1 / 12, 1 / 6],
            [0, 0, 1],
        ]
    )
    LOWER = np.array(
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
    )

    def tiling(self, rows: int) -> Tiling:
        plain = tiling_of(self.window, rows)
        SH, SW = self.window.stride
        return Tiling(
            (6 * SH, plain.number[1]), (4 * SH, SW), (math.ceil(rows / 4), plain.cells[1])
        )

    @property
    def kernel_size(self) -> tuple[int, int]:
        return self.window.stride[0], self.window.kernel_size[1]

    def lift_filters(self, w: np.ndarray) -> np.ndarray:
        F, C, KH, KW = w.shape
        SH = self.window.stride[0]
        filled = np.zeros((F, C, 3 * SH, KW), w.dtype)
        filled[:, :, :KH] = w
        by_stride = filled.reshape(F, C, 3, SH, KW)
        return np.tensordot(self.FILTER.astype(w.dtype), by_stride, axes=(1, 2))

    def lift_filters_transposed(self, dlifted: np.ndarray) -> np.ndarray:
        _, F, C, SH, KW = dlifted.shape
        by_stride = np.tensordot(self.FILTER.astype(dlifted.dtype), dlifted, axes=(0, 0))
        filled = by_stride.transpose(1, 2, 0, 3, 4).reshape(F, C, 3 * SH, KW)
        return filled[:, :, : self.window.kernel_size[0]]

    def lift_tiles(self, tiles: np.ndarray) -> np.ndarray:
        six = tiles.reshape(6, self.window.stride[0], *tiles.shape[1:])
        return self._apply("lifted tiles", self.PICTURE, six)

    def lift_tiles_transposed(self, dlifted: np.ndarray) -> np.ndarray:
        return self._apply("lifted tiles", self.PICTURE.T, dlifted)

    def lower(self, products: np.ndarray) -> np.ndarray:
        return self._apply("rows", self.LOWER, products)

    def lower_transposed(self, drows: np.ndarray) -> np.ndarray:
        return self._apply("products", self.LOWER.T, drows)

    def _apply(self, role: str, matrix: np.ndarray, arrays: np.ndarray) -> np.ndarray:
        """Return the combinations of arrays[0], arrays[1]... that the matrix's rows say."""
        flat = arrays.reshape(len(arrays), -1)
        combined = self.scratch.empty(role, len(matrix), flat.shape[1])
        np.matmul(matrix.astype(flat.dtype), flat, out=combined)
        return combined.reshape(len(matrix), *arrays.shape[1:])

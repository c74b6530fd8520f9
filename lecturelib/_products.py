"""Matrix products in pieces.

BLAS first packs its matrices into an order of its own, which pays for large ones. Some libraries
have kernels that skip this for small products (OpenBLAS, on processors with AVX-512, for up to a
million multiplications), and there a stack of small products takes half the time of a large one
that is thin. The products of a convolution are thin where it has few channels, and they fall into
pieces by themselves, which NumPy works off in one call. Pieces are cut no smaller than leaves other
libraries as fast as they were.
"""

from __future__ import annotations

import math

import numpy as np

SMALL = 10**6  # multiplications
SMALL_RESULT = 1200  # numbers, where a factor is transposed
FEWEST_COLUMNS = 128  # of a piece
FEWEST_TRANSPOSED = 16


def multiply(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Write left (G, M, N) @ right (G, N, L), where L is long, to out (G, M, L)."""
    M, N = left.shape[1:]
    columns = SMALL // (M * N)
    return _multiply(left, right, out, columns if columns >= FEWEST_COLUMNS else right.shape[2])


def add_products(left: np.ndarray, right: np.ndarray, total: np.ndarray) -> None:
    """Add left (G, M, L) @ right (G, K, L) transposed, where L is long, to total (G, M, K)."""
    (_, M, L), K = left.shape, right.shape[1]
    columns = SMALL_RESULT // M // 4 * 4  # whole registers
    step = L // math.ceil(L * SMALL_RESULT / SMALL)
    if columns < FEWEST_TRANSPOSED:
        columns, step = K, L
    for start in range(0, K, columns):
        part = slice(start, start + columns)
        total[:, :, part] += _inner_products(left, right[:, part], step)


def _inner_products(left: np.ndarray, right: np.ndarray, step: int) -> np.ndarray:
    """Return left (G, M, L) @ right (G, K, L) transposed, from pieces of so many columns."""
    if step == left.shape[2]:
        whole_product: np.ndarray = left @ right.swapaxes(1, 2)
        return whole_product
    whole = left.shape[2] // step * step
    pieces = np.matmul(
        _pieces(left[:, :, :whole], step), _pieces(right[:, :, :whole], step).swapaxes(2, 3)
    )
    rest = left[:, :, whole:] @ right[:, :, whole:].swapaxes(1, 2)
    products: np.ndarray = pieces.sum(axis=1) + rest
    return products


def _multiply(left: np.ndarray, right: np.ndarray, out: np.ndarray, columns: int) -> np.ndarray:
    """Write left @ right to out, so many columns at a time."""
    whole = right.shape[2] // columns * columns
    np.matmul(
        left[:, np.newaxis],
        _pieces(right[:, :, :whole], columns),
        out=_pieces(out[:, :, :whole], columns),
    )
    np.matmul(left, right[:, :, whole:], out=out[:, :, whole:])
    return out


def _pieces(matrix: np.ndarray, columns: int) -> np.ndarray:
    """Return a view (G, pieces, N, columns) of a matrix (G, N, L)."""
    G, N, L = matrix.shape
    return matrix.reshape(G, N, L // columns, columns).swapaxes(1, 2)

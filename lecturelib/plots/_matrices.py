"""Matrices: their numbers in coloured cells, or patterns of cells alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from lecturelib import _drawing as drawing
from lecturelib import _plot_checks as checks
from lecturelib.plots._style import PAGE_WIDTH, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from lecturelib._drawing import Frame

CELL = 0.42  # inches, the side of one printed number
GAP = 1.1  # cells between two matrices, room for the sign that joins them


def show_matrices(
    matrices: Mapping[str, ArrayLike],
    *,
    operators: Sequence[str] | None = None,
    windows: Mapping[str, Frame] | None = None,
    padding: Mapping[str, int] | None = None,
) -> Figure:
    """Print matrices side by side, each number in a coloured cell.

    Parameters
    ----------
    matrices : mapping from title to (rows, columns) or (columns,)
        Drawn from left to right, in cells of one size.
    operators : sequence of str, optional
        The signs between them, one fewer than the matrices.
    windows : mapping from title to (row, column, height, width), optional
        A window to frame in the matrix of that title, rows and columns counted from 0.
    padding : mapping from title to int, optional
        Width of the border of that matrix that is padding; its cells are gray.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no matrix, one is empty or has more than two axes, the number of operators
        is wrong, a window is no four numbers or has no size, or a window or padding names no
        matrix or leaves it.
    TypeError
        If the matrices are no mapping or hold anything but real numbers, or a window or padding
        is not made of integers.

    See Also
    --------
    show_weight_matrices : Larger ones, without their numbers.
    Chapter 6, "Convolution"; L0, "Convolutional Filters".

    Examples
    --------
    >>> fig = show_matrices(
    ...     {"x": np.eye(3), "w": np.ones((2, 2)), "y": [[2, 1], [1, 2]]},
    ...     operators=["∗", "="],
    ...     windows={"x": (0, 0, 2, 2), "y": (0, 0, 1, 1)},
    ... )
    >>> len(fig.axes)
    1
    """
    grids = checks.as_matrices(matrices)
    operators = [""] * (len(grids) - 1) if operators is None else operators
    windows, padding = windows or {}, padding or {}
    checks.check_layout(grids, operators, windows, padding)

    columns = sum(grid.shape[1] for grid in grids.values()) + GAP * (len(grids) - 1)
    rows = max(grid.shape[0] for grid in grids.values())
    cell = min(CELL, PAGE_WIDTH / columns)
    with style():
        fig = plt.figure(figsize=(columns * cell, (rows + 0.9) * cell), layout="none")
        plt.close(fig)
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.85), aspect="equal")
        ax.axis("off")
        left = 0.0
        for (title, grid), operator in zip(grids.items(), [*operators, ""], strict=True):
            top = (rows - grid.shape[0]) / 2
            drawing.draw_grid(ax, grid, left, top, 29 * cell)
            drawing.draw_padding(ax, grid, left, top, padding.get(title, 0))
            if title in windows:
                drawing.draw_frame(ax, windows[title], left, top)
            middle = left + grid.shape[1] / 2
            ax.text(middle, top - 0.2, title, ha="center", va="bottom", size=26 * cell)
            left += grid.shape[1] + GAP
            ax.text(
                left - GAP / 2, rows / 2, operator, ha="center", va="center", fontsize=36 * cell
            )
    return fig


def show_weight_matrices(
    matrices: Mapping[str, ArrayLike], *, block: tuple[int, int] | None = None
) -> Figure:
    """Show matrices one below the other as patterns of coloured cells, without their numbers.

    Parameters
    ----------
    matrices : mapping from title to (rows, columns)
        Weights: exact zeros are left blank, so that the links of a layer stand out.
    block : (int, int), optional
        Draw a line after so many rows and so many columns (the widths of the output and of
        the input image, when both are flattened).

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no matrix, or one is empty or has more than two axes.
    TypeError
        If the matrices are no mapping or hold anything but real numbers.

    See Also
    --------
    show_matrices : Small ones, with their numbers.
    lecturelib.features.conv2d_matrix : Convolution as such a matrix.
    Chapter 6, "Convolution", (eq-as-matrix); L1, "Receptive Fields".

    Examples
    --------
    >>> fig = show_weight_matrices({"identity": np.eye(4)})
    >>> fig.axes[0].get_title()
    'identity'
    """
    grids = checks.as_matrices(matrices)
    heights = [grid.shape[0] / grid.shape[1] for grid in grids.values()]
    width = 0.7 * PAGE_WIDTH
    with style():
        fig, axes = plt.subplots(
            len(grids),
            1,
            squeeze=False,
            height_ratios=heights,
            figsize=(width, width * sum(heights) + 0.3 * len(grids)),
        )
        plt.close(fig)
        for ax, (title, grid) in zip(axes.flat, grids.items(), strict=True):
            ax.imshow(np.ma.masked_equal(grid, 0), cmap=drawing.SIGNED, norm=drawing.centred(grid))
            ax.set(title=title, xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
            if block is not None:
                drawing.draw_blocks(ax, grid.shape, block)
    return fig

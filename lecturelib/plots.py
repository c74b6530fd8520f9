"""The pictures of the book: matrices with their numbers, filter banks, learning curves.

Every function takes arrays, returns a `matplotlib.figure.Figure`, and leaves none open in
pyplot, so that a notebook cell whose last line is the call shows the picture exactly once. They
need the packages of the extra ``book``: ``pip install 'lecturelib[book]'``.

The colours are those of Okabe and Ito (2008), which readers with any common form of colour
blindness can tell apart. Signed numbers run from orange (negative) through white (exactly 0)
to blue (positive). Figures keep an opaque white ground, so they read in dark mode too.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import cycle
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

from lecturelib import _drawing as drawing
from lecturelib import _plot_checks as checks
from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from lecturelib._drawing import Frame
    from lecturelib._training_history import History

__all__ = [
    "COLORS",
    "SIGNED",
    "show_filter_bank",
    "show_histories",
    "show_matrices",
    "show_pictures",
    "show_weight_matrices",
    "style",
]

#: The palette by name. Lines take it in turn, from blue, vermilion and green on.
COLORS = drawing.COLORS

#: The colour map of signed numbers, white at 0.
#:
#: :meta hide-value:
SIGNED = drawing.SIGNED

PAGE_WIDTH = 7.2  # inches, about the width of the book's text column
CELL = 0.42  # inches, the side of one printed number
GAP = 1.1  # cells between two matrices, room for the sign that joins them


def style() -> AbstractContextManager[None]:
    """Give the book's look to every figure made inside ``with style():``.

    Returns
    -------
    context manager
        On leaving it, matplotlib's settings are as they were.

    See Also
    --------
    Chapter 6, "Convolution"; Okabe and Ito 2008, "Color universal design (CUD)".

    Examples
    --------
    >>> with style():
    ...     fig, ax = plt.subplots()
    >>> fig.get_facecolor()
    (1.0, 1.0, 1.0, 1.0)
    >>> plt.close(fig)
    """
    return plt.rc_context(
        {
            "axes.edgecolor": "#444444",
            "axes.facecolor": "white",
            "axes.grid": False,
            "axes.labelcolor": "black",
            "axes.prop_cycle": cycler(color=list(COLORS.values())),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": 10.5,
            "figure.dpi": 200,
            "figure.facecolor": "white",
            "figure.figsize": (PAGE_WIDTH, 3.2),
            "figure.constrained_layout.use": True,
            "font.size": 10.5,
            "image.interpolation": "nearest",
            "legend.frameon": False,
            "savefig.facecolor": "white",
            "text.color": "black",
            "xtick.color": "black",
            "ytick.color": "black",
        }
    )


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


def show_pictures(
    pictures: Mapping[str, ArrayLike],
    *,
    columns: int = 3,
    signed: Collection[str] = (),
) -> Figure:
    """Show pictures in a grid, in reading order.

    Parameters
    ----------
    pictures : mapping from title to (H, W), (1, H, W) or (3, H, W)
        Brightness, or red, green and blue; values outside [0, 1] are clipped for display.
    columns : int
        Pictures in a row.
    signed : collection of str
        Titles of pictures that have one channel and a sign: drawn orange below 0, white at 0,
        blue above, in full colour from the 99th percentile of its magnitudes on.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no picture, one is empty or has another shape, `columns` is less than 1, or
        `signed` names none.
    TypeError
        If the pictures are no mapping or hold anything but real numbers, `columns` is no integer,
        or `signed` is a str or no collection.

    See Also
    --------
    show_filter_bank : With the kernels that made them.
    Chapter 6, "Convolution"; L0, "Convolutional Filters".

    Examples
    --------
    >>> ramp = np.linspace(-1, 1, 12).reshape(3, 4)
    >>> fig = show_pictures({"ramp": ramp}, signed=["ramp"])
    >>> fig.axes[0].images[0].get_clim()
    (-1.0, 1.0)
    """
    arrays = checks.as_pictures(pictures, signed)
    columns = min(check_int("columns", columns, minimum=1), len(arrays))
    rows = -(-len(arrays) // columns)
    shapes = [array.shape[-2:] for array in arrays.values()]
    tallest = max(height / width for height, width in shapes)
    width = PAGE_WIDTH / columns
    with style():
        fig, axes = plt.subplots(
            rows, columns, squeeze=False, figsize=(PAGE_WIDTH, rows * (width * tallest + 0.25))
        )
        plt.close(fig)
        for ax in axes.flat[len(arrays) :]:
            ax.axis("off")
        for ax, (title, array) in zip(axes.flat, arrays.items(), strict=False):
            drawing.draw_picture(ax, title, array, title in signed)
    return fig


def show_filter_bank(
    responses: Mapping[str, ArrayLike],
    kernels: Mapping[str, ArrayLike],
    *,
    columns: int = 2,
    signed: Collection[str] = (),
) -> Figure:
    """Show what each kernel makes of a picture, the kernel printed in a corner.

    Parameters
    ----------
    responses : mapping from title to (H, W), (1, H, W) or (3, H, W)
        As `show_pictures`.
    kernels : mapping from title to (KH, KW)
        The kernels to print; a response without one (the picture itself) gets none.
    columns, signed
        As `show_pictures`.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        As `show_pictures`; also if the kernels are no mapping of matrices, or one names no
        response.

    See Also
    --------
    show_pictures : The pictures alone.
    Chapter 6, "Convolution"; L0, "More Filters".

    Examples
    --------
    >>> fig = show_filter_bank({"twice": np.ones((4, 6))}, {"twice": [[2.0]]}, columns=1)
    >>> [text.get_text() for text in fig.axes[0].child_axes[0].texts]
    ['2']
    """
    checks.check_mapping("responses", responses)
    if kernels:
        checks.check_mapping("kernels", kernels)
    checks.check_titles("kernels", kernels, responses, "responses")
    fig = show_pictures(responses, columns=columns, signed=signed)
    with style():
        for ax, title in zip(fig.axes, responses, strict=False):
            if title in kernels:
                kernel = checks.as_matrix(title, kernels[title])
                corner = ax.inset_axes((0.70, 0.03, 0.28, 0.42), anchor="SE")
                corner.set(xlim=(-0.1, kernel.shape[1] + 0.1), ylim=(kernel.shape[0] + 0.1, -0.1))
                corner.set(aspect="equal", xticks=[], yticks=[])
                corner.spines[:].set_visible(False)
                drawing.draw_grid(corner, kernel, 0, 0, 16 / columns)
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
            ax.imshow(np.ma.masked_equal(grid, 0), cmap=SIGNED, norm=drawing.centred(grid))
            ax.set(title=title, xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
            if block is not None:
                drawing.draw_blocks(ax, grid.shape, block)
    return fig


def show_histories(
    histories: Mapping[str, History], *, metric: str | None = None, log: bool = False
) -> Figure:
    """Draw learning curves: the losses of training runs, epoch by epoch.

    Each run has its colour. Where something was held out, its losses are drawn in full and those
    of training dashed. A dot marks the epoch whose parameters early stopping kept.

    Parameters
    ----------
    histories : mapping from name to History
        One run or more.
    metric : str, optional
        One of the runs' metrics, drawn beside the losses.
    log : bool
        Give losses a logarithmic axis.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no run, or one has no epoch or no such metric.
    TypeError
        If the runs are no mapping.

    See Also
    --------
    lecturelib.training.train, lecturelib.models.training.train : Make them.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> from lecturelib.training import History
    >>> history = History(train_loss=[2.0, 1.0, 0.5], validation_loss=[2.0, 1.5, 1.75])
    >>> show_histories({"SGD": history}).axes[0].get_xlabel()
    'epoch'
    """
    checks.check_histories(histories, metric)
    panels = 1 if metric is None else 2
    with style():
        fig, axes = plt.subplots(1, panels, squeeze=False, figsize=(3.6 * panels + 1.4, 3.2))
        plt.close(fig)
        for color, (name, history) in zip(cycle(COLORS.values()), histories.items(), strict=False):
            drawing.draw_losses(axes[0, 0], name, history, color)
            if metric is not None:
                drawing.draw_epochs(axes[0, 1], history.metrics[metric], name, color=color)
        axes[0, 0].set(xlabel="epoch", ylabel="loss", yscale="log" if log else "linear")
        if metric is not None:
            axes[0, 1].set(xlabel="epoch", ylabel=metric.replace("_", " "))
        for ax in axes.flat:
            ax.xaxis.get_major_locator().set_params(integer=True)
        axes[0, 0].legend()
    return fig

"""What a function of two numbers does, all over the plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from lecturelib import _drawing as drawing
from lecturelib import _plot_checks as checks
from lecturelib.plots._style import PAGE_WIDTH, panel_grid, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    Numbers = NDArray[np.float64]
    Score = Callable[[Numbers], ArrayLike]
    Panel = tuple[Score | None, ArrayLike, ArrayLike]

FINE = 201  # places in each direction at which a function is asked for its value


def show_regions(
    panels: Mapping[str, Panel], *, xlabel: str = "$x_1$", ylabel: str = "$x_2$"
) -> Figure:
    """Show where in the plane a classifier says yes, beside the points it should get right.

    Parameters
    ----------
    panels : mapping from title to (score, points, labels)
        `score` is a function of (N, 2) that returns (N,) or (N, 1), positive where the answer is
        yes, or None for the points alone; `points` are (N, 2) and `labels` (N,), each 0 or 1.
    xlabel, ylabel : str
        What the axes of all panels say.

    Returns
    -------
    Figure
        No is orange and drawn with circles, yes is blue with squares, and a line where the score
        is 0 lies between.

    Raises
    ------
    ValueError
        If there is no panel, one is not of three, points have another shape or are too few to
        span a plane, or labels have another shape or are neither 0 nor 1.
    TypeError
        If the panels are no mapping, or points or labels are no real numbers.

    See Also
    --------
    show_paths : How a search for such a function goes.
    Chapter 1, "Perceptrons and feature maps"; L4, "Perceptron".

    Examples
    --------
    >>> points = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> fig = show_regions({"and": (lambda x: x.sum(1) - 1.5, points, [0, 0, 0, 1])})
    >>> fig.axes[0].get_title()
    'and'
    """
    checked = checks.as_panels(panels)
    columns = min(len(checked), 3)
    side = min(3.4, PAGE_WIDTH / columns)
    with style():
        fig, axes = panel_grid(len(checked), columns, width=side, height=side)
        for ax, (title, (score, points, labels)) in zip(axes, checked.items(), strict=True):
            x, y = (_around(column) for column in points.T)
            if score is not None:
                drawing.draw_regions(ax, x, y, _heights(score, x, y))
            drawing.draw_classes(ax, points, labels)
            ax.set(title=title, xlabel=xlabel, ylabel=ylabel, xlim=x[[0, -1]], ylim=y[[0, -1]])
    return fig


def show_paths(
    loss: Callable[[Numbers, Numbers], ArrayLike],
    paths: Mapping[str, ArrayLike],
    *,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
) -> Figure:
    """Draw the contours of a loss of two parameters, and the ways down that were taken.

    Parameters
    ----------
    loss : callable
        Takes two arrays of one shape, and returns the losses in that shape.
    paths : mapping from name to (steps, 2)
        The parameters, step by step; the first are marked by a ring.
    xlim, ylim : (float, float)
        What part of the plane is shown.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no path, one has another shape, or a limit is not below the other.
    TypeError
        If the paths are no mapping or hold anything but real numbers.

    See Also
    --------
    lecturelib.optimizers : What makes such paths.
    Chapter 5, "Optimizers, dropout and early stopping"; L1, "Gradient Descent".

    Examples
    --------
    >>> fig = show_paths(
    ...     lambda x, y: x**2 + 4 * y**2,
    ...     {"gradient descent": [[2, 1], [1.6, 0.2], [1.3, 0.04]]},
    ...     xlim=(-2.5, 2.5),
    ...     ylim=(-1.5, 1.5),
    ... )
    >>> len(fig.axes)
    1
    """
    ways = checks.as_paths(paths)
    checks.check_limits("xlim", xlim)
    checks.check_limits("ylim", ylim)
    x, y = np.linspace(*xlim, FINE), np.linspace(*ylim, FINE)
    heights = np.asarray(loss(*np.meshgrid(x, y)), dtype=float)
    with style():
        fig, ax = plt.subplots(figsize=(5.8, 3.9))
        plt.close(fig)
        drawing.draw_contours(ax, x, y, heights)
        for look, (name, way) in zip(drawing.looks(), ways.items(), strict=False):
            ax.plot(*way.T, f"{look.marker}-", color=look.color, label=name, ms=3.5, lw=1.4)
            ax.plot(*way[0], "o", markeredgecolor="black", markerfacecolor="none", markersize=9)
        ax.set(xlim=xlim, ylim=ylim, xlabel="first parameter", ylabel="second parameter")
        ax.legend(frameon=True, framealpha=0.9)
    return fig


def _around(values: Numbers) -> Numbers:
    """Give places from a little below the smallest value to a little above the largest."""
    low, high = values.min(), values.max()
    margin = 0.2 * (high - low)
    return np.linspace(low - margin, high + margin, FINE)


def _heights(score: Score, x: Numbers, y: Numbers) -> Numbers:
    """Ask for the scores of all points of a grid."""
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    scores = np.asarray(score(grid.reshape(-1, 2)), dtype=float)
    return scores.reshape(grid.shape[:2])

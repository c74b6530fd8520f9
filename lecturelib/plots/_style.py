"""The look of all figures of the book."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from cycler import cycler

from lecturelib._drawing import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAGE_WIDTH = 7.2  # inches, about the width of the book's text column


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


def panel_grid(
    count: int, columns: int, *, width: float, height: float
) -> tuple[Figure, list[Axes]]:
    """Return a figure that pyplot has forgotten, and so many axes in it in reading order."""
    rows = -(-count // columns)
    size = (columns * width, rows * height)
    fig, axes = plt.subplots(rows, columns, squeeze=False, figsize=size)
    plt.close(fig)
    for ax in axes.flat[count:]:
        ax.axis("off")
    return fig, list(axes.flat[:count])

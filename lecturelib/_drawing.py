"""The strokes that `lecturelib.plots` draws with, each on axes it is given.

A number cell is one unit wide and high, and rows run downwards.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from numpy.typing import NDArray

    from lecturelib._training_history import History

    Frame = tuple[int, int, int, int]

COLORS: dict[str, str] = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "black": "#000000",
}

SIGNED: Colormap = LinearSegmentedColormap.from_list(
    "lecturelib_signed", [COLORS["vermilion"], "#ffffff", COLORS["blue"]]
)

# Beside colours, for who cannot tell those apart.
DASHES = ("-", "--", "-.", ":")
MARKERS = "os^Dv"

NO, YES = ("#f6dccb", COLORS["vermilion"], "o"), ("#cfe3f1", COLORS["blue"], "s")

GRID = "#9a9a9a"
PADDED = "#ececec"
LONG_NUMBER = 3  # characters that fit a cell at full size


class Look(NamedTuple):
    """By what a line is told from the others."""

    color: str
    dashes: str
    marker: str


def looks() -> Iterator[Look]:
    """Yield one look after the other, without end."""
    return map(Look, cycle(COLORS.values()), cycle(DASHES), cycle(MARKERS))


def centred(values: NDArray[np.floating]) -> Normalize:
    """Map values to colours so that 0 is white."""
    limit = float(np.abs(values).max()) or 1.0
    return Normalize(-limit, limit)


def draw_grid(
    ax: Axes, grid: NDArray[np.float64], left: float, top: float, fontsize: float
) -> None:
    """Draw the numbers of a matrix in coloured cells."""
    rows, columns = grid.shape
    # Half of the colour range keeps every number readable in black.
    shade = centred(2 * grid)
    ax.pcolormesh(
        left + np.arange(columns + 1),
        top + np.arange(rows + 1),
        grid,
        cmap=SIGNED,
        norm=shade,
        edgecolors=GRID,
        linewidth=0.6,
    )
    for (row, column), value in np.ndenumerate(grid):
        text = number(value)
        size = fontsize * min(1, LONG_NUMBER / len(text))
        center = (left + column + 0.5, top + row + 0.5)
        ax.text(*center, text, ha="center", va="center_baseline", size=size)


def number(value: float) -> str:
    """Print with at most two decimals and a true minus sign."""
    # Adding 0 turns a rounded -0.0 into 0.
    return f"{round(value, 2) + 0.0:g}".replace("-", "\N{MINUS SIGN}")


def draw_padding(ax: Axes, grid: NDArray[np.float64], left: float, top: float, border: int) -> None:
    """Gray the border cells, under their numbers."""
    rows, columns = grid.shape
    for row, column in np.ndindex(rows, columns):
        if not (border <= row < rows - border and border <= column < columns - border):
            corner = (left + column, top + row)
            ax.add_patch(Rectangle(corner, 1, 1, fc=PADDED, ec=GRID, lw=0.6))


def draw_frame(ax: Axes, frame: Frame, left: float, top: float) -> None:
    """Frame the cells (row, column, height, width)."""
    row, column, height, width = frame
    ax.add_patch(
        Rectangle((left + column, top + row), width, height, fc="none", ec="black", lw=2.6)
    )


def draw_picture(ax: Axes, title: str, picture: NDArray[np.floating], signed: bool) -> None:
    """Show a gray, colour or signed picture: (H, W), or channels first; signed has one channel."""
    channels_first = picture if picture.ndim == 3 else picture[np.newaxis]
    shape = channels_first.shape
    ax.set(title=title, xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=GRID, linewidth=0.6)
    if signed:
        # A few extreme pixels would leave the rest nearly white.
        size = np.abs(picture)
        limit = float(np.quantile(size, 0.99)) or float(size.max()) or 1.0
        ax.imshow(channels_first[0], cmap=SIGNED, vmin=-limit, vmax=limit)
    elif shape[0] == 1:
        ax.imshow(channels_first[0], cmap="gray", vmin=0, vmax=1)
    else:
        ax.imshow(np.clip(channels_first.transpose(1, 2, 0), 0, 1))


def draw_blocks(ax: Axes, shape: tuple[int, ...], block: tuple[int, int]) -> None:
    """Rule lines after so many rows and columns."""
    for row in range(block[0], shape[0], block[0]):
        ax.axhline(row - 0.5, color=GRID, linewidth=0.6)
    for column in range(block[1], shape[1], block[1]):
        ax.axvline(column - 0.5, color=GRID, linewidth=0.6)


def draw_losses(ax: Axes, name: str, history: History, color: str) -> None:
    """Draw the losses of a run: of training dashed, of validation in full."""
    if not history.validation_loss:
        draw_epochs(ax, history.train_loss, name, color=color)
        return
    draw_epochs(ax, history.train_loss, f"{name}, training", color=color, linestyle="--")
    draw_epochs(ax, history.validation_loss, f"{name}, held out", color=color)
    if history.best_epoch is not None:
        best = history.validation_loss[history.best_epoch]
        ax.plot([history.best_epoch + 1], [best], "o", color=color)


def draw_epochs(ax: Axes, values: Sequence[float], label: str, **line: Any) -> None:
    """Draw what was measured after each epoch, counted from 1."""
    marker = "." if len(values) == 1 else ""
    ax.plot(range(1, len(values) + 1), values, label=label, marker=marker, **line)


def draw_regions(
    ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], scores: NDArray[np.float64]
) -> None:
    """Shade where scores are negative and where they are positive, and draw the border."""
    ax.contourf(x, y, scores > 0, levels=[-0.5, 0.5, 1.5], colors=[NO[0], YES[0]])
    if scores.min() < 0 < scores.max():
        ax.contour(x, y, scores, levels=[0.0], colors="black", linewidths=1.2)


def draw_classes(ax: Axes, points: NDArray[np.float64], labels: NDArray[np.float64]) -> None:
    """Draw points of class 0 as circles and those of class 1 as squares."""
    for label, (_, color, marker) in enumerate((NO, YES)):
        chosen = points[labels == label]
        size = 46 if len(points) <= 20 else 14
        x, y = chosen.T
        ax.scatter(x, y, s=size, c=color, marker=marker, edgecolors="white", linewidths=0.5)


def draw_contours(
    ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], heights: NDArray[np.float64]
) -> None:
    """Draw lines of equal height, closer to each other where it is low."""
    low, high = heights.min(), heights.max()
    levels = low + (high - low) * np.linspace(0, 1, 16)[1:] ** 2
    ax.contourf(x, y, heights, levels=[low, *levels], cmap="Greys", alpha=0.45)
    ax.contour(x, y, heights, levels=levels, colors=GRID, linewidths=0.6)

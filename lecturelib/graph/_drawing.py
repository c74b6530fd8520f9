"""The picture that `lecturelib.graph.draw` makes of a graph: a card for every node."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cbook import is_math_text
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from lecturelib.graph._engine import Node
from lecturelib.graph._layout import Layout, arrange
from lecturelib.graph._order import topological_order
from lecturelib.plots import COLORS, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = 9.0  # points, as all lengths here
LINE, PAD, MARGIN = 1.3 * SIZE, 4.5, 8.0
ARROW = 5.0
KEY, KEY_WIDTH = 20.0, 175.0  # the room for what the colours mean
PLAIN, BOLD, MONO, SMALL = (
    FontProperties(family=f"DejaVu Sans{' Mono' * mono}", weight=weight, size=size)
    for mono, weight, size in (
        (False, "normal", SIZE),
        (False, "bold", SIZE),
        (True, "normal", SIZE),
        (False, "normal", 0.9 * SIZE),
    )
)
MOST_ROWS, MOST_COLUMNS = 4, 4  # of an array that is printed
GRADIENT = "#9c4500"  # vermilion, dark enough for small print
GROUND = {"variable": "#dcecf7", "constant": "#eeeeee", "operation": "#ffffff"}
LINES = "#555555"
EDGE = {"variable": COLORS["blue"], "constant": "#666666", "operation": "#444444"}
MINUS = "\N{MINUS SIGN}"
SYMBOLS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "negative": "−",
    "matmul": "@",
    "transpose": "T",
}


class Card(NamedTuple):
    """What is written on a node."""

    kind: str
    label: str
    operation: str
    value: list[str]
    gradient: list[str]
    width: float
    height: float


def draw_graph(node: Node) -> Figure:
    """Return the figure; see `lecturelib.graph.draw`."""
    if not isinstance(node, Node):
        raise TypeError(f"node: expected a Node, got {type(node).__name__}")
    order = topological_order(node)
    number = {each: index for index, each in enumerate(order)}
    cards = [_card(each) for each in order]
    parents = [tuple(number[parent] for parent in each.parents) for each in order]
    layout = arrange(parents, [(card.width, card.height) for card in cards])
    with style():
        fig, ax = _canvas(layout, cards)
        for index, (card, center) in enumerate(zip(cards, layout.centers, strict=True)):
            _draw_card(ax, card, center, f"node-{index}")
        _draw_lines(ax, layout, cards, parents)
        _draw_key(ax, cards)
    return fig


def _card(node: Node) -> Card:
    kind = "operation" if node.operation else "variable" if node.requires_grad else "constant"
    operation = _symbol(node)
    value, gradient = _contents(node)
    gap = SIZE if node.label and operation else 0
    title = _width(node.label, BOLD) + gap + _width(operation, PLAIN)
    numbers = max(_width(line, MONO) for line in (*value, *gradient))
    lines = bool(node.label or operation) + len(value) + len(gradient)
    return Card(
        kind,
        node.label,
        operation,
        value,
        gradient,
        width=max(title, numbers) + 2 * PAD,
        height=lines * LINE + 2 * PAD - 1,
    )


def _symbol(node: Node) -> str:
    if node.operation is None:
        return ""
    name = node.operation.name
    if name == "power":
        return f"** {node.arguments[0]:g}".replace("-", MINUS)
    if name == "index":
        index = node.arguments[0]
        parts = index if isinstance(index, tuple) else (index,)
        return f"[{', '.join(map(_subscript, parts))}]".replace("-", MINUS)
    return SYMBOLS.get(name, name)


def _subscript(part: object) -> str:
    if isinstance(part, slice):
        ends = ["" if end is None else str(end) for end in (part.start, part.stop, part.step)]
        return ":".join(ends).removesuffix(":" if part.step is None else "")
    return str(part) if part is None or isinstance(part, (int, np.integer)) else "…"


def _contents(node: Node) -> tuple[list[str], list[str]]:
    """Print value and gradient: the numbers of small arrays, and of large ones shape and norm."""
    value = node.value.reshape(-1, 1) if node.value.ndim < 2 else node.value
    height, width = value.shape[0], value.shape[-1]
    if value.ndim > 2 or not 1 <= height <= MOST_ROWS or not 1 <= width <= MOST_COLUMNS:
        norm = [] if node.grad is None else [f"∂ norm {_number(float(np.linalg.norm(node.grad)))}"]
        return [str(node.shape)], norm
    gradient = value[:0] if node.grad is None else node.grad.reshape(value.shape)
    rows = [[_number(entry) for entry in row] for row in (*value.tolist(), *gradient.tolist())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        " ".join(text.rjust(wide) for text, wide in zip(row, widths, strict=True)) for row in rows
    ]
    marks = ["∂ "] + ["  "] * height
    return lines[:height], [mark + line for mark, line in zip(marks, lines[height:], strict=False)]


def _number(value: float) -> str:
    """Print whole numbers as such, others with two decimals; very large and small ones shorter."""
    if value.is_integer() and abs(value) < 1e4:
        text = f"{value + 0:.0f}"  # adding 0 makes 0 of -0
    else:
        text = f"{value:.2f}" if 0.005 <= abs(value) < 1000 else f"{value:.0e}"
    return text.replace("-", MINUS)


def _width(text: str, font: FontProperties) -> float:
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=is_math_text(text))
    return float(width)


def _canvas(layout: Layout, cards: list[Card]) -> tuple[Figure, Axes]:
    """Return a figure on which a unit is a point."""
    tops = [y + card.height / 2 for (_, y), card in zip(layout.centers, cards, strict=True)]
    bottoms = [y - card.height / 2 for (_, y), card in zip(layout.centers, cards, strict=True)]
    lines = [y for route in layout.routes for _, y in route]
    low, high = min(bottoms + lines) - MARGIN - KEY, max(tops + lines) + MARGIN
    left, right = -MARGIN, max(layout.columns[-1][1], KEY_WIDTH) + MARGIN
    fig = plt.figure(figsize=((right - left) / 72, (high - low) / 72), layout="none")
    plt.close(fig)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(left, right), ylim=(low, high))
    ax.axis("off")
    return fig, ax


def _draw_card(ax: Axes, card: Card, center: tuple[float, float], name: str) -> None:
    left, top = center[0] - card.width / 2, center[1] + card.height / 2
    ax.add_patch(
        FancyBboxPatch(
            (left, top - card.height),
            card.width,
            card.height,
            boxstyle="round,pad=0,rounding_size=4",
            fc=GROUND[card.kind],
            ec=EDGE[card.kind],
            lw=1.0,
            zorder=2,
            gid=name,
        )
    )
    y = top - PAD - LINE / 2
    if card.label or card.operation:
        both = bool(card.label and card.operation)
        ends = (left + PAD, "left"), (left + card.width - PAD, "right"), (center[0], "center")
        label, operation = ends[:2] if both else (ends[2], ends[2])
        _write(ax, label[0], y, card.label, BOLD, ha=label[1])
        _write(ax, operation[0], y, card.operation, PLAIN, ha=operation[1])
        y -= LINE
    numbers = [(line, "black") for line in card.value]
    numbers += [(line, GRADIENT) for line in card.gradient]
    for line, color in numbers:
        _write(ax, left + card.width - PAD, y, line, MONO, ha="right", color=color)
        y -= LINE


def _write(ax: Axes, x: float, y: float, text: str, font: FontProperties, **options: Any) -> None:
    if text:
        ax.text(x, y, text, fontproperties=font, va="center_baseline", zorder=3, **options)


def _draw_lines(
    ax: Axes, layout: Layout, cards: list[Card], parents: list[tuple[int, ...]]
) -> None:
    ends = [(parent, child) for child, each in enumerate(parents) for parent in each]
    for number, ((parent, child), route) in enumerate(zip(ends, layout.routes, strict=True)):
        start = layout.centers[parent][0] + cards[parent].width / 2
        end = layout.centers[child][0] - cards[child].width / 2
        ax.add_patch(
            FancyArrowPatch(
                path=_path(layout, route, start, end),
                arrowstyle="-|>,head_length=3.2,head_width=1.7",
                color=LINES,
                lw=0.9,
                shrinkA=0,
                shrinkB=0,
                zorder=1,
                gid=f"line-{number}",
            )
        )


def _path(layout: Layout, route: list[tuple[int, float]], start: float, end: float) -> Path:
    """Go straight through the columns and bend between them."""
    points, codes = [(start, route[0][1])], [Path.MOVETO]
    for (column, y), (following, next_y) in pairwise(route):
        x, next_x = layout.columns[column][1], layout.columns[following][0] - ARROW
        middle = (x + next_x) / 2
        points += [(x, y), (middle, y), (middle, next_y), (next_x, next_y)]
        codes += [Path.LINETO, *[Path.CURVE4] * 3]
    return Path([*points, (end, route[-1][1])], [*codes, Path.LINETO])


def _draw_key(ax: Axes, cards: list[Card]) -> None:
    """Say what the colours mean, for the kinds of node that are there."""
    x, y = 0.0, ax.get_ylim()[0] + MARGIN
    for kind in ("variable", "constant"):
        if any(card.kind == kind for card in cards):
            box = FancyBboxPatch(
                (x + 1, y - 3),
                9,
                6,
                boxstyle="round,pad=0,rounding_size=2",
                fc=GROUND[kind],
                ec=EDGE[kind],
                lw=1.0,
                gid=f"key-{kind}",
            )
            ax.add_patch(box)
            _write(ax, x + 14, y, kind, SMALL, ha="left")
            x += 14 + _width(kind, SMALL) + 12
    if any(card.gradient for card in cards):
        _write(ax, x, y, "∂ gradient", SMALL, ha="left", color=GRADIENT)

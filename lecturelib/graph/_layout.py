"""Where the boxes of a drawn graph stand: in columns, parents to the left of their children.

The way of Sugiyama, Tagawa and Toda (1981), as refined in Graphviz by Gansner et al. (1993): every
box gets a column; lines that pass through a column get a place in it, as if they were boxes (a
"track"); the order in each column is that of the neighbours' mean places, which leaves few
crossings; then heights are found that bend the lines least. Lengths are in points, y grows upwards.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Size = tuple[float, float]
    # A box by its number, or in a column, by its number, the track of the lines that leave a box.
    Item = int | tuple[int, int]

GAP_X, GAP_Y = 22.0, 9.0
TRACK = 2.0  # the height of a line
SWEEPS = 24


class Line(NamedTuple):
    """From a parent to a child: the parent, its tracks on the way, and the child."""

    items: list[Item]
    columns: range
    port: float  # above the middle of the child


class Layout(NamedTuple):
    """Where everything is.

    Attributes
    ----------
    centers : list of (x, y)
        Of the boxes.
    columns : list of (left, right)
        The columns' ends.
    routes : list of list of (column, y)
        For every parent of every box, in order: how high the line is in each column, from the
        parent's to the child's.
    """

    centers: list[Size]
    columns: list[Size]
    routes: list[list[tuple[int, float]]]


def arrange(parents: Sequence[Sequence[int]], sizes: Sequence[Size]) -> Layout:
    """Place boxes of these (width, height), numbered in topological order, the goal last."""
    rank = _ranks(parents)
    lines = _lines(parents, rank)
    rows = _ordered(_rows(rank, lines), [link for line in lines for link in pairwise(line.items)])
    lines = _with_ports(lines, rows, [height for _, height in sizes])
    y = _heights(rows, lines, [height for _, height in sizes])
    columns = _columns(rank, [width for width, _ in sizes])
    centers = [(sum(columns[column]) / 2, y[box]) for box, column in enumerate(rank)]
    routes = [
        [(column, y[item]) for column, item in zip(line.columns, line.items, strict=True)]
        for line in lines
    ]
    for route, line in zip(routes, lines, strict=True):
        route[-1] = (route[-1][0], route[-1][1] + line.port)
    return Layout(centers, columns, routes)


def _ranks(parents: Sequence[Sequence[int]]) -> list[int]:
    """Return each box's column: as far to the right as its children allow, for short lines."""
    to_goal = [0] * len(parents)
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            to_goal[parent] = max(to_goal[parent], to_goal[child] + 1)
    return [max(to_goal) - distance for distance in to_goal]


def _lines(parents: Sequence[Sequence[int]], rank: Sequence[int]) -> list[Line]:
    found = []
    for child, each in enumerate(parents):
        for parent in each:
            columns = range(rank[parent], rank[child] + 1)
            tracks = [(parent, column) for column in columns[1:-1]]
            found.append(Line([parent, *tracks, child], columns, 0.0))
    return found


def _rows(rank: Sequence[int], lines: Iterable[Line]) -> list[list[Item]]:
    """Return the boxes and tracks in each column."""
    rows: list[dict[Item, None]] = [{} for _ in range(max(rank) + 1)]
    for box, column in enumerate(rank):
        rows[column][box] = None
    for line in lines:  # the lines from one box share their tracks
        for column, item in zip(line.columns, line.items, strict=True):
            rows[column][item] = None
    return [list(row) for row in rows]


def _ordered(rows: list[list[Item]], links: Sequence[tuple[Item, Item]]) -> list[list[Item]]:
    """Sort columns by the mean places of their neighbours, to and fro; keep the best order seen."""
    neighbours: dict[Item, list[Item]] = defaultdict(list)
    for left, right in links:
        neighbours[left].append(right)
        neighbours[right].append(left)
    best, fewest = rows, _crossings(rows, links)
    for sweep in range(SWEEPS):
        rows = rows[::-1]  # every other time from the right
        for column, (fixed, row) in enumerate(pairwise(rows), 1):
            rows[column] = _sorted_by_neighbours(row, fixed, neighbours)
        for column in range(len(rows)):
            beside = rows[max(column - 1, 0) : column] + rows[column + 1 : column + 2]
            rows[column] = _swapped(rows[column], beside, neighbours, ties=sweep % 4 > 1)
        upright = rows if sweep % 2 else rows[::-1]
        crossings = _crossings(upright, links)
        if crossings < fewest:
            best, fewest = list(upright), crossings
    return best


def _sorted_by_neighbours(
    row: list[Item], fixed: list[Item], neighbours: Mapping[Item, list[Item]]
) -> list[Item]:
    place = {item: number / len(fixed) for number, item in enumerate(fixed)}
    means = {}
    for number, item in enumerate(row):
        known = [place[near] for near in neighbours[item] if near in place]
        means[item] = sum(known) / len(known) if known else number / len(row)
    return sorted(row, key=means.__getitem__)


def _swapped(
    row: list[Item],
    beside: Sequence[list[Item]],
    neighbours: Mapping[Item, list[Item]],
    *,
    ties: bool,
) -> list[Item]:
    """Swap items where that saves crossings; or saves none, as a way out of dead ends."""
    row = list(row)
    places = [{item: number for number, item in enumerate(other)} for other in beside]
    ends = {item: [[of[n] for n in neighbours[item] if n in of] for of in places] for item in row}
    for upper in range(len(row) - 1):
        over, under = ends[row[upper]], ends[row[upper + 1]]
        now, then = 0, 0
        for above, below in zip(over, under, strict=True):
            now += sum(a > b for a in above for b in below)
            then += sum(a < b for a in above for b in below)
        if then < now or (ties and then == now):
            row[upper], row[upper + 1] = row[upper + 1], row[upper]
    return row


def _crossings(rows: list[list[Item]], links: Sequence[tuple[Item, Item]]) -> int:
    place = {item: number for row in rows for number, item in enumerate(row)}
    column = {item: number for number, row in enumerate(rows) for item in row}
    ends: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for left, right in links:
        ends[column[left]].append((place[left], place[right]))
    return sum(
        first < other and second > another
        for between in ends.values()
        for first, second in between
        for other, another in between
    )


def _with_ports(lines: list[Line], rows: list[list[Item]], heights: Sequence[float]) -> list[Line]:
    """Let the lines into a box arrive in the order in which they come, so that none cross there."""
    place = {item: number for row in rows for number, item in enumerate(row)}
    arriving: dict[Item, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        arriving[line.items[-1]].append(number)
    ported = list(lines)
    for child, numbers in arriving.items():
        assert isinstance(child, int)
        numbers.sort(key=lambda number: place[lines[number].items[-2]])
        for order, number in enumerate(numbers, 1):
            port = heights[child] * (0.5 - order / (len(numbers) + 1))
            ported[number] = lines[number]._replace(port=port)
    return ported


def _heights(
    rows: list[list[Item]], lines: list[Line], heights: Sequence[float]
) -> dict[Item, float]:
    """Return the y of every item: in the order given, apart, with the least sum of bends.

    A linear program. The unknowns are the ys, then for each link the size of its bend,
    |y[left] - y[right] - port|.
    """
    number = {item: index for index, item in enumerate(item for row in rows for item in row)}
    tall = {item: heights[item] if isinstance(item, int) else TRACK for item in number}
    links = list(dict.fromkeys(link for line in lines for link in _ported_links(line)))
    stacked = [pair for row in rows for pair in pairwise(row)]

    bends = np.zeros((len(links), len(number)))
    for index, (left, right, _) in enumerate(links):
        bends[index, number[left]], bends[index, number[right]] = 1, -1
    order = np.zeros((len(stacked), len(number) + len(links)))
    for index, (upper, lower) in enumerate(stacked):
        order[index, number[upper]], order[index, number[lower]] = -1, 1
    ports = [port for _, _, port in links]
    size = np.eye(len(links))
    solution = linprog(
        [0.0] * len(number) + [_cost(left, right) for left, right, _ in links],
        A_ub=np.vstack([np.hstack([bends, -size]), np.hstack([-bends, -size]), order]),
        b_ub=[
            *ports,
            *(-port for port in ports),
            *(-GAP_Y - (tall[upper] + tall[lower]) / 2 for upper, lower in stacked),
        ],
        bounds=(None, None),
    )
    return dict(zip(number, solution.x.tolist(), strict=False))


def _ported_links(line: Line) -> list[tuple[Item, Item, float]]:
    links = [(left, right, 0.0) for left, right in pairwise(line.items)]
    return [*links[:-1], (*links[-1][:2], line.port)]


def _cost(left: Item, right: Item) -> float:
    """Return what a bend costs: most between tracks, where nothing calls for one."""
    return (1.0, 2.0, 8.0)[isinstance(left, tuple) + isinstance(right, tuple)]


def _columns(rank: Sequence[int], widths: Sequence[float]) -> list[Size]:
    columns, right = [], -GAP_X
    for column in range(max(rank) + 1):
        left = right + GAP_X
        right = left + max(widths[box] for box, of_box in enumerate(rank) if of_box == column)
        columns.append((left, right))
    return columns

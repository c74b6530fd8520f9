"""Rolling the weighted die: words drawn one after the other, without listing all its faces.

A smoothed distribution is a mixture, and a mixture is drawn from in two steps: choose between the
n-gram's own counts and the broader distribution, then draw from what was chosen. The running sums
of the former are there already, so a word costs a few binary searches, however large V is.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._next_token import check_begun
from lecturelib.ngram._query import advance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lecturelib.ngram._query import Query


def roll(
    query: Query,
    rng: np.random.Generator,
    context: Sequence[int],
    max_length: int,
    stop: int | None,
) -> list[int]:
    """Draw words after a context until `stop`, which is included, or nothing can follow."""
    context = query.relevant(context)
    keys, places, bits = _views(query.table.keys), _views(query.places), query.table.bits
    draw = _die(query, rng)
    nodes, length = query.nodes(context), len(context)
    words: list[int] = []
    while len(words) < max_length and (not words or words[-1] != stop):
        word = draw(nodes, length)
        if word < 0:
            check_begun([*context, *words], len(context))
            break
        words.append(word)
        nodes = advance(nodes, word, keys, places, bits)
        length = min(length + 1, query.n - 1)
    return words


def _die(query: Query, rng: np.random.Generator) -> Callable[[Sequence[int], int], int]:
    """Return a function that draws a word after a context, given by its nodes and its length.

    It returns -1 where no word has a probability above 0.
    """
    keys, places, sums = map(_views, (query.table.keys, query.places, query.cumulative))
    weights, mask = _views(query.weight), (1 << query.table.bits) - 1
    random = rng.random
    (predicted,) = _views([np.flatnonzero(query.uniform)])

    def draw(nodes: Sequence[int], length: int) -> int:
        shortest = 0 if query.recursive else length
        for order in range(len(nodes) - 1, shortest - 1, -1):
            node, running = nodes[order], sums[order]
            begin, end = places[order][node], places[order][node + 1]
            own, handed_down = running[end] - running[begin], weights[order][node]
            share = random() * (own + handed_down)
            if own > 0 and (share < own or handed_down == 0):
                place = bisect_right(running, running[begin] + share, begin, end)
                return int(keys[order][place - 1] & mask)
        uniform = weights[shortest][nodes[shortest] if shortest < len(nodes) else -1]
        return predicted[int(random() * len(predicted))] if uniform > 0 else -1

    return draw


def _views(arrays: Sequence[np.ndarray]) -> list[Any]:
    # Single items of a memoryview are read twice as fast as those of an array.
    return [each.data for each in arrays]

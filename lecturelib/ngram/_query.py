"""Asking a model: where a context stands in the table, what follows it, what a text is worth."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib.ngram._estimate import predicted_words
from lecturelib.ngram._table import find, offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float64, Int64

    from lecturelib.ngram._counts import NgramCounts
    from lecturelib.ngram._estimate import Estimate
    from lecturelib.ngram._table import Chunk


class Query:
    """Counts and an estimate, laid out to be asked.

    A context is given by its *nodes*: the ranks of its last 0, 1, 2, ... words in the table, as
    far back as they were seen together.
    """

    def __init__(self, counts: NgramCounts, estimate: Estimate) -> None:
        self.n = counts.n
        self.table = counts._table
        self.places = [offsets(self.table, order) for order in range(1, self.n + 1)]
        self.recursive = estimate.recursive
        # Rank -1, not seen, finds what stands last.
        self.direct = [np.append(each, 0.0) for each in estimate.direct]
        self.weight = [np.append(each, estimate.unseen) for each in estimate.weight]
        predicted = predicted_words(counts)
        self.uniform: np.ndarray = predicted / predicted.sum()
        self.start = counts.vocabulary.start_id if counts.pad else None

    @cached_property
    def cumulative(self) -> list[Float64[np.ndarray, " M+1"]]:
        """Running sums of the direct parts, to draw from."""
        return [np.append(0.0, np.cumsum(each[:-1])) for each in self.direct]

    def relevant(self, context: Sequence[int]) -> Sequence[int]:
        """Return the end of a context that matters: n - 1 words, and nothing before ``<s>``."""
        context = context[max(0, len(context) - self.n + 1) :]
        for place in range(len(context) - 1, 0, -1):
            if context[place] == self.start:
                return context[place:]
        return context

    def nodes(self, context: Sequence[int]) -> list[int]:
        """Return the nodes of a context."""
        found = [0]
        for word in context:
            found = advance(found, word, self.table.keys, self.places, self.table.bits)
        return found

    def probabilities(self, context: Sequence[int]) -> Float64[np.ndarray, " V"]:
        """Return the probability of every word after a context."""
        context = self.relevant(context)
        nodes = self.nodes(context)
        if self.recursive:
            p = self.uniform
            for length, node in enumerate(nodes):
                p = self._mix(length, node, p)
            return p
        node = nodes[-1] if len(nodes) > len(context) else -1
        return self._mix(len(context), node, self.uniform)

    def following(
        self, context: Sequence[int], counts: Sequence[Int64[np.ndarray, " M"]]
    ) -> Int64[np.ndarray, " V"]:
        """Return how often every word was seen after a context."""
        context = self.relevant(context)
        seen, nodes = np.zeros(self.uniform.size, np.int64), self.nodes(context)
        if len(nodes) > len(context):
            here = slice(*self.places[len(context)][nodes[-1] : nodes[-1] + 2])
            seen[self._words(len(context), here)] = counts[len(context)][here]
        return seen

    def _words(self, length: int, here: slice) -> Int64[np.ndarray, " M"]:
        words: np.ndarray = self.table.keys[length][here] & ((1 << self.table.bits) - 1)
        return words

    def _mix(
        self, length: int, node: int, lower: Float64[np.ndarray, " V"]
    ) -> Float64[np.ndarray, " V"]:
        p: np.ndarray = self.weight[length][node] * lower
        if node >= 0:
            here = slice(*self.places[length][node : node + 2])
            p[self._words(length, here)] += self.direct[length][here]
        return p

    def score(self, chunk: Chunk) -> Float64[np.ndarray, " T"]:
        """Return the probability of every token that is counted, after those before it."""
        tokens, age, counted = chunk
        uniform = self.uniform[tokens]
        p, ranks = uniform, np.zeros_like(tokens)
        for order in range(1, self.n + 1):
            here = np.flatnonzero(age >= order - 1)  # who has a context of so many words
            context = ranks[here - 1]
            ngrams = find(self.table, order, context, tokens[here])
            lower = (p if self.recursive else uniform)[here]
            p = p.copy()
            p[here] = self.weight[order - 1][context] * lower + self.direct[order - 1][ngrams]
            ranks = np.full_like(tokens, -1)
            ranks[here] = ngrams
        of_counted: np.ndarray = p[counted]
        return of_counted


def advance(
    nodes: Sequence[int],
    word: int,
    keys: Sequence[Any],
    places: Sequence[Any],
    bits: int,
) -> list[int]:
    """Return the nodes of a context after one more word.

    `keys` and `places` are those of a `Query`, as arrays or, for single look-ups faster,
    memoryviews.
    """
    longer = [0, word] if len(keys) > 1 else [0]
    for length in range(1, min(len(nodes), len(keys) - 1)):
        node, of_order = nodes[length], keys[length]
        key, end = node << bits | word, places[length][node + 1]
        place = bisect_left(of_order, key, places[length][node], end)
        if place == end or of_order[place] != key:
            break
        longer.append(place)
    return longer

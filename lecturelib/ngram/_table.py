"""All n-grams of a text and how often each occurs, as a few sorted arrays.

An n-gram is known by the *rank* of its prefix (all but its last word) among the (n-1)-grams, and
its last word: two whole numbers, packed into one *key*, ``rank << bits | word``. However large n,
a key has no more bits than a rank and a word. The keys of each order are sorted, so an n-gram's
rank is its place among them, a prefix has its continuations side by side, and all that one can
ask is a binary search.

Every word of the vocabulary has a place among the 1-grams, so that its rank is its id. Whoever is
in a table has prefix and suffix there too, for they end in the text one word earlier and there.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jaxtyping import Bool, Int64

# Of so many tokens a table is made at once; those of larger texts are merged.
CHUNK_SIZE = 1 << 21


class Chunk(NamedTuple):
    """Encoded sentences, one after the other.

    Attributes
    ----------
    tokens : (T,) int64
        Ids.
    age : (T,) int64
        How many tokens of its own sentence stand before each.
    counted : (T,) bool
        Which tokens are predicted; the others are only context.
    """

    tokens: Int64[np.ndarray, " T"]
    age: Int64[np.ndarray, " T"]
    counted: Bool[np.ndarray, " T"]


class Table(NamedTuple):
    """Keys and counts of the n-grams of each order; those of order k at index k - 1.

    Attributes
    ----------
    bits : int
        How many bits of a key are the word.
    keys : tuple of (M,) int64
        Sorted, each different.
    counts : tuple of (M,) int64
        How often each n-gram ends at a token that is counted.
    """

    bits: int
    keys: tuple[Int64[np.ndarray, " M"], ...]
    counts: tuple[Int64[np.ndarray, " M"], ...]

    @property
    def size(self) -> int:
        """How many n-grams there are, of all orders."""
        return sum(keys.size for keys in self.keys)


def word_bits(vocabulary_size: int) -> int:
    """Return how many bits the id of a word takes."""
    return max(1, (vocabulary_size - 1).bit_length())


def build_table(chunk: Chunk, n: int, vocabulary_size: int) -> Table:
    """Count all n-grams of orders 1 to n that end at each token."""
    tokens, age, counted = chunk
    bits = word_bits(vocabulary_size)
    keys = [np.arange(vocabulary_size)]
    counts = [np.bincount(tokens[counted], minlength=vocabulary_size)]
    rank = tokens  # of the n-gram of the present order that ends at each token
    for order in range(2, n + 1):
        ends = np.flatnonzero(age >= order - 1)
        distinct, ranks = _distinct(rank[ends - 1] << bits | tokens[ends])
        keys.append(distinct)
        counts.append(np.bincount(ranks[counted[ends]], minlength=distinct.size))
        rank = np.zeros_like(tokens)
        rank[ends] = ranks
    return Table(bits, tuple(keys), tuple(counts))


def _distinct(
    keys: Int64[np.ndarray, " T"],
) -> tuple[Int64[np.ndarray, " M"], Int64[np.ndarray, " T"]]:
    """Return the sorted distinct keys and the rank of each key among them."""
    order = sorting_order(keys)
    ordered = keys[order]
    new = np.ones(keys.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    ranks = np.empty_like(keys)
    ranks[order] = np.cumsum(new) - 1
    return ordered[new], ranks


def sorting_order(keys: Int64[np.ndarray, " T"]) -> Int64[np.ndarray, " T"]:
    """Return where the smallest key stands, where the second, and so on."""
    # 16 bits at a time, the last ones first: numbers of 16 bits NumPy sorts without comparing them.
    digits = keys.astype("<i8", copy=False).view("<u2").reshape(-1, 4).T
    needed = -(-int(keys.max(initial=1)).bit_length() // 16)
    return np.lexsort(digits[:needed])


def merge_tables(a: Table, b: Table) -> Table:
    """Add up the counts of two tables of the same order and vocabulary."""
    keys = [a.keys[0]]
    counts = [a.counts[0] + b.counts[0]]
    new_ranks = [table.keys[0] for table in (a, b)]
    for order in range(2, len(a.keys) + 1):
        both = [
            ranks[prefixes(table, order)] << table.bits | last_words(table, order)
            for table, ranks in zip((a, b), new_ranks, strict=True)
        ]
        merged = np.concatenate(both)
        merged.sort(kind="stable")  # two runs that are sorted already
        merged = merged[np.append(True, merged[1:] != merged[:-1])[: merged.size]]
        new_ranks = [np.searchsorted(merged, each) for each in both]
        total = np.zeros(merged.size, np.int64)
        for table, ranks in zip((a, b), new_ranks, strict=True):
            total[ranks] += table.counts[order - 1]
        keys.append(merged)
        counts.append(total)
    return Table(a.bits, tuple(keys), tuple(counts))


def merge_evenly(tables: Iterator[Table]) -> Table:
    """Merge tables of like size with each other, so that no n-gram is moved very often."""
    waiting: list[Table] = []
    for table in tables:
        waiting.append(table)
        while len(waiting) > 1 and waiting[-2].size <= 2 * waiting[-1].size:
            last = waiting.pop()
            waiting.append(merge_tables(waiting.pop(), last))
    merged: Table = reduce(merge_tables, reversed(waiting))
    return merged


def prefixes(table: Table, order: int) -> Int64[np.ndarray, " M"]:
    """Return the rank of the prefix of each n-gram of this order; 0 for the empty prefix."""
    return table.keys[order - 1] >> table.bits


def last_words(table: Table, order: int) -> Int64[np.ndarray, " M"]:
    """Return the id of the last word of each n-gram of this order."""
    return table.keys[order - 1] & ((1 << table.bits) - 1)


def offsets(table: Table, order: int) -> Int64[np.ndarray, " P+1"]:
    """Return where the continuations of each prefix begin among the n-grams of this order.

    Those of the prefix of rank r are ``offsets[r]`` to ``offsets[r + 1] - 1``.
    """
    contexts = table.keys[order - 2].size if order > 1 else 1
    each = np.bincount(prefixes(table, order), minlength=contexts)
    return np.append(0, np.cumsum(each))


def suffixes(table: Table) -> list[Int64[np.ndarray, " M"]]:
    """Return the rank of the suffix (all but the first word) of each n-gram of orders 2, 3, ..."""
    found = [last_words(table, 2)] if len(table.keys) > 1 else []
    for order in range(3, len(table.keys) + 1):
        # The suffix of "a b c d" is the suffix of its prefix, "b c", continued with "d".
        of_prefix = found[-1][prefixes(table, order)]
        found.append(find(table, order - 1, of_prefix, last_words(table, order)))
    return found


def find(
    table: Table, order: int, ranks: Int64[np.ndarray, " Q"], words: Int64[np.ndarray, " Q"]
) -> Int64[np.ndarray, " Q"]:
    """Return the rank of each prefix of this rank with this last word, or -1 if there is none."""
    if order == 1:
        return words
    keys = table.keys[order - 1]
    wanted = ranks << table.bits | words
    if not keys.size:
        return np.full_like(wanted, -1)
    places = np.empty_like(wanted)
    # Searched for in their order, keys that are close are found in memory that was just read.
    sorting = sorting_order(wanted)
    # Without the last key every place is inside; what is beyond it is not equal to it either.
    places[sorting] = np.searchsorted(keys[:-1], wanted[sorting])
    return np.where(keys[places] == wanted, places, -1)


def spell(table: Table, order: int) -> Int64[np.ndarray, "M order"]:
    """Return the ids of the words of all n-grams of this order, in sorted order."""
    words = np.empty((table.keys[order - 1].size, order), np.int64)
    ranks = np.arange(len(words))
    for column in range(order, 0, -1):
        words[:, column - 1] = last_words(table, column)[ranks]
        ranks = prefixes(table, column)[ranks]
    return words

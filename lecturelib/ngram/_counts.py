"""Counts of n-grams that add up, are saved and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._shapes import check_int
from lecturelib._token_checks import check_sentences
from lecturelib._vocabulary import Vocabulary
from lecturelib.ngram._encode import encode_chunks
from lecturelib.ngram._file import check_pad, read_counts, write_counts
from lecturelib.ngram._report import NgramCount
from lecturelib.ngram._table import (
    Table,
    build_table,
    merge_evenly,
    merge_tables,
    spell,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from jaxtyping import Int64

    from lecturelib._token_checks import Sentences, Token


class NgramCounts:
    """How often each n-gram of orders 1 to n occurs in a text.

    Made by `from_sentences`. Counts of the parts of a text add up to those of the whole, to the
    last digit: ``a + b``, or ``sum(parts)``. Only what is equal can be added, so all parts are
    counted with one n and one vocabulary.

    Attributes
    ----------
    n : int
        The largest order.
    vocabulary : Vocabulary
        The V tokens.
    pad : bool
        Whether sentences stand between ``<s>`` and ``</s>``.

    See Also
    --------
    MLE, AddK, InterpolatedKneserNey, ModifiedKneserNey : Models made of counts.
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

    Examples
    --------
    >>> morning = [["cows", "eat", "hay"]]
    >>> evening = [["cows", "eat", "corn"], ["sheep", "eat", "hay"]]
    >>> vocabulary = Vocabulary.from_sentences(morning + evening)
    >>> counts = sum(NgramCounts.from_sentences(part, 2, vocabulary) for part in (morning, evening))
    >>> counts.count(["eat", "hay"]), counts.count(["hay"])
    (2, 2)
    """

    def __init__(self, table: Table, vocabulary: Vocabulary, *, pad: bool) -> None:
        self._table = table
        self.n = len(table.keys)
        self.vocabulary = vocabulary
        self.pad = pad

    @classmethod
    def from_sentences(
        cls,
        sentences: Sentences,
        n: int,
        vocabulary: Vocabulary | None = None,
        *,
        pad: bool = True,
    ) -> NgramCounts:
        """Count the n-grams of sentences.

        No n-gram reaches over the end of a sentence. Whatever the length of the text or of one
        sentence, only some two million tokens are in memory at once, besides the counts.

        Parameters
        ----------
        sentences : iterable of iterables of tokens
            May be a stream, of streams even: of ``[stream_tokens(path)]`` the one sentence need not
            fit into memory.
        n : int
            The largest order, at least 1.
        vocabulary : Vocabulary or None
            Which tokens are known; any other counts as ``<unk>``. None: those of these sentences,
            which then must be a collection, for they are gone through twice.
        pad : bool
            Put every sentence between ``<s>`` and ``</s>``. Then the first word is predicted after
            ``<s>``, and the end of the sentence as if it were a word; ``<s>`` itself never is.
            False: count what is there, for texts without sentences.

        Returns
        -------
        NgramCounts

        Raises
        ------
        ValueError
            If n is less than 1; if, with `pad`, the vocabulary has no start or end token or a
            sentence holds one; if a token is unknown and the vocabulary has no ``<unk>``.
        TypeError
            If n is not an integer; if `sentences` is a string, or an iterator without a vocabulary.

        See Also
        --------
        lecturelib.text.stream_sentences, lecturelib.text.stream_tokens : Read large files.
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
        """
        n = check_int("n", n, minimum=1)
        if vocabulary is None:
            vocabulary = Vocabulary.from_sentences(_check_collection(sentences))
        check_pad(vocabulary, pad=pad)
        chunks = encode_chunks(sentences, vocabulary, pad=pad, history=n - 1)
        tables = (build_table(chunk, n, len(vocabulary)) for chunk in chunks)
        return cls(merge_evenly(tables), vocabulary, pad=pad)

    def count(self, ngram: Iterable[Token]) -> int:
        """Return how often an n-gram was seen.

        Parameters
        ----------
        ngram : iterable of 1 to n tokens

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If it is empty or longer than n.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
        """
        ids = self.vocabulary.encode(ngram).tolist()
        self._check_order("ngram", len(ids))
        rank = 0
        for order, word in enumerate(ids, start=1):
            keys, key = self._table.keys[order - 1], rank << self._table.bits | word
            rank = int(np.searchsorted(keys, key))
            if rank == keys.size or keys[rank] != key:
                return 0
        return int(self._table.counts[len(ids) - 1][rank])

    def arrays(self, order: int) -> tuple[Int64[np.ndarray, "M order"], Int64[np.ndarray, " M"]]:
        """Return all n-grams of one order that were seen, and how often.

        Parameters
        ----------
        order : int
            From 1 to n.

        Returns
        -------
        ngrams : (M, order) int64
            Ids, in lexicographic order.
        counts : (M,) int64
            At least 1 each.

        Raises
        ------
        ValueError, TypeError
            If the order is not an integer from 1 to n.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
        """
        order = self._check_order("order", check_int("order", order, minimum=1))
        counts = self._table.counts[order - 1]
        return spell(self._table, order)[counts > 0], counts[counts > 0]

    def most_common(self, order: int, top: int = 10) -> list[NgramCount]:
        """Return the most frequent n-grams of one order.

        Parameters
        ----------
        order : int
            From 1 to n.
        top : int
            How many; fewer if there are not so many.

        Returns
        -------
        list of NgramCount
            The most frequent first; of equals, the one with smaller ids.

        Raises
        ------
        ValueError, TypeError
            If the order is not an integer from 1 to n, or `top` not one of at least 0.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

        Examples
        --------
        >>> counts = NgramCounts.from_sentences(["banana"], 2)
        >>> counts.most_common(2, 2)
        [NgramCount(tokens=('a', 'n'), count=2), NgramCount(tokens=('n', 'a'), count=2)]
        """
        ngrams, counts = self.arrays(order)
        best = np.argsort(-counts, kind="stable")[: check_int("top", top, minimum=0)]
        return [
            NgramCount(tuple(self.vocabulary.decode(ids)), count)
            for ids, count in zip(ngrams[best].tolist(), counts[best].tolist(), strict=True)
        ]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts and their vocabulary to a ``.npz`` file.

        Parameters
        ----------
        path : path
            Written as it is named; nothing is appended.

        Raises
        ------
        TypeError
            If a token of the vocabulary is neither a string nor an int.
        OSError
            If the file cannot be written.

        See Also
        --------
        load : The way back.
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
        """
        write_counts(path, self._table, self.vocabulary, pad=self.pad)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> NgramCounts:
        """Read counts that `save` has written. Nothing in the file is executed.

        Parameters
        ----------
        path : path

        Returns
        -------
        NgramCounts

        Raises
        ------
        ValueError
            If the file holds something else.
        OSError
            If the file cannot be read.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> counts = NgramCounts.from_sentences([["cows", "eat", "hay"]], 3)
        >>> with TemporaryDirectory() as folder:
        ...     counts.save(f"{folder}/cows.npz")
        ...     NgramCounts.load(f"{folder}/cows.npz") == counts
        True
        """
        table, vocabulary, pad = read_counts(path)
        return cls(table, vocabulary, pad=pad)

    def __add__(self, other: NgramCounts) -> NgramCounts:
        if not isinstance(other, NgramCounts):
            return NotImplemented
        for name in ("n", "pad", "vocabulary"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise ValueError(f"{name}: expected the same in both counts, got {mine}, {theirs}")
        return NgramCounts(merge_tables(self._table, other._table), self.vocabulary, pad=self.pad)

    def __radd__(self, other: object) -> NgramCounts:
        # sum() begins with 0.
        return self if type(other) is int and other == 0 else NotImplemented

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NgramCounts):
            return NotImplemented
        if (self.n, self.pad) != (other.n, other.pad) or self.vocabulary != other.vocabulary:
            return False
        mine, theirs = self._table, other._table
        return all(map(np.array_equal, mine.keys + mine.counts, theirs.keys + theirs.counts))

    __hash__ = None  # type: ignore[assignment]  # equal by content, which may be large

    def __repr__(self) -> str:
        seen = ", ".join(
            f"{np.count_nonzero(counts)} of order {order}"
            for order, counts in enumerate(self._table.counts, start=1)
        )
        return f"<NgramCounts of {self._table.counts[0].sum()} tokens: {seen}>"

    def _check_order(self, name: str, order: int) -> int:
        if not 1 <= order <= self.n:
            raise ValueError(f"{name}: expected 1 to n={self.n} tokens, got {order}")
        return order


def _check_collection(sentences: Sentences) -> Sentences:
    check_sentences(sentences)
    if iter(sentences) is sentences:
        raise TypeError("vocabulary: expected one for sentences from an iterator, got None")
    return sentences

"""Counts and distributions, to be read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64, Int64

SHOWN = 10
COLUMNS = ("token", "count", "probability")


class NgramCount(NamedTuple):
    """An n-gram and how often it was seen.

    Attributes
    ----------
    tokens : tuple
        The words of the n-gram.
    count : int
        How often it was seen.

    See Also
    --------
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
    """

    tokens: tuple[Any, ...]
    count: int  # type: ignore[assignment]  # the number, not the method of tuples


class NextToken(NamedTuple):
    """One row of a `ConditionalTable`.

    Attributes
    ----------
    token : hashable
        What may come next.
    count : int
        How often it was seen after the context.
    probability : float
        What the model makes of that.

    See Also
    --------
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".
    """

    token: Any
    count: int  # type: ignore[assignment]  # the number, not the method of tuples
    probability: float


class ConditionalTable(Sequence[NextToken]):
    """Which tokens may follow a context: a sequence of `NextToken`, the most probable first.

    Printed, or shown in a notebook, it is a table of the first ten rows.

    Attributes
    ----------
    context : tuple
        The tokens before.
    total : int
        How often the context was seen with something after it.

    See Also
    --------
    lecturelib.ngram.NgramModel.conditional_table : Makes one.
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

    Examples
    --------
    >>> from lecturelib.ngram import MLE, NgramCounts
    >>> model = MLE(NgramCounts.from_sentences([["cows", "eat"], ["cows", "moo"]], 2))
    >>> table = model.conditional_table(["cows"])
    >>> table.total, [row.token for row in table]
    (2, ['eat', 'moo'])
    """

    def __init__(
        self,
        context: tuple[Any, ...],
        tokens: Sequence[Any],
        counts: Int64[np.ndarray, " V"],
        probabilities: Float64[np.ndarray, " V"],
    ) -> None:
        possible = np.flatnonzero(probabilities > 0)
        order = possible[np.lexsort((-counts[possible], -probabilities[possible]))]
        self.context = context
        self.total = int(counts.sum())
        self._rows = (order.tolist(), counts[order].tolist(), probabilities[order].tolist())
        self._tokens = tokens

    def __len__(self) -> int:
        return len(self._rows[0])

    @overload
    def __getitem__(self, index: int) -> NextToken: ...

    @overload
    def __getitem__(self, index: slice) -> list[NextToken]: ...

    def __getitem__(self, index: int | slice) -> NextToken | list[NextToken]:
        ids, counts, probabilities = (column[index] for column in self._rows)
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return NextToken(self._tokens[ids], counts, probabilities)

    def __repr__(self) -> str:
        cells = [COLUMNS, *self._cells()]
        widths = [max(len(row[column]) for row in cells) for column in range(3)]
        lines = [
            f"{token:<{widths[0]}}  {count:>{widths[1]}}  {p:>{widths[2]}}"
            for token, count, p in cells
        ]
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._cells()
        )
        return (
            f"<table><caption>{escape(self._title())}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _title(self) -> str:
        before = " ".join(map(str, self.context)) or "nothing"
        return f"after {before!r}, seen {self.total} times"

    def _cells(self) -> list[tuple[str, str, str]]:
        rows = [(str(row.token), str(row.count), f"{row.probability:.4g}") for row in self[:SHOWN]]
        if len(self) > SHOWN:
            counts, probabilities = (sum(column[SHOWN:]) for column in self._rows[1:])
            rows.append((f"{len(self) - SHOWN} others", str(counts), f"{probabilities:.4g}"))
        return rows

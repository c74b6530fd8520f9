"""Probabilities from counts: additive and Kneser-Ney smoothing.

Every estimate here is a sum of two parts,

    p(w | h) = direct(h w) + weight(h) * lower(w),

what the n-gram's own count gives, and a share of a broader distribution: the uniform one, or that
after a context one word shorter, which is again such a sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib.ngram._table import prefixes, suffixes

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64, Int64

    from lecturelib.ngram._counts import NgramCounts
    from lecturelib.ngram._table import Table


class Estimate(NamedTuple):
    """The two parts, for all n-grams and contexts that were seen.

    Attributes
    ----------
    direct : tuple of (M,) float64
        One array for each order from 1 to n, in the order of the table.
    weight : tuple of (M,) float64
        One array for contexts of each length from 0 to n - 1.
    unseen : float
        The weight after a context that was not seen.
    recursive : bool
        Whether the broader distribution is that of the shorter context, not the uniform one.
    """

    direct: tuple[Float64[np.ndarray, " M"], ...]
    weight: tuple[Float64[np.ndarray, " M"], ...]
    unseen: float
    recursive: bool


def additive(counts: NgramCounts, k: float) -> Estimate:
    """Add k to the count of every word that can come next; k = 0 gives relative counts.

    (c(h w) + k) / (c(h) + k*V) = c(h w) / (c(h) + k*V) + k*V / (c(h) + k*V) * 1/V
    """
    table = counts._table
    added = k * predicted_words(counts).sum()
    direct, weight = [], []
    for order, seen in enumerate(table.counts, start=1):
        prefix = prefixes(table, order)
        mass = _per_context(table, order, seen) + added
        mass[mass == 0] = 1
        direct.append(seen / mass[prefix])
        weight.append(added / mass)
    return Estimate(tuple(direct), tuple(weight), unseen=float(k > 0), recursive=False)


def discounted(
    table: Table, adjusted: list[Int64[np.ndarray, " M"]], discounts: Float64[np.ndarray, "n D"]
) -> Estimate:
    """Take discounts off the counts, and hand what they amount to down to the shorter context.

    The discount of a count c of order k is ``discounts[k - 1, c - 1]``, the last one for larger
    counts too, and never more than c.
    """
    direct, weight = [], []
    for order, (seen, of_order) in enumerate(zip(adjusted, discounts, strict=True), start=1):
        taken = np.append(0.0, of_order)[np.minimum(seen, of_order.size)]
        taken = np.minimum(taken, seen)
        total = _per_context(table, order, seen)
        mass = np.maximum(total, 1)
        direct.append((seen - taken) / mass[prefixes(table, order)])
        handed = _per_context(table, order, taken) / mass
        weight.append(np.where(total > 0, handed, 1.0))
    return Estimate(tuple(direct), tuple(weight), unseen=1.0, recursive=True)


def continuation_counts(counts: NgramCounts) -> list[Int64[np.ndarray, " M"]]:
    """Return the counts that Kneser-Ney smoothing discounts.

    For n-grams of the largest order, how often they were seen; for shorter ones, after how many
    different words. Nothing stands before ``<s>``, so those that begin with it keep their counts.
    """
    table = counts._table
    start = counts.vocabulary.start_id if counts.pad else None
    begins = table.keys[0] == (-1 if start is None else start)
    adjusted = []
    for order, suffix in enumerate(suffixes(table), start=1):
        seen, longer = table.counts[order - 1 : order + 1]
        after = np.bincount(suffix[longer > 0], minlength=seen.size)
        adjusted.append(np.where(begins, seen, after))
        begins = begins[prefixes(table, order + 1)]
    return [*adjusted, table.counts[-1]]


def modified_discounts(adjusted: list[Int64[np.ndarray, " M"]]) -> Float64[np.ndarray, "n 3"]:
    """Return the discounts of counts 1, 2 and more of each order, as Chen and Goodman find them.

    D_c = c - (c + 1) * Y * n_{c+1} / n_c with Y = n_1 / (n_1 + 2*n_2), where n_c is how many
    n-grams have the count c. Where a text is too small for that (n_1, n_2 or n_3 is zero, or
    a D_c below 0), the order gets 0.5, 1 and 1.5, as KenLM does on request.
    """
    discounts = np.tile([0.5, 1.0, 1.5], (len(adjusted), 1))
    c = np.arange(1, 4)
    for row, seen in zip(discounts, adjusted, strict=True):
        n = np.bincount(np.minimum(seen, 5), minlength=5)[:5]
        if n[1:4].all():
            found = c - (c + 1) * n[1] / (n[1] + 2 * n[2]) * n[2:5] / n[1:4]
            if np.all(found >= 0):
                row[:] = found
    return discounts


def predicted_words(counts: NgramCounts) -> Bool[np.ndarray, " V"]:
    """Return which words can come next: all, except ``<s>`` if that is put before sentences."""
    predicted = np.ones(len(counts.vocabulary), np.bool_)
    if counts.pad:
        predicted[counts.vocabulary.start_id] = False
    return predicted


def _per_context(
    table: Table, order: int, values: Int64[np.ndarray, " M"] | Float64[np.ndarray, " M"]
) -> Float64[np.ndarray, " P"]:
    """Sum the values of all continuations of each prefix."""
    contexts = table.keys[order - 2].size if order > 1 else 1
    return np.bincount(prefixes(table, order), weights=values, minlength=contexts)

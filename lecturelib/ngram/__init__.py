"""n-gram language models: the next word, given the n - 1 words before it, from counts.

Three steps: a vocabulary, counts, and a model made of them.

>>> from lecturelib.text import word_tokens
>>> sentences = [word_tokens(line) for line in ("cows eat hay .", "what do cows eat ?")]
>>> counts = NgramCounts.from_sentences(sentences, n=3)
>>> model = MLE(counts)
>>> model.probability("hay", ["cows", "eat"])
0.5

p(w | h) is the probability of the word w after the context h, the n - 1 words before it; c(h w) is
how often they were seen together, c(h) the sum over all w. As in most textbooks and in KenLM, a
sentence begins with one ``<s>``, which is context only, and ends with one ``</s>``, which is
predicted like a word; so the V words that can come next do not include ``<s>``. With
``pad=False`` sequences are counted as they are.

``nltk.lm`` gives the same numbers, to the last digits, if both are given the same sequences: count
what ``pad_sentence`` returns with ``pad=False``. In two places it differs: its Kneser-Ney model
gives the words after n - 2 times ``<s>`` a little more than 1 in all, since there it counts a word
type that its total leaves out; and it has none for n = 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._numbers import check_number
from lecturelib.ngram._counts import NgramCounts
from lecturelib.ngram._estimate import (
    additive,
    continuation_counts,
    discounted,
    modified_discounts,
)
from lecturelib.ngram._model import NgramModel
from lecturelib.ngram._report import ConditionalTable, NextToken, NgramCount

if TYPE_CHECKING:
    from jaxtyping import Float64

__all__ = [
    "MLE",
    "AddK",
    "ConditionalTable",
    "InterpolatedKneserNey",
    "ModifiedKneserNey",
    "NextToken",
    "NgramCount",
    "NgramCounts",
    "NgramModel",
]


class MLE(NgramModel):
    """Relative counts, the estimate of maximum likelihood: p(w | h) = c(h w) / c(h).

    What was never seen is impossible, and after a context that was never seen everything is. So a
    new text mostly has the probability 0; the other models are there to mend that.

    Parameters
    ----------
    counts : NgramCounts
        Of the order n of the model.

    See Also
    --------
    NgramModel : What can be asked of a model.
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

    Examples
    --------
    >>> model = MLE(NgramCounts.from_sentences([["cows", "eat", "hay"], ["sheep", "eat"]], 2))
    >>> model.probability("hay", ["eat"])
    0.5
    >>> model.perplexity([["cows", "eat", "thistles"]])
    inf
    """

    def __init__(self, counts: NgramCounts) -> None:
        super().__init__(counts, additive(counts, 0.0))


class AddK(NgramModel):
    """Additive smoothing: p(w | h) = (c(h w) + k) / (c(h) + k*V).

    k = 1 is Laplace's rule. It takes far too much from what was seen when V is large.

    Parameters
    ----------
    counts : NgramCounts
        Of the order n of the model.
    k : float
        Added to every count; above 0 and finite.

    Raises
    ------
    ValueError, TypeError
        If k is not such a number.

    See Also
    --------
    NgramModel : What can be asked of a model.
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

    Examples
    --------
    >>> model = AddK(NgramCounts.from_sentences([["cows", "eat", "hay"], ["sheep", "eat"]], 2))
    >>> model.probability("hay", ["eat"])  # V = 6: four words, <unk> and </s>
    0.25
    """

    def __init__(self, counts: NgramCounts, k: float = 1.0) -> None:
        self.k = check_number("k", k, minimum=0)
        if not 0 < self.k < np.inf:
            raise ValueError(f"k: expected more than 0 and finite, got {k}")
        super().__init__(counts, additive(counts, self.k))


class InterpolatedKneserNey(NgramModel):
    """Absolute discounting that hands down to how many contexts a word is at home in.

    For the largest order, with T(h) the number of different words seen after h::

        p(w | h) = max(c(h w) - d, 0) / c(h) + d * T(h) / c(h) * p(w | h')

    Here h' is h without its first word. For shorter contexts the count of (h' w) is replaced with
    the number of different words seen before it: a word that follows only one other is no likely
    continuation of a new one, however frequent. What begins with ``<s>`` keeps its count, since
    nothing stands before that. After a context that was not seen, p(w | h) = p(w | h').

    Parameters
    ----------
    counts : NgramCounts
        Of the order n of the model.
    discount : float
        d, from 0 to 1.
    uniform : bool
        Whether single words are discounted too, in favour of 1/V for each, so that no word is
        impossible. False ends with the relative counts of single words, as ``nltk.lm`` does.

    Raises
    ------
    ValueError, TypeError
        If the discount is not a number from 0 to 1.

    See Also
    --------
    ModifiedKneserNey : Three discounts for each order, found from the counts.
    Chapter 12, "n-gram language models"; Kneser and Ney 1995; Chen and Goodman 1999.

    Examples
    --------
    >>> model = InterpolatedKneserNey(NgramCounts.from_sentences([["a", "b"], ["a", "c"]], 2))
    >>> model.conditional_table(["a"])
    after 'a', seen 2 times
    token  count  probability
    </s>       0       0.2775
    b          1       0.2525
    c          1       0.2525
    a          0       0.1275
    <unk>      0         0.09
    """

    def __init__(
        self, counts: NgramCounts, discount: float = 0.75, *, uniform: bool = True
    ) -> None:
        self.discount = check_number("discount", discount, minimum=0, maximum=1)
        discounts = np.full((counts.n, 1), self.discount)
        if not uniform:
            discounts[0] = 0
        super().__init__(counts, discounted(counts._table, continuation_counts(counts), discounts))


class ModifiedKneserNey(NgramModel):
    """Kneser-Ney smoothing with three discounts for each order, found from the counts.

    As `InterpolatedKneserNey`, but counts of 1, 2, and 3 or more are discounted by D1, D2 and D3
    of their order: D_c = c - (c + 1) * Y * n_{c+1} / n_c with Y = n_1 / (n_1 + 2*n_2), where n_c
    is how many n-grams of that order have the count c. They end in the uniform distribution. It is
    what KenLM computes, and the best of the models here on most texts.

    Parameters
    ----------
    counts : NgramCounts
        Of the order n of the model.
    discounts : (n, 3) array or None
        D1, D2 and D3 of each order, each from 0 to 1, 2 and 3. None: found from the counts; an
        order that has too few of them gets 0.5, 1 and 1.5.

    Attributes
    ----------
    discounts : (n, 3) float64
        Those used.

    Raises
    ------
    ValueError
        If the discounts have another shape, or are out of range.

    See Also
    --------
    InterpolatedKneserNey : One discount for all.
    Chapter 12, "n-gram language models"; Chen and Goodman 1999.

    Examples
    --------
    >>> model = ModifiedKneserNey(NgramCounts.from_sentences(["banana", "bandana", "cabana"], 3))
    >>> model.discounts[2]  # three words are too few to find them
    array([0.5, 1. , 1.5])
    >>> np.exp(model.next_log_probs(model.vocabulary.encode("ba"))).sum().round(12)
    np.float64(1.0)
    """

    def __init__(
        self, counts: NgramCounts, discounts: Float64[np.ndarray, "n 3"] | None = None
    ) -> None:
        adjusted = continuation_counts(counts)
        if discounts is None:
            self.discounts = modified_discounts(adjusted)
        else:
            self.discounts = _check_discounts(discounts, counts.n)
        super().__init__(counts, discounted(counts._table, adjusted, self.discounts))


def _check_discounts(discounts: Float64[np.ndarray, "n 3"], n: int) -> Float64[np.ndarray, "n 3"]:
    checked = np.array(discounts, np.float64)
    if checked.shape != (n, 3):
        raise ValueError(f"discounts: expected shape (n={n}, 3), got {checked.shape}")
    if not np.all((checked >= 0) & (checked <= [1, 2, 3])):
        raise ValueError(f"discounts: expected 0 to 1, 2 and 3, got {checked.tolist()}")
    return checked

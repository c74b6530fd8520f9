"""Text from a language model: drawn at random, or searched for.

A language model, here, is any object with a method ``next_log_probs(context)`` that takes the ids
of the tokens so far and returns the log-probability of each of the V tokens to come next, (V,).
The n-gram models of ``lecturelib.ngram`` are such objects, and a recurrent network is one after a
wrapper of three lines.

`apply_temperature`, `top_k_filter` and `top_p_filter` change a distribution before it is drawn
from; they take log-probabilities (..., V) and return log-probabilities: what is left is scaled to
sum to 1. Logits will do as well, since all that matters are the differences between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._beam import Hypothesis, beam_search
from lecturelib._filters import apply_temperature, top_k_filter, top_p_filter
from lecturelib._next_token import (
    LanguageModel,
    can_follow,
    check_context,
    check_model,
    check_stop,
    next_log_probs,
)
from lecturelib._numbers import check_generator
from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jaxtyping import Float

__all__ = [
    "Hypothesis",
    "LanguageModel",
    "apply_temperature",
    "beam_search",
    "greedy",
    "sample",
    "top_k_filter",
    "top_p_filter",
]


def sample(
    model: LanguageModel,
    rng: np.random.Generator,
    *,
    max_length: int,
    context: Iterable[int] = (),
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: int | None = None,
) -> list[int]:
    """Draw a text, one token after the other.

    The distribution of each token is changed by temperature first, then by top-k, then by top-p.

    Parameters
    ----------
    model : LanguageModel
        Over V tokens.
    rng : numpy.random.Generator
        Source of randomness: the same state, the same text.
    max_length : int
        Longest text, in tokens.
    context : iterable of int
        Ids of the tokens before.
    temperature : float
        As for `apply_temperature`; 0 is `greedy`.
    top_k : int or None
        As for `top_k_filter`; None for no limit.
    top_p : float or None
        As for `top_p_filter`; None for no limit.
    stop : int or None
        Id of the token that ends a text.

    Returns
    -------
    list of int
        The new ids, without the context; the last is `stop` if the text came to its end. It is
        shorter than `max_length` also if a context comes up after which nothing has a probability
        above 0.

    Raises
    ------
    ValueError
        If a number is out of range; if the model gives no token a probability above 0 after
        `context`.
    TypeError
        If the model has no ``next_log_probs``, rng is no generator, or a number is of the wrong
        kind.

    See Also
    --------
    Chapter 12, "n-gram language models"; L3, "Sampling from a Language Model".

    Examples
    --------
    >>> from lecturelib.ngram import MLE, NgramCounts
    >>> model = MLE(NgramCounts.from_sentences(["banana"], 2))
    >>> rng = np.random.default_rng(3)
    >>> ids = sample(model, rng, max_length=8, context=model.vocabulary.encode("b"))
    >>> "".join(model.vocabulary.decode(ids))
    'a</s>'
    """
    check_generator(rng)

    def draw(log_probs: Float[np.ndarray, " V"]) -> int:
        if temperature != 1:
            log_probs = apply_temperature(log_probs, temperature)
        if top_k is not None:
            log_probs = top_k_filter(log_probs, top_k)
        if top_p is not None:
            log_probs = top_p_filter(log_probs, top_p)
        sums = np.exp(log_probs - log_probs.max()).cumsum(dtype=np.float64)
        # The last token of any probability is the limit: rounding may take the product to it.
        limit = sums.searchsorted(sums[-1])
        return int(min(sums.searchsorted(rng.random() * sums[-1], side="right"), limit))

    return _continue(model, draw, context, max_length, stop)


def greedy(
    model: LanguageModel, *, max_length: int, context: Iterable[int] = (), stop: int | None = None
) -> list[int]:
    """Take the most probable token at each step.

    Parameters
    ----------
    model : LanguageModel
        Over V tokens.
    max_length : int
        Longest text, in tokens.
    context : iterable of int
        Ids of the tokens before.
    stop : int or None
        Id of the token that ends a text.

    Returns
    -------
    list of int
        The new ids, as `sample` returns them. Of equally probable tokens, the one with the
        smallest id is taken.

    Raises
    ------
    ValueError, TypeError
        As `sample`.

    See Also
    --------
    beam_search : Looks further ahead.
    Chapter 15, "Recurrent language models"; L3, "Sampling from a Language Model".

    Examples
    --------
    >>> from lecturelib.ngram import MLE, NgramCounts
    >>> model = MLE(NgramCounts.from_sentences(["banana"], 2))
    >>> "".join(model.vocabulary.decode(greedy(model, max_length=4, context=[3])))
    'nana'
    """
    return _continue(model, lambda log_probs: int(log_probs.argmax()), context, max_length, stop)


def _continue(
    model: LanguageModel,
    choose: Callable[[Float[np.ndarray, " V"]], int],
    context: Iterable[int],
    max_length: int,
    stop: int | None,
) -> list[int]:
    check_model(model)
    max_length, stop = check_int("max_length", max_length, minimum=0), check_stop(stop)
    tokens = check_context(context)
    begin = len(tokens)
    while len(tokens) < begin + max_length and (len(tokens) == begin or tokens[-1] != stop):
        log_probs = next_log_probs(model, tokens)
        if not can_follow(log_probs, tokens, begin):
            break
        tokens.append(choose(log_probs))
    return tokens[begin:]

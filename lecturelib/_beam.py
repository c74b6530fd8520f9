"""Beam search: following the best beginnings of a text, a few at a time; public in `sampling`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._next_token import (
    can_follow,
    check_context,
    check_model,
    check_stop,
    next_log_probs,
)
from lecturelib._numbers import check_number
from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lecturelib._next_token import LanguageModel


class Hypothesis(NamedTuple):
    """A text that beam search has found.

    Attributes
    ----------
    tokens : list of int
        Ids, without the context; the last is `stop` if the text came to its end.
    log_prob : float
        The sum of the log-probabilities of these tokens.

    See Also
    --------
    Chapter 16, "Encoders, generators and transducers"; L3, "Sampling from a Language Model".
    """

    tokens: list[int]
    log_prob: float


class _Beginning(NamedTuple):
    tokens: list[int]
    log_prob: float
    ended: bool

    def score(self, length_penalty: float) -> float:
        return self.log_prob / math.pow(max(1, len(self.tokens)), length_penalty)


def beam_search(
    model: LanguageModel,
    *,
    beam_size: int,
    max_length: int,
    context: Iterable[int] = (),
    stop: int | None = None,
    length_penalty: float = 0.0,
) -> list[Hypothesis]:
    """Search for the most probable texts.

    At every step each of the `beam_size` best beginnings is continued with every token, and the
    best of all these are kept; those that have come to `stop` stay in the race as they are. A beam
    of 1 is `greedy`; one that holds all beginnings finds the best text of all.

    Parameters
    ----------
    model : LanguageModel
        Over V tokens.
    beam_size : int
        How many beginnings to keep.
    max_length : int
        Longest text, in tokens.
    context : iterable of int
        Ids of the tokens before.
    stop : int or None
        Id of the token that ends a text.
    length_penalty : float
        Texts are ranked by log_prob / length**length_penalty. 0: by probability, which favours
        short texts. 1: by the average for a token.

    Returns
    -------
    list of Hypothesis
        At most `beam_size` of them, the best first. Of equals, that with smaller ids wins.

    Raises
    ------
    ValueError
        If a number is out of range; if the model gives no token a probability above 0 after
        `context`.
    TypeError
        If the model has no ``next_log_probs``, or a number is of the wrong kind.

    See Also
    --------
    greedy : The most probable token at each step.
    Chapter 16, "Encoders, generators and transducers"; L3, "Sampling from a Language Model".

    Examples
    --------
    The most probable first token does not begin the most probable text.

    >>> from lecturelib.ngram import MLE, NgramCounts
    >>> model = MLE(NgramCounts.from_sentences(["ax", "ay", "az", "bx", "bx"], 2))
    >>> V = model.vocabulary
    >>> for size in (1, 2):
    ...     best = beam_search(
    ...         model, beam_size=size, max_length=3, context=[V["<s>"]], stop=V["</s>"]
    ...     )[0]
    ...     print(V.decode(best.tokens), f"{np.exp(best.log_prob):.2f}")
    ['a', 'x', '</s>'] 0.20
    ['b', 'x', '</s>'] 0.40
    """
    check_model(model)
    beam_size = check_int("beam_size", beam_size, minimum=1)
    length_penalty = check_number("length_penalty", length_penalty, minimum=0, maximum=1e3)
    before, stop = check_context(context), check_stop(stop)
    beam = [_Beginning([], 0.0, ended=False)]
    for _ in range(check_int("max_length", max_length, minimum=0)):
        if all(beginning.ended for beginning in beam):
            break
        found = [
            longer
            for beginning in beam
            for longer in _continued(model, before, beginning, beam_size, stop)
        ]
        found.sort(key=lambda beginning: -beginning.score(length_penalty))
        beam = found[:beam_size]
    return [Hypothesis(beginning.tokens, beginning.log_prob) for beginning in beam]


def _continued(
    model: LanguageModel, context: list[int], beginning: _Beginning, best: int, stop: int | None
) -> Iterator[_Beginning]:
    """Yield the best continuations of a beginning by one token; itself, if there is none."""
    tokens, log_prob, ended = beginning
    so_far = context + tokens
    log_probs = None if ended else next_log_probs(model, so_far)
    if log_probs is None or not can_follow(log_probs, so_far, len(context)):
        yield _Beginning(tokens, log_prob, ended=True)
        return
    for token in np.argsort(-log_probs, kind="stable")[:best].tolist():
        if log_probs[token] > -np.inf:
            yield _Beginning([*tokens, token], log_prob + float(log_probs[token]), token == stop)

"""Changing a distribution before it is drawn from; public in `sampling`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._next_token import check_log_probs
from lecturelib._numbers import check_number
from lecturelib._shapes import check_int
from lecturelib._softmax import log_softmax_forward

if TYPE_CHECKING:
    from jaxtyping import Float

MAX_TEMPERATURE = sys.float_info.max


def apply_temperature(
    log_probs: Float[np.ndarray, "... V"], temperature: float
) -> Float[np.ndarray, "... V"]:
    """Sharpen or flatten a distribution: p_i**(1/T), scaled to sum to 1.

    T = 1 leaves it as it is; below, the probable becomes more probable still, until at T = 0 only
    the most probable token is left (of equals, the one with the smallest id). Above, differences
    vanish.

    Parameters
    ----------
    log_probs : (..., V)
        Log-probabilities or logits.
    temperature : float
        T, at least 0 and finite.

    Returns
    -------
    (..., V)

    Raises
    ------
    ValueError
        If the temperature is out of range, or `log_probs` holds NaN or inf.
    TypeError
        If `log_probs` is not an array of floats.

    See Also
    --------
    sample : Draws from such a distribution.
    Chapter 15, "Recurrent language models"; L2, "An example: Character level language model".

    Examples
    --------
    >>> np.exp(apply_temperature(np.log([0.2, 0.8]), 0.5)).round(4)
    array([0.0588, 0.9412])
    """
    log_probs = check_log_probs("log_probs", log_probs)
    temperature = check_number("temperature", temperature, minimum=0, maximum=MAX_TEMPERATURE)
    if temperature == 0:
        return top_k_filter(log_probs, 1)
    below_best = (log_probs - _best(log_probs)).astype(np.float64)
    with np.errstate(over="ignore"):  # a difference beyond all floats is -inf, as it should be
        return _normalised((below_best / temperature).astype(log_probs.dtype))


def top_k_filter(log_probs: Float[np.ndarray, "... V"], k: int) -> Float[np.ndarray, "... V"]:
    """Keep the k most probable tokens; the others become impossible.

    Parameters
    ----------
    log_probs : (..., V)
        Log-probabilities or logits.
    k : int
        How many tokens to keep, at least 1. Of equals, those with smaller ids stay.

    Returns
    -------
    (..., V)
        Scaled to sum to 1; -inf for what is left out.

    Raises
    ------
    ValueError
        If k is less than 1, or `log_probs` holds NaN or inf.
    TypeError
        If k is not an integer, or `log_probs` not an array of floats.

    See Also
    --------
    top_p_filter : Keeps more tokens where the model is less sure.
    Chapter 15, "Recurrent language models"; Fan et al. 2018, arXiv 1805.04833.

    Examples
    --------
    >>> np.exp(top_k_filter(np.log([0.1, 0.6, 0.3]), 2)).round(4)
    array([0.    , 0.6667, 0.3333])
    """
    log_probs = check_log_probs("log_probs", log_probs)
    k = min(check_int("k", k, minimum=1), log_probs.shape[-1])
    last = -np.partition(-log_probs, k - 1, axis=-1)[..., k - 1 : k]
    above, equal = log_probs > last, log_probs == last
    room = k - above.sum(axis=-1, keepdims=True)
    keep = above | (equal & (equal.cumsum(axis=-1) <= room))
    return _normalised(np.where(keep, log_probs, log_probs.dtype.type(-np.inf)))


def top_p_filter(log_probs: Float[np.ndarray, "... V"], p: float) -> Float[np.ndarray, "... V"]:
    """Keep the most probable tokens that together have the probability p; drop the others.

    The token with which the sum reaches p is kept, so there is always one.

    Parameters
    ----------
    log_probs : (..., V)
        Log-probabilities or logits.
    p : float
        Above 0, at most 1; 1 keeps all tokens.

    Returns
    -------
    (..., V)
        Scaled to sum to 1; -inf for what is left out.

    Raises
    ------
    ValueError
        If p is out of range, or `log_probs` holds NaN or inf.
    TypeError
        If p is not a number, or `log_probs` not an array of floats.

    See Also
    --------
    top_k_filter : Keeps a fixed number of tokens.
    Chapter 15, "Recurrent language models"; Holtzman et al. 2019, arXiv 1904.09751.

    Examples
    --------
    >>> np.exp(top_p_filter(np.log([0.1, 0.6, 0.3]), 0.8)).round(4)
    array([0.    , 0.6667, 0.3333])
    """
    log_probs = _normalised(check_log_probs("log_probs", log_probs))
    p = check_number("p", p, minimum=0, maximum=1)
    if p == 0:
        raise ValueError("p: expected more than 0, got 0")
    if p == 1:
        return log_probs
    order = np.argsort(-log_probs, axis=-1, kind="stable")
    in_order = np.exp(np.take_along_axis(log_probs, order, axis=-1))
    reached = in_order.cumsum(axis=-1, dtype=np.float64) >= p
    keep = np.ones_like(reached)
    np.put_along_axis(keep, order[..., 1:], ~reached[..., :-1], axis=-1)
    return _normalised(np.where(keep, log_probs, log_probs.dtype.type(-np.inf)))


def _best(log_probs: Float[np.ndarray, "... V"]) -> Float[np.ndarray, "... 1"]:
    """Return the largest of each row, where there is one."""
    best: np.ndarray = log_probs.max(axis=-1, keepdims=True)
    if np.any(best == -np.inf):
        raise ValueError("log_probs: expected a token with a probability above 0, got none")
    return best


def _normalised(log_probs: Float[np.ndarray, "... V"]) -> Float[np.ndarray, "... V"]:
    _best(log_probs)
    return log_softmax_forward(log_probs)

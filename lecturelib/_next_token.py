"""What sampling asks of a language model, and the one place where it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lecturelib._shapes import check_floats, check_int

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jaxtyping import Float


class LanguageModel(Protocol):
    """Anything that tells, after the tokens so far, how likely each token is to come next.

    See Also
    --------
    sample, greedy, beam_search : What can be done with one.
    Chapter 12, "n-gram language models"; L3, "Sampling from a Language Model".

    Examples
    --------
    A fair die:

    >>> class Die:
    ...     def next_log_probs(self, context):
    ...         return np.log(np.full(6, 1 / 6))
    >>> from lecturelib.sampling import sample
    >>> sample(Die(), np.random.default_rng(0), max_length=5)
    [3, 1, 0, 0, 4]
    """

    def next_log_probs(self, context: Sequence[int], /) -> Float[np.ndarray, " V"]:
        """Return the log-probability of each of the V tokens to come next.

        Parameters
        ----------
        context : sequence of int
            The ids of the tokens so far, the first one first; may be empty. Not to be changed.

        Returns
        -------
        (V,) float32 or float64
            -inf for what cannot come next.
        """
        ...


def next_log_probs(model: LanguageModel, context: Sequence[int]) -> Float[np.ndarray, " V"]:
    """Return what the model says, as long as it is log-probabilities."""
    log_probs = model.next_log_probs(context)
    check_log_probs("next_log_probs", log_probs)
    if log_probs.ndim != 1:
        raise ValueError(f"next_log_probs: expected shape (V,), got {log_probs.shape}")
    return log_probs


def check_log_probs(name: str, log_probs: Any) -> Float[np.ndarray, "... V"]:
    """Return an array of floats (..., V) that holds neither NaN nor +inf."""
    (floats,) = check_floats(**{name: log_probs})
    if floats.ndim == 0 or floats.shape[-1] == 0:
        raise ValueError(f"{name}: expected shape (..., V), got {floats.shape}")
    if not floats.max(initial=-np.inf) < np.inf:  # NaN is not less either
        raise ValueError(f"{name}: expected numbers below infinity, got NaN or inf")
    return floats


def can_follow(log_probs: Float[np.ndarray, " V"], tokens: Sequence[int], begin: int) -> bool:
    """Tell whether any token can come next; if that is none at the very first, raise."""
    if log_probs.max() > -np.inf:
        return True
    check_begun(tokens, begin)
    return False


def check_begun(tokens: Sequence[int], begin: int) -> None:
    """Raise if nothing can follow the very context, the first `begin` tokens."""
    if len(tokens) == begin:
        raise ValueError(
            f"context: expected one after which the model gives some token a probability above 0, "
            f"got {list(tokens)}"
        )


def check_context(context: Iterable[int]) -> list[int]:
    """Return the context as a new list of ids."""
    return [check_int("context", token, minimum=0) for token in context]


def check_stop(stop: int | None) -> int | None:
    """Return the id after which a text ends, or None for none."""
    return None if stop is None else check_int("stop", stop, minimum=0)


def check_model(model: Any) -> None:
    """Raise unless the model can be asked."""
    if not callable(getattr(model, "next_log_probs", None)):
        raise TypeError(f"model: expected an object with next_log_probs, got {model!r}")

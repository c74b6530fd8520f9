"""Gradient clipping: no step longer than a given length, whatever the gradients say.

Where gradients explode, as they do in recurrent networks, one step along them would throw the
weights far away. Clipping by the norm keeps the direction and shortens the step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._numbers import check_positive
from lecturelib._shapes import check_floats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Float

__all__ = ["clip_gradient_norm", "gradient_norm"]


def gradient_norm(gradients: Iterable[Float[np.ndarray, ...]]) -> float:
    """Return the length of all gradients taken together as one long vector.

    norm = sqrt(sum of g**2 over all numbers of all arrays), summed in float64.

    Parameters
    ----------
    gradients : iterable of arrays
        The gradients of a network's parameters, or of one array at several steps.

    Returns
    -------
    float
        0 if there is no gradient; infinite or NaN if one is.

    Raises
    ------
    TypeError
        If one is no array, or holds anything but float32, float64 or integers.

    See Also
    --------
    clip_gradient_norm : Makes it no longer than wanted.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L2, "Why is this a problem?".

    Examples
    --------
    >>> gradient_norm([np.array([[2.0, 3.0]]), np.array([6.0])])
    7.0
    """
    return math.sqrt(sum(_square(gradient) for gradient in _check(gradients)))


def clip_gradient_norm(
    gradients: Iterable[Float[np.ndarray, ...]], max_norm: float
) -> tuple[list[Float[np.ndarray, ...]], float]:
    """Shorten all gradients by one common factor, so that their norm is at most `max_norm`.

    g <- g * min(1, max_norm / norm). One factor for all keeps the direction of the step.

    Parameters
    ----------
    gradients : iterable of arrays
        The gradients of a network's parameters; left as they are.
    max_norm : float
        The largest norm that is let through, above 0.

    Returns
    -------
    clipped : list of arrays
        New arrays if they had to be shortened, else the same ones.
    norm : float
        The norm before, as `gradient_norm` gives it: worth a look in the history of a training.

    Raises
    ------
    ValueError
        If `max_norm` is not above 0; if the norm is infinite or NaN, since no factor helps then.
    TypeError
        If `max_norm` is no number, or a gradient no array of numbers.

    See Also
    --------
    gradient_norm : The norm alone.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; Pascanu, Mikolov and Bengio 2013,
    arXiv 1211.5063.

    Examples
    --------
    >>> clipped, norm = clip_gradient_norm([np.array([3.0]), np.array([4.0])], 1.0)
    >>> clipped, norm
    ([array([0.6]), array([0.8])], 5.0)
    """
    max_norm = check_positive("max_norm", max_norm)
    arrays = _check(gradients)
    norm = gradient_norm(arrays)
    if not math.isfinite(norm):
        raise ValueError(f"gradients: expected finite numbers, got a norm of {norm}")
    if norm <= max_norm:
        return arrays, norm
    factor = max_norm / norm
    return [np.asarray(array * factor) for array in arrays], norm


def _check(gradients: Iterable[np.ndarray]) -> list[np.ndarray]:
    # One by one: gradients of float32 and float64 may stand side by side.
    return [check_floats(**{f"gradients[{k}]": array})[0] for k, array in enumerate(gradients)]


def _square(gradient: np.ndarray) -> float:
    flat = gradient.reshape(-1).astype(np.float64, copy=False)
    return float(np.dot(flat, flat))

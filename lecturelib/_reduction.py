"""From the losses of single terms to one number, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lecturelib._shapes import check_floats

if TYPE_CHECKING:
    Reduction = Literal["mean", "sum", "none"]


def reduce_terms(
    terms: np.ndarray, reduction: Reduction, count: int
) -> np.ndarray | np.floating[Any]:
    """Return the mean over `count` terms, the sum of all, or the terms as they are.

    Raises
    ------
    ValueError
        If the reduction is none of the three, or a mean has no terms.
    """
    _check_reduction(reduction, count)
    if reduction == "none":
        return terms
    total: np.floating[Any] = terms.sum()
    return total / count if reduction == "mean" else total


def spread_gradient(dy: Any, terms: np.ndarray, reduction: Reduction, count: int) -> np.ndarray:
    """Return the gradient of every term, one number if it is the same for all.

    `terms` is any array with the shape and type of the terms.

    Raises
    ------
    ValueError
        As `reduce_terms`; also if dy has the wrong shape.
    TypeError
        If dy is not real, or an array of another type than the terms.
    """
    _check_reduction(reduction, count)
    if reduction == "none":
        dy, _ = check_floats(dy=dy, x=terms)  # the terms have the type of x
        if dy.shape != terms.shape:
            raise ValueError(f"dy: expected shape {terms.shape}, got {dy.shape}")
        return np.asarray(dy)
    number = np.asarray(dy)
    if number.ndim:
        raise ValueError(f"dy: expected one number for {reduction!r}, got shape {number.shape}")
    if number.dtype.kind not in "fiu":
        raise TypeError(f"dy: expected a number, got {dy!r}")
    number = number.astype(terms.dtype)
    return np.asarray(number / count if reduction == "mean" else number)


def _check_reduction(reduction: object, count: int) -> None:
    if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction: expected 'mean', 'sum' or 'none', got {reduction!r}")
    if reduction == "mean" and count == 0:
        raise ValueError("target: expected at least one entry to average over, got none")

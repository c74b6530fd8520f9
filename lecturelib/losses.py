"""Losses: how bad a prediction is, as one number, and the gradient that says how to improve.

Each loss has a term for every number predicted, or in `cross_entropy` for every choice. With
reduction "mean" the loss is the sum of the N terms over N (L4 writes a sum from 0 to N, which
would have one more), with "sum" it is their sum, and "none" keeps them apart. The target is data,
not a result: the backward functions return the gradient of x alone. Their dy, the gradient that
arrives, is one number (1 if the loss is the end of all), or with "none" one for each term.

Losses come as a number of the type of x. The functions keep float32 and float64 as they are;
integers take the float type beside them, else float64. They change none of their arguments, and
keep nothing between forward and backward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._binary_cross_entropy import (
    binary_cross_entropy_backward,
    binary_cross_entropy_forward,
    binary_cross_entropy_with_logits_backward,
    binary_cross_entropy_with_logits_forward,
)
from lecturelib._cross_entropy import cross_entropy_backward, cross_entropy_forward
from lecturelib._elementwise import check_target
from lecturelib._reduction import reduce_terms, spread_gradient

if TYPE_CHECKING:
    from jaxtyping import Float, Num

    from lecturelib._reduction import Reduction

__all__ = [
    "binary_cross_entropy_backward",
    "binary_cross_entropy_forward",
    "binary_cross_entropy_with_logits_backward",
    "binary_cross_entropy_with_logits_forward",
    "cross_entropy_backward",
    "cross_entropy_forward",
    "mse_loss_backward",
    "mse_loss_forward",
]


def mse_loss_forward(
    x: Num[np.ndarray, ...], target: Num[np.ndarray, ...], *, reduction: Reduction = "mean"
) -> Float[np.ndarray, ...] | np.floating[Any]:
    """Return the mean squared error, whose terms are (x - target)**2.

    Parameters
    ----------
    x : array of any shape
        Predictions.
    target : shaped as x
        What they should be.
    reduction : {"mean", "sum", "none"}
        What to do with the terms.

    Returns
    -------
    loss : number, or shaped as x for "none"
        In the squared unit of x.

    Raises
    ------
    ValueError
        If the shapes differ, there is nothing to average over, or the reduction is unknown.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet.

    See Also
    --------
    mse_loss_backward : Its gradient.
    Chapter 3, "Learning"; L4, "Summary of previous lecture (3/4)".

    Examples
    --------
    >>> mse_loss_forward(np.array([1.0, 2.0]), np.array([0.0, 5.0]))
    np.float64(5.0)
    """
    x, target = check_target(x, target)
    terms: np.ndarray = np.subtract(x, target, out=np.empty_like(x))
    terms *= terms
    return reduce_terms(terms, reduction, terms.size)


def mse_loss_backward(
    dy: float | Num[np.ndarray, ...],
    x: Num[np.ndarray, ...],
    target: Num[np.ndarray, ...],
    *,
    reduction: Reduction = "mean",
) -> Float[np.ndarray, ...]:
    """Return the gradient of `mse_loss_forward`: dx = dy * 2 * (x - target), for the mean over N.

    Parameters
    ----------
    dy : number, or shaped as x for "none"
        Gradient of what follows with respect to the loss.
    x, target, reduction
        What the forward pass was given.

    Returns
    -------
    dx : shaped as x

    Raises
    ------
    ValueError, TypeError
        As `mse_loss_forward`; also if dy has not the shape or type of the loss.

    See Also
    --------
    mse_loss_forward : The loss itself.
    Chapter 3, "Learning"; L4, "Summary of previous lecture (3/4)".

    Examples
    --------
    >>> mse_loss_backward(1.0, np.array([1.0, 2.0]), np.array([0.0, 5.0]))
    array([ 1., -3.])
    """
    x, target = check_target(x, target)
    dx: np.ndarray = np.subtract(x, target, out=np.empty_like(x))
    dx *= 2 * spread_gradient(dy, x, reduction, x.size)
    return dx

"""Cross-entropy of yes-or-no predictions; public in `losses`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._elementwise import check_target
from lecturelib._reduction import reduce_terms, spread_gradient
from lecturelib._sigmoid import sigmoid_forward

if TYPE_CHECKING:
    from jaxtyping import Float, Num

    from lecturelib._reduction import Reduction

# What torch takes for the logarithm of 0, and for p * (1 - p) next to 0 in its gradient.
_LEAST_LOG = -100
_LEAST_VARIANCE = 1e-12


def binary_cross_entropy_forward(
    x: Num[np.ndarray, ...], target: Num[np.ndarray, ...], *, reduction: Reduction = "mean"
) -> Float[np.ndarray, ...] | np.floating[Any]:
    """Return the binary cross-entropy of probabilities.

    The terms are -(target * log(x) + (1 - target) * log(1 - x)). As in torch, no logarithm counts
    as less than -100, so that being wrong with certainty costs 100 and not infinity.

    Parameters
    ----------
    x : array of any shape
        Predicted probabilities that the answer is 1.
    target : shaped as x
        Answers: 0 or 1, or a probability between.
    reduction : {"mean", "sum", "none"}
        What to do with the terms.

    Returns
    -------
    loss : number, or shaped as x for "none"
        In nats.

    Raises
    ------
    ValueError
        If x or target holds anything but numbers from 0 to 1, the shapes differ, there is nothing
        to average over, or the reduction is unknown.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet.

    See Also
    --------
    binary_cross_entropy_backward : Its gradient.
    binary_cross_entropy_with_logits_forward : The same of sigmoid(x), without rounding on the way.
    Chapter 3, "Learning"; L4, "Summary of previous lecture (3/4)".

    Examples
    --------
    >>> x, target = np.array([0.5, 0.75, 0.0]), np.array([1, 0, 1])
    >>> binary_cross_entropy_forward(x, target, reduction="none")
    array([  0.69314718,   1.38629436, 100.        ])
    """
    x, target = check_target(x, target)
    _check_probabilities("x", x)
    _check_probabilities("target", target)
    with np.errstate(divide="ignore"):  # log(0) = -inf, which counts as -100
        log_yes = np.maximum(np.log(x), _LEAST_LOG)
        log_no = np.maximum(np.log1p(-x), _LEAST_LOG)
    terms = np.asarray((target - 1) * log_no - target * log_yes)
    return reduce_terms(terms, reduction, terms.size)


def binary_cross_entropy_backward(
    dy: float | Num[np.ndarray, ...],
    x: Num[np.ndarray, ...],
    target: Num[np.ndarray, ...],
    *,
    reduction: Reduction = "mean",
) -> Float[np.ndarray, ...]:
    """Return the gradient of `binary_cross_entropy_forward`.

    dx = dy * (x - target) / (x * (1 - x)), over N for the mean. As in torch, the denominator
    counts as 1e-12 at least.

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
        As `binary_cross_entropy_forward`; also if dy has not the shape or type of the loss.

    See Also
    --------
    binary_cross_entropy_forward : The loss itself.
    Chapter 3, "Learning"; L4, "Summary of previous lecture (3/4)".

    Examples
    --------
    >>> binary_cross_entropy_backward(1.0, np.array([0.5, 0.75]), np.array([1, 0]))
    array([-1.,  2.])
    """
    x, target = check_target(x, target)
    _check_probabilities("x", x)
    _check_probabilities("target", target)
    dx: np.ndarray = np.subtract(x, target, out=np.empty_like(x))
    dx /= np.maximum(x * (1 - x), _LEAST_VARIANCE)
    dx *= spread_gradient(dy, x, reduction, x.size)
    return dx


def binary_cross_entropy_with_logits_forward(
    x: Num[np.ndarray, ...], target: Num[np.ndarray, ...], *, reduction: Reduction = "mean"
) -> Float[np.ndarray, ...] | np.floating[Any]:
    """Return the binary cross-entropy of sigmoid(x).

    Its terms, with the logarithm of the sigmoid worked out, are log(1 + exp(x)) - target * x. They
    are computed as max(0, x) - target * x + log(1 + exp(-abs(x))), where nothing overflows and no
    certainty is too great.

    Parameters
    ----------
    x : array of any shape
        Scores (logits): any real number, positive for 1.
    target : shaped as x
        Answers: 0 or 1, or a probability between.
    reduction : {"mean", "sum", "none"}
        What to do with the terms.

    Returns
    -------
    loss : number, or shaped as x for "none"
        In nats.

    Raises
    ------
    ValueError
        If target holds anything but numbers from 0 to 1, the shapes differ, there is nothing to
        average over, or the reduction is unknown.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet.

    See Also
    --------
    binary_cross_entropy_with_logits_backward : Its gradient.
    Chapter 3, "Learning"; L4, "Summary of previous lecture (3/4)".

    Examples
    --------
    >>> x, target = np.array([0.0, 1000.0, 1000.0]), np.array([1, 1, 0])
    >>> binary_cross_entropy_with_logits_forward(x, target, reduction="none")
    array([6.93147181e-01, 0.00000000e+00, 1.00000000e+03])
    """
    x, target = check_target(x, target)
    _check_probabilities("target", target)
    terms = np.asarray(np.maximum(x, 0) - target * x + np.log1p(np.exp(-np.abs(x))))
    return reduce_terms(terms, reduction, terms.size)


def binary_cross_entropy_with_logits_backward(
    dy: float | Num[np.ndarray, ...],
    x: Num[np.ndarray, ...],
    target: Num[np.ndarray, ...],
    *,
    reduction: Reduction = "mean",
) -> Float[np.ndarray, ...]:
    """Return the gradient of `binary_cross_entropy_with_logits_forward`.

    dx = dy * (sigmoid(x) - target), over N for the mean: the slope of the sigmoid has cancelled.

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
        As `binary_cross_entropy_with_logits_forward`; also if dy has not the shape or type of the
        loss.

    See Also
    --------
    binary_cross_entropy_with_logits_forward : The loss itself.
    Chapter 3, "Learning"; L4, "Summary of previous lecture (3/4)".

    Examples
    --------
    >>> binary_cross_entropy_with_logits_backward(4.0, np.zeros(2), np.array([1, 0]))
    array([-1.,  1.])
    """
    x, target = check_target(x, target)
    _check_probabilities("target", target)
    dx = sigmoid_forward(x)
    dx -= target
    dx *= spread_gradient(dy, x, reduction, x.size)
    return dx


def _check_probabilities(name: str, array: np.ndarray) -> None:
    # Extremes first: they need no memory, and NaN fails both comparisons.
    if array.size == 0 or (array.min() >= 0 and array.max() <= 1):
        return
    wrong = tuple(np.argwhere(~((array >= 0) & (array <= 1)))[0].tolist())
    raise ValueError(f"{name}: expected numbers from 0 to 1, got {array[wrong]} at {wrong}")

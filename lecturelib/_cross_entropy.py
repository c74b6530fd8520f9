"""Cross-entropy of a choice among K classes; public in `losses`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._elementwise import check_input
from lecturelib._numbers import check_integers
from lecturelib._reduction import reduce_terms, spread_gradient
from lecturelib._shapes import check_int
from lecturelib._softmax import softmax_forward

if TYPE_CHECKING:
    from jaxtyping import Float, Integer, Num

    from lecturelib._reduction import Reduction


def cross_entropy_forward(
    x: Num[np.ndarray, "... K"],
    target: Integer[np.ndarray, ...],
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Float[np.ndarray, ...] | np.floating[Any]:
    """Return the cross-entropy of softmax(x): minus the log-probability of the right class.

    The term of one example is log(sum over k of exp(x_k)) - x_target. Its mean is the logarithm of
    the perplexity: exp(loss) is the number of equally likely classes that would be as hard to
    guess.

    Parameters
    ----------
    x : (..., K)
        Scores (logits) of K classes, with any leading axes: (N, K) for a batch, (T, B, K) for
        sequences. torch, too, takes (N, K), but would have K come second among more axes.
    target : integers, shaped as x without its last axis
        The right class, 0 to K - 1, or `ignore_index`.
    ignore_index : int
        Marks places that do not count, such as the padding of short sequences. Their term is 0,
        and the mean is over the others.
    reduction : {"mean", "sum", "none"}
        What to do with the terms.

    Returns
    -------
    loss : number, or shaped as target for "none"
        In nats.

    Raises
    ------
    ValueError
        If shapes disagree, a class is out of range, there is nothing to average over, or the
        reduction is unknown.
    TypeError
        If x is masked or holds anything but float32, float64 or integers; if target does not hold
        integers, or `ignore_index` is none.

    See Also
    --------
    cross_entropy_backward : Its gradient.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> x = np.log([[1.0, 2.0, 1.0], [8.0, 1.0, 1.0]])
    >>> np.exp(-cross_entropy_forward(x, np.array([1, 0]), reduction="none"))
    array([0.5, 0.8])
    """
    x, choice = _check_choice(x, target, ignore_index)
    shifted: np.ndarray = x - x.max(axis=-1, keepdims=True)
    chosen = shifted[choice.places]
    np.exp(shifted, out=shifted)
    terms = np.where(choice.counts, np.log(shifted.sum(axis=-1)) - chosen, x.dtype.type(0))
    return reduce_terms(terms, reduction, choice.number)


def cross_entropy_backward(
    dy: float | Num[np.ndarray, ...],
    x: Num[np.ndarray, "... K"],
    target: Integer[np.ndarray, ...],
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Float[np.ndarray, "... K"]:
    """Return the gradient of `cross_entropy_forward`.

    dx = dy * (softmax(x) - 1 at the right class), over the number of terms for the mean: each score
    is pushed by the difference of what was predicted and what came.

    Parameters
    ----------
    dy : number, or shaped as target for "none"
        Gradient of what follows with respect to the loss.
    x, target, ignore_index, reduction
        What the forward pass was given.

    Returns
    -------
    dx : (..., K)

    Raises
    ------
    ValueError, TypeError
        As `cross_entropy_forward`; also if dy has not the shape or type of the loss.

    See Also
    --------
    cross_entropy_forward : The loss itself.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> cross_entropy_backward(1.0, np.zeros((1, 4)), np.array([2]))
    array([[ 0.25,  0.25, -0.75,  0.25]])
    """
    x, choice = _check_choice(x, target, ignore_index)
    scale = spread_gradient(dy, x[..., 0], reduction, choice.number)
    dx = softmax_forward(x)
    dx[choice.places] -= 1
    dx *= (scale * choice.counts)[..., np.newaxis]
    return dx


class _Choice(NamedTuple):
    """Which class is right, where that counts, and in how many places."""

    places: tuple[np.ndarray, ...]  # of the right scores in x; of class 0 where that does not count
    counts: np.ndarray
    number: int


def _check_choice(
    x: np.ndarray, target: np.ndarray, ignore_index: int
) -> tuple[np.ndarray, _Choice]:
    x = check_input(x)
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError(f"x: expected shape (..., K) with at least one class, got {x.shape}")
    check_integers("target", target)
    if target.shape != x.shape[:-1]:
        raise ValueError(
            f"target: expected shape {x.shape[:-1]}, one class for each row of x, "
            f"got {target.shape}"
        )
    ignore_index = check_int("ignore_index", ignore_index, minimum=np.iinfo(np.int64).min)
    counts = np.asarray(target != ignore_index)
    K = x.shape[-1]
    wrong = np.argwhere(counts & ((target < 0) | (target >= K)))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise ValueError(
            f"target: expected classes from 0 to {K - 1} or ignore_index {ignore_index}, "
            f"got {target[place]} at {place}"
        )
    classes = np.where(counts, target, 0)
    places = (*np.indices(target.shape, sparse=True), classes)
    return x, _Choice(places, counts, int(counts.sum()))

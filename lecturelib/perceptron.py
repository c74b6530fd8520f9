"""The perceptron: one threshold unit, how it learns, and what several of them can do.

A threshold unit (McCulloch and Pitts 1943) adds up its weighted inputs and fires, that is returns
1, if the sum is above 0. Rosenblatt (1958) named it perceptron and let it learn its weights. It
divides its inputs by a straight line (with more inputs, a plane), so it cannot compute the
exclusive or, XOR; one hidden layer of such units can compute every function of zeros and ones.

Shapes: x (..., D), D inputs for each of any number of examples; w (D,) and b one number. Inputs,
outputs and targets may be integers; weights are float32 or float64, as the inputs if those are
floats, else float64. No function changes its arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._numbers import check_generator, check_number, check_positive
from lecturelib._shapes import check_floats, check_int, check_shape
from lecturelib._threshold import (
    ThresholdNetwork,
    boolean_inputs,
    dnf_network,
    threshold_unit,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Int, Num

__all__ = [
    "PerceptronFit",
    "ThresholdNetwork",
    "boolean_inputs",
    "dnf_network",
    "fit_perceptron",
    "perceptron_step",
    "threshold_unit",
]


class PerceptronFit(NamedTuple):
    """What `fit_perceptron` learned, and how it went.

    Attributes
    ----------
    w : (D,)
        Weights.
    b : float
        Bias.
    errors : (epochs,) integers
        How many examples were answered wrongly, and so changed the weights, in each epoch. The
        last is 0 if the perceptron came to answer all of them rightly.

    See Also
    --------
    fit_perceptron : Makes one.
    Chapter 1, "Perceptrons and feature maps"; L1, "The Building Block of Neural Networks".

    Examples
    --------
    >>> fit = PerceptronFit(w=np.array([2.0, 1.0]), b=-2.0, errors=np.array([1, 3, 3, 2, 1, 0]))
    >>> threshold_unit(np.array([[1, 1], [0, 1]]), fit.w, fit.b)
    array([1., 0.])
    """

    w: Float[np.ndarray, " D"]
    b: float
    errors: Int[np.ndarray, " epochs"]


def perceptron_step(
    x: Num[np.ndarray, " D"],
    target: float,
    w: Num[np.ndarray, " D"],
    b: float,
    *,
    lr: float = 1.0,
) -> tuple[Float[np.ndarray, " D"], float]:
    """Apply the learning rule to one example.

    With the answer y = step(w · x + b), w becomes w + lr * (target - y) * x, and b becomes
    b + lr * (target - y). A right answer changes nothing. After a 0 that should be 1, the inputs
    are added to the weights, so that they weigh more next time; after a 1 that should be 0, they
    are subtracted.

    Parameters
    ----------
    x : (D,)
        Inputs of one example.
    target : 0 or 1
        The right answer.
    w : (D,)
        Weights.
    b : float
        Bias.
    lr : float
        Learning rate, positive.

    Returns
    -------
    w : (D,)
    b : float

    Raises
    ------
    ValueError
        If shapes disagree, the target is not 0 or 1, or the rate is not positive.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if target, b or lr is no number.

    See Also
    --------
    fit_perceptron : Repeat it.
    Chapter 1, "Perceptrons and feature maps"; Rosenblatt 1958, "The perceptron: a probabilistic
    model for information storage and organization in the brain".

    Examples
    --------
    >>> perceptron_step(np.array([1.0, 2.0]), 1, np.zeros(2), 0.0)
    (array([1., 2.]), 1.0)
    """
    x, w = check_floats(x=x, w=w)
    check_shape("w", w, D=None)
    check_shape("x", x, D=len(w))
    answer = check_number("target", target)
    if answer not in (0, 1):
        raise ValueError(f"target: expected 0 or 1, got {target!r}")
    return _step(x, answer, w.copy(), check_number("b", b), check_positive("lr", lr))


def fit_perceptron(
    x: Num[np.ndarray, "N D"],
    target: Num[np.ndarray, " N"],
    *,
    lr: float = 1.0,
    epochs: int = 100,
    rng: np.random.Generator | None = None,
) -> PerceptronFit:
    """Apply the learning rule to one example after another, from zero weights, until all are right.

    If a straight line (a plane) separates the two kinds, that takes (R / margin)**2 mistakes at
    most (Novikoff 1962). Here the bias counts as the weight of one more input, which is always 1;
    R is the length of the longest x so extended, and margin the distance of the nearest one from
    the separating plane, which runs through the origin. If no line does, as for XOR, learning would
    go on for ever. It stops after `epochs`, and the last number of errors tells.

    Parameters
    ----------
    x : (N, D)
        Inputs.
    target : (N,)
        Right answers, 0 or 1.
    lr : float
        Learning rate, positive. From zero weights it scales w and b, and changes no answer.
    epochs : int
        How many times to go through the examples at most.
    rng : numpy.random.Generator, optional
        Shuffles the examples before each epoch; without one they keep their order.

    Returns
    -------
    PerceptronFit
        Weights w, bias b, and the errors of each epoch.

    Raises
    ------
    ValueError
        If shapes disagree, there is no example, a target is not 0 or 1, the rate is not positive or
        `epochs` is less than 1.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if `lr` is no number, `epochs` no integer or `rng` no generator.

    See Also
    --------
    perceptron_step : One example.
    Chapter 1, "Perceptrons and feature maps"; L1, "The Building Block of Neural Networks".

    Examples
    --------
    A perceptron learns the logical and, but not XOR:

    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> fit_perceptron(x, np.array([0, 0, 0, 1]))
    PerceptronFit(w=array([2., 1.]), b=-2.0, errors=array([1, 3, 3, 2, 1, 0]))
    >>> fit_perceptron(x, np.array([0, 1, 1, 0]), epochs=8).errors
    array([2, 3, 4, 4, 4, 4, 4, 4])
    """
    x, target = _check_examples(x, target)
    lr, epochs = check_positive("lr", lr), check_int("epochs", epochs, minimum=1)
    if rng is not None:
        check_generator(rng)
    w, b = np.zeros_like(x[0]), 0.0
    errors: list[int] = []
    while len(errors) < epochs and (not errors or errors[-1]):
        order = range(len(x)) if rng is None else rng.permutation(len(x))
        errors.append(0)
        for n in order:
            before = w
            w, b = _step(x[n], float(target[n]), w, b, lr)
            errors[-1] += w is not before
    return PerceptronFit(w, b, np.array(errors))


def _step(
    x: np.ndarray, target: float, w: np.ndarray, b: float, lr: float
) -> tuple[np.ndarray, float]:
    """Return new weights, or w itself if the answer is right."""
    answer = 1.0 if x @ w + b > 0 else 0.0
    if answer == target:
        return w, b
    change = lr * (target - answer)
    return w + change * x, b + change


def _check_examples(x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, target = check_floats(x=x, target=target)
    check_shape("x", x, N=None, D=None)
    check_shape("target", target, N=len(x))
    if len(x) == 0:
        raise ValueError(f"x: expected at least one example, got shape {x.shape}")
    wrong = np.flatnonzero((target != 0) & (target != 1))
    if len(wrong):
        raise ValueError(f"target: expected 0 or 1, got {target[wrong[0]]:g} at {wrong[0]}")
    return x, target

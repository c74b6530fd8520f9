"""How a network does on samples: outputs, loss, share of the right; public in `training`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._layer import Layer
from lecturelib._numbers import check_kind
from lecturelib.batches import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Data = tuple[np.ndarray, np.ndarray]
    Metrics = Mapping[str, Callable[[np.ndarray, np.ndarray], float]]


class Loss(NamedTuple):
    """How bad an output is, and in which direction it gets worse.

    Attributes
    ----------
    forward : callable
        Takes the output y of a network and the target, and returns the mean loss of the batch, one
        number.
    backward : callable
        Takes the gradient of what follows, 1 if nothing does, then y and the target, and returns
        the gradient with respect to y.

    See Also
    --------
    CROSS_ENTROPY, MSE_LOSS, BINARY_CROSS_ENTROPY, BINARY_CROSS_ENTROPY_WITH_LOGITS : Such pairs.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> mean = Loss(
    ...     forward=lambda y, target: (y - target).mean(),
    ...     backward=lambda dy, y, target: np.full_like(y, dy / y.size),
    ... )
    >>> mean.backward(1.0, np.zeros(4), np.ones(4))
    array([0.25, 0.25, 0.25, 0.25])
    """

    forward: Callable[[np.ndarray, np.ndarray], Any]
    backward: Callable[[Any, np.ndarray, np.ndarray], np.ndarray]


class Evaluation(NamedTuple):
    """How a network did.

    Attributes
    ----------
    loss : float
        The mean over the samples.
    metrics : dict of str to float
        What else was measured, by name.

    See Also
    --------
    evaluate : Where it comes from.
    Chapter 5, "Optimizers, dropout and early stopping"; L2, "Summary: Hyperparameters".
    """

    loss: float
    metrics: dict[str, float]


def predict(network: Layer, x: np.ndarray, *, batch_size: int | None = 256) -> np.ndarray:
    """Return the outputs of a network in evaluation mode.

    Parameters
    ----------
    network : Layer
        Its mode is afterwards what it was.
    x : (N, ...)
        Samples, one or more.
    batch_size : int or None
        How many go through the network together, which decides how much memory is used; None for
        all.

    Returns
    -------
    (N, ...)

    Raises
    ------
    ValueError, TypeError
        If there are no samples, or they do not fit the network.

    See Also
    --------
    evaluate : Compare the outputs with what they should be.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> from lecturelib.layers import ReLU
    >>> predict(ReLU(), np.array([[-1.0], [0.0], [1.0]]), batch_size=2)
    array([[0.],
           [0.],
           [1.]])
    """
    check_kind("network", network, Layer)
    check_kind("x", x, np.ndarray)
    if x.ndim == 0 or len(x) == 0:
        raise ValueError(f"x: expected one sample or more, got shape {x.shape}")
    was_training = network.training
    network.eval()
    try:
        parts = [network.forward(x[i]) for i in batches(len(x), batch_size, shuffle=False)]
    finally:
        if was_training:
            network.train()
    return np.concatenate(parts)


def evaluate(
    network: Layer,
    loss: Loss,
    data: Data,
    *,
    metrics: Metrics | None = None,
    batch_size: int | None = 256,
) -> Evaluation:
    """Judge a network, in evaluation mode, on samples that it should not have learned from.

    Parameters
    ----------
    network : Layer
        Its mode is afterwards what it was.
    loss : Loss
        Such as `CROSS_ENTROPY`.
    data : (x, target)
        Arrays whose first axis counts the samples.
    metrics : mapping of str to callable, or None
        What to measure beside the loss, such as ``{"accuracy": accuracy}``; each is given all
        outputs and targets.
    batch_size : int or None
        As `predict`.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError, TypeError
        If x and target differ in length, there are no samples, or they do not fit the network.

    See Also
    --------
    predict : The outputs alone.
    Chapter 5, "Optimizers, dropout and early stopping"; L2, "Summary: Hyperparameters".

    Examples
    --------
    >>> from lecturelib.layers import ReLU
    >>> from lecturelib.training import MSE_LOSS
    >>> y = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> evaluate(ReLU(), MSE_LOSS, (y, y + 1)).loss
    1.0
    """
    check_kind("loss", loss, Loss)
    x, target = check_data("data", data)
    y = predict(network, x, batch_size=batch_size)
    measured = {name: float(metric(y, target)) for name, metric in (metrics or {}).items()}
    return Evaluation(float(loss.forward(y, target)), measured)


def accuracy(y: np.ndarray, target: np.ndarray) -> float:
    """Return the share of samples whose largest output is that of the target's class.

    Parameters
    ----------
    y : (..., K)
        One number for each class, such as logits or probabilities.
    target : (...) of int
        The right classes.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If target has not the shape of y without its last axis, or is empty.
    TypeError
        If one is no array.

    See Also
    --------
    evaluate : Takes it as a metric.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2], [0.6, 0.4], [0.7, 0.3]]), np.array([1, 0, 1, 0]))
    0.75
    """
    check_kind("y", y, np.ndarray)
    check_kind("target", target, np.ndarray)
    if y.shape[:-1] != target.shape or target.size == 0:
        raise ValueError(f"target: expected shape {y.shape[:-1]}, not empty, got {target.shape}")
    return float((y.argmax(axis=-1) == target).mean())


def check_data(name: str, data: Data) -> Data:
    """Return (x, target), if they are arrays of as many samples, and not of none."""
    if not isinstance(data, tuple) or len(data) != 2:
        raise TypeError(f"{name}: expected a pair of arrays (x, target), got {type(data).__name__}")
    x, target = data
    for array in data:
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name}: expected NumPy arrays, got {type(array).__name__}")
    if x.ndim == 0 or x.shape[:1] != target.shape[:1] or len(x) == 0:
        raise ValueError(
            f"{name}: expected as many targets as samples, and one at least, "
            f"got shapes {x.shape} and {target.shape}"
        )
    return x, target

"""The one training loop of the course, and how a network is judged.

The recipe of the lectures: given samples, a decision function and a loss, take small steps against
the gradient. `train_step` is one step; `train` takes one for each batch, epoch after epoch.

Data are pairs (x, target) of arrays whose first axis counts the samples. What happens is decided by
the parameters at the start and by the generators that draw batches and dropout: where one
generator, made from a seed, is handed to the layers and to `train`, the seed decides everything.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import numpy as np

from lecturelib import losses
from lecturelib._layer import Layer
from lecturelib._numbers import check_kind
from lecturelib._shapes import check_int
from lecturelib._training_evaluation import (
    Evaluation,
    Loss,
    accuracy,
    check_data,
    evaluate,
    predict,
)
from lecturelib._training_history import Best, EarlyStopping, History, Progress
from lecturelib.batches import batches
from lecturelib.clipping import clip_gradient_norm
from lecturelib.optimizers import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lecturelib._layer import Parameter
    from lecturelib._training_evaluation import Data, Metrics

__all__ = [
    "BINARY_CROSS_ENTROPY",
    "BINARY_CROSS_ENTROPY_WITH_LOGITS",
    "CROSS_ENTROPY",
    "MSE_LOSS",
    "EarlyStopping",
    "Evaluation",
    "History",
    "Loss",
    "accuracy",
    "evaluate",
    "predict",
    "train",
    "train_step",
]

#: For outputs that are logits of K classes, and targets that are their numbers.
CROSS_ENTROPY = Loss(losses.cross_entropy_forward, losses.cross_entropy_backward)

#: For outputs that are to come close to numbers.
MSE_LOSS = Loss(losses.mse_loss_forward, losses.mse_loss_backward)

#: For outputs that are probabilities of yes, and targets 1 for yes and 0 for no.
BINARY_CROSS_ENTROPY = Loss(
    losses.binary_cross_entropy_forward, losses.binary_cross_entropy_backward
)

#: The same for logits, of which the sigmoid would be the probabilities.
BINARY_CROSS_ENTROPY_WITH_LOGITS = Loss(
    losses.binary_cross_entropy_with_logits_forward,
    losses.binary_cross_entropy_with_logits_backward,
)


def train_step(
    network: Layer,
    loss: Loss,
    optimizer: Optimizer,
    x: np.ndarray,
    target: np.ndarray,
    *,
    max_grad_norm: float | None = None,
) -> float:
    """Take one step of gradient descent on one batch, and return the loss before it.

    Parameters
    ----------
    network : Layer
        Usually a `Sequential`. Its parameters are changed.
    loss : Loss
        Such as `CROSS_ENTROPY`.
    optimizer : Optimizer
        Has the network's parameters.
    x, target : array
        The samples of the batch.
    max_grad_norm : float or None
        Scale the gradients of all parameters together down to this norm if theirs is larger.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If network, loss, optimizer or data are none, or do not fit each other, or `max_grad_norm`
        is not positive.

    See Also
    --------
    train : Many steps.
    Chapter 3, "Learning"; L3, "SGD for CNNs".

    Examples
    --------
    >>> from lecturelib.layers import Linear
    >>> from lecturelib.optimizers import SGD
    >>> line = Linear(1, 1, np.random.default_rng(0), dtype=np.float64)
    >>> optimizer = SGD(line.parameters(), lr=0.1)
    >>> x = np.array([[0.0], [1.0], [2.0]])
    >>> for _ in range(200):
    ...     last = train_step(line, MSE_LOSS, optimizer, x, 3 * x + 1)
    >>> line.weight.data.round(2), line.bias.data.round(2)
    (array([[3.]]), array([1.]))
    """
    _check_kinds(network, loss, optimizer)
    # 1. Forward: what the network says now.
    y = network.forward(x)
    # 2. The loss: how bad that is.
    value = loss.forward(y, target)
    # 3. Backward: how each parameter makes it worse.
    optimizer.zero_grad()
    network.backward_parameters(loss.backward(1.0, y, target))
    if max_grad_norm is not None:
        _clip(optimizer.parameters, max_grad_norm)
    # 4. Update: a small step the other way.
    optimizer.step()
    return float(value)


def train(
    network: Layer,
    loss: Loss,
    train_data: Data,
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None,
    rng: np.random.Generator,
    validation: Data | None = None,
    metrics: Metrics | None = None,
    schedule: Callable[[int], float] | None = None,
    early_stopping: EarlyStopping | None = None,
    max_grad_norm: float | None = None,
    progress: bool = False,
) -> History:
    """Let a network learn from samples, and return what was measured on the way.

    Parameters
    ----------
    network : Layer
        Usually a `Sequential`. It is left in evaluation mode, ready for use.
    loss : Loss
        Such as `CROSS_ENTROPY`.
    train_data : (x, target)
        Arrays whose first axis counts the samples.
    optimizer : Optimizer
        Has the network's parameters.
    epochs : int
        How often every sample is seen, at most.
    batch_size : int or None
        Samples in a step; None for all.
    rng : numpy.random.Generator
        Shuffles the samples of each epoch.
    validation : (x, target) or None
        Samples held out, to be judged after each epoch.
    metrics : mapping of str to callable, or None
        What is measured on them beside the loss, such as ``{"accuracy": accuracy}``; each is given
        all outputs and targets.
    schedule : callable or None
        Takes the epoch, counted from 0, and returns the factor of the optimizer's learning rate,
        such as those of ``lecturelib.schedules``. In the end the rate is what it was.
    early_stopping : EarlyStopping or None
        When to stop before the last epoch. The network then has the parameters of the epoch with
        the best validation loss, whether it was stopped or not.
    max_grad_norm : float or None
        Clip the gradients of each step, as `train_step`.
    progress : bool
        Show a bar (needs tqdm).

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If x and target differ in length or there are no samples, or early stopping or metrics are
        asked for without validation data; also as `train_step`.
    TypeError
        If an argument is not as described.
    ImportError
        If a bar is asked for and tqdm is not there.

    See Also
    --------
    train_step : One step.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning"; L3, "SGD for CNNs".

    Examples
    --------
    The exclusive or, with eight hidden units:

    >>> from lecturelib.layers import Linear, Tanh
    >>> from lecturelib.network import Sequential
    >>> from lecturelib.optimizers import Adam
    >>> rng = np.random.default_rng(0)
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    >>> target = np.array([0, 1, 1, 0])
    >>> network = Sequential(Linear(2, 8, rng), Tanh(), Linear(8, 2, rng))
    >>> optimizer = Adam(network.parameters(), lr=0.05)
    >>> history = train(
    ...     network, CROSS_ENTROPY, (x, target),
    ...     optimizer=optimizer, epochs=100, batch_size=None, rng=rng,
    ... )
    >>> accuracy(network(x), target), history.train_loss[-1] < 0.05
    (1.0, True)
    """
    _check_kinds(network, loss, optimizer)
    x, target = check_data("train_data", train_data)
    steps = _step_count(len(x), epochs, batch_size)
    _check_validation(validation, metrics, early_stopping)
    best = None if early_stopping is None else Best(network, early_stopping)
    history = History(metrics={name: [] for name in metrics or {}})
    with Progress(steps, shown=progress) as bar, _left_in_order(network, optimizer) as rate:
        for epoch in range(epochs):
            start = time.perf_counter()
            optimizer.lr = rate if schedule is None else rate * schedule(epoch)
            network.train()
            total = 0.0
            for index in batches(len(x), batch_size, rng):
                value = train_step(
                    network, loss, optimizer, x[index], target[index], max_grad_norm=max_grad_norm
                )
                total += value * len(index)
                bar.batch()
            history.train_loss.append(total / len(x))
            history.lr.append(optimizer.lr)
            if validation is not None:
                history.add_validation(*evaluate(network, loss, validation, metrics=metrics))
            history.seconds.append(time.perf_counter() - start)
            bar.epoch(history)
            if best is not None and best.patience_ends(history.validation_loss):
                break
    if best is not None:
        history.best_epoch = best.restore()
    return history


@contextlib.contextmanager
def _left_in_order(network: Layer, optimizer: Optimizer) -> Iterator[float]:
    """Give the learning rate, and set it back in the end, even when training was interrupted.

    The network, too, is then ready for use.
    """
    rate = optimizer.lr
    try:
        yield rate
    finally:
        optimizer.lr = rate
        network.eval()


def _clip(parameters: Sequence[Parameter], max_norm: float) -> None:
    gradients = {i: p.grad for i, p in enumerate(parameters) if p.grad is not None}
    clipped, _ = clip_gradient_norm(list(gradients.values()), max_norm)
    for i, gradient in zip(gradients, clipped, strict=True):
        parameters[i].grad = gradient


def _check_kinds(network: Layer, loss: Loss, optimizer: Optimizer) -> None:
    check_kind("network", network, Layer)
    check_kind("loss", loss, Loss)
    check_kind("optimizer", optimizer, Optimizer)


def _step_count(n: int, epochs: object, batch_size: object) -> int:
    size = n if batch_size is None else check_int("batch_size", batch_size, minimum=1)
    return check_int("epochs", epochs, minimum=0) * -(-n // size)


def _check_validation(
    validation: Data | None, metrics: Metrics | None, early_stopping: EarlyStopping | None
) -> None:
    if early_stopping is not None:
        check_kind("early_stopping", early_stopping, EarlyStopping)
    if validation is not None:
        check_data("validation", validation)
    elif metrics or early_stopping is not None:
        name = "metrics" if metrics else "early_stopping"
        raise ValueError(f"validation: expected held-out samples for {name}, got None")

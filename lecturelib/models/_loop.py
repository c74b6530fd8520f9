"""The loop that trains a model; public in `training`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lecturelib._training_history import History
from lecturelib.models import _checkpoints as checkpoints
from lecturelib.models import _parallel as parallel
from lecturelib.models._devices import choose_device, products
from lecturelib.models._run import Metrics, Run
from lecturelib.models._seeds import seeded
from lecturelib.models._steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lecturelib.models._batches import Batches
    from lecturelib.models._config import TrainingConfig
    from lecturelib.models._tally import Loss


def train(
    model: nn.Module,
    loss: Loss,
    data: Batches,
    config: TrainingConfig,
    *,
    validation: Batches | None = None,
    metrics: Metrics | None = None,
) -> History:
    """Let a model learn, and return what was measured on the way.

    Parameters
    ----------
    model : torch.nn.Module
        Goes to the device, and is left there in evaluation mode, ready for use.
    loss : callable
        Takes model, batch and state, and returns a `Tally`, such as that of `mean_loss`. It calls
        the model as a function only.
    data : Batches
        What is learned from, such as `Samples`.
    config : TrainingConfig
        How.
    validation : Batches or None
        Held out, to be judged after each epoch.
    metrics : mapping of str to callable, or None
        What is measured after each epoch beside the loss: each takes the model, in evaluation mode.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If early stopping is asked for without validation data; if a batch has too few samples for
        the parts or processes that it is to be cut for; if no parameter learns, or this machine
        has no such device; if the file for checkpoints is none, or of another run. Model and file
        are then as they were.

    See Also
    --------
    lecturelib.training.train : The same for networks of NumPy arrays.
    Chapter 9, "AlexNet and what a network sees"; L3, "A Recipe for Machine Learning";
    L3, "SGD for CNNs".

    Examples
    --------
    >>> from lecturelib.models.training import Samples, TrainingConfig, mean_loss
    >>> x = torch.tensor([[0.0], [1.0], [2.0]])
    >>> line = nn.Linear(1, 1)
    >>> config = TrainingConfig(epochs=500, lr=0.1, device="cpu")
    >>> data = Samples(x, 3 * x + 1, batch_size=3)
    >>> history = train(line, mean_loss(nn.functional.mse_loss), data, config)
    >>> round(line.weight.item(), 2), round(line.bias.item(), 2)
    (3.0, 1.0)
    """
    if config.early_stopping is not None and validation is None:
        raise ValueError("validation: expected held-out batches for early_stopping, got None")
    device = parallel.own_device(choose_device(config.device))
    group = parallel.joined(device)
    _check_sizes(data, config.accumulate, group.size)
    content = _found(config, model, group)
    with _seeded(config, device, group), products(config.precision):
        steps = Steps(model, loss, data.axes, config, device, group)
        run = Run(steps, data, config, validation, metrics or {})
        if content is not None:
            run.take_up(content)
        return run.to_the_end()


def _check_sizes(data: Batches, accumulate: int, processes: int) -> None:
    parts = accumulate * processes
    if data.smallest < parts:
        raise ValueError(
            f"data: expected {parts} samples or more in each batch, for {accumulate=} and "
            f"{processes} processes, got a batch of {data.smallest}"
        )


def _found(
    config: TrainingConfig, model: nn.Module, group: parallel.Group
) -> dict[str, Any] | None:
    """Read the checkpoint, if there is one, and see to it that it is of this run."""
    path = config.checkpoint
    if path is None or not Path(path).exists():
        return None
    content = checkpoints.read_checkpoint(path)
    checkpoints.check_run(path, content, model, config.fixed(), group.size)
    return content


@contextlib.contextmanager
def _seeded(config: TrainingConfig, device: torch.device, group: parallel.Group) -> Iterator[None]:
    """Let the seed decide all that is random, and leave the generators as they were."""
    cards = [device] if device.type == "cuda" else []
    before = torch.are_deterministic_algorithms_enabled()
    with seeded(config.seed + group.rank, cards):
        torch.use_deterministic_algorithms(config.deterministic or before)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before)

"""What a training run leaves behind, when it ends, and how one follows it; public in `training`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._numbers import check_number
from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from lecturelib._layer import Layer


@dataclass
class History:
    """What was measured in each epoch of a training run; every list has one entry an epoch.

    Attributes
    ----------
    train_loss : list of float
        Mean over the samples of the epoch, each at the time when its batch came: in training mode,
        and before the step.
    validation_loss : list of float
        After the epoch, in evaluation mode; empty without validation data.
    metrics : dict of str to list of float
        By name, on the validation data as well.
    lr : list of float
        Learning rate.
    seconds : list of float
        Time for training and validation.
    best_epoch : int or None
        With early stopping, the epoch, counted from 0, whose parameters the network has now.

    See Also
    --------
    train : Where it comes from.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> history = History(train_loss=[2.0, 1.0, 0.5], validation_loss=[2.0, 1.5, 1.75])
    >>> int(np.argmin(history.validation_loss))
    1
    """

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best_epoch: int | None = None

    def add_validation(self, loss: float, metrics: dict[str, float]) -> None:
        """Add what was measured on the validation data after an epoch.

        Parameters
        ----------
        loss : float
            Its mean.
        metrics : dict of str to float
            Of the names that `metrics` has.

        Raises
        ------
        KeyError
            If it has not such a name.
        """
        self.validation_loss.append(loss)
        for name, value in metrics.items():
            self.metrics[name].append(value)


class EarlyStopping(NamedTuple):
    """When to stop: the validation loss has not become better for a while.

    Attributes
    ----------
    patience : int
        After how many epochs without a better loss training stops; 1 or more.
    min_delta : float
        By how much a loss must be less than the best so far to count as better.

    See Also
    --------
    train : Takes it, and gives the network the parameters of the best epoch.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> EarlyStopping(patience=3)
    EarlyStopping(patience=3, min_delta=0.0)
    """

    patience: int
    min_delta: float = 0.0


def best_epoch(losses: Sequence[float], min_delta: float) -> int | None:
    """Find the last epoch that was better than all before it by more than `min_delta`.

    None if there is none: the losses are NaN or infinite from the start.
    """
    best, found = np.inf, None
    for epoch, loss in enumerate(losses):
        if loss < best - min_delta:
            best, found = loss, epoch
    return found


def patience_ends(epochs: int, best: int | None, patience: int) -> bool:
    """Tell whether it is time to stop after so many epochs, of which that was the best."""
    return epochs - (0 if best is None else best + 1) >= patience


class Best:
    """The best epoch so far, and a copy of its parameters."""

    def __init__(self, network: Layer, stopping: EarlyStopping) -> None:
        self._parameters = network.parameters()
        self._patience = check_int("patience", stopping.patience, minimum=1)
        self._min_delta = check_number("min_delta", stopping.min_delta, minimum=0)
        self._copies = [parameter.data.copy() for parameter in self._parameters]
        self.epoch: int | None = None

    def patience_ends(self, losses: Sequence[float]) -> bool:
        """Take note of the losses so far, and tell whether it is time to stop."""
        self.epoch = best_epoch(losses, self._min_delta)
        if self.epoch == len(losses) - 1:
            self._copies = [parameter.data.copy() for parameter in self._parameters]
        return patience_ends(len(losses), self.epoch, self._patience)

    def restore(self) -> int | None:
        """Give the parameters back the values of the best epoch, and return its number."""
        for parameter, copy in zip(self._parameters, self._copies, strict=True):
            parameter.data[...] = copy
        return self.epoch


class Progress:
    """A bar that grows with every batch and shows the losses of the last epoch, or nothing."""

    def __init__(self, batches: int, *, shown: bool) -> None:
        self._bar: Any = None
        if shown:
            try:
                from tqdm.auto import tqdm
            except ImportError as error:
                raise ImportError(
                    "progress: expected the package tqdm, got none; "
                    "install it, or give progress=False"
                ) from error
            self._bar = tqdm(total=batches, unit="batch")

    def batch(self, count: int = 1) -> None:
        """Grow by one batch, or by several."""
        if self._bar is not None:
            self._bar.update(count)

    def epoch(self, history: History) -> None:
        """Show the last entries of the history."""
        if self._bar is None:
            return
        columns = {"train_loss": history.train_loss, "validation_loss": history.validation_loss}
        numbers = {name: values[-1] for name, values in columns.items() if values}
        numbers |= {name: values[-1] for name, values in history.metrics.items()}
        self._bar.set_postfix({name: f"{number:.4g}" for name, number in numbers.items()})

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()

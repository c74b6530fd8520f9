"""How bad a model is on a batch, and on all of them; public in `training`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import nn

from lecturelib.models._batches import Batch, Batches
from lecturelib.models._devices import choose_device

State = tuple[torch.Tensor, ...]


class Tally(NamedTuple):
    """What a loss says of a batch: a sum, and of how many things, so that parts can be added up.

    Attributes
    ----------
    total : scalar torch.Tensor
        The loss added up over samples, or over the tokens of all sequences.
    size : int or scalar torch.Tensor
        How many there are.
    state : tuple of torch.Tensor
        What the next batch is to begin with, such as the state of a recurrent network whose text
        goes on there. Its gradient ends here: backpropagation through time is truncated.

    See Also
    --------
    mean_loss : Losses that know no state.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".
    """

    total: torch.Tensor
    size: int | torch.Tensor
    state: State = ()


#: Takes model, batch and the state that the batch before left, which is () at first.
Loss = Callable[[nn.Module, Batch, State], Tally]


def mean_loss(criterion: Callable[..., torch.Tensor]) -> Loss:
    """Make a loss of one of torch's functions, for batches (x, target).

    Parameters
    ----------
    criterion : callable
        Takes outputs, targets and ``reduction="sum"``, as `torch.nn.functional.cross_entropy` does.

    Returns
    -------
    callable
        The mean over the targets is what is made small.

    See Also
    --------
    train : Takes it.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> loss = mean_loss(nn.functional.mse_loss)
    >>> loss(nn.Identity(), (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])), ())
    Tally(total=tensor(4.), size=2, state=())
    """

    def loss(model: nn.Module, batch: Batch, state: State) -> Tally:
        x, target = batch
        return Tally(criterion(model(x), target, reduction="sum"), target.numel())

    return loss


def evaluate(model: nn.Module, loss: Loss, data: Batches, *, device: str = "auto") -> float:
    """Return the mean loss over all batches, in evaluation mode.

    Parameters
    ----------
    model : torch.nn.Module
        Goes to the device; its mode is afterwards what it was.
    loss : callable
        Takes model, batch and state, and returns a `Tally`, such as that of `mean_loss`.
    data : Batches
        One epoch of them is looked at.
    device : str or torch.device
        As for `choose_device`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If this machine has no such device.

    See Also
    --------
    train : Uses it for validation.
    Chapter 5, "Optimizers, dropout and early stopping"; L2, "Summary: Hyperparameters".

    Examples
    --------
    >>> from lecturelib.models.training import Samples
    >>> data = Samples(torch.tensor([1.0, 2.0, 3.0]), torch.zeros(3), batch_size=2)
    >>> evaluate(nn.Identity(), mean_loss(nn.functional.mse_loss), data, device="cpu")
    4.666666507720947
    """
    place = choose_device(device)
    with evaluating(model.to(place)):
        total, size = add_up(model, loss, (moved(batch, place) for batch in data.epoch(0)))
    return float(total / size)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode, and then back into the mode that it was in."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@torch.no_grad()
def add_up(
    model: nn.Module, loss: Loss, batches: Iterable[Batch]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the sum of the loss over batches, and of how many things it is."""
    state: State = ()
    totals, sizes = [], []
    for batch in batches:
        total, size, state = loss(model, batch, state)
        totals.append(total.float())
        sizes.append(torch.as_tensor(size, device=total.device))
    return torch.stack(totals).sum(), torch.stack(sizes).sum()


@torch.no_grad()
def accuracy(
    model: nn.Module, x: torch.Tensor, labels: torch.Tensor, *, batch_size: int = 256
) -> float:
    """Return the share of samples whose label has the largest of a model's outputs.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode it is judged as it will be used. Samples are brought to where it is.
    x : (N, ...)
        Samples, one or more.
    labels : (N,) of int
        The class of each.
    batch_size : int
        Samples at a time.

    Returns
    -------
    float

    See Also
    --------
    train : Takes it, as ``metrics={"accuracy": lambda model: accuracy(model, x, labels)}``.
    Chapter 5, "Optimizers, dropout and early stopping"; L2, "Summary: Hyperparameters".

    Examples
    --------
    >>> accuracy(nn.Identity(), torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    0.5
    """
    device = next((parameter.device for parameter in model.parameters()), x.device)
    right = [
        (model(samples.to(device)).argmax(1) == wanted.to(device)).sum()
        for samples, wanted in zip(
            torch.split(x, batch_size), torch.split(labels, batch_size), strict=True
        )
    ]
    return int(torch.stack(right).sum()) / len(labels)


def moved(batch: Batch, device: torch.device) -> Batch:
    """Bring a batch to a device, while that is still at work on what came before."""
    return tuple(tensor.to(device, non_blocking=True) for tensor in batch)

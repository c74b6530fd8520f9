"""How a model is trained; public in `training`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lecturelib._numbers import check_kind, check_number, check_positive
from lecturelib._shapes import check_int
from lecturelib._training_history import EarlyStopping
from lecturelib.models._checks import check_choice
from lecturelib.models._devices import PRECISIONS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

OPTIMIZERS = ("adam", "adamw", "sgd")

#: What may differ when a run goes on: where and for how long, but not what is computed.
FREE = (
    *("epochs", "device", "compile", "channels_last", "progress"),
    *("checkpoint", "checkpoint_steps", "schedule", "early_stopping"),
)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a model is trained.

    Attributes
    ----------
    epochs : int
        How often every batch is seen, at most.
    lr : float
        Learning rate.
    optimizer : str
        ``"adam"``, ``"adamw"`` or ``"sgd"``, fused into one kernel.
    momentum : float
        Of SGD.
    weight_decay : float
        Times the parameters, added to their gradients; with AdamW, apart from them.
    schedule : callable or None
        Takes the epoch, counted from 0, and returns the factor of the learning rate, such as those
        of ``lecturelib.schedules``.
    max_grad_norm : float or None
        Scale the gradients of all parameters together down to this norm if theirs is larger.
    accumulate : int
        In how many parts a batch is worked on, one after the other, to fit into memory.
    early_stopping : EarlyStopping or None
        When to stop before the last epoch. The model then has the parameters of the epoch with the
        best validation loss, whether it was stopped or not.
    device : str
        As for `choose_device`.
    precision : str
        ``"fp32"``; ``"tf32"``, products of float32 with ten bits behind the point, on cards that
        have it; ``"bf16"``, products of bfloat16, while parameters and sums stay float32.
    compile : bool
        Let `torch.compile` make kernels for this model: pays for long runs on a graphics card.
    channels_last : bool
        Keep images with the channels last in memory, as convolutions in bf16 or tf32 like them.
    deterministic : bool
        Refuse what gives other numbers each time, as some sums on a graphics card do.
    seed : int
        Decides all that is random in the model, such as dropout.
    progress : bool
        Show a bar (needs tqdm).
    checkpoint : path or None
        A file that holds the run as it is, and from which it goes on if the file is there.
    checkpoint_steps : int or None
        Write it also within an epoch, after so many batches; None for each epoch's end only.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    train : Takes it.
    Chapter 9, "AlexNet and what a network sees"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> TrainingConfig(epochs=3, lr=0.01, optimizer="sgd").momentum
    0.9
    """

    epochs: int
    lr: float = 1e-3
    optimizer: str = "adam"
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: Callable[[int], float] | None = None
    max_grad_norm: float | None = None
    accumulate: int = 1
    early_stopping: EarlyStopping | None = None
    device: str = "auto"
    precision: str = "fp32"
    compile: bool = False
    channels_last: bool = False
    deterministic: bool = False
    seed: int = 0
    progress: bool = False
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_steps: int | None = None

    def __post_init__(self) -> None:
        """Check all values."""
        check_int("epochs", self.epochs, minimum=0)
        check_positive("lr", self.lr)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        check_number("momentum", self.momentum, minimum=0, maximum=1)
        check_number("weight_decay", self.weight_decay, minimum=0)
        if self.max_grad_norm is not None:
            check_positive("max_grad_norm", self.max_grad_norm)
        check_int("accumulate", self.accumulate, minimum=1)
        if self.early_stopping is not None:
            check_kind("early_stopping", self.early_stopping, EarlyStopping)
        check_choice("precision", self.precision, PRECISIONS)
        check_int("seed", self.seed, minimum=0)
        if self.checkpoint_steps is not None:
            check_int("checkpoint_steps", self.checkpoint_steps, minimum=1)

    def fixed(self) -> dict[str, Any]:
        """Give what has to be the same when a run goes on."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in FREE
        }


def make_optimizer(config: TrainingConfig, model: nn.Module) -> torch.optim.Optimizer:
    """Make the optimizer that is asked for, of all parameters that learn."""
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not learned:
        raise ValueError("model: expected a parameter that requires a gradient, got none")
    settings: dict[str, Any] = {
        "lr": config.lr,
        "weight_decay": config.weight_decay,
        "fused": True,
    }
    if config.optimizer == "sgd":
        return torch.optim.SGD(learned, momentum=config.momentum, **settings)
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(learned, **settings)

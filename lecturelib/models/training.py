"""The one loop that trains the bigger models.

A model is trained on batches of tensors; a loss says how bad it is on one of them. Each step adds
up the loss over the samples of a batch, wherever they are worked on: in one piece, in several that
fit into memory one after the other (`TrainingConfig.accumulate`), or on several processes at once
(``torchrun --nproc-per-node 2 -m lecturelib.models...``). The gradient is that of the mean over the
whole batch in every case, so that the result is the same, but for rounding.

With a file for checkpoints, a run that was broken off, even by ``kill -9`` in the middle of an
epoch, goes on when it is started again, and comes to the numbers of a run without a break.

What a run leaves behind, and when it stops early, are `lecturelib.training.History` and
`lecturelib.training.EarlyStopping`, as for networks of NumPy arrays.
"""

from __future__ import annotations

from lecturelib.models._batches import Batches, Samples
from lecturelib.models._config import TrainingConfig
from lecturelib.models._devices import choose_device
from lecturelib.models._loop import train
from lecturelib.models._tally import Loss, Tally, accuracy, evaluate, mean_loss

__all__ = [
    "Batches",
    "Loss",
    "Samples",
    "Tally",
    "TrainingConfig",
    "accuracy",
    "choose_device",
    "evaluate",
    "mean_loss",
    "train",
]

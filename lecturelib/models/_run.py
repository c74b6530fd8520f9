"""A training run: where it stands, how it goes on, and how it is kept on disk."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from lecturelib._training_history import History, Progress, best_epoch, patience_ends
from lecturelib.models import _checkpoints as checkpoints
from lecturelib.models._batches import Batches
from lecturelib.models._config import TrainingConfig
from lecturelib.models._devices import lower
from lecturelib.models._steps import Steps
from lecturelib.models._tally import add_up

Metrics = Mapping[str, Callable[[nn.Module], float]]


class Run:
    """A training run."""

    def __init__(
        self,
        steps: Steps,
        data: Batches,
        config: TrainingConfig,
        validation: Batches | None,
        metrics: Metrics,
    ) -> None:
        self.steps, self.model, self.group = steps, steps.model, steps.group
        self.data, self.config = data, config
        self.validation, self.metrics = validation, metrics
        self.history = History(metrics={name: [] for name in metrics})
        self.epoch, self.step = 0, 0
        self.best: dict[str, torch.Tensor] = {}

    def take_up(self, content: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.model.load_state_dict(content["model"])
        self.steps.optimizer.load_state_dict(content["optimizer"])
        self.history = History(**content["history"])
        self.epoch, self.step, self.best = content["epoch"], content["step"], content["best"]
        self.steps.take_up(content["processes"][self.group.rank])

    def write(self) -> None:
        """Write the run as it is, if there is a file to write it to."""
        if self.config.checkpoint is None:
            return
        processes = self.group.gather(on_cpu(self.steps.state()))
        if self.group.is_first:
            content = {
                "config": self.config.fixed(),
                "model": self.model.state_dict(),
                "optimizer": self.steps.optimizer.state_dict(),
                "history": asdict(self.history),
                "epoch": self.epoch,
                "step": self.step,
                "best": self.best,
                "processes": processes,
            }
            checkpoints.write_checkpoint(self.config.checkpoint, on_cpu(content))
        self.group.wait()

    def to_the_end(self) -> History:
        """Train until the last epoch, or until patience ends."""
        batches = self.config.epochs * len(self.data)
        shown = self.config.progress and self.group.is_first
        try:
            with Progress(batches, shown=shown) as bar:
                bar.batch(self.epoch * len(self.data) + self.step)
                while self.epoch < self.config.epochs and not self._patience_ends():
                    start = time.perf_counter()
                    self._train_an_epoch(bar)
                    self._judge()
                    self.history.seconds.append(time.perf_counter() - start)
                    bar.epoch(self.history)
                    self.epoch, self.step = self.epoch + 1, 0
                    self.write()
        finally:
            self.model.eval()
        if self.config.early_stopping is not None:
            self.history.best_epoch = self._best_epoch()
            if self.best:
                self.model.load_state_dict(self.best)
        return self.history

    def _train_an_epoch(self, bar: Progress) -> None:
        schedule, every = self.config.schedule, self.config.checkpoint_steps
        lr = self.config.lr * (1.0 if schedule is None else schedule(self.epoch))
        for settings in self.steps.optimizer.param_groups:
            settings["lr"] = lr
        self.model.train()
        for batch in itertools.islice(self.data.epoch(self.epoch), self.step, None):
            self.steps.take(batch)
            self.step += 1
            bar.batch()
            if every is not None and self.step % every == 0 and self.step < len(self.data):
                self.write()
        self.history.train_loss.append(self.steps.mean_loss())
        self.history.lr.append(lr)
        self.steps.begin_an_epoch()

    def _judge(self) -> None:
        """Measure what was learned, and keep the parameters if they are the best so far."""
        self.model.eval()
        with torch.no_grad(), lower(self.config.precision, self.steps.device):
            loss = None
            if self.validation is not None:
                batches = map(self.steps.brought, self.validation.epoch(0))
                total, size = add_up(self.model, self.steps.loss, batches)
                loss = float(total / size)
            measured = {name: float(metric(self.model)) for name, metric in self.metrics.items()}
        # The first process decides for all: others may have rounded differently.
        loss, measured = self.group.gather((loss, measured))[0]
        if loss is not None:
            self.history.validation_loss.append(loss)
        for name, value in measured.items():
            self.history.metrics[name].append(value)
        if self.config.early_stopping is not None and self._best_epoch() == self.epoch:
            state = self.model.state_dict()
            self.best = {name: tensor.clone() for name, tensor in state.items()}

    def _best_epoch(self) -> int | None:
        stopping = self.config.early_stopping
        return best_epoch(self.history.validation_loss, stopping.min_delta) if stopping else None

    def _patience_ends(self) -> bool:
        stopping = self.config.early_stopping
        return stopping is not None and patience_ends(
            self.epoch, self._best_epoch(), stopping.patience
        )


def on_cpu(value: Any) -> Any:
    """Copy tensors to the CPU, within lists and dictionaries too."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {name: on_cpu(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(on_cpu(each) for each in value)
    return value

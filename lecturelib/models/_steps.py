"""One step of training, on a batch that may be cut for memory's sake or for several processes."""

from __future__ import annotations

import contextlib
from typing import Any, cast

import torch
from torch import nn

from lecturelib.models import _parallel as parallel
from lecturelib.models._batches import Batch, cut
from lecturelib.models._config import TrainingConfig, make_optimizer
from lecturelib.models._devices import lower
from lecturelib.models._tally import Loss, State, moved


class Steps:
    """A model, its optimizer, and what passes from one step to the next."""

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        axes: tuple[int, ...],
        config: TrainingConfig,
        device: torch.device,
        group: parallel.Group,
    ) -> None:
        self.model, self.loss, self.axes = model, loss, axes
        self.config, self.device, self.group = config, device, group
        model.to(device)
        if config.channels_last:
            model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = make_optimizer(config, model)
        self.shared = group.share(model)
        called = torch.compile(self.shared) if config.compile else self.shared
        self.called = cast("nn.Module", called)
        self.begin_an_epoch()

    def begin_an_epoch(self) -> None:
        """Forget what the last epoch added up, and where its sequences were."""
        kind = torch.float32 if self.device.type == "mps" else torch.float64
        self.sums = torch.zeros(2, dtype=kind, device=self.device)
        self.states: list[State] = [()] * self.config.accumulate

    def mean_loss(self) -> float:
        """Give the loss of the epoch so far: its sum over all processes, by how many things."""
        total, size = self.group.sum(self.sums.clone()).tolist()
        return float(total / size)

    def take(self, batch: Batch) -> None:
        """Take a step against the gradient of the mean loss over a batch."""
        sums = torch.zeros_like(self.sums)
        own = cut(batch, self.axes, self.group.size)[self.group.rank]
        parts = cut(own, self.axes, self.config.accumulate)
        for number, part in enumerate(parts):
            waits = number < len(parts) - 1 and self.group.size > 1
            with parallel.apart(self.shared) if waits else contextlib.nullcontext():
                with lower(self.config.precision, self.device):
                    tally = self.loss(self.called, self.brought(part), self.states[number])
                tally.total.backward()  # type: ignore[no-untyped-call]
            self.states[number] = tuple(each.detach() for each in tally.state)
            sums[0] += tally.total.detach()
            sums[1] += tally.size
        self.sums += sums
        self._scale(self.group.sum(sums[1:])[0])
        if self.config.max_grad_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _scale(self, size: torch.Tensor) -> None:
        """Make the gradient of a mean of that of a sum, which the processes have averaged."""
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        torch._foreach_mul_(gradients, (self.group.size / size).to(gradients[0].dtype))

    def brought(self, batch: Batch) -> Batch:
        """Bring a batch to where the model is, and into its order in memory."""
        batch = moved(batch, self.device)
        if not self.config.channels_last:
            return batch
        return tuple(
            each.contiguous(memory_format=torch.channels_last) if each.ndim == 4 else each
            for each in batch
        )

    def state(self) -> dict[str, Any]:
        """Give what this process needs to go on from here, beside model and optimizer."""
        card = torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None
        return {
            "states": self.states,
            "sums": self.sums,
            "generator": torch.get_rng_state(),
            "card": card,
        }

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.states = [moved(each, self.device) for each in state["states"]]
        self.sums = state["sums"].to(self.device)
        torch.set_rng_state(state["generator"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(state["card"], self.device)

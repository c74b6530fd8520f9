"""One training run on several processes, when ``torchrun`` started them; public in `training`."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import distributed, nn

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

T = TypeVar("T")


class Group:
    """The processes of a run: most runs have one."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @property
    def is_first(self) -> bool:
        """Whether this process writes and reports for all."""
        return self.rank == 0

    def sum(self, number: torch.Tensor) -> torch.Tensor:
        """Add up what each process has."""
        if self.size > 1:
            distributed.all_reduce(number)
        return number

    def gather(self, value: T) -> list[T]:
        """List what each process has, by rank, on every process."""
        values: list[Any] = [value] * self.size
        if self.size > 1:
            distributed.all_gather_object(values, value)
        return values

    def wait(self) -> None:
        """Go on when all processes have come this far."""
        if self.size > 1:
            distributed.barrier()

    def share(self, model: nn.Module) -> nn.Module:
        """Let the gradients of all processes be averaged while they are computed."""
        return nn.parallel.DistributedDataParallel(model) if self.size > 1 else model


def apart(model: nn.Module) -> AbstractContextManager[None]:
    """Let gradients of a shared model pile up on each process, to be averaged later."""
    assert isinstance(model, nn.parallel.DistributedDataParallel)
    return model.no_sync()


def joined(device: torch.device) -> Group:
    """Meet the other processes, if ``torchrun`` started any; they stay together to the end."""
    if not distributed.is_torchelastic_launched():
        return Group()
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(distributed.destroy_process_group)
    return Group(distributed.get_rank(), distributed.get_world_size())


def speaks() -> bool:
    """Tell whether this process is the one that reports, of those that ``torchrun`` started."""
    return os.environ.get("RANK", "0") == "0"


def own_device(device: torch.device) -> torch.device:
    """Give each process of a machine a graphics card of its own."""
    local = os.environ.get("LOCAL_RANK")
    if str(device) == "cuda" and local is not None:
        return torch.device("cuda", int(local))
    return device

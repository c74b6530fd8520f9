"""Where a model computes, and with how many digits; public in `training`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

PRECISIONS = ("fp32", "tf32", "bf16")


def choose_device(device: str | torch.device = "auto") -> torch.device:
    """Find the device that is asked for, or the best there is.

    Parameters
    ----------
    device : str or torch.device
        ``"cpu"``, ``"cuda"`` (also ``"cuda:1"``), ``"mps"``, or ``"auto"`` for the first of CUDA,
        MPS and the CPU that this machine has.

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If it is none of these, or this machine has no such device.

    See Also
    --------
    lecturelib.models.training.train : Computes there.
    Chapter 9, "AlexNet and what a network sees"; L3, "SGD for CNNs".

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    count = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.mps.is_available())}
    if device == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if count[name]))
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError):
        chosen = torch.device("meta")
    if chosen.type not in count:
        raise ValueError(f"device: expected 'auto', 'cpu', 'cuda' or 'mps', got {device!r}")
    if (chosen.index or 0) >= count[chosen.type]:
        raise ValueError(
            f"device: expected one that this machine has, got {str(device)!r} "
            f"({count[chosen.type]} of this kind are there); 'auto' takes the best there is"
        )
    return chosen


@contextmanager
def products(precision: str) -> Iterator[None]:
    """Let products of float32 be float32, or TF32 where a card has it."""
    backends: Any = torch.backends
    before = backends.fp32_precision
    backends.fp32_precision = "ieee" if precision == "fp32" else "tf32"
    try:
        yield
    finally:
        backends.fp32_precision = before


def lower(precision: str, device: torch.device) -> torch.autocast:
    """Make what a forward pass runs in, so that products are bfloat16 if that is asked for."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")

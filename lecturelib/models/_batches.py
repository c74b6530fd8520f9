"""Batches of tensors, the same ones for the same seed; public in `training`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from lecturelib._shapes import check_int
from lecturelib.batches import batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Batch = tuple[torch.Tensor, ...]


class Batches(Protocol):
    """What a model is trained on: epochs of batches, each a tuple of tensors.

    Attributes
    ----------
    axes : tuple of int
        Which axis of each tensor counts the samples, so that a batch can be cut in parts.
    smallest : int
        Samples in the smallest batch.
    """

    axes: tuple[int, ...]
    smallest: int

    def __len__(self) -> int:
        """Give the number of batches in an epoch."""

    def epoch(self, number: int) -> Iterator[Batch]:
        """Go through an epoch's batches; the same number gives the same ones."""


class Samples:
    """Samples in tensors, shuffled anew for each epoch.

    Parameters
    ----------
    *tensors : torch.Tensor
        Of equal length along their first axis, such as images (N, C, H, W) and labels (N,).
    batch_size : int
        Samples in a batch, of which the last may be smaller.
    seed : int or None
        Decides, with the number of the epoch, how the samples are shuffled; None keeps their order.
    drop_last : bool
        Leave out the last batch if it is smaller than the others.

    Raises
    ------
    ValueError
        If there are no tensors or no samples, lengths differ, or `batch_size` is less than 1.
    TypeError
        If something is no tensor, or `batch_size` or seed no integer.

    See Also
    --------
    train : Takes them.
    Chapter 3, "Learning"; L1, "Sampling Strategies".

    Examples
    --------
    >>> data = Samples(torch.arange(5), batch_size=2, seed=0)
    >>> [batch.tolist() for (batch,) in data.epoch(0)]
    [[2, 4], [3, 0], [1]]
    """

    def __init__(
        self,
        *tensors: torch.Tensor,
        batch_size: int,
        seed: int | None = None,
        drop_last: bool = False,
    ) -> None:
        self.tensors = _alike(tensors)
        self.batch_size = check_int("batch_size", batch_size, minimum=1)
        self.seed = None if seed is None else check_int("seed", seed, minimum=0)
        self.axes = (0,) * len(tensors)
        self.drop_last = drop_last
        rest = len(self.tensors[0]) % self.batch_size
        self.smallest = rest if rest and not drop_last else self.batch_size

    def __len__(self) -> int:
        """Give the number of batches in an epoch."""
        n, size = len(self.tensors[0]), self.batch_size
        return n // size if self.drop_last else -(-n // size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Go through an epoch's batches.

        Parameters
        ----------
        number : int
            Which epoch, counted from 0.

        Yields
        ------
        tuple of torch.Tensor
            One for each tensor, of `batch_size` samples.
        """
        rng = None if self.seed is None else np.random.default_rng([self.seed, number])
        for index in batches(
            len(self.tensors[0]),
            self.batch_size,
            rng,
            shuffle=rng is not None,
            drop_last=self.drop_last,
        ):
            chosen = torch.from_numpy(index)
            yield tuple(tensor[chosen.to(tensor.device)] for tensor in self.tensors)


def _alike(tensors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    for tensor in tensors:
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"tensors: expected tensors, got {type(tensor).__name__}")
    lengths = {len(tensor) if tensor.ndim else 0 for tensor in tensors}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"tensors: expected one length above 0, got {sorted(lengths)}")
    return tuple(tensors)


def cut(batch: Batch, axes: Sequence[int], parts: int) -> list[Batch]:
    """Cut a batch into parts that are as equal as can be."""
    pieces = [tensor.tensor_split(parts, axis) for tensor, axis in zip(batch, axes, strict=True)]
    return list(zip(*pieces, strict=True))

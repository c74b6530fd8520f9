"""The recurrent network that reads a sequence; public in `sequence_tasks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from lecturelib._shapes import check_int
from lecturelib.models._cells import CELLS, check_cell

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig:
    """The sizes of a recurrent network.

    Attributes
    ----------
    cell : str
        ``"elman"``, ``"lstm"`` or ``"gru"``.
    embedding_size : int
        Numbers that stand for a token.
    hidden_size : int
        Units in each direction.
    bidirectional : bool
        Read from both ends.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    Encoder : Takes it.
    Chapter 16, "Encoders, generators and transducers"; L2, "What can we do with such an
    abstraction?".

    Examples
    --------
    >>> RecurrentConfig(cell="gru", hidden_size=10).states
    20
    """

    cell: str = "lstm"
    embedding_size: int = 32
    hidden_size: int = 64
    bidirectional: bool = True

    def __post_init__(self) -> None:
        """Check all values."""
        check_cell(self.cell)
        check_int("embedding_size", self.embedding_size, minimum=1)
        check_int("hidden_size", self.hidden_size, minimum=1)

    @property
    def states(self) -> int:
        """Units of all directions together."""
        return self.hidden_size * (1 + self.bidirectional)


#: Learns the tasks here without a graphics card.
SMALL = RecurrentConfig()

#: For a graphics card, and more text.
LARGE = RecurrentConfig(embedding_size=64, hidden_size=256)


def padded(sequences: Iterable[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Lay sequences of different lengths side by side.

    Parameters
    ----------
    sequences : iterable of (T_i,) of int
        Ids, such as `Vocabulary.encode` gives them, or labels.

    Returns
    -------
    tokens : (T, N) int64
        Followed by zeros where a sequence is shorter than the longest.
    lengths : (N,) int64
        How many tokens of each are real.

    Raises
    ------
    ValueError
        If there is no sequence, or one is empty.

    See Also
    --------
    lecturelib.recurrent.sequence_mask : Tells tokens from padding.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    >>> tokens, lengths = padded([np.array([5, 6, 7]), np.array([8])])
    >>> tokens.T
    tensor([[5, 6, 7],
            [8, 0, 0]])
    >>> lengths
    tensor([3, 1])
    """
    rows = [torch.from_numpy(sequence) for sequence in sequences]
    if not rows or not all(map(len, rows)):
        raise ValueError(f"sequences: expected a token or more in each, got {rows or 'none'}")
    return nn.utils.rnn.pad_sequence(rows), torch.tensor([len(row) for row in rows])


class Encoder(nn.Module):
    """A recurrent network that reads tokens, in one direction or in both.

    Parameters
    ----------
    vocabulary_size : int
        V: ids are 0 to V - 1.
    config : RecurrentConfig
        Sizes; E = ``config.states``.

    See Also
    --------
    SequenceClassifier, Transducer : What can be done with what it has read.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder"; L0, "Bidirectional
    Recurrent Neural Networks".

    Notes
    -----
    Torch's packed sequences would give the same, but their gradients take time that grows with
    the square of T in Elman and GRU layers without a graphics card.

    Examples
    --------
    >>> encoder = Encoder(10, RecurrentConfig(hidden_size=4))
    >>> states, summary = encoder(*padded([np.array([5, 6, 7]), np.array([8])]))
    >>> states.shape, summary.shape
    (torch.Size([3, 2, 8]), torch.Size([2, 8]))
    """

    def __init__(self, vocabulary_size: int, config: RecurrentConfig = SMALL) -> None:
        super().__init__()
        self.config = config
        size = check_int("vocabulary_size", vocabulary_size, minimum=1)
        self.embedding = nn.Embedding(size, config.embedding_size)
        self.forwards = CELLS[config.cell](config.embedding_size, config.hidden_size)
        if config.bidirectional:
            self.backwards = CELLS[config.cell](config.embedding_size, config.hidden_size)

    def forward(
        self, tokens: torch.Tensor, lengths: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Read sequences.

        Parameters
        ----------
        tokens : (T, B) of int
            Ids, behind which padding may follow.
        lengths : (B,) of int
            How many of each sequence are real.

        Returns
        -------
        states : (T, B, E)
            At each token; those of the padding mean nothing.
        summary : (B, E)
            Of each direction the state that it ends in.

        Raises
        ------
        ValueError
            If there are no tokens, an id is unknown, or lengths do not fit the tokens.
        """
        check_tokens("tokens", tokens, self.embedding.num_embeddings)
        check_lengths(lengths, tokens)
        each = torch.arange(tokens.shape[1], device=tokens.device)
        states = self.forwards(self.embedding(tokens))[0]
        summary = states[lengths - 1, each]
        if self.config.bidirectional:
            steps = torch.arange(len(tokens), device=tokens.device)[:, None]
            turned = torch.where(steps < lengths, lengths - 1 - steps, steps)
            back = self.backwards(self.embedding(tokens[turned, each]))[0][turned, each]
            states, summary = torch.cat([states, back], 2), torch.cat([summary, back[0]], 1)
        return states, summary


def check_tokens(name: str, tokens: torch.Tensor, size: int) -> None:
    """Raise unless these are ids (T, B) below `size`."""
    if tokens.ndim != 2 or not tokens.numel():
        raise ValueError(
            f"{name}: expected shape (T, B) with no empty axis, got {tuple(tokens.shape)}"
        )
    low, high = tokens.min(), tokens.max()
    if low < 0 or high >= size:
        raise ValueError(
            f"{name}: expected ids from 0 to {size - 1}, got {int(low)} to {int(high)}"
        )


def check_lengths(lengths: torch.Tensor, tokens: torch.Tensor) -> None:
    """Raise unless there is a length for each of the sequences, from 1 to T."""
    T, B = tokens.shape
    if lengths.shape != (B,):
        raise ValueError(f"lengths: expected shape (B={B},), got {tuple(lengths.shape)}")
    if lengths.min() < 1 or lengths.max() > T:
        raise ValueError(f"lengths: expected 1 to {T} tokens each, got {lengths.tolist()}")


def sequence_mask(lengths: torch.Tensor, steps: int) -> torch.Tensor:
    """Tell tokens from padding: (T, B) of bool, as ``lecturelib.recurrent.sequence_mask``."""
    return torch.arange(steps, device=lengths.device)[:, None] < lengths

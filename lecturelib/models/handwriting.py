"""Handwriting: from the image of a word to its characters, without being told where each one is.

Convolutions look at the image, a bidirectional LSTM reads what they found from left to right and
from right to left, and each column says which character it belongs to, or none (the *blank*).
Connectionist temporal classification (CTC; Graves et al. 2006) adds up the probability of all ways
in which the columns spell the word, so that words are all it takes to learn.

Words are composed of real handwritten digits that are moved, stand close together and vary in
strength. Those that the network is tested on are made of digits that it has never seen.
``python -m lecturelib.models.handwriting --help`` says how to train from the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._numbers import check_generator, check_number
from lecturelib._shapes import check_int
from lecturelib.datasets import load_digits
from lecturelib.models._checks import check_sizes
from lecturelib.models._command_line import decaying
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models._tally import State, evaluating
from lecturelib.models.training import Tally, TrainingConfig, train
from lecturelib.training import History

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Int64

__all__ = [
    "BLANK",
    "Glyphs",
    "HandwritingConfig",
    "HandwritingReader",
    "Words",
    "beam_decode",
    "character_error_rate",
    "compose_words",
    "greedy_decode",
    "handwritten_digits",
    "read_words",
    "train_reader",
]

#: The class of columns that belong to no character; character c has class c + 1.
BLANK = 0


class Glyphs(NamedTuple):
    """Images of single characters.

    Attributes
    ----------
    images : (N, GH, GW) float32
        From 0 to 1, where 1 is ink.
    labels : (N,) int64
        Which character each is, counted from 0.

    See Also
    --------
    handwritten_digits : Gives some.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".
    """

    images: Float32[np.ndarray, "N GH GW"]
    labels: Int64[np.ndarray, " N"]


def handwritten_digits() -> tuple[Glyphs, Glyphs]:
    """Give the digits of ``lecturelib.datasets.load_digits``: three in four to learn from.

    Returns
    -------
    seen, held_out : Glyphs
        Shuffled before they were divided, in the same way at each call.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.

    See Also
    --------
    compose_words : Makes words of them.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> [glyphs.images.shape for glyphs in handwritten_digits()]
    [(1347, 8, 8), (450, 8, 8)]
    """
    images, labels, _ = load_digits()
    order = np.random.default_rng(0).permutation(len(labels))
    seen, held_out = np.split(order, [3 * len(order) // 4])
    return (
        Glyphs(images[seen, 0], labels[seen]),
        Glyphs(images[held_out, 0], labels[held_out]),
    )


class Words(NamedTuple):
    """Images of words, side by side in one tensor.

    Attributes
    ----------
    images : (N, 1, H, W) float32 torch.Tensor
        Each word begins at the left, and is followed by empty paper.
    characters : (N, L) int64 torch.Tensor
        Counted from 0; what is right of its length does not count.
    lengths : (N,) int64 torch.Tensor
        In characters.

    See Also
    --------
    compose_words : Makes them.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".
    """

    images: torch.Tensor
    characters: torch.Tensor
    lengths: torch.Tensor

    def spelled(self) -> list[list[int]]:
        """Give each word's characters.

        Returns
        -------
        list of lists of int
        """
        pairs = zip(self.characters, self.lengths, strict=True)
        return [characters[:length].tolist() for characters, length in pairs]


def compose_words(
    glyphs: Glyphs,
    rng: np.random.Generator,
    number: int,
    *,
    min_length: int = 2,
    max_length: int = 6,
    height: int = 12,
) -> Words:
    """Write words of random characters, none twice in the same way.

    Each character is chosen among all glyphs, cut to its ink at its left and right, and set one to
    three pixels from its neighbour, higher or lower, in stronger or weaker ink.

    Parameters
    ----------
    glyphs : Glyphs
    rng : numpy.random.Generator
        Source of randomness.
    number : int
        How many words, N.
    min_length, max_length : int
        Of a word, in characters.
    height : int
        Of the images, in pixels: that of the glyphs or more.

    Returns
    -------
    Words
        All as wide as the widest word can be.

    Raises
    ------
    ValueError, TypeError
        If a number is not as described.

    See Also
    --------
    train_reader : Learns to read them.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> seen, _ = handwritten_digits()
    >>> words = compose_words(seen, np.random.default_rng(0), 3)
    >>> words.images.shape, words.spelled()
    (torch.Size([3, 1, 12, 66]), [[8, 0, 9, 8, 5, 6], [8, 8, 5, 1, 2], [0, 0, 6, 2]])
    """
    check_generator(rng)
    number = check_int("number", number, minimum=1)
    min_length = check_int("min_length", min_length, minimum=1)
    max_length = check_int("max_length", max_length, minimum=min_length)
    _, glyph_height, glyph_width = glyphs.images.shape
    height = check_int("height", height, minimum=glyph_height)

    lengths = rng.integers(min_length, max_length + 1, number)
    chosen = rng.integers(len(glyphs.labels), size=(number, max_length))
    images = np.zeros((number, 1, height, max_length * (glyph_width + 3)), np.float32)
    for n in range(number):
        left = 1
        for glyph in chosen[n, : lengths[n]]:
            ink = glyphs.images[glyph]
            inked = np.flatnonzero(ink.max(0))
            ink = rng.uniform(0.7, 1.0) * ink[:, inked[0] : inked[-1] + 1]
            top = rng.integers(height - glyph_height + 1)
            right = left + ink.shape[1]
            images[n, 0, top : top + glyph_height, left:right] = ink
            left = right + rng.integers(1, 4)
    return Words(
        torch.from_numpy(images),
        torch.from_numpy(glyphs.labels[chosen]),
        torch.from_numpy(lengths),
    )


class _FreshWords:
    """Batches of words that are written anew for each epoch."""

    axes: tuple[int, ...] = (0, 0, 0)

    def __init__(
        self, glyphs: Glyphs, *, height: int, batches: int, batch_size: int, seed: int
    ) -> None:
        self.glyphs, self.height, self.seed = glyphs, height, seed
        self.batches = check_int("batches", batches, minimum=1)
        self.smallest = check_int("batch_size", batch_size, minimum=1)

    def __len__(self) -> int:
        return self.batches

    def epoch(self, number: int) -> Iterator[tuple[torch.Tensor, ...]]:
        rng = np.random.default_rng([self.seed, number])
        for _ in range(self.batches):
            yield compose_words(self.glyphs, rng, self.smallest, height=self.height)


@dataclass(frozen=True, kw_only=True)
class HandwritingConfig:
    """The sizes of a network that reads words.

    Attributes
    ----------
    num_characters : int
        Different characters.
    height : int
        Of the images, in pixels.
    channels : (int, int)
        Maps of the two convolutions.
    hidden_size : int
        Numbers that the LSTM remembers in each direction.
    dropout : float
        Share of the numbers that are dropped between convolutions and LSTM.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    HandwritingReader : Takes it.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> HandwritingConfig(num_characters=26, height=28).hidden_size
    64
    """

    num_characters: int = 10
    height: int = 12
    channels: tuple[int, int] = (32, 64)
    hidden_size: int = 64
    dropout: float = 0.2

    def __post_init__(self) -> None:
        """Check all values."""
        check_int("num_characters", self.num_characters, minimum=1)
        check_int("height", self.height, minimum=4)
        check_sizes("channels", self.channels, 2)
        check_int("hidden_size", self.hidden_size, minimum=1)
        check_number("dropout", self.dropout, minimum=0, maximum=1)


class HandwritingReader(nn.Module):
    """The network.

    Parameters
    ----------
    config : HandwritingConfig
        By default, for the digits of `handwritten_digits`.

    See Also
    --------
    train_reader : Trains one.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> model = HandwritingReader()
    >>> model(torch.zeros(3, 1, 12, 60)).shape
    torch.Size([30, 3, 11])
    """

    def __init__(self, config: HandwritingConfig | None = None) -> None:
        super().__init__()
        self.config = config = HandwritingConfig() if config is None else config
        c1, c2 = config.channels
        # Pooled from left to right once only: narrow characters need two columns, since the same
        # one twice is told from one by the blank in between.
        self.features = nn.Sequential(
            *(nn.Conv2d(1, c1, 3, padding=1), nn.BatchNorm2d(c1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(c1, c2, 3, padding=1), nn.BatchNorm2d(c2), nn.ReLU(), nn.MaxPool2d((2, 1))),
        )
        self.dropout = nn.Dropout(config.dropout)
        self.recurrent = nn.LSTM(c2 * (config.height // 4), config.hidden_size, bidirectional=True)
        self.head = nn.Linear(2 * config.hidden_size, config.num_characters + 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Give the log-probabilities of `BLANK` and of each character, for columns of two pixels.

        Parameters
        ----------
        images : (N, 1, H, W)

        Returns
        -------
        (T, N, num_characters + 1)
            T = W // 2.

        Raises
        ------
        ValueError
            If images have another height, or are narrower than two pixels.
        """
        height = self.config.height
        if images.ndim != 4 or images.shape[1:3] != (1, height) or images.shape[3] < 2:
            raise ValueError(
                f"images: expected shape (N, 1, {height}, 2 or more), got {tuple(images.shape)}"
            )
        maps = self.features(images)  # (N, C, H // 4, T)
        columns = maps.flatten(1, 2).permute(2, 0, 1)  # (T, N, C * (H // 4))
        h, _ = self.recurrent(self.dropout(columns))  # (T, N, 2 * hidden_size)
        log_probs: torch.Tensor = self.head(h).log_softmax(2)
        return log_probs


def _ctc_loss(model: nn.Module, batch: tuple[torch.Tensor, ...], state: State) -> Tally:
    images, characters, lengths = batch
    log_probs = model(images).float()
    columns = torch.full_like(lengths, len(log_probs))
    total = F.ctc_loss(log_probs, characters + 1, columns, lengths, blank=BLANK, reduction="sum")
    return Tally(total, lengths.sum())


def train_reader(
    glyphs: Glyphs,
    *,
    config: HandwritingConfig | None = None,
    training: TrainingConfig,
    batches: int = 60,
    batch_size: int = 32,
    held_out: Words | None = None,
) -> tuple[HandwritingReader, History]:
    """Train a network to read words composed of glyphs.

    Parameters
    ----------
    glyphs : Glyphs
    config : HandwritingConfig
        The network.
    training : TrainingConfig
        How; its seed also decides the words and how the network starts.
    batches, batch_size : int
        Batches in an epoch, and words in a batch; all words are new.
    held_out : Words or None
        Their character error rate is measured after each epoch.

    Returns
    -------
    model : HandwritingReader
    history : History
        Losses are for a character; with a metric ``error_rate`` if words are held out.

    Raises
    ------
    ValueError
        If glyphs and network do not fit; also as ``lecturelib.models.training.train``.

    See Also
    --------
    read_words : Uses it.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> seen, _ = handwritten_digits()
    >>> training = TrainingConfig(epochs=1)
    >>> model, history = train_reader(seen, training=training, batches=2, batch_size=4)
    >>> len(history.train_loss)
    1
    """
    with seeded(training.seed):
        model = HandwritingReader(config)
    if glyphs.labels.min() < 0 or glyphs.labels.max() >= model.config.num_characters:
        raise ValueError(
            f"glyphs: expected labels from 0 to {model.config.num_characters - 1}, "
            f"got up to {glyphs.labels.max()}"
        )
    data = _FreshWords(
        glyphs,
        height=model.config.height,
        batches=batches,
        batch_size=batch_size,
        seed=training.seed,
    )
    metrics = {}
    if held_out is not None:
        metrics["error_rate"] = lambda network: character_error_rate(
            read_words(network, held_out), held_out.spelled()
        )
    return model, train(model, _ctc_loss, data, training, metrics=metrics)


@torch.no_grad()
def read_words(
    model: HandwritingReader, words: Words, *, beam_size: int | None = None
) -> list[list[int]]:
    """Read words.

    Parameters
    ----------
    model : HandwritingReader
        In evaluation mode or not: it makes no difference.
    words : Words
    beam_size : int or None
        For `beam_decode`; None for `greedy_decode`.

    Returns
    -------
    list of lists of int
        The characters of each word.

    Raises
    ------
    ValueError, TypeError
        If the images are not for this network, or `beam_size` is no integer from 1 up.

    See Also
    --------
    character_error_rate : Judges them.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> seen, _ = handwritten_digits()
    >>> words = compose_words(seen, np.random.default_rng(0), 3)
    >>> len(read_words(HandwritingReader(), words))
    3
    """
    device = model.head.weight.device
    decode = greedy_decode if beam_size is None else partial(beam_decode, beam_size=beam_size)
    with evaluating(model):
        parts = [model(images.to(device)).cpu() for images in torch.split(words.images, 256)]
    return [decode(log_probs) for log_probs in torch.cat(parts, 1).transpose(0, 1).numpy()]


def greedy_decode(log_probs: Float[np.ndarray, "T K"]) -> list[int]:
    """Take the best class of each column, once for each run of equal ones, without blanks.

    Parameters
    ----------
    log_probs : (T, K)
        Of `BLANK` and K - 1 characters, for each column of one word.

    Returns
    -------
    list of int
        Characters, counted from 0.

    Raises
    ------
    ValueError
        If `log_probs` has another shape.

    See Also
    --------
    beam_decode : Adds up the ways to spell a word.
    Chapter 17, "Handwriting"; Graves et al. 2006, section 3.2.

    Examples
    --------
    >>> columns = [1, 1, 0, 1, 2, 2, 0]
    >>> greedy_decode(np.log(np.eye(3)[columns] + 0.01))
    [0, 0, 1]
    """
    best = _check_log_probs(log_probs).argmax(1)
    first_of_run = np.diff(best, prepend=BLANK) != 0
    return [int(k) - 1 for k in best[first_of_run] if k != BLANK]


def beam_decode(log_probs: Float[np.ndarray, "T K"], *, beam_size: int) -> list[int]:
    """Search for the most probable word, keeping a few beginnings after each column.

    Parameters
    ----------
    log_probs : (T, K)
        Of `BLANK` and K - 1 characters, for each column of one word.
    beam_size : int
        How many beginnings to keep.

    Returns
    -------
    list of int
        Characters, counted from 0.

    Raises
    ------
    ValueError, TypeError
        If `log_probs` has another shape, or `beam_size` is no integer from 1 up.

    See Also
    --------
    greedy_decode : Looks at the best class of each column only.
    Chapter 17, "Handwriting"; Graves et al. 2006, section 3.2.

    Examples
    --------
    The best class is the blank in both columns, and yet "0" is more probable than nothing.

    >>> log_probs = np.log([[0.6, 0.4], [0.6, 0.4]])
    >>> greedy_decode(log_probs), beam_decode(log_probs, beam_size=2)
    ([], [0])
    """
    beam_size = check_int("beam_size", beam_size, minimum=1)
    # For each beginning, the probability of all ways to spell it that end in a blank, or do not.
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for column in np.exp(_check_log_probs(log_probs)).tolist():
        found: dict[tuple[int, ...], list[float]] = {}
        for word, (blank, inked) in beam.items():
            stays = found.setdefault(word, [0.0, 0.0])
            stays[0] += (blank + inked) * column[BLANK]
            if word:
                stays[1] += inked * column[word[-1]]
            for k in range(1, len(column)):
                # The same character twice needs a blank in between.
                before = blank if word and word[-1] == k else blank + inked
                found.setdefault((*word, k), [0.0, 0.0])[1] += before * column[k]
        best = sorted(found.items(), key=lambda each: -sum(each[1]))[:beam_size]
        scale = sum(best[0][1])  # long words would become too improbable for a float
        beam = {word: (blank / scale, inked / scale) for word, (blank, inked) in best}
    return [k - 1 for k in next(iter(beam))]


def _check_log_probs(log_probs: np.ndarray) -> np.ndarray:
    if log_probs.ndim != 2 or not log_probs.size:
        raise ValueError(f"log_probs: expected shape (T, K), got {log_probs.shape}")
    return log_probs


def character_error_rate(read: Sequence[Sequence[int]], expected: Sequence[Sequence[int]]) -> float:
    """Return the share of characters that have to be changed, left out or put in.

    Parameters
    ----------
    read, expected : sequences of words
        What was read, and what was written.

    Returns
    -------
    float
        Edits in all, divided by the characters in `expected`.

    Raises
    ------
    ValueError
        If the numbers of words differ, or nothing was expected.

    See Also
    --------
    read_words : Reads.
    Chapter 17, "Handwriting"; L0, "Example: Handwriting Recognition".

    Examples
    --------
    >>> character_error_rate([[1, 2, 3], [4]], [[1, 3, 3], [4, 5]])
    0.4
    """
    if len(read) != len(expected) or not any(map(len, expected)):
        raise ValueError(
            f"expected: expected {len(read)} words that are not all empty, got {len(expected)}"
        )
    edits = sum(_edit_distance(one, other) for one, other in zip(read, expected, strict=True))
    return edits / sum(map(len, expected))


def _edit_distance(one: Sequence[int], other: Sequence[int]) -> int:
    """Count the edits between two words, a row of Levenshtein's table after the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def main(
    epochs: int = 12,
    lr: float = 8e-3,
    batches: int = 60,
    batch_size: int = 32,
    beam_size: int = 8,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    checkpoint: Path | None = None,
) -> None:
    """Train a network to read words of handwritten digits."""
    seen, others = handwritten_digits()
    words = compose_words(others, np.random.default_rng(seed), 500)
    model, _ = train_reader(
        seen,
        training=decaying(
            epochs=epochs,
            lr=lr,
            max_grad_norm=5.0,
            device=device,
            precision=precision,
            seed=seed,
            checkpoint=checkpoint,
        ),
        batches=batches,
        batch_size=batch_size,
    )
    if speaks():
        for name, size in (("greedy", None), (f"beam of {beam_size}", beam_size)):
            rate = character_error_rate(read_words(model, words, beam_size=size), words.spelled())
            print(f"{rate:.2%} of the characters of words of held-out digits are wrong ({name})")


if __name__ == "__main__":
    import typer

    typer.run(main)

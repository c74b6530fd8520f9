"""Two uses of a recurrent network: a label for a whole sequence, and a label for each token of it.

An encoder reads a sequence and ends in one vector that stands for all of it, on which a classifier
decides. A transducer says something at every step. Here the one learns to tell in which language a
date is written (`date_languages`), the other to color programs as an editor does
(`labelled_programs`). Both take less than a minute without a graphics card. The two other uses are
`lecturelib.models.language_model`, the generator, and `lecturelib.models.encoder_decoder`.

Sequences lie side by side, tokens (T, B), and those shorter than T are followed by padding. The
backward direction starts at each sequence's own end, and losses count real tokens only: what a
sequence gives alone it gives in any batch. ``python -m lecturelib.models.sequence_tasks --help``
says how to train from the command line.
"""

from __future__ import annotations

import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._shapes import check_int
from lecturelib.datasets import (
    LOCALES,
    PYTHON_CLASSES,
    DatePair,
    date_pairs,
    label_python,
    load_python_sources,
)
from lecturelib.models._command_line import decaying
from lecturelib.models._encoder import LARGE, SMALL, Encoder, RecurrentConfig, padded, sequence_mask
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models._tally import State
from lecturelib.models.training import Samples, Tally, TrainingConfig, train
from lecturelib.text import Vocabulary
from lecturelib.training import History

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "LARGE",
    "SMALL",
    "Encoder",
    "Labelled",
    "LabellingTask",
    "RecurrentConfig",
    "SequenceClassifier",
    "Transducer",
    "date_languages",
    "labelled_programs",
    "padded",
    "train_on_labels",
]

Model = TypeVar("Model", "SequenceClassifier", "Transducer")


class _Labeller(nn.Module):
    """An encoder, and a linear layer on top of it."""

    def __init__(
        self, vocabulary_size: int, num_classes: int, config: RecurrentConfig = SMALL
    ) -> None:
        super().__init__()
        self.encoder = Encoder(vocabulary_size, config)
        self.head = nn.Linear(config.states, check_int("num_classes", num_classes, minimum=1))


class SequenceClassifier(_Labeller):
    """An encoder, and a linear layer that sees nothing but the vector that it ends in.

    Parameters
    ----------
    vocabulary_size : int
        V: ids are 0 to V - 1.
    num_classes : int
        C, logits for each sequence.
    config : RecurrentConfig
        Sizes.

    See Also
    --------
    train_on_labels : Trains it.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    >>> model = SequenceClassifier(10, 3)
    >>> model(*padded([np.array([5, 6, 7]), np.array([8])])).shape
    torch.Size([2, 3])
    """

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give the logits of each sequence.

        Parameters
        ----------
        tokens, lengths
            As for `Encoder.forward`.

        Returns
        -------
        (B, C)

        Raises
        ------
        ValueError
            As `Encoder.forward`.
        """
        _, summary = self.encoder(tokens, lengths)
        logits: torch.Tensor = self.head(summary)
        return logits


class Transducer(_Labeller):
    """An encoder, and a linear layer that sees its state at every token.

    Parameters
    ----------
    vocabulary_size : int
        V: ids are 0 to V - 1.
    num_classes : int
        C, logits for each token.
    config : RecurrentConfig
        Sizes. If it reads in one direction only, a label cannot know what comes next.

    See Also
    --------
    train_on_labels : Trains it.
    Chapter 16, "Encoders, generators and transducers"; L2, "3. A Transducer".

    Examples
    --------
    >>> model = Transducer(10, 3)
    >>> model(*padded([np.array([5, 6, 7]), np.array([8])])).shape
    torch.Size([3, 2, 3])
    """

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Give the logits of each token.

        Parameters
        ----------
        tokens, lengths
            As for `Encoder.forward`.

        Returns
        -------
        (T, B, C)
            Those of the padding mean nothing.

        Raises
        ------
        ValueError
            As `Encoder.forward`.
        """
        states, _ = self.encoder(tokens, lengths)
        logits: torch.Tensor = self.head(states)
        return logits


class Labelled(NamedTuple):
    """Sequences and what is to be said of them.

    Attributes
    ----------
    tokens : (T, N) int64
        Ids, padded.
    lengths : (N,) int64
        How many of each sequence are real.
    labels : (N,) or (T, N) int64
        The class of each sequence, or of each token.

    See Also
    --------
    LabellingTask : Those to learn from, and those to be tested on.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".
    """

    tokens: torch.Tensor
    lengths: torch.Tensor
    labels: torch.Tensor


class LabellingTask(NamedTuple):
    """A task for a classifier or a transducer.

    Attributes
    ----------
    learned, held_out : Labelled
        To learn from, and to be tested on.
    vocabulary : Vocabulary
        Of the tokens; those that are seen in `held_out` only are ``<unk>``.
    classes : tuple of str
        What the labels mean.

    See Also
    --------
    date_languages, labelled_programs : Make one.
    Chapter 16, "Encoders, generators and transducers"; L2, "What can we do with such an
    abstraction?".
    """

    learned: Labelled
    held_out: Labelled
    vocabulary: Vocabulary
    classes: tuple[str, ...]


def date_languages(*, per_locale: int = 500, seed: int = 0) -> LabellingTask:
    """Ask in which of thirty languages a date is written.

    Some dates are written alike in two languages, as 8. juli 2025 is in Danish and in Norwegian:
    nobody can be right about more than some 94 of a hundred.

    Parameters
    ----------
    per_locale : int
        Dates in each language. One day of ten is held out, in all languages.
    seed : int
        Decides which dates.

    Returns
    -------
    LabellingTask
        With a label for each sequence of characters.

    Raises
    ------
    ValueError, TypeError
        If a number is too small, or of the wrong kind.
    ImportError
        If babel is not installed.

    See Also
    --------
    lecturelib.datasets.date_pairs : Writes the dates.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    >>> task = date_languages(per_locale=20)
    >>> task.classes[:3]
    ('ar', 'bg', 'cs')
    """
    count = check_int("per_locale", per_locale, minimum=10)
    rng = np.random.default_rng(check_int("seed", seed, minimum=0))
    dates = [
        (pair, label)
        for label, locale in enumerate(LOCALES)
        for pair in date_pairs(count, rng, locales=(locale,))
    ]
    parts = [[date for date in dates if is_held_out(date[0].iso) is out] for out in (False, True)]
    vocabulary = Vocabulary.from_sentences(
        (pair.text for pair, _ in parts[0]), start=None, end=None
    )

    def labelled(part: list[tuple[DatePair, int]]) -> Labelled:
        tokens, lengths = padded(vocabulary.encode(pair.text) for pair, _ in part)
        return Labelled(tokens, lengths, torch.tensor([label for _, label in part]))

    learned, held_out = map(labelled, parts)
    return LabellingTask(learned, held_out, vocabulary, LOCALES)


def is_held_out(iso: str) -> bool:
    """Tell whether a day is one of those that no model learns from: every tenth."""
    return datetime.date.fromisoformat(iso).toordinal() % 10 == 0


def labelled_programs(
    *, max_chars: int = 1_000_000, piece: int = 256, seed: int = 0
) -> LabellingTask:
    """Ask of each character of Python's own programs what it is part of.

    Parameters
    ----------
    max_chars : int
        Characters in all, of whole programs; one program of six is held out.
    piece : int
        Programs are cut into pieces of so many characters. Where one begins within a long string,
        nothing says so until the string ends.
    seed : int
        Decides which programs are held out.

    Returns
    -------
    LabellingTask
        With a label for each character.

    Raises
    ------
    ValueError, TypeError
        If a number is of the wrong kind, or too small; of `max_chars`, for two programs.

    See Also
    --------
    lecturelib.datasets.label_python : Gives the labels.
    Chapter 16, "Encoders, generators and transducers"; L2, "3. A Transducer".

    Examples
    --------
    >>> task = labelled_programs(max_chars=20_000)
    >>> task.classes
    ('space', 'name', 'keyword', 'number', 'string', 'comment', 'operator')
    >>> task.learned.tokens.shape == task.learned.labels.shape
    True
    """
    piece = check_int("piece", piece, minimum=1)
    sources = list(load_python_sources(max_chars=max_chars).values())
    if len(sources) < 2:
        raise ValueError(f"max_chars: expected enough for two programs, got {max_chars}")
    rng = np.random.default_rng(check_int("seed", seed, minimum=0))
    programs = [sources[number] for number in rng.permutation(len(sources))]
    cut = -(-len(programs) // 6)
    parts = programs[cut:], programs[:cut]
    vocabulary = Vocabulary.from_sentences(parts[0], min_count=2, start=None, end=None)

    def labelled(part: list[str]) -> Labelled:
        tokens, lengths = padded(_pieces(map(vocabulary.encode, part), piece))
        labels, _ = padded(_pieces(map(label_python, part), piece))
        return Labelled(tokens, lengths, labels)

    learned, held_out = map(labelled, parts)
    return LabellingTask(learned, held_out, vocabulary, PYTHON_CLASSES)


def _pieces(arrays: Iterable[np.ndarray], size: int) -> Iterable[np.ndarray]:
    return chain.from_iterable(
        np.split(array, range(size, len(array), size)) for array in arrays if len(array)
    )


def train_on_labels(
    kind: type[Model],
    task: LabellingTask,
    *,
    config: RecurrentConfig = SMALL,
    training: TrainingConfig,
    batch_size: int = 16,
) -> tuple[Model, History]:
    """Train a classifier or a transducer.

    Parameters
    ----------
    kind : type
        `SequenceClassifier` for labels (N,), `Transducer` for labels (T, N).
    task : LabellingTask
        What is to be learned.
    config : RecurrentConfig
        Sizes of the model.
    training : TrainingConfig
        How; its seed also decides how the model starts.
    batch_size : int
        Sequences in a step.

    Returns
    -------
    model : SequenceClassifier or Transducer
    history : History
        With the accuracy on what was held out.

    Raises
    ------
    ValueError
        If the labels are not of this kind; also as ``lecturelib.models.training.train``.

    See Also
    --------
    date_languages, labelled_programs : Tasks.
    Chapter 16, "Encoders, generators and transducers"; L2, "What can we do with such an
    abstraction?".

    Examples
    --------
    >>> task = date_languages(per_locale=10)
    >>> tiny = RecurrentConfig(cell="elman", hidden_size=8)
    >>> model, history = train_on_labels(
    ...     SequenceClassifier, task, config=tiny, training=TrainingConfig(epochs=1)
    ... )
    >>> history.metrics.keys()
    dict_keys(['accuracy'])
    """
    wanted, shape = "(T, N)" if kind is Transducer else "(N,)", tuple(task.learned.labels.shape)
    if len(shape) != (2 if kind is Transducer else 1):
        raise ValueError(f"task: expected labels {wanted} for {kind.__name__}, got shape {shape}")
    with seeded(training.seed):
        model = kind(len(task.vocabulary), len(task.classes), config)
    tokens, lengths, labels = task.learned
    history = train(
        model,
        _loss,
        # The loop counts samples along the first axis.
        Samples(tokens.T, lengths, labels.t(), batch_size=batch_size, seed=training.seed),
        training,
        metrics={"accuracy": lambda network: _accuracy(network, task.held_out)},
    )
    return model, history


def _loss(model: nn.Module, batch: tuple[torch.Tensor, ...], state: State) -> Tally:
    logits, labels = _answers(model, *batch)
    return Tally(F.cross_entropy(logits, labels, reduction="sum"), len(labels))


def _answers(
    model: nn.Module, tokens: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give logits (M, C) and labels (M,), without those of the padding."""
    longest = int(lengths.max())
    logits: torch.Tensor = model(tokens.T[:longest], lengths)
    if labels.ndim == 1:
        return logits, labels
    real = sequence_mask(lengths, longest)
    return logits[real], labels.T[:longest][real]


@torch.no_grad()
def _accuracy(model: nn.Module, data: Labelled, batch_size: int = 256) -> float:
    device = next(model.parameters()).device
    columns = (data.tokens.T, data.lengths, data.labels.t())
    right = []
    for part in zip(*(torch.split(each, batch_size) for each in columns), strict=True):
        logits, labels = _answers(model, *(each.to(device) for each in part))
        right.append(logits.argmax(1) == labels)
    return float(torch.cat(right).float().mean())


def main(
    task: str = "languages",
    cell: str = "lstm",
    bidirectional: bool = True,
    epochs: int = 3,
    lr: float = 1e-2,
    batch_size: int = 16,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    checkpoint: Path | None = None,
) -> None:
    """Learn the languages of dates, or the parts of programs: --task languages or programs."""
    training = decaying(
        epochs=epochs,
        lr=lr,
        max_grad_norm=1.0,
        device=device,
        precision=precision,
        seed=seed,
        checkpoint=checkpoint,
    )
    if task not in ("languages", "programs"):
        raise ValueError(f"task: expected languages or programs, got {task!r}")
    config = RecurrentConfig(cell=cell, bidirectional=bidirectional)
    how = partial(train_on_labels, config=config, training=training, batch_size=batch_size)
    if task == "languages":
        _, history = how(SequenceClassifier, date_languages(seed=seed))
    else:
        _, history = how(Transducer, labelled_programs(seed=seed))
    if speaks():
        print(f"accuracy on what was held out: {history.metrics['accuracy'][-1]:.1%}")


if __name__ == "__main__":
    import typer

    typer.run(main)

"""An encoder-decoder with attention: dates, written in many languages, become ISO 8601.

One recurrent network reads the source from both ends (`lecturelib.models.sequence_tasks.Encoder`);
another writes the target, one token after the other, and is told at each step what it has written
so far. Without attention, all that it ever hears of the source is the one vector that the encoder
ends in (Cho et al. 2014). With attention, each of its states asks all states of the encoder, by a
dot product, which of them matter now, and is given their weighted mean (Bahdanau et al. 2015; in
the simpler form of Luong et al. 2015, with the score that they call *dot*).

In training the decoder is handed the right beginning, whatever it would have written (teacher
forcing). To write, `EncoderDecoder.translate` takes the most probable token at each step; given a
source, the decoder is a language model, on which `lecturelib.sampling.beam_search` searches
further (`ConditionedModel`). ``python -m lecturelib.models.encoder_decoder --help``
says how to train from the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._shapes import check_int
from lecturelib.datasets import LOCALES, DatePair, date_pairs
from lecturelib.models._cells import CELLS
from lecturelib.models._command_line import decaying
from lecturelib.models._contexts import Contexts
from lecturelib.models._encoder import (
    Encoder,
    RecurrentConfig,
    check_tokens,
    padded,
    sequence_mask,
)
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models._tally import State
from lecturelib.models.sequence_tasks import is_held_out
from lecturelib.models.training import Samples, Tally, TrainingConfig, train
from lecturelib.text import Vocabulary
from lecturelib.training import History

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from jaxtyping import Float32

__all__ = [
    "LARGE",
    "SMALL",
    "ConditionedModel",
    "Dates",
    "EncoderDecoder",
    "EncoderDecoderConfig",
    "dates_to_translate",
    "train_on_dates",
]


@dataclass(frozen=True, kw_only=True)
class EncoderDecoderConfig(RecurrentConfig):
    """The sizes of an encoder-decoder.

    Attributes
    ----------
    cell, embedding_size, hidden_size, bidirectional
        Of the encoder, as for `RecurrentConfig`. The decoder has the same cell, and as many units
        as all directions of the encoder together.
    attention : bool
        Let the decoder look at all states of the encoder. If not, it is shown the vector that the
        encoder ends in, the same at every step.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    EncoderDecoder : Takes it.
    Chapter 16, "Encoders, generators and transducers"; L2, "4. Conditioned generator".

    Examples
    --------
    >>> EncoderDecoderConfig(attention=False).states
    128
    """

    attention: bool = True


#: Learns to read dates without a graphics card.
SMALL = EncoderDecoderConfig()

#: For a graphics card.
LARGE = EncoderDecoderConfig(embedding_size=64, hidden_size=256)


class _Memory(NamedTuple):
    """What the encoder leaves: states (T, B, E), which of them are real (T, B), summary (B, E)."""

    states: torch.Tensor
    real: torch.Tensor
    summary: torch.Tensor


class EncoderDecoder(nn.Module):
    """Read one sequence, then write another.

    Parameters
    ----------
    source, target : Vocabulary
        Of what is read, and of what is written, which needs tokens for start and end.
    config : EncoderDecoderConfig
        Sizes; E = ``config.states``.

    Raises
    ------
    ValueError
        If the target has no token for start or end.

    See Also
    --------
    train_on_dates : Trains it.
    Chapter 16, "Encoders, generators and transducers"; L2, "4. Conditioned generator";
    L3, "Sequence to Sequence Model"; Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015.

    Examples
    --------
    >>> model = EncoderDecoder(Vocabulary("abc"), Vocabulary("xyz"))
    >>> tokens, lengths = padded([np.array([3, 4, 5]), np.array([4])])
    >>> written = torch.zeros(7, 2, dtype=torch.int64)
    >>> model(tokens, lengths, written).shape
    torch.Size([7, 2, 6])
    """

    def __init__(
        self, source: Vocabulary, target: Vocabulary, config: EncoderDecoderConfig = SMALL
    ) -> None:
        super().__init__()
        if target.start_id is None or target.end_id is None:
            raise ValueError("target: expected a vocabulary with tokens for start and end")
        self.source, self.target, self.config = source, target, config
        self.start, self.end = target.start_id, target.end_id
        self.encoder = Encoder(len(source), config)
        self.embedding = nn.Embedding(len(target), config.embedding_size)
        self.decoder = CELLS[config.cell](config.embedding_size, config.states)
        self.mix = nn.Linear(2 * config.states, config.states)
        self.head = nn.Linear(config.states, len(target))

    def forward(
        self, tokens: torch.Tensor, lengths: torch.Tensor, written: torch.Tensor
    ) -> torch.Tensor:
        """Give the logits of each token of the target after those that are written.

        Parameters
        ----------
        tokens : (T, B) of int
            The sources, behind which padding may follow.
        lengths : (B,) of int
            How many tokens of each source are real.
        written : (S, B) of int
            The targets, with the token for their start and without the last one.

        Returns
        -------
        (S, B, V)
            At step s those of what follows ``written[: s + 1]``.

        Raises
        ------
        ValueError
            If there are no tokens, an id is unknown, or shapes or lengths disagree.
        """
        check_tokens("written", written, len(self.target))
        if written.shape[1] != tokens.shape[1]:
            raise ValueError(
                f"written: expected shape (S, B={tokens.shape[1]}), got {tuple(written.shape)}"
            )
        return self._decode(self._encode(tokens, lengths), written)[0]

    def _encode(self, tokens: torch.Tensor, lengths: torch.Tensor) -> _Memory:
        states, summary = self.encoder(tokens, lengths)
        return _Memory(states, sequence_mask(lengths, len(tokens)), summary)

    def _read(self, texts: Iterable[Iterable[Hashable]]) -> _Memory:
        tokens, lengths = padded(self.source.encode(text) for text in texts)
        device = self.head.weight.device
        return self._encode(tokens.to(device), lengths.to(device))

    def _decode(
        self, memory: _Memory, written: torch.Tensor, state: Any = None
    ) -> tuple[torch.Tensor, Any]:
        """Give the logits (S, B, V), and the state to go on from; None stands for the first."""
        states, state = self._write(memory, written, state)
        if self.config.attention:
            context = torch.einsum("sbt,tbe->sbe", _weights(states, memory), memory.states)
        else:
            context = memory.summary.expand_as(states)
        return self.head(torch.tanh(self.mix(torch.cat([states, context], 2)))), state

    def _write(
        self, memory: _Memory, written: torch.Tensor, state: Any = None
    ) -> tuple[torch.Tensor, Any]:
        """Give the decoder's states (S, B, E), and the last one in the form of the cell."""
        if state is None:
            state = memory.summary[None]
            if self.config.cell == "lstm":
                state = state, torch.zeros_like(state)  # its cells start empty
        states, state = self.decoder(self.embedding(written), state)
        return states, state

    @torch.no_grad()
    def translate(
        self, texts: Sequence[Iterable[Hashable]], *, max_length: int = 100
    ) -> list[list[Any]]:
        """Write the target of each source, always the most probable token.

        Parameters
        ----------
        texts : sequence of iterables of tokens
            The sources.
        max_length : int
            Of a target, in tokens.

        Returns
        -------
        list of list of tokens
            Without those for start and end.

        Raises
        ------
        ValueError, TypeError
            If there is no text, one is empty, or a number is out of range.

        See Also
        --------
        ConditionedModel : For other ways to write.

        Examples
        --------
        >>> model = EncoderDecoder(Vocabulary("abc"), Vocabulary("xyz"))
        >>> len(model.translate(["abba", "c"]))
        2
        """
        check_int("max_length", max_length, minimum=1)
        memory, state = self._read(texts), None
        token = torch.full_like(memory.real[:1], self.start, dtype=torch.int64)
        ended = torch.zeros_like(memory.real[:1])
        rows: list[torch.Tensor] = []
        while len(rows) < max_length and not ended.all():
            logits, state = self._decode(memory, token, state)
            token = logits.argmax(2)
            ended = ended | (token == self.end)
            rows.append(token)
        written = torch.cat(rows).T.tolist()
        return [
            self.target.decode(row[: row.index(self.end)] if self.end in row else row)
            for row in written
        ]

    @torch.no_grad()
    def alignment(
        self, text: Iterable[Hashable], written: Iterable[Hashable]
    ) -> Float32[np.ndarray, "S T"]:
        """Give the weights that the attention lays on the source while a target is written.

        Parameters
        ----------
        text : iterable of T tokens
            The source.
        written : iterable of S tokens
            The target, without those for start and end.

        Returns
        -------
        (S, T)
            Each row sums to 1 and belongs to a token of the target.

        Raises
        ------
        ValueError
            If there is no attention, or text or target is empty.

        See Also
        --------
        lecturelib.plots.show_pictures : Shows it.

        Examples
        --------
        >>> model = EncoderDecoder(Vocabulary("abc"), Vocabulary("xyz"))
        >>> model.alignment("abba", "xyzzy").shape
        (5, 4)
        """
        if not self.config.attention:
            raise ValueError("config.attention: expected True, got False")
        memory = self._read([text])
        ids = [self.start, *self.target.encode(written)][:-1]
        states, _ = self._write(memory, torch.tensor(ids, device=memory.real.device)[:, None])
        return _weights(states, memory)[:, 0].cpu().numpy()


def _weights(states: torch.Tensor, memory: _Memory) -> torch.Tensor:
    """Give the weights (S, B, T): softmax over the source of dot products, none for padding."""
    scores = torch.einsum("sbe,tbe->sbt", states, memory.states)
    return scores.masked_fill(~memory.real.T, -torch.inf).softmax(2)


class ConditionedModel:
    """The language model of the targets of one source.

    Parameters
    ----------
    model : EncoderDecoder
        In evaluation mode it writes as it will be used. Its weights are not to change meanwhile.
    text : iterable of tokens
        The source.

    Raises
    ------
    ValueError
        If the text is empty.

    See Also
    --------
    lecturelib.sampling.beam_search : Finds better targets than the most probable tokens.
    Chapter 16, "Encoders, generators and transducers"; L2, "4. Conditioned generator";
    L3, "Sampling from a Language Model".

    Examples
    --------
    >>> from lecturelib.sampling import beam_search
    >>> model = EncoderDecoder(Vocabulary("abc"), Vocabulary("xyz"))
    >>> conditioned = ConditionedModel(model, "abba")
    >>> found = beam_search(conditioned, beam_size=3, max_length=5, stop=model.target.end_id)
    >>> len(found)
    3
    """

    @torch.no_grad()
    def __init__(self, model: EncoderDecoder, text: Iterable[Hashable]) -> None:
        self.model = model
        self._contexts = Contexts(
            partial(model._decode, model._read([text])),
            start=model.start,
            begin=None,
            device=model.head.weight.device,
        )

    def next_log_probs(self, context: Sequence[int], /) -> Float32[np.ndarray, " V"]:
        """Return the log-probability of each token to come next.

        Parameters
        ----------
        context : sequence of int
            Ids of the target so far, without that for its start.

        Returns
        -------
        (V,)

        Raises
        ------
        ValueError
            If an id is unknown.
        """
        written = torch.tensor([self.model.start, *context])[:, None]
        check_tokens("context", written, len(self.model.target))
        return self._contexts.logits(context).log_softmax(0).numpy()


class Dates(NamedTuple):
    """Dates to translate, from many languages into ISO 8601.

    Attributes
    ----------
    learned : list of DatePair
        To learn from.
    new_days : list of DatePair
        Days that are not in `learned`, in the same languages.
    new_languages : list of DatePair
        In languages that are not in `learned`.
    source, target : Vocabulary
        Characters of `learned`, those of the source with ``<unk>``.

    See Also
    --------
    dates_to_translate : Writes them.
    Chapter 16, "Encoders, generators and transducers"; L3, "Machine Translation".
    """

    learned: list[DatePair]
    new_days: list[DatePair]
    new_languages: list[DatePair]
    source: Vocabulary
    target: Vocabulary


def dates_to_translate(
    *, n: int = 15_000, held_out_locales: Sequence[str] = ("da", "nb", "sv"), seed: int = 0
) -> Dates:
    """Write dates, and keep some days and some languages apart.

    Parameters
    ----------
    n : int
        Dates in the languages to learn, of which one day of ten is held out; a tenth as many in
        the others.
    held_out_locales : sequence of str
        Languages to hold out, of ``lecturelib.datasets.LOCALES``. Those of Scandinavia have the
        months of German and Dutch; other families have words of their own, which nobody can read
        who has not learned them.
    seed : int
        Decides which dates.

    Returns
    -------
    Dates

    Raises
    ------
    ValueError, TypeError
        If a number is too small or of the wrong kind, or `held_out_locales` is empty, has an
        unknown member or all of them.
    ImportError
        If babel is not installed.

    See Also
    --------
    lecturelib.datasets.date_pairs : Writes the dates.
    Chapter 16, "Encoders, generators and transducers"; L3, "Machine Translation".

    Examples
    --------
    >>> dates = dates_to_translate(n=200)
    >>> dates.learned[0]
    DatePair(text='...', iso='...')
    >>> len(dates.new_languages)
    20
    """
    count = check_int("n", n, minimum=100)
    rng = np.random.default_rng(check_int("seed", seed, minimum=0))
    new_languages = date_pairs(count // 10, rng, locales=held_out_locales)
    known = [locale for locale in LOCALES if locale not in held_out_locales]
    pairs = date_pairs(count, rng, locales=known)
    learned, new_days = (
        [pair for pair in pairs if is_held_out(pair.iso) is out] for out in (False, True)
    )
    source = Vocabulary.from_sentences((pair.text for pair in learned), start=None, end=None)
    target = Vocabulary("0123456789-", unk=None)
    return Dates(learned, new_days, new_languages, source, target)


def train_on_dates(
    dates: Dates,
    *,
    config: EncoderDecoderConfig = SMALL,
    training: TrainingConfig,
    batch_size: int = 128,
) -> tuple[EncoderDecoder, History]:
    """Train an encoder-decoder to write dates as ISO 8601 does, by teacher forcing.

    Parameters
    ----------
    dates : Dates
        What is learned.
    config : EncoderDecoderConfig
        Sizes of the model.
    training : TrainingConfig
        How; its seed also decides how the model starts.
    batch_size : int
        Dates in a step.

    Returns
    -------
    model : EncoderDecoder
    history : History
        With the share of dates, on new days and in new languages, whose ten characters are right.

    Raises
    ------
    ValueError
        As ``lecturelib.models.training.train``.

    See Also
    --------
    EncoderDecoder.translate : What the model is for.
    Chapter 16, "Encoders, generators and transducers"; L2, "4. Conditioned generator"; L3,
    "Machine Translation".

    Examples
    --------
    >>> dates = dates_to_translate(n=100)
    >>> tiny = EncoderDecoderConfig(cell="elman", hidden_size=8)
    >>> model, history = train_on_dates(dates, config=tiny, training=TrainingConfig(epochs=1))
    >>> history.metrics.keys()
    dict_keys(['new days', 'new languages'])
    """
    with seeded(training.seed):
        model = EncoderDecoder(dates.source, dates.target, config)
    tokens, lengths = padded(dates.source.encode(pair.text) for pair in dates.learned)
    targets, target_lengths = padded(
        dates.target.encode(["<s>", *pair.iso, "</s>"]) for pair in dates.learned
    )
    # The loop counts samples along the first axis.
    samples = (tokens.T, lengths, targets.T, target_lengths)
    history = train(
        model,
        _loss,
        Samples(*samples, batch_size=batch_size, seed=training.seed),
        training,
        metrics={
            "new days": lambda _: _exact_match(model, dates.new_days),
            "new languages": lambda _: _exact_match(model, dates.new_languages),
        },
    )
    return model, history


def _loss(model: nn.Module, batch: tuple[torch.Tensor, ...], state: State) -> Tally:
    """Compare each token with the one that is right after the right beginning, padding apart."""
    sources, lengths, targets, target_lengths = batch
    targets = targets.T
    written, wanted = targets[:-1], targets[1:]
    logits = model(sources.T[: int(lengths.max())], lengths, written)
    real = sequence_mask(target_lengths - 1, len(wanted))
    return Tally(F.cross_entropy(logits[real], wanted[real], reduction="sum"), real.sum())


def _exact_match(model: EncoderDecoder, pairs: Sequence[DatePair]) -> float:
    written = model.translate([pair.text for pair in pairs], max_length=11)
    right = ["".join(found) == pair.iso for found, pair in zip(written, pairs, strict=True)]
    return sum(right) / len(right)


def main(
    attention: bool = True,
    cell: str = "lstm",
    hidden_size: int = SMALL.hidden_size,
    held_out: str = "da,nb,sv",
    n: int = 15_000,
    epochs: int = 3,
    lr: float = 5e-3,
    batch_size: int = 128,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    checkpoint: Path | None = None,
) -> None:
    """Learn to translate dates of many languages into ISO 8601."""
    _, history = train_on_dates(
        dates_to_translate(n=n, held_out_locales=held_out.split(","), seed=seed),
        config=EncoderDecoderConfig(attention=attention, cell=cell, hidden_size=hidden_size),
        training=decaying(
            epochs=epochs,
            lr=lr,
            max_grad_norm=1.0,
            device=device,
            precision=precision,
            seed=seed,
            checkpoint=checkpoint,
        ),
        batch_size=batch_size,
    )
    if speaks():
        for name, shares in history.metrics.items():
            print(f"{name}: {shares[-1]:.1%} of the dates without any error")


if __name__ == "__main__":
    import typer

    typer.run(main)

"""Recurrent language models: what comes next in a text, after all that came before.

Tokens become vectors, one or more recurrent layers read them, and a linear layer turns what they
remember into logits of the next token. Characters, words and notes are all the same to it.

A model is trained on parallel streams of a long text, a window at a time; the state goes from one
window to the next, the gradient does not (truncated backpropagation through time). Its `perplexity`
counts the same predictions as that of ``lecturelib.ngram``, so that the two can be compared, and
`Reader` makes of it a model that ``lecturelib.sampling`` can draw texts from.
``python -m lecturelib.models.language_model --help`` says how to train from the command line.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._numbers import check_number
from lecturelib._shapes import check_int
from lecturelib.datasets import load_python_docs
from lecturelib.models._cells import CELLS, check_cell
from lecturelib.models._command_line import decaying
from lecturelib.models._contexts import Contexts
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models._tally import State
from lecturelib.models.training import Loss, Tally, TrainingConfig, evaluate, train
from lecturelib.sampling import sample
from lecturelib.text import Vocabulary, word_tokens
from lecturelib.training import History

if TYPE_CHECKING:
    from jaxtyping import Float32

    Sentences = Iterable[Iterable[Hashable]]

__all__ = [
    "LanguageModelConfig",
    "Reader",
    "RecurrentLanguageModel",
    "Windows",
    "encode_texts",
    "perplexity",
    "streams",
    "train_language_model",
]


@dataclass(frozen=True, kw_only=True)
class LanguageModelConfig:
    """The sizes of a recurrent language model.

    Attributes
    ----------
    cell : str
        ``"elman"``, ``"lstm"`` or ``"gru"``.
    embedding_size : int
        Numbers that stand for a token.
    hidden_size : int
        Numbers that each layer remembers.
    num_layers : int
        Recurrent layers, one above the other.
    dropout : float
        Share of the numbers dropped before, between and after the layers (Zaremba et al. 2014).
    tied : bool
        Let the last layer use the vectors of the tokens as its weights (Press and Wolf 2017), for
        which `embedding_size` has to be `hidden_size`.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    RecurrentLanguageModel : Takes it.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> LanguageModelConfig(cell="gru", hidden_size=64).num_layers
    1
    """

    cell: str = "lstm"
    embedding_size: int = 64
    hidden_size: int = 256
    num_layers: int = 1
    dropout: float = 0.0
    tied: bool = False

    def __post_init__(self) -> None:
        """Check all values."""
        check_cell(self.cell)
        for name in ("embedding_size", "hidden_size", "num_layers"):
            check_int(name, getattr(self, name), minimum=1)
        check_number("dropout", self.dropout, minimum=0, maximum=1)
        if self.tied and self.embedding_size != self.hidden_size:
            raise ValueError(
                f"tied: expected an embedding_size of hidden_size={self.hidden_size}, "
                f"got {self.embedding_size}"
            )


class RecurrentLanguageModel(nn.Module):
    """The network.

    Parameters
    ----------
    vocabulary_size : int
        Number of different tokens, V.
    config : LanguageModelConfig
        By default, one layer of LSTM.

    See Also
    --------
    train_language_model : Trains one.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model"; L2, "An example: Character
    level language model".

    Examples
    --------
    >>> model = RecurrentLanguageModel(30)
    >>> logits, state = model(torch.zeros(12, 2, dtype=torch.long))
    >>> logits.shape, [each.shape for each in state]
    (torch.Size([12, 2, 30]), [torch.Size([1, 2, 256]), torch.Size([1, 2, 256])])
    """

    def __init__(self, vocabulary_size: int, config: LanguageModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = LanguageModelConfig() if config is None else config
        vocabulary_size = check_int("vocabulary_size", vocabulary_size, minimum=1)
        self.embedding = nn.Embedding(vocabulary_size, config.embedding_size)
        self.dropout = nn.Dropout(config.dropout)
        self.recurrent = CELLS[config.cell](
            config.embedding_size,
            config.hidden_size,
            config.num_layers,
            dropout=config.dropout if config.num_layers > 1 else 0.0,
        )
        self.head = nn.Linear(config.hidden_size, vocabulary_size)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)  # N(0, 1) would drown a tied head
        if config.tied:
            self.head.weight = self.embedding.weight

    def forward(self, tokens: torch.Tensor, state: State = ()) -> tuple[torch.Tensor, State]:
        """Read a part of texts, and give the logits of what follows each of their tokens.

        Parameters
        ----------
        tokens : (T, B) of int
        state : tuple of torch.Tensor
            What the part before left; () at the start of the texts.

        Returns
        -------
        logits : (T, B, V)
        state : tuple of torch.Tensor
            For the part that follows: (h,), or (h, c) of an LSTM, each (num_layers, B, H).

        Raises
        ------
        ValueError
            If tokens have another shape, or there are none.
        """
        if tokens.ndim != 2 or not tokens.numel():
            raise ValueError(
                f"tokens: expected shape (T, B), both above 0, got {tuple(tokens.shape)}"
            )
        x = self.dropout(self.embedding(tokens))  # (T, B, D)
        before = None if not state else state if self.config.cell == "lstm" else state[0]
        h, after = self.recurrent(x, before)  # (T, B, H)
        return self.head(self.dropout(h)), after if self.config.cell == "lstm" else (after,)


class Windows:
    """Texts side by side, a window of all of them at a time.

    Each batch is (tokens, next tokens), both (T, B), and goes on where the batch before ended.

    Parameters
    ----------
    columns : (N, B) of int
        A text in each column, such as those of `streams`.
    seq_len : int
        Tokens in a window, T; fewer in the last one.

    Raises
    ------
    ValueError, TypeError
        If columns have another shape or fewer than two rows, or `seq_len` is not as described.

    See Also
    --------
    lecturelib.models.training.train : Takes them.
    Chapter 15, "Recurrent language models"; L2, "Backpropagation through time".

    Examples
    --------
    >>> windows = Windows(streams(torch.arange(9), 2), seq_len=2)
    >>> for tokens, following in windows.epoch(0):
    ...     print(tokens.T.tolist(), following.T.tolist())
    [[0, 1], [4, 5]] [[1, 2], [5, 6]]
    [[2], [6]] [[3], [7]]
    """

    axes: tuple[int, ...] = (1, 1)

    def __init__(self, columns: torch.Tensor, *, seq_len: int) -> None:
        if columns.ndim != 2 or len(columns) < 2:
            raise ValueError(f"columns: expected shape (2 or more, B), got {tuple(columns.shape)}")
        self.columns, self.smallest = columns, columns.shape[1]
        self.seq_len = check_int("seq_len", seq_len, minimum=1)

    def __len__(self) -> int:
        """Give the number of batches in an epoch."""
        return -(-(len(self.columns) - 1) // self.seq_len)

    def epoch(self, number: int) -> Iterator[tuple[torch.Tensor, ...]]:
        """Go through the texts.

        Parameters
        ----------
        number : int
            Which epoch; the batches are the same in each.

        Yields
        ------
        tokens, following : (T, B) of int
        """
        inputs, following = self.columns[:-1], self.columns[1:]
        cut = partial(torch.split, split_size_or_sections=self.seq_len)
        yield from zip(cut(inputs), cut(following), strict=True)


def streams(ids: torch.Tensor, batch_size: int) -> torch.Tensor:
    """Cut a long text into parallel streams of equal length.

    Parameters
    ----------
    ids : (N,) of int
        The text. What is left at its end, less than one token for each stream, is not used.
    batch_size : int
        Streams, B.

    Returns
    -------
    (N // B, B) torch.Tensor

    Raises
    ------
    ValueError, TypeError
        If ids have another shape or are too few for two in each stream, or `batch_size` is no
        integer from 1 up.

    See Also
    --------
    Windows : Batches of them.
    Chapter 15, "Recurrent language models"; L2, "Backpropagation through time".

    Examples
    --------
    >>> streams(torch.arange(7), 2).tolist()
    [[0, 3], [1, 4], [2, 5]]
    """
    batch_size = check_int("batch_size", batch_size, minimum=1)
    length = len(ids) // batch_size if ids.ndim == 1 else 0
    if length < 2:
        raise ValueError(
            f"ids: expected shape (N,), two or more for each of {batch_size} streams, "
            f"got {tuple(ids.shape)}"
        )
    return ids[: length * batch_size].view(batch_size, length).T.contiguous()


def encode_texts(texts: Sentences, vocabulary: Vocabulary) -> list[torch.Tensor]:
    """Write each text as ids, between ``<s>`` and ``</s>``.

    Parameters
    ----------
    texts : iterable of iterables of tokens
        Such as strings, whose tokens are characters.
    vocabulary : Vocabulary
        With ``<s>`` and ``</s>``.

    Returns
    -------
    list of (T,) int64 torch.Tensor

    Raises
    ------
    ValueError
        If there are no texts, or the vocabulary has no ``<s>`` or ``</s>``.

    See Also
    --------
    streams : What becomes of them for training.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> [ids.tolist() for ids in encode_texts(["ab", "b"], Vocabulary("ab"))]
    [[1, 3, 4, 2], [1, 4, 2]]
    """
    start, end = _id(vocabulary, "<s>"), _id(vocabulary, "</s>")
    encoded = [torch.tensor([start, *vocabulary.encode(text), end]) for text in texts]
    if not encoded:
        raise ValueError("texts: expected at least one, got none")
    return encoded


def _id(vocabulary: Vocabulary, token: str) -> int:
    if token not in vocabulary:
        raise ValueError(f"vocabulary: expected one with {token}, got {vocabulary.tokens[:3]}...")
    return vocabulary[token]


def train_language_model(
    texts: Sentences,
    vocabulary: Vocabulary,
    *,
    config: LanguageModelConfig | None = None,
    training: TrainingConfig,
    batch_size: int = 32,
    seq_len: int = 64,
    held_out: Sentences | None = None,
) -> tuple[RecurrentLanguageModel, History]:
    """Train a recurrent language model.

    Parameters
    ----------
    texts : iterable of iterables of tokens
        What is learned from.
    vocabulary : Vocabulary
        With all three special tokens; what it lacks becomes ``<unk>``.
    config : LanguageModelConfig
        By default, one layer of LSTM.
    training : TrainingConfig
        How; its seed also decides how the network starts.
    batch_size, seq_len : int
        Parallel streams of the text, and tokens in a window of theirs.
    held_out : iterable of iterables of tokens, or None
        Other texts, for validation.

    Returns
    -------
    model : RecurrentLanguageModel
    history : History
        Its losses are means of -log p, so that their exp is the perplexity.

    Raises
    ------
    ValueError
        If there are no tokens, or not two for each stream; also as
        ``lecturelib.models.training.train``.

    See Also
    --------
    perplexity : Measures it on other texts.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> texts = ["abcabcabcabc" * 8]
    >>> config = LanguageModelConfig(cell="elman", embedding_size=4, hidden_size=8)
    >>> model, history = train_language_model(
    ...     texts,
    ...     Vocabulary("abc"),
    ...     config=config,
    ...     training=TrainingConfig(epochs=60, lr=0.02),
    ...     batch_size=2,
    ...     seq_len=12,
    ... )
    >>> perplexity(model, texts, Vocabulary("abc")) < 1.2
    True
    """
    data = Windows(streams(torch.cat(encode_texts(texts, vocabulary)), batch_size), seq_len=seq_len)
    validation = None if held_out is None else _side_by_side(held_out, vocabulary)
    with seeded(training.seed):
        model = RecurrentLanguageModel(len(vocabulary), config)
    return model, train(model, _loss(vocabulary), data, training, validation=validation)


def perplexity(model: RecurrentLanguageModel, texts: Sentences, vocabulary: Vocabulary) -> float:
    """Return exp of the mean of -log p over all tokens of texts, ``</s>`` among them.

    Each text is read from its start by itself, and the tokens that are counted are those that
    ``lecturelib.ngram`` counts: the perplexities can be compared if the vocabulary is the same.

    Parameters
    ----------
    model : RecurrentLanguageModel
        Is used in evaluation mode, and left in the mode that it was in.
    texts : iterable of iterables of tokens
        Held out, in general.
    vocabulary : Vocabulary
        That it was trained with.

    Returns
    -------
    float
        At least 1.

    Raises
    ------
    ValueError
        If there are no tokens, or the vocabulary has another size than the model's.

    See Also
    --------
    lecturelib.ngram : Models to compare with.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> model = RecurrentLanguageModel(5)
    >>> for each in (model.head.weight, model.head.bias):
    ...     _ = nn.init.zeros_(each)
    >>> round(perplexity(model, ["ab", "b"], Vocabulary("ab")), 3)
    5.0
    """
    _check_vocabulary(model, vocabulary)
    data, device = _side_by_side(texts, vocabulary), model.head.weight.device
    return math.exp(evaluate(model, _loss(vocabulary), data, device=str(device)))


def _side_by_side(texts: Sentences, vocabulary: Vocabulary) -> Windows:
    """Put each text into a column of its own, and ``<s>``, which is never counted, below it."""
    encoded = encode_texts(texts, vocabulary)
    columns = nn.utils.rnn.pad_sequence(encoded, padding_value=_id(vocabulary, "<s>"))
    return Windows(columns, seq_len=256)


def _loss(vocabulary: Vocabulary) -> Loss:
    """Add up -log p of all that follows, but for the start of a text: no model is asked for it."""
    start = _id(vocabulary, "<s>")

    def loss(model: nn.Module, batch: tuple[torch.Tensor, ...], state: State) -> Tally:
        tokens, following = batch
        logits, state = model(tokens, state)
        total = F.cross_entropy(
            logits.flatten(0, 1).float(), following.flatten(), ignore_index=start, reduction="sum"
        )
        return Tally(total, (following != start).sum(), state)

    return loss


def _check_vocabulary(model: RecurrentLanguageModel, vocabulary: Vocabulary) -> None:
    if len(vocabulary) != model.embedding.num_embeddings:
        raise ValueError(
            f"vocabulary: expected {model.embedding.num_embeddings} tokens, as the model has, "
            f"got {len(vocabulary)}"
        )


class Reader:
    """A model that reads a text once: what ``lecturelib.sampling`` draws texts from.

    It remembers the states after the last contexts that it was asked about, so that each further
    token costs one step, also in a beam search.

    Parameters
    ----------
    model : RecurrentLanguageModel
        Its weights are not to change as long as the reader is in use.
    vocabulary : Vocabulary
        That it was trained with.
    never : sequence of tokens
        That are not to come, beside ``<s>``, such as ``<unk>``.

    Raises
    ------
    ValueError
        If the vocabulary has another size than the model's, or no ``<s>``.

    See Also
    --------
    lecturelib.sampling : sample, greedy and beam_search take it.
    Chapter 15, "Recurrent language models"; L3, "Sampling from a Language Model".

    Examples
    --------
    >>> from lecturelib.sampling import sample
    >>> vocabulary = Vocabulary("ab")
    >>> reader = Reader(RecurrentLanguageModel(5), vocabulary)
    >>> len(sample(reader, np.random.default_rng(0), max_length=8))
    8
    """

    def __init__(
        self,
        model: RecurrentLanguageModel,
        vocabulary: Vocabulary,
        *,
        never: Sequence[Hashable] = (),
    ) -> None:
        _check_vocabulary(model, vocabulary)
        start, device = _id(vocabulary, "<s>"), model.head.weight.device
        self._never = [start, *(vocabulary[token] for token in never)]
        self._contexts = Contexts(model.eval(), start=start, begin=(), device=device)

    def next_log_probs(self, context: Sequence[int], /) -> Float32[np.ndarray, " V"]:
        """Return the log-probability of each token to come next.

        Parameters
        ----------
        context : sequence of int
            Ids of the tokens so far; ``<s>`` is read before them.

        Returns
        -------
        (V,) float32
            -inf for what is never to come.
        """
        logits = self._contexts.logits(context).clone()
        logits[self._never] = -torch.inf
        return logits.log_softmax(0).numpy()


def main(
    text: Path | None = None,
    words: bool = False,
    cell: str = "lstm",
    hidden_size: int = 256,
    num_layers: int = 1,
    epochs: int = 8,
    lr: float = 4e-3,
    batch_size: int = 32,
    seq_len: int = 64,
    temperature: float = 0.8,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    checkpoint: Path | None = None,
) -> None:
    """Train a language model of characters or words, and let it write.

    The text is a file, or else Python's own documentation. Its last tenth is held out.
    """
    whole = "\n".join(load_python_docs().values()) if text is None else text.read_text("utf-8")
    tokens = word_tokens(whole) if words else list(whole)
    border = len(tokens) * 9 // 10
    seen, held_out = tokens[:border], tokens[border:]
    vocabulary = Vocabulary.from_sentences([seen], min_count=2)
    model, _ = train_language_model(
        [seen],
        vocabulary,
        config=LanguageModelConfig(cell=cell, hidden_size=hidden_size, num_layers=num_layers),
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
        seq_len=seq_len,
    )
    if speaks():
        print(f"perplexity of the text held out: {perplexity(model, [held_out], vocabulary):.2f}")
        ids = sample(
            Reader(model, vocabulary),
            np.random.default_rng(seed),
            max_length=400,
            temperature=temperature,
            stop=vocabulary["</s>"],
        )
        print((" " if words else "").join(map(str, vocabulary.decode(ids))))


if __name__ == "__main__":
    import typer

    typer.run(main)

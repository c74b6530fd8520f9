"""Folk tunes from a recurrent network, as folk-RNN makes them (Sturm et al. 2016).

A tune in ABC notation is a sentence whose words are notes, lengths and bar lines; a language model
learns what follows what. Metre and mode are the first tokens of each tune, so that they can be
asked for, and so can the beginning of the music. Nobody tells the network that bars have to add up.
``python -m lecturelib.models.music --help`` says how to train and compose from the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib.abc_notation import METRES, MODES, check_tune, tokenize_abc, tune_tokens, write_abc
from lecturelib.datasets import load_tunes
from lecturelib.models._checks import check_choice
from lecturelib.models._command_line import decaying
from lecturelib.models._parallel import speaks
from lecturelib.models.language_model import (
    LanguageModelConfig,
    Reader,
    RecurrentLanguageModel,
    perplexity,
    train_language_model,
)
from lecturelib.models.training import TrainingConfig
from lecturelib.sampling import sample
from lecturelib.text import Vocabulary

if TYPE_CHECKING:
    from lecturelib.datasets import Tune
    from lecturelib.training import History

__all__ = ["SMALL", "Composer", "compose", "folk_tunes", "readable_tunes", "train_composer"]

#: Learns in minutes without a graphics card.
SMALL = LanguageModelConfig(cell="lstm", embedding_size=64, hidden_size=256)

FIELDS = ("M:", "L:", "K:")


class Composer(NamedTuple):
    """A language model of tunes, and its tokens.

    Attributes
    ----------
    model : RecurrentLanguageModel
    vocabulary : Vocabulary

    See Also
    --------
    train_composer : Trains one.
    compose : Lets it write.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".
    """

    model: RecurrentLanguageModel
    vocabulary: Vocabulary


def readable_tunes(tunes: Iterable[Tune]) -> Iterator[list[str]]:
    """Give the tokens of all tunes whose notation can be read.

    Parameters
    ----------
    tunes : iterable of Tune
        Such as those of ``lecturelib.datasets.load_tunes``.

    Yields
    ------
    list of str

    See Also
    --------
    lecturelib.abc_notation.tune_tokens : Reads one, or says why it cannot.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> tunes = load_tunes("ryan")
    >>> len(tunes), len(list(readable_tunes(tunes)))
    (1045, 1021)
    """
    for tune in tunes:
        try:
            tokens = tune_tokens(tune)
        except ValueError:  # few, and for many reasons
            continue
        yield tokens


def folk_tunes() -> tuple[list[list[str]], list[list[str]]]:
    """Give the tunes of O'Neill's, Ryan's and Aird's collections: one in twenty is held out.

    Returns
    -------
    seen, held_out : lists of lists of str
        Their tokens.

    Raises
    ------
    ImportError
        If music21 is not installed.

    See Also
    --------
    train_composer : Learns from them.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> [len(tunes) for tunes in folk_tunes()]
    [3814, 201]
    """
    collections = [load_tunes(name) for name in ("oneill", "ryan", "aird")]
    tunes = list(readable_tunes(chain.from_iterable(collections)))
    return [tune for i, tune in enumerate(tunes) if i % 20 != 5], tunes[5::20]


def train_composer(
    tunes: Iterable[list[str]],
    *,
    config: LanguageModelConfig = SMALL,
    training: TrainingConfig,
    batch_size: int = 32,
    seq_len: int = 64,
    held_out: Iterable[list[str]] | None = None,
) -> tuple[Composer, History]:
    """Train a network on tunes.

    Parameters
    ----------
    tunes : iterable of lists of str
        Their tokens, such as `readable_tunes` gives.
    config : LanguageModelConfig
        The network.
    training : TrainingConfig
        How; its seed also decides in which order the tunes come.
    batch_size, seq_len : int
        As for ``lecturelib.models.language_model.train_language_model``.
    held_out : iterable of lists of str, or None
        For validation.

    Returns
    -------
    composer : Composer
    history : History

    Raises
    ------
    ValueError
        If there are too few tunes; also as ``lecturelib.models.training.train``.

    See Also
    --------
    compose : Lets it write.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> tunes = list(readable_tunes(load_tunes("ryan")))[:20]
    >>> small = LanguageModelConfig(hidden_size=16)
    >>> composer, history = train_composer(
    ...     tunes, config=small, training=TrainingConfig(epochs=1), batch_size=4
    ... )
    >>> "M:2/4" in composer.vocabulary
    True
    """
    seen = list(tunes)
    vocabulary = Vocabulary.from_sentences(seen)
    order = np.random.default_rng(training.seed).permutation(len(seen))
    model, history = train_language_model(
        [seen[i] for i in order],
        vocabulary,
        config=config,
        training=training,
        batch_size=batch_size,
        seq_len=seq_len,
        held_out=held_out,
    )
    return Composer(model, vocabulary), history


def compose(
    composer: Composer,
    rng: np.random.Generator,
    *,
    metre: str = "4/4",
    mode: str = "major",
    initial_abc: str = "",
    temperature: float = 1.0,
    max_length: int = 1000,
    title: str = "Untitled",
) -> str:
    """Let a network write a tune.

    Parameters
    ----------
    composer : Composer
    rng : numpy.random.Generator
        Source of randomness: the same state, the same tune.
    metre : str
        One of `lecturelib.abc_notation.METRES`.
    mode : str
        One of `lecturelib.abc_notation.MODES`.
    initial_abc : str
        How the music begins, in ABC notation, with the tonic C.
    temperature : float
        Below 1: more of what is usual; above 1: more surprises.
    max_length : int
        Longest tune, in tokens.
    title : str
        One line.

    Returns
    -------
    str
        A tune in ABC notation.

    Raises
    ------
    ValueError
        If metre or mode are unknown, or a token of `initial_abc` is none of the composer's; also
        as ``lecturelib.sampling.sample``.

    See Also
    --------
    lecturelib.abc_notation.check_tune : Tells whether the bars add up.
    lecturelib.abc_notation.engrave : Draws the notes.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> words = Vocabulary(["M:6/8", "L:1/8", "K:Cmin", "C", "E", "|"])
    >>> composer = Composer(RecurrentLanguageModel(len(words)), words)
    >>> rng = np.random.default_rng(0)
    >>> abc = compose(composer, rng, metre="6/8", mode="minor", initial_abc="CE | C")
    >>> abc.splitlines()[3:6], abc.splitlines()[6].startswith("CE | C")
    (['M:6/8', 'L:1/8', 'K:Cmin'], True)
    """
    vocabulary = composer.vocabulary
    begin = [*_header(metre, mode), *tokenize_abc(initial_abc)]
    unknown = [token for token in begin if token not in vocabulary]
    if unknown:
        raise ValueError(
            f"initial_abc, metre, mode: expected what the composer has heard, got {unknown}"
        )
    never = ["<unk>", *(token for token in vocabulary.tokens if str(token)[:2] in FIELDS)]
    drawn = sample(
        Reader(composer.model, vocabulary, never=never),
        rng,
        max_length=max_length,
        context=vocabulary.encode(begin),
        temperature=temperature,
        stop=vocabulary["</s>"],
    )
    music = [str(token) for token in vocabulary.decode(drawn) if token != "</s>"]
    return write_abc([*begin, *music], title=title)


def _header(metre: str, mode: str) -> tuple[str, str, str]:
    check_choice("metre", metre, METRES)
    check_choice("mode", mode, MODES)
    return f"M:{metre}", f"L:{METRES[metre]}", f"K:C{MODES[mode][0]}"


def main(
    tunes: int = 3,
    metre: str = "6/8",
    mode: str = "major",
    initial_abc: str = "",
    temperature: float = 0.9,
    hidden_size: int = SMALL.hidden_size,
    num_layers: int = SMALL.num_layers,
    epochs: int = 8,
    lr: float = 4e-3,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    checkpoint: Path | None = None,
) -> None:
    """Train on three collections of folk tunes, and print tunes in ABC notation."""
    seen, held_out = folk_tunes()
    composer, _ = train_composer(
        seen,
        config=LanguageModelConfig(
            embedding_size=SMALL.embedding_size, hidden_size=hidden_size, num_layers=num_layers
        ),
        training=decaying(
            epochs=epochs,
            lr=lr,
            max_grad_norm=1.0,
            device=device,
            precision=precision,
            seed=seed,
            checkpoint=checkpoint,
        ),
    )
    if speaks():
        error = perplexity(composer.model, held_out, composer.vocabulary)
        print(f"perplexity of tunes held out: {error:.2f}\n")
        rng = np.random.default_rng(seed)
        for number in range(1, tunes + 1):
            abc = compose(
                composer,
                rng,
                metre=metre,
                mode=mode,
                initial_abc=initial_abc,
                temperature=temperature,
                title=f"Tune {number}",
            )
            check = check_tune(abc)
            print(f"{abc}% {check.full_bars} of {check.bars} bars add up\n")


if __name__ == "__main__":
    import typer

    typer.run(main)

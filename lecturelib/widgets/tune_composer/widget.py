"""A panel that composes folk tunes: metre, mode, temperature, seed and a beginning are asked for.

The trained network runs in the page's JavaScript, so the panel works in the built book, where no
Python runs, and in a live notebook, where `TuneComposer.abc` follows the page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from lecturelib._numbers import check_kind, check_number
from lecturelib._shapes import check_int
from lecturelib.abc_notation import METRES, MODES, tokenize_abc
from lecturelib.widgets._checks import Checked
from lecturelib.widgets._parts import script, style

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["MAX_WEIGHTS", "TuneComposer"]

#: The network is saved in every page that shows it, so its size is limited: to 1.3 MB there.
MAX_WEIGHTS = 500_000

MAX_SEED = 2**32 - 1
MAX_TEMPERATURE = 2
SPECIAL = ("<unk>", "<s>", "</s>")


class TuneComposer(anywidget.AnyWidget):
    """Let a trained network compose folk tunes in the page, and play them.

    The page draws as ``lecturelib.models.music.compose`` does, with at most 1000 tokens. It begins
    with a tune for the first settings; after that, each press of the button *Compose* makes one.

    Parameters
    ----------
    composer : lecturelib.models.music.Composer
        Of LSTM layers, one or more, with at most 500,000 numbers. They are kept as float16,
        which leaves the perplexity as it is to four digits and takes 2.7 bytes a number in the
        page: 0.4 MB for the 155,300 of chapter 18.
    metre : str or None
        One of `lecturelib.abc_notation.METRES` that the composer has heard. By default 4/4, or
        else the first that it has heard.
    mode : str or None
        One of `lecturelib.abc_notation.MODES` that it has heard. By default major, or else the
        first that it has heard.
    temperature : float
        From 0, for always the most probable token, to 2.
    seed : int
        From 0 to 2**32 - 1: the same seed and settings, the same tune.
    initial_abc : str
        How the music begins, in ABC notation, with the tonic C.

    Attributes
    ----------
    metre, mode, initial_abc : str
        Settings. In a live notebook they change with the page; set one to change the page.
    temperature : float
        Likewise.
    seed : int
        Likewise.
    abc : str
        The tune shown, in ABC notation; empty until a page shows the panel. In a live notebook it
        follows the page. Assign another tune, with the tonic C, to show and play that one.

    Raises
    ------
    TypeError
        If the composer or a setting is of another kind.
    ValueError
        If the network is too large or has other layers than LSTM, if its vocabulary has another
        size than the network or lacks ``<unk>``, ``<s>``, ``</s>``, every metre or every mode; or
        if the composer has not heard the metre, the mode or a token of `initial_abc`, or a number
        is out of range.

    See Also
    --------
    lecturelib.models.music.compose : The same in Python.
    lecturelib.abc_notation.engrave : Draws the notes of `abc`.
    lecturelib.abc_notation.tune_midi : Makes a MIDI file of it.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Notes
    -----
    Random numbers come from mulberry32, a generator with a state of 32 bits; each token takes one,
    as in ``lecturelib.sampling.sample``.

    Played are key signature, accidentals, rests, chords, lengths, broken rhythms, tuplets, repeats,
    and first and second endings. Left out is what `lecturelib.abc_notation.tokenize_abc` leaves
    out, such as ornaments and ties, and further endings.

    In the page, the element ``.tune-composer`` has a property ``notes``, an array of
    ``[MIDI number, start, length]`` in quarters, of the tune shown as it is played; and methods
    ``notesOf(abc, {repeats})``, the same of any tune, ``tokenize(music)``, and
    ``logitsAfter(tokens)``, the logits of all tokens after ``<s>`` and those given.

    Examples
    --------
    >>> from lecturelib.models.language_model import RecurrentLanguageModel
    >>> from lecturelib.models.music import Composer
    >>> from lecturelib.text import Vocabulary
    >>> words = Vocabulary(["M:6/8", "L:1/8", "K:Cmin", "C", "E", "|"])
    >>> panel = TuneComposer(Composer(RecurrentLanguageModel(len(words)), words), seed=3)
    >>> panel.metre, panel.mode, panel.seed
    ('6/8', 'minor', 3)
    >>> panel.initial_abc = "CE | G"
    Traceback (most recent call last):
    ...
    ValueError: initial_abc: expected what the composer has heard, got ['G']
    """

    _esm = script(
        "tune_composer", "network", "sampling", "notation", "score", "sound", "elements", "widget"
    )
    _css = style("tune_composer")

    metre = Checked().tag(sync=True)
    mode = Checked().tag(sync=True)
    temperature = Checked().tag(sync=True)
    seed = Checked().tag(sync=True)
    initial_abc = Checked().tag(sync=True)
    abc = Checked("").tag(sync=True)
    # Lists, because a notebook's file sorts the keys of a dict.
    _tokens: traitlets.List[str] = traitlets.List().tag(sync=True)
    _metres: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    _modes: traitlets.List[list[Any]] = traitlets.List().tag(sync=True)
    _network = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        composer: Any,
        *,
        metre: str | None = None,
        mode: str | None = None,
        temperature: float = 1.0,
        seed: int = 0,
        initial_abc: str = "",
    ) -> None:
        tokens, weights = _parts(composer)
        metres = [name for name in METRES if {f"M:{name}", f"L:{METRES[name]}"} <= set(tokens)]
        modes = [name for name in MODES if f"K:C{MODES[name][0]}" in tokens]
        super().__init__(
            metre=_default("M:", metres, "4/4") if metre is None else metre,
            mode=_default("K:C", modes, "major") if mode is None else mode,
            temperature=temperature,
            seed=seed,
            initial_abc=initial_abc,
            _tokens=tokens,
            _metres=[[name, METRES[name]] for name in metres],
            _modes=[[name, *MODES[name], name in modes] for name in MODES],
            _network=_to_page(weights),
        )

    @traitlets.validate("metre")
    def _check_metre(self, proposal: Any) -> str:
        return _check_known("metre", proposal["value"], [name for name, _ in self._metres])

    @traitlets.validate("mode")
    def _check_mode(self, proposal: Any) -> str:
        return _check_known(
            "mode", proposal["value"], [name for name, *_, has in self._modes if has]
        )

    @traitlets.validate("temperature")
    def _check_temperature(self, proposal: Any) -> float:
        value = proposal["value"]
        return check_number("temperature", value, minimum=0, maximum=MAX_TEMPERATURE)

    @traitlets.validate("seed")
    def _check_seed(self, proposal: Any) -> int:
        seed = check_int("seed", proposal["value"], minimum=0)
        if seed > MAX_SEED:
            raise ValueError(f"seed: expected 0 to {MAX_SEED}, got {seed}")
        return seed

    @traitlets.validate("initial_abc")
    def _check_initial_abc(self, proposal: Any) -> str:
        music: str = proposal["value"]
        check_kind("initial_abc", music, str)
        try:
            tokens = tokenize_abc(music)
        except ValueError as error:
            raise ValueError(re.sub("^body", "initial_abc", str(error))) from error
        if unknown := [token for token in tokens if token not in self._tokens]:
            raise ValueError(f"initial_abc: expected what the composer has heard, got {unknown}")
        return music

    @traitlets.validate("abc")
    def _check_abc(self, proposal: Any) -> str:
        abc: str = proposal["value"]
        check_kind("abc", abc, str)
        return abc


def _check_known(name: str, value: Any, known: Collection[str]) -> str:
    check_kind(name, value, str)
    if value not in known:
        raise ValueError(
            f"{name}: expected one that the composer has heard, {', '.join(known)}, got {value!r}"
        )
    text: str = value
    return text


def _default(field: str, known: list[str], usual: str) -> str:
    if not known:
        raise ValueError(f"composer: expected a token {field}... in its vocabulary, got none")
    return usual if usual in known else known[0]


def _parts(composer: Any) -> tuple[list[str], dict[str, np.ndarray]]:
    """Take tokens and weights from a composer: only `lecturelib.models` may import its class."""
    try:
        tokens = [str(token) for token in composer.vocabulary.tokens]
        cell, state = composer.model.config.cell, composer.model.state_dict()
    except AttributeError as error:
        kind = type(composer).__name__
        raise TypeError(f"composer: expected a Composer of tunes, got {kind}") from error
    weights = {name: each.detach().cpu().float().numpy() for name, each in state.items()}
    _check_network(cell, weights)
    _check_tokens(tokens, len(weights["embedding.weight"]))
    return tokens, weights


def _check_network(cell: str, weights: dict[str, np.ndarray]) -> None:
    if cell != "lstm":
        raise ValueError(f"composer: expected a network of LSTM layers, got cell={cell!r}")
    size = sum(each.size for each in weights.values())
    if size > MAX_WEIGHTS:
        raise ValueError(
            f"composer: expected a network of at most {MAX_WEIGHTS} weights, got {size}"
        )
    largest = max(abs(each).max() for each in weights.values())
    if not largest <= np.finfo(np.float16).max:  # NaN is not less either
        raise ValueError(f"composer: expected weights of up to 65504, got {largest}")


def _check_tokens(tokens: list[str], number: int) -> None:
    if len(tokens) != number:
        raise ValueError(
            f"composer: expected a vocabulary of {number} tokens, as the network, got {len(tokens)}"
        )
    if missing := [token for token in SPECIAL if token not in tokens]:
        raise ValueError(
            f"composer: expected a vocabulary with {', '.join(SPECIAL)}, "
            f"got one without {', '.join(missing)}"
        )


def _to_page(weights: dict[str, np.ndarray]) -> dict[str, Any]:
    """Encode as bytes: half of float32, which no tune needs."""
    halves = [each.astype("<f2").tobytes() for each in weights.values()]
    shapes = [[name, list(each.shape)] for name, each in weights.items()]
    return {"shapes": shapes, "weights": b"".join(halves)}

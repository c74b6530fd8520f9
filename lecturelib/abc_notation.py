"""Folk tunes as tokens: ABC notation cut up, moved to C, written out, checked and engraved.

A token is a note (``^c'``), a length (``3/2``), a bar line (``:|``), an ending (``[1``), a tuplet
(``(3``), a broken rhythm (``>``) or a chord's bracket, as in folk-RNN (Sturm et al. 2016). What
tells neither pitch nor length, such as ornaments, slurs and words, is left out. A tune begins with
three tokens for its header, ``M:6/8``, ``L:1/8`` and ``K:Cmaj``, so that a model can be told metre
and mode, and learns all tunes around one tonic.
"""

from __future__ import annotations

import re
import textwrap
from contextlib import redirect_stderr
from fractions import Fraction
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from lecturelib._shapes import check_int
from lecturelib.datasets._needs import needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lecturelib.datasets import Tune

__all__ = [
    "METRES",
    "MODES",
    "TuneCheck",
    "check_tune",
    "engrave",
    "tokenize_abc",
    "tune_midi",
    "tune_tokens",
    "write_abc",
]

#: The modes of tunes, in the letters of ABC, with the fifths by which they differ from major.
MODES = {
    **{"major": ("maj", 0), "minor": ("min", -3), "dorian": ("dor", -2)},
    **{"mixolydian": ("mix", -1), "lydian": ("lyd", 1), "phrygian": ("phr", -4)},
    "locrian": ("loc", -5),
}
#: The metres of tunes, with the length of note that each is written in most often.
METRES = {
    **{"2/2": "1/8", "2/4": "1/16", "3/4": "1/8", "4/4": "1/8"},
    **{"6/8": "1/8", "9/8": "1/8", "12/8": "1/8"},
}

VERSION = "%abc-2.1"  # without it music21 takes older rules: an accidental ends with its note
LETTERS = "CDEFGAB"
SHARPS = "FCGDAEB"  # in the order in which key signatures take them up
ACCIDENTALS = {"__": -2, "_": -1, "=": 0, "^": 1, "^^": 2}

UNHEARD = re.compile(
    r"""
    ^[wWPNTQRSZ]:.*$      # words, parts and other fields
    | "[^"\n]*"           # chord symbols
    | ![a-z0-9().<>+]+!   # decorations by name
    | \{[^}]*\}           # grace notes
    | \((?!\d)            # slurs
    | [~.)H-Wh-wy`$*!\\\s-]
    """,
    re.MULTILINE | re.VERBOSE,
)
TOKEN = re.compile(
    r"""
    (?P<ending>\[\d)
    | (?P<bar>:*[|\[\]]*\|[|\]]*:*|::+)
    | (?P<note>(?P<accidental>\^\^|__|[\^_=]?)(?P<letter>[A-Ga-g])(?P<octave>[,']*))
    | (?P<rest>[zx])
    | (?P<length>\d+/*\d*|/+\d*)
    | (?P<tuplet>\([2-9])
    | (?P<other>>+|<+|\[|\])
    """,
    re.VERBOSE,
)


def tokenize_abc(body: str) -> list[str]:
    """Cut the music of a tune into tokens.

    Parameters
    ----------
    body : str
        What follows the header, in ABC notation.

    Returns
    -------
    list of str
        Each thing is written in one way only: ``"/2"`` for ``/``, ``"::"`` for ``:||:``.

    Raises
    ------
    ValueError
        If there is something else, such as a change of key or metre on the way.

    See Also
    --------
    write_abc : The way back.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> tokenize_abc("|: ~G3 (AB)c | d>e f/ :|2 z2 |]")
    ['|:', 'G', '3', 'A', 'B', 'c', '|', 'd', '>', 'e', 'f', '/2', ':|', '[2', 'z', '2', '||']
    """
    return [token for match in _matches(body) for token in _tokens(match)]


def _matches(body: str) -> Iterator[re.Match[str]]:
    text = UNHEARD.sub("", re.sub(r"(?<=\|)(?=\d)", "[", body))  # |1 is short for |[1
    place = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"body: expected music in ABC notation, got {text[place:][:20]!r}")
        yield match
        place = match.end()


def _tokens(match: re.Match[str]) -> Iterator[str]:
    """Give a token in its one way of writing; none for a length of 1."""
    token = match[0]
    if match["bar"]:
        ends, begins = token.startswith(":"), token.endswith(":")
        if ends or begins:
            token = "::" if ends and begins else ":|" if ends else "|:"
        else:
            token = "|" if token == "|" else "||"
    elif match["rest"]:
        token = "z"
    elif match["length"]:
        length = _length(token)
        if length == 1:
            return
        whole, _, part = str(length).partition("/")
        token = whole if not part else f"/{part}" if whole == "1" else f"{whole}/{part}"
    yield token


def _length(token: str) -> Fraction:
    """Read a length: 3/2, or / for 1/2, // for 1/4."""
    number, slashes, divisor = re.fullmatch(r"(\d*)(/*)(\d*)", token).groups()  # type: ignore[union-attr]
    if "0" in (number, divisor):
        raise ValueError(f"body: expected lengths above 0, got {token!r}")
    return Fraction(int(number or 1), int(divisor) if divisor else 2 ** len(slashes))


def tune_tokens(tune: Tune) -> list[str]:
    """Give the tokens of a tune, moved to the tonic C, after those of its header.

    Parameters
    ----------
    tune : Tune
        Such as those of ``lecturelib.datasets.load_tunes``.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If its music cannot be read.

    See Also
    --------
    write_abc : The way back.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> from lecturelib.datasets import Tune
    >>> tune = Tune("A scale", "4/4", "1/8", "G", "major", "GABc de=f^^f | g8 |]", "")
    >>> " ".join(tune_tokens(tune))
    "M:4/4 L:1/8 K:Cmaj c d e f g a _b ^b | c' 8 ||"
    """
    mode, fifths = MODES[tune.mode]
    sharps = "CGDAEB".find(tune.key[0]) + {"": 0, "#": 7, "b": -7}[tune.key[1:]]
    before, after = _signature(sharps + fifths), _signature(fifths)
    steps = LETTERS.index(tune.key[0])
    steps = -steps if steps < 4 else 7 - steps
    moved = [
        _moved(match, steps, before, after) if match["note"] else token
        for match in _matches(tune.body)
        for token in _tokens(match)
    ]
    return [f"M:{tune.metre}", f"L:{tune.unit}", f"K:C{mode}", *moved]


def _signature(fifths: int) -> dict[str, int]:
    """Give the semitones by which a key signature moves each letter; flats count as -1 fifth."""
    return {letter: (fifths + 6 - place) // 7 for place, letter in enumerate(SHARPS)}


def _moved(match: re.Match[str], steps: int, before: dict[str, int], after: dict[str, int]) -> str:
    """Move a note by steps of the scale: what differs from the key signature differs as before."""
    letter, marks = match["letter"], match["octave"]
    octave = letter.islower() + marks.count("'") - marks.count(",")
    octave, index = divmod(LETTERS.index(letter.upper()) + steps + 7 * octave, 7)
    new = LETTERS[index]
    accidental = match["accidental"]
    if accidental:
        semitones = ACCIDENTALS[accidental] - before[letter.upper()] + after[new]
        if abs(semitones) > 2:
            raise ValueError(f"body: expected notes that can be moved to C, got {match[0]!r}")
        accidental = next(sign for sign, by in ACCIDENTALS.items() if by == semitones)
    if octave < 1:
        return accidental + new + "," * -octave
    return accidental + new.lower() + "'" * (octave - 1)


def write_abc(tokens: Sequence[str], *, title: str = "Untitled") -> str:
    """Write a tune in ABC notation.

    Its first line names the standard, by which an accidental holds until the end of its bar.

    Parameters
    ----------
    tokens : sequence of str
        Those of the header first, then the music.
    title : str
        One line.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the first three tokens are not those of a header.

    See Also
    --------
    tune_tokens, tokenize_abc : The way there.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> print(write_abc("M:6/8 L:1/8 K:Cmaj |: E G c d > e c :|".split(), title="A jig"))
    %abc-2.1
    X:1
    T:A jig
    M:6/8
    L:1/8
    K:Cmaj
    |: EGcd>ec :|
    <BLANKLINE>
    """
    header, music = tokens[:3], tokens[3:]
    if [token[:2] for token in header] != ["M:", "L:", "K:"]:
        raise ValueError(f"tokens: expected M:, L: and K: first, got {list(header)}")
    spaced = [
        f" {token} " if "|" in token or token == "::" or re.match(r"\[\d", token) else token
        for token in music
    ]
    lines = textwrap.wrap("".join(spaced), 72, break_long_words=False, break_on_hyphens=False)
    return "\n".join(
        [VERSION, "X:1", f"T:{title}", *header, *(" ".join(line.split()) for line in lines), ""]
    )


class TuneCheck(NamedTuple):
    """What an independent reader makes of a tune.

    Attributes
    ----------
    parses : bool
        Whether it can be read, and has a note.
    bars : int
        How many there are, without those that may be short: upbeats, and the bars before them.
    full_bars : int
        How many of them are as long as the metre says.

    See Also
    --------
    check_tune : Gives it.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".
    """

    parses: bool
    bars: int
    full_bars: int


def check_tune(abc: str) -> TuneCheck:
    r"""Let music21 read a tune, and see whether its bars add up to the metre.

    Parameters
    ----------
    abc : str
        A tune in ABC notation.

    Returns
    -------
    TuneCheck

    Raises
    ------
    ImportError
        If music21 is not installed.

    See Also
    --------
    write_abc : Writes tunes.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> check_tune("X:1\nM:3/4\nL:1/8\nK:C\nG2 | c4 d2 | e4 d | c4 :|")
    TuneCheck(parses=True, bars=2, full_bars=1)
    """
    with needs("music21"):
        from music21.exceptions21 import Music21Exception
    try:
        parses = bool(_score(abc).recurse().notes)
        bars, wanted = _bars(abc)
    except (Music21Exception, ValueError, IndexError, KeyError, ZeroDivisionError, StopIteration):
        # What music21 raises for notation that makes no sense.
        return TuneCheck(parses=False, bars=0, full_bars=0)
    full = sum(bar.length == wanted for bar in bars)
    counted = sum(bar.inner or bar.length >= wanted for bar in bars)
    return TuneCheck(parses, counted, full)


class _Bar(NamedTuple):
    length: Fraction
    inner: bool


def _bars(abc: str) -> tuple[list[_Bar], Fraction]:
    """Measure bars as they stand there, and as they should be: a score has its own divided anew."""
    from music21 import abcFormat

    handler: Any = abcFormat.ABCFile().readstr(abc)
    fields = [token for token in handler.tokens if isinstance(token, abcFormat.ABCMetadata)]
    metre: Any = next(field for field in fields if field.isMeter()).getTimeSignatureObject()
    parts = [part for part in handler.splitByMeasure() if part.hasNotes()]
    lengths = [
        sum(_quarters(token) for token in part.tokens if isinstance(token, abcFormat.ABCNote))
        for part in parts
    ]
    inner = [part.rightBarToken is not None and part.rightBarToken.isRegular() for part in parts]
    bars = [
        _Bar(Fraction(length), before and after)
        for length, before, after in zip(lengths, [False, *inner], inner, strict=False)
    ]
    return bars, Fraction(metre.barDuration.quarterLength)


def _quarters(note: Any) -> Fraction:
    tuplet = note.activeTuplet
    return Fraction(note.quarterLength) * (tuplet.tupletMultiplier() if tuplet else 1)


def _score(text: str, form: str = "abc") -> Any:
    from music21 import converter

    with redirect_stderr(StringIO()):  # it remarks on beams that it cannot set
        return converter.parseData(text, format=form)


def tune_midi(abc: str) -> bytes:
    r"""Let music21 make a MIDI file of a tune.

    Parameters
    ----------
    abc : str
        A tune in ABC notation.

    Returns
    -------
    bytes

    Raises
    ------
    ImportError
        If music21 is not installed.
    music21.exceptions21.Music21Exception
        If the notation makes no sense; see `check_tune`.

    See Also
    --------
    engrave : To be read.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> tune_midi("X:1\nM:3/4\nL:1/8\nK:C\nG2 | c4 d2 |")[:4]
    b'MThd'
    """
    with needs("music21"):
        score = _score(abc)
    # A metre that comes back after an upbeat is one object in two places, of which music21
    # makes no MIDI; read from MusicXML, it is two.
    return _written(_score(_written(score, "musicxml").decode(), "musicxml"), "midi")


def engrave(abc: str, *, width: int = 900) -> str:
    r"""Let music21 and Verovio engrave a tune.

    Parameters
    ----------
    abc : str
        A tune in ABC notation.
    width : int
        Of the page, in pixels.

    Returns
    -------
    str
        A drawing in SVG, the same one each time.

    Raises
    ------
    ImportError
        If music21 or verovio is not installed.
    music21.exceptions21.Music21Exception
        If the notation makes no sense; see `check_tune`.

    See Also
    --------
    tune_midi : To be heard.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Examples
    --------
    >>> engrave("X:1\nM:3/4\nL:1/8\nK:C\nG2 | c4 d2 |")[:4]
    '<svg'
    """
    with needs("music21"):
        score = _score(abc)
    with needs("verovio"):
        import verovio
    toolkit = verovio.toolkit()
    scale = 40  # per cent; lengths are in hundredths of them
    toolkit.setOptions(
        {
            "scale": scale,
            "pageWidth": check_int("width", width, minimum=100) * 100 // scale,
            "adjustPageHeight": True,
            "header": "none",
            "footer": "none",
            "svgViewBox": True,
            "xmlIdSeed": 1,  # names of elements are random otherwise
        }
    )
    toolkit.loadData(_written(score, "musicxml").decode())
    drawing: str = toolkit.renderToSVG(1)
    return drawing


def _written(score: Any, form: str) -> bytes:
    with TemporaryDirectory() as folder, redirect_stderr(StringIO()):
        return Path(score.write(form, fp=Path(folder, "tune"))).read_bytes()

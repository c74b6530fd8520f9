"""Folk tunes in ABC notation, as they stand in the corpus that comes with music21."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from lecturelib.datasets._needs import package_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Collection(NamedTuple):
    folder: str
    numbered: bool  # field X is the tune's number in the book


COLLECTIONS = {
    "oneill": _Collection("oneills1850", numbered=True),
    "ryan": _Collection("ryansMammoth", numbered=False),
    "aird": _Collection("airdsAirs", numbered=True),
}

METRES = {"C": "4/4", "C|": "2/2"}

# The first three letters say all, in either case; "m" alone is minor in either, and so is an "n",
# a slip of the pen.
MODES = {
    **{"": "major", "m": "minor", "M": "minor", "n": "minor"},
    **{"maj": "major", "min": "minor", "ion": "major", "aeo": "minor"},
    **{"dor": "dorian", "phr": "phrygian", "lyd": "lydian", "mix": "mixolydian"},
    "loc": "locrian",
}


class Tune(NamedTuple):
    """A tune with what its header says.

    Attributes
    ----------
    title : str
        The first of its titles.
    metre : str
        As a fraction: ``"6/8"``; C and C| are written ``"4/4"`` and ``"2/2"``.
    unit : str
        The length of a note that is written without one: ``"1/8"``.
    key : str
        The tonic: ``"G"``, ``"Bb"``, ``"F#"``.
    mode : str
        major, minor, dorian, phrygian, lydian, mixolydian or locrian.
    body : str
        The lines after the header, without comments: music, and now and then a field.
    abc : str
        The whole tune, word for word as in its collection.

    See Also
    --------
    load_tunes : Loads many.
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".
    """

    title: str
    metre: str
    unit: str
    key: str
    mode: str
    body: str
    abc: str


def load_tunes(collection: str = "oneill") -> list[Tune]:
    """Load a collection of folk tunes in ABC notation from music21.

    Parameters
    ----------
    collection : str
        "oneill", 1837 tunes; "ryan", 1045; or "aird", 1180. Some tunes stand in more than one.

    Returns
    -------
    list of Tune
        In the order of the files. A tune that was written down twice, note for note or by two
        people, comes once, so that none can be in both halves of a split.

    Raises
    ------
    ValueError
        If the collection is unknown.
    ImportError
        If music21 is not installed.

    See Also
    --------
    Chapter 18, "Music"; L0, "Cool Example: Music Composition".

    Notes
    -----
    - O'Neill's "Music of Ireland" (Chicago 1903), transcribed by volunteers;
    - "Ryan's Mammoth Collection" (Boston 1883), by John Chambers, Ray Davies and others;
    - Aird's "Selection of Scotch, English, Irish and Foreign Airs" (Glasgow, from 1778 or 1782 on),
      transcribed by Jack Campin.

    The music is out of copyright. The files name their transcribers (field Z) but no licence;
    music21 passes them on "with the permission of the encoders", and warns that some encodings
    in its corpus may not be used commercially. Only its files are read; music21 is not run.

    Examples
    --------
    >>> tune = load_tunes("oneill")[0]
    >>> tune.title, tune.metre, tune.key, tune.mode
    ('The Enchanted Valley', '2/4', 'G', 'minor')
    >>> tune.body.splitlines()[0]
    'G3-A (Bcd=e) | f4 (g2dB) | ({d}c3-B) G2-E2 | F4 (D2=E^F) |'
    """
    if collection not in COLLECTIONS:
        raise ValueError(
            f"collection: expected one of {', '.join(COLLECTIONS)}, got {collection!r}"
        )
    folder, numbered = COLLECTIONS[collection]
    tunes: list[Tune] = []
    seen: set[str] = set()
    for path in sorted((package_folder("music21", "music21") / "corpus" / folder).glob("*.abc")):
        for abc in _split(path.read_text(encoding="utf-8")):
            tune = _read(abc)
            marks = {tune.body, _field(abc, "X")} if numbered else {tune.body}
            if seen.isdisjoint(marks):
                tunes.append(tune)
            seen |= marks
    return tunes


def _split(text: str) -> Iterator[str]:
    """Give each tune of a file, from its field X to the next blank line."""
    for block in re.split(r"^(?=X:)", text, flags=re.MULTILINE)[1:]:
        yield re.split(r"\n[ \t]*\n", block, maxsplit=1)[0].rstrip()


def _read(abc: str) -> Tune:
    """Read the header, which ends with the first field K."""
    header, field, body = re.split(r"^K:(.*)\n", abc, maxsplit=1, flags=re.MULTILINE)
    metre = METRES.get(_field(header, "M"), _field(header, "M"))
    # ABC's rule for tunes without a field L.
    unit = _field(header, "L") or ("1/16" if Fraction(metre) < Fraction(3, 4) else "1/8")
    key, mode = _key(field)
    bare = (line.partition("%")[0].rstrip() for line in body.splitlines())
    return Tune(
        _field(header, "T"), metre, unit, key, mode, "\n".join(line for line in bare if line), abc
    )


def _field(header: str, letter: str) -> str:
    """Return the first field of that letter without comment, empty if there is none."""
    found = re.search(rf"^{letter}:[ \t]*([^%\n]*)", header, flags=re.MULTILINE)
    return found[1].rstrip() if found else ""


def _key(field: str) -> tuple[str, str]:
    if field.strip() == "Hp":  # bagpipes: f and c sharp, around a
        return "A", "mixolydian"
    tonic, letters = re.findall(r"([A-G][#b]?) *([A-Za-z]*)", field)[0]
    return tonic, MODES[letters if len(letters) < 2 else letters[:3].lower()]

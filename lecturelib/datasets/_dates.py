"""Dates as people write them, in many languages, and as machines do."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from lecturelib._numbers import check_generator
from lecturelib._shapes import check_int
from lecturelib.datasets._needs import needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

Format = Literal["short", "medium", "long", "full"]

LOCALES = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id"),
    *("it", "ja", "ko", "nb", "nl", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh"),
)


class DatePair(NamedTuple):
    """One date, written twice.

    Attributes
    ----------
    text : str
        As in a letter: ``"4 marzo 1998"``.
    iso : str
        As in ISO 8601, always ten characters: ``"1998-03-04"``.

    See Also
    --------
    date_pairs : Draws some.
    Chapter 16, "Encoders, generators and transducers"; L3, "Machine Translation".
    """

    text: str
    iso: str


def date_pairs(
    n: int,
    rng: np.random.Generator,
    *,
    locales: Sequence[str] = LOCALES,
    formats: Sequence[Format] = ("medium", "long", "full"),
    first: datetime.date = datetime.date(1950, 1, 1),
    last: datetime.date = datetime.date(2049, 12, 31),
) -> list[DatePair]:
    """Draw dates and write each in some language and form.

    Day, locale and format are each drawn evenly and for themselves, so a pair may come twice.

    Parameters
    ----------
    n : int
        How many pairs.
    rng : numpy.random.Generator
        Decides which.
    locales : sequence of str
        Languages, or languages with a country, as CLDR names them: ``"pt"``, ``"en_GB"``. By
        default `LOCALES`, thirty languages.
    formats : sequence of str
        Of "short" (3/4/98), "medium" (Mar 4, 1998), "long" (March 4, 1998) and "full"
        (Wednesday, March 4, 1998). Short forms often leave out the century and may mean
        different days in different languages; the others do not, in the default locales.
    first, last : datetime.date
        Range of the dates, both included.

    Returns
    -------
    list of DatePair
        n pairs (text, iso).

    Raises
    ------
    ValueError
        If `n` is negative, `locales` or `formats` is empty or has an unknown member, or `last`
        comes before `first`.
    TypeError
        If `n` is no integer, or rng no generator.
    ImportError
        If babel is not installed.

    See Also
    --------
    Chapter 16, "Encoders, generators and transducers"; L3, "Machine Translation".

    Notes
    -----
    The forms are those of the Unicode CLDR as packed in babel; Unicode licence v3. With
    another version of babel some may be worded otherwise. All are of the Gregorian calendar.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(2)
    >>> for text, iso in date_pairs(3, rng, locales=("de", "en", "it")):
    ...     print(iso, text)
    2033-10-04 4. Oktober 2033
    1976-02-29 Feb 29, 1976
    1960-12-06 6 dicembre 1960
    """
    n, rng = check_int("n", n, minimum=0), check_generator(rng)
    _check_choice("formats", formats, get_args(Format))
    _check_choice("locales", locales, _known_locales())
    if last < first:
        raise ValueError(f"last: expected a day not before {first}, got {last}")
    with needs("babel"):
        from babel.dates import format_date
    days = rng.integers(first.toordinal(), last.toordinal(), size=n, endpoint=True)
    places, forms = rng.integers(len(locales), size=n), rng.integers(len(formats), size=n)
    dates = [datetime.date.fromordinal(day) for day in days.tolist()]
    return [
        DatePair(format_date(date, formats[form], locales[place]), date.isoformat())
        for date, form, place in zip(dates, forms, places, strict=True)
    ]


def _known_locales() -> Sequence[str]:
    with needs("babel"):
        from babel.localedata import locale_identifiers
    return locale_identifiers()


def _check_choice(name: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    wanted = ", ".join(known) if len(known) < 10 else "locales of babel, as 'en' or 'en_GB'"
    if isinstance(chosen, str) or not chosen:
        raise ValueError(f"{name}: expected a sequence of {wanted}, got {chosen!r}")
    if unknown := [choice for choice in chosen if choice not in known]:
        raise ValueError(f"{name}: expected {wanted}, got {unknown[0]!r}")

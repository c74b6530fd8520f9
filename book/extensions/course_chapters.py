"""What the other extensions share: which pages are chapters, and when the book is built."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from sphinx.application import Sphinx

CHAPTERS = Path(__file__).parents[2] / "chapters"
PAGE = re.compile(r"chapters/(?P<name>(?P<number>\d\d)-[a-z-]+)$")


class Chapter(NamedTuple):
    """A page that is a chapter: its number, and its file's name without the ending."""

    number: int
    name: str


def chapter_of(page: str) -> Chapter | None:
    """Return what chapter a page is, or None for any other page."""
    found = PAGE.match(page)
    return Chapter(int(found["number"]), found["name"]) if found else None


def is_built(app: Sphinx, error: Exception | None) -> bool:
    """Tell whether a build has ended well, and made pages for a browser."""
    return error is None and app.builder.format == "html"

"""The works that the pages cite."""

from __future__ import annotations

from functools import cache

from course_chapters import CHAPTERS
from pybtex.database import Entry, parse_file

REFERENCES = CHAPTERS / "references.bib"


@cache
def works() -> dict[str, Entry]:
    """Read all of them, by the keys by which they are cited."""
    return dict(parse_file(str(REFERENCES)).entries)


def title(key: str) -> str:
    """Return what a work is called."""
    return str(works()[key].fields["title"]).strip("{}")


def author_and_year(key: str) -> str:
    """Name a work as the pages do."""
    work = works()[key]
    names = [" ".join(author.last_names).strip("{}") for author in work.persons.get("author", ())]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who or title(key)} {work.fields.get('year', '')}".strip()

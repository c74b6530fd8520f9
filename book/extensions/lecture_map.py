"""From the lectures to the pages and back.

``chapters/lectures.yml`` names what the lectures contain, row by row. A cell that shows a row has
the row's key among its tags. Of the two are made the tables of the page "Lecture map", in place of
the directive ``lecture-map``, and the box at a chapter's end that says what it takes from where.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import yaml
from bibliography import title
from course_chapters import CHAPTERS, chapter_of
from docutils import nodes
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROWS = CHAPTERS / "lectures.yml"
BOX = """

:::{{admonition}} From the lectures
:class: seealso from-the-lectures
{rows}

Where each topic of a lecture is taught, the {{ref}}`lecture map <page-lecture-map>` tells.
:::
"""


class Row(NamedTuple):
    """Something that the lectures contain."""

    topic: str
    lectures: tuple[str, ...]

    def __str__(self) -> str:
        """Write the topic with the lectures, which are links to their sources."""
        return f"{self.topic} ({', '.join(link(lecture) for lecture in self.lectures)})"


def link(lecture: str) -> str:
    """Lead to where the book says which lecture that is."""
    return f"{{ref}}`{lecture} <source-{lecture.lower()}>`"


@cache
def rows() -> dict[str, Row]:
    """Read what the lectures contain."""
    found = yaml.safe_load(ROWS.read_text(encoding="utf-8"))
    return {key: Row(row["topic"], tuple(row["lectures"])) for key, row in found.items()}


def rows_in(text: str) -> set[str]:
    """Return the keys of the rows that a page's source shows."""
    if not is_myst_markdown_notebook(text):
        return set()
    cells = read_myst_markdown_notebook(text).cells
    return {tag for cell in cells for tag in cell.metadata.get("tags", ())} & set(rows())


def pages() -> dict[str, set[str]]:
    """Return the pages that show rows, with the keys of these."""
    paths = sorted(CHAPTERS.glob("*.md"))
    found = {path.stem: rows_in(path.read_text(encoding="utf-8")) for path in paths}
    return {page: keys for page, keys in found.items() if keys}


def tables() -> Iterator[str]:
    """Yield the lecture map in Markdown, line by line."""
    shown = pages()
    for lecture in sorted({lecture for row in rows().values() for lecture in row.lectures}):
        yield from ("", f"## {title(lecture)}", "", f"{{cite:t}}`{lecture}`", "")
        yield from ("| topic | where |", "| --- | --- |")
        for key, row in rows().items():
            if lecture in row.lectures:
                places = [f"{{doc}}`{page}`" for page, keys in shown.items() if key in keys]
                yield f"| {row.topic} | {'; '.join(places)} |"
    yield from ("", "## And back", "")
    yield from ("| page | what it takes from the lectures |", "| --- | --- |")
    for page, keys in shown.items():
        topics = "; ".join(str(row) for key, row in rows().items() if key in keys)
        yield f"| {{doc}}`{page}` | {topics} |"


class LectureMap(SphinxDirective):
    """The tables."""

    def run(self) -> list[nodes.Node]:
        """Parse them where the directive stands, headings among them."""
        for path in (ROWS, *CHAPTERS.glob("*.md")):
            self.env.note_dependency(str(path))
        return self.parse_text_to_nodes("\n".join(tables()), allow_section_headings=True)


def add_box(_app: Sphinx, page: str, source: list[str]) -> None:
    """End a chapter with what it takes from the lectures."""
    if chapter_of(page):
        keys = rows_in(source[0])
        lines = [f"- {row}" for key, row in rows().items() if key in keys]
        source[0] += BOX.format(rows="\n".join(lines)) if lines else ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Join in where pages are read."""
    app.add_directive("lecture-map", LectureMap)
    app.connect("source-read", add_box)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

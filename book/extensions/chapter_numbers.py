"""Number equations, figures and exercises by chapter: (6.3) is the third one of chapter 6.

Sphinx numbers by section where sections have numbers. Here they have none, since titles name their
chapter themselves; so each chapter is given its number while Sphinx counts, and only then.
"""

from __future__ import annotations

from functools import wraps

from course_chapters import chapter_of
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

count = TocTreeCollector.assign_figure_numbers


@wraps(count)
def count_by_chapter(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """Return the pages whose numbers have changed."""
    sections = env.toc_secnumbers
    found = ((page, chapter_of(page)) for page in env.found_docs)
    env.toc_secnumbers = {page: {"": (chapter.number,)} for page, chapter in found if chapter}
    try:
        return count(collector, env)
    finally:
        env.toc_secnumbers = sections


def setup(_app: Sphinx) -> dict[str, bool]:
    """Count so in place of Sphinx: after it, every page would seem changed, and be written anew."""
    TocTreeCollector.assign_figure_numbers = count_by_chapter  # type: ignore[method-assign]
    return {"parallel_read_safe": True, "parallel_write_safe": True}

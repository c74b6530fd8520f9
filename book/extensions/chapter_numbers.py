"""Number equations, figures and exercises by chapter: (6.3) is the third one of chapter 6.

Sphinx numbers by section where sections have numbers. Here they have none, since titles name their
chapter themselves; so each chapter is given its number while Sphinx counts, and only then.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

CHAPTER = re.compile(r"chapters/(\d\d)-")


def count_by_chapter(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Count anew, and return the pages whose numbers have changed."""
    found = ((page, CHAPTER.match(page)) for page in env.found_docs)
    chapters = {page: {"": (int(match[1]),)} for page, match in found if match}
    sections = env.toc_secnumbers
    env.toc_secnumbers = chapters  # type: ignore[assignment]
    try:
        return TocTreeCollector().assign_figure_numbers(env)
    finally:
        env.toc_secnumbers = sections


def setup(app: Sphinx) -> dict[str, bool]:
    """Count after Sphinx has."""
    app.connect("env-get-updated", count_by_chapter, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

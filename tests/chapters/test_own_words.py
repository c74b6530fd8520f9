"""The book says everything in its own words: no sentence of a lecture stands in it."""

import re

import pytest

from .pages import CHAPTERS, PAGES, text

LECTURES = CHAPTERS.parents[1] / "shared" / "lectures"
WORDS = 9  # so many in a row, or more, would be a sentence that was copied

pytestmark = pytest.mark.skipif(
    not any(LECTURES.glob("L*.txt")), reason=f"needs the lectures' texts, at {LECTURES}"
)


def runs(words):
    """Every run of so many words that come one after the other."""
    return {tuple(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)}


def words_of(page):
    """A text's words in lower case; numbers and signs, such as those of tables, do not count."""
    return re.findall(r"[a-z]{2,}", page.lower())


def lecture_runs():
    pages = (path.read_text(encoding="utf-8") for path in LECTURES.glob("L*.txt"))
    return set().union(*(runs(words_of(page)) for page in pages))


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_of_a_lecture_is_in_the_book(page):
    copied = runs(words_of(text(page))) & lecture_runs()
    assert sorted(" ".join(run) for run in copied) == []


def test_a_copied_sentence_would_be_found():
    lecture = next(iter(sorted(LECTURES.glob("L*.txt")))).read_text(encoding="utf-8")
    assert runs(words_of(lecture)[40:60]) <= lecture_runs()

"""Checks notice what is changed in a model answer, or there is a reason why they cannot."""

from __future__ import annotations

import pytest

from autograder.homework import Homework
from tests.homeworks import mutants

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(homework: Homework) -> dict[str, mutants.Score]:
    return mutants.scores(homework)


def test_changes_to_model_answers_are_noticed(found: dict[str, mutants.Score]) -> None:
    left = [(m.function, m.was, m.now) for score in found.values() for m in score.left]
    assert all(score.mutants for score in found.values())
    assert mutants.noticed_share(found) >= 0.95, left


def test_every_reason_is_needed(homework: Homework, found: dict[str, mutants.Score]) -> None:
    used = sum(score.equivalent for score in found.values())
    assert used == len(mutants.equivalents(homework.name))


def test_the_book_shows_what_was_noticed(found: dict[str, mutants.Score]) -> None:
    """It is what these mutants gave; after a change, ``make mutants`` writes it anew."""
    assert mutants.table(found) in mutants.PAGE.read_text(encoding="utf-8")

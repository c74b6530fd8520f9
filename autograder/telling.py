"""What a student is told of an answer that lost points: what is right, what is not, and why."""

from __future__ import annotations

import re

from nbformat import NotebookNode
from nbgrader import utils

from autograder.answers import Answer
from autograder.cells import lost_points, points_of

SHOWN = 2
"""How many mistakes are told, where several would explain an answer."""


def name_of(cell: NotebookNode) -> str:
    """Name a test as its notebook does: ``3.3 stride and padding``, or else its grade_id."""
    named = re.search(r"with public_check\(\"(.+?)\"\)", cell.source)
    return named[1] if named else str(cell.metadata.nbgrader.grade_id)


def verdict(answer: str, tests: list[NotebookNode]) -> str:
    """Say what is right about an answer and what is not yet."""
    points = sum(map(points_of, tests))
    got = sum(utils.determine_grade(cell)[0] or 0.0 for cell in tests)
    right = [_property(cell) for cell in tests if not lost_points(cell)]
    wrong = [_property(cell) for cell in tests if lost_points(cell)]
    praise = f" Right: {', '.join(right)}." if right else ""
    return f"{answer}: {got:g} of {points:g} points.{praise} Not yet: {', '.join(wrong)}.\n"


def _property(cell: NotebookNode) -> str:
    return re.sub(r"^[\d.]+ ", "", name_of(cell))


def diagnosis(mistakes: list[Answer]) -> str:
    """Say which known mistakes an answer may be."""
    if not mistakes:
        return ""
    what = "this mistake" if len(mistakes) == 1 else "each of these mistakes"
    sentences = "".join(f"- {mistake.sentence}\n" for mistake in mistakes[:SHOWN])
    return f"In all checks of this question, your answer does what {what} does:\n{sentences}"

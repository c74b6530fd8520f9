"""What all tests of homeworks need: the homeworks themselves, found in ``solutions/``."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.homework import Homework, find_homework

SOLUTIONS = Path(__file__).parents[2] / "solutions"
NAMES = [folder.name.split("-", 1)[0] for folder in sorted(SOLUTIONS.glob("hw*"))]


@pytest.fixture(scope="session", params=NAMES)
def homework(request: pytest.FixtureRequest) -> Homework:
    """Each homework in turn."""
    return find_homework(SOLUTIONS, request.param)


@pytest.fixture(scope="session")
def source(homework: Homework) -> NotebookNode:
    """The instructor's notebook."""
    return homework.notebook()

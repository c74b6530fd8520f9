"""What all tests of homeworks need: the homeworks themselves, found in ``solutions/``."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode

from autograder.homework import Homework, find_homework
from tests.homeworks.pages import NAMES, SOLUTIONS


@pytest.fixture(scope="session", params=NAMES)
def homework(request: pytest.FixtureRequest) -> Homework:
    """Each homework in turn."""
    return find_homework(SOLUTIONS, request.param)


@pytest.fixture(scope="session")
def source(homework: Homework) -> NotebookNode:
    """The instructor's notebook."""
    return homework.notebook()

from pathlib import Path

import pytest

from autograder.course import init_course
from autograder.homework import find_homework
from autograder.release import release

SOLUTIONS = Path(__file__).parent / "solutions"


@pytest.fixture(scope="session")
def toy():
    """A homework of four one-line functions: grading it takes seconds."""
    return find_homework(SOLUTIONS, "hw01")


@pytest.fixture
def course(tmp_path, toy):
    """A course directory in which the toy homework has been released."""
    course = init_course(tmp_path / "course")
    release(course, toy)
    return course

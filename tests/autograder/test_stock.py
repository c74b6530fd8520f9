"""Honest submissions get the points that nbgrader gives as it comes, and that they should get."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import CONFIG_FILE, init_course
from autograder.grade import grade_class
from autograder.homework import find_homework
from autograder.release import release
from tests.autograder.classes import HONEST, assert_right, hand_in_class, scores
from tests.autograder.conftest import SOLUTIONS

pytestmark = pytest.mark.slow

STOCK = "c = get_config()\nc.CourseDirectory.root = {root!r}\nc.CourseDirectory.course_id = 'x'\n"


def course_with(root, homework):
    course = init_course(root)
    release(course, homework)
    return course, hand_in_class(course, homework, students=HONEST)


@pytest.mark.parametrize("name", ["hw01", "hw02"])
def test_honest_submissions_get_what_stock_nbgrader_gives(tmp_path, name):
    if name == "hw02":
        pytest.importorskip("torch")
    homework = find_homework(SOLUTIONS, name)
    course, samples = course_with(tmp_path / "ours", homework)
    assert {result.isolation for result in grade_class(course, homework)} == {"strict"}
    assert_right(course, name, samples)

    plain, _ = course_with(tmp_path / "stock", homework)
    (plain.root / CONFIG_FILE).write_text(STOCK.format(root=str(plain.root)), encoding="utf-8")
    command = [Path(sys.executable).with_name("nbgrader"), "autograde", name, "--create"]
    subprocess.run(command, cwd=plain.root, check=True, capture_output=True)
    assert scores(plain, name) == scores(course, name)

"""Honest submissions get the points that nbgrader gives as it comes, and that they should get."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grade import grade_class
from autograder.homework import find_homework
from autograder.sockets import unix_sockets
from tests.autograder.classes import HONEST, assert_right, course_with_class, make_stock, scores
from tests.autograder.conftest import SOLUTIONS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["hw01", "hw02"])
def test_honest_submissions_get_what_stock_nbgrader_gives(tmp_path, name):
    if name == "hw02":
        pytest.importorskip("torch")
    homework = find_homework(SOLUTIONS, name)
    course, samples = course_with_class(tmp_path / "ours", homework, students=HONEST)
    assert {result.isolation for result in grade_class(course, homework)} == {"strict"}
    assert_right(course, name, samples)

    plain, _ = course_with_class(tmp_path / "stock", homework, students=HONEST)
    make_stock(plain)
    command = [Path(sys.executable).with_name("nbgrader"), "autograde", name, "--create"]
    with unix_sockets() as config:
        command += [
            f"--KernelManager.{name}={value}" for name, value in config.KernelManager.items()
        ]
        subprocess.run(command, cwd=plain.root, check=True, capture_output=True)
    assert scores(plain, name) == scores(course, name)

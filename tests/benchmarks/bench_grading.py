"""Grading a class in the sandbox, beside stock nbgrader without one, on the same notebooks.

Both are run as a teacher runs them: a command, from its start to its end.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.grade import grade_class
from autograder.homework import find_homework
from autograder.results import load_result
from tests.autograder.classes import HONEST, course_with_class, make_stock, scores

SMALL = Path(__file__).parents[1] / "autograder" / "solutions"
HOMEWORKS = Path(__file__).parents[2] / "solutions"
HW01, HW03 = (find_homework(HOMEWORKS, name) for name in ("hw01", "hw03"))
TOY, TORCH = find_homework(SMALL, "hw01"), find_homework(SMALL, "hw02")


@pytest.mark.parametrize(
    ("homework", "copies", "goal"),
    [(TOY, 12, 1 / 5), (TORCH, 12, 1 / 10), (HW01, 3, None), (HW03, 3, None)],
)
def test_a_class_beside_stock_nbgrader(record, tmp_path, homework, copies, goal):
    """The goals are for the graders' own work, so for homeworks that compute next to nothing.

    What the tests of a real homework compute, such as the training of LeNet, both must wait for.
    Everyone hands in under several names, so that what is done once weighs little.
    """
    course, _ = course_with_class(tmp_path / "ours", homework, copies, HONEST)
    where = ("--solutions", str(homework.folder.parent))
    ours = seconds("course", "autograde", homework.name, *where, at=course)
    plain, _ = course_with_class(tmp_path / "stock", homework, copies, HONEST)
    make_stock(plain)
    stock = seconds("nbgrader", "autograde", homework.name, "--create", at=plain)

    found = scores(course, homework.name)
    assert found == scores(plain, homework.name)
    print_stages([load_result(course, homework.name, student) for student in found])
    size = len(found)
    ratio = record(
        f"grading {homework.folder.name} in the sandbox, a submission of {size}",
        ours / stock,
        peer_name="nbgrader, no sandbox",
        goal=goal,
        ours=ours / size,
        peer=stock / size,
        unit="s",
    )
    assert goal is None or ratio <= goal


def seconds(program, *arguments, at):
    command = [Path(sys.executable).with_name(program), *arguments]
    start = time.perf_counter()
    subprocess.run(command, cwd=at.root, check=True, capture_output=True)
    return time.perf_counter() - start


def print_stages(results):
    """Show what takes how much of a submission's time, of which several pass at once."""
    whole = statistics.fmean(result.seconds for result in results)
    stages = {name: statistics.fmean(r.timing[name] for r in results) for name in results[0].timing}
    of_tests = sum(spent for name, spent in stages.items() if name not in ("kernel", "cells"))
    print(f"  of {whole:.2f} s from begin to end, {stages['kernel']:.2f} s for a kernel,")
    print(f"  {stages['cells']:.2f} s for the student's cells, {of_tests:.2f} s for the tests")


def test_the_coordinators_memory_stays_flat_over_a_thousand_submissions(record, tmp_path):
    course, _ = course_with_class(tmp_path / "course", TOY, 1000, ["ada"])
    coordinator = psutil.Process()
    memory = [
        (coordinator.memory_info().rss / 2**20, result.score) for result in grade_class(course, TOY)
    ]
    start, middle, end = memory[10][0], memory[500][0], memory[-1][0]
    print(f"  MiB after 10, 500 and 1,000 submissions: {start:.0f}, {middle:.0f}, {end:.0f}")
    assert [score for _, score in memory] == [9] * 1000
    ratio = record(
        "memory of the coordinator after 1,000 submissions",
        end / middle,
        peer_name="after 500",
        goal=1.05,
        ours=end,
        peer=middle,
        unit="MiB",
    )
    assert ratio <= 1.05

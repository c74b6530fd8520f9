"""Grading a class in the sandbox, beside stock nbgrader without one, on the same notebooks."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from autograder.course import init_course
from autograder.grade import grade_class
from autograder.homework import find_homework
from autograder.release import release
from tests.autograder.classes import hand_in_class, scores

HW03 = find_homework(Path(__file__).parents[2] / "solutions", "hw03")
TOY = find_homework(Path(__file__).parents[1] / "autograder" / "solutions", "hw01")
HONEST = ("ada", "boris", "chen", "dalia", "emeka", "farid", "greta", "hana")
COPIES = 3
"""Each hands in under several names: a class of 24, so that what is done once weighs little."""

GOAL = 0.7

STOCK = "c = get_config()\nc.CourseDirectory.root = {root!r}\nc.CourseDirectory.course_id = 'x'\n"


def handed_in(root):
    course = init_course(root)
    release(course, HW03)
    hand_in_class(course, HW03, COPIES, HONEST)
    return course


def test_a_class_beside_stock_nbgrader(record, tmp_path):
    course = handed_in(tmp_path / "ours")
    start = time.perf_counter()
    results = list(grade_class(course, HW03))
    ours = (time.perf_counter() - start) / len(results)
    for stage in ("kernel", "cells"):
        seconds = statistics.fmean(result.timing[stage] for result in results)
        print(f"  {stage}: {seconds:.3f} s of {statistics.fmean(r.seconds for r in results):.2f} s")

    plain = handed_in(tmp_path / "stock")
    (plain.root / "nbgrader_config.py").write_text(STOCK.format(root=str(plain.root)))
    command = [sys.executable, "-m", "nbgrader", "autograde", HW03.name, "--create"]
    start = time.perf_counter()
    subprocess.run(command, cwd=plain.root, check=True, capture_output=True)
    stock = (time.perf_counter() - start) / len(results)

    assert scores(course, HW03.name) == scores(plain, HW03.name)
    ratio = record(
        "grading hw03 in the sandbox, a submission of 24",
        ours / stock,
        peer_name="nbgrader, no sandbox",
        goal=GOAL,
        ours=ours,
        peer=stock,
        unit="s",
    )
    assert ratio <= GOAL


def test_the_coordinators_memory_stays_flat_over_a_thousand_submissions(record, tmp_path):
    course = init_course(tmp_path / "course")
    release(course, TOY)
    hand_in_class(course, TOY, 1000, ["ada"])
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

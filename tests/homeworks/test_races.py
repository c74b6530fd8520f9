"""Races in homeworks on a busy machine: nobody wins or loses points by what else is running."""

from __future__ import annotations

import functools
import runpy
import time
from itertools import count

import pytest

from tests.homeworks.pages import SOLUTIONS

times_faster = runpy.run_path(str(SOLUTIONS / "checks.py"))["times_faster"]


def work(seconds: float) -> None:
    """Keep a processor busy."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_quick_function_wins_though_it_is_often_held_up() -> None:
    calls = count()

    def held_up() -> None:
        time.sleep(0.03 if next(calls) < 10 else 0)

    assert times_faster(held_up, lambda: work(0.1), tuple, enough=10) >= 10
    assert next(calls) > 10


@pytest.mark.parametrize("held_up", [0, 0.5])
def test_a_slow_function_loses_though_the_loops_are_held_up(held_up: float) -> None:
    def loops(seconds: float) -> None:
        work(seconds)
        time.sleep(held_up)

    assert times_faster(work, loops, lambda: (0.02,), enough=10) < 10


def test_a_slow_function_that_remembers_its_answers_loses() -> None:
    @functools.cache
    def slow(_: int) -> None:
        work(0.02)

    calls = count()
    assert times_faster(slow, lambda _: work(0.02), lambda: (next(calls),), enough=10) < 10

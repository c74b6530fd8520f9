"""Answers that say nothing, and wrong answers, on the very calls that the checks make."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.answers import Answer, read_answers
from autograder.homework import Homework
from tests.homeworks.workbench import Workbench, answered

Call = tuple[tuple[Any, ...], dict[str, Any]]
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


@pytest.fixture(scope="module")
def bench(homework: Homework) -> Workbench:
    return Workbench(homework)


def passed(bench: Workbench, wrap: Wrap) -> set[str]:
    """Which test cells give points, each with its own question's right answer wrapped."""
    return {
        test
        for function in bench.questions
        for test in set(bench.tests(function))
        - set(bench.failed(function, wrap(bench.namespace[function])))
    }


def test_the_right_answers_pass_as_they_are(bench: Workbench) -> None:
    everything = {test for function in bench.questions for test in bench.tests(function)}
    assert (
        passed(bench, lambda function: lambda *args, **rest: function(*args, **rest)) == everything
    )


def test_zeros_earn_the_points_of_the_shape_only(bench: Workbench) -> None:
    """Checks against the student's own result must not reward a result that says nothing."""

    def zeros(result: Any) -> Any:
        if isinstance(result, tuple | list):
            return type(result)(map(zeros, result))
        if isinstance(result, dict):
            return {key: zeros(value) for key, value in result.items()}
        if type(result).__name__ == "Tensor":
            return result.detach() * 0
        return result * 0 if isinstance(result, np.ndarray | int | float | np.number) else None

    given = passed(bench, lambda function: lambda *args, **rest: zeros(function(*args, **rest)))
    assert {test for test in given if not test.endswith(("-shape", "-error"))} == set()


def test_handing_the_arguments_back_earns_nothing(bench: Workbench) -> None:
    def handing_back(function: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*args: Any, **rest: Any) -> Any:
            result = outcome(function, args, rest)
            if not args:
                return None
            return tuple((*args, *result)[: len(result)]) if isinstance(result, tuple) else args[0]

        return answer

    given = passed(bench, handing_back)
    assert {test for test in given if not test.endswith("-shape")} == set()


def test_a_forgotten_return_is_named(bench: Workbench) -> None:
    """The first check of each question says that nothing came back."""
    for function in bench.questions:
        errors = bench.failed(function, lambda *args, **rest: None)
        error = errors[bench.tests(function)[0]]
        assert isinstance(error, AssertionError), f"{function}: {error!r}"
        assert "NoneType" in str(error), function


def calls_of(bench: Workbench, function: str) -> list[Call]:
    """Note every call that a question's checks make of its right answer."""
    seen: list[Call] = []
    right = bench.namespace[function]

    def noting(*args: Any, **rest: Any) -> Any:
        seen.append(copy.deepcopy((args, rest)))
        return right(*args, **rest)

    assert bench.failed(function, noting) == {}
    return seen


def crashes(bench: Workbench, answer: Answer, calls: list[Call]) -> int:
    """Count the calls at which an answer raises though the right one does not."""
    _, wrong = answered(bench, answer)
    count = 0
    for args, rest in calls:
        right = outcome(bench.namespace[answer.function], args, rest)
        count += isinstance(outcome(wrong, args, rest), Exception) > isinstance(right, Exception)
    return count


def outcome(function: Callable[..., Any], args: tuple[Any, ...], rest: dict[str, Any]) -> Any:
    args, rest = copy.deepcopy((args, rest))
    with np.errstate(all="ignore"):
        try:
            return function(*args, **rest)
        except Exception as error:
            return error


def test_misconceptions_run(homework: Homework, bench: Workbench) -> None:
    """A misconception is a wrong result, not a crash: it answers most calls."""
    calls = {function: calls_of(bench, function) for function in bench.questions}
    share = {}
    for answer in read_answers(homework.misconceptions):
        with bench.files():
            crashed = crashes(bench, answer, calls[answer.function])
        share[f"{answer.function}.{answer.name}"] = crashed / len(calls[answer.function])
    assert {name: part for name, part in share.items() if part > 0.25} == {}

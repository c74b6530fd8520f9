"""Answers that say nothing, and wrong answers, on the very calls that the checks make."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograder.answers import read_answers
from autograder.homework import Homework
from autograder.remote.replies import same
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


def outcome(function: Callable[..., Any], args: tuple[Any, ...], rest: dict[str, Any]) -> Any:
    args, rest = copy.deepcopy((args, rest))
    with np.errstate(all="ignore"):
        try:
            return function(*args, **rest)
        except Exception as error:
            return error


class Reply(NamedTuple):
    """What comes of a call."""

    result: Any
    """What is returned, or the error."""
    asked: list[Any]
    """What functions that were handed over were called with."""
    changed: Any
    """The arguments after the call, if it changed them."""


def reply(function: Callable[..., Any], call: Call) -> Reply:
    asked: list[Any] = []

    def listening(argument: Any) -> Any:
        def noting(*args: Any) -> Any:
            asked.append(copy.deepcopy(args))
            return argument(*args)

        return noting if inspect.isroutine(argument) else argument

    args, rest = copy.deepcopy(call)
    result = outcome(lambda: function(*map(listening, args), **rest), (), {})
    return Reply(result, asked, None if same([args, rest], list(call)) else (args, rest))


def replies(function: Callable[..., Any], calls: list[Call]) -> list[Reply]:
    return [reply(function, call) for call in calls]


def crashes(given: list[Reply], right: list[Reply]) -> int:
    """Count the calls at which an answer raises though the right one does not."""
    return sum(
        isinstance(wrong.result, Exception) > isinstance(wanted.result, Exception)
        for wrong, wanted in zip(given, right, strict=True)
    )


def test_misconceptions_run_and_are_not_the_same(homework: Homework, bench: Workbench) -> None:
    """A misconception is a wrong result, not a crash, and not one that another gives as well."""
    crashed, twins = {}, []
    for function in bench.questions:
        calls = calls_of(bench, function)
        with bench.files():
            right = replies(bench.namespace[function], calls)
            given = {
                answer.name: replies(answered(bench, answer)[1], calls)
                for answer in read_answers(homework.misconceptions)
                if answer.function == function
            }
        for name, wrong in given.items():
            crashed[f"{function}.{name}"] = crashes(wrong, right) / len(calls)
        twins += [
            (function, *pair) for pair in combinations(given, 2) if same(*(given[n] for n in pair))
        ]
    assert {name: part for name, part in crashed.items() if part > 0.25} == {}
    assert twins == []

"""Answers told apart by what they do, on the very calls that the checks make."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest
from nbformat import NotebookNode

from autograder.answers import Answer, read_answers
from autograder.homework import Homework, questions

Call = tuple[tuple[Any, ...], dict[str, Any]]


@pytest.fixture(scope="module")
def calls(source: NotebookNode) -> dict[str, list[Call]]:
    """Run the instructor's notebook and note every call of a student's function."""
    seen: dict[str, list[Call]] = {question.functions[0]: [] for question in questions(source)}

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **settings: Any) -> Any:
            seen[name].append(copy.deepcopy((args, settings)))
            return function(*args, **settings)

        return call

    namespace: dict[str, Any] = {}
    for cell in source.cells:
        if cell.cell_type == "code":
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, "cell", "exec"), namespace)
            for name in seen.keys() & set(namespace):
                if namespace[name].__name__ == name:
                    namespace[name] = noting(name, namespace[name])
    assert all(seen.values())
    return seen


def outcomes(answer: Answer, calls: list[Call]) -> list[Any]:
    """What an answer returns or raises for each call, and what it leaves of its arguments."""
    namespace: dict[str, Any] = {"np": np}
    exec(compile(answer.source, answer.name, "exec"), namespace)
    results = []
    for args, settings in copy.deepcopy(calls):
        with np.errstate(all="ignore"):
            try:
                results.append((namespace[answer.function](*args, **settings), args))
            except (ValueError, IndexError) as error:
                results.append((type(error).__name__, args))
    return results


def same(left: Any, right: Any) -> bool:
    if isinstance(left, tuple | list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return (
            left.dtype == right.dtype
            and left.shape == right.shape
            and np.allclose(left, right, rtol=1e-4, atol=0, equal_nan=True)
        )
    return type(left) is type(right) and bool(left == right)


def test_misconceptions_differ_from_one_another(
    homework: Homework, calls: dict[str, list[Call]]
) -> None:
    by_question: dict[str, dict[str, list[Any]]] = {}
    for answer in read_answers(homework.misconceptions):
        results = outcomes(answer, calls[answer.function])
        by_question.setdefault(answer.function, {})[answer.name] = results
    twins = [
        (function, one, other)
        for function, answers in by_question.items()
        for one, other in combinations(answers, 2)
        if same(answers[one], answers[other])
    ]
    assert twins == []


def test_misconceptions_run(homework: Homework, calls: dict[str, list[Call]]) -> None:
    """A misconception is a wrong result, not a crash: it answers most calls."""
    for answer in read_answers(homework.misconceptions):
        results = outcomes(answer, calls[answer.function])
        crashed = sum(
            result in ("ValueError", "IndexError")
            for result, _ in results
            if isinstance(result, str)
        )
        assert crashed <= 0.25 * len(results), f"{answer.function}.{answer.name}: {crashed}"


class Verdict(NamedTuple):
    """Which graded cells gave their points, by grade_id, and what stopped the others."""

    passed: set[str]
    errors: dict[str, BaseException]


def verdict(source: NotebookNode, wrap: Callable[[Callable[..., Any]], Any]) -> Verdict:
    """Run the instructor's notebook with every answer wrapped, past cells that fail."""
    functions = {question.functions[0] for question in questions(source)}
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("points", 0)
        for cell in source.cells
        if cell.cell_type == "code" and "nbgrader" in cell.metadata
    }
    tests = {name for question in questions(source) for name in question.tests if points[name]}
    namespace: dict[str, Any] = {}
    passed, errors = set(), {}
    for cell in source.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and (marks.get("solution") or marks.get("grade_id") in tests):
            try:
                with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
                    exec(compile(cell.source, "cell", "exec"), namespace)
                passed.add(marks["grade_id"])
            except Exception as error:
                errors[marks["grade_id"]] = error
            if marks.get("solution"):
                for name in functions & set(namespace):
                    if namespace[name].__name__ == name:
                        namespace[name] = wrap(namespace[name])
        elif marks.get("grade_id") == "setup":
            exec(compile(cell.source, "cell", "exec"), namespace)
    return Verdict(passed & tests, errors)


def test_the_right_answers_pass_as_they_are(source: NotebookNode) -> None:
    right = verdict(source, lambda function: lambda *args, **rest: function(*args, **rest))
    assert right.errors == {}
    assert right.passed


def test_zeros_earn_the_points_of_the_shape_only(source: NotebookNode) -> None:
    """Checks against the student's own result must not reward a result that says nothing."""

    def zeros(result: Any) -> Any:
        if isinstance(result, tuple | list):
            return tuple(map(zeros, result))
        return np.zeros_like(result) if isinstance(result, np.ndarray) else None

    given = verdict(source, lambda function: lambda *args, **rest: zeros(function(*args, **rest)))
    assert {test for test in given.passed if not test.endswith(("-shape", "-error"))} == set()


def test_handing_the_arguments_back_earns_nothing(source: NotebookNode) -> None:
    one = verdict(source, lambda function: lambda *args, **rest: args[0])
    three = verdict(
        source,
        lambda function: lambda *args, **rest: (*args[1:3], np.ones(len(args[2]), args[2].dtype)),
    )
    assert one.passed == set()
    assert {test for test in three.passed if not test.endswith("-shape")} == set()


def test_a_forgotten_return_is_named(source: NotebookNode) -> None:
    """The first check of each question says that nothing came back."""
    given = verdict(source, lambda function: lambda *args, **rest: None)
    for question in questions(source):
        error = given.errors[question.tests[0]]
        assert isinstance(error, AssertionError), f"{question.functions[0]}: {error!r}"
        assert "NoneType" in str(error)

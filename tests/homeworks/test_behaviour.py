"""Answers told apart by what they do, on the very calls that the checks make."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable
from itertools import combinations
from typing import Any

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

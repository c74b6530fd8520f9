"""Points for right, wrong and no answers, as nbgrader records them in the gradebook."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nbformat
import pytest

from autograder.answers import read_answers
from autograder.homework import Homework, built_on, questions
from tests.homeworks import discrimination
from tests.homeworks.discrimination import Class

pytestmark = pytest.mark.slow

ONE_PROPERTY = Path(__file__).with_name("one_property")
"""Homework → misconceptions wrong in one property → the one test cell that they may cost."""


@pytest.fixture(scope="module")
def graded(homework: Homework, tmp_path_factory: pytest.TempPathFactory) -> Class:
    return discrimination.grade(homework, tmp_path_factory.mktemp("class"))


def printed(graded: Class, student: str) -> str:
    """What the last cell of a graded submission printed."""
    homework = graded.homework
    folder = graded.course.autograded / student / homework.name
    notebook = nbformat.read(folder / f"{homework.notebook_name}.ipynb", as_version=4)
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs)


def test_the_solution_earns_everything(graded: Class) -> None:
    assert graded.lost("solution") == []
    tests = [test for question in questions(graded.source) for test in question.tests]
    possible = sum(maximum for _, maximum in graded.points["solution"].values())
    written = sum(
        cell.metadata.nbgrader.points
        for cell in graded.source.cells
        if cell.metadata.get("nbgrader", {}).get("task")
    )
    assert sum(graded.points["solution"][test][0] for test in tests) == possible - written


def test_the_untouched_notebook_earns_nothing(graded: Class) -> None:
    assert sum(got for got, _ in graded.points["untouched"].values()) == 0


def lost_by(graded: Class, kind: str) -> dict[str, list[str]]:
    """For each answer of a kind, the test cells of its own question in which it lost points."""
    return {
        f"{answer.function}.{answer.name}": graded.lost(student, answer.function)
        for answer, student in graded.authors.items()
        if student.startswith(kind)
    }


def test_every_variant_earns_everything(graded: Class) -> None:
    lost = lost_by(graded, "variant")
    assert len(lost) == len(read_answers(graded.homework.variants))
    assert {name: tests for name, tests in lost.items() if tests} == {}


def test_every_misconception_loses_points(graded: Class) -> None:
    lost = lost_by(graded, "misconception")
    assert len(lost) == len(read_answers(graded.homework.misconceptions))
    assert [name for name, tests in lost.items() if not tests] == []


def test_nine_in_ten_misconceptions_are_told_their_own_mistake(graded: Class) -> None:
    wrong = [a for a, student in graded.authors.items() if student.startswith("misconception")]
    missed = [f"{a.function}.{a.name}" for a in wrong if a.name not in graded.told(a)[:2]]
    assert len(missed) <= 0.1 * len(wrong), missed


def test_right_answers_are_told_of_no_mistake(graded: Class) -> None:
    right = [s for s in graded.results if s.startswith(("solution", "variant", "untouched"))]
    assert [student for student in right if graded.results[student].mistakes] == []


def test_a_misconception_costs_nothing_elsewhere(graded: Class) -> None:
    wrong = {student: set() for student in graded.points if student.startswith("misconception")}
    for answer, student in graded.authors.items():
        if student in wrong:
            wrong[student].add(answer.function)
    needs = built_on(graded.source)
    for student, functions in wrong.items():
        right = [name for name, needed in needs.items() if functions.isdisjoint({name, *needed})]
        assert right
        assert {function: graded.lost(student, function) for function in right} == {
            function: [] for function in right
        }, student


def test_one_wrong_property_costs_only_its_own_points(graded: Class) -> None:
    """What the front page promises: the other properties keep their points."""
    listed = tomllib.loads((ONE_PROPERTY / f"{graded.homework.name}.toml").read_text())
    expected = {
        f"{function}.{name}": [test]
        for function, names in listed.items()
        for name, test in names.items()
    }
    assert len(expected) >= len(listed) >= 4
    lost = lost_by(graded, "misconception")
    assert {name: lost[name] for name in expected} == expected


def test_most_misconceptions_keep_some_points(graded: Class) -> None:
    """Partial credit: a near-right answer is worth more than none."""
    tests = {question.functions[0]: question.tests for question in questions(graded.source)}
    lost = lost_by(graded, "misconception")
    nothing_left = [
        name for name, cells in lost.items() if len(cells) == len(tests[name.split(".")[0]])
    ]
    assert len(nothing_left) <= 0.3 * len(lost), nothing_left


def test_the_last_cell_counts_public_checks_in_grading_too(graded: Class) -> None:
    checks = sum("with public_check(" in cell.source for cell in graded.source.cells)
    assert f"public checks passed: {checks} of {checks} (hidden" in printed(graded, "solution")
    assert f"public checks passed: 0 of {checks} (hidden" in printed(graded, "untouched")


def test_the_book_shows_what_came_of_it(graded: Class) -> None:
    """It is what this class gave; after a change, ``make discrimination`` writes it anew."""
    shown = discrimination.PAGE.read_text(encoding="utf-8").splitlines()
    # How many were told their mistake depends on how busy the machine is; it has its own test.
    scores = {line.rpartition("| ")[0] for line in shown}
    for line in discrimination.table(graded).splitlines():
        assert line.rpartition("| ")[0] in scores, line

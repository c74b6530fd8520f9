"""Points for right, wrong and no answers, as nbgrader records them in the gradebook.

Questions stand alone, so that one submission can carry one answer to each of them. A misconception
is handed in beside right answers to the neighbouring questions, which must keep all their points.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.answers import Answer, put_answer, read_answers
from autograder.course import Course, init_course
from autograder.grade import grade_class
from autograder.homework import Homework, built_on, questions
from autograder.release import release
from autograder.sample import filled

pytestmark = pytest.mark.slow

ONE_PROPERTY = Path(__file__).with_name("one_property")
"""Homework → misconceptions wrong in one property → the one test cell that they may cost."""


class Class(NamedTuple):
    """A graded class: who handed in what, and what every test cell gave."""

    homework: Homework
    source: NotebookNode
    course: Course
    authors: dict[Answer, str]
    """Which student gave an answer."""
    points: dict[str, dict[str, tuple[float, float]]]
    """Student → test cell → points obtained, points possible."""

    def lost(self, student: str, function: str | None = None) -> list[str]:
        """Test cells in which a student lost points, of one question or of all."""
        tests = [
            test
            for question in questions(self.source)
            if function in (None, *question.functions)
            for test in question.tests
        ]
        got = self.points[student]
        return [test for test in tests if got[test][0] < got[test][1]]


def by_rank(answers: Sequence[Answer]) -> list[list[Answer]]:
    """The first answers to all questions, then the second ones, and so on."""
    ranks: list[list[Answer]] = []
    for answer in answers:
        rank = next(
            (rank for rank in ranks if all(answer.function != a.function for a in rank)), None
        )
        if rank is None:
            rank = []
            ranks.append(rank)
        rank.append(answer)
    return ranks


def plan(homework: Homework, source: NotebookNode) -> dict[str, list[Answer]]:
    """Say which answers each student hands in; right ones stand in for those not named."""
    students: dict[str, list[Answer]] = {"solution": []}
    for k, rank in enumerate(by_rank(read_answers(homework.variants))):
        students[f"variant-{k}"] = rank
    place = {question.functions[0]: k for k, question in enumerate(questions(source))}
    for k, rank in enumerate(by_rank(read_answers(homework.misconceptions))):
        for parity in (0, 1):
            mine = [answer for answer in rank if place[answer.function] % 2 == parity]
            students[f"misconception-{k}-{parity}"] = mine
    return students


@pytest.fixture(scope="module")
def graded(
    homework: Homework, source: NotebookNode, tmp_path_factory: pytest.TempPathFactory
) -> Class:
    course = init_course(tmp_path_factory.mktemp("class") / "course")
    untouched = nbformat.read(release(course, homework), as_version=4)
    students = plan(homework, source)
    notebooks = {"untouched": untouched}
    for student, answers in students.items():
        notebooks[student] = filled(untouched, source)
        for answer in answers:
            notebooks[student] = put_answer(notebooks[student], answer.function, answer.source)
    for student, notebook in notebooks.items():
        folder = course.submitted / student / homework.name
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{homework.notebook_name}.ipynb")
    results = list(grade_class(course, homework))
    assert len(results) == len(notebooks)
    points = {}
    with course.gradebook() as gradebook:
        for student in notebooks:
            submission = gradebook.find_submission(homework.name, student)
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            points[student] = {
                grade.name: (grade.auto_score or 0.0, grade.max_score) for grade in grades
            }
    authors = {answer: student for student, answers in students.items() for answer in answers}
    return Class(homework, source, course, authors, points)


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
        f"{f}.{name}": [test] for f, names in listed.items() for name, test in names.items()
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

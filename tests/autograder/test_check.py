"""``course check``: what a student learns before handing in."""

import json

import nbformat
import pytest

from autograder.answers import put_answer
from autograder.check import check
from autograder.errors import CourseError
from autograder.release import released_notebook
from autograder.sample import filled

pytestmark = pytest.mark.slow

CHECKS = ["double-one", "double-more", "double-near", "double-close"]


@pytest.fixture
def released(course, toy):
    return nbformat.read(released_notebook(course, toy), as_version=4)


@pytest.fixture
def solved(released, toy):
    return filled(released, toy.notebook())


@pytest.fixture
def check_of(tmp_path):
    """Write a notebook and check the file."""

    def check_of(notebook):
        path = tmp_path / "mine.ipynb"
        nbformat.write(notebook, path)
        return check(path)

    return check_of


def test_right_answers_pass(solved, check_of):
    preview = check_of(solved)
    assert [each.name for each in preview.checks][:4] == CHECKS
    assert (preview.passed, len(preview.checks), preview.warnings) == (7, 7, [])


def test_nothing_is_answered_in_the_notebook_as_released(released, check_of):
    preview = check_of(released)
    assert {each.said for each in preview.checks} == {"not answered yet"}


def test_what_a_check_says_is_shown_and_the_others_are_run(solved, check_of):
    preview = check_of(put_answer(solved, "double", "def double(x):\n    return 3 * x"))
    said = {each.name: each.said for each in preview.checks}
    assert said["double-one"] == "twice 1 is 2"
    assert said["add-two"] == ""


def test_what_is_withheld_is_not_there_though_it_is_installed(solved, check_of):
    import scipy  # noqa: F401 - it is there

    preview = check_of(
        put_answer(solved, "double", "def double(x):\n    import scipy\n    return 2 * x")
    )
    assert preview.checks[0].said == "ModuleNotFoundError: scipy is withheld in this homework"
    (warning,) = preview.warnings
    assert "You import scipy, which this homework withholds" in warning


def test_a_changed_check_is_named(solved, check_of):
    tests = [cell for cell in solved.cells if "assert double(1)" in cell.source]
    tests[0].source = "pass"
    (warning,) = check_of(solved).warnings
    assert warning.startswith("In ")
    assert warning.endswith("not yours to change. It is put back for grading.")


def test_a_dead_kernel_ends_no_check_of_before(solved, check_of):
    preview = check_of(put_answer(solved, "add", "def add(x, y):\n    import os; os._exit(1)"))
    said = [each.said for each in preview.checks]
    assert said == ["", "", "", "", "it was not run", "it was not run", "it was not run"]
    assert "ended the kernel" in preview.warnings[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no such file"),
        ("{", "not a notebook"),
        (
            json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
            "no homework",
        ),
    ],
)
def test_what_cannot_be_checked_is_named(tmp_path, text, reason):
    path = tmp_path / "mine.ipynb"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CourseError, match=rf"mine\.ipynb: {reason}"):
        check(path)

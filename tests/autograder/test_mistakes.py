"""Wrong answers are told of the known mistake that they are, and of no other."""

import nbformat
import pytest

from autograder.answers import put_answer
from autograder.course import init_course
from autograder.feedback import feedback_page, write_feedback
from autograder.grade import grade_class
from autograder.release import release
from autograder.report import make_report
from autograder.sample import filled

pytestmark = pytest.mark.slow

ANSWERS = {
    # A known mistake, but written otherwise.
    "squares": ("double", "def double(x):\n    return x * x"),
    "rounds": ("double", "def double(x):\n    return (x ** 0.5) ** 4"),
    # Wrong in a way that nobody has thought of.
    "adds": ("double", "def double(x):\n    return x + 2"),
    # As a known mistake at first, but not later.
    "wavers": (
        "double",
        "def double(x, seen=[]):\n    seen.append(x)\n    return x**2 if len(seen) < 3 else 7",
    ),
    "stops": ("negate", "def negate(x):\n    raise ValueError('no')"),
    "right": ("double", "def double(x):\n    return x + x"),
    "withheld": ("add", "def add(x, y):\n    import scipy\n    return x - y"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, toy):
    course = init_course(tmp_path_factory.mktemp("class") / "course")
    untouched = nbformat.read(release(course, toy), as_version=4)
    for student, (function, code) in ANSWERS.items():
        notebook = put_answer(filled(untouched, toy.notebook()), function, code)
        folder = course.submitted / student / toy.name
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{toy.notebook_name}.ipynb")
    results = {result.student: result for result in grade_class(course, toy)}
    pages = {
        page.student: feedback_page(course, toy, page.student).read_text(encoding="utf-8")
        for page in write_feedback(course, toy)
    }
    return results, pages


def test_the_same_mistake_written_otherwise_is_told(graded):
    results, pages = graded
    assert results["squares"].mistakes == {"double": ["squares"]}
    assert "You squared x: that is twice x only at 0 and 2." in pages["squares"]
    assert "double: 0 of 3 points. Not yet: double-one, double-more" in pages["squares"]


def test_rounding_makes_no_difference_until_it_does(graded):
    # Roots of negative numbers are complex, and then nothing is alike.
    assert graded[0]["rounds"].mistakes == {}


@pytest.mark.parametrize("student", ["adds", "wavers", "stops", "right"])
def test_what_is_no_known_mistake_is_not_called_one(graded, student):
    results, pages = graded
    assert results[student].mistakes == {}
    assert "does what" not in pages[student]
    assert ("Not yet:" in pages[student]) == (student != "right")


def test_the_report_counts_them(graded):
    report = make_report("hw01", list(graded[0].values()))
    assert report.mistakes == {"double: squares": 1}


def test_who_imports_what_is_withheld_is_told_so(graded):
    assert "You import scipy, which this homework withholds" in graded[1]["withheld"]
    assert "withholds" not in graded[1]["squares"]

"""Data that come with a homework: made at its release, found by students and by tests."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.course import init_course
from autograder.errors import CourseError
from autograder.grade import grade_class
from autograder.homework import find_homework
from autograder.release import release
from autograder.sample import filled
from tests.autograder.scripts import cell

pytestmark = pytest.mark.slow


SCRIPT = f'''
{cell("setup")} course={{"include": "../shared.py"}}

{cell("scale", solution=True)}
def scale(x):
    """Return x, times the first number of the file."""
    ### BEGIN SOLUTION
    return x * int(open("numbers.txt").read().split()[0])
    ### END SOLUTION

{cell("scale-test", grade=True, points=1)}
assert scale(3) == 3 * factor
'''


@pytest.fixture
def homework(tmp_path):
    solutions = tmp_path / "solutions"
    folder = solutions / "hw01-data"
    folder.mkdir(parents=True)
    (solutions / "shared.py").write_text('factor = int(open("numbers.txt").read().split()[0])\n')
    (folder / "hw01-data.py").write_text(SCRIPT)
    (folder / "attachments.py").write_text(
        "def write(folder):\n    (folder / 'numbers.txt').write_text('7 8')\n"
    )
    return find_homework(solutions, "hw01")


def test_they_are_made_for_students_and_tests_and_a_student_cannot_change_them(tmp_path, homework):
    course = init_course(tmp_path / "course")
    released = release(course, homework)
    assert sorted(path.name for path in released.parent.iterdir()) == [
        "hw01-data.ipynb",
        "numbers.txt",
    ]
    assert "factor = int(open" in released.read_text()
    solved = filled(nbformat.read(released, as_version=4), homework.notebook())
    for student, numbers in (("ada", None), ("mallory", "1000")):
        folder = course.submitted / student / "hw01"
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / "hw01-data.ipynb")
        if numbers:
            (folder / "numbers.txt").write_text(numbers)
    assert {result.student: result.score for result in grade_class(course, homework)} == {
        "ada": 1,
        "mallory": 1,
    }
    nbgrader = str(Path(sys.executable).with_name("nbgrader"))
    for student in ("ada", "mallory"):
        plain = [nbgrader, "autograde", "hw01", "--student", student, "--force"]
        done = subprocess.run(plain, cwd=course.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with course.gradebook() as gradebook:
            assert gradebook.find_submission("hw01", student).score == 1


def test_a_file_to_include_that_is_missing_is_named(homework):
    (homework.folder.parent / "shared.py").unlink()
    with pytest.raises(CourseError, match=r"includes \.\./shared\.py, which is not at"):
        homework.notebook()

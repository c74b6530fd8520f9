"""Locked cells that only show a student's work run where that work is, and nowhere else."""

import nbformat
import pytest

from autograder.course import init_course
from autograder.grade import grade_class
from autograder.homework import find_homework
from autograder.release import release
from autograder.sample import Sample, filled, hand_in
from tests.autograder.classes import find_cell
from tests.autograder.scripts import cell

pytestmark = pytest.mark.slow

SCRIPT = f'''
{cell("setup")}
places = ["set up"]

{cell("scale", solution=True)}
def scale(x):
    """Return 3x."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION

{cell("scale-more")}
places.append("both")

{cell("scale-look")} TAGS
places.append("kernel")
print("scaled:", scale(5))

{cell("scale-test", grade=True, points=1)} TAGS
assert places == ["set up", "both"]
assert scale(3) == 9
'''


@pytest.mark.parametrize(("tags", "score"), [('tags=["only-shows"]', 1), ("", 0)])
def test_only_the_kernel_runs_them(tmp_path, tags, score):
    folder = tmp_path / "solutions" / "hw01-look"
    folder.mkdir(parents=True)
    (folder / "hw01-look.py").write_text(SCRIPT.replace("TAGS", tags))
    homework = find_homework(folder.parent, "hw01")
    course = init_course(tmp_path / "course")
    released = nbformat.read(release(course, homework), as_version=4)
    solved = nbformat.writes(filled(released, homework.notebook()))
    hand_in(course, homework, [Sample("ada", "right", 1, 1, solved, "hw01-look.ipynb")])
    (result,) = grade_class(course, homework)
    assert result.score == score, result.reason
    graded = nbformat.read(course.autograded / "ada" / "hw01" / "hw01-look.ipynb", as_version=4)
    assert find_cell(graded, "scale-look").outputs[0].text == "scaled: 15\n"

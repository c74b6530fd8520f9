"""Test cells as statements: which are hidden, what is their value, how they travel."""

import pytest

from autograder.assignment import gather
from autograder.errors import CourseError
from autograder.statements import compiled, packed, unpacked


def test_statements_between_the_marks_are_hidden():
    code = (
        "a = 1\n### BEGIN HIDDEN TESTS\nb = 2\ndef f():\n    return 1\n### END HIDDEN TESTS\n"
        "c = 3\n### BEGIN HIDDEN TESTS\nassert b\n### END HIDDEN TESTS"
    )
    assert [statement.hidden for statement in compiled("a", code)] == [
        False,
        True,
        True,
        False,
        True,
    ]


def test_the_last_expression_is_the_value_of_a_cell():
    for code, value in (("x = 1\nx + 1", 2), ("x = 1", None), ("1; x = 2", None)):
        namespace = {}
        values = [eval(statement.code, namespace) for statement in compiled("a", code)]
        assert values[-1] == value


def test_a_compiled_cell_travels_and_is_compiled_anew_for_another_python():
    data = packed(compiled("a", "y = 6\ny * 7"))
    for received in (data, b"3.9" + data):
        namespace = {}
        (_, last) = unpacked(received, "a", "y = 6\ny * 8" if received != data else "")
        namespace["y"] = 6
        assert eval(last.code, namespace) == (42 if received == data else 48)


def test_an_instructors_locked_cell_of_magic_is_named(course, toy):
    with course.gradebook() as gradebook:
        cells = gradebook.find_notebook(toy.notebook_name, toy.name).source_cells
        next(cell for cell in cells if cell.name == "double-one").source = "%matplotlib inline"
        gradebook.db.commit()
    with pytest.raises(CourseError, match=r"cell double-one: .*without magics"):
        gather(course, toy)

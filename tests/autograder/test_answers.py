import pytest

from autograder.answers import put_answer, read_answers
from autograder.errors import CourseError


def test_an_answer_is_renamed_to_its_question_and_told_in_one_sentence(toy):
    answer = read_answers(toy.misconceptions)[0]
    assert answer.function == "double"
    assert answer.name == "squares"
    assert answer.sentence == "You squared x: that is twice x only at 0 and 2."
    assert answer.source == "def double(x):\n    return x**2"


def test_put_answer_changes_that_function_in_a_copy_only(toy):
    notebook = toy.notebook()
    before = [cell.source for cell in notebook.cells]
    changed = put_answer(notebook, "double", "def double(x):\n    return x**2")
    assert [cell.source for cell in notebook.cells] == before
    differing = [c.source for c, old in zip(changed.cells, before, strict=True) if c.source != old]
    assert differing == ["def double(x):\n    return x**2"]


def test_put_answer_names_a_function_that_nobody_asked_for(toy):
    with pytest.raises(CourseError, match="triple: no solution cell"):
        put_answer(toy.notebook(), "triple", "def triple(x): pass")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class f:\n    def g(x):\n        return x\n", "line 2: g has no docstring"),
        ("class f(:\n", "line 1"),
    ],
)
def test_a_bad_answer_file_is_named_with_its_line(tmp_path, text, message):
    path = tmp_path / "misconceptions.py"
    path.write_text(text)
    with pytest.raises(CourseError, match=message) as caught:
        read_answers(path)
    assert str(path) in str(caught.value)

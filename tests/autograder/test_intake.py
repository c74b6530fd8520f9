import copy
import json
import os

import nbformat
import pytest

from autograder.course import init_course
from autograder.handed_in import MAX_BYTES, find_attachments, pack
from autograder.intake import take_in
from autograder.release import release
from tests.autograder.classes import find_cell


@pytest.fixture(scope="module")
def released(tmp_path_factory, toy):
    """The toy homework as students get it; nothing here changes it."""
    course = init_course(tmp_path_factory.mktemp("released") / "course")
    return release(course, toy)


@pytest.fixture
def notebook(released):
    return nbformat.read(released, as_version=4)


def hand_in(folder, content, name="hw01-toy.ipynb"):
    folder.mkdir(exist_ok=True)
    data = content if isinstance(content, bytes) else nbformat.writes(content).encode()
    (folder / name).write_bytes(data)
    return folder


def taken(folder, released):
    """Take in what lies in a folder, as a grader does."""
    return take_in(pack(folder, released.name), nbformat.read(released, as_version=4))


def test_an_ordinary_submission_is_left_as_it_is(tmp_path, released, notebook):
    find_cell(notebook, "double").source = "def double(x):\n    return x + x"
    intake = taken(hand_in(tmp_path / "s", notebook), released)
    assert intake.notes == []
    assert intake.refusal is None
    assert intake.notebook == notebook


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not valid JSON, line 1, column 1"),
        (b'{"cells": [\n  {"cell_type"', "not valid JSON, line 2"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[]", "not a Jupyter notebook"),
        (b"{}", "not a Jupyter notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}', "not a Jupyter"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (MAX_BYTES + 1), "the limit is 20 MB"),
    ],
)
def test_what_is_not_a_notebook_is_refused_with_its_name_and_what_is_wrong(
    tmp_path, released, content, reason
):
    intake = taken(hand_in(tmp_path / "s", content), released)
    assert intake.refusal is not None
    assert "hw01-toy.ipynb" in intake.refusal
    assert reason in intake.refusal
    assert intake.refusal.split(":")[0] in intake.notebook.cells[0].source


def test_no_notebook_and_several_of_other_names_are_refused(tmp_path, released, notebook):
    folder = tmp_path / "s"
    folder.mkdir()
    assert "found: no notebook" in taken(folder, released).refusal
    hand_in(folder, notebook, "a.ipynb")
    hand_in(folder, notebook, "b.ipynb")
    assert "found: a.ipynb, b.ipynb" in taken(folder, released).refusal


def test_the_only_notebook_is_taken_under_another_name(tmp_path, released, notebook):
    intake = taken(hand_in(tmp_path / "s", notebook, "final(2).ipynb"), released)
    assert intake.refusal is None
    assert "final(2).ipynb was taken for hw01-toy.ipynb" in intake.notes[0]


@pytest.mark.parametrize("gone", [["double-one"], ["double", "double-one", "double-more"], "all"])
def test_deleted_cells_come_back_in_order(tmp_path, released, notebook, gone):
    marked = [c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata]
    lost = marked if gone == "all" else gone
    kept = copy.deepcopy(notebook)
    kept.cells = [
        c for c in kept.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in lost
    ]
    intake = taken(hand_in(tmp_path / "s", kept), released)
    order = [
        c.metadata.nbgrader.grade_id for c in intake.notebook.cells if "nbgrader" in c.metadata
    ]
    assert order == marked
    assert intake.notes[0].startswith(f"{len(lost)} deleted cells were put back")


def test_a_test_cell_cannot_be_rewritten_unlocked_or_turned_into_text(tmp_path, released, notebook):
    changed = copy.deepcopy(notebook)
    test = find_cell(changed, "double-one")
    test.source = "import os; os.listdir('/')"
    test.metadata.nbgrader.update(solution=True, locked=False, points=1000)
    text = find_cell(changed, "add-two")
    text.cell_type = "markdown"
    del text["outputs"], text["execution_count"]
    intake = taken(hand_in(tmp_path / "s", changed), released)
    for grade_id in ("double-one", "add-two"):
        mended, original = find_cell(intake.notebook, grade_id), find_cell(notebook, grade_id)
        assert mended.source == original.source
        assert mended.cell_type == original.cell_type
        assert mended.metadata.nbgrader == original.metadata.nbgrader
    assert intake.notes == [
        "2 cells differed from the release and were set back: double-one, add-two."
    ]


@pytest.mark.parametrize("marks", [[], "x", 3, {"grade_id": ["double-one"]}, {"grade_id": None}])
def test_marks_of_any_shape_are_survived(tmp_path, released, notebook, marks):
    changed = json.loads(nbformat.writes(notebook))
    changed["cells"][0]["metadata"]["nbgrader"] = marks
    intake = taken(hand_in(tmp_path / "s", json.dumps(changed).encode()), released)
    assert intake.refusal is None


def test_names_from_a_submission_cannot_become_markup(tmp_path, released, notebook):
    name = "<img src=x onerror=alert(1)>.ipynb"
    intake = taken(hand_in(tmp_path / "s", notebook, name), released)
    assert "<img" not in intake.notebook.cells[0].source


def test_tests_cannot_be_skipped_by_a_tag(tmp_path, released, notebook):
    changed = copy.deepcopy(notebook)
    for one in changed.cells:
        one.metadata["tags"] = ["skip-execution"]
    intake = taken(hand_in(tmp_path / "s", changed), released)
    marked = [c for c in intake.notebook.cells if "nbgrader" in c.metadata]
    assert marked
    assert all("tags" not in c.metadata for c in marked)


def test_a_copied_cell_counts_as_an_ordinary_one(tmp_path, released, notebook):
    changed = copy.deepcopy(notebook)
    again = copy.deepcopy(find_cell(changed, "add"))
    again.source, again.id = "a second thought", "again"
    changed.cells.append(again)
    changed.cells.append(nbformat.v4.new_code_cell("1", metadata={"nbgrader": {"grade": True}}))
    intake = taken(hand_in(tmp_path / "s", changed), released)
    assert find_cell(intake.notebook, "add").source == find_cell(notebook, "add").source
    assert all("nbgrader" not in c.metadata for c in intake.notebook.cells[-2:])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace('"cells": [', '"cells": [\n', 1),
        lambda text: text.replace("A toy homework", "A \\ud800 homework"),
        lambda text: text.replace('"id": "', '"id": "odd id! '),
    ],
    ids=["byte order mark", "white space", "half a character", "odd cell ids"],
)
def test_a_readable_file_is_read(tmp_path, released, notebook, spoil):
    text = spoil(nbformat.writes(notebook))
    intake = taken(hand_in(tmp_path / "s", text.encode()), released)
    assert intake.refusal is None
    nbformat.writes(intake.notebook).encode()


def test_a_notebook_of_an_older_format_is_read(tmp_path, released, notebook):
    find_cell(notebook, "double").source = "def double(x):\n    return x + x"
    old = nbformat.v3.downgrade(copy.deepcopy(notebook))
    intake = taken(hand_in(tmp_path / "s", json.dumps(old).encode()), released)
    assert intake.refusal is None
    assert find_cell(intake.notebook, "double").source == "def double(x):\n    return x + x"
    marks = [c.metadata.nbgrader for c in intake.notebook.cells if "nbgrader" in c.metadata]
    assert marks == [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]


def test_a_kernel_of_another_kind_is_not_asked_for(tmp_path, released, notebook):
    original = copy.deepcopy(notebook.metadata)
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    intake = taken(hand_in(tmp_path / "s", notebook), released)
    assert intake.refusal is None
    assert intake.notebook.metadata == original


def test_an_answer_that_was_split_in_two_keeps_both_halves(tmp_path, released, notebook):
    answer = find_cell(notebook, "double")
    answer.source = "def double(x):"
    at = notebook.cells.index(answer) + 1
    rest = nbformat.v4.new_code_cell("    return 2 * x", metadata=copy.deepcopy(answer.metadata))
    notebook.cells.insert(at, rest)
    intake = taken(hand_in(tmp_path / "s", notebook), released)
    halves = intake.notebook.cells[at - 1 : at + 1]
    assert [half.source for half in halves] == [answer.source, rest.source]
    assert "nbgrader" not in intake.notebook.cells[at].metadata


def test_only_ordinary_files_come_along(tmp_path, released, notebook):
    folder = hand_in(tmp_path / "s", notebook)
    secret = tmp_path / "secret.txt"
    secret.write_text("of somebody else")
    (folder / "data").mkdir()
    (folder / "data" / "table.csv").write_text("1,2")
    (folder / "link.txt").symlink_to(secret)
    (folder / "broken").symlink_to("nowhere")
    (folder / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "timestamp.txt").write_text("yesterday, I think")
    handed_in = pack(folder, "hw01-toy.ipynb")
    assert handed_in.attachments == {"data/table.csv": b"1,2"}
    assert len(handed_in.notes) == 5


@pytest.mark.parametrize("kind", ["file", "broken link"])
def test_a_submission_that_is_no_folder_is_refused(tmp_path, released, kind):
    place = tmp_path / "hw01"
    place.write_text("my work") if kind == "file" else place.symlink_to("nowhere")
    assert "not a folder" in taken(place, released).refusal


def test_a_link_to_another_students_notebook_is_not_ones_own(tmp_path, released, notebook):
    hand_in(tmp_path / "other", notebook)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "hw01-toy.ipynb").symlink_to(tmp_path / "other" / "hw01-toy.ipynb")
    assert "no such file was handed in" in taken(mine, released).refusal


@pytest.mark.parametrize(
    "name",
    ["numpy.py", "json.py", "sitecustomize.py", "nbgrader/__init__.py", "torch.abi3.so"],
)
def test_a_file_that_would_stand_in_for_a_module_is_left_out(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("print('mine')")
    (tmp_path / "helpers.py").write_text("x = 1")
    (tmp_path / "json.txt").write_text("data")
    kept, notes = find_attachments(tmp_path)
    assert [str(path) for path in kept] == ["helpers.py", "json.txt"]
    assert len(notes) == 1
    assert "would stand in for the module" in notes[0]


def test_files_without_number_or_measure_are_left_out(tmp_path):
    for number in range(230):
        (tmp_path / f"f{number:03}").write_text("x")
    kept, notes = find_attachments(tmp_path)
    assert len(kept) == 200
    assert len(notes) == 20
    assert "f200 was left out: more than 200 files came along." in notes


def test_files_too_large_together_are_left_out(tmp_path):
    for name in ("a", "b"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(30_000_000)
    kept, notes = find_attachments(tmp_path)
    assert [str(path) for path in kept] == ["a"]
    assert notes == ["b was left out: the files together hold more than 50 MB."]

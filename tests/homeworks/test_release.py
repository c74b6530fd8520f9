"""What students get holds nothing that they must not see, and can be worked on as it is."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.validator import Validator

from autograder.answers import read_answers
from autograder.course import init_course
from autograder.homework import Homework, questions
from autograder.release import release, write_attachments
from autograder.sample import filled
from autograder.sockets import unix_sockets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def released(homework: Homework, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The released notebook, made by nbgrader."""
    return release(init_course(tmp_path_factory.mktemp("release") / "course"), homework)


@pytest.fixture(scope="module")
def notebook(released: Path) -> NotebookNode:
    return nbformat.read(released, as_version=4)


def hidden_lines(source: NotebookNode) -> set[str]:
    """Lines of solutions, hidden checks and rubrics that stand nowhere else in the source."""
    secret: set[str] = set()
    public: set[str] = set()
    for cell in source.cells:
        hiding = False
        for line in cell.source.splitlines():
            hiding = hiding or "BEGIN " in line
            (secret if hiding else public).add(line.strip())
            hiding = hiding and "END " not in line
    return {line for line in secret - public if len(line) > 12}


def test_nothing_hidden_is_released(
    released: Path, notebook: NotebookNode, source: NotebookNode
) -> None:
    secret = hidden_lines(source)
    assert len(secret) > 100
    lines = {line.strip() for cell in notebook.cells for line in cell.source.splitlines()}
    assert lines & secret == set()
    for path in released.parent.rglob("*"):
        data = path.read_bytes()
        for word in (
            "BEGIN SOLUTION",
            "HIDDEN TESTS",
            "MARK SCHEME",
            "reference_",
            str(Path.cwd()),
        ):
            assert word.encode() not in data, path.name


def test_what_comes_along_is_data(released: Path, notebook: NotebookNode) -> None:
    beside = {path.name for path in released.parent.rglob("*")} - {released.name}
    assert {Path(name).suffix for name in beside} <= {".npz", ".txt"}
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert all(f'"{name}"' in code for name in beside)


def test_no_misconception_is_released(released: Path, homework: Homework) -> None:
    cells = json.loads(released.read_text(encoding="utf-8"))["cells"]
    text = " ".join(" ".join("".join(cell["source"]).split()) for cell in cells)
    for answer in read_answers(homework.misconceptions):
        assert answer.sentence not in text
        assert "_" not in answer.name or answer.name not in text


def test_metadata_name_no_place_and_nobody(notebook: NotebookNode) -> None:
    text = json.dumps([notebook.metadata, *(cell.metadata for cell in notebook.cells)])
    assert "/" not in text
    assert notebook.metadata.kernelspec.name == "python3"


def test_every_function_waits_to_be_written(notebook: NotebookNode, source: NotebookNode) -> None:
    stubs = [cell.source for cell in notebook.cells if "raise NotImplementedError" in cell.source]
    assert len(stubs) == len(questions(source))
    for stub, question in zip(stubs, questions(source), strict=True):
        assert stub.startswith(f"def {question.functions[0]}(")
        assert "# YOUR CODE HERE" in stub


def test_code_cells_are_tidy(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.source == cell.source.strip(), cell.source
            assert cell.outputs == []


@pytest.mark.parametrize("done", [True, False])
def test_nbgrader_validate_tells_done_from_undone(
    homework: Homework, notebook: NotebookNode, source: NotebookNode, tmp_path: Path, done: bool
) -> None:
    """What a student sees who presses Validate in JupyterLab, or runs ``nbgrader validate``."""
    write_attachments(homework, tmp_path)
    path = tmp_path / "mine.ipynb"
    nbformat.write(filled(notebook, source) if done else notebook, path)
    with unix_sockets() as config:
        report = Validator(config=config).validate(str(path))
    assert "changed" not in report
    failed = [cell["source"].splitlines()[0] for cell in report.get("failed", [])]
    if done:
        assert failed == []
    else:
        checks = sum("with public_check(" in cell.source for cell in notebook.cells)
        assert sum("public_check" in cell["source"] for cell in report["failed"]) >= checks

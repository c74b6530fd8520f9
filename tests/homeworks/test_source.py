"""What the source of every homework must be like, so that it can be graded fairly."""

from __future__ import annotations

import ast
import builtins
import io
import re
import symtable
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from autograder.answers import read_answers
from autograder.homework import Homework, built_on, questions

CHAPTERS = Path(__file__).parents[2] / "chapters"
HIDDEN = re.compile(
    r"^### BEGIN HIDDEN TESTS\n(.*?)^### END HIDDEN TESTS$", re.DOTALL | re.MULTILINE
)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)


def marks(cell: NotebookNode) -> NotebookNode:
    return cell.metadata.get("nbgrader", {})


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The graded cells that earn points."""
    return [cell for cell in code_cells(notebook) if marks(cell).get("points", 0) > 0]


test_cells.__test__ = False  # type: ignore[attr-defined]


def names_used(source: str) -> set[str]:
    """Every global name that a cell reads, in nested functions too."""

    def walk(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
                yield symbol.get_name()
        for child in table.get_children():
            yield from walk(child)

    return set(walk(symtable.symtable(source, "cell", "exec")))


def names_bound(source: str) -> set[str]:
    table = symtable.symtable(source, "cell", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def test_nbgrader_accepts_the_metadata(source: NotebookNode) -> None:
    MetadataValidator().validate_nb(source)
    assert all(marks(cell)["schema_version"] == 3 for cell in source.cells if marks(cell))


def test_metadata_survive_jupytext(source: NotebookNode) -> None:
    text = jupytext.writes(source, fmt="py:percent")
    again = jupytext.read(io.StringIO(text), fmt="py:percent")
    assert [dict(marks(cell)) for cell in again.cells] == [
        dict(marks(cell)) for cell in source.cells
    ]
    assert [cell.source for cell in again.cells] == [cell.source for cell in source.cells]


def test_six_to_ten_coded_questions_of_one_function_each(source: NotebookNode) -> None:
    coded = questions(source)
    assert 6 <= len(coded) <= 10
    assert all(len(question.functions) == 1 for question in coded), coded


def test_a_written_question_with_a_rubric(source: NotebookNode) -> None:
    tasks = [cell for cell in source.cells if marks(cell).get("task")]
    assert tasks
    for cell in tasks:
        rubric = re.search(
            r"=== BEGIN MARK SCHEME ===(.*)=== END MARK SCHEME ===", cell.source, re.S
        )
        assert rubric, f"{marks(cell).grade_id}: no mark scheme"
        awarded = [int(points) for points in re.findall(r"^- (\d+):", rubric[1], re.M)]
        assert sum(awarded) == marks(cell).points, f"the rubric hands out {sum(awarded)} points"


@pytest.mark.parametrize(("kind", "least"), [("misconceptions", 8), ("variants", 3)])
def test_enough_answers(homework: Homework, source: NotebookNode, kind: str, least: int) -> None:
    given = [answer.function for answer in read_answers(getattr(homework, kind))]
    asked = [question.functions[0] for question in questions(source)]
    assert set(given) == set(asked)
    assert {
        function: given.count(function) for function in asked if given.count(function) < least
    } == {}


def test_sentences_are_sentences(homework: Homework) -> None:
    answers = read_answers(homework.misconceptions)
    assert len({(answer.function, answer.name) for answer in answers}) == len(answers)
    for answer in answers:
        assert re.search(r"\b[Yy]ours?\b|\b[Yy]ou\b", answer.sentence), f"{answer.name}: to whom?"
        assert answer.sentence.endswith("."), answer.name
        assert 60 <= len(answer.sentence) <= 300, (
            f"{answer.name}: {len(answer.sentence)} characters"
        )


def test_the_solution_cells_hide_all_but_signature_and_docstring(source: NotebookNode) -> None:
    for cell in code_cells(source):
        if marks(cell).get("solution"):
            (left,) = ast.parse(SOLUTION.sub("", cell.source)).body
            assert isinstance(left, ast.FunctionDef)
            assert ast.get_docstring(left)
            assert len(left.body) == 1, f"{left.name}: students would see part of the solution"


def test_each_test_cell_has_a_public_and_a_hidden_part(source: NotebookNode) -> None:
    for cell in test_cells(source):
        assert marks(cell).locked
        assert any(
            "assert" in hidden or "compare(" in hidden or "same_" in hidden
            for hidden in HIDDEN.findall(cell.source)
        ), marks(cell).grade_id
        assert HIDDEN.sub("", cell.source).count("with public_check(") == 1, marks(cell).grade_id


def test_points_in_the_text_are_points_in_the_metadata(source: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    coded = {question.functions[0]: question.points for question in questions(source)}
    written = sum(marks(cell).points for cell in source.cells if marks(cell).get("task"))

    table = re.findall(r"^\| [\d.]+ \| (.+?) \| (\d+) \|$", text, re.MULTILINE)
    listed = {what.strip("`"): float(points) for what, points in table if what.startswith("`")}
    assert listed == coded
    assert sum(float(points) for what, points in table if not what.startswith("`")) == written

    headings = re.findall(r"^## [\d.]+ .*\((\d+) points\)$", text, re.MULTILINE)
    assert [float(points) for points in headings] == [*coded.values(), written]
    assert f"({sum(coded.values()) + written:g} in all; about" in text


def test_points_of_each_property_are_told(source: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    told = re.findall(r"^\*Points\.\* (.+)\.$", text, re.MULTILINE)
    given: dict[str, list[str]] = {}
    for cell in test_cells(source):
        number, name = re.findall(r"with public_check\(\"([\d.]+) (.+)\"\)", cell.source)[0]
        given.setdefault(number, []).append(f"{name} {marks(cell).points:g}")
    assert told == [", ".join(properties) for properties in given.values()]


def test_sections_of_the_book_exist(source: NotebookNode) -> None:
    text = " ".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    named = re.findall(r"\(Chapter (\d+), (\*[^)]+\*)\)", " ".join(text.split()))
    title = re.search(r"Homework \d+", text)[0]
    book = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS.glob("[0-9]*.md"))
    assert named or title not in book, f"the book points to {title}, which never points back"
    for number, titles in named:
        (chapter,) = CHAPTERS.glob(f"{int(number):02d}-*.md")
        headings = re.findall(r"^#+ (.+)$", chapter.read_text(encoding="utf-8"), re.MULTILINE)
        missing = set(re.findall(r"\*([^*]+)\*", titles)) - {" and ", *headings}
        assert missing == set(), f"{chapter.name} has no section {missing}"


def test_the_last_cell_knows_how_many_public_checks_there_are(source: NotebookNode) -> None:
    code = "\n".join(cell.source for cell in code_cells(source))
    names = re.findall(r"^with public_check\(\"(.+)\"\):", code, re.MULTILINE)
    last = code_cells(source)[-1]
    assert marks(last).points == 0, "the last cell only reports"
    assert len(set(names)) == len(names)
    assert set(re.findall(r"\b\d\d\b", last.source)) == {str(len(names))}


def test_questions_stand_alone(source: NotebookNode) -> None:
    """An error in one function must not cost points in another question."""
    functions = {question.functions[0] for question in questions(source)}
    uses = {
        marks(cell).grade_id: names_used(cell.source) & functions for cell in test_cells(source)
    }
    for question in questions(source):
        for grade_id in question.tests:
            assert uses.get(grade_id, set()) <= set(question.functions), grade_id


def test_the_text_says_which_questions_build_on_others(source: NotebookNode) -> None:
    """Nobody should be surprised that an error in one function costs points in another."""
    told = [
        cell.source
        for cell in source.cells
        if cell.cell_type == "markdown" and "*Builds on.*" in cell.source
    ]
    needs = {name: needed for name, needed in built_on(source).items() if needed}
    assert len(told) == len(needs)
    for text, (name, needed) in zip(told, needs.items(), strict=True):
        line = text.split("*Builds on.*")[1].split("\n\n")[0]
        assert set(re.findall(r"`(\w+)`", line)) == needed, name


def test_names_in_test_cells_resolve_without_the_students_cells(source: NotebookNode) -> None:
    """A grader that runs tests outside the student's process has these names and no others."""
    known = set(dir(builtins)) | {question.functions[0] for question in questions(source)}
    for cell in code_cells(source):
        if marks(cell).get("locked"):
            unknown = names_used(cell.source) - known - names_bound(cell.source)
            assert unknown == set(), f"{marks(cell).grade_id}: {unknown}"
            known |= names_bound(cell.source)


def test_test_cells_are_plain_python(source: NotebookNode) -> None:
    for cell in test_cells(source):
        name = marks(cell).grade_id
        tree = ast.parse(cell.source)  # a magic is a syntax error
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.Import, ast.ImportFrom}, f"{name}: import in the set-up cell"
        last = ast.unparse(tree.body[-1])
        # What compares returns nothing; any other value at the end would be taken for the score.
        fine = last.startswith(("compare(", "same_"))
        assert fine or not isinstance(tree.body[-1], ast.Expr), f"{name}: a value at the end"
        globals_of_random = re.findall(r"np\.random\.(?!default_rng|Generator)\w+", cell.source)
        assert globals_of_random == [], f"{name}: draw from an explicit generator"

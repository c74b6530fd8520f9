"""Every chapter is a notebook, too: right by itself, readable anywhere, with no solution in it."""

import re
import sys
from types import SimpleNamespace

import nbformat
import pytest

from .pages import CHAPTERS, LESSONS, code_cells, notebook, text

ROOT = CHAPTERS.parent
HTML = ROOT / "_build" / "html"
every_lesson = pytest.mark.parametrize("page", LESSONS)


def downloaded(page):
    path = HTML / "_sources" / "notebooks" / f"{page}.ipynb"
    if not path.exists():
        pytest.fail(f"{path.name} is not built: run `make book` first")
    return nbformat.read(path, as_version=4)


def words(nb):
    return "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")


@pytest.mark.slow
@every_lesson
def test_it_has_the_cells_up_to_the_exercises_and_no_output(page):
    nb = downloaded(page)
    nbformat.validate(nb)
    found = [cell.source for cell in code_cells(nb)]
    whole = [cell.source for cell in code_cells(notebook(page))]
    solutions = re.findall(r"\{solution-start\}.*?\{solution-end\}", text(page), re.S)
    solving = sum(solution.count("{code-cell}") for solution in solutions)
    assert solving > 0
    assert found == whole[: len(whole) - solving]
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(nb))


@pytest.mark.slow
@every_lesson
def test_its_words_can_be_read_without_the_book(page):
    role, box, target = r"(?<!`)\{[a-z:-]+\}`", r"^[:`]{3,}(?:\{|$)", r"^\([a-z0-9-]+\)="
    label = r"^\$\$ \(|\((?:eq|fig|ex)-"
    left = re.findall(f"{role}|{box}|{target}|{label}", words(downloaded(page)), flags=re.M)
    assert left == []


@pytest.mark.slow
@every_lesson
def test_it_has_the_chapters_numbers_exercises_and_captions(page):
    prose, chapter = words(downloaded(page)), int(page[:2])
    titles = re.findall(r"^```\{exercise\} (\S.*)$", text(page), flags=re.M)
    asked = [f"### Exercise {chapter}.{k}: {title}" for k, title in enumerate(titles, 1)]
    assert re.findall(r"^### Exercise .+$", prose, flags=re.M) == asked
    tags = re.findall(r"\\tag\{([\d.]+)\}", prose)
    assert tags == [f"{chapter}.{k}" for k in range(1, len(tags) + 1)]
    captions = [
        cell.metadata.get("mystnb", {}).get("figure") for cell in code_cells(notebook(page))
    ]
    captions = [figure for figure in captions if figure]
    assert len(re.findall(rf"^\*\*Fig\. {chapter}\.\d+\*\* ", prose, flags=re.M)) == len(captions)


@pytest.mark.slow
@every_lesson
def test_the_chapters_page_leads_to_it(page):
    html = (HTML / "chapters" / f"{page}.html").read_text(encoding="utf-8")
    assert re.search(rf'href="\.\./_sources/notebooks/{page}\.ipynb"', html)


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "extensions")
    import notebooks

    yield notebooks
    sys.modules.pop("notebooks")


def buttons(extension, repository, page="chapters/06-convolution"):
    where = {"repository": repository, "branch": "notebooks"}
    app = SimpleNamespace(config=SimpleNamespace(course_launch=where))
    context = {"header_buttons": []}
    extension.launch(app, page, "", context, None)
    return [button["url"] for group in context["header_buttons"] for button in group["buttons"]]


def test_binder_and_colab_open_it_once_its_repository_is_named(extension):
    assert buttons(extension, "someone/course") == [
        "https://mybinder.org/v2/gh/someone/course/notebooks?labpath=06-convolution.ipynb",
        "https://colab.research.google.com/github/someone/course/blob/notebooks/06-convolution.ipynb",
    ]
    assert buttons(extension, "") == []
    assert buttons(extension, "someone/course", page="chapters/errata") == []

"""The book's pages as the tests see them: cells, headings, labels, executed outputs."""

import re
from functools import cache
from pathlib import Path

import jupytext
from jupyter_cache import get_cache
from myst_nb.core.read import read_myst_markdown_notebook
from nbclient import NotebookClient
from nbformat import NotebookNode

CHAPTERS = Path(__file__).parents[2] / "chapters"
PAGES = sorted(path.stem for path in CHAPTERS.glob("*.md"))
LESSONS = [page for page in PAGES if re.match(r"\d\d-", page)]
REFERENCES = CHAPTERS / "references.bib"


@cache
def text(page: str) -> str:
    return (CHAPTERS / f"{page}.md").read_text(encoding="utf-8")


@cache
def notebook(page: str) -> NotebookNode:
    return jupytext.reads(text(page), fmt="md:myst")


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def prose(page: str) -> str:
    return "\n\n".join(cell.source for cell in notebook(page).cells if cell.cell_type == "markdown")


def headings(page: str) -> list[tuple[int, str]]:
    found = re.findall(r"^(#{1,6}) (.+)$", prose(page), flags=re.M)
    return [(len(marks), title) for marks, title in found]


def section(page: str, title: str) -> str:
    """Return the prose under a heading of level 2, up to the next one."""
    _, _, rest = prose(page).partition(f"\n## {title}\n")
    return re.split(r"^## ", rest, maxsplit=1, flags=re.M)[0]


def image_options(cell: NotebookNode) -> dict[str, str]:
    return cell.metadata.get("mystnb", {}).get("image", {})


def makes_a_figure(cell: NotebookNode) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


@cache
def executed(page: str) -> NotebookNode:
    """Return a page with the outputs that its cells had when the book was built."""
    if not code_cells(notebook(page)):
        return notebook(page)
    cache = get_cache(CHAPTERS.parent / "_build" / ".jupyter_cache")
    try:
        return cache.merge_match_into_notebook(read_myst_markdown_notebook(text(page)))[1]
    except KeyError as error:
        raise LookupError(f"{page} is not in the book as it is now: run `make book`") from error


def executed_again(page: str) -> NotebookNode:
    """Run a page from top to bottom in a new kernel; the first error of a cell is raised."""
    nb = jupytext.reads(text(page), fmt="md:myst")
    resources = {"metadata": {"path": str(CHAPTERS)}}
    NotebookClient(nb, timeout=60, kernel_name="python3", resources=resources).execute()
    return nb


def printed(cell: NotebookNode) -> str:
    return "".join(out.text for out in cell.outputs if out.get("name") == "stdout")

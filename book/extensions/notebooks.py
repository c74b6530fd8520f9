"""Each chapter as a notebook to work in: what the page says, its cells to run, but no solution.

They are written beside the pages' sources, where the button of each page finds them. What only
Sphinx can show (numbers of equations, citations, boxes) is written out in plain Markdown.
``course_launch`` in ``_config.yml`` says from which repository Binder and Colab can open them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from bibliography import author_and_year
from course_chapters import chapter_of, is_built
from docutils.nodes import make_id
from myst_nb.core.read import read_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FOLDER = "notebooks"
SOLUTION = re.compile(r"^`{3,}\{solution-(start|end)\}.*?^`{3,}$\n?", re.M | re.S)
BOX = re.compile(
    r"^(?P<fence>:{3,}|`{3,})\{(?P<kind>[a-z-]+)\} ?(?P<title>.*)\n"
    r"(?P<options>(?::[a-z-]+:.*\n)*)(?P<text>(?s:.*?))^(?P=fence)$",
    re.M,
)
EQUATION = re.compile(r"^\$\$ \((?P<label>eq-[a-z0-9-]+)\)$", re.M)
ROLE = re.compile(
    r"(?<!`)\{(?P<role>[a-z:]+)\}`(?:(?P<text>[^`<]+?) ?<(?P<to>[^`>]+)>|(?P<label>[^`<]+))`"
)
TARGET = re.compile(r"^\([a-z0-9-]+\)=\n", re.M)


def written_out(env: BuildEnvironment, text: str) -> str:
    """Write what is particular to MyST in plain Markdown."""
    text = TARGET.sub("", text)
    text = EQUATION.sub(lambda found: rf"\tag{{{number(env, found['label'])}}}" + "\n$$", text)
    text = ROLE.sub(partial(plain_role, env), text)
    return BOX.sub(partial(plain_box, env), text)


def plain_role(env: BuildEnvironment, found: re.Match[str]) -> str:
    """Write a reference as what a reader sees of it."""
    label = found["to"] or found["label"]
    match found["role"]:
        case "eq":
            return f"({number(env, label)})"
        case "numref":
            return f"Fig. {number(env, label)}"
        case "cite" | "cite:t":
            works = "; ".join(author_and_year(key) for key in label.split(","))
            return works if found["role"] == "cite:t" else f"({works})"
        case "ref":
            return plain_reference(env, label, found["text"])
        case _:
            return f"`{found['text'] or label}`"


def plain_reference(env: BuildEnvironment, label: str, text: str | None) -> str:
    """Lead to another chapter's notebook; name anything else."""
    if label.startswith("ex-"):
        return text or f"Exercise {number(env, label)}"
    page, _, title = env.domains["std"].data["labels"].get(label, ("", "", label))
    chapter = chapter_of(page)
    title = text or title
    return f"[{title}]({chapter.name}.ipynb)" if chapter else f"*{title}*"


def plain_box(env: BuildEnvironment, found: re.Match[str]) -> str:
    """Write a box as a quotation, and an exercise as a section."""
    label = re.search(r"^:label: (\S+)$", found["options"], re.M)
    if found["kind"] == "exercise" and label:
        return (
            f"### Exercise {number(env, label[1])}: {found['title']}\n\n{found['text'].strip()}\n"
        )
    if found["kind"] == "table":
        return f"{found['text'].strip()}\n\n*{found['title']}*\n"
    lines = [f"**{found['title']}**", "", *found["text"].strip().splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def number(env: BuildEnvironment, label: str) -> str:
    """Return the number of an equation, figure, table or exercise, such as 6.3."""
    for numbers in env.toc_fignumbers.values():
        for kind, found in numbers.items():
            place = make_id(f"equation-{label}") if kind == "displaymath" else label
            if place in found:
                return ".".join(map(str, found[place]))
    raise ValueError(f"{label}: expected the label of an equation, a figure or an exercise")


def without_solutions(cells: list[Any]) -> Iterator[Any]:
    """Yield the cells, less those between the marks of a solution."""
    solving = False
    for cell in cells:
        if cell.cell_type != "markdown":
            if not solving:
                yield cell
            continue
        kept, at = [], 0
        for mark in SOLUTION.finditer(cell.source):
            if not solving:
                kept.append(cell.source[at : mark.start()])
            solving, at = mark[1] == "start", mark.end()
        if not solving:
            kept.append(cell.source[at:])
        cell.source = "".join(kept).strip()
        if cell.source:
            yield cell


def with_captions(cells: Iterator[Any]) -> Iterator[Any]:
    """Yield the cells, and what is written below a figure after the cell that draws it."""
    for cell in cells:
        yield cell
        figure = cell.metadata.get("mystnb", {}).get("figure")
        if figure:
            name = f"**{{numref}}`{figure['name']}`** "
            yield nbformat.v4.new_markdown_cell(name + figure["caption"].strip())


def to_notebook(env: BuildEnvironment, page: str) -> Any:
    """Turn a chapter into a notebook."""
    source = Path(env.doc2path(page)).read_text(encoding="utf-8")
    notebook = read_myst_markdown_notebook(source)
    notebook.cells = list(with_captions(without_solutions(notebook.cells)))
    if package := installed_from(env.config.course_launch["repository"]):
        notebook.cells.insert(1, nbformat.v4.new_code_cell(f'%pip install "{package}"'))
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place}"
        if cell.cell_type == "markdown":
            cell.source = written_out(env, cell.source)
        else:
            hidden = "hide-input" in cell.metadata.get("tags", [])
            cell.metadata = {"jupyter": {"source_hidden": True}} if hidden else {}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def installed_from(repository: str) -> str:
    """Name the library as pip needs it where no copy of the course is at hand."""
    return repository and f"lecturelib[torch,book] @ git+https://github.com/{repository}"


def write(app: Sphinx, error: Exception | None) -> None:
    """Write all notebooks."""
    if not is_built(app, error):
        return
    folder = Path(app.outdir) / "_sources" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for page in sorted(app.env.found_docs):
        if chapter := chapter_of(page):
            nbformat.write(to_notebook(app.env, page), folder / f"{chapter.name}.ipynb")
    if package := installed_from(app.config.course_launch["repository"]):
        (folder / "requirements.txt").write_text(f"{package}\n", encoding="utf-8")


def offer(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Let the page's buttons lead to its notebook."""
    if chapter := chapter_of(page):
        context["ipynb_source"] = f"{FOLDER}/{chapter.name}.ipynb"


def launch(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Add buttons that open the notebook elsewhere, if it can be found there."""
    where, chapter = app.config.course_launch, chapter_of(page)
    if not where["repository"] or not chapter:
        return
    repository, branch, name = where["repository"], where["branch"], f"{chapter.name}.ipynb"
    places = {
        "Binder": f"https://mybinder.org/v2/gh/{repository}/{branch}?labpath={name}",
        "Colab": f"https://colab.research.google.com/github/{repository}/blob/{branch}/{name}",
    }
    buttons = [
        {"type": "link", "url": url, "text": place, "tooltip": f"Open in {place}"}
        for place, url in places.items()
    ]
    group = {"type": "group", "tooltip": "Open this page elsewhere", "icon": "fas fa-rocket"}
    context["header_buttons"].insert(0, {**group, "buttons": buttons, "label": "launch-buttons"})


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer before the theme makes its buttons, add to them after it has."""
    app.add_config_value("course_launch", {"repository": "", "branch": FOLDER}, "html", [dict])
    app.connect("html-page-context", offer, priority=100)
    app.connect("html-page-context", launch, priority=900)
    app.connect("build-finished", write, priority=200)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

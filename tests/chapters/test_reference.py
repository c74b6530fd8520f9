"""The library's reference: a page for each module, an entry for each name, links both ways."""

import importlib
import inspect
import pkgutil
import re
from copy import copy
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from sphinx_external_toc.parsing import parse_toc_yaml

import lecturelib
import lecturelib.models

from .pages import CHAPTERS, LESSONS
from .pages import PAGES as ALL

ROOT = CHAPTERS.parent
HTML = ROOT / "_build" / "html"
PAGES = CHAPTERS / "reference"


def modules_in(package, prefix=""):
    """Name the modules of a package that are for all to use."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    return [prefix + name for name in names if not name.startswith("_")]


MODULES = sorted([*modules_in(lecturelib), *modules_in(lecturelib.models, "models.")])
LESSON = {int(page[:2]): page for page in LESSONS}


class Entry(NamedTuple):
    module: str
    name: str
    thing: object

    @property
    def docstring(self):
        return inspect.getdoc(self.thing) or ""

    @property
    def id(self):
        return f"lecturelib.{self.module}.{self.name}"

    @property
    def page(self):
        return f"chapters/reference/{self.module}.html"

    @property
    def taught(self):
        """What "See Also" says from the first chapter or lecture on."""
        section = re.search(
            r"^See Also\n-+\n(.*?)(?=\n\n\w[^\n]*\n---|\Z)", self.docstring, re.M | re.S
        )
        found = re.search(r"^(?:Chapter \d|L\d\b).*", section[1], re.M | re.S) if section else None
        return " ".join(found[0].split()) if found else ""

    @property
    def is_made(self):
        """Whether it was made of another function, whose docstring it has."""
        origin = getattr(self.thing, "__wrapped__", None)
        return origin is not None and self.docstring == inspect.getdoc(origin)

    @property
    def chapters(self):
        if self.is_made:
            return set()
        return {int(number) for number in re.findall(r"\bChapter (\d+)", self.taught)}


def entries_of(name):
    module = importlib.import_module(f"lecturelib.{name}")
    things = {public: getattr(module, public) for public in module.__all__}
    return [
        Entry(name, public, thing)
        for public, thing in things.items()
        if inspect.isroutine(thing) or inspect.isclass(thing)
    ]


ENTRIES = [entry for module in MODULES for entry in entries_of(module)]
every_module = pytest.mark.parametrize("module", MODULES)
every_lesson = pytest.mark.parametrize("number", LESSON)


@cache
def built(page):
    """A page of the built book, such as ``chapters/notation.html``."""
    if not (HTML / page).exists():
        pytest.fail(f"{page} is not built: run `make book` first")
    return BeautifulSoup((HTML / page).read_text("utf8"), "html.parser")


def entry_in_page(entry):
    name = built(entry.page).find("dt", id=entry.id)
    assert name is not None, f"{entry.page} has no entry {entry.id}"
    return name.parent


def targets(links):
    return {link["href"] for link in links}


def test_the_library_has_functions_of_a_chapter():
    assert {"conv", "pool", "gradcheck"} <= set(MODULES)
    assert any(6 in entry.chapters for entry in ENTRIES)


def test_every_module_has_a_page_and_every_page_a_module():
    names = [path.name.removesuffix(".md") for path in PAGES.glob("*.md")]
    assert sorted(name for name in names if name != "index") == MODULES


@every_module
def test_a_page_is_made_of_docstrings_alone(module):
    page = (PAGES / f"{module}.md").read_text("utf8")
    assert page == f"# {module}\n\n```{{eval-rst}}\n.. automodule:: lecturelib.{module}\n```\n"


def test_contents_and_front_page_list_every_module_once():
    listed = [path for path in map(str, parse_toc_yaml(ROOT / "_toc.yml")) if "/reference/" in path]
    pages = [f"chapters/reference/{page}" for page in ("index", *MODULES)]
    assert sorted(listed) == sorted(pages)
    front = (PAGES / "index.md").read_text("utf8")
    assert sorted(re.findall(r"^   lecturelib\.([\w.]+)$", front, flags=re.M)) == MODULES


@every_module
def test_every_name_of_a_module_says_what_it_does(module):
    assert [entry.name for entry in entries_of(module) if not entry.docstring] == []


@pytest.mark.slow
@every_module
def test_every_function_and_class_has_an_entry_that_says_what_it_does(module):
    for entry in entries_of(module):
        if entry.is_made:
            made = f"Made of {entry.thing.__wrapped__.__name__}."
            assert entry_in_page(entry).dd.get_text().strip().endswith(made), entry.id
            continue
        summary = re.split(r"\W+", entry.docstring.split("\n\n")[0])
        assert re.split(r"\W+", entry_in_page(entry).dd.p.get_text()) == summary, entry.id


@pytest.mark.slow
@every_module
def test_entries_lead_to_the_chapter_the_equations_and_the_lecture(module):
    for entry in entries_of(module):
        if not entry.chapters:
            continue
        links = targets(entry_in_page(entry).select(".taught-in a"))
        for number in entry.chapters & set(LESSON):
            assert f"../{LESSON[number]}.html" in links, entry.id
        for label in re.findall(r"\((eq-[a-z0-9-]+)\)", entry.taught):
            assert any(link.endswith(f"#equation-{label}") for link in links), entry.id
        for lecture in re.findall(r"\bL([0-4])\b", entry.taught):
            assert f"../notation.html#source-l{lecture}" in links, entry.id


@pytest.mark.slow
@every_lesson
def test_a_chapter_ends_with_the_functions_that_it_introduces(number):
    links = [
        link["href"]
        for link in built(f"chapters/{LESSON[number]}.html").select(".in-the-library a")
    ]
    taught = [entry for entry in ENTRIES if number in entry.chapters]
    wanted = {f"reference/{entry.module}.html#{entry.id}" for entry in taught}
    found = [link for link in links if not re.search(r"#(?:module-|page-)", link)]
    assert sorted(found) == sorted(wanted)


@pytest.mark.slow
@every_module
def test_a_signature_shows_names_and_defaults_without_types(module):
    page = built(f"chapters/reference/{module}.html")
    for signature in page.select("dt.sig"):
        text = signature.get_text()
        assert not re.search(r"ndarray|->|→|\w: \w", text), text


@pytest.mark.slow
@every_module
def test_no_mark_up_is_left_over(module):
    page = copy(built(f"chapters/reference/{module}.html").article)
    for code in page.select("pre, code"):
        code.extract()
    left = re.findall(
        r":[a-z:]+:`|``|`_|\*\*\w+\*\*|^-{4,}$|\.\. \w+::", page.get_text(), flags=re.M
    )
    assert left == []


@pytest.mark.slow
def test_an_entry_shows_what_its_docstring_says():
    (conv2d,) = (entry for entry in ENTRIES if entry.name == "conv2d_forward")
    entry = entry_in_page(conv2d)
    assert "conv2d_forward(x, w, b, *, stride=1, padding=0)" in entry.dt.get_text()
    shapes = {name.strong: name.select_one(".classifier") for name in entry.select("dl dl > dt")}
    shapes = {name.get_text(): shape.get_text() for name, shape in shapes.items() if name}
    assert shapes["w"] == "(F, C, KH, KW)"
    assert shapes["b"] == "(F,) or None"
    place = entry.select_one(".taught-in").get_text()
    numbers = [number_of(label) for label in ("eq-conv2d", "eq-conv-layer")]
    assert place == "Chapter 6, “Convolution”, {} and {}; L3, “Layers of a CNN”.".format(*numbers)


def number_of(label):
    """An equation's number in chapter 6."""
    equation = built("chapters/06-convolution.html").find(id=f"equation-{label}")
    return re.match(r"\([\d.]+\)", equation.select_one(".eqno").get_text())[0]


@pytest.mark.slow
def test_forward_stands_before_backward():
    page = built("chapters/reference/conv.html")
    order = [name["id"].rpartition(".")[2] for name in page.select("dl.py > dt")]
    assert order.index("conv2d_forward") < order.index("conv2d_backward")
    assert order.index("conv1d_forward") < order.index("conv1d_backward")


@pytest.mark.slow
def test_names_in_running_text_lead_to_their_entries():
    links = targets(built("chapters/notation.html").select("table a"))
    assert "reference/conv.html#lecturelib.conv.conv2d_forward" in links
    links = targets(built("chapters/reference/widgets.html").select("dd p a"))
    assert "conv.html#lecturelib.conv.conv2d_forward" in links


@pytest.mark.slow
@pytest.mark.parametrize("page", [*(f"reference/{m}" for m in ("index", *MODULES)), *ALL])
def test_internal_links_lead_somewhere(page):
    path = HTML / "chapters" / f"{page}.html"
    for link in built(f"chapters/{page}.html").article.select("a[href]"):
        url = urlsplit(link["href"])
        if url.scheme:
            continue
        target = (path.parent / unquote(url.path)).resolve() if url.path else path
        assert target.exists(), link
        if url.fragment and target.suffix == ".html":
            there = built(str(target.relative_to(HTML.resolve())))
            assert there.find(id=unquote(url.fragment)) is not None, link

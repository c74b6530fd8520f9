"""Every page of the built book, as a browser shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sphinx_external_toc.parsing import parse_toc_yaml

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).absolute().parents[2]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# From the sources, not from the table of contents: a page that the contents forget must be missed.
CHAPTERS = ROOT / "chapters"
SOURCES = {
    path.relative_to(CHAPTERS).with_suffix("").as_posix(): path
    for path in sorted(CHAPTERS.rglob("*.md"))
}
# Besides: what Sphinx makes of no source, of the source code, say.
GENERATED = ("search", "genindex", "_modules/lecturelib/conv")
# The rules of axe that ask for colours: to the others light and dark are the same.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


def prose(path: Path) -> str:
    """The page's source without its head and its fenced blocks of code."""
    text = re.sub(r"\A---\n.*?\n---\n", "", path.read_text("utf8"), flags=re.DOTALL)
    return re.sub(r"^(`{3,})\{?code.*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)


def headings(path: Path, level: int) -> list[str]:
    """Headings of a level, less those with mark-up, which a page shows differently."""
    found = re.findall(rf"^#{{{level}}} (.+)$", prose(path), flags=re.MULTILINE)
    return [heading.strip() for heading in found if not re.search(r"[$`{*_\[]", heading)]


def has_math(path: Path) -> bool:
    return re.search(r"\$|\{math\}|\\begin\{", prose(path)) is not None


every_page = pytest.mark.parametrize("name", SOURCES)
every_address = pytest.mark.parametrize(
    "name", [*(f"chapters/{name}" for name in SOURCES), *GENERATED]
)


def test_the_book_has_its_pages(book: str) -> None:
    assert {"index", "06-convolution", "notation", "errata", "reference/conv"} <= set(SOURCES)
    listed = {document.removeprefix("chapters/") for document in parse_toc_yaml(ROOT / "_toc.yml")}
    assert listed == set(SOURCES)
    built = (path.relative_to(HTML / "chapters") for path in (HTML / "chapters").rglob("*.html"))
    assert {path.with_suffix("").as_posix() for path in built} == set(SOURCES)


def test_the_front_door_leads_to_the_front_page(reader: Callable) -> None:
    page = reader().open("index.html")
    page.wait_for_url("**/chapters/index.html")
    assert page.locator("nav a", has_text="Convolution").count() >= 1


@every_page
def test_page_shows_its_title_sections_and_formulas(name: str, reader: Callable) -> None:
    page = reader().open(f"chapters/{name}.html")
    (title,) = page.locator("article h1").all_inner_texts()
    expected = headings(SOURCES[name], 1)
    assert [shown(title)] == expected if expected else title
    sections = [shown(section) for section in page.locator("article h2").all_inner_texts()]
    assert [h for h in headings(SOURCES[name], 2) if h not in sections] == []
    formulas = page.locator("article mjx-container")
    assert (formulas.count() > 0) == has_math(SOURCES[name]) or name.startswith("reference/")
    assert page.locator("article mjx-merror").count() == 0
    assert page.locator(".output.stderr, .output.traceback").count() == 0


def shown(heading: str) -> str:
    """A heading as typed: without its number and permalink, with straight quotes."""
    plain = heading.replace("#", "").replace("\xa0", " ").replace("’", "'")
    return re.sub(r"^[\d.]+ ", "", plain).strip()


@pytest.mark.parametrize("name", [name for name in SOURCES if not name.startswith("reference/")])
def test_cells_have_run(name: str) -> None:
    source = SOURCES[name].read_text("utf8")
    cells = len(re.findall(r"^`{3,}\{code-cell\}", source, flags=re.MULTILINE))
    hidden = len(re.findall(r"remove-(?:input|cell)", source))
    page = (HTML / "chapters" / f"{name}.html").read_text("utf8")
    assert page.count('<div class="cell_input') >= cells - hidden
    assert cells == 0 or page.count('<div class="cell_output') > 0


@every_address
def test_axe_finds_no_violation(name: str, reader: Callable) -> None:
    page = reader().open(f"{name}.html")
    unfold(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    settle(page)
    found += violations(page, runOnly=OF_COLOURS)
    assert not found, "\n".join(found)


def unfold(page: Page) -> None:
    """Open the solutions and folded cells, which hold text to check as well."""
    page.evaluate(UNFOLD)
    settle(page)


def settle(page: Page) -> None:
    """Wait for what fades: until it is done, it is too pale to read."""
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")


UNFOLD = """() => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  document.querySelectorAll(".toggle-button-hidden").forEach((button) => button.click());
}"""


def violations(page: Page, **options: object) -> list[str]:
    page.add_script_tag(path=AXE)
    options["resultTypes"] = ["violations"]
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {rule['help']}\n  {node['html']}\n  {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@every_address
def test_a_phone_needs_no_sideways_scrolling(name: str, reader: Callable) -> None:
    page = reader(width=375).open(f"{name}.html")
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    # The theme clips what sticks out of the article; then nothing scrolls, but text is lost.
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(STRETCHED) == []


# Pictures that are not as high for their width as in their file, loaded or not.
STRETCHED = """() => [...document.querySelectorAll("article img[height]")]
  .filter((img) => img.getClientRects().length)
  .filter((img) => {
    const shape = img.getAttribute("width") / img.getAttribute("height");
    return Math.abs(img.clientWidth / img.clientHeight / shape - 1) > 0.05;
  })
  .map((img) => img.outerHTML.slice(0, 200))"""

# Elements of the article, and links below it, that reach beyond the window, unless a part that
# scrolls holds them.
OUTSIDE = """() => {
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
  const held = (node) => !node.matches("article, .prev-next-area")
    && (scrolls(node) || held(node.parentElement));
  return [...document.querySelectorAll("article *, .prev-next-area *")]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !held(node))
    .filter((node) => !node.closest("mjx-assistive-mml"))
    .map((node) => node.outerHTML.slice(0, 200));
}"""

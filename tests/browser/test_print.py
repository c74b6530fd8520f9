"""A chapter printed, or saved as a PDF, shows all of its text in black on white."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.chapters.pages import LESSONS

pytestmark = [pytest.mark.slow, pytest.mark.browser]

A4 = 718  # CSS pixels between the margins of the paper

# What paper would cut off, be it code, a picture or a formula.
CUT_OFF = """() => [...document.querySelectorAll("article pre, article img, article table")]
  .filter((part) => part.offsetParent !== null)
  .filter((part) => part.scrollWidth > part.clientWidth + 1
                    || part.getBoundingClientRect().right > innerWidth + 1)
  .map((part) => part.outerHTML.slice(0, 200))"""
SHOWN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((part) => part.offsetParent !== null && part.getClientRects().length).length"""
COLORS = """() => {
  const all = [document.body, ...document.querySelectorAll("article h1, article h2, article p")];
  return all.map((part) => getComputedStyle(part).color.match(/\\d+/g).map(Number));
}"""
FRAME = ".bd-sidebar-primary, .bd-header-article, .bd-sidebar-secondary, .prev-next-area"


@pytest.mark.parametrize("name", LESSONS)
def test_paper_shows_the_page_and_only_the_page(name: str, reader: Callable) -> None:
    page = reader(width=A4, theme="dark").open(f"chapters/{name}.html")
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert page.evaluate(CUT_OFF) == []
    for gone in (FRAME, "article button", "article details.hide:not([open])"):
        assert page.evaluate(SHOWN, gone) == 0, gone
    assert max(max(color[:3]) for color in page.evaluate(COLORS)) < 128
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")


def test_a_pdf_has_a_page_for_some_screens_of_text(reader: Callable) -> None:
    page = reader(width=A4).open("chapters/06-convolution.html")
    document = page.pdf(format="A4")
    sheets = len(re.findall(rb"/Type /Page\b", document))
    height = page.evaluate("document.querySelector('article').scrollHeight")
    assert height / 2000 < sheets < height / 500

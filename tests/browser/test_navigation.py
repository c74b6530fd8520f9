"""A reader finds the way by the keyboard alone, and by searching."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.chapters.pages import LESSONS

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHAPTER = "chapters/06-convolution.html"
FOCUS = """() => {
  const at = document.activeElement;
  // The theme puts the ring of a button that unfolds a part around its arrow.
  const rings = [at, ...at.querySelectorAll(".toctree-toggle")]
    .map((part) => getComputedStyle(part))
    .filter((style) => style.outlineStyle !== "none" || style.boxShadow !== "none");
  return {name: (at.getAttribute("aria-label") || at.innerText || "").trim(),
          href: at.getAttribute("href"),
          ring: rings.length > 0};
}"""


def tabs(page, count):
    """What has the focus after each press of the key."""
    for _ in range(count):
        page.keyboard.press("Tab")
        yield page.evaluate(FOCUS)


def test_the_first_key_leads_past_the_contents(reader: Callable) -> None:
    page = reader().open(CHAPTER)
    (first,) = tabs(page, 1)
    assert "main content" in first["name"]
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"
    following = list(tabs(page, 12))
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside, following


def test_what_has_the_focus_can_be_seen(reader: Callable) -> None:
    page = reader().open(CHAPTER)
    assert [stop for stop in tabs(page, 40) if not stop["ring"]] == []


def test_every_chapter_can_be_reached_by_the_keyboard(reader: Callable) -> None:
    page = reader().open("chapters/index.html")
    reached = {stop["href"] for stop in tabs(page, len(LESSONS) + 20)}
    assert {f"{name}.html" for name in LESSONS} <= reached


def test_a_folded_solution_opens_by_the_keyboard(reader: Callable) -> None:
    page = reader().open(CHAPTER)
    solution = page.locator(".solution.dropdown").first
    button = solution.locator("button.toggle-button, summary").first
    hidden = solution.locator("p").last
    expect(hidden).not_to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(hidden).to_be_visible()


def test_the_search_opens_and_closes_by_the_keyboard(reader: Callable) -> None:
    page = reader().open(CHAPTER)
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).not_to_be_visible()
    page.keyboard.press("Control+k")
    field.fill("forget gate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=forget+gate")
    expect(page.locator("#search-results a[href*='14-gates']").first).to_be_visible()


@pytest.mark.parametrize(
    ("words", "chapter"),
    [
        ("perplexity", "12-ngrams"),
        ("Gram matrix", "11-style-transfer"),
        ("occlusion", "09-alexnet"),
        ("dropout", "05-optimizers"),
        ("bottleneck", "19-autoencoders"),
    ],
)
def test_a_topic_is_found(words: str, chapter: str, reader: Callable) -> None:
    page = reader().open(f"search.html?q={words.replace(' ', '+')}")
    expect(page.locator(f"#search-results a[href*='{chapter}']").first).to_be_visible()

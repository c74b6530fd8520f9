"""The ways between the chapters, the library's reference and its source code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ENTRY = "[id='lecturelib.conv.conv2d_forward']"


def follow(page: Page, selector: str, text: str) -> None:
    page.locator(selector).get_by_role("link", name=text, exact=True).first.click()
    page.wait_for_load_state("networkidle")


def load_pictures(page: Page) -> None:
    """Load what is loaded late, so that leaving the page cuts no request short."""
    page.evaluate("for (const picture of document.images) picture.loading = 'eager'")
    page.wait_for_function("[...document.images].every((picture) => picture.complete)")


def test_from_the_chapter_to_an_entry_and_back(reader: Callable) -> None:
    page = reader().open("chapters/06-convolution.html")
    load_pictures(page)
    follow(page, ".in-the-library", "conv2d_forward")
    page.wait_for_url("**/chapters/reference/conv.html#lecturelib.conv.conv2d_forward")
    expect(page.locator(ENTRY)).to_be_in_viewport()
    follow(page, f"dl:has(> {ENTRY})", "Chapter 6, “Convolution”")
    page.wait_for_url("**/chapters/06-convolution.html")


def test_from_an_entry_to_its_equation_and_its_lecture(reader: Callable) -> None:
    page = reader().open("chapters/reference/conv.html")
    page.locator(f"dl:has(> {ENTRY}) .taught-in a[href$='#equation-eq-conv2d']").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("[id='equation-eq-conv2d'] mjx-container")).to_be_in_viewport()
    page.go_back(wait_until="networkidle")
    follow(page, f"dl:has(> {ENTRY}) .taught-in", "L3")
    expect(page.locator("#source-l3")).to_be_in_viewport()
    expect(page.locator("li:has(#source-l3)")).to_contain_text("Gormley")


def test_from_an_entry_to_its_source_and_back(reader: Callable) -> None:
    page = reader().open("chapters/reference/conv.html")
    follow(page, ENTRY, "[source]")
    source = page.locator("[id='conv2d_forward']")
    expect(source).to_be_in_viewport()
    expect(source).to_contain_text("def conv2d_forward(")
    follow(page, "[id='conv2d_forward']", "[docs]")
    expect(page.locator(ENTRY)).to_be_in_viewport()


@pytest.mark.parametrize("width", [375, 1280])
def test_entries_can_be_found_by_name(width: int, reader: Callable) -> None:
    page = reader(width=width).open("search.html?q=max_pool2d_forward")
    results = page.locator("#search-results")
    found = results.locator("a[href*='reference/pool.html#lecturelib.pool.max_pool2d_forward']")
    expect(found.first).to_be_visible()


def test_examples_are_copied_without_prompts_and_output(reader: Callable) -> None:
    page = reader().open("chapters/reference/conv.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    example = page.locator("dl:has(> [id='lecturelib.conv.conv_output_size']) .doctest")
    example.hover()
    example.locator("button.copybtn").click()
    expect(example.locator("button.copybtn.success")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "conv_output_size(224, 11, stride=4, padding=2)"

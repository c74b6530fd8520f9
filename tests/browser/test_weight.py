"""How much a reader's machine has to fetch for a page."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import pytest

from tests.chapters.pages import LESSONS

from .test_reference import load_pictures

pytestmark = [pytest.mark.slow, pytest.mark.browser]

MEGABYTE = 1e6
MEDIAN, MOST = 3.0, 8.0  # megabytes
FETCHED = """() => performance.getEntries()
  .filter((entry) => "transferSize" in entry)
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def test_pages_are_light(reader: Callable, record_property: Callable) -> None:
    """Each is opened in a new window, which has nothing yet."""
    weights = {}
    for name in LESSONS:
        page = reader().open(f"chapters/{name}.html")
        load_pictures(page)
        weights[name] = page.evaluate(FETCHED) / MEGABYTE
        record_property(name, f"{weights[name]:.2f} MB")
        print(f"{name}: {weights[name]:.2f} MB")
    assert statistics.median(weights.values()) <= MEDIAN, weights
    assert max(weights.values()) <= MOST, weights

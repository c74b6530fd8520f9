"""The digit reader and its kernel in Python, in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.waiting import wait_for

from .hand import STROKES, draw, next_frame
from .lab import heard, run_in_lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# What Python sees goes to a file. Another file makes Python answer with a drawing of its own.
CELL = """
import json, pathlib
import numpy as np
from lecturelib.lenet import lenet5
from lecturelib.widgets import DigitReader

reader = DigitReader(lenet5(np.random.default_rng(0)))

def record(change):
    seen = {"drawing": reader.drawing.tolist(), "probabilities": change.new.tolist()}
    with pathlib.Path("seen.jsonl").open("a") as file:
        print(json.dumps(seen), file=file)
    if pathlib.Path("answer").exists():
        pathlib.Path("answer").unlink()
        reader.drawing = np.eye(28)

reader.observe(record, "probabilities")
reader
"""


def test_page_and_python_follow_each_other_in_jupyterlab(browser: Browser, tmp_path: Path) -> None:
    with run_in_lab(CELL, browser, tmp_path, viewport={"width": 1280, "height": 1000}) as page:
        reader = page.locator(".digit-reader")
        reader.wait_for(timeout=60_000)
        board = reader.get_by_role("application")
        record = tmp_path / "seen.jsonl"

        draw(board, STROKES["4"])
        wait_for(
            lambda: agree(reader, record), "Python did not hear of the digit drawn in the page"
        )
        assert np.max(of_page(reader, "drawing")) > 0.9

        # JupyterLab has other uses for keys: Enter would go into the cell, arrows to another one.
        before = of_page(reader, "drawing")
        board.focus()
        for key in ("Enter", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Enter"):
            page.keyboard.press(key)
        next_frame(board)
        assert np.abs(of_page(reader, "drawing") - before).max() > 0.1
        assert board.evaluate("board => board === document.activeElement")
        wait_for(lambda: agree(reader, record), "Python did not hear of the keys")

        (tmp_path / "answer").touch()
        reader.get_by_role("button", name="Clear").click()
        wait_for(
            lambda: np.array_equal(of_page(reader, "drawing").reshape(28, 28), np.eye(28)),
            "the page did not follow Python",
        )
        wait_for(lambda: agree(reader, record), "Python and the page see different things")


def of_page(reader: Locator, name: str) -> np.ndarray:
    return np.array(reader.evaluate("(e, name) => Array.from(e[name])", name))


def agree(reader: Locator, record: Path) -> bool:
    """Tell whether Python has the page's drawing, and has read it as the page did."""
    seen = heard(record)
    return (
        len(seen) > 0
        and np.array_equal(np.ravel(seen[-1]["drawing"]), of_page(reader, "drawing"))
        and np.allclose(seen[-1]["probabilities"], of_page(reader, "probabilities"), atol=1e-5)
    )

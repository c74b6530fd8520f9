"""The tune composer and its kernel in Python, in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import heard, run_in_lab
from tests.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# What Python sees goes to a file. Seed 7 makes Python answer with settings and a tune of its own.
CELL = """
import json, pathlib
import torch
from lecturelib.models.language_model import RecurrentLanguageModel
from lecturelib.models.music import Composer
from lecturelib.text import Vocabulary
from lecturelib.widgets import TuneComposer

words = Vocabulary(["M:6/8", "L:1/8", "K:Cmaj", *"CDEFGAB", "2", "|"])
panel = TuneComposer(Composer(RecurrentLanguageModel(len(words)), words))

def record(change):
    with pathlib.Path("heard.jsonl").open("a") as file:
        print(json.dumps([change.name, change.new]), file=file)
    if change.name == "seed" and change.new == 7:
        panel.initial_abc = "CDE"
        panel.abc = "X:1\\nM:6/8\\nL:1/8\\nK:Cmaj\\nC2E G3 |\\n"

panel.observe(record, ["abc", "seed"])
panel
"""


def test_page_and_python_follow_each_other(browser: Browser, tmp_path: Path) -> None:
    with run_in_lab(CELL, browser, tmp_path) as page:
        panel = page.locator(".tune-composer")
        panel.wait_for(timeout=60_000)
        tune = panel.get_by_label("Tune in ABC notation")
        record = tmp_path / "heard.jsonl"

        panel.get_by_label("Seed").fill("11")
        panel.get_by_role("button", name="Compose").click()
        assert "seed 11" in tune.input_value()
        wait_for(
            lambda: ["abc", tune.input_value()] in heard(record), "Python did not hear of the tune"
        )

        panel.get_by_label("Seed").fill("7")
        wait_for(
            lambda: tune.input_value().endswith("C2E G3 |\n"), "the page did not follow Python"
        )
        assert panel.get_by_label("Initial ABC").input_value() == "CDE"
        assert "3 notes" in panel.inner_text()

        tune.focus()
        page.keyboard.press("Control+a")
        assert tune.evaluate("text => text.selectionEnd - text.selectionStart") == len(
            tune.input_value()
        )

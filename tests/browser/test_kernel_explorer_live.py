"""The kernel explorer and its kernel in Python: traits and messages, then a real JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lecturelib.widgets import KernelExplorer
from lecturelib.widgets.kernel_explorer import PRESETS
from tests.browser.lab import heard, run_in_lab
from tests.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURE = np.linspace(0, 1, 20).reshape(4, 5)


def test_the_page_sets_the_kernel() -> None:
    explorer = KernelExplorer(PICTURE)
    seen = []
    explorer.observe(lambda change: seen.append(change.new), "kernel")
    explorer.set_state(
        {"kernel": [[1, 2, 3], [4, 5, 6], [7, 8, 9.5]]}
    )  # what a page's message does
    assert explorer.kernel == [[1, 2, 3], [4, 5, 6], [7, 8, 9.5]]
    assert seen == [explorer.kernel]


def test_the_picture_survives_the_way_to_the_page_and_back() -> None:
    explorer = KernelExplorer(PICTURE.astype(np.float32)[None])
    sent = explorer.get_state("picture")["picture"]
    assert (sent["height"], sent["width"]) == (4, 5)
    assert list(sent["pixels"]) == [round(255 * value) for value in PICTURE.flat]
    kept = explorer.picture
    explorer.set_state({"picture": {**sent, "pixels": memoryview(sent["pixels"])}})
    np.testing.assert_array_equal(explorer.picture, kept)
    np.testing.assert_allclose(kept, PICTURE, atol=0.5 / 255)


def test_the_state_saved_in_a_page_is_small() -> None:
    state = KernelExplorer(np.zeros((128, 128))).get_state(["picture", "kernel", "_presets"])
    pixels = state["picture"].pop("pixels")
    assert len(pixels) == 128 * 128
    assert len(json.dumps(state)) < 2000


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        ("Emboss", r"kernel: expected one of Identity, .*, got 'Emboss'"),
        (np.zeros((3, 4)), r"kernel: expected shape \(3, 3\), got \(3, 4\)"),
        ([[1, 2], [3]], r"kernel: expected an array of numbers, got \[\[1, 2\], \[3\]\]"),
        ([[0, 0, 0], [0, float("nan"), 0], [0, 0, 0]], r"kernel: expected finite numbers, got"),
    ],
)
def test_wrong_kernels_are_named(kernel: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KernelExplorer(PICTURE, kernel)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((3, 4, 4)), r"picture: expected shape \(H, W\) .* got \(3, 4, 4\)"),
        (np.zeros((4, 193)), r"H and W from 1 to 192, got \(4, 193\)"),
        (np.zeros((0, 4)), r"got \(0, 4\)"),
        (PICTURE * 255, r"picture: expected numbers from 0 to 1, got 0 to 255"),
        (None, r"picture: expected"),
    ],
)
def test_wrong_pictures_are_named(picture: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KernelExplorer(picture)


# What Python sees goes to a file. A 7 in the corner makes Python answer with a kernel of its own.
CELL = """
import json, pathlib
import numpy as np
from lecturelib.widgets.kernel_explorer import PRESETS, KernelExplorer

explorer = KernelExplorer(np.linspace(0, 1, 64).reshape(8, 8))

def record(change):
    with pathlib.Path("kernels.jsonl").open("a") as file:
        print(json.dumps(change.new), file=file)
    if change.new[0][0] == 7:
        explorer.kernel = PRESETS["Sharpen"]

explorer.observe(record, "kernel")
explorer
"""


@pytest.mark.slow
@pytest.mark.browser
def test_page_and_python_follow_each_other_in_jupyterlab(browser: Browser, tmp_path: Path) -> None:
    with run_in_lab(CELL, browser, tmp_path) as page:
        explorer = page.locator(".kernel-explorer")
        explorer.wait_for(timeout=60_000)

        explorer.get_by_role("spinbutton").nth(5).fill("-2.5")
        record = tmp_path / "kernels.jsonl"
        wait_for(record.exists, "Python did not hear of the kernel typed in the page")
        changed = [[0, 0, 0], [0, 1, -2.5], [0, 0, 0]]
        wait_for(lambda: changed in heard(record), f"Python did not get {changed}")

        explorer.get_by_role("spinbutton").nth(0).fill("7")
        wait_for(
            lambda: PRESETS["Sharpen"] in heard(record), "Python's own change did not take place"
        )
        menu = explorer.get_by_role("combobox", name="Kernel", exact=True)
        wait_for(lambda: menu.input_value() == "Sharpen", "the page did not follow Python")

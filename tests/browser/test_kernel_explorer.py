"""The kernel explorer in the built book, where no Python runs, against lecturelib's convolution."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lecturelib.conv import conv2d_forward
from lecturelib.plots import SIGNED
from lecturelib.widgets.kernel_explorer import PRESETS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def explorer(reader: Callable) -> Locator:
    explorer = reader().open("chapters/06-convolution.html").locator(".kernel-explorer").first
    explorer.wait_for()
    return explorer


def menu(explorer: Locator, name: str) -> Locator:
    return explorer.get_by_role("combobox", name=name, exact=True)


def entries(explorer: Locator) -> Locator:
    return explorer.get_by_role("spinbutton")


def kernel_shown(explorer: Locator) -> np.ndarray:
    values = [float(entries(explorer).nth(i).input_value()) for i in range(9)]
    return np.array(values).reshape(3, 3)


def picture_shown(explorer: Locator) -> np.ndarray:
    """The picture as its canvas shows it, not as the widget says that it is."""
    gray, height, width = explorer.get_by_role("img", name="Picture").evaluate(
        """canvas => [
            Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)
                .filter((_, i) => i % 4 === 0),
            canvas.height, canvas.width]"""
    )
    return np.array(gray).reshape(height, width) / 255


def filtered(explorer: Locator) -> np.ndarray:
    result = explorer.evaluate("e => ({...e.filtered, values: Array.from(e.filtered.values)})")
    return np.array(result["values"]).reshape(result["height"], result["width"])


def expected(explorer: Locator, kernel: np.ndarray) -> np.ndarray:
    return conv2d_forward(picture_shown(explorer)[None, None], kernel[None, None], None, padding=1)[
        0, 0
    ]


def position(explorer: Locator) -> tuple[int, int, float]:
    text = explorer.locator(".total").inner_text()
    row, column, total = re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))
    return int(row), int(column), float(total)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_match_lecturelib(name: str, explorer: Locator) -> None:
    menu(explorer, "Kernel").select_option(name)
    kernel = np.array(PRESETS[name], dtype=float)
    np.testing.assert_allclose(kernel_shown(explorer), kernel, atol=1e-6)
    np.testing.assert_allclose(filtered(explorer), expected(explorer, kernel), atol=1e-12)


def test_a_picture_worth_filtering(explorer: Locator) -> None:
    picture = picture_shown(explorer)
    assert min(picture.shape) >= 16
    assert picture.std() > 0.05


def test_typed_entries_match_lecturelib(explorer: Locator) -> None:
    kernel = np.array([[0.5, -1.25, 2], [3, 0, -4.5], [1, 7, -0.75]])
    for i, weight in enumerate(kernel.flat):
        entries(explorer).nth(i).fill(str(weight))
    assert menu(explorer, "Kernel").input_value() == "Your own"
    assert "Sum of the entries: 7" in explorer.inner_text()
    np.testing.assert_allclose(filtered(explorer), expected(explorer, kernel), atol=1e-12)


def test_an_empty_entry_is_named_and_changes_nothing(explorer: Locator) -> None:
    before = filtered(explorer)
    entries(explorer).nth(4).fill("")
    assert "needs a number" in explorer.get_by_role("alert").inner_text()
    assert entries(explorer).nth(4).get_attribute("aria-invalid") == "true"
    np.testing.assert_array_equal(filtered(explorer), before)
    entries(explorer).nth(4).fill("2")
    assert explorer.get_by_role("alert").inner_text() == ""


def test_the_keyboard_reaches_and_moves_everything(explorer: Locator) -> None:
    page = explorer.page
    menu(explorer, "Kernel").focus()
    page.keyboard.press("Home")  # the first preset: identity
    assert menu(explorer, "Kernel").input_value() == "Identity"
    page.keyboard.press("Tab")
    page.keyboard.type("-3")  # a number input selects its text when it is tabbed to
    assert kernel_shown(explorer)[0, 0] == -3
    for _ in range(9):
        page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert menu(explorer, "Colours").input_value() == "signed"
    page.keyboard.press("Tab")
    row, column, _ = position(explorer)
    scrolled = page.evaluate("scrollY")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    assert position(explorer)[:2] == (row - 1, column + 10)
    assert page.evaluate("scrollY") == scrolled
    result = expected(explorer, kernel_shown(explorer))
    assert position(explorer)[2] == pytest.approx(result[row - 1, column + 10], abs=5.1e-4)


def test_the_window_follows_the_pointer_and_stops_at_the_border(explorer: Locator) -> None:
    frame = explorer.get_by_role("application")
    frame.hover(position={"x": 1, "y": 1})
    assert position(explorer)[:2] == (0, 0)
    frame.focus()
    explorer.page.keyboard.press("ArrowLeft")
    row, column, total = position(explorer)
    assert (row, column) == (0, 0)
    weights = [float(cell.split(" × ")[0]) for cell in products(explorer)]
    pixels = [float(cell.split(" × ")[1]) for cell in products(explorer)]
    assert pixels[:4] == [0, 0, 0, 0]  # outside the picture
    assert total == pytest.approx(np.dot(weights, pixels), abs=2e-2)


def products(explorer: Locator) -> list[str]:
    return [cell.replace("−", "-") for cell in explorer.locator("td").all_inner_texts()]


def test_the_legend_follows_the_kernel(explorer: Locator) -> None:
    ends = explorer.locator(".ends")
    menu(explorer, "Kernel").select_option("Blur")
    assert ends.locator("span").all_inner_texts() == ["0", "1"]
    menu(explorer, "Kernel").select_option("Edges: 8 neighbours")
    low, zero, high = ends.locator("span").all_inner_texts()
    inner = filtered(explorer)[1:-1, 1:-1]  # padding makes edges at the rim
    reach = np.quantile(np.abs(inner), 0.99, method="lower")
    assert float(high.removeprefix("≥ ")) == pytest.approx(reach, abs=5.1e-4)
    assert (low, zero) == (high.replace("≥ ", "≤ −"), "0")
    menu(explorer, "Colours").select_option("stretch")
    low, high = ends.locator("span").all_inner_texts()
    assert float(high) == pytest.approx(inner.max(), abs=5.1e-4)
    assert float(low.replace("−", "-")) == pytest.approx(inner.min(), abs=5.1e-4)


def test_signed_colours_are_those_of_the_plots(explorer: Locator) -> None:
    menu(explorer, "Kernel").select_option("Edges: 8 neighbours")
    pixels = explorer.locator(".legend canvas").evaluate(
        """bar => [...bar.getContext("2d").getImageData(0, 0, bar.width, 1).data]"""
    )
    ends = [pixels[:4], pixels[-4:]]
    assert ends == [[round(255 * part) for part in SIGNED(end)] for end in (0.0, 1.0)]

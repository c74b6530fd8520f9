"""The digit reader in a browser where no Python runs, against lecturelib's layers and SciPy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage

from lecturelib.activations import softmax_forward
from lecturelib.layers import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Sigmoid, Tanh
from lecturelib.lenet import lenet5, small_cnn
from lecturelib.network import Sequential
from lecturelib.plots import SIGNED
from lecturelib.widgets import DigitReader

from .hand import STROKES, draw, next_frame
from .widget_page import show

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LINE = [[(0.3, 0.2), (0.35, 0.8)]]


@pytest.fixture
def reader_of(browser: Browser) -> Iterator[Callable[..., Locator]]:
    """Show a digit reader for a network, ``reader_of(network, examples)``, in a page of its own."""
    with ExitStack() as pages:

        def new(*arguments: object) -> Locator:
            options = {"viewport": {"width": 1000, "height": 1000}, "has_touch": True}
            widget = DigitReader(*arguments)
            page = pages.enter_context(show(widget, browser, **options))
            reader = page.locator(".digit-reader")
            reader.wait_for()
            return reader

        yield new


def every_kind(rng: np.random.Generator) -> Sequential:
    """Give a network with all layers but ReLU, windows that are not square, and no biases."""
    return Sequential(
        Conv2d(1, 3, (3, 5), rng, stride=(2, 1), padding=(1, 2), bias=False),
        Tanh(),
        MaxPool2d(3, stride=2, padding=1),
        AvgPool2d((2, 3), stride=(2, 1), padding=(1, 1)),
        Conv2d(3, 5, 2, rng),
        Sigmoid(),
        Flatten(),
        Linear(195, 10, rng, bias=False),
    )


def rows_first(rng: np.random.Generator) -> Sequential:
    """Give a network with a linear layer on maps: it goes along their rows."""
    return Sequential(Linear(28, 4, rng), Flatten(), Linear(112, 10, rng))


def exact(rng: np.random.Generator) -> Sequential:
    return lenet5(rng, dtype=np.float64)


def drawing(reader: Locator) -> np.ndarray:
    return np.array(reader.evaluate("e => Array.from(e.drawing)"), np.float32).reshape(28, 28)


def probabilities(reader: Locator) -> np.ndarray:
    return np.array(reader.evaluate("e => Array.from(e.probabilities)"))


def activations(reader: Locator) -> list[np.ndarray]:
    found = reader.evaluate(
        "e => e.activations.map(({shape, values}) => [shape, Array.from(values)])"
    )
    return [np.array(values).reshape(shape) for shape, values in found]


def assert_computed_right(reader: Locator, network: Sequential) -> None:
    """Compare every layer, and the softmax, with what lecturelib makes of the page's drawing."""
    dtype = network.parameters()[0].data.dtype
    z = drawing(reader)[np.newaxis, np.newaxis].astype(dtype)
    found = activations(reader)
    assert len(found) == len(network)
    for layer, values in zip(network, found, strict=True):
        z = layer(z)
        assert values.shape == z.shape[1:]
        np.testing.assert_allclose(values, z[0], rtol=0, atol=1e-4 * np.abs(z).max())
    np.testing.assert_allclose(probabilities(reader), softmax_forward(z)[0], atol=1e-4)


@pytest.mark.parametrize("make", [lenet5, exact, small_cnn, every_kind, rows_first])
def test_all_layers_match_lecturelib(make: Callable, reader_of: Callable) -> None:
    rng = np.random.default_rng(0)
    network = make(rng)
    examples = rng.random((2, 28, 28), dtype=np.float32)
    reader = reader_of(network, examples)
    for number, example in enumerate(examples, start=1):
        reader.get_by_role("button", name=f"Example {number}").click()
        next_frame(reader)
        np.testing.assert_array_equal(drawing(reader), example)
        assert_computed_right(reader, network)
    reader.get_by_role("button", name="Clear").click()
    draw(board(reader), STROKES["5"])
    assert drawing(reader).max() > 0.9
    assert_computed_right(reader, network)


@pytest.fixture
def alone(reader_of: Callable) -> Locator:
    """A reader with a network that has learned nothing."""
    return reader_of(lenet5(np.random.default_rng(0)))


def board(reader: Locator) -> Locator:
    return reader.get_by_role("application")


def clear(reader: Locator) -> None:
    reader.get_by_role("button", name="Clear").click()
    next_frame(reader)


@pytest.mark.parametrize("digit", STROKES)
def test_a_drawing_becomes_what_a_training_digit_is(digit: str, alone: Locator) -> None:
    draw(board(alone), STROKES[digit])
    image = drawing(alone)
    blocks = image[3:26:3, 3:26:3]  # the middles of the enlarged pixels
    large = ndimage.zoom(blocks, 3, order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(image, np.pad(large, 2), atol=1e-6)
    dots = 16 * blocks
    np.testing.assert_array_equal(dots, np.rint(dots))
    assert dots.sum() == pytest.approx(313, abs=16)
    assert np.all(dots.any(axis=1))  # from the first row to the last
    columns = np.flatnonzero(dots.any(axis=0))
    assert columns[0] + columns[-1] == pytest.approx(7, abs=1)


@pytest.mark.parametrize("digit", "2358")
def test_size_and_place_on_the_board_do_not_matter(digit: str, alone: Locator) -> None:
    draw(board(alone), STROKES[digit])
    large = drawing(alone)
    clear(alone)
    small = [[(0.5 + x / 2, y / 2 - 0.05) for x, y in stroke] for stroke in STROKES[digit]]
    draw(board(alone), small)
    # What remains is the browser's rounding to whole pixels, which counts double here.
    assert np.abs(drawing(alone) - large).mean() < 0.02
    assert board_ink(alone) < 0.5 * 313 / 1024


def board_ink(reader: Locator) -> float:
    """Say how much of the board is white."""
    return reader.get_by_role("img", name="What is on the board").evaluate(
        """board => board.getContext("2d").getImageData(0, 0, board.width, board.height).data
            .filter((_, i) => i % 4 === 0).reduce((sum, gray) => sum + gray, 0)
            / 255 / board.width / board.height"""
    )


def test_unfitted_ink_stays_where_it_is_put(alone: Locator) -> None:
    alone.get_by_role("checkbox").uncheck()
    draw(board(alone), [[(0.25, 0.75)]])
    image = drawing(alone)
    down, across = ndimage.center_of_mass(image)
    assert (across + 0.5, down + 0.5) == (pytest.approx(7, abs=0.5), pytest.approx(21, abs=0.5))
    assert image.mean() == pytest.approx(board_ink(alone), rel=0.2)


@pytest.mark.parametrize(
    ("name", "step"), [("left", (0, -1)), ("right", (0, 1)), ("up", (-1, 0)), ("down", (1, 0))]
)
def test_the_drawing_moves_and_its_like_stays(
    name: str, step: tuple[int, int], reader_of: Callable
) -> None:
    example = np.zeros((28, 28))
    example[5:9, 6:20] = 0.5
    network = lenet5(np.random.default_rng(0))
    reader = reader_of(network, example[np.newaxis])
    move = reader.get_by_role("button", name=f"Move {name}")
    move.click()
    next_frame(reader)
    np.testing.assert_array_equal(drawing(reader), np.roll(example, step, axis=(0, 1)))
    for _ in range(30):
        move.click()
    next_frame(reader)
    assert not drawing(reader).any()  # beyond the border: nothing comes back on the other side
    clear(reader)
    draw(board(reader), STROKES["3"])
    fitted = drawing(reader)
    move.click()
    next_frame(reader)
    np.testing.assert_allclose(drawing(reader), fitted, atol=1e-6)


def test_strokes_on_an_example_are_added_where_they_are_drawn(reader_of: Callable) -> None:
    example = np.zeros((28, 28), np.float32)
    example[4:24, 18:22] = 0.25
    network = lenet5(np.random.default_rng(0))
    reader = reader_of(network, example[np.newaxis])
    draw(board(reader), LINE)
    image = drawing(reader)
    np.testing.assert_array_equal(image[:, 16:], example[:, 16:])
    assert image[14, 7:11].max() > 0.9
    assert_computed_right(reader, network)


def test_the_keyboard_draws_and_clears(alone: Locator) -> None:
    keyboard = alone.page.keyboard
    alone.page.add_style_tag(content="body { height: 5000px }")
    board(alone).focus()
    scrolled = alone.page.evaluate("scrollY")
    for key in ("Shift+ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        keyboard.press(key)
    next_frame(alone)
    assert not drawing(alone).any()
    assert "Pen up at row 8, column 9" in alone.inner_text()
    keyboard.press("Space")
    assert "Pen down at row 8, column 9" in alone.inner_text()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", *["ArrowDown"] * 12):
        keyboard.press(key)
    keyboard.press("Enter")
    keyboard.press("ArrowLeft")
    next_frame(alone)
    by_keys = drawing(alone)
    assert alone.page.evaluate("scrollY") == scrolled
    assert board_ink(alone) > 0.02
    keyboard.press("Delete")
    next_frame(alone)
    assert not drawing(alone).any()
    draw(board(alone), [[(9 / 28, 8 / 28), (19 / 28, 8 / 28), (19 / 28, 20 / 28)]])
    assert np.abs(drawing(alone) - by_keys).mean() < 0.02


def test_every_control_is_reached_by_tab_and_the_pen_shows_there(reader_of: Callable) -> None:
    network = lenet5(np.random.default_rng(0))
    reader = reader_of(network, np.zeros((2, 28, 28)))
    page, pen = reader.page, reader.locator(".pen")
    assert not pen.is_visible()
    page.keyboard.press("Tab")
    assert pen.is_visible()
    found = [named(page)]
    for _ in range(8):
        page.keyboard.press("Tab")
        found.append(named(page))
    moves = [f"Move {side}" for side in ("left", "up", "down", "right")]
    assert found[0].startswith("Drawing board. Arrow keys move the pen")
    assert found[1:6] == ["Clear", *moves]
    assert found[7:] == ["Example 1", "Example 2"]


def named(page: Page) -> str:
    return page.evaluate(
        "() => document.activeElement.ariaLabel ?? document.activeElement.textContent"
    )


def test_a_finger_draws(alone: Locator) -> None:
    box = board(alone).bounding_box()
    assert box is not None
    alone.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    next_frame(alone)
    down, across = ndimage.center_of_mass(drawing(alone))
    assert (down, across) == (pytest.approx(13.5, abs=0.6), pytest.approx(13.5, abs=0.6))


def test_the_answer_is_in_words_and_bars(alone: Locator) -> None:
    answer = alone.locator("[aria-live=polite].answer")
    assert answer.inner_text().startswith("Nothing is drawn.")
    draw(board(alone), STROKES["2"])
    p = probabilities(alone)
    first, second = np.argsort(-p)[:2]
    assert answer.inner_text().replace("\xa0", " ") == (
        f"The network reads {first}, with probability {100 * p[first]:.1f} %. "
        f"Its second choice is {second}, with {100 * p[second]:.1f} %."
    )
    rows = alone.get_by_role("row").all()
    numbers = [float(row.locator(".number").inner_text().rstrip("\xa0%")) for row in rows]
    np.testing.assert_allclose(numbers, 100 * p, atol=0.06)
    assert [row.get_by_role("rowheader").inner_text() for row in rows] == list("0123456789")
    widths = [row.locator(".bar").evaluate("bar => parseFloat(bar.style.width)") for row in rows]
    np.testing.assert_allclose(widths, 100 * p, atol=1e-3)


def test_screen_readers_wait_until_the_stroke_is_done(alone: Locator) -> None:
    answer = alone.locator(".answer")
    box = board(alone).bounding_box()
    assert box is not None
    mouse = alone.page.mouse
    mouse.move(box["x"] + 50, box["y"] + 50)
    mouse.down()
    mouse.move(box["x"] + 150, box["y"] + 50, steps=5)
    next_frame(alone)
    assert answer.get_attribute("aria-busy") == "true"
    assert drawing(alone).any()  # the pictures do not wait
    mouse.up()
    assert answer.get_attribute("aria-busy") == "false"


def pixels(canvas: Locator) -> np.ndarray:
    found = canvas.evaluate(
        """canvas => [canvas.height, canvas.width,
            ...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""
    )
    return np.array(found[2:]).reshape(found[0], found[1], 4)[:, :, :3]


def test_pictures_show_the_maps_in_the_colours_of_the_plots(alone: Locator) -> None:
    draw(board(alone), STROKES["6"])
    stages = alone.get_by_role("listitem").all()
    titles = [stage.locator("b").inner_text() for stage in stages]
    network = lenet5(np.random.default_rng(0))
    summary = network.summary((1, 28, 28)).layers
    assert [re.sub(r",.*", "", title) for title in titles[1:]] == [row.layer for row in summary]
    gets, signed, gray = (stages[i].locator("canvas") for i in (0, 1, 2))
    np.testing.assert_allclose(pixels(gets.first)[:, :, 0], 255 * drawing(alone), atol=1)
    maps = activations(alone)[0]
    expected = 255 * SIGNED(0.5 + maps / np.abs(maps).max() / 2)[..., :3]
    found = np.stack([pixels(canvas) for canvas in signed.all()])
    np.testing.assert_allclose(found, expected, atol=2)
    maps = activations(alone)[1]
    found = np.stack([pixels(canvas) for canvas in gray.all()])
    np.testing.assert_allclose(found[..., 0], 255 * maps / maps.max(), atol=1)


def test_the_page_follows_python_and_tells_it_what_it_does(alone: Locator) -> None:
    image = np.random.default_rng(1).random((28, 28), dtype=np.float32)
    alone.evaluate("() => { model.saved = 0; model.save_changes = () => { model.saved += 1; }; }")
    draw(board(alone), STROKES["2"])
    told = alone.evaluate("() => [...new Float32Array(model.get('drawing').values.buffer)]")
    np.testing.assert_array_equal(np.array(told, np.float32), drawing(alone).ravel())
    saved = alone.evaluate("() => model.saved")
    assert saved >= 1
    alone.evaluate(
        """(_, values) => model.set("drawing", {shape: [28, 28],
            values: new DataView(Float32Array.from(values).buffer)})""",
        image.ravel().tolist(),
    )
    np.testing.assert_array_equal(drawing(alone), image)
    assert_computed_right(alone, lenet5(np.random.default_rng(0)))
    next_frame(alone)
    assert alone.evaluate("() => model.saved") == saved  # Python's own change is not sent back


@pytest.mark.parametrize("width", [375, 1280])
def test_the_chapter_reads_its_examples_and_drawn_digits(width: int, reader: Callable) -> None:
    """The network that the chapter trained on scanned digits, on digits that nobody scanned."""
    page = reader(width=width).open("chapters/08-lenet.html")
    shown = page.locator(".digit-reader")
    shown.wait_for()
    examples = shown.get_by_role("button", name="Example")
    assert examples.count() == 10
    read = []
    for number in range(10):
        examples.nth(number).click()
        next_frame(shown)
        read.append(probabilities(shown).argmax())
    assert np.sum(np.array(read) == np.arange(10)) >= 9
    drawn = {}
    for digit, strokes in STROKES.items():
        clear(shown)
        draw(board(shown), strokes)
        drawn[digit] = str(probabilities(shown).argmax())
    assert sum(digit == answer for digit, answer in drawn.items()) >= 7, drawn

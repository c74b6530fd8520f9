"""Ten digits as a hand would draw them, in strokes of points (x, y), from 0 to 1 each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Locator

    Strokes = Sequence[Sequence[tuple[float, float]]]


def arc(
    x: float, y: float, across: float, down: float, begin: float, end: float
) -> list[tuple[float, float]]:
    """Part of an ellipse around (x, y); angles in degrees, from the right and clockwise."""
    angles = np.radians(np.linspace(begin, end, 16))
    return [(x + across * np.cos(a), y + down * np.sin(a)) for a in angles]


STROKES: dict[str, Strokes] = {
    "0": [arc(0.5, 0.5, 0.22, 0.33, -90, 270)],
    "1": [[(0.38, 0.3), (0.52, 0.15), (0.52, 0.85)]],
    "2": [[*arc(0.5, 0.33, 0.2, 0.17, -170, 40), (0.3, 0.83), (0.72, 0.83)]],
    "3": [[*arc(0.48, 0.33, 0.19, 0.17, -150, 90), *arc(0.48, 0.67, 0.22, 0.17, -90, 150)]],
    "4": [[(0.4, 0.17), (0.3, 0.55), (0.72, 0.55)], [(0.58, 0.35), (0.56, 0.85)]],
    "5": [
        [(0.35, 0.17), (0.33, 0.45), *arc(0.47, 0.63, 0.2, 0.2, -120, 150)],
        [(0.35, 0.17), (0.68, 0.17)],
    ],
    "6": [[*arc(0.66, 0.5, 0.34, 0.36, -110, -180), *arc(0.5, 0.66, 0.18, 0.18, 180, -190)]],
    "7": [[(0.3, 0.2), (0.7, 0.2), (0.47, 0.84)], [(0.4, 0.52), (0.7, 0.52)]],
    "8": [[*arc(0.5, 0.33, 0.16, 0.16, 90, -270), *arc(0.5, 0.67, 0.2, 0.18, -90, 270)]],
    "9": [[*arc(0.5, 0.34, 0.17, 0.18, 0, -360), (0.66, 0.6), (0.56, 0.85)]],
}


def draw(board: Locator, strokes: Strokes) -> None:
    """Draw with the mouse on an element."""
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    mouse = board.page.mouse

    def place(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    for first, *others in strokes:
        mouse.move(*place(*first))
        mouse.down()
        for point in others:
            mouse.move(*place(*point), steps=4)
        mouse.up()
    next_frame(board)


def next_frame(element: Locator) -> None:
    """Wait until the page has computed with what was done: it does so once a frame."""
    element.evaluate(NEXT_FRAME)


NEXT_FRAME = """() => new Promise(
  (done) => requestAnimationFrame(() => requestAnimationFrame(done)))"""

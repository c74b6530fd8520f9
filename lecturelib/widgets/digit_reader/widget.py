"""Draw a digit and see what a trained network makes of it, layer by layer.

The page computes in JavaScript, so the reader works in the built book, where no Python runs, and
in a live notebook, where `DigitReader.drawing` and the page follow each other.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from lecturelib._numbers import check_kind
from lecturelib.activations import softmax_forward
from lecturelib.network import Sequential
from lecturelib.widgets._checks import Checked, real_numbers
from lecturelib.widgets._parts import script, style
from lecturelib.widgets.digit_reader.page_layers import page_array, page_layers

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike, NDArray

__all__ = ["MAX_EXAMPLES", "DigitReader"]

SIDE = 28
DIGITS = 10

#: How many examples there may be: every page that shows them holds them.
MAX_EXAMPLES = 30


class DigitReader(anywidget.AnyWidget):
    """A drawing board whose digits a trained network reads while they are drawn.

    The page shows the probabilities of the ten digits and what each layer gives, drawn by its own
    scale: gray from 0 (black) on where nothing can be negative, else orange (negative) to blue.

    What is drawn on the empty board goes to the network in the form of the digits of
    `load_digits`, which a switch in the page turns off: scaled to the same box, stood upright,
    with as much ink, counted in blocks and enlarged to 28x28 as chapter 8 does. Examples go to the
    network as they are.

    Parameters
    ----------
    network : Sequential
        Takes images (N, 1, 28, 28), gives ten logits each, (N, 10). Of these layers only: Conv2d,
        Linear, MaxPool2d, AvgPool2d, Flatten, ReLU, Sigmoid, Tanh. It is copied: the reader goes
        on with what the network has learned by now.
    examples : (N, 28, 28) or (N, 1, 28, 28) array of numbers from 0 (paper) to 1 (ink)
        Digits that a button each puts on the board, at most `MAX_EXAMPLES`. The first one lies
        there at the start; without examples the board is empty.

    Attributes
    ----------
    drawing : (28, 28) float32 array
        What the network gets, 0 to 1. In a live notebook it changes with the page; assign an array
        (28, 28) or (1, 28, 28) to put it on the board.
    probabilities : (10,) array
        What the network makes of `drawing`, in the type of its parameters. Read-only; observe it to
        follow the page.

    Raises
    ------
    TypeError
        If `network` is no `Sequential`.
    ValueError
        If `network` has a layer that the page cannot compute, which is named, or parameters that
        are not finite in float32, or takes or gives other shapes; if `examples` or `drawing` have
        another shape or other values, or there are too many examples.

    See Also
    --------
    lecturelib.lenet.lenet5 : A network that fits.
    Chapter 8, "LeNet-5"; L1, "Example: Digit Recognition"; L3, "MNIST Digit Recognition with CNNs".

    Notes
    -----
    In the page, the element ``.digit-reader`` has properties that belong together at any time:
    ``drawing``, 784 numbers; ``activations``, a list with an object ``{shape, values}`` for each
    layer, in the order of ``ndarray.ravel()``; ``probabilities``, ten numbers.

    Examples
    --------
    >>> from lecturelib.lenet import lenet5
    >>> reader = DigitReader(lenet5(np.random.default_rng(0)))
    >>> reader.drawing = np.eye(28)
    >>> reader.probabilities.shape
    (10,)
    >>> reader.drawing = np.eye(8)
    Traceback (most recent call last):
    ...
    ValueError: drawing: expected shape (28, 28) or (1, 28, 28), got (8, 8)
    """

    _esm = script("digit_reader", "arrays", "layers", "strokes", "elements", "drawing", "widget")
    _css = style("digit_reader")

    drawing = Checked().tag(
        sync=True,
        to_json=lambda value, _widget: page_array(value),
        from_json=lambda value, _widget: _from_page(value),
    )
    probabilities = traitlets.Any(read_only=True)
    _layers = traitlets.Any(read_only=True).tag(sync=True)
    _examples = traitlets.Any(read_only=True).tag(sync=True)

    def __init__(self, network: Sequential, examples: ArrayLike = ()) -> None:
        check_kind("network", network, Sequential)
        layers = page_layers(network)
        _check_shapes(network)
        images = _images(examples)
        # Training that goes on would set Python apart from the page.
        self._network = copy.deepcopy(network).eval()
        self.set_trait("_layers", layers)
        self.set_trait("_examples", page_array(images))
        super().__init__(drawing=images[0] if len(images) else np.zeros((SIDE, SIDE)))

    @traitlets.validate("drawing")
    def _check_drawing(self, proposal: Any) -> Float[np.ndarray, "28 28"]:
        drawing = real_numbers("drawing", proposal["value"])
        if drawing.shape not in ((SIDE, SIDE), (1, SIDE, SIDE)):
            expected = f"({SIDE}, {SIDE}) or (1, {SIDE}, {SIDE})"
            raise ValueError(f"drawing: expected shape {expected}, got {drawing.shape}")
        return _ink("drawing", drawing.reshape(SIDE, SIDE))

    @traitlets.observe("drawing")
    def _read(self, change: Any) -> None:
        dtype = next((p.data.dtype for p in self._network.parameters()), np.float32)
        logits = self._network(change["new"][np.newaxis, np.newaxis].astype(dtype))
        self.set_trait("probabilities", softmax_forward(logits)[0])


def _check_shapes(network: Sequential) -> None:
    """Raise unless images of one channel become ten numbers each."""
    try:
        *_, last = network.summary((1, SIDE, SIDE)).layers
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"network: expected one for images (1, {SIDE}, {SIDE}): {error}"
        ) from error
    if last.output_shape != (DIGITS,):
        raise ValueError(f"network: expected output ({DIGITS},), got {last.output_shape}")


def _images(examples: ArrayLike) -> Float[np.ndarray, "N 28 28"]:
    given = real_numbers("examples", examples)
    if given.size == 0:
        return np.zeros((0, SIDE, SIDE), np.float32)
    if given.ndim == 4 and given.shape[1] == 1:
        given = given[:, 0]
    if given.ndim != 3 or given.shape[1:] != (SIDE, SIDE):
        expected = f"(N, {SIDE}, {SIDE}) or (N, 1, {SIDE}, {SIDE})"
        raise ValueError(f"examples: expected shape {expected}, got {np.shape(examples)}")
    if len(given) > MAX_EXAMPLES:
        raise ValueError(f"examples: expected at most {MAX_EXAMPLES}, got {len(given)}")
    return _ink("examples", given)


def _ink(name: str, images: NDArray[np.float64]) -> NDArray[np.float32]:
    if images.min() < 0 or images.max() > 1:
        span = f"{images.min():g} to {images.max():g}"
        raise ValueError(f"{name}: expected numbers from 0 to 1, got {span}")
    ink = images.astype(np.float32)
    ink.flags.writeable = False  # a change in place would never reach the page
    return ink


def _from_page(data: dict[str, Any]) -> Float[np.ndarray, "28 28"]:
    return np.frombuffer(data["values"], dtype="<f4").reshape(data["shape"])

"""What the digit reader takes from Python, and gives it; tests/browser has what its page does."""

import json
import re

import numpy as np
import pytest

from lecturelib.datasets import load_digits
from lecturelib.layers import Conv2d, Dropout, Flatten, Linear, ReLU
from lecturelib.lenet import lenet5, lenet5_1998, small_cnn
from lecturelib.network import Sequential
from lecturelib.widgets.digit_reader import MAX_EXAMPLES, DigitReader

RNG = np.random.default_rng(0)
IMAGE = RNG.random((28, 28)).astype(np.float32)


def linear_network(seed=0, dtype=np.float32):
    return Sequential(Flatten(), Linear(784, 10, np.random.default_rng(seed), dtype=dtype))


def shares(network, image):
    """The probabilities by hand, without the network's own code."""
    weight, bias = (parameter.data.astype(float) for parameter in network.parameters())
    powers = np.exp(weight @ np.ravel(image).astype(float) + bias)
    return powers / powers.sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_follow_the_drawing(dtype):
    network = linear_network(dtype=dtype)
    reader = DigitReader(network)
    np.testing.assert_allclose(reader.probabilities, shares(network, np.zeros(784)), rtol=1e-5)
    seen = []
    reader.observe(lambda change: seen.append(change.new), "probabilities")
    reader.drawing = IMAGE[np.newaxis]
    np.testing.assert_array_equal(reader.drawing, IMAGE)
    np.testing.assert_allclose(reader.probabilities, shares(network, IMAGE), rtol=1e-5)
    (told,) = seen
    assert told is reader.probabilities
    assert told.dtype == dtype


def test_the_page_sets_the_drawing():
    network = linear_network()
    reader = DigitReader(network)
    message = {"shape": [28, 28], "values": memoryview(IMAGE.tobytes())}
    reader.set_state({"drawing": message})  # what a page's message does
    np.testing.assert_array_equal(reader.drawing, IMAGE)
    np.testing.assert_allclose(reader.probabilities, shares(network, IMAGE), rtol=1e-5)
    # The same bytes as came: others would be sent back, and take the pen from the reader's hand.
    assert reader.get_state("drawing")["drawing"]["values"] == IMAGE.tobytes()


@pytest.mark.parametrize("shape", [(2, 28, 28), (2, 1, 28, 28)])
def test_the_first_example_lies_on_the_board(shape):
    examples = RNG.random(shape)
    reader = DigitReader(linear_network(), examples)
    np.testing.assert_array_equal(reader.drawing, examples.reshape(2, 28, 28)[0].astype("f4"))
    assert reader.get_state("_examples")["_examples"]["shape"] == [2, 28, 28]


def test_training_that_goes_on_changes_nothing():
    network = linear_network()
    reader = DigitReader(network)
    before = shares(network, IMAGE)
    network.parameters()[0].data += 1 - IMAGE.reshape(1, 784)
    network.parameters()[1].data[3] += 1
    reader.drawing = IMAGE
    np.testing.assert_allclose(reader.probabilities, before, rtol=1e-5)
    assert network.training


def test_the_state_saved_in_a_page_is_little_more_than_the_parameters():
    state = DigitReader(lenet5(RNG), np.zeros((10, 28, 28))).get_state()
    layers = state["_layers"]
    learned = [layer.pop(name) for layer in layers for name in ("weight", "bias") if name in layer]
    assert sum(len(array["values"]) for array in learned) == 4 * 61_706
    assert len(state["_examples"].pop("values")) == 4 * 10 * 784
    assert len(state["drawing"].pop("values")) == 4 * 784
    del state["_esm"], state["_css"]
    assert len(json.dumps(state)) < 2000


def with_infinity():
    network = lenet5(RNG, dtype=np.float64)
    network[7].weight.data[3, 5] = 1e39  # more than a float32 holds
    return network


@pytest.mark.parametrize(
    ("network", "kind", "message"),
    [
        ("lenet5", TypeError, "network: expected Sequential, got str"),
        (ReLU(), TypeError, "network: expected Sequential, got ReLU"),
        (
            Sequential(Flatten(), Linear(784, 10, RNG), Dropout(0.5, RNG)),
            ValueError,
            r"network: expected layers among Conv2d, Linear, .*, got Dropout\(.*\) at 2",
        ),
        (lenet5_1998(RNG), ValueError, "network: expected layers among .* got ScaledTanh.* at 1"),
        (
            lenet5(RNG, image_size=32),
            ValueError,
            r"network: expected one for images \(1, 28, 28\): x: expected shape .*400",
        ),
        (
            Sequential(Conv2d(3, 1, 1, RNG), Flatten(), Linear(784, 10, RNG)),
            ValueError,
            r"network: expected one for images \(1, 28, 28\): x: .*C=3",
        ),
        (
            Sequential(Flatten(), Linear(784, 2, RNG)),
            ValueError,
            r"network: expected output \(10,\), got \(2,\)",
        ),
        (
            with_infinity(),
            ValueError,
            "network: expected finite float32 numbers, got inf in 7.weight",
        ),
    ],
)
def test_wrong_networks_are_named(network, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        DigitReader(network)


def test_a_layer_derived_from_a_known_one_is_not_taken_for_it():
    class Leaky(ReLU):
        def forward(self, x):
            return np.maximum(x, 0.1 * x)

    with pytest.raises(ValueError, match=r"got Leaky\(\) at 1"):
        DigitReader(Sequential(Flatten(), Leaky(), Linear(784, 10, RNG)))


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (IMAGE, r"examples: expected shape \(N, 28, 28\) .*, got \(28, 28\)"),
        (np.zeros((2, 3, 28, 28)), r"got \(2, 3, 28, 28\)"),
        (np.zeros((2, 8, 8)), r"got \(2, 8, 8\)"),
        (255 * IMAGE[np.newaxis], "examples: expected numbers from 0 to 1, got .* to 25"),
        (
            np.zeros((MAX_EXAMPLES + 1, 28, 28)),
            f"examples: expected at most {MAX_EXAMPLES}, got {MAX_EXAMPLES + 1}",
        ),
        (None, "examples: expected an array of real numbers, got None"),
    ],
)
def test_wrong_examples_are_named(examples, message):
    with pytest.raises(ValueError, match=message):
        DigitReader(linear_network(), examples)


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (np.zeros((2, 28, 28)), r"drawing: expected shape \(28, 28\) or .*, got \(2, 28, 28\)"),
        (np.zeros(784), r"drawing: expected shape .*, got \(784,\)"),
        (IMAGE - 1, "drawing: expected numbers from 0 to 1, got -"),
        (np.full((28, 28), np.nan), "drawing: expected finite numbers"),
        (None, "drawing: expected an array of real numbers, got None"),
    ],
)
def test_wrong_drawings_are_named_and_change_nothing(drawing, message):
    reader = DigitReader(small_cnn(RNG), IMAGE[np.newaxis])
    probabilities = reader.probabilities
    with pytest.raises(ValueError, match=f"^{message}"):
        reader.drawing = drawing
    np.testing.assert_array_equal(reader.drawing, IMAGE)
    np.testing.assert_array_equal(reader.probabilities, probabilities)
    with pytest.raises(ValueError, match="read-only"):
        reader.drawing[0, 0] = 1


def test_the_page_says_true_things_of_the_training_digits():
    """What a drawing is fitted to, against the digits themselves; a pixel of theirs is 4x4 dots."""
    script = DigitReader(linear_network()).get_state("_esm")["_esm"]
    ink = int(re.search(r"^const INK = (\d+);", script, re.M)[1])
    width = int(re.search(r"^const BOX = \{ width: (\d+), height: 32 \};", script, re.M)[1])
    dots = 16 * load_digits().images[:, 0]
    assert np.median(dots.sum(axis=(1, 2))) == ink
    assert np.all(dots.any(axis=2))  # ink in every row of blocks, so that they fill the height
    assert abs(np.median(right_edges(dots.max(axis=1)) - left_edges(dots.max(axis=1))) - width) < 1
    lean = left_edges(dots[:, 0]) - left_edges(dots[:, -1])
    assert np.mean(np.abs(lean) <= 2) > 0.9


def left_edges(rows):
    """Column of 32 where ink begins in rows (N, 8) of blocks of 4x4, if it fills its block."""
    first = (rows > 0).argmax(axis=1)
    return 4 * (first + 1) - rows[np.arange(len(rows)), first] / 4


def right_edges(rows):
    return 32 - left_edges(rows[:, ::-1])

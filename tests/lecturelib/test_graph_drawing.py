import re
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lecturelib import graph
from lecturelib.graph import _drawing as drawing
from lecturelib.graph._layout import GAP_Y, arrange


def lecture():
    """h = tanh(Wx + b), y = Vh + a, and a loss."""
    rng = np.random.default_rng(0)
    W, b, V, a = (
        graph.variable(rng.standard_normal(shape), label=label)
        for label, shape in {"W": (3, 2), "b": (3,), "V": (1, 3), "a": (1,)}.items()
    )
    h = graph.tanh(W @ graph.constant([1.0, -0.5], label="x") + b)
    y = V @ h + a
    loss = ((y - 1) ** 2).sum()
    h.label, y.label, loss.label = "h", "y", "L"
    return loss


def recurrent(steps=3):
    w, u, b = (graph.variable(0.5, label=label) for label in "wub")
    h = graph.constant(0.0, label="h0")
    for _ in range(steps):
        h = graph.tanh(w * graph.constant(1.0) + u * h + b)
    return h**2


def square():
    x = graph.variable(3.0, label="x")
    return x * x


def parts(figure):
    """Return the cards by their numbers in topological order, and the lines."""
    patches = figure.axes[0].patches
    cards = [each for each in patches if each.get_gid().startswith("node-")]
    assert all(isinstance(card, FancyBboxPatch) for card in cards)
    lines = [each for each in patches if isinstance(each, FancyArrowPatch)]
    return sorted(cards, key=lambda card: int(card.get_gid()[5:])), lines


def texts(figure):
    return [text.get_text().strip() for text in figure.axes[0].texts]


GRAPHS = {"lecture": lecture, "recurrent": recurrent, "square": square}


@pytest.mark.parametrize("name", GRAPHS)
def test_every_node_has_a_card_and_every_use_an_arrow(name):
    node = GRAPHS[name]()
    order = graph.topological_order(node)
    cards, lines = parts(graph.draw(node))
    assert len(cards) == len(order)
    assert len(lines) == sum(len(each.parents) for each in order)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", GRAPHS)
def test_arrows_lead_from_the_parent_to_the_child(name):
    node = GRAPHS[name]()
    order = graph.topological_order(node)
    cards, lines = parts(graph.draw(node))
    boxes = [card.get_bbox() for card in cards]
    ends = [(order.index(parent), child) for child, n in enumerate(order) for parent in n.parents]
    arrivals = set()
    for (parent, child), line in zip(ends, lines, strict=True):
        path = line._path_original  # before matplotlib adds the head
        start, end = path.vertices[0], path.vertices[-1]
        assert start[0] == pytest.approx(boxes[parent].x1)
        assert start[1] == pytest.approx((boxes[parent].y0 + boxes[parent].y1) / 2)
        assert end[0] == pytest.approx(boxes[child].x0)
        assert boxes[child].y0 < end[1] < boxes[child].y1
        assert (np.diff(path.vertices[:, 0]) >= -1e-9).all()
        arrivals.add(tuple(end.round(6)))
    assert len(arrivals) == len(lines)  # also of the two arrows from x to x * x


@pytest.mark.parametrize("name", GRAPHS)
def test_cards_keep_apart_and_hold_their_texts(name):
    node = GRAPHS[name]()
    node.backward()
    figure = graph.draw(node)
    cards, _ = parts(figure)
    boxes = [card.get_bbox() for card in cards]
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
    figure.draw_without_rendering()
    ax = figure.axes[0]
    written = 0
    for text in ax.texts:
        extent = text.get_window_extent().transformed(ax.transData.inverted())
        inside = [box for box in boxes if box.fully_contains(*extent.get_points().mean(axis=0))]
        if inside:
            written += 1
            assert inside[0].x0 <= extent.x0
            assert extent.x1 <= inside[0].x1
            assert inside[0].y0 - 1 <= extent.y0
            assert extent.y1 <= inside[0].y1 + 1
    assert written >= 2 * len(cards)
    view = ax.viewLim
    assert all(view.fully_contains(*corner) for box in boxes for corner in (box.min, box.max))


def test_values_and_gradients_are_written():
    x, y = graph.variable(2.0, label="x"), graph.constant(-3.0)
    product = x * y
    assert texts(graph.draw(product)) == ["x", "2", "−3", "×", "−6", "variable", "constant"]
    product.backward()
    written = texts(graph.draw(product))
    assert written[:6] == ["x", "2", "∂ −3", "−3", "×", "−6"]
    assert written[6:] == ["∂  1", "variable", "constant", "∂ gradient"]


def test_small_arrays_are_printed_and_large_ones_described():
    W = graph.variable([[1.5, -2.0], [0.25, 1000.0]])
    assert texts(graph.draw(W))[:2] == ["1.50   −2", "0.25 1000"]
    assert texts(graph.draw(graph.variable([1.0, 2.0])))[:2] == ["1", "2"]
    large = graph.variable(np.ones((10, 4)))
    loss = (2 * large).sum()
    loss.backward()
    written = texts(graph.draw(loss))
    assert written[:4] == ["2", "(10, 4)", "∂ norm 12.65", "×"]
    assert texts(graph.draw(graph.constant(np.ones((1, 1, 1)))))[0] == "(1, 1, 1)"
    assert texts(graph.draw(graph.constant(np.ones((0, 2)))))[0] == "(0, 2)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-7.0, "−7"),
        (0.126, "0.13"),
        (-999.994, "−999.99"),
        (0.004, "4e−03"),
        (12345.6, "1e+04"),
        (1e9, "1e+09"),
        (np.nan, "nan"),
        (-np.inf, "−inf"),
    ],
)
def test_numbers_are_short(value, text):
    assert texts(graph.draw(graph.constant(value)))[0] == text


def test_operations_are_named_briefly():
    x = graph.variable([[4.0, 1.0]])
    formula = graph.tanh(-((x[0] / 2 - x[0, 1] + 1) ** 0.5) @ x.T)
    written = texts(graph.draw(formula))
    for symbol in ("[0]", "÷", "[0, 1]", "−", "+", "** 0.5", "T", "@", "tanh"):
        assert symbol in written


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (-1, "[−1]"),
        (slice(1, None), "[1:]"),
        ((..., slice(None, 2), None), "[…, :2, None]"),
        (slice(None, None, 2), "[::2]"),
        ([0, 0], "[…]"),
        ((np.int64(1), np.array([0])), "[1, …]"),
    ],
)
def test_indices_are_written_as_in_code(index, text):
    assert text in texts(graph.draw(graph.variable(np.ones((2, 3)))[index]))


def test_label_may_be_a_formula():
    x = graph.variable(1.0, label=r"$\mathbf{W}_{hh}$")
    card = parts(graph.draw(x))[0][0].get_bbox()
    plain = parts(graph.draw(graph.variable(1.0, label=r"\mathbf{W}_{hh}")))[0][0].get_bbox()
    assert card.width < plain.width / 2


def test_svg_names_the_nodes(tmp_path):
    figure = graph.draw(square())
    figure.savefig(tmp_path / "graph.svg")
    svg = (tmp_path / "graph.svg").read_text()
    assert re.findall(r'id="((?:node|line)-\d+)"', svg) == ["line-0", "line-1", "node-0", "node-1"]


def test_small_print_can_be_read():
    """At least the contrast 4.5 that WCAG 2 asks for."""

    def luminance(color):
        c = np.asarray(to_rgb(color))
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    for ground in drawing.GROUND.values():
        assert (luminance(ground) + 0.05) / (luminance(drawing.GRADIENT) + 0.05) >= 4.5


@given(
    st.lists(st.lists(st.integers(0, 20), max_size=3), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=60, derandomize=True)
def test_layout_of_any_graph(raw, random):
    """Boxes and the lines that pass keep apart, and every line runs from left to right."""
    parents = [[p % number for p in each] if number else [] for number, each in enumerate(raw)]
    sizes = [(random.uniform(10, 80), random.uniform(10, 60)) for _ in parents]
    layout = arrange(parents, sizes)
    column_of = {}
    for number, (x, _) in enumerate(layout.centers):
        (column_of[number],) = (
            c for c, (left, right) in enumerate(layout.columns) if left <= x <= right
        )
        left, right = layout.columns[column_of[number]]
        assert right - left >= sizes[number][0] - 1e-9
    spans = {
        (column_of[number], y - height / 2, y + height / 2)
        for number, ((_, y), (_, height)) in enumerate(zip(layout.centers, sizes, strict=True))
    }
    ends = [(parent, child) for child, each in enumerate(parents) for parent in each]
    for (parent, child), route in zip(ends, layout.routes, strict=True):
        assert [column for column, _ in route] == list(
            range(column_of[parent], column_of[child] + 1)
        )
        spans |= {(column, y, y) for column, y in route[1:-1]}
    ordered = sorted(spans)
    for (column, _, top), (next_column, bottom, _) in pairwise(ordered):
        assert column != next_column or bottom - top >= GAP_Y - 1e-6


def test_layout_of_a_chain_is_a_straight_line():
    layout = arrange([[], [0], [1], [2]], [(30, 10), (10, 50), (20, 20), (5, 5)])
    assert np.ptp([y for _, y in layout.centers]) == pytest.approx(0)
    assert [x for x, _ in layout.centers] == sorted(x for x, _ in layout.centers)


def test_layout_avoids_crossings_that_need_not_be():
    """Four pairs, their ends numbered the wrong way round, into one goal."""
    parents = [[], [], [], [], [3], [2], [1], [0], [4, 5, 6, 7]]
    layout = arrange(parents, [(10.0, 10.0)] * 9)
    starts = [layout.centers[p][1] for p in (3, 2, 1, 0)]
    ends = [layout.centers[c][1] for c in (4, 5, 6, 7)]
    assert np.argsort(starts).tolist() == np.argsort(ends).tolist()

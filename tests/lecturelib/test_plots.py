"""Figures show the data they are given, and refuse data that they would show wrongly."""

import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from lecturelib import plots
from lecturelib.training import History

WHITE = (1.0, 1.0, 1.0)
RUN = History(
    train_loss=[3.0, 2.0, 1.0],
    validation_loss=[2.5, 1.5, 1.75],
    metrics={"accuracy": [0.25, 0.5, 0.75]},
    best_epoch=1,
)


CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def score(points):
    return points.sum(1) - 0.5


def bowl(x, y):
    return x**2 + y**2


def printed(fig):
    return [text.get_text() for text in fig.axes[0].texts]


def pixels_of(fig):
    fig.set_dpi(50)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


FIGURES = {
    "matrices": lambda: plots.show_matrices({"x": np.eye(3), "y": [1, 2]}),
    "pictures": lambda: plots.show_pictures({"x": np.eye(4), "y": np.zeros((3, 4, 4))}),
    "filter bank": lambda: plots.show_filter_bank({"x": np.eye(4)}, {"x": np.eye(2)}),
    "histories": lambda: plots.show_histories({"x": RUN, "y": RUN}, metric="accuracy"),
    "curves": lambda: plots.show_curves(
        {"x": [1, 2], "y": ([0, 2], [1, 3])}, xlabel="a", ylabel="b"
    ),
    "regions": lambda: plots.show_regions({"x": (score, CORNERS, [0, 1, 1, 1])}),
    "paths": lambda: plots.show_paths(bowl, {"x": [[1, 1], [0, 0]]}, xlim=(-2, 2), ylim=(-1, 1)),
    "weights": lambda: plots.show_weight_matrices({"A": np.eye(4)}, block=(2, 2)),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figure_is_opaque_left_closed_and_changes_no_settings(make):
    mpl.get_backend()  # chosen at first use, which must not count as a change
    before = mpl.rcParams.copy()
    fig = make()
    assert plt.get_fignums() == []
    assert mpl.rcParams == before
    assert (pixels_of(fig)[..., 3] == 255).all()


def test_matrices_print_every_number_with_a_true_minus():
    fig = plots.show_matrices({"x": [[1, -2.5], [-0.0, 0.125]], "y": [7]}, operators=["="])
    assert printed(fig) == ["1", "−2.5", "0", "0.12", "x", "=", "7", "y", ""]


def test_numbers_stay_inside_their_cells():
    fig = plots.show_matrices({"x": np.full((3, 3), -0.11)})
    ax = fig.axes[0]
    fig.draw_without_rendering()
    cell = np.diff(ax.transData.transform([(0, 0), (1, 0)]), axis=0)[0, 0]
    widths = [text.get_window_extent().width for text in ax.texts if text.get_text() == "−0.11"]
    assert len(widths) == 9
    assert max(widths) < cell


def test_zero_is_white_and_signs_have_their_colours():
    fig = plots.show_matrices({"x": [[-4, 0, 1]]})
    mesh = fig.axes[0].collections[0]
    negative, zero, positive = mesh.cmap(mesh.norm(mesh.get_array())).reshape(3, 4)[:, :3]
    np.testing.assert_allclose(zero, WHITE, atol=0.01)
    assert negative[0] > negative[2]
    assert positive[2] > positive[0]


def contrast(first, second):
    """Contrast ratio of WCAG 2 from sRGB values in [0, 1]."""

    def luminance(color):
        c = np.asarray(color)
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    light, dark = sorted([luminance(first), luminance(second)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_numbers_can_be_read_on_every_cell_colour():
    fig = plots.show_matrices({"x": np.linspace(-9, 9, 19)})
    mesh = fig.axes[0].collections[0]
    cells = mesh.cmap(mesh.norm(mesh.get_array())).reshape(-1, 4)[:, :3]
    assert min(contrast(to_rgb("black"), cell) for cell in cells) >= 7


def test_window_frames_the_cells_asked_for():
    fig = plots.show_matrices({"x": np.zeros((4, 5))}, windows={"x": (1, 2, 3, 2)})
    (frame,) = fig.axes[0].patches
    assert frame.get_bbox().bounds == (2, 1, 2, 3)


def test_padding_grays_the_border_only():
    fig = plots.show_matrices({"x": np.zeros((4, 5))}, padding={"x": 1})
    corners = {patch.get_xy() for patch in fig.axes[0].patches}
    assert len(corners) == 4 * 5 - 2 * 3
    assert (1, 1) not in corners


def test_signed_picture_is_centred_at_zero():
    picture = np.array([[-1.0, 3], [0, 2]])
    fig = plots.show_pictures({"x": picture}, signed=["x"])
    low, high = fig.axes[0].images[0].get_clim()
    assert low == -high
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), picture)


def test_signed_picture_with_few_marks_still_shows_them():
    picture = np.zeros((50, 50))
    picture[3, 4] = -2
    fig = plots.show_pictures({"x": picture}, signed=["x"])
    assert fig.axes[0].images[0].get_clim() == (-2, 2)


def test_gray_and_colour_pictures_keep_their_range():
    color = np.linspace(-0.2, 1.2, 3 * 4 * 5).reshape(3, 4, 5)
    fig = plots.show_pictures({"gray": color[0], "color": color}, columns=2)
    assert fig.axes[0].images[0].get_clim() == (0, 1)
    shown = fig.axes[1].images[0].get_array()
    np.testing.assert_allclose(shown, np.clip(color, 0, 1).transpose(1, 2, 0))


def test_filter_bank_prints_each_kernel_on_its_response():
    pictures = {"picture": np.eye(6), "first": np.eye(6), "second": np.eye(6)}
    kernels = {"second": [[5.0, 6]], "first": [[1.0], [2]]}
    fig = plots.show_filter_bank(pictures, kernels)
    corners = [ax.child_axes for ax in fig.axes[:3]]
    texts = [[t.get_text() for child in axes for t in child.texts] for axes in corners]
    assert texts == [[], ["1", "2"], ["5", "6"]]


def test_weight_matrices_leave_zeros_blank():
    fig = plots.show_weight_matrices({"A": [[0, 1], [-2, 0]]})
    image = fig.axes[0].images[0]
    np.testing.assert_array_equal(image.get_array().mask, [[True, False], [False, True]])
    assert image.get_clim() == (-2, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.show_matrices({}), "matrices: expected at least one"),
        (lambda: plots.show_matrices({"x": np.zeros((2, 2, 2))}), r"x: .*got shape \(2, 2, 2\)"),
        (lambda: plots.show_matrices({"x": []}), r"x: .*got shape \(1, 0\)"),
        (
            lambda: plots.show_matrices({"x": [1], "y": [1]}, operators=["a", "b"]),
            "operators: expected 1 signs, got 2",
        ),
        (lambda: plots.show_matrices({"x": [1]}, windows={"z": (0, 0, 1, 1)}), "windows: .*'z'"),
        (
            lambda: plots.show_matrices({"x": np.eye(3)}, windows={"x": (1, 1, 3, 1)}),
            "windows: expected a window inside x of 3×3",
        ),
        (
            lambda: plots.show_matrices({"x": np.eye(3)}, windows={"x": (-1, 0, 1, 1)}),
            "windows: expected a window inside x",
        ),
        (lambda: plots.show_matrices({"x": np.eye(3)}, padding={"x": 2}), "padding: .*got 2"),
        (lambda: plots.show_pictures({}), "pictures: expected at least one"),
        (lambda: plots.show_pictures({"x": np.eye(3)}, signed=["y"]), "signed: .*'y'"),
        (lambda: plots.show_pictures({"x": np.zeros((2, 4, 4))}), r"x: .*got \(2, 4, 4\)"),
        (
            lambda: plots.show_pictures({"x": np.zeros((3, 4, 4))}, signed=["x"]),
            r"x: expected shape \(H, W\) or \(1, H, W\)",
        ),
        (
            lambda: plots.show_filter_bank({"x": np.eye(3)}, {"y": np.eye(2)}),
            "kernels: .*'y'",
        ),
        (lambda: plots.show_weight_matrices({}), "matrices: expected at least one"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plots.show_pictures([np.eye(3)]), TypeError, "pictures: expected a map.* list"),
        (lambda: plots.show_pictures(np.eye(3)), TypeError, "pictures: expected a map.* ndarray"),
        (lambda: plots.show_pictures({"x": np.eye(3)}, columns=0), ValueError, "columns: .* got 0"),
        (lambda: plots.show_pictures({"x": np.eye(3)}, columns=2.0), TypeError, "columns: .*2.0"),
        (lambda: plots.show_pictures({"x": np.ones(3)}), ValueError, r"x: .*got \(3,\)"),
        (lambda: plots.show_pictures({"x": np.ones((0, 3))}), ValueError, r"x: .*got \(0, 3\)"),
        (lambda: plots.show_pictures({"x": [["a"]]}), TypeError, "x: expected real numbers"),
        (lambda: plots.show_pictures({"x": [[1], [1, 2]]}), ValueError, "x: expected an array"),
        (
            lambda: plots.show_pictures({"edges": np.eye(3)}, signed="edges"),
            TypeError,
            "signed: expected a collection of titles, got 'edges'",
        ),
        (lambda: plots.show_matrices([np.eye(3)]), TypeError, "matrices: expected a map.* list"),
        (lambda: plots.show_matrices({"x": [["a"]]}), TypeError, "x: expected real numbers"),
        (lambda: plots.show_matrices({"x": [[1j]]}), TypeError, "x: expected real numbers"),
        (
            lambda: plots.show_matrices({"x": np.eye(3)}, windows={"x": (0, 0, 1)}),
            ValueError,
            r"windows: expected \(row, column, height, width\) for x, got \(0, 0, 1\)",
        ),
        (
            lambda: plots.show_matrices({"x": np.eye(3)}, windows={"x": (0, 0, 0, 1)}),
            ValueError,
            r"windows: expected a window inside x of 3×3, got \(0, 0, 0, 1\)",
        ),
        (
            lambda: plots.show_matrices({"x": np.eye(3)}, windows={"x": (0, 0, 1.5, 1)}),
            TypeError,
            "windows: expected four integers for x",
        ),
        (
            lambda: plots.show_filter_bank({"x": np.eye(3)}, ["x"]),
            TypeError,
            "kernels: expected a mapping",
        ),
        (lambda: plots.show_weight_matrices([[1]]), TypeError, "matrices: expected a mapping"),
    ],
)
def test_wrong_kinds_of_input_are_named(call, error, message):
    with pytest.raises(error, match=f"^{message}"):
        call()
    assert plt.get_fignums() == []


def test_pictures_may_be_nested_lists():
    fig = plots.show_pictures({"x": [[0, 1], [0.5, 0]]}, signed=["x"])
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), [[0, 1], [0.5, 0]])


def test_importing_the_library_leaves_plotting_and_data_unloaded():
    heavy = "matplotlib", "sklearn", "IPython", "torch"
    code = f"import lecturelib, sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_learning_curves():
    plain = History(train_loss=[4.0, 2.0])
    fig = plots.show_histories({"SGD": RUN}, metric="accuracy", log=True)
    losses, accuracies = fig.axes
    training, held_out, best = losses.lines
    assert training.get_xydata().tolist() == [[1, 3], [2, 2], [3, 1]]
    assert held_out.get_xydata().tolist() == [[1, 2.5], [2, 1.5], [3, 1.75]]
    assert best.get_xydata().tolist() == [[2, 1.5]]
    assert (training.get_linestyle(), held_out.get_linestyle()) == ("--", "-")
    assert losses.get_yscale() == "log"
    assert accuracies.lines[0].get_ydata().tolist() == [0.25, 0.5, 0.75]
    assert accuracies.get_ylabel() == "accuracy"
    (ax,) = plots.show_histories({"a": plain, "b": RUN}).axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "a",
        "b, training",
        "b, held out",
    ]
    assert ax.lines[0].get_linestyle() == "-"
    assert ax.lines[0].get_color() != ax.lines[1].get_color() == ax.lines[2].get_color()


def test_learning_curves_of_what_is_not_there():
    with pytest.raises(ValueError, match="histories: expected at least one, got none"):
        plots.show_histories({})
    with pytest.raises(TypeError, match="histories: expected a mapping"):
        plots.show_histories([RUN])
    with pytest.raises(ValueError, match="an epoch or more of 'x', got none"):
        plots.show_histories({"x": History()})
    with pytest.raises(ValueError, match=r"one that 'x' has \(accuracy\), got 'error'"):
        plots.show_histories({"x": RUN}, metric="error")


def test_curves_have_their_points_names_and_dashes():
    x = [1.0, 10.0, 100.0]
    curves = {"a": (x, [3, 2, 1]), "b": [5, 6]}
    fig = plots.show_curves(curves, xlabel="n", ylabel="loss", log_x=True, log_y=True, markers=True)
    first, second = fig.axes[0].lines
    np.testing.assert_array_equal(first.get_xydata(), [[1, 3], [10, 2], [100, 1]])
    np.testing.assert_array_equal(second.get_xydata(), [[0, 5], [1, 6]])
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_marker() != second.get_marker()
    assert fig.axes[0].get_xscale() == fig.axes[0].get_yscale() == "log"
    assert (fig.axes[0].get_xlabel(), fig.axes[0].get_ylabel()) == ("n", "loss")


def test_two_heights_in_a_tuple_are_one_curve():
    fig = plots.show_curves({"a": (3.0, 4.0)}, xlabel="x", ylabel="y")
    np.testing.assert_array_equal(fig.axes[0].lines[0].get_xydata(), [[0, 3], [1, 4]])
    assert fig.axes[0].get_legend() is None


def test_a_region_is_blue_exactly_where_the_score_is_positive():
    fig = plots.show_regions({"and": (lambda x: x.sum(1) - 1.5, CORNERS, [0, 0, 0, 1])})
    ax = fig.axes[0]
    pixels = pixels_of(fig)
    for place, blue in {(0.5, 0.5): False, (0.9, 0.5): False, (0.9, 0.9): True}.items():
        column, row = ax.transData.transform(place).astype(int)
        red, _, shade, _ = pixels[len(pixels) - row, column].astype(int)
        assert (shade > red) == blue, place


def test_points_of_both_classes_have_their_own_marks():
    fig = plots.show_regions({"data": (None, CORNERS, [0, 1, 1, 0])})
    no, yes = fig.axes[0].collections
    np.testing.assert_array_equal(no.get_offsets(), [[0, 0], [1, 1]])
    np.testing.assert_array_equal(yes.get_offsets(), [[0, 1], [1, 0]])
    assert len(no.get_paths()[0]) != len(yes.get_paths()[0])


def test_a_score_that_has_one_sign_everywhere_is_drawn():
    def always(points):
        return np.ones((len(points), 1))

    assert plots.show_regions({"yes": (always, CORNERS, [0, 1, 1, 0])}).axes


def test_paths_lie_on_the_contours_of_their_loss():
    way = [[1.5, 0.5], [0.5, 0.25], [0, 0]]
    fig = plots.show_paths(bowl, {"down": way}, xlim=(-2, 2), ylim=(-1, 1))
    ax = fig.axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), way)
    lines = ax.collections[1]
    for height, path in zip(lines.levels, lines.get_paths(), strict=True):
        np.testing.assert_allclose(bowl(*path.vertices.T), height, rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.show_curves({}, xlabel="", ylabel=""), "curves: expected at least one"),
        (lambda: plots.show_curves({"a": []}, xlabel="", ylabel=""), "a: expected heights"),
        (
            lambda: plots.show_curves({"a": ([1, 2], [1, 2, 3])}, xlabel="", ylabel=""),
            r"a: expected heights .* \(2,\) and \(3,\)",
        ),
        (lambda: plots.show_regions({"a": (score, CORNERS)}), "a: expected .score, points, labels"),
        (
            lambda: plots.show_regions({"a": (score, [[0, 1], [0, 2]], [0, 1])}),
            "a: expected points",
        ),
        (lambda: plots.show_regions({"a": (score, CORNERS, [0, 1, 2, 1])}), "a: expected labels"),
        (
            lambda: plots.show_paths(bowl, {"a": [1, 2]}, xlim=(0, 1), ylim=(0, 1)),
            r"a: expected shape \(steps, 2\), got \(2,\)",
        ),
        (
            lambda: plots.show_paths(bowl, {"a": [[1, 2]]}, xlim=(1, 0), ylim=(0, 1)),
            r"xlim: expected \(low, high\)",
        ),
    ],
)
def test_curves_and_planes_refuse_what_they_cannot_draw(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()

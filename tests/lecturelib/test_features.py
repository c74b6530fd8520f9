import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.conv import (
    conv1d_backward,
    conv1d_forward,
    conv2d_backward,
    conv2d_forward,
    conv_parameter_count,
)
from lecturelib.features import (
    ConnectionCounts,
    ReceptiveField,
    connection_counts,
    conv1d_matrix,
    conv2d_matrix,
    receptive_field,
    receptive_field_table,
    receptive_window,
)

ALEXNET = [(11, 4, 2), (3, 2), (5, 1, 2), (3, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2)]


def pixels_with_gradient(layers, unit, in_size):
    """Stack real convolutions, all weights 1, and see where the unit's gradient is not 0."""
    conv2d = pytest.importorskip("torch.nn.functional").conv2d
    torch = pytest.importorskip("torch")
    x = torch.ones((1, 1, *in_size), dtype=torch.float64, requires_grad=True)
    y = x
    for kernel_size, stride, padding, dilation in layers:
        w = torch.ones((1, 1, *kernel_size), dtype=torch.float64)
        y = conv2d(y, w, stride=stride, padding=padding, dilation=dilation)
    y[0, 0, *unit].backward()
    return np.argwhere(x.grad[0, 0].numpy() != 0), y.shape[2:]


pairs = {low: st.tuples(st.integers(low, 3), st.integers(low, 3)) for low in (0, 1)}
layer = st.tuples(pairs[1], pairs[1], pairs[0], pairs[1])


@given(st.lists(layer, max_size=4), st.tuples(st.integers(20, 40), st.integers(20, 40)), st.data())
@settings(deadline=None, max_examples=60, derandomize=True)
def test_window_is_where_the_gradient_of_a_real_network_goes(layers, in_size, data):
    try:
        _, out_size = pixels_with_gradient(layers, (0, 0), in_size)
    except RuntimeError:  # torch: the kernel exceeds the padded input
        with pytest.raises(ValueError, match=r"^kernel_size: .*padded input"):
            receptive_window(layers, (0, 0), in_size)
        return
    unit = tuple(data.draw(st.integers(0, size - 1)) for size in out_size)
    seen, _ = pixels_with_gradient(layers, unit, in_size)
    window = receptive_window(layers, unit, in_size)
    if len(seen):
        assert window == tuple(
            slice(first, last + 1) for first, last in zip(seen.min(0), seen.max(0), strict=True)
        )
    else:
        assert np.zeros(in_size)[window].size == 0


@given(st.lists(layer, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_formula_agrees_with_windows_far_from_the_border(layers):
    """Size, jump and start, for a unit in the middle of a large picture."""
    field = receptive_field(layers)[-1]
    for axis in (0, 1):
        along = [tuple(entry[axis] for entry in each) for each in layers]
        size, jump, start = (entry[axis] for entry in field)
        unit = 1 + 400 // jump
        first = start + unit * jump
        assert receptive_window(along, unit, 2500) == (slice(first, first + size),)


def test_known_networks():
    sizes = [field.size for field in receptive_field(ALEXNET)]
    assert sizes == [11, 19, 51, 67, 99, 131, 163, 195]
    vgg16 = [layer for convs in (2, 2, 3, 3, 3) for layer in [*[(3, 1, 1)] * convs, (2, 2)]]
    assert receptive_field(vgg16)[-1] == ReceptiveField(size=212, jump=32, start=-90)


def test_ints_hold_along_every_axis():
    assert receptive_field([(3, 2), (3,)]) == [ReceptiveField(3, 2, 0), ReceptiveField(7, 2, 0)]
    by_axis = receptive_field([((3, 1), (2, 1)), (3,)])
    assert by_axis == [
        ReceptiveField((3, 1), (2, 1), (0, 0)),
        ReceptiveField((7, 3), (2, 1), (0, 0)),
    ]
    assert receptive_window([(3, 2)], (1, 2), 9) == (slice(2, 5), slice(4, 7))
    assert receptive_field([]) == []
    assert receptive_window([], 3, 5) == (slice(3, 4),)


def test_a_table_needs_names():
    with pytest.raises(TypeError, match=r"^layers: expected layers by name, got list$"):
        receptive_field_table([(3, 1), (2, 2)])


def test_table_lines_up():
    table = receptive_field_table({"convolution": (11, 4, 2), "pool": ((3, 3), 2)})
    head, *rows = table.splitlines()
    assert head.split() == ["layer", "size", "jump", "start"]
    assert rows[0].split(maxsplit=1) == ["convolution", "(11, 11)  (4, 4)  (-2, -2)"]
    assert {len(line) for line in (head, *rows)} == {len(head)}


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([3], ValueError, r"^layers: expected \(kernel_size, .*\) for layer 0, got 3$"),
        ([(3,), ()], ValueError, r"^layers: expected .* for layer 1, got \(\)$"),
        ([(3, 1, 0, 1, 1)], ValueError, r"^layers: .*got \(3, 1, 0, 1, 1\)$"),
        ([(0,)], ValueError, r"^kernel_size: expected at least 1, got 0$"),
        ([(3, 0)], ValueError, r"^stride: expected at least 1, got 0$"),
        ([(3, 1, -1)], ValueError, r"^padding: expected at least 0, got -1$"),
        ([(3, 1, 0, 0)], ValueError, r"^dilation: expected at least 1, got 0$"),
        ([(3.0,)], TypeError, r"^kernel_size: expected an integer, got 3.0$"),
        ([((3, 3, 3),)], ValueError, r"^kernel_size: expected an integer or 2 of them"),
    ],
)
def test_wrong_layers_are_named(layers, error, message):
    with pytest.raises(error, match=message):
        receptive_field(layers)


@pytest.mark.parametrize(
    ("unit", "in_size", "error", "message"),
    [
        (3, 7, ValueError, r"^unit: expected less than 3, the units there are, got 3$"),
        (-1, 7, ValueError, r"^unit: expected at least 0, got -1$"),
        ((), 7, ValueError, r"^unit: expected an integer, got \(\)$"),
        (0, 2, ValueError, r"^kernel_size: expected a kernel of at most 2 .*got 3$"),
        (0, (7, 7), ValueError, r"^in_size: expected an integer, got \(7, 7\)$"),
        (0.0, 7, TypeError, r"^unit: expected an integer, got 0.0$"),
    ],
)
def test_wrong_units_are_named(unit, in_size, error, message):
    with pytest.raises(error, match=message):
        receptive_window([(3, 2)], unit, in_size)


def test_unit_has_the_layers_axes():
    with pytest.raises(ValueError, match=r"^unit: expected 2 integers, as the layers have, got 0$"):
        receptive_window([((3, 1),)], 0, 7)


GEOMETRY = [
    ((5, 6), (3, 2), 1, 0),
    ((5, 5), (3, 3), 2, 1),
    ((7, 4), (2, 4), (3, 1), (1, 2)),
    ((1, 1), (1, 1), 1, 0),
    ((4, 4), (2, 2), 3, 3),  # windows wholly in the border
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("size", "kernel_size", "stride", "padding"), GEOMETRY)
def test_matrix_is_the_layer_and_its_transpose_the_backward_pass(
    size, kernel_size, stride, padding, dtype
):
    rng = np.random.default_rng(3)
    place = {"stride": stride, "padding": padding}
    x = rng.standard_normal((2, 3, *size)).astype(dtype)
    w = rng.standard_normal((4, 3, *kernel_size)).astype(dtype)
    A = conv2d_matrix(w, size, **place)
    y = conv2d_forward(x, w, None, **place)
    assert A.dtype == dtype
    assert A.shape == (y[0].size, x[0].size)
    limit = {"atol": 50 * np.finfo(dtype).eps}
    np.testing.assert_allclose((A @ x.reshape(2, -1).T).T, y.reshape(2, -1), **limit)
    dy = rng.standard_normal(y.shape).astype(dtype)
    dx, _, _ = conv2d_backward(dy, x, w, **place)
    np.testing.assert_allclose((A.T @ dy.reshape(2, -1).T).T, dx.reshape(2, -1), **limit)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 4)])
def test_matrix_in_one_dimension(stride, padding):
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal((1, 2, 9)), rng.standard_normal((3, 2, 4))
    A = conv1d_matrix(w, 9, stride=stride, padding=padding)
    y = conv1d_forward(x, w, None, stride=stride, padding=padding)
    np.testing.assert_allclose(A @ x.ravel(), y.ravel(), atol=1e-12)
    dx, _, _ = conv1d_backward(y, x, w, stride=stride, padding=padding)
    np.testing.assert_allclose(A.T @ y.ravel(), dx.ravel(), atol=1e-12)


def test_links_are_counted_even_where_the_weight_is_zero():
    A = conv2d_matrix(np.zeros((6, 1, 5, 5)), 28)
    assert A.nnz == 6 * 24 * 24 * 25
    counts = connection_counts(28, 1, 6, 5, bias=False)
    assert counts == ConnectionCounts(A.shape[0] * A.shape[1], A.nnz, 6 * 25)


def test_counts_of_a_layer_with_all_options():
    counts = connection_counts((9, 8), 3, 4, (3, 2), stride=(2, 1), padding=1)
    outputs = 4 * 5 * 9
    assert counts.fully_connected == outputs * (3 * 9 * 8 + 1)
    assert counts.locally_connected == outputs * (3 * 3 * 2 + 1)
    assert counts.shared == conv_parameter_count(3, 4, (3, 2))


def test_filters_stay_unchanged_and_integers_become_floats():
    w = np.arange(6).reshape(1, 1, 2, 3)
    A = conv2d_matrix(w, (2, 3))
    assert A.dtype == np.float64
    np.testing.assert_array_equal(A.toarray(), w.reshape(1, 6))
    A.data[:] = 9
    np.testing.assert_array_equal(w.ravel(), np.arange(6))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: conv2d_matrix(np.ones((2, 3)), 5), ValueError, r"^w: .*\(F, C, KH, KW\)"),
        (lambda: conv2d_matrix(np.ones((1, 1, 3, 3)), 2), ValueError, r"^w: expected a kernel of"),
        (lambda: conv2d_matrix([[1.0]], 2), TypeError, r"^w: expected a NumPy array, got list$"),
        (
            lambda: conv2d_matrix(np.ones((1, 1, 1, 1)), 2, stride=0),
            ValueError,
            r"^stride: expected at least 1, got 0$",
        ),
        (lambda: conv1d_matrix(np.ones((1, 3)), 5), ValueError, r"^w: .*\(F, C, K\)"),
        (lambda: conv1d_matrix(np.ones((1, 1, 3)), (5, 5)), ValueError, r"^in_size: .*an integer"),
        (lambda: connection_counts(5, 0, 1, 3), ValueError, r"^in_channels: .*got 0$"),
        (lambda: connection_counts(5, 1, 1, 7), ValueError, r"^kernel_size: expected a kernel"),
        (lambda: connection_counts(5.5, 1, 1, 3), TypeError, r"^in_size: .*got 5.5$"),
    ],
)
def test_wrong_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()

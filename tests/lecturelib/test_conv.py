import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.conv import (
    conv1d_backward,
    conv1d_forward,
    conv2d_backward,
    conv2d_forward,
    conv_output_size,
    conv_parameter_count,
)
from lecturelib.gradcheck import check_gradients


def conv2d_as_defined(x, w, b, stride, padding):
    """The lecture's sum, one output at a time."""
    (SH, SW), (PH, PW) = stride, padding
    x = np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)))
    KH, KW = w.shape[2:]
    OH, OW = (x.shape[2] - KH) // SH + 1, (x.shape[3] - KW) // SW + 1
    y = np.empty((len(x), len(w), OH, OW))
    for n, f, i, j in np.ndindex(y.shape):
        patch = x[n, :, i * SH : i * SH + KH, j * SW : j * SW + KW]
        y[n, f, i, j] = b[f] + (w[f] * patch).sum()
    return y


# The last rows have channels and kernels for which the Winograd form is chosen.
@pytest.mark.parametrize(
    ("x", "w", "stride", "padding"),
    [
        ((2, 3, 5, 5), (4, 3, 3, 3), 1, 0),
        ((2, 3, 6, 6), (4, 3, 3, 3), 2, 1),
        ((2, 3, 7, 7), (4, 3, 3, 3), (3, 2), (0, 2)),
        ((2, 3, 7, 9), (4, 3, 2, 5), (1, 2), (2, 1)),
        ((1, 1, 1, 1), (1, 1, 1, 1), 1, 0),
        ((3, 2, 4, 5), (2, 2, 1, 1), 1, 0),
        ((2, 2, 9, 9), (3, 2, 2, 2), 4, 0),  # pixels between the windows
        ((2, 2, 5, 5), (3, 2, 2, 2), 2, 3),  # windows wholly in the border
        ((1, 2, 8, 3), (2, 2, 8, 3), 1, 0),  # one window
        ((2, 1, 23, 23), (5, 1, 11, 11), 4, 2),
        ((3, 32, 16, 16), (33, 32, 3, 3), 1, 1),
        ((2, 32, 7, 5), (32, 32, 3, 2), 1, (0, 1)),
        ((2, 33, 3, 3), (32, 33, 3, 3), 1, 0),  # too few rows for it
        ((2, 33, 5, 3), (32, 33, 3, 3), 1, 0),
        ((2, 8, 13, 12), (32, 8, 5, 5), 2, 2),
        ((2, 3, 39, 35), (34, 3, 11, 11), 4, (0, 3)),
        ((1, 64, 224, 40), (32, 64, 3, 3), 1, 1),  # cut into bands of rows
        ((1, 8, 120, 130), (16, 8, 5, 5), 1, 2),
        ((3, 6, 30, 30), (16, 6, 5, 5), 1, 0),  # products in pieces, with a rest of either kind
        ((70, 1, 28, 28), (6, 1, 5, 5), 1, 0),
        ((2, 256, 6, 6), (256, 256, 3, 3), 1, 1),  # more numbers in the filters than in a block
    ],
)
def test_conv2d_matches_torch(assert_same, x, w, stride, padding):
    assert_same(lambda F, x, w, b: F.conv2d(x, w, b, stride=stride, padding=padding), x, w, (w[0],))


@pytest.mark.parametrize(
    ("x", "w", "stride", "padding"),
    [
        ((2, 3, 8), (4, 3, 3), 1, 0),
        ((2, 3, 9), (4, 3, 4), 2, 1),
        ((1, 2, 10), (3, 2, 3), 4, 2),
        ((2, 1, 5), (1, 1, 5), 1, 0),
        ((5, 40, 50), (40, 40, 3), 1, 1),
    ],
)
def test_conv1d_matches_torch(assert_same, x, w, stride, padding):
    assert_same(lambda F, x, w, b: F.conv1d(x, w, b, stride=stride, padding=padding), x, w, (w[0],))


def test_conv_without_bias_matches_torch(assert_same):
    assert_same(lambda F, x, w: F.conv2d(x, w), (2, 3, 5, 6), (4, 3, 2, 3))
    assert_same(lambda F, x, w: F.conv1d(x, w), (2, 3, 5), (4, 3, 2))


geometry = st.tuples(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    st.integers(1, 3),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
).filter(lambda g: all(k <= size + 2 * p for k, size, p in zip(g[2], g[0][2:], g[4], strict=True)))


@given(geometry)
@settings(deadline=None, max_examples=150, derandomize=True)
def test_conv2d_is_the_lectures_sum_and_its_backward_the_transpose(geometry):
    shape, F, kernel_size, stride, padding = geometry
    rng = np.random.default_rng(3)
    x, b = rng.standard_normal(shape), rng.standard_normal(F)
    w = rng.standard_normal((F, shape[1], *kernel_size))
    y = conv2d_forward(x, w, b, stride=stride, padding=padding)
    assert y.shape[2:] == tuple(
        conv_output_size(size, k, stride=s, padding=p)
        for size, k, s, p in zip(shape[2:], kernel_size, stride, padding, strict=True)
    )
    np.testing.assert_allclose(y, conv2d_as_defined(x, w, b, stride, padding), atol=1e-12)
    # y - b is linear in x and in w, so <y - b, dy> = <x, dx> = <w, dw>.
    dy = rng.standard_normal(y.shape)
    dx, dw, db = conv2d_backward(dy, x, w, stride=stride, padding=padding)
    product = np.vdot(y - b[:, None, None], dy)
    np.testing.assert_allclose([np.vdot(x, dx), np.vdot(w, dw)], product, atol=1e-10)
    np.testing.assert_allclose(db, dy.sum(axis=(0, 2, 3)), atol=1e-12)


sequence = st.tuples(
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 12)),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 3),
).filter(lambda g: g[2] <= g[0][2] + 2 * g[4])


@given(sequence)
@settings(deadline=None, max_examples=100, derandomize=True)
def test_conv1d_is_the_lectures_sum_and_its_backward_the_transpose(geometry):
    shape, F, K, stride, padding = geometry
    rng = np.random.default_rng(4)
    x, w, b = (rng.standard_normal(size) for size in (shape, (F, shape[1], K), (F,)))
    place = {"stride": stride, "padding": padding}
    y = conv1d_forward(x, w, b, **place)
    assert y.shape == (shape[0], F, conv_output_size(shape[2], K, **place))
    expected = conv2d_as_defined(x[:, :, None], w[:, :, None], b, (1, stride), (0, padding))
    np.testing.assert_allclose(y, expected[:, :, 0], atol=1e-12)
    dy = rng.standard_normal(y.shape)
    dx, dw, db = conv1d_backward(dy, x, w, **place)
    product = np.vdot(y - b[:, None], dy)
    np.testing.assert_allclose([np.vdot(x, dx), np.vdot(w, dw)], product, atol=1e-10)
    np.testing.assert_allclose(db, dy.sum(axis=(0, 2)), atol=1e-12)


# The last has channels and a kernel for which the Winograd form is chosen.
@pytest.mark.parametrize(
    ("x", "w", "stride", "padding"),
    [
        ((1, 2, 4, 3), (3, 2, 3, 2), 1, (1, 0)),
        ((1, 1, 5, 5), (2, 1, 3, 3), 1, 0),
        ((2, 2, 5, 7), (2, 2, 3, 3), 2, 1),
        ((1, 3, 7, 5), (2, 3, 2, 3), (3, 1), (0, 2)),
        ((1, 1, 7, 7), (1, 1, 2, 2), 3, 0),  # pixels between the windows
        ((1, 16, 5, 3), (16, 16, 3, 2), 1, 1),
    ],
)
def test_conv2d_gradients_match_finite_differences(x, w, stride, padding):
    rng = np.random.default_rng(5)
    arrays = {
        name: rng.standard_normal(shape) for name, shape in (("x", x), ("w", w), ("b", w[:1]))
    }
    place = {"stride": stride, "padding": padding}
    dy = rng.standard_normal(conv2d_forward(**arrays, **place).shape)
    gradients = conv2d_backward(dy, arrays["x"], arrays["w"], **place)
    check_gradients(
        lambda x, w, b: (conv2d_forward(x, w, b, **place) * dy).sum(),
        arrays,
        dict(zip(arrays, gradients, strict=True)),
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    ("x", "w", "stride", "padding"),
    [((2, 3, 7), (4, 3, 3), 2, 1), ((1, 1, 5), (1, 1, 2), 1, 0), ((1, 2, 9), (3, 2, 4), 3, 2)],
)
def test_conv1d_gradients_match_finite_differences(x, w, stride, padding):
    rng = np.random.default_rng(5)
    arrays = {
        name: rng.standard_normal(shape) for name, shape in (("x", x), ("w", w), ("b", w[:1]))
    }
    place = {"stride": stride, "padding": padding}
    dy = rng.standard_normal(conv1d_forward(**arrays, **place).shape)
    gradients = conv1d_backward(dy, arrays["x"], arrays["w"], **place)
    check_gradients(
        lambda x, w, b: (conv1d_forward(x, w, b, **place) * dy).sum(),
        arrays,
        dict(zip(arrays, gradients, strict=True)),
        rtol=1e-6,
    )


def test_need_dx_false_leaves_out_dx_alone():
    rng = np.random.default_rng(0)
    x, w, dy = (rng.standard_normal(shape) for shape in ((2, 1, 5, 5), (2, 1, 3, 3), (2, 2, 3, 3)))
    dx, dw, db = conv2d_backward(dy, x, w, need_dx=False)
    _, expected_dw, expected_db = conv2d_backward(dy, x, w)
    assert dx is None
    np.testing.assert_array_equal(dw, expected_dw)
    np.testing.assert_array_equal(db, expected_db)
    dx, dw_of_rows, _ = conv1d_backward(dy[:, :, 0], x[:, :, 0], w[:, :, 0], need_dx=False)
    assert dx is None
    np.testing.assert_array_equal(
        dw_of_rows, conv1d_backward(dy[:, :, 0], x[:, :, 0], w[:, :, 0])[1]
    )


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int8])
def test_integers_are_computed_in_float64(dtype):
    x, w = np.full((1, 1, 3, 3), 100, dtype), np.full((1, 1, 3, 3), 2, dtype)
    y = conv2d_forward(x, w, None)
    assert y.dtype == np.float64
    assert y.item() == 1800


def test_integers_take_the_float_type_beside_them():
    x, w = np.ones((1, 1, 3, 3), np.float32), np.ones((1, 1, 3, 3), np.int64)
    assert conv2d_forward(x, w, None).dtype == np.float32


def test_arguments_stay_unchanged_and_may_be_views():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 5, 32, 4)).transpose(3, 2, 0, 1)[:, :, ::-1]
    w = np.asfortranarray(rng.standard_normal((32, 32, 3, 3)))
    b = rng.standard_normal(64)[::2]
    dy = rng.standard_normal((4, 32, 3, 4)).swapaxes(2, 3)
    arrays = (x, w, b, dy)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    y = conv2d_forward(x, w, b)
    gradients = conv2d_backward(dy, x, w)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    expected = conv2d_backward(dy.copy(), x.copy(), w.copy())
    for got, wanted in zip((y, *gradients), (conv2d_forward(*before[:3]), *expected), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-12)


def test_results_own_their_memory():
    """Working memory is shared between calls; what was returned must not be."""
    rng = np.random.default_rng(0)
    for shape, filters in (((2, 32, 6, 6), (32, 32, 3, 3)), ((2, 1, 6, 6), (1, 1, 1, 1))):
        x, w = rng.standard_normal(shape), rng.standard_normal(filters)
        y = conv2d_forward(x, w, None)
        results = (y, *conv2d_backward(y, x, w))
        copies = [result.copy() for result in results]
        again = conv2d_forward(-x, 2 * w, None)
        conv2d_backward(again, -x, 2 * w)
        for result, copy in zip(results, copies, strict=True):
            np.testing.assert_array_equal(result, copy)
            assert not any(np.shares_memory(result, array) for array in (x, w))


def test_empty_batch():
    x, w, b = np.ones((0, 2, 5, 5)), np.ones((3, 2, 3, 3)), np.ones(3)
    y = conv2d_forward(x, w, b)
    assert y.shape == (0, 3, 3, 3)
    dx, dw, db = conv2d_backward(y, x, w)
    assert dx.shape == x.shape
    assert not dw.any()
    assert not db.any()


X, W, B = np.ones((2, 3, 5, 6)), np.ones((4, 3, 3, 3)), np.ones(4)
DY = np.ones((2, 4, 3, 4))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": X[0]}, ValueError, r"^x: expected shape \(N, C, H, W\), got \(3, 5, 6\)$"),
        ({"w": W[0]}, ValueError, r"^w: expected shape \(F, C=3, KH, KW\), got \(3, 3, 3\)$"),
        (
            {"w": W[:, :1]},
            ValueError,
            r"^w: expected shape \(F, C=3, KH, KW\), got \(4, 1, 3, 3\)$",
        ),
        ({"w": np.ones((4, 3, 6, 7))}, ValueError, r"^w: .* at most 5 x 6 \(.*\), got 6 x 7$"),
        ({"w": W[:, :, :0]}, ValueError, r"^w: .*no empty axis, got \(4, 3, 0, 3\)$"),
        ({"x": X[:, :0], "w": W[:, :0]}, ValueError, r"^x: .*no empty axis"),
        ({"b": B[:3]}, ValueError, r"^b: expected shape \(F=4,\), got \(3,\)$"),
        ({"b": np.float64(1)}, TypeError, r"^b: .* array, or None for no bias, got float64$"),
        ({"b": 0}, TypeError, r"^b: .* array, or None for no bias, got int$"),
        ({"x": np.ma.masked_array(X)}, TypeError, r"^x: .* without a mask, got a masked array$"),
        ({"x": X.astype("m8[s]")}, TypeError, r"^x: .* got dtype timedelta64\[s\]$"),
        ({"padding": 10**30}, ValueError, r"^padding: expected at most .* pixels in a padded pict"),
        ({"stride": 0}, ValueError, r"^stride: expected at least 1, got 0$"),
        ({"stride": (1, -2)}, ValueError, r"^stride: expected at least 1, got -2$"),
        (
            {"stride": (1, 1, 1)},
            ValueError,
            r"^stride: expected an integer or 2 of them, got \(1, 1",
        ),
        ({"stride": 1.5}, TypeError, r"^stride: expected an integer or 2 of them, got 1.5$"),
        ({"stride": True}, TypeError, r"^stride: .* integer or 2 of them, got True$"),
        ({"padding": -1}, ValueError, r"^padding: expected at least 0, got -1$"),
        ({"padding": "same"}, TypeError, r"^padding: .* or 2 of them, got 'same'$"),
        ({"padding": (0, None)}, TypeError, r"^padding: .* of them, got \(0, None\)$"),
        ({"x": X.astype(object)}, TypeError, r"^x: expected float32, .* got dtype object$"),
        ({"x": X.astype(str)}, TypeError, r"^x: expected float32, .* got dtype <U"),
        ({"w": W.astype(complex)}, TypeError, r"^w: expected float32, .* got dtype complex128$"),
        ({"w": W.astype(bool)}, TypeError, r"^w: expected float32, .* got dtype bool$"),
        ({"w": W.astype(np.float16)}, TypeError, r"^w: .* got dtype float16$"),
        ({"w": W.astype(np.float32)}, TypeError, r"^w: expected float64 as x has, got float32$"),
        ({"x": X.tolist()}, TypeError, r"^x: expected a NumPy array, got list$"),
    ],
)
def test_conv2d_names_what_is_wrong(arguments, error, message):
    arguments = {"x": X, "w": W, "b": B, **arguments}
    with pytest.raises(error, match=message):
        conv2d_forward(**arguments)


@pytest.mark.parametrize(
    ("dy", "error", "message"),
    [
        (DY[:1], ValueError, r"^dy: expected shape \(N=2, F=4, OH=3, OW=4\), got \(1, 4, 3, 4\)$"),
        (DY[..., 1:], ValueError, r"^dy: expected shape .* got \(2, 4, 3, 3\)$"),
        (DY[0], ValueError, r"^dy: expected shape .* got \(4, 3, 4\)$"),
        (DY.astype(np.float32), TypeError, "expected float32 as dy has, got float64"),
    ],
)
def test_conv2d_backward_names_what_is_wrong(dy, error, message):
    with pytest.raises(error, match=message):
        conv2d_backward(dy, X, W)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X}, r"^x: expected shape \(N, C, T\), got"),
        ({"w": np.ones((4, 2, 3))}, r"^w: expected shape \(F, C=3, K\), got \(4, 2, 3\)$"),
        ({"w": np.ones((4, 3, 9))}, r"^w: .* at most 5 \(the padded input\), got 9$"),
        ({"stride": (1, 1)}, r"^stride: expected an integer, got \(1, 1\)$"),
    ],
)
def test_conv1d_names_what_is_wrong(arguments, message):
    arguments = {"x": np.ones((2, 3, 5)), "w": np.ones((4, 3, 3)), "b": B, **arguments}
    with pytest.raises(ValueError, match=message):
        conv1d_forward(**arguments)
    if "stride" not in arguments:
        del arguments["b"]
        with pytest.raises(ValueError, match=message):
            conv1d_backward(np.ones((2, 4, 3)), **arguments)


def test_conv1d_backward_names_a_wrong_dy():
    with pytest.raises(ValueError, match=r"^dy: expected shape \(N=2, F=4, OT=3\), got"):
        conv1d_backward(np.ones((2, 4, 4)), np.ones((2, 3, 5)), np.ones((4, 3, 3)))


def test_parameter_count_names_what_is_wrong():
    with pytest.raises(ValueError, match=r"^in_channels: expected at least 1, got 0$"):
        conv_parameter_count(0, 6, 5)
    with pytest.raises(ValueError, match=r"^kernel_size: .* one for each axis, got \(\)$"):
        conv_parameter_count(1, 6, ())
    with pytest.raises(TypeError, match=r"^kernel_size: .* got \(2.5, 3\)$"):
        conv_parameter_count(1, 6, (2.5, 3))

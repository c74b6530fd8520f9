import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib import pool
from lecturelib.gradcheck import check_gradients
from lecturelib.pool import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    max_pool1d_backward,
    max_pool1d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
    min_pool2d_backward,
    min_pool2d_forward,
)

KINDS = ["max", "avg", "min"]
# x, kernel_size, stride, padding
CASES_2D = [
    ((2, 3, 6, 6), 2, None, 0),
    ((2, 3, 7, 7), 2, None, 0),  # a row and a column left over
    ((2, 3, 7, 8), 3, 2, 1),
    ((2, 3, 9, 8), (3, 2), (1, 2), (1, 0)),
    ((1, 2, 9, 9), 2, 4, 0),  # pixels between the windows
    ((1, 2, 5, 5), 3, 1, 1),
    ((1, 1, 1, 1), 1, 1, 0),
    ((1, 2, 5, 4), (5, 4), None, 0),
    ((2, 1, 20, 20), 17, 1, 8),  # more entries than a byte can count
    ((3, 40, 54, 54), 3, 2, 0),
    ((1, 2, 700, 500), 3, 2, 1),  # cut into bands of rows
]


def layer(kind, axes, kernel_size, **place):
    return lambda F, x: getattr(F, f"{kind}_pool{axes}d")(x, kernel_size, **place)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "kernel_size", "stride", "padding"), CASES_2D)
@pytest.mark.parametrize("ties", [False, True], ids=["distinct", "ties"])
def test_pool2d_matches_torch(assert_same, kind, shape, kernel_size, stride, padding, ties):
    same = layer(kind, 2, kernel_size, stride=stride, padding=padding)
    assert_same(same, shape, ties=ties)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("shape", "kernel_size", "stride", "padding"),
    [((2, 3, 8), 2, None, 0), ((2, 3, 9), 3, 2, 1), ((1, 2, 9), 2, 5, 0), ((1, 1, 6), 6, 1, 0)],
)
def test_pool1d_matches_torch(assert_same, kind, shape, kernel_size, stride, padding):
    assert_same(layer(kind, 1, kernel_size, stride=stride, padding=padding), shape, ties=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (2, 3, 7)])
def test_global_pooling_is_one_window_as_large_as_the_input(kind, shape):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, shape).astype(float)
    axes = len(shape) - 2
    forward, backward = (
        getattr(pool, f"{kind}_pool{axes}d_{way}") for way in ("forward", "backward")
    )
    y = forward(x)
    assert y.shape == (*shape[:2], *[1] * axes)
    np.testing.assert_allclose(y, forward(x, shape[2:]))
    # With padding, the same window is computed tap by tap; its middle place has no border.
    padding = tuple(size // 2 for size in shape[2:])
    padded = forward(x, shape[2:], stride=1, padding=padding)
    np.testing.assert_allclose(y.ravel(), padded[(..., *padding)].ravel())
    dy = rng.standard_normal(y.shape)
    wide = np.zeros_like(padded)
    wide[(..., *padding)] = dy.reshape(shape[:2])
    expected = backward(wide, x, shape[2:], stride=1, padding=padding)
    np.testing.assert_allclose(backward(dy, x), expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("shape", "kernel_size", "stride", "padding"),
    [
        ((2, 2, 6), 3, 2, 1),
        ((1, 1, 7), 2, None, 0),
        ((2, 2, 6, 6), 3, 2, 1),
        ((1, 2, 5, 7), 2, None, 0),
        ((1, 1, 7, 5), (3, 2), (1, 2), (1, 0)),
        ((1, 1, 7, 7), 2, 3, 0),  # pixels between the windows
        ((1, 2, 3, 5), None, None, 0),
    ],
)
def test_gradients_match_finite_differences(kind, shape, kernel_size, stride, padding):
    rng = np.random.default_rng(1)
    # Distinct numbers, far apart beside eps: no maximum changes hands.
    x = rng.permutation(np.prod(shape)).reshape(shape) / 10
    forward, backward = (
        getattr(pool, f"{kind}_pool{len(shape) - 2}d_{way}") for way in ("forward", "backward")
    )
    place = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    dy = rng.standard_normal(forward(x, **place).shape)
    check_gradients(
        lambda x: (forward(x, **place) * dy).sum(),
        {"x": x},
        {"x": backward(dy, x, **place)},
        rtol=1e-6,
    )


geometry = st.tuples(
    st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
).filter(
    lambda g: all(
        2 * p <= k <= size + 2 * p for size, k, p in zip(g[0][2:], g[1], g[3], strict=True)
    )
)


@given(geometry, st.sampled_from(KINDS))
@settings(deadline=None, max_examples=150, derandomize=True)
def test_pool2d_is_each_windows_extreme_or_average(geometry, kind):
    shape, (KH, KW), (SH, SW), (PH, PW) = geometry
    x = np.random.default_rng(2).integers(-3, 4, shape).astype(float)
    forward, backward = (getattr(pool, f"{kind}_pool2d_{way}") for way in ("forward", "backward"))
    place = {"kernel_size": (KH, KW), "stride": (SH, SW), "padding": (PH, PW)}
    border = {"max": -np.inf, "avg": 0, "min": np.inf}[kind]
    reduce = {"max": np.max, "avg": np.mean, "min": np.min}[kind]
    padded = np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)), constant_values=border)
    y = forward(x, **place)
    for i, j in np.ndindex(y.shape[2:]):
        window = padded[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW]
        np.testing.assert_allclose(y[:, :, i, j], reduce(window, axis=(2, 3)), atol=1e-14)
    # Pooling is linear where the winners stay, so <y, dy> = <x, dx>. And what each window sends
    # back adds up to what it got, but for an average's share of padding.
    dy = np.random.default_rng(3).standard_normal(y.shape)
    np.testing.assert_allclose(np.vdot(x, backward(dy, x, **place)), np.vdot(y, dy), atol=1e-10)
    dy = np.ones_like(y)
    dx = backward(dy, x, **place)
    assert dx.shape == x.shape
    if kind != "avg":
        assert dx.sum() == dy.sum()


def test_equal_maxima_send_the_gradient_to_the_first():
    x = np.array([[[[1, 2], [2, 2]]]])
    dx = max_pool2d_backward(np.ones((1, 1, 1, 1)), x, 2)
    np.testing.assert_array_equal(dx[0, 0], [[0, 1], [0, 0]])
    dx = min_pool2d_backward(np.ones((1, 1, 1, 1)), -x, 2)
    np.testing.assert_array_equal(dx[0, 0], [[0, 1], [0, 0]])
    np.testing.assert_array_equal(
        max_pool1d_backward(np.ones((1, 1, 1)), np.ones((1, 1, 3))), [[[1, 0, 0]]]
    )


def test_padding_never_wins():
    x = np.full((1, 1, 4, 4), -5.0)
    y = max_pool2d_forward(x, 3, stride=1, padding=1)
    np.testing.assert_array_equal(y, np.full_like(x, -5))
    np.testing.assert_array_equal(min_pool2d_forward(-x, 3, stride=1, padding=1), -y)
    assert max_pool2d_backward(np.ones_like(y), x, 3, stride=1, padding=1).sum() == y.size


def test_averages_count_padding_as_zeros():
    y = avg_pool2d_forward(np.ones((1, 1, 2, 2)), 2, stride=1, padding=1)
    np.testing.assert_array_equal(y[0, 0], [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]])


def test_nan_is_not_hidden():
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 1, 1] = np.nan
    for forward in (max_pool2d_forward, min_pool2d_forward, avg_pool2d_forward):
        np.testing.assert_array_equal(
            np.isnan(forward(x, 2)[0, 0]), [[True, False], [False, False]]
        )


def with_nan(rng, shape):
    x = rng.standard_normal(shape)
    x[:, 0, 2, 3] = np.nan
    return x


def with_infinities(rng, shape):
    return rng.choice([-np.inf, -1, 2, np.inf], shape, p=[0.7, 0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    "draw", [with_nan, with_infinities, lambda rng, shape: np.full(shape, -np.inf)]
)
@pytest.mark.parametrize(
    ("kernel_size", "stride", "padding"), [(2, 2, 0), (3, 2, 1), ((3, 2), 1, (1, 0)), (4, 4, 2)]
)
def test_gradients_of_nan_and_infinite_pixels_match_torch(draw, kernel_size, stride, padding):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x = draw(rng, (3, 2, 8, 7))
    place = {"stride": stride, "padding": padding}
    theirs = torch.from_numpy(x.copy()).requires_grad_()
    y = torch.nn.functional.max_pool2d(theirs, kernel_size, **place)
    dy = rng.standard_normal(y.shape)
    y.backward(torch.from_numpy(dy))
    np.testing.assert_array_equal(max_pool2d_forward(x, kernel_size, **place), y.detach())
    dx = max_pool2d_backward(dy, x, kernel_size, **place)
    np.testing.assert_allclose(dx, theirs.grad, atol=1e-12)
    np.testing.assert_array_equal(dx, min_pool2d_backward(dy, -x, kernel_size, **place))


def test_a_picture_of_minus_infinity_keeps_its_gradient():
    x = np.full((1, 1, 4, 4), -np.inf)
    y = max_pool2d_forward(x, 3, stride=1, padding=1)
    dx = max_pool2d_backward(np.ones_like(y), x, 3, stride=1, padding=1)
    assert dx.sum() == 16
    assert dx[0, 0, 0, 0] == 4  # the first pixel of the four windows that begin in the border


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_losers_get_nothing_of_an_infinite_gradient(dtype, bad):
    x = np.arange(16, dtype=dtype).reshape(1, 1, 4, 4)
    dx = max_pool2d_backward(np.full((1, 1, 2, 2), bad, dtype), x, 2)
    expected = np.zeros((4, 4))
    expected[1::2, 1::2] = bad
    np.testing.assert_array_equal(dx[0, 0], expected)


@pytest.mark.parametrize("kernel_size", [2, None])
def test_arguments_stay_unchanged_and_may_be_views(kernel_size):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 4, 3, 2)).transpose(3, 2, 0, 1)[:, :, ::-1]
    dy = (
        rng.standard_normal(max_pool2d_forward(x, kernel_size).shape)
        .swapaxes(0, 1)
        .copy()
        .swapaxes(0, 1)
    )
    copies = x.copy(), dy.copy()
    x.flags.writeable = dy.flags.writeable = False
    for kind in KINDS:
        forward, backward = (
            getattr(pool, f"{kind}_pool2d_{way}") for way in ("forward", "backward")
        )
        # The order of a sum may follow memory.
        np.testing.assert_allclose(forward(x, kernel_size), forward(copies[0], kernel_size))
        dx = backward(dy, x, kernel_size)
        np.testing.assert_array_equal(dx, backward(copies[1], copies[0], kernel_size))
        assert dx.flags.writeable
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(dy, copies[1])


@pytest.mark.parametrize("kernel_size", [2, None])
@pytest.mark.parametrize("kind", KINDS)
def test_types_are_kept(kind, kernel_size):
    forward, backward = (getattr(pool, f"{kind}_pool2d_{way}") for way in ("forward", "backward"))
    for asked, expected in (
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.int64, np.float64),
    ):
        x = np.ones((1, 2, 4, 4), asked)
        y = forward(x, kernel_size)
        assert y.dtype == expected
        assert backward(y, x, kernel_size).dtype == expected


@pytest.mark.parametrize("kernel_size", [2, None])
def test_empty_batch(kernel_size):
    x = np.ones((0, 2, 4, 4))
    for kind in KINDS:
        y = getattr(pool, f"{kind}_pool2d_forward")(x, kernel_size)
        assert y.shape[:2] == (0, 2)
        assert getattr(pool, f"{kind}_pool2d_backward")(y, x, kernel_size).shape == x.shape


X = np.ones((2, 3, 5, 6))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": X[0]}, ValueError, r"^x: expected shape \(N, C, H, W\), got \(3, 5, 6\)$"),
        ({"x": X[:, :, :0]}, ValueError, r"^x: expected .*no empty axis"),
        ({"x": X.astype(object)}, TypeError, r"^x: expected float32, .* got dtype object$"),
        ({"x": X.tolist()}, TypeError, r"^x: expected a NumPy array, got list$"),
        ({"kernel_size": 7}, ValueError, r"^kernel_size: .* at most 5 x 6 .*got 7 x 7$"),
        ({"kernel_size": 0}, ValueError, r"^kernel_size: expected at least 1, got 0$"),
        ({"kernel_size": (2, 2, 2)}, ValueError, r"^kernel_size: .* integer or 2 of them"),
        ({"kernel_size": 2.0}, TypeError, r"^kernel_size: .* 2 of them, got 2.0$"),
        ({"stride": 0}, ValueError, r"^stride: expected at least 1, got 0$"),
        ({"padding": -1}, ValueError, r"^padding: expected at least 0, got -1$"),
        (
            {"padding": 2},
            ValueError,
            r"^padding: expected at most half of kernel_size \(2, 2\), got 2$",
        ),
        ({"kernel_size": None, "stride": 2}, ValueError, r"^stride: expected None where .* got 2$"),
        ({"kernel_size": None, "padding": 1}, ValueError, r"^padding: expected 0 where"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_pool2d_names_what_is_wrong(kind, arguments, error, message):
    arguments = {"x": X, "kernel_size": 2, **arguments}
    with pytest.raises(error, match=message):
        getattr(pool, f"{kind}_pool2d_forward")(**arguments)
    with pytest.raises(error, match=message):
        getattr(pool, f"{kind}_pool2d_backward")(np.ones((2, 3, 2, 3)), **arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_names_a_wrong_dy(kind):
    with pytest.raises(ValueError, match=r"^dy: expected shape \(N=2, C=3, OH=2, OW=3\), got"):
        getattr(pool, f"{kind}_pool2d_backward")(np.ones((2, 3, 3, 3)), X, 2)
    with pytest.raises(ValueError, match=r"^dy: expected shape \(N=2, C=3, OT=2\), got"):
        getattr(pool, f"{kind}_pool1d_backward")(np.ones((2, 3, 3)), X[..., 0], 2)
    with pytest.raises(TypeError, match=r"^x: expected float32 as dy has, got float64$"):
        getattr(pool, f"{kind}_pool2d_backward")(np.ones((2, 3, 2, 3), np.float32), X, 2)


def test_pool1d_names_what_is_wrong():
    with pytest.raises(ValueError, match=r"^x: expected shape \(N, C, T\), got"):
        max_pool1d_forward(X, 2)
    with pytest.raises(
        ValueError, match=r"^kernel_size: .* at most 5 \(the padded input\), got 6$"
    ):
        max_pool1d_forward(X[..., 0], 6)


def test_average_backward_spreads_dy_evenly():
    dx = avg_pool2d_backward(np.full((1, 1, 1, 1), 8.0), np.zeros((1, 1, 2, 2)))
    np.testing.assert_array_equal(dx, np.full((1, 1, 2, 2), 2.0))

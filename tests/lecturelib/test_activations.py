from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from lecturelib import activations as act
from lecturelib.gradcheck import check_gradients, numerical_gradient

FLOATS = [np.float64, np.float32]
SHAPES = [(5,), (1,), (1, 1), (4, 3), (2, 3, 4, 5), (0, 3)]
ELEMENTWISE = ["relu", "leaky_relu", "sigmoid", "tanh"]
ALONG_AXIS = ["softmax", "log_softmax"]


def pair(name):
    return getattr(act, f"{name}_forward"), getattr(act, f"{name}_backward")


def assert_as_torch(name, theirs, x, dy, **options):
    """Values and gradients, to a few roundings."""
    import torch

    forward, backward = pair(name)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    expected = theirs(tensor)
    expected.backward(torch.from_numpy(dy.copy()))
    eps = np.finfo(x.dtype).eps
    for got, wanted in (
        (forward(x, **options), expected.detach().numpy()),
        (backward(dy, x, **options), tensor.grad.numpy()),
    ):
        assert isinstance(got, np.ndarray)
        assert got.dtype == x.dtype
        assert got.shape == x.shape
        np.testing.assert_allclose(got, wanted, rtol=20 * eps, atol=20 * eps)


def elementwise_in_torch(name):
    import torch

    functional = torch.nn.functional
    return {
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
    }[name]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(), *SHAPES])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_functions_match_torch(name, shape, dtype):
    rng = np.random.default_rng(0)
    x, dy = (np.asarray(3 * rng.standard_normal(shape), dtype) for _ in range(2))
    x.ravel()[:1] = 0  # the kink
    assert_as_torch(name, elementwise_in_torch(name), x, dy)


@pytest.mark.parametrize("negative_slope", [0.0, 0.2, 1.0, 3.0, -0.5, np.float64(0.2)])
def test_leaky_relu_matches_torch_at_any_slope(negative_slope):
    import torch

    rng = np.random.default_rng(0)
    for dtype in FLOATS:
        x, dy = rng.standard_normal((2, 30)).astype(dtype)
        x[:2] = 0
        # torch cannot go back through a negative slope, but it can through the definition.
        assert_as_torch(
            "leaky_relu",
            lambda t: torch.where(t > 0, t, t * float(negative_slope)),
            x,
            dy,
            negative_slope=negative_slope,
        )


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((5,), 0), ((1,), -1), ((4, 3), -1), ((4, 3), 0), ((2, 3, 4), 1), ((2, 1, 4), 1), ((0, 3), 1)],
)
@pytest.mark.parametrize("name", ALONG_AXIS)
def test_softmax_functions_match_torch(name, shape, axis, dtype):
    import torch

    rng = np.random.default_rng(0)
    x, dy = (3 * rng.standard_normal((2, *shape))).astype(dtype)
    assert_as_torch(name, lambda t: getattr(torch, name)(t, axis), x, dy, axis=axis)


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ALONG_AXIS])
def test_gradients_match_finite_differences(name):
    forward, backward = pair(name)
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((2, 4, 5))
    check_gradients(
        lambda x: (forward(x) * dy).sum(), {"x": x}, {"x": backward(dy, x)}, rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("name", ALONG_AXIS)
def test_softmax_gradients_along_another_axis(name):
    forward, backward = pair(name)
    x, dy = np.random.default_rng(1).standard_normal((2, 3, 4, 2))
    check_gradients(
        lambda x: (forward(x, axis=1) * dy).sum(),
        {"x": x},
        {"x": backward(dy, x, axis=1)},
        rtol=1e-6,
        atol=1e-9,
    )


EXTREMES = [-1e4, -750.0, -700.0, -100.0, -87.0, -60.0, -20.0, -1e-3, -1e-30, -1e-44]
EXTREMES += [0.0, *(-x for x in EXTREMES)]


def exact(function, x):
    """Evaluate a formula as it stands, with digits enough that nothing is lost."""
    with localcontext(prec=150):
        return [float(function(Decimal(float(value)))) for value in x]


@pytest.mark.parametrize("dtype", FLOATS)
def test_sigmoid_keeps_its_digits_in_both_tails(dtype):
    x = np.array(EXTREMES, dtype)
    close = {"rtol": 8 * np.finfo(dtype).eps, "atol": np.finfo(dtype).tiny}
    expected = exact(lambda v: 1 / (1 + (-v).exp()), x)
    np.testing.assert_allclose(act.sigmoid_forward(x), expected, **close)
    expected = exact(lambda v: 1 / (1 + (-v).exp()) / (1 + v.exp()), x)
    np.testing.assert_allclose(act.sigmoid_backward(np.ones_like(x), x), expected, **close)


@pytest.mark.parametrize("dtype", FLOATS)
def test_tanh_of_large_and_tiny_numbers(dtype):
    x = np.array(EXTREMES, dtype)
    eps = np.finfo(dtype).eps
    expected = exact(lambda v: ((2 * v).exp() - 1) / ((2 * v).exp() + 1), x)
    np.testing.assert_allclose(act.tanh_forward(x), expected, rtol=8 * eps)
    expected = exact(lambda v: 4 / (v.exp() + (-v).exp()) ** 2, x)
    np.testing.assert_allclose(act.tanh_backward(np.ones_like(x), x), expected, atol=8 * eps)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e4, 1e30])
def test_softmax_at_any_scale(dtype, scale):
    x = (scale * np.array([[3.0, -2.0, 0.5, 3.0], [0.0, 1.0, -4.0, 0.25]])).astype(dtype)
    close = {"rtol": 20 * np.finfo(dtype).eps, "atol": 20 * np.finfo(dtype).eps}
    y, log_y = act.softmax_forward(x), act.log_softmax_forward(x)
    for row, got, log_got in zip(x, y, log_y, strict=True):
        with localcontext(prec=150):
            shifted = [Decimal(float(v)) - Decimal(float(row.max())) for v in row]
            total = sum(v.exp() for v in shifted)
            expected = [float(v.exp() / total) for v in shifted]
            log_expected = [float(v - total.ln()) for v in shifted]
        np.testing.assert_allclose(got, expected, **close)
        np.testing.assert_allclose(log_got, log_expected, **close)
    np.testing.assert_allclose(act.softmax_backward(np.ones_like(x), x), 0, atol=close["atol"])
    dx = act.log_softmax_backward(np.ones_like(x), x)
    np.testing.assert_allclose(dx, 1 - 4 * y, **close)


@pytest.mark.parametrize("dtype", FLOATS)
def test_scores_of_minus_infinity_have_probability_zero(dtype):
    x = np.array([[0.0, -np.inf, 0.0], [-np.inf, 7.0, -np.inf]], dtype)
    expected = [[0.5, 0, 0.5], [0, 1, 0]]
    np.testing.assert_allclose(act.softmax_forward(x), expected)
    dy = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], dtype)
    np.testing.assert_allclose(act.softmax_backward(dy, x), [[-0.5, 0, 0.5], [0, 0, 0]])
    np.testing.assert_allclose(act.log_softmax_backward(dy, x), [[-2, 2, 0], [1, -4, 3]])
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(act.log_softmax_forward(x), np.log(expected))


def test_scores_without_probabilities_become_nan_with_a_warning():
    for row in ([np.inf, 0.0], [-np.inf, -np.inf]):
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(act.softmax_forward(np.array(row))).all()


@pytest.mark.parametrize("name", ["step", *ELEMENTWISE])
def test_nan_stays_nan_and_touches_nothing_else(name):
    x = np.array([np.nan, -1.0, 2.0])
    y = getattr(act, f"{name}_forward")(x)
    np.testing.assert_array_equal(np.isnan(y), [True, False, False])


@pytest.mark.parametrize("name", ALONG_AXIS)
def test_nan_spreads_over_its_own_row_alone(name):
    y = pair(name)[0](np.array([[np.nan, 1.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(np.isnan(y), [[True, True], [False, False]])


def test_step_is_0_at_0():
    x = np.array([-np.inf, -1e-300, -0.0, 0.0, 1e-300, np.inf])
    np.testing.assert_array_equal(act.step_forward(x), [0, 0, 0, 0, 1, 1])
    assert act.step_forward(np.array([[3, -3]])).dtype == np.float64
    assert act.step_forward(np.float32([3, -3])).dtype == np.float32


rows = nps.arrays(
    np.float64,
    nps.array_shapes(min_dims=1, max_dims=3, max_side=6),
    elements=st.floats(-1e3, 1e3),
)


@given(rows, st.floats(-1e3, 1e3))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_softmax_sums_to_one_and_forgets_what_is_added_to_all(x, shift):
    y = act.softmax_forward(x)
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(act.softmax_forward(x + shift), y, rtol=1e-11, atol=1e-300)
    log_y = act.log_softmax_forward(x)
    assert (log_y <= 0).all()
    np.testing.assert_allclose(np.exp(log_y), y, rtol=1e-11, atol=1e-300)


@given(rows)
@settings(deadline=None, max_examples=60, derandomize=True)
def test_symmetries(x):
    np.testing.assert_allclose(act.sigmoid_forward(x) + act.sigmoid_forward(-x), 1, rtol=1e-14)
    np.testing.assert_allclose(
        act.tanh_forward(x), 2 * act.sigmoid_forward(2 * x) - 1, rtol=1e-12, atol=1e-15
    )
    np.testing.assert_array_equal(act.relu_forward(x) - act.relu_forward(-x), x)
    np.testing.assert_array_equal(act.leaky_relu_forward(x, negative_slope=1), x)


@given(nps.arrays(np.float64, st.integers(1, 6), elements=st.floats(-20, 20)))
@settings(deadline=None, max_examples=40, derandomize=True)
def test_backward_is_the_product_with_the_jacobian(x):
    dy = np.random.default_rng(0).standard_normal(x.shape)
    np.testing.assert_allclose(
        act.softmax_backward(dy, x), act.softmax_jacobian(x).T @ dy, atol=1e-14
    )
    np.testing.assert_array_equal(act.relu_backward(dy, x), act.relu_jacobian(x).T @ dy)


def test_jacobians_keep_the_type_and_match_finite_differences():
    x = np.array([0.5, -1.0, 2.0, 0.1])
    for forward, jacobian in (
        (act.softmax_forward, act.softmax_jacobian),
        (act.relu_forward, act.relu_jacobian),
    ):
        numeric = [numerical_gradient(lambda x, i=i, f=forward: f(x)[i], x) for i in range(4)]
        np.testing.assert_allclose(jacobian(x), numeric, rtol=1e-6, atol=1e-9)
        assert jacobian(x.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ALONG_AXIS])
def test_arguments_stay_unchanged_and_may_be_views(name):
    forward, backward = pair(name)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 5, 4)).transpose(2, 0, 1)[:, ::-1, ::2]
    dy = np.asfortranarray(rng.standard_normal(x.shape))
    x.flags.writeable = dy.flags.writeable = False
    before = x.copy(), dy.copy()
    y, dx = forward(x), backward(dy, x)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(dy, before[1])
    np.testing.assert_allclose(y, forward(x.copy()), rtol=1e-14)
    np.testing.assert_allclose(dx, backward(dy.copy(), x.copy()), rtol=1e-13, atol=1e-15)
    for result in (y, dx):
        assert not np.shares_memory(result, x)
        assert not np.shares_memory(result, dy)
        result += 1  # its owner may write to it


@pytest.mark.parametrize("name", ["step", *ELEMENTWISE, *ALONG_AXIS])
def test_integers_become_float64_or_what_dy_is(name):
    x = np.array([[-1, 0, 2]])
    y = getattr(act, f"{name}_forward")(x)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, getattr(act, f"{name}_forward")(x.astype(float)))
    if name != "step":
        assert pair(name)[1](np.ones((1, 3), np.float32), x).dtype == np.float32


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ALONG_AXIS])
def test_names_what_is_wrong(name):
    forward, backward = pair(name)
    x = np.ones((2, 3))
    with pytest.raises(TypeError, match=r"^x: expected a NumPy array, got list$"):
        forward([1.0])
    with pytest.raises(TypeError, match=r"^x: expected float32, .* got dtype complex128$"):
        forward(x.astype(complex))
    with pytest.raises(ValueError, match=r"^dy: expected shape \(2, 3\) as x has, got \(3,\)$"):
        backward(np.ones(3), x)
    with pytest.raises(TypeError, match=r"^x: expected float32 as dy has, got float64$"):
        backward(np.ones((2, 3), np.float32), x)


@pytest.mark.parametrize("name", ALONG_AXIS)
@pytest.mark.parametrize(
    ("shape", "axis", "error", "message"),
    [
        ((2, 3), 2, ValueError, r"^axis: expected less than 2, the axes of x, got 2$"),
        ((2, 3), -3, ValueError, r"^axis: expected at least -2, got -3$"),
        ((), -1, ValueError, r"^axis: expected at least 0, got -1$"),
        ((2, 3), 1.0, TypeError, r"^axis: expected an integer, got 1.0$"),
        ((2, 0), -1, ValueError, r"^x: .* one entry along axis -1, got shape \(2, 0\)$"),
    ],
)
def test_softmax_names_what_is_wrong(name, shape, axis, error, message):
    forward, backward = pair(name)
    x = np.ones(shape)
    with pytest.raises(error, match=message):
        forward(x, axis=axis)
    with pytest.raises(error, match=message):
        backward(x, x, axis=axis)


def test_leaky_relu_and_jacobians_name_what_is_wrong():
    x = np.ones((2, 3))
    for slope, error, message in (
        ("a", TypeError, r"^negative_slope: expected a number, got 'a'$"),
        (True, TypeError, r"^negative_slope: expected a number, got True$"),
        (np.ones(2), TypeError, r"^negative_slope: expected a number, got an array of shape \(2"),
        (np.nan, ValueError, r"^negative_slope: expected a number, got nan$"),
    ):
        with pytest.raises(error, match=message):
            act.leaky_relu_forward(x, negative_slope=slope)
        with pytest.raises(error, match=message):
            act.leaky_relu_backward(x, x, negative_slope=slope)
    for jacobian in (act.softmax_jacobian, act.relu_jacobian):
        with pytest.raises(ValueError, match=r"^x: expected shape \(K,\), got \(2, 3\)$"):
            jacobian(x)
        with pytest.raises(ValueError, match=r"^x: expected shape \(K,\) with no empty axis"):
            jacobian(x[0, :0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_relu_stops_infinite_gradients_where_it_is_flat(dtype):
    x = np.array([-1, 0, 2, 3], dtype)
    dy = np.array([np.inf, np.nan, -np.inf, np.nan], dtype)
    np.testing.assert_array_equal(
        act.relu_backward(dy, x), np.array([0, 0, -np.inf, np.nan], dtype)
    )

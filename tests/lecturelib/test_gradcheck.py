import numpy as np
import pytest

from lecturelib.conv import conv2d_backward, conv2d_forward
from lecturelib.gradcheck import check_gradients, numerical_gradient


def test_differences_of_a_known_function():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4))
    np.testing.assert_allclose(
        numerical_gradient(lambda x: np.sin(x).sum(), x), np.cos(x), atol=1e-9
    )


def test_float32_and_integers_are_differentiated_in_float64():
    seen = []

    def f(x):
        seen.append(x.dtype)
        return (x**3).sum()

    for dtype in (np.float32, np.int64):
        dx = numerical_gradient(f, np.array([2, 3], dtype))
        assert dx.dtype == np.float64
        np.testing.assert_allclose(dx, [12, 27], rtol=1e-8)
    assert set(seen) == {np.dtype(np.float64)}


def test_f_may_change_what_it_is_given():
    x = np.array([1.0, 2.0])

    def f(x):
        x *= x
        return x.sum()

    np.testing.assert_allclose(numerical_gradient(f, x), [2, 4], rtol=1e-8)
    np.testing.assert_array_equal(x, [1, 2])


def test_shapes_without_axes_or_numbers():
    assert numerical_gradient(lambda x: x**2, np.array(3.0)).round(6) == 6
    assert numerical_gradient(lambda x: x.sum(), np.ones((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("f", "x", "eps", "error", "message"),
    [
        (np.sum, np.array(["a"]), 1e-6, TypeError, "^x: expected real numbers, got dtype <U1"),
        (np.sum, np.array([1j]), 1e-6, TypeError, "^x: expected real numbers, got dtype complex"),
        (np.sum, np.ones(2), 0, ValueError, "^eps: expected a positive, finite number, got 0"),
        (np.sum, np.ones(2), np.nan, ValueError, "^eps: expected .* number, got nan"),
        (np.sum, np.ones(2), np.inf, ValueError, "^eps: expected .* finite number, got inf"),
        (np.sum, np.ones(2), "1e-6", TypeError, "^eps: expected a positive number, got '1e-6'"),
        (np.sum, np.ones(2), None, TypeError, "^eps: expected a positive number, got None"),
        (np.sum, np.array([1, 1e12]), 1e-6, ValueError, r"^eps: .* vanish beside x\[1\] = 1e\+12"),
        (np.copy, np.ones(2), 1e-6, ValueError, r"^f: expected one number, got .* shape \(2,\)"),
        (lambda x: None, np.ones(2), 1e-6, TypeError, "^f: expected real numbers, got dtype obj"),
    ],
)
def test_bad_input_is_named(f, x, eps, error, message):
    with pytest.raises(error, match=message):
        numerical_gradient(f, x, eps=eps)


def squares(x, w):
    return (w * x**2).sum()


X, W = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [2.0, 2.0]])


def test_right_gradients_pass():
    check_gradients(squares, {"x": X, "w": W}, {"x": 2 * W * X, "w": X**2})
    check_gradients(squares, {"x": X, "w": W}, {"w": X**2})


def test_the_first_wrong_index_is_shown():
    dx = 2 * W * X
    dx[1, 0] += 0.5
    dx[1, 1] = 0
    message = r"^x: 2 of 4 gradients are wrong, first at \(1, 0\): analytic 12.5, numeric 12"
    with pytest.raises(AssertionError, match=message):
        check_gradients(squares, {"x": X, "w": W}, {"w": X**2, "x": dx})


def test_nan_is_wrong():
    with pytest.raises(AssertionError, match="analytic nan"):
        check_gradients(squares, {"x": X, "w": W}, {"x": np.full_like(X, np.nan)})


def test_names_and_shapes_must_agree():
    with pytest.raises(ValueError, match=r"^gradients: expected names among \['x', 'w'\], got 'b'"):
        check_gradients(squares, {"x": X, "w": W}, {"b": X})
    with pytest.raises(ValueError, match=r"^x: expected a gradient of shape \(2, 2\), got \(2,\)"):
        check_gradients(squares, {"x": X, "w": W}, {"x": X[0]})


def test_layers_in_float32_can_be_checked():
    rng = np.random.default_rng(0)
    x, w, b = (
        rng.standard_normal(shape, np.float32) for shape in ((2, 2, 4, 4), (3, 2, 3, 3), (3,))
    )
    dy = rng.standard_normal((2, 3, 4, 4), np.float32)
    gradients = dict(zip("xwb", conv2d_backward(dy, x, w, padding=1), strict=True))
    assert gradients["w"].dtype == np.float32

    def loss(x, w, b):
        return (conv2d_forward(x, w, b, padding=1) * dy).sum()

    tolerance = {"rtol": 1e-4, "atol": 1e-4}  # the rounding of the float32 gradients
    check_gradients(loss, {"x": x, "w": w, "b": b}, gradients, **tolerance)
    gradients["w"][2, 1, 0, 2] += 0.01
    with pytest.raises(AssertionError, match=r"^w: 1 of 54 gradients are wrong, .* \(2, 1, 0, 2\)"):
        check_gradients(loss, {"x": x, "w": w, "b": b}, gradients, **tolerance)


def test_f_may_change_every_array_that_it_is_given():
    x, w = X.copy(), W.copy()

    def careless(x, w):
        loss = (w * x**2).sum()
        w *= 2
        x *= 0
        return loss

    check_gradients(careless, {"x": x, "w": w}, {"x": 2 * W * X, "w": X**2})
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(w, W)


@pytest.mark.parametrize(
    ("arrays", "gradients", "eps", "error", "message"),
    [
        ({}, {}, 1e-6, ValueError, "^arrays: expected at least one array, got none$"),
        ({"x": X, "w": W}, {}, 1e-6, ValueError, "^gradients: expected at least one array"),
        ({"x": X, "w": W}, (X, W), 1e-6, TypeError, "^gradients: expected a mapping .* got tuple$"),
        ([X, W], {"x": X}, 1e-6, TypeError, "^arrays: expected a mapping .* got list$"),
        ({"x": X, "w": "w"}, {"x": X}, 1e-6, TypeError, "^w: expected real numbers"),
        ({"x": X, "w": W}, {"x": None}, 1e-6, TypeError, "^x: expected real numbers"),
        ({"x": X, "w": W}, {"x": X}, -1, ValueError, "^eps: expected a positive, finite number"),
    ],
)
def test_check_gradients_names_what_is_wrong(arrays, gradients, eps, error, message):
    with pytest.raises(error, match=message):
        check_gradients(squares, arrays, gradients, eps=eps)

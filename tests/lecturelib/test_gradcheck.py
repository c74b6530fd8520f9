import numpy as np
import pytest

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
        (np.sum, np.ones(2), 0, ValueError, "^eps: expected a positive number, got 0"),
        (np.sum, np.ones(2), np.nan, ValueError, "^eps: expected a positive number, got nan"),
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

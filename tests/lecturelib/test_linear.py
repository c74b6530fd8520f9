import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.gradcheck import check_gradients
from lecturelib.linear import linear_backward, linear_forward

SHAPES = [
    ((4, 3), 5),
    ((1, 1), 1),
    ((3,), 2),
    ((7, 2, 3), 4),
    ((1, 5, 3), 2),
    ((2, 1, 3, 4), 1),
    ((64, 400), 120),
]


def draw(x_shape, F, dtype=np.float64):
    rng = np.random.default_rng(0)
    D = x_shape[-1]
    shapes = {"x": x_shape, "w": (F, D), "b": (F,), "dy": (*x_shape[:-1], F)}
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("x_shape", "F"), SHAPES)
def test_linear_matches_torch(x_shape, F, bias, dtype):
    import torch

    arrays = draw(x_shape, F, dtype)
    if not bias:
        arrays["b"] = None
    x, w, b, dy = arrays.values()
    inputs = (x, w, b) if bias else (x, w)
    tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in inputs]
    expected = torch.nn.functional.linear(*tensors)
    expected.backward(torch.from_numpy(dy))
    got = [linear_forward(x, w, b), *linear_backward(dy, x, w)]
    wanted = [expected.detach(), *(tensor.grad for tensor in tensors)]
    for ours, theirs in zip(got, wanted, strict=bias):  # without b torch has no db
        assert ours.dtype == dtype
        assert ours.shape == tuple(theirs.shape)
        np.testing.assert_allclose(ours, theirs.numpy(), atol=500 * np.finfo(dtype).eps)


@pytest.mark.parametrize(("x_shape", "F"), SHAPES[:-1])
def test_gradients_match_finite_differences(x_shape, F):
    arrays = draw(x_shape, F)
    dy = arrays.pop("dy")
    gradients = linear_backward(dy, arrays["x"], arrays["w"])
    check_gradients(
        lambda x, w, b: (linear_forward(x, w, b) * dy).sum(),
        arrays,
        dict(zip(("x", "w", "b"), gradients, strict=True)),
        rtol=1e-6,
        atol=1e-8,
    )


@given(st.lists(st.integers(1, 4), max_size=3), st.integers(1, 6), st.integers(1, 6))
@settings(deadline=None, max_examples=50, derandomize=True)
def test_linear_is_the_sum_as_defined_and_its_backward_the_transpose(leading, D, F):
    x, w, b, dy = draw((*leading, D), F).values()
    y = linear_forward(x, w, b)
    assert y.shape == (*leading, F)
    for place in np.ndindex(y.shape):
        total = b[place[-1]] + sum(w[place[-1], d] * x[(*place[:-1], d)] for d in range(D))
        np.testing.assert_allclose(y[place], total, rtol=1e-12, atol=1e-13)
    dx, dw, db = linear_backward(dy, x, w)
    np.testing.assert_allclose(
        [np.vdot(x, dx), np.vdot(w, dw)], np.vdot(y - b, dy), rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(db, dy.reshape(-1, F).sum(axis=0), atol=1e-12)


def test_no_examples_give_no_outputs_and_no_gradient():
    x, w, b = np.ones((0, 5, 3)), np.ones((2, 3)), np.ones(2)
    y = linear_forward(x, w, b)
    assert y.shape == (0, 5, 2)
    dx, dw, db = linear_backward(y, x, w)
    assert dx.shape == x.shape
    np.testing.assert_array_equal(dw, np.zeros((2, 3)))
    np.testing.assert_array_equal(db, np.zeros(2))


def test_arguments_stay_unchanged_and_may_be_views():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 5, 6)).transpose(1, 2, 0)[:, ::-1]
    w = np.asfortranarray(rng.standard_normal((3, 4)))
    b, dy = rng.standard_normal(6)[::2], rng.standard_normal((5, 3, 6)).swapaxes(1, 2)
    arrays = (x, w, b, dy)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    results = (linear_forward(x, w, b), *linear_backward(dy, x, w))
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    x, w, b, dy = before
    expected = (linear_forward(x, w, b), *linear_backward(dy, x, w))
    for got, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-13)
        assert not any(np.shares_memory(got, array) for array in arrays)


def test_integers_become_float64_or_the_type_beside_them():
    x, w, b = np.array([[1, 2]]), np.array([[3, 4]]), np.array([5])
    y = linear_forward(x, w, b)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, [[16]])
    assert linear_forward(x.astype(np.float32), w, b).dtype == np.float32
    dx, dw, db = linear_backward(np.ones((1, 1), np.float32), x, w)
    assert dx.dtype == dw.dtype == db.dtype == np.float32


X, W, B = np.ones((2, 3)), np.ones((4, 3)), np.ones(4)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": X[:, :2]}, ValueError, r"^x: expected shape \(\.\.\., D=3\), got \(2, 2\)$"),
        ({"x": np.array(1.0)}, ValueError, r"^x: expected shape \(\.\.\., D=3\), got \(\)$"),
        ({"w": W[0]}, ValueError, r"^w: expected shape \(F, D\), got \(3,\)$"),
        ({"w": W[:0]}, ValueError, r"^w: expected shape .* no empty axis, got \(0, 3\)$"),
        ({"b": B[:3]}, ValueError, r"^b: expected shape \(F=4,\), got \(3,\)$"),
        ({"b": 0.0}, TypeError, r"^b: .* array, or None for no bias, got float$"),
        ({"w": W.astype(np.float32)}, TypeError, r"^w: expected float64 as x has, got float32$"),
        ({"x": X.tolist()}, TypeError, r"^x: expected a NumPy array, got list$"),
        ({"x": X > 0}, TypeError, r"^x: expected float32, .* got dtype bool$"),
    ],
)
def test_forward_names_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        linear_forward(**{"x": X, "w": W, "b": B, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dy": np.ones((2, 3))}, ValueError, r"^dy: expected shape \(2, 4\), got \(2, 3\)$"),
        ({"dy": np.ones(4)}, ValueError, r"^dy: expected shape \(2, 4\), got \(4,\)$"),
        ({"dy": np.ones((2, 4), np.float32)}, TypeError, r"^x: expected float32 as dy has, got fl"),
        ({"x": X[:, :2]}, ValueError, r"^x: expected shape \(\.\.\., D=3\), got \(2, 2\)$"),
        ({"w": W[0]}, ValueError, r"^w: expected shape \(F, D\), got \(3,\)$"),
    ],
)
def test_backward_names_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        linear_backward(**{"dy": np.ones((2, 4)), "x": X, "w": W, **arguments})

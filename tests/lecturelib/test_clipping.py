import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lecturelib.clipping import clip_gradient_norm, gradient_norm

arrays = st.lists(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
        elements=st.floats(-1000, 1000, width=32),
    ),
    max_size=4,
)


@given(arrays, st.floats(0.01, 100))
@settings(deadline=None, max_examples=80, derandomize=True)
def test_clipping_keeps_the_direction_and_bounds_the_length(gradients, max_norm):
    clipped, norm = clip_gradient_norm(gradients, max_norm)
    whole = np.concatenate([[0.0], *(g.ravel().astype(np.float64) for g in gradients)])
    assert norm == pytest.approx(np.linalg.norm(whole), rel=1e-12)
    after = np.concatenate([[0.0], *(g.ravel().astype(np.float64) for g in clipped)])
    factor = min(1, max_norm / norm) if norm else 1
    np.testing.assert_allclose(after, factor * whole, rtol=1e-6, atol=1e-30)
    assert gradient_norm(clipped) <= max_norm * (1 + 1e-6)
    assert [(g.shape, g.dtype) for g in clipped] == [(g.shape, g.dtype) for g in gradients]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("max_norm", [0.5, 5.0, 1e9])
def test_clipping_matches_torch(dtype, max_norm):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal(shape).astype(dtype) for shape in ((3, 4), (5,), (2, 1, 2))]
    tensors = [torch.zeros(g.shape, dtype=torch.from_numpy(g).dtype) for g in gradients]
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.grad = torch.from_numpy(gradient.copy())
    expected = torch.nn.utils.clip_grad_norm_(tensors, max_norm)
    clipped, norm = clip_gradient_norm(gradients, max_norm)
    assert norm == pytest.approx(float(expected), rel=1e-6)
    for got, tensor in zip(clipped, tensors, strict=True):
        # torch divides by norm + 1e-6.
        np.testing.assert_allclose(got, tensor.grad.numpy(), rtol=3e-6)


def test_gradients_stay_unchanged():
    gradients = [np.array([3.0, 0.0]), np.array([[4.0]])]
    before = [g.copy() for g in gradients]
    clipped, norm = clip_gradient_norm(gradients, 1)
    assert norm == 5
    for gradient, copy, new in zip(gradients, before, clipped, strict=True):
        np.testing.assert_array_equal(gradient, copy)
        assert not np.shares_memory(gradient, new)


def test_short_gradients_are_let_through_as_they_are():
    gradients = [np.array([3.0]), np.array([4.0])]
    for limit in (5, 5.5, math.inf):
        clipped, _ = clip_gradient_norm(iter(gradients), limit)
        assert [new is old for new, old in zip(clipped, gradients, strict=True)] == [True, True]
    assert clip_gradient_norm([], 1.0) == ([], 0.0)
    assert gradient_norm([]) == 0


def test_squares_do_not_overflow_in_float32():
    large = np.full(4, 1e30, np.float32)
    assert gradient_norm([large]) == pytest.approx(2e30)
    (clipped,), _ = clip_gradient_norm([large], 1)
    np.testing.assert_allclose(clipped, 0.5, rtol=1e-6)
    assert clipped.dtype == np.float32


@pytest.mark.parametrize(
    ("gradients", "max_norm", "error", "message"),
    [
        ([np.ones(1)], 0, ValueError, r"^max_norm: expected a positive number, got 0$"),
        ([np.ones(1)], math.nan, ValueError, r"^max_norm: expected a number, got nan$"),
        ([np.ones(1)], "1", TypeError, r"^max_norm: expected a number, got '1'$"),
        ([np.ones(1)], True, TypeError, r"^max_norm: expected a number, got True$"),
        ([np.array([math.inf])], 1, ValueError, r"^gradients: .* finite .* got a norm of inf$"),
        ([np.array([math.nan])], 1, ValueError, r"^gradients: .* finite .* got a norm of nan$"),
        (
            [np.ones(1), None],
            1,
            TypeError,
            r"^gradients\[1\]: expected a NumPy array, got NoneType",
        ),
        ([np.ones(1, bool)], 1, TypeError, r"^gradients\[0\]: expected float32, .* got dtype bool"),
    ],
)
def test_clipping_names_what_is_wrong(gradients, max_norm, error, message):
    with pytest.raises(error, match=message):
        clip_gradient_norm(gradients, max_norm)


def test_the_norm_of_infinite_gradients_is_told():
    assert gradient_norm([np.array([math.inf])]) == math.inf
    assert math.isnan(gradient_norm([np.array([math.nan, 1.0])]))

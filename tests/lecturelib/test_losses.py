from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from lecturelib import losses
from lecturelib.activations import log_softmax_forward, sigmoid_forward, softmax_forward
from lecturelib.gradcheck import check_gradients
from lecturelib.losses import (
    binary_cross_entropy_backward,
    binary_cross_entropy_forward,
    binary_cross_entropy_with_logits_backward,
    binary_cross_entropy_with_logits_forward,
    cross_entropy_backward,
    cross_entropy_forward,
    mse_loss_backward,
    mse_loss_forward,
)

FLOATS = [np.float64, np.float32]
REDUCTIONS = ["mean", "sum", "none"]
NAMES = ["mse_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy"]
ELEMENTWISE = NAMES[:3]


def pair(name):
    return getattr(losses, f"{name}_forward"), getattr(losses, f"{name}_backward")


def example(name, shape=(2, 3, 4), dtype=np.float64):
    """Predictions and targets that suit the loss; for cross_entropy the last axis is the classes.

    Probabilities stay clear of 0 and 1, where finite differences would leave the range.
    """
    rng = np.random.default_rng(4)
    x = rng.standard_normal(shape)
    if name == "cross_entropy":
        return x.astype(dtype), rng.integers(0, shape[-1], shape[:-1])
    target = x + rng.standard_normal(shape) if name == "mse_loss" else rng.random(shape)
    if name == "binary_cross_entropy":
        x = rng.uniform(0.05, 0.95, shape)
    return x.astype(dtype), target.astype(dtype)


def upstream(forward, *arguments, **options):
    """Something to send back, of the shape of the loss."""
    loss = np.asarray(forward(*arguments, **options))
    return np.random.default_rng(9).standard_normal(loss.shape).astype(loss.dtype)


def assert_as_torch(name, x, target, *, rtol=0.0, **options):
    import torch

    forward, backward = pair(name)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    answers = torch.from_numpy(target.copy())
    if name == "cross_entropy":  # classes come second in torch
        scores = tensor.movedim(-1, 1) if x.ndim > 1 else tensor
        expected = torch.nn.functional.cross_entropy(scores, answers, **options)
    else:
        expected = getattr(torch.nn.functional, name)(tensor, answers, **options)
    loss, dy = forward(x, target, **options), upstream(forward, x, target, **options)
    assert loss.dtype == x.dtype
    roundings = 30 * np.finfo(x.dtype).eps
    close = {"rtol": max(rtol, roundings), "atol": roundings}
    np.testing.assert_allclose(loss, expected.detach().numpy(), **close)
    expected.backward(torch.from_numpy(dy))
    dx = backward(dy, x, target, **options)
    assert dx.dtype == x.dtype
    assert dx.shape == x.shape
    np.testing.assert_allclose(dx, tensor.grad.numpy(), **close)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(1,), (5,), (1, 3), (4, 7), (2, 3, 4), (2, 2, 3, 5)])
@pytest.mark.parametrize("name", NAMES)
def test_losses_match_torch(name, shape, reduction, dtype):
    assert_as_torch(name, *example(name, shape, dtype), reduction=reduction)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("ignore_index", [-100, 0, 3])
def test_ignored_targets_match_torch(ignore_index, reduction, dtype):
    x, target = example("cross_entropy", (5, 2, 4), dtype)
    target[1:3] = ignore_index
    assert_as_torch("cross_entropy", x, target, ignore_index=ignore_index, reduction=reduction)


@pytest.mark.parametrize("dtype", FLOATS)
def test_certain_probabilities_match_torch(dtype):
    x, target = np.array([[0, 0, 1, 1, 1e-30, 0.5], [0, 1, 0, 1, 1, 1]], dtype)
    for reduction in REDUCTIONS:
        # torch's least denominator, 1e-12, is a float32.
        assert_as_torch("binary_cross_entropy", x, target, rtol=1e-8, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_gradients_match_finite_differences(name, reduction):
    forward, backward = pair(name)
    x, target = example(name)
    dy = upstream(forward, x, target, reduction=reduction)
    check_gradients(
        lambda x: (forward(x, target, reduction=reduction) * dy).sum(),
        {"x": x},
        {"x": backward(dy, x, target, reduction=reduction)},
        rtol=1e-6,
        atol=1e-9,
    )


def test_gradient_with_ignored_targets_matches_finite_differences():
    x, target = example("cross_entropy")
    target[0, 1] = target[1, 2] = -100
    dx = cross_entropy_backward(2.5, x, target)
    check_gradients(
        lambda x: 2.5 * cross_entropy_forward(x, target), {"x": x}, {"x": dx}, rtol=1e-6, atol=1e-9
    )
    assert not dx[0, 1].any()
    assert not dx[1, 2].any()


LOGITS = np.array([0.0, 1e-30, 1.0, 40.0, 87.0, 100.0, 700.0, 800.0])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("answer", [0, 1])
def test_binary_cross_entropy_of_any_logits(answer, dtype):
    """For answer 1 the term is log(1 + exp(-x)), for answer 0 log(1 + exp(x))."""
    x = np.concatenate([LOGITS, -LOGITS]).astype(dtype)
    target = np.full_like(x, answer)
    with localcontext(prec=400):
        powers = [Decimal(float(v)) * (1 - 2 * answer) for v in x]
        expected = [float((1 + v.exp()).ln()) for v in powers]
    eps, tiny = np.finfo(dtype).eps, np.finfo(dtype).tiny
    loss = binary_cross_entropy_with_logits_forward(x, target, reduction="none")
    np.testing.assert_allclose(loss, expected, rtol=8 * eps, atol=tiny)
    dx = binary_cross_entropy_with_logits_backward(np.ones_like(x), x, target, reduction="none")
    with localcontext(prec=400):
        expected = [float(1 / (1 + (-Decimal(float(v))).exp()) - answer) for v in x]
    np.testing.assert_allclose(dx, expected, atol=8 * eps)


@pytest.mark.parametrize("dtype", FLOATS)
def test_binary_cross_entropy_of_huge_logits_is_their_size_or_0(dtype):
    x, target = np.array([1e4, 1e4, -1e4, -1e4], dtype), np.array([1, 0, 1, 0], dtype)
    loss = binary_cross_entropy_with_logits_forward(x, target, reduction="none")
    np.testing.assert_array_equal(loss, [0, 1e4, 1e4, 0])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e4, 1e30])
def test_cross_entropy_at_any_scale(scale, dtype):
    x = (scale * np.array([[3.0, -2.0, 0.5], [0.0, 1.0, -4.0], [1.0, 1.0, 1.0]])).astype(dtype)
    target = np.array([1, 1, 2])
    expected = -log_softmax_forward(x.astype(np.float64))[np.arange(3), target]
    loss = cross_entropy_forward(x, target, reduction="none")
    np.testing.assert_allclose(loss, expected, rtol=1e-6, atol=1e-7)
    dx = cross_entropy_backward(1.0, x, target, reduction="sum")
    wanted = softmax_forward(x.astype(np.float64)) - np.eye(3)[target]
    np.testing.assert_allclose(dx, wanted, atol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS)
def test_mse_of_large_and_tiny_numbers(dtype):
    x = np.array([1e18, -1e18, 1e-15, 0], dtype)
    target = np.array([0, 1e18, -1e-15, 0], dtype)
    terms = mse_loss_forward(x, target, reduction="none")
    np.testing.assert_allclose(terms, [1e36, 4e36, 4e-30, 0], rtol=1e-6)


def test_classes_of_score_minus_infinity_may_be_there():
    x = np.array([[0.0, -np.inf, np.log(3)]])
    loss = cross_entropy_forward(x, np.array([0]))
    np.testing.assert_allclose(loss, np.log(4))
    np.testing.assert_allclose(cross_entropy_backward(1, x, np.array([0])), [[-0.75, 0, 0.75]])
    assert cross_entropy_forward(x, np.array([1])) == np.inf


def test_exp_of_the_mean_cross_entropy_is_the_perplexity():
    """Guessing among V equally likely words has perplexity V, whatever came."""
    rng = np.random.default_rng(0)
    target = rng.integers(0, 27, (6, 5))
    loss = cross_entropy_forward(np.full((6, 5, 27), 3.7), target)
    np.testing.assert_allclose(np.exp(loss), 27)
    probabilities = rng.dirichlet(np.ones(27), (6, 5))
    chosen = np.take_along_axis(probabilities, target[..., np.newaxis], axis=-1)
    np.testing.assert_allclose(
        np.exp(cross_entropy_forward(np.log(probabilities), target)), chosen.prod() ** (-1 / 30)
    )


logits = nps.arrays(
    np.float64, nps.array_shapes(max_dims=3, max_side=5), elements=st.floats(-30, 30)
)


@given(logits, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_binary_cross_entropy_with_logits_is_that_of_the_sigmoid(x, random):
    target = np.array([random.random() for _ in range(x.size)]).reshape(x.shape).round(1)
    direct = binary_cross_entropy_with_logits_forward(x, target, reduction="none")
    by_way = binary_cross_entropy_forward(sigmoid_forward(x), target, reduction="none")
    # 1 - sigmoid(30) is 9e-14, of which float64 keeps three digits.
    np.testing.assert_allclose(direct, by_way, rtol=1e-2)


@given(logits)
@settings(deadline=None, max_examples=60, derandomize=True)
def test_two_classes_are_a_binary_choice(x):
    """Softmax of (0, x) is the sigmoid of x, so both cross-entropies agree."""
    target = (np.arange(x.size) % 2).reshape(x.shape)
    both = np.stack([np.zeros_like(x), x], axis=-1)
    binary = binary_cross_entropy_with_logits_forward(x, target)
    np.testing.assert_allclose(cross_entropy_forward(both, target), binary, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_reductions_agree(name):
    forward, backward = pair(name)
    x, target = example(name)
    terms = forward(x, target, reduction="none")
    assert terms.shape == target.shape
    np.testing.assert_allclose(forward(x, target, reduction="sum"), terms.sum())
    np.testing.assert_allclose(forward(x, target), terms.sum() / terms.size)
    dx = backward(np.full(terms.shape, 3.0 / terms.size), x, target, reduction="none")
    np.testing.assert_allclose(backward(3, x, target), dx)
    np.testing.assert_allclose(backward(np.array(3.0), x, target), dx)
    np.testing.assert_allclose(backward(3 / terms.size, x, target, reduction="sum"), dx)


@pytest.mark.parametrize("name", NAMES)
def test_one_prediction_of_no_axes(name):
    forward, backward = pair(name)
    x, target = example(name, (3,) if name == "cross_entropy" else (1,))
    if name != "cross_entropy":
        x, target = x.reshape(()), target.reshape(())
    terms = forward(x, target, reduction="none")
    assert isinstance(terms, np.ndarray)
    np.testing.assert_allclose(terms, forward(x, target))
    assert backward(1.0, x, target).shape == x.shape


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32_even_with_a_float64_number_for_dy(name):
    forward, backward = pair(name)
    x, target = example(name, dtype=np.float32)
    assert forward(x, target).dtype == np.float32
    assert backward(np.float64(1), x, target).dtype == np.float32


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_integers_are_computed_in_float64_or_the_type_beside_them(name):
    forward, backward = pair(name)
    x, target = np.array([0, 1, 1]), np.array([1, 1, 0])
    assert forward(x, target).dtype == np.float64
    np.testing.assert_array_equal(forward(x, target), forward(x.astype(float), target))
    assert forward(x.astype(np.float32), target).dtype == np.float32
    assert backward(1, x.astype(np.float32), target).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_classes_may_be_any_integers(dtype):
    x, target = example("cross_entropy")
    assert cross_entropy_forward(x, target.astype(dtype)) == cross_entropy_forward(x, target)
    dx = cross_entropy_backward(1, x, target.astype(dtype))
    np.testing.assert_array_equal(dx, cross_entropy_backward(1, x, target))


@pytest.mark.parametrize("name", NAMES)
def test_arguments_stay_unchanged_and_may_be_views(name):
    forward, backward = pair(name)
    x, target = example(name, (8, 3, 4))
    x, target = x[::-2], target[::-2]
    dy = upstream(forward, x, target, reduction="none")
    before = [array.copy() for array in (x, target, dy)]
    for array in (x, target, dy):
        array.flags.writeable = False
    loss = forward(x, target, reduction="none")
    dx = backward(dy, x, target, reduction="none")
    for array, copy in zip((x, target, dy), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(loss, forward(*before[:2], reduction="none"))
    np.testing.assert_array_equal(dx, backward(before[2], *before[:2], reduction="none"))
    dx += 1  # its owner may write to it


@pytest.mark.parametrize("name", NAMES)
def test_empty_batches_have_a_sum_but_no_mean(name):
    forward, backward = pair(name)
    x, target = example(name, (0, 3))
    assert forward(x, target, reduction="sum") == 0
    assert backward(1, x, target, reduction="sum").shape == (0, 3)
    message = r"^target: expected at least one entry to average over, got none$"
    with pytest.raises(ValueError, match=message):
        forward(x, target)
    with pytest.raises(ValueError, match=message):
        backward(1, x, target)


@pytest.mark.parametrize("reduction", [None, np.array(["mean", "sum"]), ["mean"]])
def test_names_what_is_no_reduction(reduction):
    with pytest.raises(ValueError, match=r"^reduction: expected 'mean', 'sum' or 'none', got "):
        mse_loss_forward(np.ones(2), np.ones(2), reduction=reduction)


def test_a_batch_of_nothing_but_padding_has_no_mean():
    with pytest.raises(ValueError, match=r"^target: .* to average over, got none$"):
        cross_entropy_forward(np.ones((2, 3)), np.array([-100, -100]))


@pytest.mark.parametrize("name", NAMES)
def test_names_a_wrong_reduction_or_dy(name):
    forward, backward = pair(name)
    x, target = example(name)
    with pytest.raises(
        ValueError, match=r"^reduction: expected 'mean', 'sum' or 'none', got 'avg'$"
    ):
        forward(x, target, reduction="avg")
    for dy, reduction, error, message in (
        (1, "avg", ValueError, r"^reduction: expected"),
        (np.ones(3), "mean", ValueError, r"^dy: expected one number for 'mean', got shape \(3,\)$"),
        ("1", "sum", TypeError, r"^dy: expected a number, got '1'$"),
        (True, "sum", TypeError, r"^dy: expected a number, got True$"),
        (np.ones(5), "none", ValueError, r"^dy: expected shape \(2, 3.*\), got \(5,\)$"),
        (1.0, "none", TypeError, r"^dy: expected a NumPy array, got float$"),
        (
            np.ones(target.shape, np.float32),
            "none",
            TypeError,
            r"^x: expected float32 as dy has, got float64$",
        ),
    ):
        with pytest.raises(error, match=message):
            backward(dy, x, target, reduction=reduction)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_names_wrong_targets(name):
    forward, backward = pair(name)
    x, target = example(name)
    for wrong, error, message in (
        (target[0], ValueError, r"^target: expected shape \(2, 3, 4\) as x has, got \(3, 4\)$"),
        (target.astype(np.float32), TypeError, r"^target: expected float64 as x has, got float32$"),
        (target > 0, TypeError, r"^target: expected float32, .* got dtype bool$"),
        (1.0, TypeError, r"^target: expected a NumPy array, got float$"),
    ):
        with pytest.raises(error, match=message):
            forward(x, wrong)
        with pytest.raises(error, match=message):
            backward(1, x, wrong)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, np.nan, np.inf])
def test_binary_cross_entropy_names_what_is_no_probability(wrong):
    good, bad = np.full((2, 2), 0.5), np.full((2, 2), 0.5)
    bad[1, 0] = wrong
    message = rf"expected numbers from 0 to 1, got {wrong} at \(1, 0\)$"
    for call in (
        lambda x, t: binary_cross_entropy_forward(x, t),
        lambda x, t: binary_cross_entropy_backward(1, x, t),
    ):
        with pytest.raises(ValueError, match=r"^x: " + message):
            call(bad, good)
        with pytest.raises(ValueError, match=r"^target: " + message):
            call(good, bad)
    with pytest.raises(ValueError, match=r"^target: " + message):
        binary_cross_entropy_with_logits_forward(good, bad)
    with pytest.raises(ValueError, match=r"^target: " + message):
        binary_cross_entropy_with_logits_backward(1, good, bad)


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ([0, 1], TypeError, r"^target: expected an array of integers, got list$"),
        (np.array([0.0, 1.0]), TypeError, r"^target: .* of integers, got dtype float64$"),
        (np.array([True, False]), TypeError, r"^target: .* of integers, got dtype bool$"),
        (np.ma.array([0, 1]), TypeError, r"^target: .* without a mask, got a masked array$"),
        (np.array([[0, 1]]), ValueError, r"^target: expected shape \(2,\), one .*, got \(1, 2\)$"),
        (
            np.array([0, 3]),
            ValueError,
            r"^target: expected classes from 0 to 2 or ignore_index -100, got 3 at \(1,\)$",
        ),
        (np.array([-1, 0]), ValueError, r"^target: expected classes .*, got -1 at \(0,\)$"),
    ],
)
def test_cross_entropy_names_wrong_targets(target, error, message):
    x = np.ones((2, 3))
    with pytest.raises(error, match=message):
        cross_entropy_forward(x, target)
    with pytest.raises(error, match=message):
        cross_entropy_backward(1, x, target)


def test_cross_entropy_names_what_else_is_wrong():
    for x in (np.ones((2, 0)), np.array(1.0)):
        with pytest.raises(ValueError, match=r"^x: expected shape \(\.\.\., K\) with at least one"):
            cross_entropy_forward(x, np.array([0, 0]))
    with pytest.raises(TypeError, match=r"^ignore_index: expected an integer, got None$"):
        cross_entropy_forward(np.ones((1, 2)), np.array([0]), ignore_index=None)
    with pytest.raises(TypeError, match=r"^x: expected float32, .* got dtype float16$"):
        cross_entropy_forward(np.ones((1, 2), np.float16), np.array([0]))


def test_nan_goes_through():
    x = np.array([np.nan, 1.0])
    assert np.isnan(mse_loss_forward(x, np.zeros(2)))
    assert np.isnan(binary_cross_entropy_with_logits_forward(x, np.zeros(2)))
    assert np.isnan(cross_entropy_forward(x, np.array(1)))
    assert np.isnan(mse_loss_backward(np.nan, np.ones(2), np.zeros(2))).all()

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.perceptron import (
    ThresholdNetwork,
    boolean_inputs,
    dnf_network,
    fit_perceptron,
    perceptron_step,
    threshold_unit,
)

FOUR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])


def separable(n, D, margin, seed):
    """Points at least `margin` away from a plane through some point, and their sides.

    Also returns the bound of Novikoff's theorem on the number of mistakes.
    """
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal(D)
    normal /= np.linalg.norm(normal)
    bias = rng.uniform(-1, 1)
    x = rng.uniform(-3, 3, (20 * n, D))
    x = x[np.abs(x @ normal + bias) >= margin][:n]
    extended = np.hstack([x, np.ones((len(x), 1))])
    plane = np.append(normal, bias)
    nearest = np.abs(extended @ plane).min() / np.linalg.norm(plane)
    bound = (np.linalg.norm(extended, axis=1).max() / nearest) ** 2
    return x, (x @ normal + bias > 0).astype(int), bound


def test_threshold_unit_fires_above_its_threshold_only():
    w = np.array([1, 1])
    np.testing.assert_array_equal(threshold_unit(FOUR, w, -0.5), OR)
    np.testing.assert_array_equal(threshold_unit(FOUR, w, -1.5), AND)
    np.testing.assert_array_equal(threshold_unit(FOUR, w, -1), AND)  # 0 is not above 0


def test_threshold_unit_takes_any_leading_axes():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 4, 5)), rng.standard_normal(5)
    y = threshold_unit(x, w, 0.3)
    assert y.shape == (3, 4)
    for place in np.ndindex(y.shape):
        assert y[place] == (sum(x[place] * w) + 0.3 > 0)
        assert threshold_unit(x[place], w, 0.3) == y[place]
    assert threshold_unit(x.astype(np.float32), w.astype(np.float32), 0.3).dtype == np.float32
    assert threshold_unit(x[0, 0], w, 0.3).shape == ()


@pytest.mark.parametrize(
    ("target", "w", "b", "expected"),
    [
        (1, [0, 0], 0, ([2, -3], 1)),  # silent, and should fire
        (0, [1, 0], 0, ([-1, 3], -1)),  # fires, and should not
        (1, [1, 0], 0, ([1, 0], 0)),
        (0, [0, 0], 0, ([0, 0], 0)),
    ],
)
def test_step_adds_or_subtracts_the_inputs_of_wrong_answers(target, w, b, expected):
    x, w = np.array([2, -3]), np.array(w)
    new_w, new_b = perceptron_step(x, target, w, b)
    np.testing.assert_array_equal(new_w, expected[0])
    assert new_b == expected[1]
    slow_w, slow_b = perceptron_step(x, target, w, b, lr=0.25)
    np.testing.assert_array_equal(slow_w - w, 0.25 * (new_w - w))
    assert slow_b - b == 0.25 * (new_b - b)


def test_step_changes_no_argument_and_returns_its_own_array():
    x, w = np.array([1.0, 2.0]), np.array([1.0, 1.0])
    for target in (0, 1):
        before = w.copy()
        new_w, _ = perceptron_step(x, target, w, 0.0)
        assert not np.shares_memory(new_w, w)
        np.testing.assert_array_equal(w, before)


@pytest.mark.parametrize("target", [AND, OR, 1 - AND, 1 - OR, [0, 0, 1, 1], [0, 0, 0, 0], [1] * 4])
def test_fit_learns_what_a_line_separates(target):
    target = np.array(target)
    fit = fit_perceptron(FOUR, target)
    np.testing.assert_array_equal(threshold_unit(FOUR, fit.w, fit.b), target)
    assert fit.errors[-1] == 0
    assert (fit.errors[:-1] > 0).all()


def test_fit_fails_on_xor_and_says_so():
    fit = fit_perceptron(FOUR, XOR, epochs=50)
    assert fit.errors.shape == (50,)
    assert (fit.errors > 0).all()
    assert (threshold_unit(FOUR, fit.w, fit.b) != XOR).any()


@given(
    st.integers(1, 60), st.integers(1, 5), st.sampled_from([0.3, 1.0]), st.integers(0, 2**32 - 1)
)
@settings(deadline=None, max_examples=40, derandomize=True)
def test_fit_converges_within_novikoffs_bound(n, D, margin, seed):
    x, target, bound = separable(n, D, margin, seed)
    if len(x) == 0:
        return
    for rng in (None, np.random.default_rng(seed)):
        fit = fit_perceptron(x, target, epochs=10_000, rng=rng)
        assert fit.errors.sum() <= bound
        assert fit.errors[-1] == 0
        np.testing.assert_array_equal(threshold_unit(x, fit.w, fit.b), target)


def test_fit_is_the_step_repeated():
    x, target, _ = separable(30, 3, 0.3, seed=5)
    w, b, errors = np.zeros(3), 0.0, 0
    for n in range(len(x)):
        errors += threshold_unit(x[n], w, b) != target[n]
        w, b = perceptron_step(x[n], target[n], w, b, lr=0.5)
    fit = fit_perceptron(x, target, lr=0.5, epochs=1)
    assert errors > 1
    assert fit.errors.tolist() == [errors]
    np.testing.assert_array_equal(fit.w, w)
    assert fit.b == b


def test_the_rate_scales_the_weights_and_changes_no_answer():
    x, target, _ = separable(50, 2, 0.2, seed=1)
    unit, half = fit_perceptron(x, target), fit_perceptron(x, target, lr=0.5)
    np.testing.assert_array_equal(unit.errors, half.errors)
    np.testing.assert_array_equal(unit.w, 2 * half.w)
    assert unit.b == 2 * half.b


def test_the_generator_sets_the_order():
    x, target, _ = separable(50, 2, 0.2, seed=1)
    fits = [fit_perceptron(x, target, rng=np.random.default_rng(seed)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(fits[0].w, fits[1].w)
    assert (fits[0].w != fits[2].w).any()


def test_fit_keeps_the_type_and_its_arguments():
    x, target, _ = separable(20, 2, 0.3, seed=2)
    x32 = x.astype(np.float32)
    x32.flags.writeable = target.flags.writeable = False
    assert fit_perceptron(x32, target, rng=np.random.default_rng(0)).w.dtype == np.float32
    assert fit_perceptron(FOUR, AND).w.dtype == np.float64


def test_boolean_inputs_count_up():
    for n in range(1, 6):
        expected = list(itertools.product([0, 1], repeat=n))
        np.testing.assert_array_equal(boolean_inputs(n), expected)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_dnf_network_computes_every_function(n):
    """All 4 of one input, 16 of two and 256 of three."""
    for table in itertools.product([0, 1], repeat=2**n):
        network = dnf_network(table)
        np.testing.assert_array_equal(network.forward(boolean_inputs(n)), table)
        assert network.w1.shape == (sum(table), n)


def test_dnf_network_computes_functions_of_six_inputs():
    rng = np.random.default_rng(0)
    for table in rng.integers(0, 2, (50, 64)):
        np.testing.assert_array_equal(dnf_network(table).forward(boolean_inputs(6)), table)


def test_dnf_network_has_one_hidden_unit_for_each_true_row():
    table = np.array([0, 1, 0, 0, 1, 1, 0, 1])
    network, x = dnf_network(table), boolean_inputs(3)
    for w, b, row in zip(network.w1, network.b1, np.flatnonzero(table), strict=True):
        np.testing.assert_array_equal(np.flatnonzero(threshold_unit(x, w, b)), [row])


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda t: np.array(t, bool)])
def test_dnf_network_takes_zeros_and_ones_in_any_form(kind):
    np.testing.assert_array_equal(dnf_network(kind([0, 1, 1, 0])).forward(FOUR), XOR)


def test_xor_by_hand():
    """One of the two, and not both."""
    network = ThresholdNetwork(
        w1=np.array([[1, 1], [1, 1]]), b1=np.array([-0.5, -1.5]), w2=np.array([1, -1]), b2=-0.5
    )
    np.testing.assert_array_equal(network.forward(FOUR), XOR)
    np.testing.assert_array_equal(network.forward(FOUR.reshape(2, 2, 2)), XOR.reshape(2, 2))
    assert network.forward(FOUR[1]) == 1


def test_network_names_what_is_wrong():
    network = dnf_network(XOR)
    for wrong, error, message in (
        ({"w1": np.ones(2)}, ValueError, r"^w1: expected shape \(F, D\), got \(2,\)$"),
        ({"b1": np.ones(3)}, ValueError, r"^b1: expected shape \(F=2,\), got \(3,\)$"),
        ({"w2": np.ones((1, 2))}, ValueError, r"^w2: expected shape \(F=2,\), got \(1, 2\)$"),
        ({"b2": None}, TypeError, r"^b2: expected a number, got None$"),
        ({"w1": [[1, 1]]}, TypeError, r"^w1: expected a NumPy array, got list$"),
    ):
        with pytest.raises(error, match=message):
            network._replace(**wrong).forward(FOUR)
    with pytest.raises(ValueError, match=r"^x: expected shape \(\.\.\., D=2\), got \(4, 3\)$"):
        network.forward(np.ones((4, 3)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([0, 1, 1], r"^truth_table: expected 2, 4, 8, \.\.\. outputs, got shape \(3,\)$"),
        ([1], r"^truth_table: expected 2, 4, .* got shape \(1,\)$"),
        ([], r"^truth_table: expected 2, 4, .* got shape \(0,\)$"),
        ([[0, 1], [1, 0]], r"^truth_table: expected 2, 4, .* got shape \(2, 2\)$"),
        ([0, 2, 1, 0], r"^truth_table: expected zeros and ones, got \[0, 2, 1, 0\]$"),
        ([0, np.nan], r"^truth_table: expected zeros and ones, got"),
        (["0", "1"], r"^truth_table: expected zeros and ones, got"),
    ],
)
def test_dnf_network_names_what_is_wrong(table, message):
    with pytest.raises(ValueError, match=message):
        dnf_network(table)


def test_boolean_inputs_name_what_is_wrong():
    with pytest.raises(ValueError, match=r"^n: expected at least 1, got 0$"):
        boolean_inputs(0)
    with pytest.raises(TypeError, match=r"^n: expected an integer, got 2.0$"):
        boolean_inputs(2.0)
    with pytest.raises(ValueError, match=r"^n: expected at most 24, got 1000$"):
        boolean_inputs(1000)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": FOUR[0]}, ValueError, r"^x: expected shape \(N, D\), got \(2,\)$"),
        ({"x": FOUR[:0], "target": AND[:0]}, ValueError, r"^x: expected at least one example"),
        ({"target": AND[:3]}, ValueError, r"^target: expected shape \(N=4,\), got \(3,\)$"),
        ({"target": 2 * AND}, ValueError, r"^target: expected 0 or 1, got 2 at 3$"),
        ({"target": [0, 1]}, TypeError, r"^target: expected a NumPy array, got list$"),
        ({"lr": 0}, ValueError, r"^lr: expected a positive number, got 0$"),
        ({"lr": "1"}, TypeError, r"^lr: expected a number, got '1'$"),
        ({"epochs": 0}, ValueError, r"^epochs: expected at least 1, got 0$"),
        ({"epochs": 2.5}, TypeError, r"^epochs: expected an integer, got 2.5$"),
        ({"rng": 3}, TypeError, r"^rng: expected a numpy.random.Generator, got int$"),
    ],
)
def test_fit_names_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        fit_perceptron(**{"x": FOUR, "target": AND, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": np.ones(3)}, ValueError, r"^x: expected shape \(D=2,\), got \(3,\)$"),
        ({"w": np.ones((1, 2))}, ValueError, r"^w: expected shape \(D,\), got \(1, 2\)$"),
        ({"target": 0.5}, ValueError, r"^target: expected 0 or 1, got 0.5$"),
        ({"target": "1"}, TypeError, r"^target: expected a number, got '1'$"),
        ({"target": np.ones(2)}, TypeError, r"^target: expected a number, got an array of .*"),
        ({"b": None}, TypeError, r"^b: expected a number, got None$"),
        ({"lr": -1}, ValueError, r"^lr: expected a positive number, got -1$"),
        ({"w": np.ones(2, np.float32)}, TypeError, r"^w: expected float64 as x has, got float32$"),
    ],
)
def test_step_names_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        perceptron_step(**{"x": np.ones(2), "target": 1, "w": np.ones(2), "b": 0.0, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": np.ones((4, 3))}, ValueError, r"^x: expected shape \(\.\.\., D=2\), got \(4, 3\)$"),
        ({"w": np.ones((1, 2))}, ValueError, r"^w: expected shape \(D,\), got \(1, 2\)$"),
        ({"b": np.ones(1)}, TypeError, r"^b: expected a number, got an array of shape \(1,\)$"),
        ({"x": FOUR > 0}, TypeError, r"^x: expected float32, .* got dtype bool$"),
    ],
)
def test_threshold_unit_names_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        threshold_unit(**{"x": FOUR, "w": np.ones(2), "b": 0.0, **arguments})

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.lstm import lstm_backward, lstm_forward
from lecturelib.recurrent import (
    last_state,
    last_state_backward,
    reverse_sequences,
    rnn_backward,
    rnn_forward,
    rnn_parameter_count,
    sequence_mask,
)


def test_elman_network_of_the_lecture_by_hand():
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h), two steps on paper."""
    x = np.array([[[1.0, 2.0]], [[0.0, -1.0]]])
    w_ih, w_hh, b = np.array([[0.5, -0.25]]), np.array([[2.0]]), np.array([0.1])
    first = np.tanh(0.5 * 1 - 0.25 * 2 + 0.1)
    second = np.tanh(0.25 + 2 * first + 0.1)
    h = rnn_forward(x, None, w_ih, w_hh, b)
    np.testing.assert_allclose(h.ravel(), [first, second], rtol=1e-15)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("lengths", [None, [3, 1]])
def test_layer_without_recurrence_is_one_whose_matrix_is_zero(nonlinearity, lengths):
    rng = np.random.default_rng(0)
    x, w_ih, b = (rng.standard_normal(shape) for shape in ((3, 2, 4), (5, 4), (5,)))
    dh, how = rng.standard_normal((3, 2, 5)), {"nonlinearity": nonlinearity, "lengths": lengths}
    h = rnn_forward(x, None, w_ih, None, b, **how)
    zero = np.zeros((5, 5))
    np.testing.assert_allclose(h, rnn_forward(x, None, w_ih, zero, b, **how), atol=1e-15)
    for kept in (h, None):
        dx, dh0, dw_ih, dw_hh, db = rnn_backward(dh, x, None, w_ih, None, b, h=kept, **how)
        expected = rnn_backward(dh, x, None, w_ih, zero, b, **how)
        assert dw_hh is None
        for got, wanted in zip((dx, dh0, dw_ih, db), (*expected[:3], expected[4]), strict=True):
            np.testing.assert_allclose(got, wanted, atol=1e-14)


def test_backward_needs_a_gradient():
    one = np.ones((1, 1))
    with pytest.raises(TypeError, match=r"^dh: expected a NumPy array, got NoneType$"):
        rnn_backward(None, np.ones((1, 1, 1)), None, one, one, None)


def test_unknown_nonlinearity_is_named():
    one = np.ones((1, 1))
    with pytest.raises(ValueError, match=r"^nonlinearity: expected one of .* got \['tanh'\]$"):
        rnn_forward(np.ones((1, 1, 1)), None, one, one, None, nonlinearity=["tanh"])
    with pytest.raises(ValueError, match=r"^nonlinearity: expected one of \['tanh', .* got 'cos'$"):
        rnn_forward(np.ones((1, 1, 1)), None, one, one, None, nonlinearity="cos")
    with pytest.raises(ValueError, match=r"^nonlinearity: "):
        rnn_backward(np.ones((1, 1, 1)), np.ones((1, 1, 1)), None, one, one, None, nonlinearity="")


def test_elman_layer_names_wrong_weights_and_states():
    x, one = np.ones((2, 1, 1)), np.ones((1, 1))
    with pytest.raises(ValueError, match=r"^w_ih: expected shape \(H, D\), got \(1,\)$"):
        rnn_forward(x, None, np.ones(1), None, None)
    with pytest.raises(TypeError, match=r"^w_ih: expected a NumPy array, got list$"):
        rnn_forward(x, None, [[1.0]], None, None)
    with pytest.raises(ValueError, match=r"^h: expected shape \(T=2, B=1, H=1\), got \(1, 1, 1\)$"):
        rnn_backward(x, x, None, one, one, None, h=x[:1])
    with pytest.raises(TypeError, match=r"^h: expected a NumPy array, got tuple$"):
        rnn_backward(x, x, None, one, one, None, h=(x,))


def test_gradients_vanish_or_explode_with_the_distance():
    """By a factor of W_hh for each step, if nothing else is in the way (S20)."""
    steps = 21
    dh = np.zeros((steps, 1, 1))
    dh[-1] = 1
    for weight in (0.5, 1.0, 2.0):
        arguments = np.ones((steps, 1, 1)), None, np.ones((1, 1)), np.full((1, 1), weight), None
        dx, *_ = rnn_backward(dh, *arguments, nonlinearity="relu")
        np.testing.assert_allclose(dx.ravel()[::-1], weight ** np.arange(steps))


def test_gradient_of_an_lstm_reaches_further_back_than_that_of_an_elman_network():
    """With torch's usual weights, and the forget gates biased to be open."""
    rng, steps, D, H = np.random.default_rng(0), 40, 4, 16
    x, bound = rng.standard_normal((steps, 8, D)), 1 / np.sqrt(H)
    draw = lambda *shape: rng.uniform(-bound, bound, shape)  # noqa: E731
    dh = last_state_backward(np.ones((8, H)), np.ones((steps, 8, H)))
    elman, *_ = rnn_backward(dh, x, None, draw(H, D), draw(H, H), draw(H))
    b = np.repeat([0.0, 4.0, 0.0, 0.0], H)
    lstm, *_ = lstm_backward(dh, x, None, None, draw(4 * H, D), draw(4 * H, H), b)
    first, last = ([np.linalg.norm(dx[t]) for dx in (elman, lstm)] for t in (0, steps - 1))
    assert first[0] < 1e-6 * last[0]
    assert first[1] > 1e-2 * last[1]


def test_parameter_count_is_torchs_less_its_second_bias():
    torch = pytest.importorskip("torch")
    count = sum(p.numel() for p in torch.nn.RNN(5, 7).parameters())
    assert rnn_parameter_count(5, 7) == count - 7


def test_parameter_count_names_what_is_wrong():
    with pytest.raises(ValueError, match=r"^hidden_size: expected at least 1, got 0$"):
        rnn_parameter_count(5, 0)
    with pytest.raises(TypeError, match=r"^input_size: expected an integer, got 2.5$"):
        rnn_parameter_count(2.5, 1)


batches = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@given(batches, st.integers(0, 2))
@settings(deadline=None, max_examples=40, derandomize=True)
def test_sequence_functions_treat_each_sequence_alone(lengths, more):
    steps = max(lengths) + more
    rng = np.random.default_rng(4)
    x = rng.standard_normal((steps, len(lengths), 2))
    mask = sequence_mask(lengths, steps)
    assert mask.sum(axis=0).tolist() == lengths
    turned, last = reverse_sequences(x, lengths=lengths), last_state(x, lengths=lengths)
    for b, length in enumerate(lengths):
        assert mask[:length, b].all()
        np.testing.assert_array_equal(turned[:length, b], x[:length, b][::-1])
        np.testing.assert_array_equal(turned[length:, b], x[length:, b])
        np.testing.assert_array_equal(last[b], x[length - 1, b])
    # Both are linear, so <f(x), dy> = <x, df(dy)>.
    dy = rng.standard_normal(last.shape)
    dx = last_state_backward(dy, x, lengths=lengths)
    np.testing.assert_allclose(np.vdot(last, dy), np.vdot(x, dx), rtol=1e-12)
    np.testing.assert_allclose(
        np.vdot(turned, x), np.vdot(x, reverse_sequences(x, lengths=lengths)), rtol=1e-12
    )


def test_sequence_functions_take_full_length_for_none_and_keep_the_type():
    x = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    np.testing.assert_array_equal(reverse_sequences(x), x[::-1])
    np.testing.assert_array_equal(last_state(x), x[-1])
    dh = last_state_backward(x[0], x)
    np.testing.assert_array_equal(dh[-1], x[0])
    assert not dh[:-1].any()
    assert reverse_sequences(x).dtype == last_state(x).dtype == dh.dtype == np.float32
    assert not np.shares_memory(reverse_sequences(x), x)
    assert not np.shares_memory(last_state(x), x)
    assert sequence_mask(np.array([2, 1], np.uint8)).shape == (2, 2)


X = np.ones((4, 2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sequence_mask([]), ValueError, r"^lengths: .* no empty axis, got \(0,\)$"),
        (lambda: sequence_mask([2, 0]), ValueError, r"^lengths: expected 1 to 2 steps each, got 0"),
        (lambda: sequence_mask([2, 5], 4), ValueError, r"^lengths: expected 1 to 4 .* got 5$"),
        (lambda: sequence_mask([1], 0), ValueError, r"^steps: expected at least 1, got 0$"),
        (lambda: sequence_mask([True]), TypeError, r"^lengths: expected integers, got \[True\]$"),
        (lambda: sequence_mask(3), ValueError, r"^lengths: expected shape \(B,\), got \(\)$"),
        (lambda: reverse_sequences(X[0]), ValueError, r"^x: expected shape \(T, B, D\), got"),
        (lambda: reverse_sequences(X, lengths=[1]), ValueError, r"^lengths: .*\(B=2,\), got \(1,"),
        (lambda: last_state(X[0]), ValueError, r"^h: expected shape \(T, B, H\), got \(2, 3\)$"),
        (lambda: last_state(X, lengths=[5, 1]), ValueError, r"^lengths: expected 1 to 4 steps"),
        (
            lambda: last_state_backward(X, X),
            ValueError,
            r"^dy: expected shape \(B=2, H=3\), got \(4, 2, 3\)$",
        ),
    ],
)
def test_sequence_functions_name_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("lengths", [None, [5, 3, 1]])
def test_reversed_sequences_make_an_lstm_bidirectional(dtype, lengths):
    """The outputs of torch's bidirectional LSTM, from two of ours."""
    torch = pytest.importorskip("torch")
    layer = torch.nn.LSTM(4, 6, bidirectional=True, dtype=torch.from_numpy(np.ones(1, dtype)).dtype)
    x = np.random.default_rng(0).standard_normal((5, 3, 4)).astype(dtype)
    both = [parameter.detach().numpy() for parameter in layer.parameters()]
    halves = []
    for (w_ih, w_hh, b_ih, b_hh), turn in (
        (both[:4], lambda x: x),
        (both[4:], lambda x: reverse_sequences(x, lengths=lengths)),
    ):
        trace = lstm_forward(turn(x), None, None, w_ih, w_hh, b_ih + b_hh, lengths=lengths)
        halves.append(turn(trace.h))
    given = torch.from_numpy(x)
    if lengths:
        given = torch.nn.utils.rnn.pack_padded_sequence(given, torch.tensor(lengths))
    expected, _ = layer(given)
    if lengths:
        expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected)
    np.testing.assert_allclose(
        np.concatenate(halves, axis=2), expected.detach(), atol=30 * np.finfo(dtype).eps
    )

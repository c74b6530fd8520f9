import numpy as np
import pytest

from lecturelib.gradcheck import check_gradients
from lecturelib.recurrent import (
    RNNWeights,
    bidirectional_rnn_backward,
    bidirectional_rnn_forward,
    reverse_sequences,
    rnn_backward,
)


def draw_weights(rng, D, H, dtype=np.float64):
    shapes = ((H, D), (H, H), (H,))
    return RNNWeights(*((rng.standard_normal(shape) / 2).astype(dtype) for shape in shapes))


def lecture_network(x, W1, Wf, W2, Wb):
    """L0, for one sequence: o2 reads o1 and runs from the last step to the first.

    o1_t = [1, theta(W1 x_t + Wf o1_{t-1})], o2_t = [1, theta(W2 o1_t + Wb o2_{t+1})].
    """
    T = len(x)
    o1 = np.zeros((T, 1 + len(W1)))
    o2 = np.zeros((T, 1 + len(W2)))
    o1[:, 0] = o2[:, 0] = 1
    before = np.concatenate([[1], np.zeros(len(W1))])
    for t in range(T):
        o1[t, 1:] = np.tanh(W1 @ x[t] + Wf @ before)
        before = o1[t]
    after = np.concatenate([[1], np.zeros(len(W2))])
    for t in reversed(range(T)):
        o2[t, 1:] = np.tanh(W2 @ o1[t] + Wb @ after)
        after = o2[t]
    return o1[:, 1:], o2[:, 1:]


@pytest.mark.parametrize("lengths", [None, [5, 3]])
def test_lecture_form_has_the_lectures_equations(lengths):
    """Two leading 1s meet in the backward layer, so its bias is the sum of two columns."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 2, 3))
    W1, Wf, W2, Wb = (rng.standard_normal(shape) for shape in ((4, 3), (4, 5), (2, 5), (2, 3)))
    forwards = RNNWeights(W1, Wf[:, 1:], Wf[:, 0])
    backwards = RNNWeights(W2[:, 1:], Wb[:, 1:], W2[:, 0] + Wb[:, 0])
    a, h = bidirectional_rnn_forward(x, forwards, backwards, form="lecture", lengths=lengths)
    for b, length in enumerate(lengths or [5, 5]):
        first, second = lecture_network(x[:length, b], W1, Wf, W2, Wb)
        np.testing.assert_allclose(a[:length, b], first, atol=1e-14)
        np.testing.assert_allclose(h[:length, b], second, atol=1e-14)
        assert not a[length:, b].any()
        assert not h[length:, b].any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("lengths", [None, [2, 5, 1]])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_standard_form_matches_torch(dtype, lengths, nonlinearity):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    both = [draw_weights(rng, 4, 6, dtype) for _ in range(2)]
    x = rng.standard_normal((5, 3, 4)).astype(dtype)
    dy = rng.standard_normal((5, 3, 12)).astype(dtype)
    how = {"nonlinearity": nonlinearity, "lengths": lengths}
    states = bidirectional_rnn_forward(x, *both, **how)
    gradients = bidirectional_rnn_backward(
        (dy[..., :6], dy[..., 6:]), x, *both, states=states, **how
    )

    tensor = lambda array: torch.from_numpy(array.copy()).requires_grad_()  # noqa: E731
    tx, theirs = tensor(x), [tensor(array) for weights in both for array in weights]
    module = torch.nn.RNN(4, 6, bidirectional=True, nonlinearity=nonlinearity, dtype=tx.dtype)
    ends = ("l0", "l0_reverse")
    names = [f"{part}_{end}" for end in ends for part in ("weight_ih", "weight_hh", "bias_ih")]
    weights = dict(zip(names, theirs, strict=True))
    weights |= {f"bias_hh_{end}": torch.zeros(6, dtype=tx.dtype) for end in ends}
    given = tx
    if lengths:
        given = torch.nn.utils.rnn.pack_padded_sequence(
            tx, torch.tensor(lengths), enforce_sorted=False
        )
    expected, _ = torch.func.functional_call(module, weights, (given,))
    if lengths:
        expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected)
    expected.backward(torch.from_numpy(dy))

    ours = [np.concatenate(states, axis=2), gradients[0], *gradients[1], *gradients[2]]
    others = [expected.detach(), tx.grad, *(each.grad for each in theirs)]
    for got, wanted in zip(ours, others, strict=True):
        assert got.dtype == dtype
        scale = max(float(wanted.abs().max()), 1)
        np.testing.assert_allclose(
            got, wanted.numpy(), rtol=0, atol=100 * np.finfo(dtype).eps * scale
        )


@pytest.mark.parametrize("form", ["standard", "lecture"])
@pytest.mark.parametrize(("T", "B", "lengths"), [(3, 2, [2, 3]), (3, 2, None), (1, 1, None)])
def test_gradients_match_finite_differences(form, T, B, lengths):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((T, B, 2))
    forwards = draw_weights(rng, 2, 3)
    backwards = draw_weights(rng, 2 if form == "standard" else 3, 4)
    dstates = [rng.standard_normal((T, B, H)) for H in (3, 4)]
    how = {"form": form, "lengths": lengths}

    def names(x, forwards, backwards):
        weights = {f"f_{name}": array for name, array in forwards._asdict().items()}
        weights |= {f"b_{name}": array for name, array in backwards._asdict().items()}
        return {"x": x, **weights}

    def loss(x, **weights):
        both = [
            RNNWeights(*(weights[f"{end}_{name}"] for name in RNNWeights._fields)) for end in "fb"
        ]
        states = bidirectional_rnn_forward(x, *both, **how)
        return sum((h * d).sum() for h, d in zip(states, dstates, strict=True))

    gradients = bidirectional_rnn_backward(tuple(dstates), x, forwards, backwards, **how)
    check_gradients(loss, names(x, forwards, backwards), names(*gradients), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("form", ["standard", "lecture"])
def test_none_stands_for_a_gradient_of_zero(form):
    rng = np.random.default_rng(3)
    x, weights = rng.standard_normal((4, 2, 3)), [draw_weights(rng, 3, 3) for _ in range(2)]
    dh = rng.standard_normal((4, 2, 3))
    for pair in ((None, dh), (dh, None)):
        zeros = tuple(np.zeros_like(dh) if d is None else d for d in pair)
        got = bidirectional_rnn_backward(pair, x, *weights, form=form)
        wanted = bidirectional_rnn_backward(zeros, x, *weights, form=form)
        np.testing.assert_array_equal(got[0], wanted[0])
        for one, other in zip(got[1] + got[2], wanted[1] + wanted[2], strict=True):
            np.testing.assert_array_equal(one, other)


def test_truncation_counts_from_the_end_in_the_backward_layer():
    rng = np.random.default_rng(4)
    x, weights = rng.standard_normal((5, 2, 3)), [draw_weights(rng, 3, 4) for _ in range(2)]
    dstates = tuple(rng.standard_normal((5, 2, 4)) for _ in range(2))
    _, dforwards, dbackwards = bidirectional_rnn_backward(dstates, x, *weights, truncate=2)
    expected = rnn_backward(dstates[0], x, None, *weights[0], truncate=2)
    np.testing.assert_allclose(dforwards.w_hh, expected[3], atol=1e-13)
    turned = [reverse_sequences(array) for array in (dstates[1], x)]
    expected = rnn_backward(*turned, None, *weights[1], truncate=2)
    np.testing.assert_allclose(dbackwards.w_hh, expected[3], atol=1e-13)


def test_arguments_stay_unchanged():
    rng = np.random.default_rng(5)
    x, weights = rng.standard_normal((4, 2, 3)), [draw_weights(rng, 3, 3) for _ in range(2)]
    dstates = tuple(rng.standard_normal((4, 2, 3)) for _ in range(2))
    for form in ("standard", "lecture"):
        states = bidirectional_rnn_forward(x, *weights, form=form, lengths=[4, 2])
        for array in (x, *weights[0], *weights[1], *dstates, *states):
            array.flags.writeable = False
        how = {"form": form, "lengths": [4, 2]}
        got = bidirectional_rnn_backward(dstates, x, *weights, states=states, **how)
        wanted = bidirectional_rnn_backward(dstates, x, *weights, **how)
        np.testing.assert_array_equal(got[0], wanted[0])


def test_errors_name_what_is_wrong():
    x, weights = np.ones((4, 2, 3)), draw_weights(np.random.default_rng(6), 3, 3)
    with pytest.raises(TypeError, match=r"^forwards: expected RNNWeights, got ndarray$"):
        bidirectional_rnn_forward(x, weights.w_ih, weights)
    with pytest.raises(TypeError, match=r"^backwards: expected RNNWeights, got NoneType$"):
        bidirectional_rnn_backward((x, x), x, weights, None)
    with pytest.raises(ValueError, match=r"^form: expected one of \['standard', 'lecture'\], got"):
        bidirectional_rnn_forward(x, weights, weights, form="torch")
    with pytest.raises(ValueError, match=r"^form: expected one of"):
        bidirectional_rnn_backward((x, x), x, weights, weights, form="torch")
    with pytest.raises(TypeError, match=r"^dstates: expected a pair, .* layer, got ndarray$"):
        bidirectional_rnn_backward(x[:2], x, weights, weights)
    with pytest.raises(ValueError, match=r"^states: expected a pair, .* layer, got 1 of them$"):
        bidirectional_rnn_backward((x, x), x, weights, weights, states=(x,))
    with pytest.raises(ValueError, match=r"^dstates\[1\]: expected shape \(T=4, B=2, H=3\), got"):
        bidirectional_rnn_backward((x, x[:1]), x, weights, weights)
    with pytest.raises(ValueError, match=r"^w_ih: expected shape \(H=3, D=2\), got \(3, 3\)$"):
        bidirectional_rnn_forward(x[..., :2], weights, weights)

import numpy as np
import pytest

from lecturelib.gradcheck import check_gradients
from lecturelib.recurrent import RNNWeights, deep_rnn_backward, deep_rnn_forward, rnn_forward


def draw_layers(rng, sizes, *, recurrent=None, dtype=np.float64):
    """Return layers from sizes[0] inputs through the others; all recurrent unless told."""
    recurrent = recurrent or [True] * (len(sizes) - 1)
    draw = lambda *shape: (rng.standard_normal(shape) / 2).astype(dtype)  # noqa: E731
    return [
        RNNWeights(draw(H, D), draw(H, H) if back else None, draw(H))
        for D, H, back in zip(sizes[:-1], sizes[1:], recurrent, strict=True)
    ]


def lecture_network(x, W1, Wo, W2, theta):
    """L0: o1_t = [1, theta(W1 x_t + Wo o1_{t-1})], o2_t = theta(W2 o1_t), for one sequence."""
    o1, first, second = np.concatenate([[1.0], np.zeros(len(Wo))]), [], []
    for x_t in x:
        o1 = np.concatenate([[1.0], theta(W1 @ x_t + Wo @ o1)])
        first.append(o1)
        second.append(theta(W2 @ o1))
    return np.array(first), np.array(second)


@pytest.mark.parametrize(
    ("nonlinearity", "theta"), [("tanh", np.tanh), ("sigmoid", lambda z: 1 / (1 + np.exp(-z)))]
)
def test_deep_network_has_the_lectures_equations(nonlinearity, theta):
    """The column that meets the leading 1 is the bias (W20)."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 1, 3))
    W1, Wo, W2 = (rng.standard_normal(shape) for shape in ((4, 3), (4, 5), (2, 5)))
    layers = [RNNWeights(W1, Wo[:, 1:], Wo[:, 0]), RNNWeights(W2[:, 1:], None, W2[:, 0])]
    states = deep_rnn_forward(x, None, layers, nonlinearity=nonlinearity)
    first, second = lecture_network(x[:, 0], W1, Wo, W2, theta)
    np.testing.assert_allclose(states[0][:, 0], first[:, 1:], atol=1e-14)
    np.testing.assert_allclose(states[1][:, 0], second, atol=1e-14)


def test_one_layer_is_the_elman_network():
    rng = np.random.default_rng(0)
    x, h0 = rng.standard_normal((4, 2, 3)), rng.standard_normal((2, 5))
    (layer,) = draw_layers(rng, (3, 5))
    (h,) = deep_rnn_forward(x, [h0], [layer])
    np.testing.assert_array_equal(h, rnn_forward(x, h0, *layer))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("lengths", [None, [2, 5, 1]])
@pytest.mark.parametrize("depth", [2, 3])
def test_stack_matches_torch(dtype, lengths, depth):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    layers = draw_layers(rng, (4, *[6] * depth), dtype=dtype)
    x, dh = rng.standard_normal((5, 3, 4)).astype(dtype), rng.standard_normal((5, 3, 6))
    h0 = rng.standard_normal((depth, 3, 6)).astype(dtype)
    dh = dh.astype(dtype)
    states = deep_rnn_forward(x, list(h0), layers, lengths=lengths)
    dstates = [None] * (depth - 1) + [dh]
    dx, dh0, dlayers = deep_rnn_backward(
        dstates, x, list(h0), layers, states=states, lengths=lengths
    )

    tensor = lambda array: torch.from_numpy(array.copy()).requires_grad_()  # noqa: E731
    module = torch.nn.RNN(4, 6, num_layers=depth, dtype=tensor(x).dtype)
    theirs = [tensor(array) for layer in layers for array in layer]
    names = [f"{part}_l{k}" for k in range(depth) for part in ("weight_ih", "weight_hh", "bias_ih")]
    zeros = {f"bias_hh_l{k}": torch.zeros(6, dtype=tensor(x).dtype) for k in range(depth)}
    tx, th0 = tensor(x), tensor(h0)
    given = tx
    if lengths:
        given = torch.nn.utils.rnn.pack_padded_sequence(
            tx, torch.tensor(lengths), enforce_sorted=False
        )
    weights = dict(zip(names, theirs, strict=True)) | zeros
    expected, _ = torch.func.functional_call(module, weights, (given, th0))
    if lengths:
        expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected)
    expected.backward(torch.from_numpy(dh))

    ours = [states[-1], dx, np.stack(dh0), *(array for layer in dlayers for array in layer)]
    others = [expected.detach(), *(each.grad for each in (tx, th0, *theirs))]
    for got, wanted in zip(ours, others, strict=True):
        assert got.dtype == dtype
        scale = max(float(wanted.abs().max()), 1)
        np.testing.assert_allclose(
            got, wanted.numpy(), rtol=0, atol=100 * np.finfo(dtype).eps * scale
        )


@pytest.mark.parametrize("recurrent", [[True, False], [False, True], [True, True]])
@pytest.mark.parametrize(("T", "B", "lengths"), [(3, 2, [2, 3]), (1, 1, None)])
def test_gradients_match_finite_differences(recurrent, T, B, lengths):
    """With a loss that reads every layer, and layers of different sizes."""
    rng = np.random.default_rng(2)
    layers = draw_layers(rng, (2, 3, 4), recurrent=recurrent)
    x, h0 = rng.standard_normal((T, B, 2)), [rng.standard_normal((B, H)) for H in (3, 4)]
    dstates = [rng.standard_normal((T, B, H)) for H in (3, 4)]
    dx, dh0, dlayers = deep_rnn_backward(dstates, x, h0, layers, lengths=lengths)

    def names(x, h0, layers):
        arrays = {"x": x, "low_h0": h0[0], "high_h0": h0[1]}
        for which, layer in zip(("low", "high"), layers, strict=True):
            arrays |= {f"{which}_{name}": array for name, array in layer._asdict().items()}
        return {name: array for name, array in arrays.items() if array is not None}

    def loss(x, low_h0, high_h0, **weights):
        stack = [
            RNNWeights(*(weights.get(f"{which}_{name}") for name in RNNWeights._fields))
            for which in ("low", "high")
        ]
        states = deep_rnn_forward(x, [low_h0, high_h0], stack, lengths=lengths)
        return sum((h * d).sum() for h, d in zip(states, dstates, strict=True))

    gradients = names(dx, dh0, dlayers)
    assert gradients.keys() == names(x, h0, layers).keys()
    check_gradients(loss, names(x, h0, layers), gradients, rtol=1e-6, atol=1e-9)


def test_truncation_reaches_every_layer():
    """Segments of one step: nothing flows along W_hh but into the first states."""
    rng = np.random.default_rng(3)
    layers = draw_layers(rng, (2, 3, 3))
    x, dh = rng.standard_normal((4, 2, 2)), rng.standard_normal((4, 2, 3))
    dx, _, _ = deep_rnn_backward([None, dh], x, None, layers, truncate=1)
    low, high = deep_rnn_forward(x, None, layers)
    to_high = (dh * (1 - high**2)) @ layers[1].w_ih
    np.testing.assert_allclose(dx, (to_high * (1 - low**2)) @ layers[0].w_ih, atol=1e-14)


def test_arguments_stay_unchanged():
    rng = np.random.default_rng(4)
    layers = draw_layers(rng, (2, 3, 3))
    x, h0 = rng.standard_normal((4, 2, 2)), [rng.standard_normal((2, 3)), None]
    states = deep_rnn_forward(x, h0, layers)
    dstates = [rng.standard_normal((4, 2, 3)) for _ in layers]
    for array in (x, h0[0], *states, *dstates, *(array for layer in layers for array in layer)):
        array.flags.writeable = False
    with_states = deep_rnn_backward(dstates, x, h0, layers, states=states)
    without = deep_rnn_backward(dstates, x, h0, layers)
    np.testing.assert_array_equal(with_states[0], without[0])
    for one, other in zip(with_states[2], without[2], strict=True):
        for got, wanted in zip(one, other, strict=True):
            np.testing.assert_array_equal(got, wanted)


def test_errors_name_what_is_wrong():
    rng = np.random.default_rng(5)
    layers, x = draw_layers(rng, (2, 3, 3)), np.ones((4, 2, 2))
    good = [None, np.ones((4, 2, 3))]
    with pytest.raises(ValueError, match=r"^layers: expected at least one, got none$"):
        deep_rnn_forward(x, None, [])
    with pytest.raises(TypeError, match=r"^layers: expected a list of RNNWeights, got RNNWeights$"):
        deep_rnn_forward(x, None, layers[0])
    with pytest.raises(TypeError, match=r"^layers\[1\]: expected RNNWeights, got ndarray$"):
        deep_rnn_backward(good, x, None, [layers[0], layers[1].w_ih])
    with pytest.raises(ValueError, match=r"^h0: expected one for each of the 2 layers, got 1$"):
        deep_rnn_forward(x, [None], layers)
    with pytest.raises(ValueError, match=r"^dstates: expected one for each of the 2 layers, got 1"):
        deep_rnn_backward(good[:1], x, None, layers)
    with pytest.raises(TypeError, match=r"^dstates: expected a list, .* layer, got ndarray$"):
        deep_rnn_backward(np.ones((2, 2, 3)), x, None, layers)
    with pytest.raises(ValueError, match=r"^states: expected one for each of the 2 layers, got 1$"):
        deep_rnn_backward(good, x, None, layers, states=[good[1]])
    with pytest.raises(ValueError, match=r"^dstates\[1\]: expected shape \(T=4, B=2, H=3\), got"):
        deep_rnn_backward([None, np.ones((1, 2, 3))], x, None, layers)
    with pytest.raises(TypeError, match=r"^states\[1\]: expected float32 as dstates\[1\] has, got"):
        deep_rnn_backward([None, np.ones((4, 2, 3), np.float32)], x, None, layers)
    with pytest.raises(ValueError, match=r"^w_ih: expected shape \(H=3, D=2\), got \(3, 3\)$"):
        deep_rnn_forward(x, None, layers[1:])
    with pytest.raises(ValueError, match=r"^truncate: expected at least 1, got 0$"):
        deep_rnn_backward(good, x, None, layers, truncate=0)

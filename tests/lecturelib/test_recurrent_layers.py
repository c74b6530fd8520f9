import numpy as np
import pytest

from lecturelib.gradcheck import check_gradients
from lecturelib.layers import Linear
from lecturelib.losses import mse_loss_backward, mse_loss_forward
from lecturelib.network import Sequential
from lecturelib.optimizers import Adam
from lecturelib.recurrent import rnn_backward, rnn_forward
from lecturelib.recurrent_layers import GRU, LSTM, RNN, LastState, SwapBatchAndTime
from lecturelib.training import MSE_LOSS, train_step

CELLS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
cells = pytest.mark.parametrize("name", CELLS)


def rng():
    return np.random.default_rng(7)


@cells
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_match_torch(name, dtype, bias):
    torch = pytest.importorskip("torch")
    layer = CELLS[name](3, 5, rng(), bias=bias, dtype=dtype)
    theirs = getattr(torch.nn, name)(3, 5, bias=bias, dtype=getattr(torch, np.dtype(dtype).name))
    state = {key: torch.zeros_like(value) for key, value in theirs.state_dict().items()}
    ours = layer.named_parameters()
    for key, parameter in ours.items():
        theirs_key = {"bias": "bias_ih"}.get(key, key) + "_l0"
        state[theirs_key] = torch.from_numpy(parameter.data.copy())
    theirs.load_state_dict(state)
    x, dy = (rng().standard_normal((4, 2, size)).astype(dtype) for size in (3, 5))
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    expected, _ = theirs(tensor)
    expected.backward(torch.from_numpy(dy))
    pairs = {"y": (layer(x), expected.detach()), "dx": (layer.backward(dy), tensor.grad)}
    for key, parameter in ours.items():
        theirs_key = {"bias": "bias_ih"}.get(key, key) + "_l0"
        pairs[key] = (parameter.grad, getattr(theirs, theirs_key).grad)
    for key, (got, wanted) in pairs.items():
        assert got.dtype == dtype
        np.testing.assert_allclose(
            got, wanted.numpy(), rtol=0, atol=100 * np.finfo(dtype).eps, err_msg=key
        )


@cells
def test_parameters_are_drawn_as_torch_does(name):
    layer = CELLS[name](6, 25, rng())
    for parameter in layer.parameters():
        assert parameter.data.dtype == np.float32
        assert np.abs(parameter.data).max() <= 0.2
    weights = layer.parameters()[1].data
    assert np.abs(weights).max() > 0.19
    assert abs(weights.mean()) < 0.02
    again, double = CELLS[name](6, 25, rng()), CELLS[name](6, 25, rng(), dtype=np.float64)
    for one, same, other in zip(
        layer.parameters(), again.parameters(), double.parameters(), strict=True
    ):
        np.testing.assert_array_equal(one.data, same.data)
        np.testing.assert_array_equal(one.data, other.data.astype(np.float32))


@pytest.mark.parametrize("make", [SwapBatchAndTime, LastState])
def test_gradients_of_layers_without_parameters_match_finite_differences(make):
    layer, x = make(), rng().standard_normal((3, 2, 4))
    dy = rng().standard_normal(layer(x).shape)
    check_gradients(
        lambda x: (make()(x) * dy).sum(), {"x": x}, {"x": layer.backward(dy)}, rtol=1e-6
    )


def test_swapping_twice_changes_nothing():
    x = rng().standard_normal((3, 2, 4))
    y = SwapBatchAndTime()(x)
    assert y.shape == (2, 3, 4)
    np.testing.assert_array_equal(SwapBatchAndTime()(y), x)


@cells
def test_network_gradients_match_finite_differences(name):
    generator = rng()
    network = Sequential(
        SwapBatchAndTime(),
        CELLS[name](2, 3, generator, dtype=np.float64),
        LastState(),
        Linear(3, 2, generator, dtype=np.float64),
    )
    x, target = generator.standard_normal((4, 5, 2)), generator.standard_normal((4, 2))
    y = network(x)
    dx = network.backward(mse_loss_backward(1.0, y, target))
    parameters = network.named_parameters()
    gradients = {key: p.grad for key, p in parameters.items()} | {"x": dx}
    arrays = {key: p.data for key, p in parameters.items()} | {"x": x}

    def loss(x, **values):
        for key, value in values.items():
            parameters[key].data = value
        return mse_loss_forward(network(x), target)

    check_gradients(loss, arrays, gradients, rtol=1e-6, atol=1e-9)


@cells
def test_truncation_and_nonlinearity_reach_the_cell(name):
    x, dy = (rng().standard_normal((6, 2, size)) for size in (3, 5))
    whole, cut = (CELLS[name](3, 5, rng(), truncate=k, dtype=np.float64) for k in (None, 2))
    np.testing.assert_array_equal(whole(x), cut(x))
    dx = cut.backward(dy)
    assert np.abs(dx - whole.backward(dy)).max() > 1e-3
    for k in range(0, 6, 2):  # no gradient from later segments
        alone = np.zeros_like(dy)
        alone[k : k + 2] = dy[k : k + 2]
        np.testing.assert_allclose(cut.backward(alone)[k : k + 2], dx[k : k + 2], atol=1e-14)


def test_nonlinearity_reaches_the_cell():
    layer = RNN(3, 5, rng(), nonlinearity="relu", dtype=np.float64)
    x, dy = (rng().standard_normal((4, 2, size)) for size in (3, 5))
    arguments = x, None, *(parameter.data for parameter in layer.parameters())
    np.testing.assert_array_equal(layer(x), rnn_forward(*arguments, nonlinearity="relu"))
    expected = rnn_backward(dy, *arguments, nonlinearity="relu")[0]
    np.testing.assert_array_equal(layer.backward(dy), expected)


def recall_loss(cell, steps):
    """Train to tell, at the end, the coin that was marked at the start; return the last mean loss.

    At every step a coin shows -1 or 1. Guessing costs 1.
    """
    generator = rng()
    layer = cell(2, 16, generator)
    if cell is LSTM:
        layer.parameters()[2].data[16:32] = 2  # forget gates begin open
    network = Sequential(layer, LastState(), Linear(16, 1, generator))
    optimizer, losses = Adam(network.parameters(), 0.01), []
    for _ in range(300):
        x = np.zeros((steps, 32, 2), np.float32)
        x[:, :, 0] = generator.choice([-1, 1], (steps, 32))
        x[0, :, 1] = 1
        target = x[0, :, :1]
        losses.append(train_step(network, MSE_LOSS, optimizer, x, target, max_grad_norm=1.0))
    return np.mean(losses[-50:])


def test_lstm_recalls_over_forty_steps_what_an_elman_network_forgets():
    """S21: the same Elman network learns it over ten steps."""
    assert recall_loss(LSTM, 40) < 0.05
    assert recall_loss(RNN, 40) > 0.9
    assert recall_loss(RNN, 10) < 0.05


def test_layers_show_their_settings():
    generator = rng()
    assert repr(RNN(3, 8, generator, bias=False)) == "RNN(3, 8, bias=False, nonlinearity='tanh')"
    assert repr(GRU(3, 8, generator, truncate=5)) == "GRU(3, 8, truncate=5)"


def test_layers_name_what_is_wrong():
    with pytest.raises(ValueError, match=r"^hidden_size: expected at least 1, got 0$"):
        LSTM(3, 0, rng())
    with pytest.raises(TypeError, match=r"^rng: expected a numpy.random.Generator, got int$"):
        GRU(3, 8, 0)
    with pytest.raises(TypeError, match=r"^dtype: expected float32 or float64, got"):
        LSTM(3, 8, rng(), dtype=np.float16)
    with pytest.raises(ValueError, match=r"^truncate: expected at least 1, got 0$"):
        LSTM(3, 8, rng(), truncate=0)
    with pytest.raises(ValueError, match=r"^nonlinearity: expected one of .* got 'cos'$"):
        RNN(3, 8, rng(), nonlinearity="cos")
    for of_lists in (RNN(1, 8, rng()), SwapBatchAndTime()):
        with pytest.raises(TypeError, match=r"^x: expected a NumPy array, got list$"):
            of_lists([[[1.0]]])
    layer = LSTM(3, 8, rng())
    with pytest.raises(RuntimeError, match=r"^LSTM.backward: expected a forward pass before it"):
        layer.backward(np.ones((4, 2, 8), np.float32))
    with pytest.raises(ValueError, match=r"^x: expected shape \(T, B, D=3\), got \(4, 2, 2\)$"):
        layer(np.ones((4, 2, 2), np.float32))
    layer(np.ones((4, 2, 3), np.float32))
    with pytest.raises(ValueError, match=r"^dh: expected shape \(T=4, B=2, H=8\), got \(2, 8\)$"):
        layer.backward(np.ones((2, 8), np.float32))
    swap = SwapBatchAndTime()
    with pytest.raises(ValueError, match=r"^x: expected shape \(B, T, ...\) .* got \(3,\)$"):
        swap(np.ones(3))
    swap(np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"^dy: expected shape \(2, 3\), got \(3, 2\)$"):
        swap.backward(np.ones((3, 2)))

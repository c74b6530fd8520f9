import numpy as np
import pytest

from lecturelib.gradcheck import check_gradients
from lecturelib.layers import (
    AvgPool2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Parameter,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)

FLOATS = [np.float32, np.float64]


def rng():
    return np.random.default_rng(7)


# name: (our layer, torch's, the shape of x)
LAYERS = {
    "linear": (lambda r, d: Linear(5, 3, r, dtype=d), lambda nn: nn.Linear(5, 3), (4, 5)),
    "linear of sequences": (
        lambda r, d: Linear(5, 3, r, dtype=d, bias=False),
        lambda nn: nn.Linear(5, 3, bias=False),
        (2, 4, 5),
    ),
    "conv": (
        lambda r, d: Conv2d(2, 3, (3, 2), r, stride=(2, 1), padding=1, dtype=d),
        lambda nn: nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=1),
        (2, 2, 7, 6),
    ),
    "conv without bias": (
        lambda r, d: Conv2d(1, 2, 3, r, bias=False, dtype=d),
        lambda nn: nn.Conv2d(1, 2, 3, bias=False),
        (1, 1, 5, 5),
    ),
    "max-pool": (
        lambda r, d: MaxPool2d(3, stride=2, padding=1),
        lambda nn: nn.MaxPool2d(3, stride=2, padding=1),
        (2, 3, 7, 6),
    ),
    "average-pool": (lambda r, d: AvgPool2d((2, 3)), lambda nn: nn.AvgPool2d((2, 3)), (1, 2, 5, 7)),
    "flatten": (lambda r, d: Flatten(), lambda nn: nn.Flatten(), (3, 2, 4, 5)),
    "relu": (lambda r, d: ReLU(), lambda nn: nn.ReLU(), (4, 5)),
    "sigmoid": (lambda r, d: Sigmoid(), lambda nn: nn.Sigmoid(), (4, 5)),
    "tanh": (lambda r, d: Tanh(), lambda nn: nn.Tanh(), (4, 5)),
    "softmax": (lambda r, d: Softmax(), lambda nn: nn.Softmax(dim=-1), (4, 5)),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", LAYERS)
def test_layers_match_torch(name, dtype):
    torch = pytest.importorskip("torch")
    make, make_theirs, shape = LAYERS[name]
    layer, theirs = make(rng(), dtype), make_theirs(torch.nn)
    theirs.to(getattr(torch, np.dtype(dtype).name))
    theirs.load_state_dict(
        {key: torch.from_numpy(p.data.copy()) for key, p in layer.named_parameters().items()}
    )
    x = rng().standard_normal(shape).astype(dtype)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    y, expected = layer(x), theirs(tensor)
    dy = rng().standard_normal(y.shape).astype(dtype)
    expected.backward(torch.from_numpy(dy))
    pairs = {"y": (y, expected.detach()), "dx": (layer.backward(dy), tensor.grad)}
    for key, parameter in layer.named_parameters().items():
        pairs[key] = (parameter.grad, theirs.get_parameter(key).grad)
    for key, (got, wanted) in pairs.items():
        assert got.dtype == dtype, key
        np.testing.assert_allclose(
            got, wanted.numpy(), atol=100 * np.finfo(dtype).eps, rtol=1e-5, err_msg=key
        )


@pytest.mark.parametrize("name", LAYERS)
def test_layers_read_as_torchs(name):
    torch = pytest.importorskip("torch")
    make, make_theirs, _ = LAYERS[name]
    expected = repr(make_theirs(torch.nn))
    if "Pool" in expected:  # sizes are ints there where one will do, and settings differ
        expected = expected.split("(")[0]
    if name in ("flatten", "softmax"):  # axes are not ours to set
        expected = expected.split("(")[0]
    if name == "conv without bias":
        expected = expected.replace("stride=(1, 1),", "stride=(1, 1), padding=(0, 0),")
    assert repr(make(rng(), np.float32)).startswith(expected)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_gradients_match_finite_differences(name):
    make, _, shape = LAYERS[name]
    layer = make(rng(), np.float64)
    x = rng().standard_normal(shape)
    dy = rng().standard_normal(layer(x).shape)
    parameters = layer.named_parameters()
    arrays = {"x": x} | {key: parameter.data.copy() for key, parameter in parameters.items()}
    gradients = {"x": layer.backward(dy)}
    gradients |= {key: parameter.grad for key, parameter in parameters.items()}

    def loss(x, **values):
        for key, value in values.items():
            parameters[key].data[...] = value
        return (layer(x) * dy).sum()

    check_gradients(loss, arrays, gradients, rtol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_leave_input_and_dy_as_they_are(name):
    make, _, shape = LAYERS[name]
    layer = make(rng(), np.float64)
    x = rng().standard_normal(shape)
    x.flags.writeable = False
    dy = np.ones_like(layer(x))
    dy.flags.writeable = False
    layer.backward(dy)


@pytest.mark.parametrize("name", ["linear", "conv", "conv without bias"])
def test_gradients_of_parameters_alone_are_the_same(name):
    make, _, shape = LAYERS[name]
    layer = make(rng(), np.float64)
    dy = np.ones_like(layer(rng().standard_normal(shape)))
    layer.backward(dy)
    expected = [parameter.grad for parameter in layer.parameters()]
    for parameter in layer.parameters():
        parameter.grad = None
    assert layer.backward_parameters(dy) is None
    for parameter, gradient in zip(layer.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.grad, gradient)


def test_backward_passes_add_to_gradients():
    layer = Linear(3, 2, rng(), dtype=np.float64)
    dy = np.ones_like(layer(rng().standard_normal((4, 3))))
    layer.backward(dy)
    first = layer.weight.grad
    copy = first.copy()
    layer.backward(2 * dy)
    np.testing.assert_allclose(layer.weight.grad, 3 * copy)
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize(
    ("layer", "bound"),
    [
        (lambda r, d: Linear(50, 40, r, dtype=d), 1 / np.sqrt(50)),
        (lambda r, d: Conv2d(4, 40, (5, 3), r, dtype=d), 1 / np.sqrt(60)),
    ],
)
def test_parameters_start_uniform_within_torchs_bound(layer, bound):
    torch = pytest.importorskip("torch")
    single, double = layer(rng(), np.float32), layer(rng(), np.float64)
    for parameter, same in zip(single.parameters(), double.parameters(), strict=True):
        assert np.abs(same.data).max() <= bound
        assert parameter.data.dtype == np.float32
        np.testing.assert_array_equal(parameter.data, same.data.astype(np.float32))
    # Of a uniform distribution: the deviation is bound / sqrt(3), and so is torch's.
    weight = double.weight.data
    np.testing.assert_allclose(weight.std(), bound / np.sqrt(3), rtol=0.05)
    torch.manual_seed(0)
    shape = weight.shape
    theirs = (
        torch.nn.Linear(shape[1], shape[0])
        if len(shape) == 2
        else torch.nn.Conv2d(shape[1], shape[0], shape[2:])
    )
    for parameter in theirs.parameters():
        assert 0.8 * bound < parameter.abs().max().item() <= bound


def test_dropout_drops_in_training_and_not_in_evaluation():
    layer, x = Dropout(0.25, rng()), np.ones((100, 100), np.float32)
    y = layer(x)
    assert y.dtype == np.float32
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.02
    np.testing.assert_array_equal(layer.backward(x), y)  # the same are dropped on the way back
    assert (layer(x) != y).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer.backward(2 * x), 2 * x)
    layer.train()
    assert (layer(x) == 0).any()


@pytest.mark.parametrize("dtype", [">f8", np.int32])
def test_dropout_takes_the_arrays_that_other_layers_take(dtype):
    x = np.arange(8).astype(dtype)
    np.testing.assert_array_equal(Dropout(0.5, rng())(x), Dropout(0.5, rng())(x.astype(float)))


def test_flatten_takes_an_empty_batch():
    layer = Flatten()
    assert layer(np.ones((0, 2, 3))).shape == (0, 6)
    assert layer.backward(np.ones((0, 6))).shape == (0, 2, 3)


@pytest.mark.parametrize("name", LAYERS)
def test_backward_needs_a_forward_pass(name):
    layer = LAYERS[name][0](rng(), np.float32)
    with pytest.raises(RuntimeError, match=r"\.backward: expected a forward pass before it, got"):
        layer.backward(np.ones((1, 1)))


def test_dropout_backward_needs_a_forward_pass():
    with pytest.raises(RuntimeError, match=r"^Dropout\.backward: expected a forward pass"):
        Dropout(0.5, rng()).backward(np.ones(1))


class TwoOfAName(Layer):
    def forward(self, x):
        return x

    def backward(self, dy):
        return dy

    def parameters(self):
        return [Parameter(np.ones(1), name="a"), Parameter(np.ones(1), name="a")]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Linear(0, 3, rng()), ValueError, "^in_features: expected at least 1, got 0$"),
        (lambda: Linear(3, 2.5, rng()), TypeError, "^out_features: expected an integer, got 2.5$"),
        (lambda: Linear(3, 2, 0), TypeError, "^rng: expected a numpy.random.Generator, got int$"),
        (
            lambda: Linear(3, 2, rng(), dtype=np.float16),
            TypeError,
            "^dtype: expected float32 or float64, got <class 'numpy.float16'>$",
        ),
        (lambda: Linear(3, 2, rng(), dtype=None), TypeError, "^dtype: .* got None$"),
        (lambda: Conv2d(1, 0, 3, rng()), ValueError, "^out_channels: expected at least 1, got 0$"),
        (lambda: Conv2d(1, 1, 3, rng(), stride=0), ValueError, "^stride: expected at least 1"),
        (lambda: Conv2d(1, 1, (3, 3, 3), rng()), ValueError, "^kernel_size: .* or 2 of them, got"),
        (
            lambda: Conv2d(3, 1, 3, rng())(np.ones((2, 1, 5, 5), np.float32)),
            ValueError,
            r"^x: expected shape \(N, C=3, H, W\), got \(2, 1, 5, 5\)$",
        ),
        (lambda: Linear(3, 2, rng())(np.ones((2, 4), np.float32)), ValueError, r"^x: .*3.*\(2, 4"),
        (lambda: Linear(3, 2, rng())(np.ones((2, 3))), TypeError, "expected float64 as x has"),
        (lambda: MaxPool2d(2.0), TypeError, "^kernel_size: expected an integer or 2 of them"),
        (lambda: Flatten()(np.ones(3)), ValueError, r"^x: expected shape \(N, ...\) with two axes"),
        (lambda: Linear(3, 2, rng(), dtype="real"), TypeError, "^dtype: .*float64, got 'real'$"),
        (lambda: Conv2d(1, 1, 3, rng())([[1.0]]), TypeError, "^x: expected a NumPy array, got lis"),
        (lambda: Flatten()([[1.0]]), TypeError, "^x: expected a NumPy array, got list$"),
        (lambda: Dropout(0.5, rng())(None), TypeError, "^x: expected a NumPy array, got NoneType$"),
        (lambda: Dropout(0.5, rng()).eval()(1), TypeError, "^x: expected a NumPy array, got int$"),
        (lambda: Dropout(1.5, rng()), ValueError, "^p: expected 0 to 1, got 1.5$"),
        (lambda: Dropout(0.5, None), TypeError, "^rng: expected a numpy.random.Generator, got Non"),
        (
            lambda: TwoOfAName().named_parameters(),
            ValueError,
            r"^TwoOfAName: expected a name for each, got \['a', 'a'\]$",
        ),
    ],
)
def test_layers_name_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_flatten_names_a_wrong_dy():
    layer = Flatten()
    layer(np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=r"^dy: expected shape \(N=2, D=12\), got \(2, 3, 4\)$"):
        layer.backward(np.ones((2, 3, 4)))

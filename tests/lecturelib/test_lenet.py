import itertools

import numpy as np
import pytest

from lecturelib.conv import conv2d_forward, conv_parameter_count
from lecturelib.gradcheck import check_gradients
from lecturelib.lenet import (
    C3_CONNECTIONS,
    PartialConv2d,
    RadialBasis,
    ScaledTanh,
    Subsample2d,
    digit_codes,
    lenet5,
    lenet5_1998,
    lenet5_parameter_counts,
    small_cnn,
)
from lecturelib.network import parameter_count
from lecturelib.optimizers import SGD, Adam
from lecturelib.training import CROSS_ENTROPY, accuracy, evaluate, train
from tests.lecturelib.digits import enlarged_digits

SIZES = {lenet5: 28, lenet5_1998: 32, small_cnn: 28}


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", SIZES)
def test_networks_give_ten_numbers_in_their_type(make, dtype):
    network = make(rng(), dtype=dtype)
    x = rng().random((3, 1, SIZES[make], SIZES[make])).astype(dtype)
    y = network(x)
    assert y.shape == (3, 10)
    dx = network.backward(np.ones_like(y))
    arrays = [y, dx, *(array for p in network.parameters() for array in (p.data, p.grad))]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize("make", SIZES)
def test_one_image_gives_what_it_gives_among_others(make):
    network = make(rng(), dtype=np.float64)
    x = rng().random((4, 1, SIZES[make], SIZES[make]))
    np.testing.assert_allclose(network(x[2:3])[0], network(x)[2], rtol=1e-10)


def test_lenet5_of_32_pixels_sees_what_that_of_28_pads():
    x = rng().random((2, 1, 28, 28), dtype=np.float32)
    large = lenet5(rng(), image_size=32)(np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2))))
    np.testing.assert_allclose(large, lenet5(rng())(x), rtol=1e-5, atol=1e-6)


def test_original_parameter_counts():
    counts = {name: original for name, original, _ in lenet5_parameter_counts()}
    assert counts == {
        "C1": 156,
        "S2": 12,
        "C3": 1516,
        "S4": 32,
        "C5": 48120,
        "F6": 10164,
        "output": 0,
        "in all": 60000,
    }
    assert parameter_count(lenet5_1998(rng())) == 60000


def test_modern_parameter_counts():
    counts = {name: modern for name, _, modern in lenet5_parameter_counts()}
    assert counts["C1"] == conv_parameter_count(1, 6, 5)
    assert counts["C3"] == conv_parameter_count(6, 16, 5)
    assert counts["C5"] == conv_parameter_count(16, 120, 5)
    assert counts["S2"] == counts["S4"] == 0
    assert counts["output"] == 850
    assert counts["in all"] == parameter_count(lenet5(rng())) == 61706


def test_connections_of_c3_are_those_of_the_paper():
    """Six maps see three neighbours, six see four, three see two pairs, one sees all."""
    sizes = C3_CONNECTIONS.sum(axis=1)
    assert sizes.tolist() == [3] * 6 + [4] * 9 + [6]
    # In the paper's table, row 0 has an X in these columns; every map of S2 is seen ten times.
    assert np.flatnonzero(C3_CONNECTIONS[:, 0]).tolist() == [0, 4, 5, 6, 9, 10, 11, 12, 14, 15]
    assert C3_CONNECTIONS.sum(axis=0).tolist() == [10] * 6
    for group in (C3_CONNECTIONS[:6], C3_CONNECTIONS[6:12]):
        for first, following in itertools.pairwise(group):
            np.testing.assert_array_equal(np.roll(first, 1), following)
    assert len(np.unique(C3_CONNECTIONS, axis=0)) == 16


LAYERS = {
    "squash": (lambda: ScaledTanh(), (3, 4)),
    "subsample": (lambda: Subsample2d(3, rng(), dtype=np.float64), (2, 3, 4, 6)),
    "subsample of odd size": (lambda: Subsample2d(2, rng(), dtype=np.float64), (1, 2, 5, 3)),
    "partial": (
        lambda: PartialConv2d(C3_CONNECTIONS[[0, 8, 12], :4], 2, rng(), dtype=np.float64),
        (2, 4, 3, 4),
    ),
    "radial basis": (lambda: RadialBasis(rng().choice([-1.0, 1.0], (3, 5))), (4, 5)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_match_finite_differences(name):
    make, shape = LAYERS[name]
    layer = make()
    x = np.random.default_rng(1).standard_normal(shape)
    x.flags.writeable = False
    dy = np.random.default_rng(2).standard_normal(layer(x).shape)
    dy.flags.writeable = False
    parameters = layer.named_parameters()
    arrays = {"x": x} | {key: parameter.data.copy() for key, parameter in parameters.items()}
    gradients = {"x": layer.backward(dy)}
    gradients |= {key: parameter.grad for key, parameter in parameters.items()}

    def loss(x, **values):
        for key, value in values.items():
            parameters[key].data[...] = value
        return (layer(x) * dy).sum()

    check_gradients(loss, arrays, gradients, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_of_1998_match_torch(dtype):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    x = np.random.default_rng(1).standard_normal((3, 6, 8, 8)).astype(dtype)
    tensor = torch.from_numpy(x)
    tolerance = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(
        ScaledTanh()(x), 1.7159 * torch.tanh(2 / 3 * tensor).numpy(), **tolerance
    )
    subsample = Subsample2d(6, rng(), dtype=dtype)
    w, b = (torch.from_numpy(p.data)[:, None, None] for p in subsample.parameters())
    expected = functional.avg_pool2d(tensor, 2, divisor_override=1) * w + b
    np.testing.assert_allclose(subsample(x), expected.numpy(), **tolerance)
    basis = RadialBasis(digit_codes(dtype=dtype))
    flat = tensor.reshape(3, -1)[:, :84].contiguous()
    expected = -(torch.cdist(flat, torch.from_numpy(basis.codes)) ** 2)
    np.testing.assert_allclose(basis(flat.numpy()), expected.numpy(), rtol=1e-4)


def test_partial_convolution_is_a_convolution_with_zeros():
    layer = PartialConv2d(C3_CONNECTIONS, 5, rng(), dtype=np.float64)
    x = np.random.default_rng(1).standard_normal((2, 6, 7, 7))
    filters = np.zeros((16, 6, 5, 5))
    weights = iter(layer.weight.data)
    for f, c in np.argwhere(C3_CONNECTIONS):
        filters[f, c] = next(weights)
    assert next(weights, None) is None
    np.testing.assert_allclose(layer(x), conv2d_forward(x, filters, layer.bias.data), rtol=1e-12)


def test_squashing_takes_one_to_one():
    np.testing.assert_allclose(ScaledTanh()(np.array([-1.0, 0, 1])), [-1, 0, 1], atol=2e-5)


def test_codes_differ_and_are_pictures():
    codes = digit_codes()
    assert codes.dtype == np.float32
    assert np.unique(codes).tolist() == [-1, 1]
    assert len(np.unique(codes, axis=0)) == 10
    eight, nine = codes[8].reshape(12, 7), codes[9].reshape(12, 7)
    assert np.argwhere(eight != nine).tolist() == [[row, 0] for row in range(7, 11)]


@pytest.mark.parametrize(
    ("make", "kind", "lr", "at_least"),
    [
        (lenet5, Adam, 0.002, 0.95),
        (small_cnn, SGD, 0.05, 0.92),
        (lenet5_1998, Adam, 0.001, 0.90),
    ],
)
def test_networks_learn_digits(make, kind, lr, at_least):
    train_data, test_data = enlarged_digits(SIZES[make])
    generator = np.random.default_rng(1)
    network = make(generator)
    train(
        network,
        CROSS_ENTROPY,
        train_data,
        optimizer=kind(network.parameters(), lr=lr),
        epochs=3,
        batch_size=16,
        rng=generator,
    )
    got = evaluate(network, CROSS_ENTROPY, test_data, metrics={"accuracy": accuracy})
    assert got.metrics["accuracy"] >= at_least


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: lenet5(rng(), image_size=30),
            ValueError,
            "^image_size: expected 28 or 32",
        ),
        (lambda: lenet5(0), TypeError, "^rng: expected a numpy.random.Generator, got int$"),
        (lambda: lenet5_1998(rng(), dtype=int), TypeError, "^dtype: expected float32 or float64"),
        (
            lambda: lenet5(rng())(np.ones((1, 1, 32, 32), np.float32)),
            ValueError,
            r"^x: .*400.* got \(1, 576\)",
        ),
        (lambda: digit_codes(dtype=None), TypeError, "^dtype: expected float32 or float64, got No"),
        (lambda: Subsample2d(0, rng()), ValueError, "^channels: expected at least 1, got 0$"),
        (
            lambda: Subsample2d(2, rng())(np.ones((1, 3, 4, 4), np.float32)),
            ValueError,
            r"^x: expected shape \(N, C=2, H, W\), got \(1, 3, 4, 4\)$",
        ),
        (
            lambda: PartialConv2d([[True]], 5, rng()),
            TypeError,
            "^connections: expected an array of bool, got list$",
        ),
        (
            lambda: PartialConv2d(np.ones((2, 2)), 5, rng()),
            TypeError,
            "^connections: expected an array of bool, got float64$",
        ),
        (
            lambda: PartialConv2d(np.array([[True], [False]]), 5, rng()),
            ValueError,
            "^connections: expected one or more in each row, got none in one$",
        ),
        (
            lambda: PartialConv2d(C3_CONNECTIONS, 0, rng()),
            ValueError,
            "^kernel_size: expected at least 1, got 0$",
        ),
        (lambda: RadialBasis(np.ones(3)), ValueError, r"^codes: expected shape \(K, D\), got"),
        (
            lambda: RadialBasis(np.ones((2, 3)))(np.ones((1, 4))),
            ValueError,
            r"^x: expected shape \(N, D=3\), got \(1, 4\)$",
        ),
    ],
)
def test_lenet_names_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()

"""What the lectures build of the library's parts, each system as they describe it."""

import numpy as np
import pytest

from lecturelib.activations import sigmoid_forward, tanh_backward, tanh_forward
from lecturelib.batches import split
from lecturelib.gradcheck import check_gradients
from lecturelib.layers import Linear, Tanh
from lecturelib.linear import linear_backward, linear_forward
from lecturelib.losses import mse_loss_backward, mse_loss_forward
from lecturelib.network import Sequential
from lecturelib.optimizers import Adam
from lecturelib.perceptron import fit_perceptron
from lecturelib.training import MSE_LOSS, evaluate, train


def intervals(rng):
    """Numbers, those near 0 of the one kind, those far from it of the other; and their squares."""
    x = rng.uniform(0.1, 1, 40) * rng.choice([-1, 1], 40)
    x += np.sign(x) * (abs(x) > 0.5)
    return x[:, np.newaxis], np.stack([x, x**2], axis=1), abs(x) > 0.75


def rings(rng):
    """Points on two rings about the origin, in Cartesian and in polar coordinates."""
    outside = np.arange(60) % 2
    radius, angle = 1 + outside + rng.uniform(-0.2, 0.2, 60), rng.uniform(-np.pi, np.pi, 60)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    polar = np.stack([np.hypot(*points.T), np.arctan2(*points.T[::-1])], axis=1)
    return points, polar, outside


@pytest.mark.parametrize("make", [intervals, rings])
def test_a_feature_map_makes_data_separable(make):
    x, features, target = make(np.random.default_rng(0))
    target = target.astype(int)
    assert fit_perceptron(x, target, epochs=500).errors[-1] > 0
    assert fit_perceptron(features, target, epochs=500).errors[-1] == 0


def test_more_hidden_units_come_closer_to_a_function():
    """A hidden layer of steep sigmoids is a staircase, and its error falls as 1/n."""
    x = np.linspace(0, 1, 501)[:, np.newaxis]
    wanted = np.sin(2 * np.pi * x) + x

    def worst(n):
        edges = (np.arange(n) + 0.5) / n
        steps = np.diff(np.sin(2 * np.pi * np.arange(n + 1) / n) + np.arange(n + 1) / n)
        h = sigmoid_forward(linear_forward(x, np.full((n, 1), 40.0 * n), -40 * n * edges))
        return abs(linear_forward(h, steps[np.newaxis], np.zeros(1)) - wanted).max()

    errors = np.array([worst(n) for n in (8, 32, 128)])
    assert np.all(errors[1:] < errors[:-1] / 3)
    assert errors[-1] < 0.05


def test_three_layers_by_hand():
    """From de/dh of each layer come de/dW of that layer and de/dh of the one below."""
    rng = np.random.default_rng(0)
    sizes = (3, 5, 4, 2)
    arrays = {f"W{i + 1}": rng.normal(size=(sizes[i + 1], sizes[i])) for i in range(3)}
    x, target = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))

    def layers(weights):
        h, before = [x], []
        for w in weights:
            before.append(linear_forward(h[-1], w, None))
            h.append(tanh_forward(before[-1]))
        return h, before

    h, before = layers(arrays.values())
    dh, gradients = mse_loss_backward(1.0, h[3], target), {}
    for i in (3, 2, 1):
        da = tanh_backward(dh, before[i - 1])
        dh, gradients[f"W{i}"], _ = linear_backward(da, h[i - 1], arrays[f"W{i}"])
    check_gradients(
        lambda W1, W2, W3: mse_loss_forward(layers((W1, W2, W3))[0][3], target),
        arrays,
        gradients,
        rtol=1e-6,
    )


def test_held_out_samples_choose_the_learning_rate():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (120, 1))
    target = np.sin(3 * x)
    part = {
        name: (x[index], target[index])
        for name, index in zip(
            ("train", "validation", "test"), split(120, (0.5, 0.25, 0.25), rng), strict=True
        )
    }

    def trained(lr):
        draws = np.random.default_rng(1)
        kinds = {"dtype": np.float64}
        network = Sequential(Linear(1, 16, draws, **kinds), Tanh(), Linear(16, 1, draws, **kinds))
        optimizer = Adam(network.parameters(), lr)
        train(
            network,
            MSE_LOSS,
            part["train"],
            optimizer=optimizer,
            epochs=30,
            batch_size=10,
            rng=draws,
        )
        return network

    networks = {lr: trained(lr) for lr in 10 ** rng.uniform(-5, 1, 8)}
    losses = {
        lr: evaluate(network, MSE_LOSS, part["validation"]).loss for lr, network in networks.items()
    }
    best = min(losses, key=losses.get)
    assert min(losses) < best < max(losses)
    assert evaluate(networks[best], MSE_LOSS, part["test"]).loss < 0.1 * part["test"][1].var()

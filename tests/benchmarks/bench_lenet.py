"""A whole training run of LeNet-5 beside torch's: the same images, parameters, batches and steps.

The digits have 8 x 8 pixels; here they are enlarged to 24 x 24, in the middle of 28 x 28.
"""

import numpy as np
import pytest

from lecturelib.batches import batches
from lecturelib.lenet import lenet5
from lecturelib.optimizers import SGD, Adam
from lecturelib.training import CROSS_ENTROPY, accuracy, predict, train
from tests.lecturelib.digits import enlarged_digits

torch = pytest.importorskip("torch")

EPOCHS, SEEDS = 3, 5
BATCH_SIZES = (16, 32)
OPTIMIZERS = {
    "SGD": (SGD, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9}),
    "Adam": (Adam, torch.optim.Adam, {"lr": 0.002}),
}


@pytest.fixture(scope="module")
def digits():
    """Return images and labels to learn from, and others to be judged on."""
    return enlarged_digits(28)


def train_ours(data, kind, settings, batch_size, seed=0):
    network = lenet5(np.random.default_rng(seed))
    train(
        network,
        CROSS_ENTROPY,
        data,
        optimizer=kind(network.parameters(), **settings),
        epochs=EPOCHS,
        batch_size=batch_size,
        rng=np.random.default_rng([seed, 1]),
    )
    return network


def torchs_lenet5(seed):
    """Return the same network of torch's layers, with the same parameters."""
    nn = torch.nn
    network = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )
    parameters = lenet5(np.random.default_rng(seed)).named_parameters()
    network.load_state_dict({name: torch.from_numpy(p.data) for name, p in parameters.items()})
    return network


def train_torchs(data, kind, settings, batch_size, seed=0):
    x, target = map(torch.from_numpy, data)
    network, rng = torchs_lenet5(seed), np.random.default_rng([seed, 1])
    optimizer = kind(network.parameters(), **settings)
    for _ in range(EPOCHS):
        for index in map(torch.from_numpy, batches(len(x), batch_size, rng)):
            loss = torch.nn.functional.cross_entropy(network(x[index]), target[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_time(compare, digits, optimizer, batch_size):
    ours, theirs, settings = OPTIMIZERS[optimizer]
    ratio = compare(
        f"LeNet-5 on digits, {EPOCHS} epochs, batches of {batch_size}, {optimizer}",
        lambda: train_ours(digits[0], ours, settings, batch_size),
        lambda: train_torchs(digits[0], theirs, settings, batch_size),
        goal=1.0,
        unit="s",
        rounds=5,
    )
    assert ratio <= 1.0


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_accuracy(record, digits, batch_size):
    """Means of several runs: in a single one, the last digits of sums decide over a few images."""
    ours, theirs, settings = OPTIMIZERS["Adam"]
    train_data, (x, target) = digits
    scores = []
    for seed in range(SEEDS):
        got = predict(train_ours(train_data, ours, settings, batch_size, seed), x)
        network = train_torchs(train_data, theirs, settings, batch_size, seed)
        with torch.no_grad():
            expected = network(torch.from_numpy(x)).numpy()
        scores.append([100 * accuracy(y, target) for y in (got, expected)])
    got, expected = np.mean(scores, axis=0)
    apart = record(
        f"LeNet-5 after {EPOCHS} epochs, batches of {batch_size}: points of accuracy apart",
        abs(got - expected),
        peer_name="torch",
        goal=1.0,
        ours=got,
        peer=expected,
        unit="%",
    )
    assert apart <= 1.0

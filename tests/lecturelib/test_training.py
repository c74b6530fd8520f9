import sys
from functools import partial

import numpy as np
import pytest

from lecturelib.batches import batches
from lecturelib.gradcheck import check_gradients
from lecturelib.layers import Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Tanh
from lecturelib.losses import cross_entropy_forward
from lecturelib.network import Sequential
from lecturelib.optimizers import SGD, Adam
from lecturelib.schedules import step_decay
from lecturelib.training import (
    BINARY_CROSS_ENTROPY,
    BINARY_CROSS_ENTROPY_WITH_LOGITS,
    CROSS_ENTROPY,
    MSE_LOSS,
    EarlyStopping,
    Loss,
    accuracy,
    evaluate,
    predict,
    train,
    train_step,
)


def make_data(dtype=np.float64, n=40):
    """Points in the plane; the class is the quadrant's parity, which no line separates."""
    x = np.random.default_rng(3).standard_normal((n, 2)).astype(dtype)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int64)


def make_network(rng, dtype=np.float64, p=0.0):
    return Sequential(
        Linear(2, 16, rng, dtype=dtype), Tanh(), Dropout(p, rng), Linear(16, 2, rng, dtype=dtype)
    )


def with_momentum(parameters):
    return SGD(parameters, lr=0.2, momentum=0.9)


def run(seed=0, p=0.0, dtype=np.float64, kind=with_momentum, **settings):
    """Train a small network, everything from one generator; return it and its history."""
    rng = np.random.default_rng(seed)
    network = make_network(rng, dtype, p)
    settings = {"epochs": 5, "batch_size": 8, "rng": rng} | settings
    optimizer = kind(network.parameters())
    history = train(network, CROSS_ENTROPY, make_data(dtype), optimizer=optimizer, **settings)
    return network, history


@pytest.mark.parametrize(
    ("loss", "y", "target"),
    [
        (CROSS_ENTROPY, np.array([[1.0, -2, 0.5], [0, 1, 3]]), np.array([2, 0])),
        (MSE_LOSS, np.array([[1.0, -2], [0, 1]]), np.array([[0.5, 0.5], [1, 1]])),
        (BINARY_CROSS_ENTROPY, np.array([0.2, 0.9]), np.array([0.0, 1.0])),
        (BINARY_CROSS_ENTROPY_WITH_LOGITS, np.array([-2.0, 0.9]), np.array([0.0, 1.0])),
    ],
)
def test_losses_go_with_their_gradients(loss, y, target):
    check_gradients(
        lambda y: loss.forward(y, target), {"y": y}, {"y": loss.backward(1.0, y, target)}
    )
    single = loss.backward(1.0, y.astype(np.float32), np.asarray(target, target.dtype.kind + "4"))
    assert single.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_training_run_matches_torch(name, dtype):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    ours = {"SGD": partial(SGD, lr=0.05, momentum=0.9), "Adam": partial(Adam, weight_decay=0.01)}
    theirs = {
        "SGD": partial(torch.optim.SGD, lr=0.05, momentum=0.9),
        "Adam": partial(torch.optim.Adam, weight_decay=0.01),
    }
    rng = np.random.default_rng(0)
    network = Sequential(
        Conv2d(1, 3, 3, rng, dtype=dtype),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(3 * 3 * 2, 4, rng, dtype=dtype),
    )
    copy = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 4)
    ).to(getattr(torch, np.dtype(dtype).name))
    parameters = network.named_parameters()
    copy.load_state_dict({key: torch.tensor(p.data) for key, p in parameters.items()})
    x, target = rng.standard_normal((14, 1, 8, 6)).astype(dtype), rng.integers(0, 4, 14)
    history = train(
        network,
        CROSS_ENTROPY,
        (x, target),
        optimizer=ours[name](network.parameters()),
        epochs=4,
        batch_size=5,
        rng=np.random.default_rng(1),
        schedule=None,
    )
    optimizer, order, losses = theirs[name](copy.parameters()), np.random.default_rng(1), []
    for _ in range(4):
        total = 0.0
        for index in batches(14, 5, order):
            loss = nn.functional.cross_entropy(
                copy(torch.from_numpy(x[index])), torch.from_numpy(target[index])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(index)
        losses.append(total / 14)
    rtol = 1e-4 if dtype == np.float32 else 1e-10
    np.testing.assert_allclose(history.train_loss, losses, rtol=rtol)
    for key, parameter in parameters.items():
        wanted = copy.get_parameter(key).detach().numpy()
        np.testing.assert_allclose(parameter.data, wanted, rtol=rtol, atol=rtol / 10, err_msg=key)


def test_a_network_learns_what_no_line_separates():
    network, history = run(kind=partial(Adam, lr=0.03), epochs=60)
    x, target = make_data()
    assert history.train_loss[-1] < 0.25 * history.train_loss[0]
    assert accuracy(predict(network, x), target) >= 0.95


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_seed_decides_everything(dtype):
    (first, history), (second, same) = (run(p=0.5, dtype=dtype, epochs=3) for _ in range(2))
    (other, _) = run(seed=1, p=0.5, dtype=dtype, epochs=3)
    assert history.train_loss == same.train_loss
    for a, b, c in zip(first.parameters(), second.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)
        assert (a.data != c.data).all()


def test_validation_draws_nothing():
    (first, _), (second, _) = run(p=0.5), run(p=0.5, validation=make_data())
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_history_has_an_entry_an_epoch():
    validation = make_data(n=12)
    network, history = run(validation=validation, metrics={"accuracy": accuracy})
    columns = [
        history.train_loss,
        history.validation_loss,
        history.metrics["accuracy"],
        history.lr,
        history.seconds,
    ]
    assert [len(column) for column in columns] == [5] * 5
    assert history.best_epoch is None
    last = evaluate(network, CROSS_ENTROPY, validation, metrics={"accuracy": accuracy})
    assert (history.validation_loss[-1], history.metrics["accuracy"][-1]) == (
        last.loss,
        last.metrics["accuracy"],
    )


def test_train_loss_is_the_mean_over_samples_not_batches():
    network = Linear(1, 1, np.random.default_rng(0), dtype=np.float64)
    data = (np.arange(5.0)[:, np.newaxis], np.zeros((5, 1)))
    history = train(
        network,
        MSE_LOSS,
        data,
        optimizer=SGD(network.parameters(), lr=0),
        epochs=1,
        batch_size=2,
        rng=np.random.default_rng(0),
    )
    assert history.train_loss[0] == pytest.approx(evaluate(network, MSE_LOSS, data).loss)


def test_schedule_changes_the_learning_rate_for_the_time_of_training():
    optimizers = []

    def kind(parameters):
        optimizers.append(SGD(parameters, lr=0.4))
        return optimizers[0]

    _, history = run(kind=kind, schedule=partial(step_decay, step_size=2, gamma=0.5))
    assert history.lr == [0.4, 0.4, 0.2, 0.2, 0.1]
    assert optimizers[0].lr == 0.4


def test_network_and_learning_rate_are_left_in_order_when_training_is_interrupted():
    network = make_network(np.random.default_rng(0))
    optimizer = SGD(network.parameters(), lr=0.4)

    def interrupt(epoch):
        if epoch == 1:
            raise KeyboardInterrupt
        return 0.5

    with pytest.raises(KeyboardInterrupt):
        train(
            network,
            CROSS_ENTROPY,
            make_data(),
            optimizer=optimizer,
            epochs=3,
            batch_size=8,
            rng=np.random.default_rng(0),
            schedule=interrupt,
        )
    assert optimizer.lr == 0.4
    assert not network.training


def scripted_run(losses, **stopping):
    """Train a network whose validation loss after each epoch is the next of the list."""
    network = Linear(1, 1, np.random.default_rng(0), dtype=np.float64, bias=False)
    network.weight.data[...] = 0

    def forward(y, target):
        # The weight is the number of epochs that have passed, and target tells the data apart.
        return losses[round(network.weight.data.item()) - 1] if target[0, 0] else 0.0

    ones = np.ones((1, 1))
    history = train(
        network,
        Loss(forward, lambda dy, y, target: -ones),
        (ones, np.zeros((1, 1))),
        optimizer=SGD(network.parameters(), lr=1.0),
        epochs=len(losses),
        batch_size=None,
        rng=np.random.default_rng(0),
        validation=(ones, ones),
        early_stopping=EarlyStopping(**stopping),
    )
    return history, network.weight.data.item()


@pytest.mark.parametrize(
    ("losses", "stopping", "epochs", "best"),
    [
        ([5, 4, 3, 2, 1], {"patience": 1}, 5, 4),
        ([5, 4, 4, 3, 1], {"patience": 1}, 3, 1),
        ([5, 4, 4, 3, 4], {"patience": 2}, 5, 3),  # not stopped, yet the best is kept
        ([5, 3, 4, 3.5, 3.1, 1], {"patience": 3}, 5, 1),
        ([5, 4.9, 4.8, 4.7, 1], {"patience": 3, "min_delta": 0.5}, 4, 0),
        ([5, float("nan"), 4, float("nan"), float("nan")], {"patience": 2}, 5, 2),
    ],
)
def test_early_stopping_waits_and_restores_the_best(losses, stopping, epochs, best):
    history, weight = scripted_run(losses, **stopping)
    np.testing.assert_array_equal(history.validation_loss, losses[:epochs])
    assert history.best_epoch == best
    assert weight == best + 1


def test_early_stopping_without_any_number_restores_the_start():
    history, weight = scripted_run([float("nan")] * 5, patience=2)
    assert len(history.validation_loss) == 2
    assert history.best_epoch is None
    assert weight == 0


def test_early_stopping_ends_a_run_that_overfits():
    rng = np.random.default_rng(0)
    x, target = make_data(n=60)
    target[:20:3] ^= 1  # a few wrong labels, to be learned by heart
    network = make_network(rng)
    history = train(
        network,
        CROSS_ENTROPY,
        (x[:20], target[:20]),
        optimizer=Adam(network.parameters(), lr=0.05),
        epochs=300,
        batch_size=None,
        rng=rng,
        validation=(x[20:], target[20:]),
        early_stopping=EarlyStopping(patience=10),
    )
    assert len(history.train_loss) < 300
    assert history.best_epoch == np.argmin(history.validation_loss)
    now = evaluate(network, CROSS_ENTROPY, (x[20:], target[20:])).loss
    assert now == min(history.validation_loss)


def test_gradients_are_clipped_together():
    network = make_network(np.random.default_rng(0))
    x, target = make_data()
    before = [parameter.data.copy() for parameter in network.parameters()]
    optimizer = SGD(network.parameters(), lr=1.0)
    train_step(network, CROSS_ENTROPY, optimizer, x, target, max_grad_norm=0.01)
    moved = [p.data - b for p, b in zip(network.parameters(), before, strict=True)]
    assert np.sqrt(sum((step**2).sum() for step in moved)) == pytest.approx(0.01)
    for parameter, data in zip(network.parameters(), before, strict=True):
        parameter.data[...] = data
    train_step(network, CROSS_ENTROPY, optimizer, x, target)
    whole = [p.data - b for p, b in zip(network.parameters(), before, strict=True)]
    for a, b in zip(moved, whole, strict=True):  # the direction is kept
        np.testing.assert_allclose(
            a / np.linalg.norm(moved[0]), b / np.linalg.norm(whole[0]), atol=1e-9
        )


def test_train_step_returns_the_loss_before_the_step():
    network = make_network(np.random.default_rng(0))
    x, target = make_data()
    expected = evaluate(network, CROSS_ENTROPY, (x, target)).loss
    optimizer = SGD(network.parameters(), lr=0.5)
    got = [train_step(network, CROSS_ENTROPY, optimizer, x, target) for _ in range(2)]
    assert got[0] == pytest.approx(expected)
    assert got[1] < got[0]


@pytest.mark.parametrize("batch_size", [1, 7, 40, None])
def test_evaluation_is_without_dropout_and_the_same_in_any_batches(batch_size):
    rng = np.random.default_rng(0)
    network, (x, target) = make_network(rng, p=0.5), make_data()
    for layers_mode in (network.train, network.eval):
        layers_mode()
        mode = network.training
        y = predict(network, x, batch_size=batch_size)
        got = evaluate(
            network, CROSS_ENTROPY, (x, target), metrics={"a": accuracy}, batch_size=batch_size
        )
        assert [layer.training for layer in network] == [mode] * 4
        network.eval()
        np.testing.assert_allclose(y, network(x), rtol=1e-12)
        assert got.loss == pytest.approx(CROSS_ENTROPY.forward(y, target).item())
        assert got.metrics == {"a": accuracy(y, target)}


def test_mode_is_restored_after_an_error():
    network = make_network(np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"^x: expected shape \("):
        predict(network, np.ones((3, 5)))
    assert network.training


def test_network_is_in_evaluation_mode_after_training():
    network, _ = run(p=0.5)
    assert not any(layer.training for layer in (network, *network))


def test_no_epochs_change_nothing():
    network, history = run(epochs=0)
    assert history.train_loss == []
    fresh = make_network(np.random.default_rng(0))
    for a, b in zip(network.parameters(), fresh.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_progress_bar_shows_batches_and_losses(capsys):
    pytest.importorskip("tqdm")
    run(epochs=2, progress=True, validation=make_data(), metrics={"accuracy": accuracy})
    shown = capsys.readouterr().err
    assert "10/10" in shown
    for name in ("train_loss=", "validation_loss=", "accuracy="):
        assert name in shown


def test_progress_bar_without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"^progress: expected the package tqdm, got none;"):
        run(progress=True)
    run(epochs=1)


def test_accuracy_counts_along_all_axes():
    y = np.eye(3)[np.array([[0, 1], [2, 2]])]
    assert accuracy(y, np.array([[0, 1], [2, 0]])) == 0.75


X, TARGET = make_data()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"data": X}, TypeError, r"^train_data: expected a pair of arrays \(x, target\), got nd"),
        ({"data": (X, TARGET.tolist())}, TypeError, "^train_data: expected NumPy arrays, got list"),
        (
            {"data": (X, TARGET[1:])},
            ValueError,
            r"^train_data: expected as many targets .* got shapes \(40, 2\) and \(39,\)$",
        ),
        ({"data": (X[:0], TARGET[:0])}, ValueError, "^train_data: .* one at least"),
        ({"validation": (X, TARGET[1:])}, ValueError, "^validation: expected as many targets as"),
        (
            {"metrics": {"a": accuracy}},
            ValueError,
            "^validation: expected held-out samples for metrics, got None$",
        ),
        (
            {"early_stopping": EarlyStopping(3)},
            ValueError,
            "^validation: expected held-out samples for early_stopping, got None$",
        ),
        (
            {"early_stopping": EarlyStopping(0), "validation": (X, TARGET)},
            ValueError,
            "^patience: expected at least 1, got 0$",
        ),
        (
            {"early_stopping": EarlyStopping(1, -1), "validation": (X, TARGET)},
            ValueError,
            "^min_delta: expected at least 0, got -1$",
        ),
        ({"epochs": -1}, ValueError, "^epochs: expected at least 0, got -1$"),
        ({"batch_size": 0}, ValueError, "^batch_size: expected at least 1, got 0$"),
        ({"rng": 0}, TypeError, "^rng: expected a numpy.random.Generator, got int$"),
        ({"max_grad_norm": 0}, ValueError, "^max_norm: "),
    ],
)
def test_train_names_what_is_wrong(settings, error, message):
    rng = np.random.default_rng(0)
    network = make_network(rng)
    settings = {
        "data": (X, TARGET),
        "optimizer": SGD(network.parameters(), lr=0.1),
        "epochs": 1,
        "batch_size": 8,
        "rng": rng,
    } | settings
    with pytest.raises(error, match=message):
        train(network, CROSS_ENTROPY, settings.pop("data"), **settings)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"network": None}, "^network: expected Layer, got NoneType$"),
        ({"loss": cross_entropy_forward}, "^loss: expected Loss, got function$"),
        ({"optimizer": 0.1}, "^optimizer: expected Optimizer, got float$"),
        ({"early_stopping": 3}, "^early_stopping: expected EarlyStopping, got int$"),
    ],
)
def test_training_names_what_is_of_another_kind(wrong, message):
    rng = np.random.default_rng(0)
    network = make_network(rng)
    parts = {"loss": CROSS_ENTROPY, "optimizer": SGD(network.parameters(), lr=0.1)}
    parts |= {"network": network, **wrong}
    with pytest.raises(TypeError, match=message):
        train(
            train_data=(X, TARGET), validation=(X, TARGET), epochs=1, batch_size=8, rng=rng, **parts
        )
    if "early_stopping" not in wrong:
        with pytest.raises(TypeError, match=message):
            train_step(x=X, target=TARGET, **parts)


def test_judges_name_what_is_wrong():
    network = make_network(np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"^network: expected Layer, got ndarray$"):
        predict(X, network)
    with pytest.raises(TypeError, match=r"^x: expected ndarray, got list$"):
        predict(network, X.tolist())
    with pytest.raises(TypeError, match=r"^loss: expected Loss, got function$"):
        evaluate(network, cross_entropy_forward, (X, TARGET))
    with pytest.raises(TypeError, match=r"^target: expected ndarray, got list$"):
        accuracy(X, TARGET.tolist())
    with pytest.raises(ValueError, match=r"^x: expected one sample or more, got shape \(0, 2\)$"):
        predict(network, X[:0])
    with pytest.raises(ValueError, match=r"^data: expected as many targets as samples"):
        evaluate(network, CROSS_ENTROPY, (X, TARGET[1:]))
    with pytest.raises(ValueError, match=r"^target: expected shape \(40,\), not empty, got \(39,"):
        accuracy(X, TARGET[1:])

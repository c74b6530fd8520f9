"""What cannot be trained, or not be gone on with, is told, and leaves everything as it was."""

import copy

import pytest
import torch
from torch import nn

from lecturelib.models.training import (
    Samples,
    TrainingConfig,
    choose_device,
    mean_loss,
    train,
)
from lecturelib.training import EarlyStopping

MSE = mean_loss(nn.functional.mse_loss)


@pytest.fixture
def data():
    return Samples(torch.arange(6.0)[:, None], torch.arange(6.0)[:, None], batch_size=4)


def config(**settings):
    return TrainingConfig(**{"epochs": 2, "device": "cpu"} | settings)


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"epochs": -1}, ValueError, "epochs: expected at least 0, got -1"),
        ({"epochs": 1.5}, TypeError, "epochs"),
        ({"lr": 0}, ValueError, "lr: expected a positive number, got 0"),
        ({"optimizer": "lion"}, ValueError, "optimizer: expected one of adam, adamw, sgd, got"),
        ({"momentum": 1.5}, ValueError, "momentum"),
        ({"weight_decay": -1}, ValueError, "weight_decay"),
        ({"max_grad_norm": 0}, ValueError, "max_grad_norm"),
        ({"accumulate": 0}, ValueError, "accumulate"),
        ({"early_stopping": 3}, TypeError, "early_stopping"),
        ({"precision": "fp16"}, ValueError, "precision: expected one of fp32, tf32, bf16, got"),
        ({"seed": -1}, ValueError, "seed"),
        ({"checkpoint_steps": 0}, ValueError, "checkpoint_steps"),
    ],
)
def test_bad_settings(settings, error, told):
    with pytest.raises(error, match=told):
        config(**settings)


@pytest.mark.parametrize("device", ["tpu", "cpu:1", 3.5, "meta"])
def test_devices_that_are_none(device):
    with pytest.raises(ValueError, match="device: expected"):
        choose_device(device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_a_graphics_card_that_is_not_there(data):
    model = nn.Linear(1, 1)
    with pytest.raises(ValueError, match=r"device: .* got 'cuda' \(0 of this kind are there\)"):
        train(model, MSE, data, config(device="cuda"))
    assert choose_device() != torch.device("cuda")


@pytest.mark.parametrize(
    ("tensors", "error", "told"),
    [
        ((), ValueError, "one length above 0"),
        ((torch.zeros(3), torch.zeros(4)), ValueError, r"got \[3, 4\]"),
        ((torch.zeros(0, 2),), ValueError, r"got \[0\]"),
        (([1, 2],), TypeError, "expected tensors, got list"),
    ],
)
def test_samples_that_are_none(tensors, error, told):
    with pytest.raises(error, match=told):
        Samples(*tensors, batch_size=2)


def test_batches_too_small_to_be_cut(data):
    with pytest.raises(
        ValueError, match=r"expected 3 samples or more in each batch, .* got a batch of 2"
    ):
        train(nn.Linear(1, 1), MSE, data, config(accumulate=3))


def test_patience_needs_something_to_watch(data):
    with pytest.raises(ValueError, match="validation: expected held-out batches"):
        train(nn.Linear(1, 1), MSE, data, config(early_stopping=EarlyStopping(2)))


def test_nothing_to_learn(data):
    with pytest.raises(ValueError, match="expected a parameter that requires a gradient"):
        train(nn.Linear(1, 1).requires_grad_(False), MSE, data, config())


FOREIGN = {
    "text": b"not a checkpoint at all",
    "nothing": b"",
    "half": None,
    "weights": None,
    "code": None,
}


class Surprise:
    """What a pickle can do when it is read carelessly."""

    def __reduce__(self):
        return print, ("owned",)


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_that_are_no_checkpoint(data, tmp_path, kind, capsys):
    path = tmp_path / "run.pt"
    if kind == "half":
        train(nn.Linear(1, 1), MSE, data, config(checkpoint=path))
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    elif kind == "weights":
        torch.save(nn.Linear(1, 1).state_dict(), path)
    elif kind == "code":
        torch.save({"format": "lecturelib training 1", "model": Surprise()}, path)
    else:
        path.write_bytes(FOREIGN[kind])
    before, model = path.read_bytes(), nn.Linear(1, 1)
    weights = copy.deepcopy(model.state_dict())
    with pytest.raises(ValueError, match=r"run\.pt: expected a checkpoint of lecturelib"):
        train(model, MSE, data, config(checkpoint=path))
    assert path.read_bytes() == before
    assert "owned" not in capsys.readouterr().out
    assert torch.equal(model.weight, weights["weight"])


@pytest.mark.parametrize(
    ("model", "settings", "told"),
    [
        (nn.Linear(1, 1), {"lr": 0.5}, "expected a run with lr=0.5, got one with 0.001"),
        (nn.Linear(1, 1), {"accumulate": 2}, "accumulate=2"),
        (nn.Linear(1, 1), {"optimizer": "sgd"}, "optimizer='sgd'"),
        (nn.Linear(1, 1, bias=False), {}, r"no parameters beside the model's, got \['bias'\]"),
        (nn.Bilinear(1, 1, 1), {}, r"expected weight of shape \(1, 1, 1\), got \(1, 1\)"),
        (nn.ModuleDict({"a": nn.Linear(1, 1)}), {}, "the parameters a.weight, a.bias, got none"),
    ],
)
def test_runs_of_others_are_not_gone_on_with(data, tmp_path, model, settings, told):
    path = tmp_path / "run.pt"
    train(nn.Linear(1, 1), MSE, data, config(checkpoint=path))
    before, weights = path.read_bytes(), copy.deepcopy(model.state_dict())
    with pytest.raises(ValueError, match=rf"run\.pt: .*{told}"):
        train(model, MSE, data, config(checkpoint=path, **settings))
    assert path.read_bytes() == before
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, weights[name])


def test_a_run_that_is_over_may_be_made_longer(data, tmp_path):
    path, model, longer = tmp_path / "run.pt", nn.Linear(1, 1), nn.Linear(1, 1)
    longer.load_state_dict(model.state_dict())
    train(model, MSE, data, config(checkpoint=path))
    first = train(nn.Linear(1, 1), MSE, data, config(checkpoint=path))
    assert len(first.train_loss) == 2
    history = train(nn.Linear(1, 1), MSE, data, config(checkpoint=path, epochs=5))
    assert history.train_loss == train(longer, MSE, data, config(epochs=5)).train_loss

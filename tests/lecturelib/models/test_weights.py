"""Trained models: made once, found again, and made anew when what decides them has changed."""

import importlib
import subprocess
import sys

import numpy as np
import pytest
import torch

from lecturelib.models import weights
from lecturelib.models.autoencoder import AutoencoderConfig, train_autoencoder
from lecturelib.models.training import TrainingConfig
from lecturelib.models.weights import available_weights, trained, weights_file


def quick(checkpoint):
    """A recipe that takes no time."""
    images = torch.from_numpy(np.random.default_rng(0).random((20, 1, 8, 8), np.float32))
    training = TrainingConfig(epochs=2, device="cpu", checkpoint=checkpoint)
    return train_autoencoder(images, config=AutoencoderConfig(sizes=()), training=training)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURELIB_WEIGHTS", str(tmp_path / "weights"))
    recipe = weights._Recipe(quick, "lecturelib.models.autoencoder")
    monkeypatch.setattr(weights, "RECIPES", {"quick": recipe})
    return tmp_path / "weights"


def test_what_was_trained_is_found_again(folder, monkeypatch):
    model, history = trained("quick")
    (path,) = folder.iterdir()
    assert path == weights_file("quick")
    written = path.stat().st_mtime_ns
    monkeypatch.setattr(torch.optim.Adam, "step", None)  # no step could be taken now
    again, same = trained("quick")
    assert same == history
    assert len(same.train_loss) == 2
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    assert not again.training
    assert path.stat().st_mtime_ns == written


def test_a_damaged_file_is_named(folder):
    trained("quick")
    path = weights_file("quick")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=path.name):
        trained("quick")


def test_another_file_for_other_settings_versions_and_code(folder, monkeypatch):
    names = {weights_file("quick").name}

    def other(checkpoint):
        return quick(checkpoint)

    with monkeypatch.context() as patch:
        recipe = weights._Recipe(other, "lecturelib.models.autoencoder")
        patch.setitem(weights.RECIPES, "quick", recipe)
        names.add(weights_file("quick").name)
    with monkeypatch.context() as patch:
        patch.setattr(weights.metadata, "version", lambda name: "0")
        names.add(weights_file("quick").name)
    read = weights.inspect.getsource
    for changed, counts in (
        ("lecturelib.models._loop", True),  # the loop that trains it
        ("lecturelib.datasets._images", True),
        ("lecturelib.models.autoencoder", True),
        ("lecturelib.models.music", False),  # has no part in it
        ("lecturelib.conv", False),
    ):
        module = importlib.import_module(changed)
        before = len(names)
        with monkeypatch.context() as patch:
            patch.setattr(
                weights.inspect,
                "getsource",
                lambda what, module=module: read(what) + ("#" if what is module else ""),
            )
            names.add(weights_file("quick").name)
        assert len(names) == before + counts, changed


def test_where_they_lie(folder, monkeypatch, tmp_path):
    assert weights_file("quick").parent == folder
    monkeypatch.delenv("LECTURELIB_WEIGHTS")
    monkeypatch.setenv("LECTURELIB_DATA", str(tmp_path / "data"))
    assert weights_file("quick").parent == tmp_path / "data" / "weights"


def test_unknown_names():
    with pytest.raises(ValueError, match=r"name: expected one of alexnet, .*, got 'vgg'"):
        trained("vgg")


def test_every_recipe_knows_the_module_that_it_calls():
    for name in available_weights():
        recipe = weights.RECIPES[name]
        called = {
            value.__module__
            for value in map(vars(weights).get, recipe.train.__code__.co_names)
            if getattr(value, "__module__", "").startswith("lecturelib.models.")
        } - {"lecturelib.models._command_line"}
        assert called == {recipe.module}, name


def test_the_command_line_trains_what_is_named(folder, capsys):
    weights.main(["quick"])
    assert capsys.readouterr().out.startswith(str(weights_file("quick")))
    assert weights_file("quick").exists()


@pytest.mark.slow
def test_the_command_line_of_a_process_of_its_own(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "lecturelib.models.weights", "vgg"],
        capture_output=True,
        text=True,
        check=False,
        env={"LECTURELIB_WEIGHTS": str(tmp_path), "PATH": "", "HOME": str(tmp_path)},
    )
    assert done.returncode != 0
    assert "got 'vgg'" in done.stderr

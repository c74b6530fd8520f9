"""AlexNet's sizes against the paper's, its layers against their definitions, and what it learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lecturelib.models import alexnet
from lecturelib.models.alexnet import (
    SMALL,
    AlexNet,
    AlexNetConfig,
    Patches,
    first_filters,
    layer_sizes,
    photograph_patches,
    train_on_photographs,
)
from lecturelib.models.training import TrainingConfig

PAPER = AlexNetConfig()
TWO_CARDS = AlexNetConfig(groups=2, local_response_norm=True)


def test_units_are_those_of_the_paper():
    """All but the first: the paper says 253,440 there, which is not 55 · 55 · 96."""
    units = {size.name: size.units for size in layer_sizes()}
    assert units == {
        "conv1": 55 * 55 * 96,
        "conv2": 186_624,
        "conv3": 64_896,
        "conv4": 64_896,
        "conv5": 43_264,
        "fc6": 4096,
        "fc7": 4096,
        "fc8": 1000,
    }
    assert {size.name: size.units for size in layer_sizes(TWO_CARDS)} == units


def test_parameters_in_one_piece_and_on_two_cards():
    assert sum(size.parameters for size in layer_sizes(PAPER)) == 62_378_344
    two = {size.name: size.parameters for size in layer_sizes(TWO_CARDS)}
    assert sum(two.values()) == 60_965_224
    assert two["conv2"] == 256 * 48 * 25 + 256
    assert two["conv3"] == 384 * 256 * 9 + 384


def test_it_runs_at_full_size():
    torch.manual_seed(0)
    model = AlexNet(TWO_CARDS).eval()
    images = torch.rand(1, 3, 227, 227)
    with torch.no_grad():
        assert model(images).shape == (1, 1000)
        assert model.features(images).shape == (1, 256, 6, 6)


def test_maps_inhibit_their_neighbours_as_in_the_paper():
    model = AlexNet(replace(SMALL, local_response_norm=True))
    x = torch.rand(2, 7, 3, 3, dtype=torch.float64) * 30
    expected = torch.empty_like(x)
    for i in range(7):
        near = x[:, max(0, i - 2) : i + 3]
        expected[:, i] = x[:, i] / (2 + 1e-4 * (near**2).sum(1)) ** 0.75
    torch.testing.assert_close(model.features.norm1(x), expected, rtol=1e-12, atol=0)
    names = [name for name, _ in model.features.named_children()]
    assert names[:4] == ["conv1", "relu1", "norm1", "pool1"]
    assert [name for name in names if "norm" in name] == ["norm1", "norm2"]


def test_two_cards_see_their_own_maps_but_for_the_third_layer():
    torch.manual_seed(0)
    model = AlexNet(replace(SMALL, groups=2)).eval()
    for number, crosses in ((2, False), (3, True), (4, False), (5, False)):
        layer = model.features.get_submodule(f"conv{number}")
        assert isinstance(layer, nn.Conv2d)
        x = torch.rand(1, layer.in_channels, 6, 6)
        other = x.clone()
        other[:, layer.in_channels // 2 :] += 1
        same = torch.equal(*(layer(each)[:, : layer.out_channels // 2] for each in (x, other)))
        assert same is not crosses, number


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"num_classes": 0}, ValueError, "num_classes"),
        ({"channels": (96, 256)}, ValueError, "channels"),
        ({"channels": 96}, TypeError, "channels: expected tuple, got int"),
        ({"groups": 5}, ValueError, "groups: expected a divisor of all channels, got 5"),
        ({"dropout": 2}, ValueError, "dropout"),
        ({"image_size": 40}, ValueError, "image_size: expected room for three poolings"),
        ({"hidden_size": 2.5}, TypeError, "hidden_size"),
    ],
)
def test_bad_sizes(settings, error, told):
    with pytest.raises(error, match=told):
        AlexNetConfig(**settings)


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"expected shape \(N, 3, 64, 64\), got \(1, 3, 65, 64\)"):
        AlexNet(SMALL)(torch.zeros(1, 3, 65, 64))


def test_filters_are_pictures():
    filters = first_filters(AlexNet(SMALL))
    assert filters.shape == (32, 3, 7, 7)
    np.testing.assert_allclose(filters.min((1, 2, 3)), 0, atol=1e-7)
    np.testing.assert_allclose(filters.max((1, 2, 3)), 1, rtol=1e-6)


def test_patches_held_out_share_no_pixel_with_the_others(monkeypatch):
    columns = np.broadcast_to(np.arange(300.0), (1, 200, 300))
    monkeypatch.setattr(alexnet, "load_picture", lambda name: columns)
    patches = photograph_patches(per_photograph=60)
    assert patches.held_out.view(15, 60).sum(1).tolist() == [20] * 15
    left, right = patches.images[~patches.held_out], patches.images[patches.held_out]
    assert left.max() < 200 <= right.min()
    assert left.min() < 20
    assert right.max() > 280


def test_patches_are_cut_from_photographs():
    patches = photograph_patches(per_photograph=6, seed=1)
    again = photograph_patches(per_photograph=6, seed=1)
    assert torch.equal(patches.images, again.images)
    assert torch.equal(patches.labels, torch.arange(15).repeat_interleave(6))
    gray = patches.labels == patches.names.index("brick")
    assert torch.equal(patches.images[gray][:, 0], patches.images[gray][:, 2])


@pytest.mark.parametrize("size", [0, 129])
def test_patches_of_no_use(size):
    with pytest.raises(ValueError, match="patch_size"):
        photograph_patches(patch_size=size)


def test_it_learns_to_tell_photographs_apart():
    patches = photograph_patches(per_photograph=90)
    chosen = patches.labels < 4
    few = Patches(
        patches.images[chosen], patches.labels[chosen], patches.held_out[chosen], patches.names[:4]
    )
    config = replace(SMALL, num_classes=4, channels=(16, 24, 24, 24, 24), hidden_size=64, dropout=0)
    training = TrainingConfig(epochs=12, lr=2e-3, device="cpu")
    _, history = train_on_photographs(few, config=config, training=training, batch_size=32)
    assert history.metrics["accuracy"][-1] > 0.8

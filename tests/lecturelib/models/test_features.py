"""What networks see, on networks of which it is known."""

import pytest
import torch
from torch import nn

from lecturelib.models.alexnet import SMALL, AlexNet
from lecturelib.models.features import favourite_image, feature_maps, occlusion_map


@pytest.fixture
def edges():
    """One filter that answers to dark above bright, and one to all that is bright."""
    model = nn.Sequential(nn.Conv2d(1, 2, 2), nn.Dropout(0.5), nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[[[-1.0, -1], [1, 1]]], [[[1.0, 1], [1, 1]]]]))
        model[0].bias.zero_()
    return model


class Corner(nn.Module):
    """Sure of class 1 where the corner of 4 by 4 pixels is bright."""

    def forward(self, images):
        bright = images[:, :, :4, :4].mean((1, 2, 3))
        return torch.stack([torch.zeros_like(bright), 8 * bright - 4], 1)


def test_maps_are_what_the_layer_gives(edges):
    images = torch.rand(3, 1, 6, 5)
    assert torch.equal(feature_maps(edges, images, "0"), edges[0](images))
    assert torch.equal(feature_maps(edges, images, "2"), edges[0](images).relu())
    assert edges.training
    assert not edges[0]._forward_hooks


def test_favourites_are_what_filters_look_for(edges):
    shape = {"image_shape": (1, 8, 8), "steps": 80, "jitter": 0}
    bright = favourite_image(edges, "0", 1, **shape)
    assert bright.mean() > 0.95
    falling = favourite_image(edges, "0", 0, smoothness=0.0, **shape)[0]
    assert falling[0].mean() < 0.05 < 0.95 < falling[-1].mean()
    assert edges.training
    assert all(parameter.grad is None for parameter in edges.parameters())


def test_smoothness_smooths():
    torch.manual_seed(0)
    model = AlexNet(SMALL)
    shape = {"image_shape": (3, 64, 64), "steps": 25}
    rough, smooth = (
        favourite_image(model, "features.conv2", 3, smoothness=s, **shape) for s in (0.0, 5.0)
    )
    assert smooth.diff(dim=1).abs().mean() < 0.5 * rough.diff(dim=1).abs().mean()
    assert rough.min() >= 0
    assert rough.max() <= 1
    again = favourite_image(model, "features.conv2", 3, smoothness=0.0, **shape)
    assert torch.equal(again, rough)


def test_hiding_what_matters_makes_unsure():
    seen = occlusion_map(Corner(), torch.ones(1, 12, 12), 1, window=4, stride=4)
    assert seen.shape == (3, 3)
    sure, unsure = torch.sigmoid(torch.tensor([4.0, -4.0]))
    expected = torch.full((3, 3), sure.item())
    expected[0, 0] = unsure
    torch.testing.assert_close(seen, expected)


def test_layers_that_are_not_there(edges):
    with pytest.raises(ValueError, match="layer: expected one of 0, 1, 2, got '9'"):
        feature_maps(edges, torch.zeros(1, 1, 4, 4), "9")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"unit": 2}, "unit: expected less than the 2 of 0, got 2"),
        ({"lr": 0}, "lr: expected a positive number"),
        ({"steps": -1}, "steps"),
        ({"smoothness": -1}, "smoothness"),
    ],
)
def test_favourites_that_cannot_be_found(edges, settings, told):
    with pytest.raises(ValueError, match=told):
        favourite_image(edges, "0", **{"unit": 0, "image_shape": (1, 4, 4), **settings})


@pytest.mark.parametrize(
    ("label", "window", "told"),
    [
        (0, 5, "image: expected shape .* at least window=5, got"),
        (2, 2, "label: expected less than 2, got 2"),
        (0, 0, "window"),
    ],
)
def test_windows_that_cannot_be_moved(label, window, told):
    with pytest.raises(ValueError, match=told):
        occlusion_map(Corner(), torch.zeros(1, 4, 4), label, window=window, stride=1)

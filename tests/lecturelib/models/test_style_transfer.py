"""Style transfer against its sums written out, and against the loop of a tutorial."""

import shutil
import sys
import urllib.error
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from lecturelib.datasets import load_picture
from lecturelib.models import style_transfer
from lecturelib.models.alexnet import SMALL, AlexNet
from lecturelib.models.style_transfer import (
    Features,
    PickedFeatures,
    RandomFeatures,
    StyleConfig,
    gram_matrix,
    relative_error,
    total_variation,
    transfer_style,
    vgg19_features,
)
from tests.lecturelib.models.plain_loops import plain_style_transfer


def picture(name, side=64):
    return torch.from_numpy(load_picture(name, max_side=400))[:, 40 : 40 + side, 60 : 60 + side]


def cpu(**settings):
    return StyleConfig(device="cpu", **settings)


def test_gram_matrix_is_the_sum_over_places():
    maps = torch.randn(2, 5, 3, 4)
    x = maps.numpy()
    sums = np.zeros((2, 5, 5))
    for h in range(3):
        for w in range(4):
            sums += x[:, :, None, h, w] * x[:, None, :, h, w]
    np.testing.assert_allclose(gram_matrix(maps), sums / 12, rtol=1e-5, atol=1e-6)


def test_gram_matrix_forgets_where_things_are():
    maps = torch.randn(1, 4, 6, 6)
    moved = maps.flatten(2)[..., torch.randperm(36)].reshape(1, 4, 9, 4)
    torch.testing.assert_close(gram_matrix(moved), gram_matrix(maps))
    torch.testing.assert_close(gram_matrix(maps.tile(1, 1, 3, 2)), gram_matrix(maps))
    assert torch.linalg.eigvalsh(gram_matrix(maps)).min() > -1e-6


def test_relative_error():
    x, target = torch.randn(3, 4), torch.randn(3, 4)
    wanted = np.linalg.norm(x - target) ** 2 / np.linalg.norm(target) ** 2
    assert float(relative_error(x, target)) == pytest.approx(wanted)
    assert float(relative_error(10 * x, 10 * target)) == pytest.approx(wanted)
    assert float(relative_error(torch.zeros(2), torch.zeros(2))) == 0


def test_total_variation():
    images = torch.rand(1, 2, 4, 5)
    x = images.numpy().astype(float)
    down = [(x[0, c, h + 1, w] - x[0, c, h, w]) ** 2 for c, h, w in np.ndindex(2, 3, 5)]
    right = [(x[0, c, h, w + 1] - x[0, c, h, w]) ** 2 for c, h, w in np.ndindex(2, 4, 4)]
    assert float(total_variation(images)) == pytest.approx(np.mean(down) + np.mean(right))


def test_random_features_written_out():
    network = RandomFeatures(channels=6, kernel_size=5, scales=3, content_scale=2, seed=3)
    images = torch.rand(2, 3, 24, 36)
    content, style = network(images)
    x = 2 * images - 1
    for scale, (layer, maps) in enumerate(zip(network.layers, style, strict=True)):
        if scale:
            x = x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).mean((3, 5))
        padded = F.pad(x, (2, 2, 2, 2), mode="reflect")
        torch.testing.assert_close(maps, F.conv2d(padded, layer.weight, layer.bias).clamp(min=0))
    assert len(content) == 1
    assert content[0] is style[2]


def test_random_features_are_decided_by_their_seed_alone():
    torch.manual_seed(5)
    first = torch.rand(1)
    torch.manual_seed(5)
    one, same, other = (RandomFeatures(seed=seed).layers[0].weight for seed in (0, 0, 1))
    assert torch.equal(torch.rand(1), first)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not one.requires_grad


def test_picked_features_are_outputs_of_the_network():
    layers = AlexNet(SMALL).features
    network = PickedFeatures(
        layers, content=["conv2"], style=["conv1", "conv2"], mean=(0.1, 0.2, 0.3), std=(1, 2, 4)
    )
    images = torch.rand(1, 3, 64, 64)
    x = (images - torch.tensor([0.1, 0.2, 0.3])[:, None, None]) / torch.tensor([1.0, 2, 4])[
        :, None, None
    ]
    wanted = {}
    for name, layer in layers.eval().named_children():
        x = layer(x)
        wanted[name] = x
    content, style = network(images)
    torch.testing.assert_close(content, (wanted["conv2"],))
    torch.testing.assert_close(style, (wanted["conv1"], wanted["conv2"]))


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_the_same_as_a_plain_loop(optimizer):
    lr = 0.02 if optimizer == "adam" else 1.0
    network = RandomFeatures(channels=16)
    content, style = picture("chelsea"), picture("coffee", 48)
    config = cpu(optimizer=optimizer, lr=lr, steps=8, variation_weight=0.5)
    found = transfer_style(content, style, features=network, config=config)
    image = plain_style_transfer(
        content, style, network, steps=8, optimizer=optimizer, lr=lr, variation_weight=0.5
    )
    torch.testing.assert_close(found.image, image, rtol=1e-4, atol=1e-4)


def test_weights_may_all_be_whole_numbers():
    weights = {"content_weight": 1, "style_weight": 10, "variation_weight": 2}
    whole, broken = (
        transfer_style(picture("chelsea"), picture("coffee"), config=cpu(steps=2, **each))
        for each in (weights, {name: float(weight) for name, weight in weights.items()})
    )
    torch.testing.assert_close(whole.image, broken.image, rtol=0, atol=0)


def test_content_alone_brings_a_picture_back():
    cat = picture("chelsea")
    config = cpu(start="noise", style_weight=0, steps=60)
    features = RandomFeatures(content_scale=0)
    found = transfer_style(cat, picture("coffee"), features=features, config=config)
    assert found.content_loss[-1] < found.content_loss[0] / 1000
    assert (found.image - cat).abs().mean() < 0.02 < (torch.rand_like(cat) - cat).abs().mean()


def test_style_alone_makes_a_texture():
    bricks = picture("brick")
    config = cpu(start="noise", content_weight=0, steps=60)
    found = transfer_style(picture("chelsea", 80), bricks, config=config)
    assert found.image.shape == (3, 80, 80)
    assert found.style_loss[-1] < found.style_loss[0] / 100
    network = RandomFeatures()
    grams = [
        [gram_matrix(maps) for maps in network(image.expand(3, -1, -1)[None]).style]
        for image in (found.image, bricks)
    ]
    for one, other in zip(*grams, strict=True):
        assert relative_error(one, other) < 0.02


def test_an_image_of_both():
    cat, coffee = picture("chelsea"), picture("coffee")
    found = transfer_style(cat, coffee, config=cpu(steps=40))
    assert found.style_loss[-1] < found.style_loss[0] / 5
    assert found.content_loss[0] == 0
    assert (found.image - cat).abs().mean() < (found.image - coffee).abs().mean()


def test_more_weight_for_variation_makes_smoother_images():
    smooth, rough = (
        transfer_style(
            picture("chelsea"), picture("gravel"), config=cpu(steps=20, variation_weight=weight)
        )
        for weight in (1000.0, 0.0)
    )
    assert smooth.variation[-1] < rough.variation[-1] / 2


def test_what_the_search_begins_with_and_shows():
    cat, coffee = picture("chelsea"), picture("coffee")
    assert torch.equal(transfer_style(cat, coffee, config=cpu(steps=0)).image, cat)
    noise, other = (
        transfer_style(cat, coffee, config=cpu(steps=0, start="noise", seed=seed)).image
        for seed in (0, 1)
    )
    assert not torch.equal(noise, other)
    shown = []
    found = transfer_style(
        cat,
        coffee,
        config=cpu(optimizer="adam", lr=0.02, steps=3),
        watch=lambda number, image: shown.append((number, image)),
    )
    assert [number for number, _ in shown] == [0, 1, 2]
    assert torch.equal(shown[0][1], cat)
    assert not torch.equal(shown[2][1], shown[1][1])
    assert len(found.content_loss) == len(found.style_loss) == len(found.variation) == 3


@pytest.mark.parametrize(
    "settings", [{"precision": "bf16"}, {"precision": "tf32"}, {"channels_last": True}]
)
def test_faster_arithmetic_comes_near(settings):
    pictures = picture("chelsea"), picture("coffee")
    plain, fast = (
        transfer_style(*pictures, config=cpu(steps=10, optimizer="adam", lr=0.02, **more))
        for more in ({}, settings)
    )
    assert fast.style_loss[-1] == pytest.approx(plain.style_loss[-1], rel=0.05)
    assert (fast.image - plain.image).abs().mean() < 0.02
    assert not torch.equal(fast.image, pictures[0])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler here")
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of torch in torch
def test_a_compiled_network_sees_the_same():
    pictures, network = (
        (picture("chelsea", 32), picture("coffee", 32)),
        RandomFeatures(scales=1, content_scale=0),
    )
    plain, fast = (
        transfer_style(
            *pictures,
            features=network,
            config=cpu(steps=4, optimizer="adam", lr=0.02, compile=compiled),
        )
        for compiled in (False, True)
    )
    torch.testing.assert_close(fast.image, plain.image, rtol=1e-3, atol=1e-3)


VGG19 = (64, 64, 0, 128, 128, 0, *[256] * 4, 0, *[512] * 4, 0, *[512] * 4, 0)


def install_vgg(monkeypatch, fetch=lambda: None):
    """Put something in place of torchvision: VGG-19's table 1 of 2014, with random weights."""

    def vgg19(weights):
        assert weights == "learned from ImageNet"
        fetch()
        layers, width = [], 3
        for channels in VGG19:
            if channels:
                layers += [nn.Conv2d(width, channels, 3, padding=1), nn.ReLU(inplace=True)]
                width = channels
            else:
                layers.append(nn.MaxPool2d(2))
        return SimpleNamespace(features=nn.Sequential(*layers))

    models = ModuleType("torchvision.models")
    models.vgg19 = vgg19
    models.VGG19_Weights = SimpleNamespace(IMAGENET1K_V1="learned from ImageNet")
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", models)


def test_the_layers_of_vgg19(monkeypatch):
    install_vgg(monkeypatch)
    network = vgg19_features()
    content, style = network(torch.rand(1, 3, 32, 48))
    assert [tuple(maps.shape[1:]) for maps in style] == [
        (64, 32, 48),
        (128, 16, 24),
        (256, 8, 12),
        (512, 4, 6),
        (512, 2, 3),
    ]
    # conv4_2 is the second convolution at an eighth of the size.
    convolutions = [each for each in network.layers if isinstance(each, nn.Conv2d)]
    before = {id(layer): n for n, layer in enumerate(network.layers)}
    assert tuple(content[0].shape[1:]) == (512, 4, 6)
    assert before[id(convolutions[9])] == int(network.content[0]) - 1
    for maps in (*content, *style):
        assert maps.min() == 0


def test_without_the_weights_of_vgg19(monkeypatch):
    def fetch():
        raise urllib.error.URLError("Name or service not known")

    install_vgg(monkeypatch, fetch)
    with pytest.raises(OSError, match=r"VGG-19 could not be fetched \(.*RandomFeatures\(\) does"):
        vgg19_features()
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(ImportError, match="pip install torchvision"):
        vgg19_features()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"style_weight": -1}, "style_weight: expected"),
        ({"content_weight": float("nan")}, "content_weight: expected"),
        ({"optimizer": "sgd"}, "optimizer: expected one of lbfgs, adam, got 'sgd'"),
        ({"start": "style"}, "start: expected one of content, noise, got 'style'"),
        ({"precision": "fp64"}, "precision: expected"),
        ({"steps": -1}, "steps: expected"),
        ({"lr": 0}, "lr: expected"),
        ({"seed": -1}, "seed: expected"),
    ],
)
def test_settings_that_make_no_sense(settings, message):
    with pytest.raises(ValueError, match=message):
        StyleConfig(**settings)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RandomFeatures(kernel_size=4), "kernel_size: expected an odd number, got 4"),
        (lambda: RandomFeatures(scales=2, content_scale=2), "content_scale: expected less than"),
        (lambda: RandomFeatures(channels=0), "channels: expected"),
        (lambda: RandomFeatures()(torch.rand(1, 3, 31, 64)), "H and W of at least 32, got"),
        (lambda: RandomFeatures()(torch.rand(1, 1, 64, 64)), r"images: expected shape \(N, 3"),
        (lambda: gram_matrix(torch.rand(3, 4, 4)), "maps: expected shape"),
        (lambda: gram_matrix(torch.rand(1, 3, 0, 4)), "maps: expected shape"),
        (lambda: relative_error(torch.rand(3), torch.rand(4)), r"x: expected shape \(4,\)"),
        (
            lambda: transfer_style(torch.rand(64, 64), torch.rand(3, 64, 64), config=cpu()),
            r"content: expected shape \(3, H, W\)",
        ),
        (
            lambda: transfer_style(torch.rand(3, 64, 64), torch.rand(4, 64, 64), config=cpu()),
            r"style: expected shape \(3, H, W\)",
        ),
        (
            lambda: PickedFeatures(nn.Sequential(nn.ReLU()), content=["0"], style=["1"]),
            "style: expected some of 0, got 1",
        ),
        (
            lambda: PickedFeatures(nn.Sequential(nn.ReLU()), content=[], style=["0"]),
            "content: expected some of 0, got none",
        ),
        (
            lambda: PickedFeatures(nn.Sequential(nn.ReLU()), content=["0"], style=["0"])(
                torch.rand(1, 2, 4, 4)
            ),
            "images: expected shape",
        ),
    ],
)
def test_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_network_of_ones_own():
    found = transfer_style(
        picture("chelsea"),
        picture("coffee"),
        features=lambda images: Features((images,), (images,)),
        config=cpu(steps=3),
    )
    assert found.style_loss[-1] < found.style_loss[0]


def test_command_line(capsys, tmp_path):
    mine, output = tmp_path / "mine.png", tmp_path / "restyled.png"
    pixels = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
    Image.fromarray(pixels).save(mine)
    style_transfer.main(str(mine), "brick", max_side=72, steps=2, device="cpu", output=output)
    assert "style loss" in capsys.readouterr().out
    with Image.open(output) as image:
        assert image.size == (72, 48)

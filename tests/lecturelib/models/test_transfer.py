"""Transfer learning: what moves and what must not, and that what was learned before helps."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib.datasets import load_digits
from lecturelib.models import transfer as module
from lecturelib.models.training import TrainingConfig
from lecturelib.models.transfer import (
    WAYS,
    Classifier,
    ClassifierConfig,
    Digits,
    compare,
    moved_digits,
    pretrain,
    transfer,
)

BRIEF = TrainingConfig(epochs=3, lr=3e-3, device="cpu")


@pytest.fixture(scope="module")
def old():
    model, _ = pretrain(moved_digits(range(5), copies=1), training=BRIEF)
    return model


@pytest.fixture(scope="module")
def new():
    return moved_digits([9, 5, 7], copies=1)


def test_layers_written_out():
    torch.manual_seed(0)
    config = ClassifierConfig(
        num_classes=3, in_channels=2, image_size=9, channels=(4, 6), hidden_sizes=(7,)
    )
    model = Classifier(config)
    x = torch.rand(5, 2, 9, 9)
    model(x)  # moves the means of batch normalization from where they start
    y = x
    layers = dict(model.features.named_children())
    for conv, norm in ((layers["0"], layers["1"]), (layers["4"], layers["5"])):
        y = F.conv2d(y, conv.weight, conv.bias, padding=1)
        mean, variance = (each[:, None, None] for each in (norm.running_mean, norm.running_var))
        y = F.max_pool2d(F.relu((y - mean) / (variance + 1e-5).sqrt()), 2)
    assert y.shape == (5, 6, 2, 2)
    w1, b1, w2, b2 = model.head.parameters()
    expected = F.linear(F.relu(F.linear(y.flatten(1), w1, b1)), w2, b2)
    torch.testing.assert_close(model.eval()(x), expected)


def test_digits_lie_whole_at_places_of_all_kinds():
    digits = moved_digits([4, 2], side=10, copies=3, seed=5)
    source = load_digits()
    which = np.repeat(np.flatnonzero(np.isin(source.labels, [4, 2])), 3)
    places = set()
    for image, number in zip(digits.images[:, 0].numpy(), which, strict=True):
        found = [
            (i, j)
            for i in range(3)
            for j in range(3)
            if np.array_equal(image[i : i + 8, j : j + 8], source.images[number, 0])
        ]
        assert found
        assert image.sum() == pytest.approx(source.images[number].sum(), rel=1e-5)
        places.update(found)
    assert len(places) == 9
    np.testing.assert_array_equal(digits.labels, np.where(source.labels[which] == 4, 0, 1))
    np.testing.assert_array_equal(digits.held_out, which >= 1200)


def test_the_seed_says_where_digits_lie():
    first, again, other = (moved_digits([1], seed=seed).images for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_fixed_features_do_not_move(old, new):
    """Their batch normalization neither: its means are no parameters, and move by themselves."""
    before = copy.deepcopy(old.state_dict())
    model = transfer(old, new.images[:40], new.labels[:40], how="fixed", training=BRIEF)
    for name, number in model.features.state_dict().items():
        assert torch.equal(number, before[f"features.{name}"]), name
    begun = replace(BRIEF, epochs=0)
    start = transfer(old, new.images[:40], new.labels[:40], how="fixed", training=begun)
    assert not torch.equal(model.head[0].weight, start.head[0].weight)
    model.train()
    assert not any(layer.training for layer in model.features.modules())
    assert model.head.training


def test_fixed_features_and_a_head_are_regression_on_the_features(old, new):
    x, y = new.images[:60], new.labels[:60]
    training = TrainingConfig(epochs=20, lr=1e-2, device="cpu")
    begun = replace(training, epochs=0)
    head = transfer(old, x, y, how="fixed", training=begun).head
    model = transfer(old, x, y, how="fixed", training=training, batch_size=60)
    with torch.no_grad():
        features = old.eval().features(x)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-2)
    for _ in range(20):
        optimizer.zero_grad()
        F.cross_entropy(head(features), y).backward()
        optimizer.step()
    torch.testing.assert_close(model.head[0].weight, head[0].weight, rtol=1e-3, atol=1e-4)


def test_fine_tuning_goes_on_from_the_old_features_and_scratch_does_not(old, new):
    x, y = new.images[:40], new.labels[:40]
    before = copy.deepcopy(old.state_dict())
    begun = {how: transfer(old, x, y, how=how, training=replace(BRIEF, epochs=0)) for how in WAYS}
    weight = before["features.0.weight"]
    for how in ("fine-tune", "fixed"):
        assert torch.equal(begun[how].features[0].weight, weight)
        assert torch.equal(begun[how].features[1].running_mean, old.features[1].running_mean)
    assert not torch.equal(begun["scratch"].features[0].weight, weight)
    heads = [model.head[0].weight for model in begun.values()]
    assert all(head.shape == (3, 288) and torch.equal(head, heads[0]) for head in heads)
    tuned = transfer(old, x, y, how="fine-tune", training=BRIEF)
    for layer in (0, 1, 4, 5):
        assert not torch.equal(tuned.features[layer].weight, old.features[layer].weight)
    assert not torch.equal(tuned.features[1].running_mean, old.features[1].running_mean)
    assert all(torch.equal(number, before[name]) for name, number in old.state_dict().items())
    assert all(parameter.requires_grad for parameter in old.parameters())


def test_fixed_features_can_learn_again(old, new):
    x, y = new.images[:40], new.labels[:40]
    fixed = transfer(old, x, y, how="fixed", training=BRIEF)
    tuned = transfer(fixed, x, y, how="fine-tune", training=BRIEF)
    assert not torch.equal(tuned.features[0].weight, fixed.features[0].weight)


def test_the_seed_decides_all_and_torch_keeps_its_own(old, new):
    def logits(seed):
        training = replace(BRIEF, seed=seed)
        model = transfer(old, new.images[:40], new.labels[:40], how="scratch", training=training)
        return model(new.images[:5])

    before = torch.get_rng_state()
    first = logits(0)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    assert torch.equal(logits(0), first)
    assert not torch.equal(logits(1), first)


def test_all_ways_get_the_same_samples_and_are_judged_on_others(monkeypatch, old, new):
    calls = []

    class Says(nn.Module):
        def __init__(self, label):
            super().__init__()
            self.label = label

        def forward(self, x):
            return F.one_hot(torch.full((len(x),), self.label), 3)

    def recorded(model, images, labels, *, how, training):
        calls.append((how, training.seed, images, labels))
        return Says(training.seed % 3)

    monkeypatch.setattr(module, "transfer", recorded)
    table = compare(old, new, per_class=[4, 9], draws=2, training=replace(BRIEF, seed=7))
    assert [(row.how, row.per_class) for row in table] == [(how, n) for n in (4, 9) for how in WAYS]
    held_out = new.labels[new.held_out]
    shares = [(held_out == label).double().mean().item() for label in (1, 2)]
    for row in table:
        assert row.accuracy == pytest.approx(np.mean(shares))
        assert row.deviation == pytest.approx(np.std(shares))
    known = {image.numpy().tobytes() for image in new.images[~new.held_out]}
    draws = {}
    for (_, seed, images, labels), size in zip(calls, [4] * 6 + [9] * 6, strict=True):
        assert labels.bincount().tolist() == [size] * 3
        assert {image.numpy().tobytes() for image in images} <= known
        assert torch.equal(draws.setdefault((size, seed), images), images)
    assert not torch.equal(draws[4, 7], draws[4, 8])


def test_what_was_learnt_before_helps_with_few_samples():
    training = TrainingConfig(epochs=5, lr=3e-3, device="cpu")
    model, history = pretrain(moved_digits(range(5)), training=training)
    assert history.metrics["accuracy"][-1] > 0.9
    digits = moved_digits(range(5, 10))
    training = replace(training, epochs=25)
    rows = compare(model, digits, per_class=[5], draws=3, training=training)
    tuned, fixed, scratch = (row.accuracy for row in rows)
    assert min(tuned, fixed) > scratch + 0.03
    assert scratch > 0.25


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"num_classes": 0}, ValueError, "num_classes"),
        ({"channels": 16}, TypeError, "channels: expected tuple, got int"),
        ({"channels": (16, 0)}, ValueError, "channels"),
        ({"hidden_sizes": (2.5,)}, TypeError, "hidden_sizes"),
        ({"image_size": 3}, ValueError, "expected at least 4, to be halved 2 times, got 3"),
    ],
)
def test_bad_sizes(settings, error, told):
    with pytest.raises(error, match=told):
        ClassifierConfig(**settings)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"classes": []}, "classes: expected different digits from 0 to 9"),
        ({"classes": [1, 10]}, "classes: expected different digits from 0 to 9"),
        ({"classes": [1, 1]}, "classes: expected different digits from 0 to 9"),
        ({"classes": [1], "side": 7}, "side: expected at least 8, got 7"),
        ({"classes": [1], "copies": 0}, "copies: expected at least 1, got 0"),
    ],
)
def test_digits_that_cannot_be_made(arguments, told):
    with pytest.raises(ValueError, match=told):
        moved_digits(**arguments)


def test_other_arguments_of_no_use(old, new):
    x, y = new.images[:6], new.labels[:6]
    with pytest.raises(ValueError, match="how: expected one of fine-tune, fixed, scratch, got 'x'"):
        transfer(old, x, y, how="x", training=BRIEF)
    with pytest.raises(ValueError, match=r"images: expected shape \(N, 1, 12, 12\)"):
        transfer(old, x[:, :, 1:], y, how="fixed", training=BRIEF)
    with pytest.raises(ValueError, match=r"per_class: expected at most \d+, got 1000"):
        compare(old, new, per_class=[5, 1000], training=BRIEF)
    with pytest.raises(ValueError, match="draws: expected at least 1, got 0"):
        compare(old, new, draws=0, training=BRIEF)


def test_the_command_line_prints_the_table(monkeypatch, capsys):
    few = moved_digits([0, 1], copies=1)
    few = Digits(*(each[::2] for each in few))
    monkeypatch.setattr(module, "moved_digits", lambda classes, seed: few)
    module.main(epochs=1, pretrain_epochs=1, draws=1, device="cpu")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[1].startswith("5 of each of 5 to 9, fine-tune: ")
    assert lines[-1].startswith("50 of each of 5 to 9, scratch: ")

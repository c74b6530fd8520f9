"""Autoencoders against their layers written out, against PCA and scikit-learn, and on digits."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from torch.nn import functional as F

from lecturelib.datasets import load_digits, load_faces
from lecturelib.models import autoencoder
from lecturelib.models.autoencoder import (
    Autoencoder,
    AutoencoderConfig,
    anomaly_score,
    nearest,
    non_digits,
    train_autoencoder,
)
from lecturelib.models.training import TrainingConfig
from lecturelib.schedules import cosine_decay


def digits(first, last):
    return torch.from_numpy(load_digits().images[first:last])


def identity(noise=0.0):
    """A network whose code is the image itself."""
    model = Autoencoder(
        AutoencoderConfig(image_shape=(1, 2, 3), code_size=6, sizes=(), noise=noise)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.eye(6) if parameter.ndim == 2 else torch.zeros(6))
    return model


def test_dense_layers_written_out():
    model = Autoencoder(AutoencoderConfig(image_shape=(2, 3, 4), code_size=2, sizes=(7, 5)))
    x = torch.rand(6, 2, 3, 4)
    numbers = [parameter.detach().numpy() for parameter in model.parameters()]
    assert [w.shape[0] for w in numbers[::2]] == [7, 5, 2, 5, 7, 24]
    y = x.flatten(1).numpy()
    for number, (w, b) in enumerate(zip(numbers[::2], numbers[1::2], strict=True)):
        y = y @ w.T + b
        if number not in (2, 5):  # the code and the image are not cut off at 0
            y = np.maximum(y, 0)
        if number == 2:
            np.testing.assert_allclose(model.encode(x).detach(), y, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(model(x).detach(), y.reshape(6, 2, 3, 4), rtol=1e-4, atol=1e-6)


def test_convolutional_layers_written_out():
    config = AutoencoderConfig(
        image_shape=(1, 8, 5), code_size=3, kind="convolutional", sizes=(4, 6)
    )
    model = Autoencoder(config)
    x = torch.rand(2, 1, 8, 5)
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5, w6, b6 = model.parameters()
    y = F.relu(F.conv2d(x, w1, b1, stride=2, padding=1))
    y = F.relu(F.conv2d(y, w2, b2, stride=2, padding=1))
    codes = F.linear(y.flatten(1), w3, b3)
    torch.testing.assert_close(model.encode(x), codes)
    y = F.relu(F.linear(codes, w4, b4)).view(2, 6, 2, 2)
    # A transposed convolution is the gradient of a convolution.
    for w, b, shape in ((w5, b5, (2, 4, 4, 3)), (w6, b6, (2, 1, 8, 5))):
        y = torch.nn.grad.conv2d_input(shape, w, y, stride=2, padding=1)
        y = y + b[:, None, None]
        if w is w5:
            y = F.relu(y)
    torch.testing.assert_close(model(x), y)


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
@pytest.mark.parametrize("sizes", [(), (5,), (4, 6, 3)])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 25, 25), (2, 1, 7)])
def test_images_come_back_in_their_shape(kind, sizes, shape):
    config = AutoencoderConfig(image_shape=shape, code_size=2, kind=kind, sizes=sizes)
    model = Autoencoder(config)
    images = torch.rand(3, *shape)
    assert model.encode(images).shape == (3, 2)
    assert model(images).shape == images.shape
    assert model(images[:0]).shape == (0, *shape)


def test_noise_is_added_in_training_only():
    torch.manual_seed(0)
    model, images = identity(noise=0.3), torch.rand(5000, 1, 2, 3)
    noise = (model(images) - images).detach()
    assert noise.std().item() == pytest.approx(0.3, rel=0.03)
    assert abs(noise.mean().item()) < 0.01
    assert torch.equal(model.encode(images), images.flatten(1))
    assert torch.equal(anomaly_score(model, images), torch.zeros(5000))
    assert torch.equal(model.eval()(images), images)


def test_score_is_the_mean_squared_error_of_each_image():
    torch.manual_seed(0)
    model, images = Autoencoder(), digits(0, 5)
    score = anomaly_score(model, images)
    expected = ((model(images).detach() - images).numpy() ** 2).reshape(5, 64).mean(1)
    np.testing.assert_allclose(score, expected, rtol=1e-5)
    assert not score.requires_grad


def test_a_linear_autoencoder_learns_what_pca_computes():
    images = digits(0, 400)
    config = AutoencoderConfig(code_size=4, sizes=())
    falling = partial(cosine_decay, epochs=1500)
    training = TrainingConfig(epochs=1500, lr=3e-2, schedule=falling, device="cpu")
    model, _ = train_autoencoder(images, config=config, training=training, batch_size=400)
    flat = images.flatten(1).numpy()
    pca = PCA(4, svd_solver="full").fit(flat)
    best = np.square(pca.inverse_transform(pca.transform(flat)) - flat).mean()
    error = anomaly_score(model, images).mean().item()
    assert best * 0.9999 < error < best * 1.005


def test_digits_come_back_better_than_by_pca_and_others_do_not():
    known, others = digits(0, 1200), digits(1200, None)
    training = TrainingConfig(epochs=40, lr=2e-3, device="cpu")
    model, history = train_autoencoder(known, training=training, held_out=others)
    pca = PCA(8, svd_solver="full").fit(known.flatten(1))
    x = others.flatten(1).numpy()
    best = np.square(pca.inverse_transform(pca.transform(x)) - x).mean()
    scores = anomaly_score(model, others)
    assert history.validation_loss[-1] == pytest.approx(scores.mean().item(), rel=1e-5)
    assert history.validation_loss[-1] < 0.8 * best
    for name, images in non_digits(others).items():
        both = torch.cat([scores, anomaly_score(model, images)])
        area = roc_auc_score(np.arange(len(both)) >= len(scores), both)
        assert area > (0.7 if name == "mirrored" else 0.95), name


def test_what_is_learnt_is_the_image_without_noise():
    """Noise that is larger than the image: an identity would be of no use."""
    images = torch.zeros(64, 1, 2, 3)
    images[::2] = 1
    config = AutoencoderConfig(image_shape=(1, 2, 3), code_size=1, sizes=(16,), noise=0.5)
    training = TrainingConfig(epochs=150, lr=1e-2, device="cpu")
    model, _ = train_autoencoder(images, config=config, training=training)
    noisy = images + 0.5 * torch.randn(images.shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert F.mse_loss(model(noisy), images) < 0.5 * F.mse_loss(noisy, images)


def test_the_seed_decides_all_and_torch_keeps_its_own():
    images = digits(0, 40)
    config = AutoencoderConfig(code_size=2, kind="convolutional", sizes=(3,), noise=0.1)

    def codes(seed):
        training = TrainingConfig(epochs=2, seed=seed, device="cpu")
        model, _ = train_autoencoder(images, config=config, training=training, batch_size=16)
        return model.encode(images)

    before = torch.get_rng_state()
    first = codes(0)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    assert torch.equal(codes(0), first)
    assert not torch.equal(codes(1), first)


def test_nearest_codes_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    codes = 100 + 1e-3 * rng.standard_normal((80, 3)).astype(np.float32)
    found = nearest(torch.from_numpy(codes), torch.from_numpy(codes[:30]), 6)
    model = NearestNeighbors(algorithm="brute").fit(codes.astype(np.float64))
    distances, _ = model.kneighbors(codes[:30].astype(np.float64), 6)
    for row, query, wanted in zip(found, codes, distances, strict=False):
        own = np.linalg.norm(codes[row].astype(np.float64) - query, axis=1)
        np.testing.assert_allclose(own, wanted, rtol=1e-4, atol=1e-7)
    assert torch.equal(found[:, 0], torch.arange(30))


def test_of_equal_distances_the_first_comes_first():
    codes = torch.zeros(50, 2)
    codes[7] = 1
    assert nearest(codes, torch.ones(2, 2), 4).tolist() == [[7, 0, 1, 2]] * 2


def test_non_digits():
    given = digits(0, 30)
    others = non_digits(given, seed=3)
    flat, shuffled = given.flatten(1), others["shuffled"].flatten(1)
    assert torch.equal(shuffled.sort(1).values, flat.sort(1).values)
    assert not torch.equal(shuffled, flat)
    np.testing.assert_array_equal(others["turned"], np.rot90(given.numpy(), 1, (2, 3)))
    np.testing.assert_array_equal(others["mirrored"], given.numpy()[..., ::-1])
    edges = [(i * 25 // 8, -(-(i + 1) * 25 // 8)) for i in range(8)]
    faces = load_faces().images[:100]
    assert others["faces"].shape == (100, 1, 8, 8)
    for i, (top, bottom) in enumerate(edges):
        for j, (left, right) in enumerate(edges):
            mean = faces[:, 0, top:bottom, left:right].mean((1, 2))
            np.testing.assert_allclose(others["faces"][:, 0, i, j], mean, rtol=1e-5)
    assert others["textures"].shape == (600, 1, 8, 8)
    again, different = non_digits(given, seed=3), non_digits(given, seed=4)
    for name in ("shuffled", "textures"):
        assert torch.equal(others[name], again[name])
        assert not torch.equal(others[name], different[name])


def test_each_image_is_shuffled_in_its_own_way():
    ramp = torch.arange(64.0).view(1, 1, 8, 8).repeat(3, 1, 1, 1)
    shuffled = non_digits(ramp)["shuffled"]
    assert not any(torch.equal(a, b) for a, b in pairwise(shuffled))


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"image_shape": (1, 8)}, ValueError, "image_shape"),
        ({"image_shape": 8}, TypeError, "image_shape: expected tuple, got int"),
        ({"image_shape": (1, 0, 8)}, ValueError, "image_shape"),
        ({"code_size": 0}, ValueError, "code_size: expected at least 1, got 0"),
        (
            {"kind": "linear"},
            ValueError,
            "kind: expected one of dense, convolutional, got",
        ),
        ({"sizes": 128}, TypeError, "sizes: expected tuple, got int"),
        ({"sizes": (128, 0)}, ValueError, "sizes"),
        ({"noise": -0.1}, ValueError, "noise"),
    ],
)
def test_bad_settings(settings, error, told):
    with pytest.raises(error, match=told):
        AutoencoderConfig(**settings)


@pytest.mark.parametrize("call", [Autoencoder(), Autoencoder().encode])
def test_images_of_another_shape_are_refused(call):
    told = r"images: expected shape \(N, 1, 8, 8\), got \(8, 8\)"
    with pytest.raises(ValueError, match=told):
        call(torch.zeros(8, 8))


def test_other_arguments_of_no_use():
    with pytest.raises(ValueError, match=r"codes: expected shape \(N, 8\), got \(3, 7\)"):
        Autoencoder().decode(torch.zeros(3, 7))
    with pytest.raises(ValueError, match=r"codes: expected shape \(N, D\), got \(3,\)"):
        nearest(torch.zeros(3), torch.zeros(1, 3), 1)
    with pytest.raises(ValueError, match=r"query: expected shape \(N, 2\), got \(2,\)"):
        nearest(torch.zeros(3, 2), torch.zeros(2), 1)
    with pytest.raises(ValueError, match="k: expected at most 3, the number of codes, got 4"):
        nearest(torch.zeros(3, 2), torch.zeros(1, 2), 4)
    with pytest.raises(ValueError, match="k: expected at least 1, got 0"):
        nearest(torch.zeros(3, 2), torch.zeros(1, 2), 0)
    with pytest.raises(ValueError, match=r"digits: expected shape \(N, 1, 8, 8\)"):
        non_digits(torch.zeros(3, 1, 9, 9))


def test_the_command_line_reports_errors_and_areas(capsys):
    autoencoder.main(epochs=1, code_size=2, kind="convolutional", device="cpu")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("mean squared error on other digits: 0.0")
    assert len(lines) == 6
    assert all(0 <= float(line.rsplit(" ", 1)[1]) <= 1 for line in lines[1:])

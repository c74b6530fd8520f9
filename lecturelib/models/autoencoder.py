"""Autoencoders: networks that say an image in few numbers, and the image again from these.

An encoder makes a short code of an image, a decoder makes the image of the code, and both learn
together, without labels, that what comes out is what went in. The code is narrow, so that they
have to find what the images have in common. That serves for three things: to see many images as
points of a plane (codes of two numbers), to find images like a given one (`nearest`), and to find
those that are unlike all that was learned from (`anomaly_score`).

Without hidden layers the best that an autoencoder can learn is what PCA computes. On digits of 8×8
pixels, with codes of eight numbers and ten seconds of training on one CPU, hidden layers make the
error on digits held out smaller by more than a third.
``python -m lecturelib.models.autoencoder --help`` says how to train from the command line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._numbers import check_number
from lecturelib._shapes import check_int
from lecturelib.datasets import load_digits, load_faces, load_textures
from lecturelib.datasets._needs import needs
from lecturelib.models._checks import check_choice, check_samples, check_sizes
from lecturelib.models._command_line import decaying
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models.training import Samples, TrainingConfig, mean_loss, train
from lecturelib.training import History

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Autoencoder",
    "AutoencoderConfig",
    "anomaly_score",
    "nearest",
    "non_digits",
    "train_autoencoder",
]

KINDS = ("dense", "convolutional")


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """The sizes of an autoencoder; the values here suit digits of 8×8 pixels.

    Attributes
    ----------
    image_shape : (C, H, W)
        Of the images.
    code_size : int
        Numbers in a code: the bottleneck. Two can be plotted.
    kind : str
        ``"dense"``, layers of full connection; ``"convolutional"``, convolutions that halve height
        and width, and one layer of full connection at each side of the code.
    sizes : tuple of int
        Units of the dense encoder's hidden layers, or maps of its convolutions, from the image on;
        the decoder has them in reverse. Without any the network is linear.
    noise : float
        Standard deviation of what is added to each pixel in training, while the image without it
        is to come out: a denoising autoencoder.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    Autoencoder : Takes it.
    Chapter 19, "Autoencoders"; L4, "Autoencoder"; for noise, Vincent, Larochelle, Bengio and
    Manzagol 2008.

    Examples
    --------
    >>> AutoencoderConfig(code_size=2, kind="convolutional", sizes=(16, 32)).noise
    0.0
    """

    image_shape: tuple[int, int, int] = (1, 8, 8)
    code_size: int = 8
    kind: str = "dense"
    sizes: tuple[int, ...] = (256, 64)
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Check all values."""
        check_sizes("image_shape", self.image_shape, 3)
        check_int("code_size", self.code_size, minimum=1)
        check_choice("kind", self.kind, KINDS)
        check_sizes("sizes", self.sizes)
        check_number("noise", self.noise, minimum=0)


class Autoencoder(nn.Module):
    """The network: an encoder and a decoder.

    Parameters
    ----------
    config : AutoencoderConfig
        By default dense, for digits of 8×8 pixels.

    See Also
    --------
    train_autoencoder : Trains one.
    Chapter 19, "Autoencoders"; L4, "Autoencoder".

    Examples
    --------
    >>> model = Autoencoder(AutoencoderConfig(code_size=2))
    >>> images = torch.zeros(5, 1, 8, 8)
    >>> model.encode(images).shape, model(images).shape
    (torch.Size([5, 2]), torch.Size([5, 1, 8, 8]))
    """

    def __init__(self, config: AutoencoderConfig | None = None) -> None:
        super().__init__()
        self.config = config = AutoencoderConfig() if config is None else config
        halves = _dense(config) if config.kind == "dense" else _convolutional(config)
        self.encoder, self.decoder = (nn.Sequential(*half) for half in halves)

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        """Give the code of each image, without noise.

        Parameters
        ----------
        images : (N, C, H, W)

        Returns
        -------
        (N, code_size)

        Raises
        ------
        ValueError
            If images have another shape.
        """
        check_samples("images", images, self.config.image_shape)
        codes: torch.Tensor = self.encoder(images)
        return codes

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Give the image of each code.

        Parameters
        ----------
        codes : (N, code_size)

        Returns
        -------
        (N, C, H, W)
            About as large as what was learned from: nothing keeps them between 0 and 1.

        Raises
        ------
        ValueError
            If codes have another shape.
        """
        check_samples("codes", codes, (self.config.code_size,))
        images: torch.Tensor = self.decoder(codes)
        return images

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Encode and decode; in training mode, after noise was added.

        Parameters
        ----------
        images : (N, C, H, W)

        Returns
        -------
        (N, C, H, W)

        Raises
        ------
        ValueError
            If images have another shape.
        """
        if self.training and self.config.noise:
            images = images + self.config.noise * torch.randn_like(images)
        return self.decode(self.encode(images))


def _dense(config: AutoencoderConfig) -> tuple[list[nn.Module], list[nn.Module]]:
    sizes = [math.prod(config.image_shape), *config.sizes, config.code_size]
    encoder = [nn.Linear(*pair) for pair in pairwise(sizes)]
    decoder = [nn.Linear(*pair) for pair in pairwise(sizes[::-1])]
    unflatten = nn.Unflatten(1, config.image_shape)
    return [nn.Flatten(), *_with_relu(encoder)], [*_with_relu(decoder), unflatten]


def _convolutional(config: AutoencoderConfig) -> tuple[list[nn.Module], list[nn.Module]]:
    C, H, W = config.image_shape
    maps = [C, *config.sizes]
    down: list[nn.Module] = []
    up: list[nn.Module] = []
    for a, b in pairwise(maps):
        down.append(nn.Conv2d(a, b, 3, stride=2, padding=1))
        # 2n - 1 and 2n pixels become n alike; on the way back it has to be said which it was.
        odd = ((H + 1) % 2, (W + 1) % 2)
        up.insert(0, nn.ConvTranspose2d(b, a, 3, stride=2, padding=1, output_padding=odd))
        H, W = -(-H // 2), -(-W // 2)
    units = maps[-1] * H * W
    encoder = [*_with_relu([*down, nn.Flatten()]), nn.Linear(units, config.code_size)]
    widen = [nn.Linear(config.code_size, units), nn.Unflatten(1, (maps[-1], H, W))]
    return encoder, [*widen, *([nn.ReLU()] if up else []), *_with_relu(up)]


def _with_relu(layers: Sequence[nn.Module]) -> list[nn.Module]:
    """Put a ReLU between one layer and the next."""
    return [part for layer in layers for part in (nn.ReLU(), layer)][1:]


def train_autoencoder(
    images: torch.Tensor,
    *,
    config: AutoencoderConfig | None = None,
    training: TrainingConfig,
    batch_size: int = 64,
    held_out: torch.Tensor | None = None,
) -> tuple[Autoencoder, History]:
    """Train an autoencoder to give back images, by their mean squared error.

    Parameters
    ----------
    images : (N, C, H, W)
        What it learns from.
    config : AutoencoderConfig
        What is trained; by default dense, for digits of 8×8 pixels.
    training : TrainingConfig
        How; its seed also decides how the network starts.
    batch_size : int
        Images in a step.
    held_out : (M, C, H, W) or None
        Images to be judged on after each epoch.

    Returns
    -------
    model : Autoencoder
    history : History
        Errors are means over pixels, those of `held_out` without noise.

    Raises
    ------
    ValueError
        If images have another shape than the network takes; also as
        ``lecturelib.models.training.train``.

    See Also
    --------
    lecturelib.models.training.train : The loop.
    Chapter 19, "Autoencoders"; L4, "Autoencoder".

    Examples
    --------
    >>> images = torch.from_numpy(load_digits().images[:300])
    >>> model, history = train_autoencoder(images, training=TrainingConfig(epochs=2))
    >>> history.train_loss[1] < history.train_loss[0]
    True
    """
    with seeded(training.seed):
        model = Autoencoder(config)
    history = train(
        model,
        mean_loss(F.mse_loss),
        Samples(images, images, batch_size=batch_size, seed=training.seed),
        training,
        validation=None if held_out is None else Samples(held_out, held_out, batch_size=256),
    )
    return model, history


@torch.no_grad()
def anomaly_score(model: Autoencoder, images: torch.Tensor) -> torch.Tensor:
    """Return how badly an autoencoder gives back each image, without noise.

    Parameters
    ----------
    model : Autoencoder
        Trained on what is not anomalous. Images are brought to where it is.
    images : (N, C, H, W)

    Returns
    -------
    (N,) torch.Tensor
        Mean squared error over pixels, beside the images.

    Raises
    ------
    ValueError
        If images have another shape than the network takes.

    See Also
    --------
    non_digits : Some anomalies.
    Chapter 19, "Autoencoders"; L4, "Autoencoder".

    Examples
    --------
    >>> anomaly_score(Autoencoder(), torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5])
    """
    x = images.to(next(model.parameters()).device)
    errors = (model.decode(model.encode(x)) - x).square().flatten(1).mean(1)
    return errors.to(images.device)


def nearest(codes: torch.Tensor, query: torch.Tensor, k: int) -> torch.Tensor:
    """Find the codes that are nearest to others: images like a given one.

    Parameters
    ----------
    codes : (N, D)
        Of all images among which is searched.
    query : (M, D)
        Of the images to which others are sought.
    k : int
        How many, from 1 to N.

    Returns
    -------
    (M, k) int64 torch.Tensor
        Rows of `codes`, nearest first; of equal distances the first row comes first. A query that
        is itself among the codes finds itself.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit or `k` is not as described.

    See Also
    --------
    Autoencoder : Its method ``encode`` gives codes.
    Chapter 19, "Autoencoders"; L4, "Autoencoder".

    Examples
    --------
    >>> codes = torch.tensor([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]])
    >>> nearest(codes, torch.tensor([[0.9, 0.0]]), 2)
    tensor([[2, 0]])
    """
    if codes.ndim != 2:
        raise ValueError(f"codes: expected shape (N, D), got {tuple(codes.shape)}")
    check_samples("query", query, (codes.shape[1],))
    k = check_int("k", k, minimum=1)
    if k > len(codes):
        raise ValueError(f"k: expected at most {len(codes)}, the number of codes, got {k}")
    # The other mode multiplies matrices, which is faster, but loses small distances to rounding.
    distances = torch.cdist(query, codes, compute_mode="donot_use_mm_for_euclid_dist")
    return distances.argsort(dim=1, stable=True)[:, :k]


def non_digits(digits: torch.Tensor, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Give images of 8×8 pixels that are no digits, the harder ones last.

    Parameters
    ----------
    digits : (N, 1, 8, 8)
        Some are made of these.
    seed : int
        Decides how pixels are shuffled and which patches are taken.

    Returns
    -------
    dict of str to (M, 1, 8, 8) torch.Tensor
        ``"shuffled"``, digits with the pixels of each in another order; ``"turned"``, digits by a
        quarter; ``"textures"``, 600 patches of bricks, grass and gravel; ``"faces"``, 100 faces
        made smaller; ``"mirrored"``, digits, of which 0 and 8 still are some.

    Raises
    ------
    ValueError
        If digits have another shape.
    ImportError
        If scikit-image or Pillow is not installed.

    See Also
    --------
    anomaly_score : What tells them from digits.
    Chapter 19, "Autoencoders"; L4, "Autoencoder".

    Examples
    --------
    >>> {name: len(images) for name, images in non_digits(torch.zeros(3, 1, 8, 8)).items()}
    {'shuffled': 3, 'turned': 3, 'textures': 600, 'faces': 100, 'mirrored': 3}
    """
    check_samples("digits", digits, (1, 8, 8))
    rng = np.random.default_rng(check_int("seed", seed, minimum=0))
    shuffled = rng.permuted(digits.flatten(1).numpy(), axis=1)
    faces = torch.from_numpy(load_faces().images[:100])
    textures = load_textures(patch_size=8).images
    return {
        "shuffled": torch.from_numpy(shuffled).view_as(digits),
        "turned": digits.rot90(1, (2, 3)),
        "textures": torch.from_numpy(rng.choice(textures, 600, replace=False)),
        "faces": F.adaptive_avg_pool2d(faces, 8),
        "mirrored": digits.flip(3),
    }


def main(
    epochs: int = 100,
    lr: float = 2e-3,
    batch_size: int = 64,
    kind: str = "dense",
    code_size: int = 8,
    noise: float = 0.0,
    device: str = "auto",
    seed: int = 0,
) -> None:
    """Train an autoencoder on digits, beside PCA, and let it tell digits from what are none."""
    with needs("scikit-learn"):
        from sklearn.decomposition import PCA
        from sklearn.metrics import roc_auc_score
    digits = torch.from_numpy(load_digits().images)
    known, others = digits[:1200], digits[1200:]
    sizes = (256, 64) if kind == "dense" else (16, 32)
    model, history = train_autoencoder(
        known,
        config=AutoencoderConfig(code_size=code_size, kind=kind, sizes=sizes, noise=noise),
        training=decaying(epochs=epochs, lr=lr, device=device, seed=seed),
        batch_size=batch_size,
        held_out=others,
    )
    if not speaks():
        return
    pca = PCA(code_size, svd_solver="full").fit(known.flatten(1))
    x = others.flatten(1).numpy()
    error = np.square(pca.inverse_transform(pca.transform(x)) - x).mean()
    print(f"mean squared error on other digits: {history.validation_loss[-1]:.4f}, PCA {error:.4f}")
    scores = anomaly_score(model, others)
    for name, images in non_digits(others, seed=seed).items():
        both = torch.cat([scores, anomaly_score(model, images)])
        area = roc_auc_score(np.arange(len(both)) >= len(scores), both)
        print(f"area under the ROC curve, digits against {name}: {area:.3f}")


if __name__ == "__main__":
    import typer

    typer.run(main)

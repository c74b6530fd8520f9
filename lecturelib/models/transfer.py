"""Transfer learning: what was learned of one problem helps with another that has few samples.

A small convolutional network learns the digits 0 to 4, and then 5 to 9 from a few of each, in one
of three ways: all of it learns on (fine-tuning), only a new last part learns (a fixed feature
extractor), or a network of the same shape starts anew (from scratch). The digits lie at random
places of a larger image, so that there is something to transfer: that a digit is the same one
everywhere. Digits that all lie at the same place are too easy; networks from scratch do as well.

``python -m lecturelib.models.transfer --help`` says how to make the table from the command line.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._shapes import check_int
from lecturelib.datasets import load_digits
from lecturelib.models._checks import check_choice, check_samples, check_sizes
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models.training import Samples, TrainingConfig, accuracy, mean_loss, train
from lecturelib.training import History

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "WAYS",
    "Classifier",
    "ClassifierConfig",
    "Comparison",
    "Digits",
    "compare",
    "moved_digits",
    "pretrain",
    "transfer",
]

#: How a network may come to a new problem.
WAYS = ("fine-tune", "fixed", "scratch")


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig:
    """The sizes of a network for small images.

    Attributes
    ----------
    num_classes : int
        Logits for each image.
    in_channels, image_size : int
        Images are (N, in_channels, image_size, image_size).
    channels : tuple of int
        Maps of each convolution, each followed by a pooling that halves the sides.
    hidden_sizes : tuple of int
        Units of the hidden layers behind the features.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described, or images are too small for the poolings.

    See Also
    --------
    Classifier : Takes it.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Examples
    --------
    >>> ClassifierConfig(num_classes=3, hidden_sizes=(64,)).channels
    (16, 32)
    """

    num_classes: int = 5
    in_channels: int = 1
    image_size: int = 12
    channels: tuple[int, ...] = (16, 32)
    hidden_sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check all values."""
        for name in ("num_classes", "in_channels", "image_size"):
            check_int(name, getattr(self, name), minimum=1)
        for name in ("channels", "hidden_sizes"):
            check_sizes(name, getattr(self, name))
        if self.image_size < 2 ** len(self.channels):
            raise ValueError(
                f"image_size: expected at least {2 ** len(self.channels)}, to be halved "
                f"{len(self.channels)} times, got {self.image_size}"
            )


class Classifier(nn.Module):
    """The network: features by convolution, in the manner of LeNet-5, and a head that decides.

    Parameters
    ----------
    config : ClassifierConfig
        By default for five classes of images of 12×12 pixels.

    See Also
    --------
    pretrain, transfer : Train one.
    Chapter 10, "Transfer learning"; L4, "Example CNN".

    Examples
    --------
    >>> model = Classifier()
    >>> images = torch.zeros(2, 1, 12, 12)
    >>> model.features(images).shape, model(images).shape
    (torch.Size([2, 288]), torch.Size([2, 5]))
    """

    def __init__(self, config: ClassifierConfig | None = None) -> None:
        super().__init__()
        self.config = config = ClassifierConfig() if config is None else config
        maps = (config.in_channels, *config.channels)
        features: list[nn.Module] = []
        for a, b in pairwise(maps):
            conv = nn.Conv2d(a, b, 3, padding=1)
            features += [conv, nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*features, nn.Flatten())
        side = config.image_size // 2 ** len(config.channels)
        sizes = (maps[-1] * side**2, *config.hidden_sizes, config.num_classes)
        head = [part for pair in pairwise(sizes) for part in (nn.ReLU(), nn.Linear(*pair))]
        self.head = nn.Sequential(*head[1:])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Give the logits of each image.

        Parameters
        ----------
        images : (N, in_channels, image_size, image_size)

        Returns
        -------
        (N, num_classes)

        Raises
        ------
        ValueError
            If images have another shape.
        """
        side = self.config.image_size
        check_samples("images", images, (self.config.in_channels, side, side))
        scores: torch.Tensor = self.head(self.features(images))
        return scores

    def train(self, mode: bool = True) -> Classifier:
        """Go into training mode, but for features that are fixed.

        Parameters
        ----------
        mode : bool

        Returns
        -------
        Classifier
        """
        super().train(mode)
        if not any(parameter.requires_grad for parameter in self.features.parameters()):
            self.features.eval()  # else the means of batch normalization would still move
        return self


class Digits(NamedTuple):
    """Images of digits of some classes.

    Attributes
    ----------
    images : (N, 1, side, side) float32
        From 0 to 1.
    labels : (N,) int64
        Counted from 0 in the order of the classes.
    held_out : (N,) bool
        Digits of which none of the others is a copy.

    See Also
    --------
    moved_digits : Makes them.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".
    """

    images: torch.Tensor
    labels: torch.Tensor
    held_out: torch.Tensor


def moved_digits(
    classes: Sequence[int], *, side: int = 12, copies: int = 4, seed: int = 0
) -> Digits:
    """Lay digits of 8×8 pixels at random places of empty images.

    Parameters
    ----------
    classes : sequence of int
        Which digits, 0 to 9.
    side : int
        Height and width of the images, from 8 up.
    copies : int
        How often each digit comes, each time at another place.
    seed : int
        Decides where.

    Returns
    -------
    Digits
        A third of them is held out.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.
    ImportError
        If scikit-learn is not installed.

    See Also
    --------
    lecturelib.datasets.load_digits : The digits, and on what terms.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Examples
    --------
    >>> digits = moved_digits([7, 8, 9])
    >>> digits.images.shape, digits.labels.unique(), int(digits.held_out.sum())
    (torch.Size([2132, 1, 12, 12]), tensor([0, 1, 2]), 696)
    """
    wanted = [check_int("classes", each, minimum=0) for each in classes]
    if not wanted or max(wanted) > 9 or len(set(wanted)) < len(wanted):
        raise ValueError(f"classes: expected different digits from 0 to 9, got {classes}")
    side, copies = check_int("side", side, minimum=8), check_int("copies", copies, minimum=1)
    rng = np.random.default_rng(check_int("seed", seed, minimum=0))
    source = load_digits()
    chosen = np.repeat(np.flatnonzero(np.isin(source.labels, wanted)), copies)
    images = np.zeros((len(chosen), 1, side, side), np.float32)
    places = rng.integers(side - 8 + 1, size=(len(chosen), 2))
    for image, (top, left), number in zip(images, places, chosen, strict=True):
        image[:, top : top + 8, left : left + 8] = source.images[number]
    labels = np.argmax(source.labels[chosen, np.newaxis] == np.array(wanted), axis=1)
    return Digits(
        torch.from_numpy(images),
        torch.from_numpy(labels),
        torch.from_numpy(chosen >= 1200),
    )


def pretrain(
    digits: Digits,
    *,
    config: ClassifierConfig | None = None,
    training: TrainingConfig,
    batch_size: int = 64,
) -> tuple[Classifier, History]:
    """Train a network on the problem of which there are many samples.

    Parameters
    ----------
    digits : Digits
        Of the size that the network takes.
    config : ClassifierConfig
        What is trained; by default for five classes of images of 12×12 pixels.
    training : TrainingConfig
        How; its seed also decides how the network starts.
    batch_size : int
        Images in a step.

    Returns
    -------
    model : Classifier
    history : History
        With the accuracy on the digits that were held out.

    Raises
    ------
    ValueError
        If images have another size than the network takes; also as
        ``lecturelib.models.training.train``.

    See Also
    --------
    transfer : What comes then.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Examples
    --------
    >>> model, history = pretrain(moved_digits(range(5)), training=TrainingConfig(epochs=1))
    >>> history.metrics["accuracy"][0] > 0.5
    True
    """
    images, labels, out = digits
    with seeded(training.seed):
        model = Classifier(config)
    history = train(
        model,
        mean_loss(F.cross_entropy),
        Samples(images[~out], labels[~out], batch_size=batch_size, seed=training.seed),
        training,
        metrics={"accuracy": lambda network: accuracy(network, images[out], labels[out])},
    )
    return model, history


def transfer(
    model: Classifier,
    images: torch.Tensor,
    labels: torch.Tensor,
    *,
    how: str,
    training: TrainingConfig,
    batch_size: int = 32,
) -> Classifier:
    """Train a network on another problem of which there are few samples.

    Parameters
    ----------
    model : Classifier
        Trained on the first problem; is left as it is.
    images : (N, C, H, W)
        Of the size that the network takes.
    labels : (N,) of int
        Counted from 0; all classes of the new problem occur.
    how : str
        ``"fine-tune"``: begin with the features of `model`, and let them learn on; ``"fixed"``:
        keep them as they are; ``"scratch"``: begin anew. The head is new in each case.
    training : TrainingConfig
        How; its seed also decides how what is new starts.
    batch_size : int
        Images in a step.

    Returns
    -------
    Classifier
        A new one. Its head has one output for each class.

    Raises
    ------
    ValueError
        If there is no such way, or images have another size than the network takes; also as
        ``lecturelib.models.training.train``.

    See Also
    --------
    compare : All three ways.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Examples
    --------
    >>> old, few = Classifier(), moved_digits([7, 8, 9])
    >>> images, labels = few.images[:30], few.labels[:30]
    >>> new = transfer(old, images, labels, how="fixed", training=TrainingConfig(epochs=1))
    >>> torch.equal(new.features[0].weight, old.features[0].weight)
    True
    """
    check_choice("how", how, WAYS)
    with seeded(training.seed):
        new = Classifier(replace(model.config, num_classes=int(labels.max()) + 1))
    if how != "scratch":
        new.features = copy.deepcopy(model.features).requires_grad_(how == "fine-tune")
    data = Samples(images, labels, batch_size=batch_size, seed=training.seed)
    train(new, mean_loss(F.cross_entropy), data, training)
    return new


class Comparison(NamedTuple):
    """How well one way does with so many samples.

    Attributes
    ----------
    how : str
        One of `WAYS`.
    per_class : int
        Samples of each class that were learned from.
    accuracy : float
        On what was held out, mean over several draws of the samples.
    deviation : float
        Standard deviation between the draws.

    See Also
    --------
    compare : Makes a table of them.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".
    """

    how: str
    per_class: int
    accuracy: float
    deviation: float


def compare(
    model: Classifier,
    digits: Digits,
    *,
    per_class: Sequence[int] = (5, 10, 50),
    draws: int = 5,
    training: TrainingConfig,
) -> list[Comparison]:
    """Compare the three ways on a new problem, with more and more samples.

    Parameters
    ----------
    model : Classifier
        Trained on the first problem.
    digits : Digits
        The new problem. Samples are drawn from those that are not held out.
    per_class : sequence of int
        How many of each class.
    draws : int
        How often samples are drawn; all ways get the same ones.
    training : TrainingConfig
        How. With the number of the draw added, its seed decides what is drawn and how networks
        start.

    Returns
    -------
    list of Comparison
        For each of `per_class`, the three `WAYS`.

    Raises
    ------
    ValueError, TypeError
        If a class has fewer samples, or an argument is not as described.

    See Also
    --------
    transfer : Each way.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Examples
    --------
    >>> digits = moved_digits([7, 8, 9])
    >>> training = TrainingConfig(epochs=1)
    >>> table = compare(Classifier(), digits, per_class=[2], draws=1, training=training)
    >>> [row.how for row in table]
    ['fine-tune', 'fixed', 'scratch']
    """
    numbers = [check_int("per_class", each, minimum=1) for each in per_class]
    draws = check_int("draws", draws, minimum=1)
    images, labels, out = digits
    least = int(labels[~out].bincount().min())
    if max(numbers, default=0) > least:
        raise ValueError(f"per_class: expected at most {least}, got {max(numbers)}")
    table = []
    for number in numbers:
        results: dict[str, list[float]] = {how: [] for how in WAYS}
        for seed in range(training.seed, training.seed + draws):
            few = _draw(digits, number, seed)
            for how, accuracies in results.items():
                own = replace(training, seed=seed)
                new = transfer(model, images[few], labels[few], how=how, training=own)
                accuracies.append(accuracy(new, images[out], labels[out]))
        for how, accuracies in results.items():
            mean, deviation = np.mean(accuracies), np.std(accuracies)
            table.append(Comparison(how, number, float(mean), float(deviation)))
    return table


def _draw(digits: Digits, per_class: int, seed: int) -> torch.Tensor:
    """Draw so many of each class from those that are not held out."""
    shuffled = torch.randperm(len(digits.labels), generator=torch.Generator().manual_seed(seed))
    known = shuffled[~digits.held_out[shuffled]]
    labels = digits.labels[known]
    return torch.cat([known[labels == each][:per_class] for each in range(int(labels.max()) + 1)])


def main(
    epochs: int = 30,
    pretrain_epochs: int = 10,
    lr: float = 3e-3,
    draws: int = 5,
    device: str = "auto",
    seed: int = 0,
) -> None:
    """Train a network on the digits 0 to 4, and transfer it to 5 to 9 in three ways."""
    training = TrainingConfig(
        epochs=pretrain_epochs, lr=lr, device=device, seed=seed, progress=speaks()
    )
    model, history = pretrain(moved_digits(range(5), seed=seed), training=training)
    quiet = replace(training, epochs=epochs, progress=False)
    table = compare(model, moved_digits(range(5, 10), seed=seed), draws=draws, training=quiet)
    if not speaks():
        return
    print(f"accuracy on digits 0 to 4 held out: {history.metrics['accuracy'][-1]:.1%}")
    for row in table:
        samples = f"{row.per_class} of each of 5 to 9"
        print(f"{samples}, {row.how}: {row.accuracy:.1%} ± {row.deviation:.1%}")


if __name__ == "__main__":
    import typer

    typer.run(main)

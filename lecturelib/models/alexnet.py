"""AlexNet, the network that won the ImageNet challenge of 2012: at its full size, and smaller.

Five layers of convolution find things, three of full connection say what they are. At the size of
the paper it takes color images of 227×227 pixels, gives the logits of a thousand classes, and
learns 62 million numbers. It was divided between two graphics cards of 3 GB each, which is what
`AlexNetConfig.groups` = 2 brings back: half of the filters saw half of the maps.

`SMALL` has the same layers with fewer maps, for patches of 64×64 pixels. Trained to tell which of
fifteen photographs a patch is from (`photograph_patches`), it takes less than a minute without a
graphics card. Its first filters keep the noise that they start with, unless they start near 0, as
in Chapter 9: then they become edges and colors, as in the paper's figure.
``python -m lecturelib.models.alexnet --help`` says how to train from the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._numbers import check_number
from lecturelib._shapes import check_int
from lecturelib.datasets import available_pictures, load_picture
from lecturelib.models._checks import check_samples, check_sizes
from lecturelib.models._command_line import decaying
from lecturelib.models._parallel import speaks
from lecturelib.models._seeds import seeded
from lecturelib.models._tally import State
from lecturelib.models.training import Samples, Tally, TrainingConfig, accuracy, train
from lecturelib.training import History

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = [
    "SMALL",
    "AlexNet",
    "AlexNetConfig",
    "LayerSize",
    "Patches",
    "first_filters",
    "layer_sizes",
    "photograph_patches",
    "train_on_photographs",
]


@dataclass(frozen=True, kw_only=True)
class AlexNetConfig:
    """The sizes of an AlexNet; the values here are those of the paper.

    Attributes
    ----------
    num_classes : int
        Logits for each image.
    in_channels, image_size : int
        Images are (N, in_channels, image_size, image_size).
    kernel_size, stride : int
        Of the first convolution.
    channels : tuple of int
        Maps of the five convolutions.
    hidden_size : int
        Units of the first two layers of full connection.
    groups : int
        2 as on two graphics cards: conv2, conv4 and conv5 see the maps of their own card only.
    local_response_norm : bool
        Let neighbouring maps inhibit each other after conv1 and conv2, as in the paper.
    dropout : float
        Share of the units that are dropped in front of the first two layers of full connection.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described, or images are too small for the layers.

    See Also
    --------
    AlexNet : Takes it.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet"; Krizhevsky, Sutskever and
    Hinton 2012.

    Examples
    --------
    >>> AlexNetConfig(num_classes=10, image_size=99).image_size
    99
    """

    num_classes: int = 1000
    in_channels: int = 3
    image_size: int = 227
    kernel_size: int = 11
    stride: int = 4
    channels: tuple[int, ...] = (96, 256, 384, 384, 256)
    hidden_size: int = 4096
    groups: int = 1
    local_response_norm: bool = False
    dropout: float = 0.5

    def __post_init__(self) -> None:
        """Check all values."""
        for name in ("num_classes", "in_channels", "kernel_size", "stride", "hidden_size"):
            check_int(name, getattr(self, name), minimum=1)
        check_sizes("channels", self.channels, 5)
        check_int("groups", self.groups, minimum=1)
        if any(maps % self.groups for maps in self.channels):
            raise ValueError(f"groups: expected a divisor of all channels, got {self.groups}")
        check_number("dropout", self.dropout, minimum=0, maximum=1)
        check_int("image_size", self.image_size, minimum=1)
        if self.sides()[-1] < 1:
            raise ValueError(
                f"image_size: expected room for three poolings of 3 pixels, got {self.image_size}"
            )

    def sides(self) -> tuple[int, ...]:
        """Give height and width after conv1 and after each of the three poolings.

        Returns
        -------
        tuple of int
        """
        sides = [(self.image_size - self.kernel_size) // self.stride + 1]
        for _ in range(3):
            sides.append((sides[-1] - 3) // 2 + 1)
        return tuple(sides)


#: The same layers for patches of 64×64 pixels from fifteen photographs.
SMALL = AlexNetConfig(
    num_classes=15,
    image_size=64,
    kernel_size=7,
    stride=2,
    channels=(32, 48, 64, 64, 48),
    hidden_size=256,
    dropout=0.2,
)


class AlexNet(nn.Module):
    """The network.

    Parameters
    ----------
    config : AlexNetConfig
        By default the network of the paper, in one piece.

    See Also
    --------
    layer_sizes : What it consists of.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet"; L3, "Architecture #2: AlexNet".

    Examples
    --------
    >>> model = AlexNet(SMALL)
    >>> model(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 15])
    """

    def __init__(self, config: AlexNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = AlexNetConfig() if config is None else config
        c1, c2, c3, c4, c5 = config.channels
        groups, hidden = config.groups, config.hidden_size
        self.features = nn.Sequential()
        add = self.features.add_module
        add("conv1", nn.Conv2d(config.in_channels, c1, config.kernel_size, config.stride))
        self._respond("1", pools=True)
        add("conv2", nn.Conv2d(c1, c2, 5, padding=2, groups=groups))
        self._respond("2", pools=True)
        add("conv3", nn.Conv2d(c2, c3, 3, padding=1))  # sees the maps of both cards
        self._respond("3")
        add("conv4", nn.Conv2d(c3, c4, 3, padding=1, groups=groups))
        self._respond("4")
        add("conv5", nn.Conv2d(c4, c5, 3, padding=1, groups=groups))
        self._respond("5", pools=True, normalized=False)
        self.classifier = nn.Sequential()
        self.classifier.add_module("flatten", nn.Flatten())
        for name, size in (("fc6", c5 * config.sides()[-1] ** 2), ("fc7", hidden)):
            self.classifier.add_module(f"dropout_{name}", nn.Dropout(config.dropout))
            self.classifier.add_module(name, nn.Linear(size, hidden))
            self.classifier.add_module(f"relu_{name}", nn.ReLU())
        self.classifier.add_module("fc8", nn.Linear(hidden, config.num_classes))
        self.apply(_start)

    def _respond(self, number: str, *, pools: bool = False, normalized: bool = True) -> None:
        """Add what follows a convolution."""
        self.features.add_module(f"relu{number}", nn.ReLU())
        if pools and normalized and self.config.local_response_norm:
            # torch divides alpha by the number of maps, the paper does not.
            norm = nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)
            self.features.add_module(f"norm{number}", norm)
        if pools:
            self.features.add_module(f"pool{number}", nn.MaxPool2d(3, stride=2))

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
        scores: torch.Tensor = self.classifier(self.features(images))
        return scores


def _start(layer: nn.Module) -> None:
    """Let a layer start so that the maps are as large behind it as in front (He et al. 2015).

    The paper has Gaussians of 0.01, and starts some biases at 1 so that units answer at all.
    """
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.get_parameter("bias"))


class LayerSize(NamedTuple):
    """What a layer consists of.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Of what it makes of one image: (maps, height, width), or (units,).
    units : int
        How many numbers that are.
    parameters : int
        How many numbers it learns.

    See Also
    --------
    layer_sizes : Lists them.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet".
    """

    name: str
    shape: tuple[int, ...]
    units: int
    parameters: int


def layer_sizes(config: AlexNetConfig | None = None) -> list[LayerSize]:
    """List the eight layers that learn, with their units and parameters.

    Parameters
    ----------
    config : AlexNetConfig
        By default the network of the paper, in one piece.

    Returns
    -------
    list of LayerSize

    See Also
    --------
    AlexNet : The network itself.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet"; L3, "Architecture #2: AlexNet".

    Notes
    -----
    The paper gives 253,440 units for the first layer. With 96 maps of 55×55 there are 290,400, and
    all other layers have the units that the paper says.

    Examples
    --------
    >>> sum(size.parameters for size in layer_sizes())
    62378344
    >>> sum(size.parameters for size in layer_sizes(AlexNetConfig(groups=2)))
    60965224
    """
    with torch.device("meta"):  # shapes without numbers: nothing is computed
        model = AlexNet(config)
        side = model.config.image_size
        x = torch.zeros(1, model.config.in_channels, side, side)
        sizes = []
        for part in (model.features, model.classifier):
            for name, layer in part.named_children():
                x = layer(x)
                if parameters := sum(each.numel() for each in layer.parameters()):
                    sizes.append(LayerSize(name, tuple(x.shape[1:]), x[0].numel(), parameters))
    return sizes


def first_filters(model: AlexNet) -> Float32[np.ndarray, "F C KH KW"]:
    """Return the filters of the first layer as pictures, each stretched to values from 0 to 1.

    Parameters
    ----------
    model : AlexNet
        Trained or not.

    Returns
    -------
    (F, C, KH, KW)

    See Also
    --------
    lecturelib.plots.show_pictures : Shows them.
    Chapter 9, "AlexNet and what a network sees"; L2, "Image filters learned by the first layer of
    AlexNet".

    Examples
    --------
    >>> first_filters(AlexNet(SMALL)).shape
    (32, 3, 7, 7)
    """
    conv1 = model.features.get_submodule("conv1")
    weights = conv1.get_parameter("weight").detach().float().cpu()
    low, high = weights.amin((1, 2, 3), keepdim=True), weights.amax((1, 2, 3), keepdim=True)
    return ((weights - low) / (high - low).clamp(min=1e-12)).numpy()


class Patches(NamedTuple):
    """Patches of photographs, and which photograph each is from.

    Attributes
    ----------
    images : (N, 3, patch_size, patch_size) float32
        From 0 to 1; gray photographs have three equal channels.
    labels : (N,) int64
    held_out : (N,) bool
        Patches from the right end of a photograph, which share no pixel with the others.
    names : tuple of str

    See Also
    --------
    photograph_patches : Cuts them.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet".
    """

    images: torch.Tensor
    labels: torch.Tensor
    held_out: torch.Tensor
    names: tuple[str, ...]


def photograph_patches(
    *, patch_size: int = 64, per_photograph: int = 240, seed: int = 0
) -> Patches:
    """Cut patches at random places from the photographs of ``lecturelib.datasets``.

    Two thirds come from the left of each photograph, the others, held out, from its right third.

    Parameters
    ----------
    patch_size : int
        Height and width, from 1 to 128.
    per_photograph : int
        How many are cut from each.
    seed : int
        Decides where.

    Returns
    -------
    Patches

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.
    ImportError
        If scikit-learn, scikit-image or Pillow is not installed.

    See Also
    --------
    lecturelib.datasets.load_picture : The photographs, and on what terms.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet".

    Examples
    --------
    >>> patches = photograph_patches(per_photograph=3)
    >>> patches.images.shape, patches.names[:3]
    (torch.Size([45, 3, 64, 64]), ('china', 'flower', 'astronaut'))
    """
    side = check_int("patch_size", patch_size, minimum=1)
    if side > 128:
        raise ValueError(f"patch_size: expected at most 128, got {side}")
    count = check_int("per_photograph", per_photograph, minimum=1)
    rng = np.random.default_rng(check_int("seed", seed, minimum=0))
    names = available_pictures()
    held_out = np.arange(count) >= -(-2 * count // 3)
    images = np.empty((len(names), count, 3, side, side), np.float32)
    for photograph, name in zip(images, names, strict=True):
        picture = load_picture(name)
        height, width = picture.shape[1:]
        border = 2 * width // 3
        for patch, out in zip(photograph, held_out, strict=True):
            top = rng.integers(height - side + 1)
            left = rng.integers(border, width - side + 1) if out else rng.integers(border - side)
            patch[:] = picture[:, top : top + side, left : left + side]
    labels = np.repeat(np.arange(len(names)), count)
    return Patches(
        torch.from_numpy(images.reshape(-1, 3, side, side)),
        torch.from_numpy(labels),
        torch.from_numpy(np.tile(held_out, len(names))),
        names,
    )


def train_on_photographs(
    patches: Patches,
    *,
    config: AlexNetConfig = SMALL,
    training: TrainingConfig,
    batch_size: int = 64,
) -> tuple[AlexNet, History]:
    """Train a network to tell from which photograph a patch is.

    Parameters
    ----------
    patches : Patches
        Of the size that the network takes.
    config : AlexNetConfig
        What is trained.
    training : TrainingConfig
        How; its seed also decides how the network starts.
    batch_size : int
        Patches in a step, half of which are mirrored at random.

    Returns
    -------
    model : AlexNet
    history : History
        With the accuracy on the patches that were held out.

    Raises
    ------
    ValueError
        If the patches have another size than the network takes; also as
        ``lecturelib.models.training.train``.

    See Also
    --------
    lecturelib.models.training.train : The loop.
    Chapter 9, "AlexNet and what a network sees"; L2, "AlexNet".

    Examples
    --------
    >>> patches = photograph_patches(per_photograph=6)
    >>> model, history = train_on_photographs(patches, training=TrainingConfig(epochs=1))
    >>> history.metrics.keys()
    dict_keys(['accuracy'])
    """
    x, out = patches.images - 0.5, patches.held_out
    with seeded(training.seed):
        model = AlexNet(config)

    def loss(network: nn.Module, batch: tuple[torch.Tensor, ...], state: State) -> Tally:
        images, labels = batch
        mirrored = torch.rand(len(images), device=images.device) < 0.5
        images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
        return Tally(F.cross_entropy(network(images), labels, reduction="sum"), len(labels))

    history = train(
        model,
        loss,
        Samples(x[~out], patches.labels[~out], batch_size=batch_size, seed=training.seed),
        training,
        metrics={"accuracy": lambda network: accuracy(network, x[out], patches.labels[out])},
    )
    return model, history


def main(
    epochs: int = 8,
    lr: float = 1e-3,
    batch_size: int = 64,
    groups: int = 1,
    local_response_norm: bool = False,
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    checkpoint: Path | None = None,
) -> None:
    """Train a small AlexNet to tell from which of fifteen photographs a patch is."""
    _, history = train_on_photographs(
        photograph_patches(seed=seed),
        config=replace(SMALL, groups=groups, local_response_norm=local_response_norm),
        training=decaying(
            epochs=epochs,
            lr=lr,
            device=device,
            precision=precision,
            seed=seed,
            checkpoint=checkpoint,
        ),
        batch_size=batch_size,
    )
    if speaks():
        print(f"accuracy on patches held out: {history.metrics['accuracy'][-1]:.1%}")


if __name__ == "__main__":
    import typer

    typer.run(main)

"""Style transfer: an image that shows what one picture shows, in the manner of another.

A network with fixed weights looks at pictures. What is where in a picture is said by the maps of
its layers: the *content*. How those maps go together, wherever in the picture that is, is said by
their Gram matrices: the *style*. Nothing is trained; the pixels of an image are changed until its
maps are near to those of the one picture and its Gram matrices near to those of the other (Gatys,
Ecker and Bethge 2015).

The network of the paper is VGG-19 (`vgg19_features`), whose weights have to be downloaded. The
default, `RandomFeatures`, needs none: filters drawn at random that look at a picture at several
scales are enough to tell textures apart (Ustyuzhaninov, Brendel, Gatys and Bethge 2017). A network
of one's own that was trained serves as well (`PickedFeatures`).
``python -m lecturelib.models.style_transfer --help`` says how to make images from the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib._numbers import check_number, check_positive
from lecturelib._shapes import check_int
from lecturelib.datasets import available_pictures, load_picture
from lecturelib.datasets._needs import needs
from lecturelib.models._checks import check_choice
from lecturelib.models._devices import PRECISIONS, choose_device, lower, products
from lecturelib.models._seeds import seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Features",
    "PickedFeatures",
    "RandomFeatures",
    "Restyled",
    "StyleConfig",
    "gram_matrix",
    "relative_error",
    "total_variation",
    "transfer_style",
    "vgg19_features",
]

OPTIMIZERS = ("lbfgs", "adam")
STARTS = ("content", "noise")


class Features(NamedTuple):
    """What a network sees in a picture.

    Attributes
    ----------
    content : tuple of (N, C, H, W) torch.Tensor
        Maps that say what is where.
    style : tuple of (N, C, H, W) torch.Tensor
        Maps whose Gram matrices say how it is done.

    See Also
    --------
    RandomFeatures, PickedFeatures : Networks that give them.
    Chapter 11, "Style transfer"; L0, "Style Transfer".
    """

    content: tuple[torch.Tensor, ...]
    style: tuple[torch.Tensor, ...]


class RandomFeatures(nn.Module):
    """Filters drawn at random, one layer of them for each of several scales.

    Parameters
    ----------
    channels : int
        Filters at each scale.
    kernel_size : int
        Their height and width, odd.
    scales : int
        How often the picture is looked at; each time it is half as high and wide as before.
    content_scale : int
        The scale, counted from 0, whose maps say what the content is: the larger, the more freedom
        there is in details.
    seed : int
        Decides the filters.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    See Also
    --------
    vgg19_features : The network of the paper.
    Chapter 11, "Style transfer"; Ustyuzhaninov, Brendel, Gatys and Bethge 2017.

    Examples
    --------
    >>> content, style = RandomFeatures(channels=8, scales=3)(torch.zeros(1, 3, 40, 64))
    >>> [tuple(maps.shape) for maps in style]
    [(1, 8, 40, 64), (1, 8, 20, 32), (1, 8, 10, 16)]
    """

    def __init__(
        self,
        *,
        channels: int = 64,
        kernel_size: int = 7,
        scales: int = 4,
        content_scale: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        channels = check_int("channels", channels, minimum=1)
        self.scales = check_int("scales", scales, minimum=1)
        self.kernel_size = check_int("kernel_size", kernel_size, minimum=1)
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size: expected an odd number, got {kernel_size}")
        self.content_scale = check_int("content_scale", content_scale, minimum=0)
        if content_scale >= scales:
            raise ValueError(f"content_scale: expected less than {scales=}, got {content_scale}")
        with seeded(check_int("seed", seed, minimum=0)):
            self.layers = nn.ModuleList(
                nn.Conv2d(3, channels, kernel_size, padding="same", padding_mode="reflect")
                for _ in range(scales)
            )
        self.requires_grad_(False)

    def forward(self, images: torch.Tensor) -> Features:
        """Look at pictures.

        Parameters
        ----------
        images : (N, 3, H, W)
            From 0 to 1.

        Returns
        -------
        Features
            Maps of each scale; the content is those of one.

        Raises
        ------
        ValueError
            If images are so small that a filter does not fit into the smallest scale.
        """
        smallest = 2 ** (self.scales - 1) * (self.kernel_size // 2 + 1)
        if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < smallest:
            raise ValueError(
                f"images: expected shape (N, 3, H, W) with H and W of at least {smallest}, "
                f"got {tuple(images.shape)}"
            )
        maps = []
        x = 2 * images - 1
        for scale, layer in enumerate(self.layers):
            x = F.avg_pool2d(x, 2) if scale else x
            maps.append(layer(x).relu())
        return Features((maps[self.content_scale],), tuple(maps))


class PickedFeatures(nn.Module):
    """Some layers of a network, such as one that was trained to recognise pictures.

    Parameters
    ----------
    layers : torch.nn.Sequential
        The network, up to its last convolution. Its weights will not change.
    content, style : sequence of str
        Names of those of its parts whose outputs are taken.
    mean, std : sequence of three float
        What is taken from red, green and blue, and by what they are divided, before the network
        sees a picture: as when it was trained.

    Raises
    ------
    ValueError
        If there is no such part.

    See Also
    --------
    vgg19_features : An instance.
    Chapter 11, "Style transfer"; L0, "Style Transfer".

    Examples
    --------
    >>> from lecturelib.models.alexnet import SMALL, AlexNet
    >>> network = PickedFeatures(
    ...     AlexNet(SMALL).features, content=["conv2"], style=["conv1", "conv2"]
    ... )
    >>> [tuple(maps.shape) for maps in network(torch.zeros(1, 3, 64, 64)).style]
    [(1, 32, 29, 29), (1, 48, 14, 14)]
    """

    def __init__(
        self,
        layers: nn.Sequential,
        *,
        content: Sequence[str],
        style: Sequence[str],
        mean: Sequence[float] = (0.5, 0.5, 0.5),
        std: Sequence[float] = (1.0, 1.0, 1.0),
    ) -> None:
        super().__init__()
        names = list(dict(layers.named_children()))
        for argument, wanted in (("content", content), ("style", style)):
            if not wanted or (unknown := [name for name in wanted if name not in names]):
                got = ", ".join(unknown) if wanted else "none"
                raise ValueError(f"{argument}: expected some of {', '.join(names)}, got {got}")
        self.content, self.style = tuple(content), tuple(style)
        last = max(names.index(name) for name in (*content, *style))
        self.layers = layers[: last + 1].eval().requires_grad_(False)
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values).reshape(3, 1, 1))

    def forward(self, images: torch.Tensor) -> Features:
        """Look at pictures.

        Parameters
        ----------
        images : (N, 3, H, W)
            From 0 to 1, as large as the network needs them.

        Returns
        -------
        Features

        Raises
        ------
        ValueError
            If images have another shape.
        """
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images: expected shape (N, 3, H, W), got {tuple(images.shape)}")
        x = (images - self.get_buffer("mean")) / self.get_buffer("std")
        maps = {}
        for name, layer in self.layers.named_children():
            x = maps[name] = layer(x)
        return Features(
            tuple(maps[name] for name in self.content), tuple(maps[name] for name in self.style)
        )


def vgg19_features() -> PickedFeatures:
    """Give the layers of VGG-19 that the paper takes, with weights learned from ImageNet.

    The style is taken behind the first convolution of each of its five blocks, the content behind
    the second of the fourth.

    Returns
    -------
    PickedFeatures

    Raises
    ------
    ImportError
        If torchvision is not installed.
    OSError
        If the weights (0.5 GB) are not on this machine and cannot be fetched.

    See Also
    --------
    RandomFeatures : Needs no download.
    Chapter 11, "Style transfer"; Gatys, Ecker and Bethge 2015; Simonyan and Zisserman 2014.
    """
    try:
        from torchvision.models import VGG19_Weights, vgg19
    except ModuleNotFoundError as error:
        raise ImportError(
            "torchvision is needed for VGG-19: pip install torchvision. "
            "RandomFeatures() does without it."
        ) from error
    try:
        layers = vgg19(weights=VGG19_Weights.IMAGENET1K_V1).features
    except OSError as error:
        raise OSError(
            f"the weights of VGG-19 could not be fetched ({error}). "
            f"RandomFeatures() does without them."
        ) from error
    # A ReLU that writes over what it reads would change the maps that were taken before it.
    for layer in layers.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False
    return PickedFeatures(
        layers,
        content=["22"],
        style=["1", "6", "11", "20", "29"],
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )


def gram_matrix(maps: torch.Tensor) -> torch.Tensor:
    """Return how each map goes together with each other one: the mean product over all places.

    Parameters
    ----------
    maps : (N, C, H, W)

    Returns
    -------
    (N, C, C) torch.Tensor
        Symmetric. Divided by H·W, so that pictures of any size can be compared.

    Raises
    ------
    ValueError
        If `maps` has another shape.

    See Also
    --------
    transfer_style : Compares them.
    Chapter 11, "Style transfer"; Gatys, Ecker and Bethge 2015, equation 3.

    Examples
    --------
    >>> gram_matrix(torch.tensor([[[[1.0, 0.0, 2.0]], [[0.0, 3.0, 3.0]]]]))
    tensor([[[1.6667, 2.0000],
             [2.0000, 6.0000]]])
    """
    if maps.ndim != 4 or not maps.numel():
        raise ValueError(f"maps: expected shape (N, C, H, W), got {tuple(maps.shape)}")
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def relative_error(x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the squared distance of x from a target, as a share of the target's from nothing.

    Losses of this kind weigh the same for all layers and networks, however large their numbers.

    Parameters
    ----------
    x, target : torch.Tensor
        Of one shape.

    Returns
    -------
    scalar torch.Tensor
        0 where they are equal, 1 for an x of zeros.

    Raises
    ------
    ValueError
        If their shapes differ.

    See Also
    --------
    transfer_style : Takes it for content and style.
    Chapter 11, "Style transfer"; Gatys, Ecker and Bethge 2015, equations 1 and 4.

    Examples
    --------
    >>> relative_error(torch.tensor([3.0, 3.0]), torch.tensor([3.0, 4.0]))
    tensor(0.0400)
    """
    if x.shape != target.shape:
        raise ValueError(f"x: expected shape {tuple(target.shape)}, got {tuple(x.shape)}")
    return (x - target).square().sum() / target.square().sum().clamp(min=1e-12)


def total_variation(images: torch.Tensor) -> torch.Tensor:
    """Return how much pixels differ from those below and at their right, squared, on average.

    Parameters
    ----------
    images : (N, C, H, W)

    Returns
    -------
    scalar torch.Tensor

    See Also
    --------
    transfer_style : Can keep it small.
    Chapter 11, "Style transfer"; Mahendran and Vedaldi 2015, section 2.

    Examples
    --------
    >>> total_variation(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]))
    tensor(1.)
    """
    return images.diff(dim=2).square().mean() + images.diff(dim=3).square().mean()


@dataclass(frozen=True, kw_only=True)
class StyleConfig:
    """How an image is searched for.

    Attributes
    ----------
    content_weight, style_weight, variation_weight : float
        How much the three losses weigh.
    optimizer : str
        ``"lbfgs"``, as Gatys et al. 2016, or ``"adam"``.
    steps : int
        How many; for each, Adam looks at the image once, L-BFGS once or a few times.
    lr : float
        Step size; 1 is right for L-BFGS, 0.02 for Adam.
    start : str
        ``"content"``, from the picture that gives the content; ``"noise"``, from random pixels.
    device : str
        As for ``lecturelib.models.training.choose_device``.
    precision : str
        ``"fp32"``, ``"tf32"`` or ``"bf16"``, as for ``lecturelib.models.training.TrainingConfig``.
    compile : bool
        Let `torch.compile` make kernels for the network.
    channels_last : bool
        Keep images with the channels last in memory.
    seed : int
        Decides the noise.

    Raises
    ------
    ValueError, TypeError
        If a value is not as described.

    See Also
    --------
    transfer_style : Takes it.
    Chapter 11, "Style transfer"; L0, "Style Transfer".

    Examples
    --------
    >>> StyleConfig(optimizer="adam", lr=0.02, steps=300).start
    'content'
    """

    content_weight: float = 1.0
    style_weight: float = 100.0
    variation_weight: float = 0.0
    optimizer: str = "lbfgs"
    steps: int = 100
    lr: float = 1.0
    start: str = "content"
    device: str = "auto"
    precision: str = "fp32"
    compile: bool = False
    channels_last: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Check all values."""
        for name in ("content_weight", "style_weight", "variation_weight"):
            check_number(name, getattr(self, name), minimum=0)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        check_choice("start", self.start, STARTS)
        check_choice("precision", self.precision, PRECISIONS)
        check_int("steps", self.steps, minimum=0)
        check_positive("lr", self.lr)
        check_int("seed", self.seed, minimum=0)


@dataclass
class Restyled:
    """What a search came to.

    Attributes
    ----------
    image : (3, H, W) torch.Tensor
        From 0 to 1, on the CPU.
    content_loss, style_loss, variation : list of float
        What they were each time that the network looked at the image, without their weights.

    See Also
    --------
    transfer_style : Gives it.
    Chapter 11, "Style transfer"; L0, "Style Transfer".
    """

    image: torch.Tensor
    content_loss: list[float] = field(default_factory=list)
    style_loss: list[float] = field(default_factory=list)
    variation: list[float] = field(default_factory=list)


def transfer_style(
    content: torch.Tensor,
    style: torch.Tensor,
    *,
    features: Callable[[torch.Tensor], Features] | None = None,
    config: StyleConfig | None = None,
    watch: Callable[[int, torch.Tensor], None] | None = None,
) -> Restyled:
    """Search for the image that is near to one picture in content and to another in style.

    Parameters
    ----------
    content, style : (3, H, W) or (1, H, W)
        Pictures, from 0 to 1, each of its own size. One channel stands for gray.
    features : torch.nn.Module or None
        The network that looks: takes images (N, 3, H, W), gives `Features`. `RandomFeatures` by
        default.
    config : StyleConfig
        How.
    watch : callable or None
        Is given each image (3, H, W) that the network looks at, after its number from 0 on.

    Returns
    -------
    Restyled

    Raises
    ------
    ValueError
        If a picture has another shape or is too small for the network.

    See Also
    --------
    lecturelib.models.features.favourite_image : Searches for an image of another kind.
    Chapter 11, "Style transfer"; L0, "Style Transfer"; Gatys, Ecker and Bethge 2015.

    Examples
    --------
    >>> cat = torch.from_numpy(load_picture("chelsea", max_side=96))
    >>> stars = torch.from_numpy(load_picture("hubble_deep_field", max_side=96))
    >>> restyled = transfer_style(cat, stars, config=StyleConfig(steps=5))
    >>> restyled.image.shape == cat.shape, restyled.style_loss[-1] < restyled.style_loss[0]
    (True, True)
    """
    config = StyleConfig() if config is None else config
    pictures = _colours("content", content), _colours("style", style)
    network = RandomFeatures() if features is None else features
    with products(config.precision):
        return _Search(*pictures, network, config).run(watch)


def _colours(name: str, picture: torch.Tensor) -> torch.Tensor:
    """Give (1, 3, H, W), of a gray picture too."""
    if picture.ndim != 3 or len(picture) not in (1, 3):
        raise ValueError(
            f"{name}: expected shape (3, H, W) or (1, H, W), got {tuple(picture.shape)}"
        )
    return picture.float().expand(3, -1, -1)[None]


class _Search:
    """One image on its way, and the network that compares it with what it is to become."""

    def __init__(
        self,
        content: torch.Tensor,
        style: torch.Tensor,
        network: Callable[[torch.Tensor], Features],
        config: StyleConfig,
    ) -> None:
        self.config, self.device = config, choose_device(config.device)
        self.layout = torch.channels_last if config.channels_last else torch.contiguous_format
        if isinstance(network, nn.Module):
            network = network.to(self.device).to(memory_format=self.layout)  # type: ignore[call-overload]
        self.network = torch.compile(network) if config.compile else network
        with torch.no_grad():
            self.content = [maps.float() for maps in self.look(self.placed(content)).content]
            self.style = [gram_matrix(m.float()) for m in self.look(self.placed(style)).style]
        self.image = self.placed(self.first(content)).requires_grad_()

    def placed(self, images: torch.Tensor) -> torch.Tensor:
        """Bring images to where the network is."""
        return images.to(self.device, memory_format=self.layout, copy=True)

    def look(self, images: torch.Tensor) -> Features:
        """Ask the network, with as many digits as it is to compute with."""
        with lower(self.config.precision, self.device):
            return self.network(images)

    def first(self, content: torch.Tensor) -> torch.Tensor:
        """Give the image to start from."""
        if self.config.start == "content":
            return content
        draws = torch.Generator().manual_seed(self.config.seed)
        return torch.rand(content.shape, generator=draws)

    def losses(self) -> torch.Tensor:
        """Give content loss, style loss and variation."""
        seen = self.look(self.image)
        content = [
            relative_error(maps.float(), wanted)
            for maps, wanted in zip(seen.content, self.content, strict=True)
        ]
        style = [
            relative_error(gram_matrix(maps.float()), wanted)
            for maps, wanted in zip(seen.style, self.style, strict=True)
        ]
        parts = torch.stack(content).mean(), torch.stack(style).mean()
        return torch.stack([*parts, total_variation(self.image)])

    def run(self, watch: Callable[[int, torch.Tensor], None] | None) -> Restyled:
        """Take all steps."""
        config = self.config
        weights = torch.tensor(
            [config.content_weight, config.style_weight, config.variation_weight],
            dtype=torch.float32,
            device=self.device,
        )
        found: list[torch.Tensor] = []

        def closure() -> torch.Tensor:
            if watch is not None:
                watch(len(found), self.picture())
            losses = self.losses()
            found.append(losses.detach())
            # For all pixels, so to speak: L-BFGS takes a curvature below 1e-10 for none.
            total = losses @ weights * self.image.numel()
            (self.image.grad,) = torch.autograd.grad(total, [self.image])
            return total

        if config.optimizer == "adam":
            adam = torch.optim.Adam([self.image], lr=config.lr)
            for _ in range(config.steps):
                adam.step(closure)
        elif config.steps:
            # Without a line search it takes a step into nowhere where the loss curves downwards.
            torch.optim.LBFGS(
                [self.image],
                lr=config.lr,
                max_iter=config.steps,
                history_size=20,
                tolerance_grad=0,
                tolerance_change=0,
                line_search_fn="strong_wolfe",
            ).step(closure)  # type: ignore[no-untyped-call]
        columns = torch.stack(found).T.tolist() if found else [[], [], []]
        return Restyled(self.picture(), *columns)

    def picture(self) -> torch.Tensor:
        """Give the image as it can be shown."""
        return self.image.detach()[0].clamp(0, 1).contiguous().cpu()


def main(
    content: str = "chelsea",
    style: str = "coffee",
    vgg: bool = False,
    max_side: int = 256,
    content_weight: float = 1.0,
    style_weight: float = 100.0,
    variation_weight: float = 0.0,
    optimizer: str = "lbfgs",
    steps: int = 100,
    lr: float | None = None,
    start: str = "content",
    device: str = "auto",
    precision: str = "fp32",
    seed: int = 0,
    output: Path = Path("restyled.png"),
) -> None:
    """Draw one of the library's pictures, or a file of yours, in the manner of another."""
    with needs("Pillow"):
        from PIL import Image
    restyled = transfer_style(
        _picture(content, max_side),
        _picture(style, max_side),
        features=vgg19_features() if vgg else RandomFeatures(seed=seed),
        config=StyleConfig(
            content_weight=content_weight,
            style_weight=style_weight,
            variation_weight=variation_weight,
            optimizer=optimizer,
            steps=steps,
            lr=lr or (1.0 if optimizer == "lbfgs" else 0.02),
            start=start,
            device=device,
            precision=precision,
            seed=seed,
        ),
    )
    pixels = (255 * restyled.image).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(output)
    print(f"content loss {restyled.content_loss[0]:.3g} -> {restyled.content_loss[-1]:.3g}")
    print(f"style loss {restyled.style_loss[0]:.3g} -> {restyled.style_loss[-1]:.3g}")
    print(output)


def _picture(name: str, max_side: int) -> torch.Tensor:
    if name in available_pictures():
        return torch.from_numpy(load_picture(name, max_side=max_side))
    with needs("Pillow"):
        from PIL import Image
    with Image.open(name) as image:
        image.thumbnail((max_side, max_side))
        return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1) / 255


if __name__ == "__main__":
    import typer

    typer.run(main)

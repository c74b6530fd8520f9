"""What a trained network sees: maps of its units, their favourite images, and what it looks at.

All three work on any network of images: its layers go by the names of ``model.named_modules()``,
such as ``"features.conv2"`` in `lecturelib.models.alexnet.AlexNet`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn

from lecturelib._numbers import check_number, check_positive
from lecturelib._shapes import check_int
from lecturelib.models._tally import evaluating

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["favourite_image", "feature_maps", "occlusion_map"]


def feature_maps(model: nn.Module, images: torch.Tensor, layer: str) -> torch.Tensor:
    """Return what one layer makes of images.

    Parameters
    ----------
    model : torch.nn.Module
        Is used in evaluation mode, and left in the mode that it was in.
    images : (N, C, H, W)
    layer : str
        Its name.

    Returns
    -------
    torch.Tensor
        (N, F, H', W') of a convolution.

    Raises
    ------
    ValueError
        If there is no such layer.

    See Also
    --------
    favourite_image : What one of these maps looks for.
    Chapter 9, "AlexNet and what a network sees"; L2, "Receptive field".

    Examples
    --------
    >>> from lecturelib.models.alexnet import SMALL, AlexNet
    >>> feature_maps(AlexNet(SMALL), torch.zeros(2, 3, 64, 64), "features.conv1").shape
    torch.Size([2, 32, 29, 29])
    """
    with _heard(model, layer) as heard, torch.no_grad():
        model(images)
    return heard[0]


def favourite_image(
    model: nn.Module,
    layer: str,
    unit: int,
    *,
    image_shape: tuple[int, int, int],
    steps: int = 200,
    lr: float = 0.05,
    smoothness: float = 0.02,
    jitter: int = 2,
    seed: int = 0,
) -> torch.Tensor:
    """Search for the image that a unit answers most to, by gradient ascent on the pixels.

    Parameters
    ----------
    model : torch.nn.Module
        Is used in evaluation mode, and left as it was; takes images whose values lie around 0.
    layer : str
        Its name.
    unit : int
        Which map of a convolution, or which number of a linear layer.
    image_shape : (C, H, W)
        Of the image.
    steps : int
        Steps of Adam.
    lr : float
        Their size, for pixels between -0.5 and 0.5.
    smoothness : float
        How much neighbouring pixels that differ cost: without it the search ends in noise that
        means nothing to us.
    jitter : int
        By how many pixels the image is moved at random in each step, so that what is found does
        not hang on single pixels.
    seed : int
        Decides the start, gray with a little noise, and the moves.

    Returns
    -------
    (C, H, W) torch.Tensor
        With values from 0 to 1.

    Raises
    ------
    ValueError, TypeError
        If there is no such layer or unit, or a number is not as described.

    See Also
    --------
    feature_maps : Where a unit finds what it looks for.
    Chapter 9, "AlexNet and what a network sees"; L3, "Layers of a CNN".

    Examples
    --------
    >>> from lecturelib.models.alexnet import SMALL, AlexNet
    >>> model = AlexNet(SMALL)
    >>> image = favourite_image(model, "features.conv1", 5, image_shape=(3, 64, 64), steps=3)
    >>> image.shape
    torch.Size([3, 64, 64])
    """
    unit, steps = check_int("unit", unit, minimum=0), check_int("steps", steps, minimum=0)
    lr, smoothness = check_positive("lr", lr), check_number("smoothness", smoothness, minimum=0)
    jitter = check_int("jitter", jitter, minimum=0)
    draws = torch.Generator().manual_seed(check_int("seed", seed, minimum=0))
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    pixels = (0.02 * torch.randn(1, *image_shape, generator=draws)).to(device).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=lr)
    with _heard(model, layer) as heard:
        for _ in range(steps):
            moves = torch.randint(-jitter, jitter + 1, (2,), generator=draws).tolist()
            model(pixels.roll(moves, (2, 3)))
            loss = smoothness * _roughness(pixels) - _activation(heard.pop(), layer, unit)
            (pixels.grad,) = torch.autograd.grad(loss, [pixels])
            optimizer.step()
            with torch.no_grad():
                pixels.clamp_(-0.5, 0.5)
    return pixels.detach()[0] + 0.5


def occlusion_map(
    model: nn.Module,
    image: torch.Tensor,
    label: int,
    *,
    window: int,
    stride: int,
    fill: float = 0.0,
) -> torch.Tensor:
    """Hide one part of an image after the other, and see how sure the network still is.

    Parameters
    ----------
    model : torch.nn.Module
        A classifier; is used in evaluation mode, and left in the mode that it was in.
    image : (C, H, W)
    label : int
        The class whose probability is watched.
    window : int
        Height and width of what is hidden.
    stride : int
        Pixels from one place to the next.
    fill : float
        What the hidden pixels become.

    Returns
    -------
    ((H - window) // stride + 1, (W - window) // stride + 1) torch.Tensor
        Probability of the class for each place of the window: low where it hides what matters.

    Raises
    ------
    ValueError, TypeError
        If the window does not fit into the image, or an argument is not as described.

    See Also
    --------
    feature_maps : What the network makes of the whole image.
    Chapter 9, "AlexNet and what a network sees"; Zeiler and Fergus 2014.

    Examples
    --------
    >>> from lecturelib.models.alexnet import SMALL, AlexNet
    >>> image = torch.zeros(3, 64, 64)
    >>> occlusion_map(AlexNet(SMALL), image, 2, window=16, stride=8).shape
    torch.Size([7, 7])
    """
    window, stride = check_int("window", window, minimum=1), check_int("stride", stride, minimum=1)
    label = check_int("label", label, minimum=0)
    if image.ndim != 3 or window > min(image.shape[1:]):
        raise ValueError(
            f"image: expected shape (C, H, W) with H and W of at least {window=}, "
            f"got {tuple(image.shape)}"
        )
    rows = range(0, image.shape[1] - window + 1, stride)
    columns = range(0, image.shape[2] - window + 1, stride)
    hidden = image.repeat(len(rows) * len(columns), 1, 1, 1)
    for place, (top, left) in enumerate((top, left) for top in rows for left in columns):
        hidden[place, :, top : top + window, left : left + window] = fill
    with evaluating(model), torch.no_grad():
        probabilities = torch.cat([model(part).softmax(1) for part in torch.split(hidden, 64)])
    if label >= probabilities.shape[1]:
        raise ValueError(f"label: expected less than {probabilities.shape[1]}, got {label}")
    return probabilities[:, label].reshape(len(rows), len(columns))


@contextmanager
def _heard(model: nn.Module, layer: str) -> Iterator[list[torch.Tensor]]:
    """Keep what a layer gives while the model is used."""
    layers = dict(model.named_modules())
    if layer not in layers or not layer:
        names = ", ".join(
            name for name, part in layers.items() if name and not list(part.children())
        )
        raise ValueError(f"layer: expected one of {names}, got {layer!r}")
    heard: list[torch.Tensor] = []
    hook = layers[layer].register_forward_hook(lambda _, __, output: heard.append(output))
    try:
        with evaluating(model):
            yield heard
    finally:
        hook.remove()


def _activation(output: torch.Tensor, layer: str, unit: int) -> torch.Tensor:
    if unit >= output.shape[1]:
        raise ValueError(f"unit: expected less than the {output.shape[1]} of {layer}, got {unit}")
    return output[0, unit].mean()


def _roughness(image: torch.Tensor) -> torch.Tensor:
    """Add up how much neighbouring pixels differ (their total variation)."""
    down, right = image.diff(dim=2).abs().mean(), image.diff(dim=3).abs().mean()
    return down + right

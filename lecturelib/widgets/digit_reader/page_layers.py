"""A network as data that a page can compute with: kinds, settings, and parameters as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib.layers import (
    AvgPool2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lecturelib.layers import Layer, Parameter

#: What `layers.js` has a function for, under the same names.
KINDS = (Conv2d, Linear, MaxPool2d, AvgPool2d, Flatten, ReLU, Sigmoid, Tanh)
LEARNED = (Conv2d, Linear)
WINDOWED = (Conv2d, MaxPool2d, AvgPool2d)


def page_layers(network: Iterable[Layer]) -> list[dict[str, Any]]:
    """Describe all layers in their order.

    Parameters
    ----------
    network : iterable of Layer

    Returns
    -------
    list of dict
        Each with its ``kind``; where the kind has them, ``kernel_size``, ``stride`` and
        ``padding``; ``weight`` and ``bias``, in the form ``{shape, values}`` with float32 bytes in
        the order of ``ndarray.ravel()``.

    Raises
    ------
    ValueError
        If the page cannot compute a layer, or a parameter is not finite in float32.

    Examples
    --------
    >>> page_layers([MaxPool2d(2), ReLU()])
    [{'kind': 'MaxPool2d', 'kernel_size': [2, 2], 'stride': [2, 2], 'padding': [0, 0]},
     {'kind': 'ReLU'}]
    """
    return [_page_layer(place, layer) for place, layer in enumerate(network)]


def _page_layer(place: int, layer: Layer) -> dict[str, Any]:
    # The very class: a derived one may compute something else.
    if type(layer) not in KINDS:
        known = ", ".join(kind.__name__ for kind in KINDS)
        raise ValueError(f"network: expected layers among {known}, got {layer!r} at {place}")
    description: dict[str, Any] = {"kind": type(layer).__name__}
    if isinstance(layer, WINDOWED):
        for name in ("kernel_size", "stride", "padding"):
            description[name] = list(getattr(layer, name))
    if isinstance(layer, LEARNED):
        description["weight"] = _page_parameter(place, layer.weight)
        description["bias"] = _page_bias(place, layer)
    return description


def _page_bias(place: int, layer: Conv2d | Linear) -> dict[str, Any]:
    """Give zeros where there is none, so that the page knows one kind of layer, not two."""
    if layer.bias is None:
        return page_array(np.zeros(len(layer.weight.data)))
    return _page_parameter(place, layer.bias)


def _page_parameter(place: int, parameter: Parameter) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        values = parameter.data.astype(np.float32)
    if not np.isfinite(values).all():
        number = values[~np.isfinite(values)][0]
        raise ValueError(
            f"network: expected finite float32 numbers, got {number} in {place}.{parameter.name}"
        )
    return page_array(values)


def page_array(values: NDArray[np.floating]) -> dict[str, Any]:
    """Give an array as its shape and its numbers as float32 bytes.

    Parameters
    ----------
    values : array of any shape

    Returns
    -------
    dict
        ``shape`` is a list of int, ``values`` bytes, the lowest byte of each number first.

    Examples
    --------
    >>> array = page_array(np.zeros((3, 2)))
    >>> array["shape"], len(array["values"])
    ([3, 2], 24)
    """
    return {"shape": list(values.shape), "values": values.astype("<f4").tobytes()}

"""What a unit of a convolutional network sees, and what its layers are as matrices.

A unit deep in the network sees the pixels that reach it through the windows of all layers before
it: its receptive field. Convolution and pooling count alike, each a layer (kernel_size, stride,
padding, dilation), along one axis or two.

The matrices are SciPy's sparse arrays: ``pip install 'lecturelib[book]'``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._shapes import check_ints, output_sizes
from lecturelib._sparse_links import (
    ConnectionCounts,
    connection_counts,
    conv1d_matrix,
    conv2d_matrix,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    Size = int | tuple[int, int]
    LayerWindow = tuple[Size, ...]

__all__ = [
    "ConnectionCounts",
    "ReceptiveField",
    "connection_counts",
    "conv1d_matrix",
    "conv2d_matrix",
    "receptive_field",
    "receptive_field_table",
    "receptive_window",
]


class _Window(NamedTuple):
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1


_MINIMA = _Window(kernel_size=1, stride=1, padding=0, dilation=1)


class ReceptiveField(NamedTuple):
    """Which pixels the units of a layer see; for two axes, pairs (rows, columns).

    Unit i sees the pixels from start + i*jump to start + i*jump + size - 1. Those outside of the
    picture are padding.

    Attributes
    ----------
    size : int or (int, int)
        Pixels from the first that a unit sees to the last.
    jump : int or (int, int)
        Pixels from what one unit sees to what the next one sees.
    start : int or (int, int)
        The first pixel that unit 0 sees; negative in the padding.

    See Also
    --------
    receptive_field : Computes it.
    Chapter 9, "AlexNet and what a network sees"; L2, "Receptive field".
    """

    size: Size
    jump: Size
    start: Size


def receptive_field(layers: Sequence[LayerWindow]) -> list[ReceptiveField]:
    """Return the receptive field of every layer, from the first to the last.

    One more layer widens it by (kernel_size - 1) * dilation steps of the layer before:
    size' = size + (kernel_size - 1) * dilation * jump; jump' = jump * stride;
    start' = start - padding * jump; and before the first layer size = jump = 1, start = 0.

    Parameters
    ----------
    layers : sequence of (kernel_size, stride, padding, dilation)
        Convolutions and poolings in order; what is left out at the end of a layer is stride 1,
        padding 0, dilation 1. Each entry is an int, or a pair for rows and columns.

    Returns
    -------
    list of ReceptiveField
        Of pairs if any entry is a pair, else of ints, which hold along every axis.

    Raises
    ------
    ValueError
        If a layer has no or more than four entries, an entry is too small or no pair.
    TypeError
        If an entry is not made of integers.

    See Also
    --------
    receptive_window : The pixels that one unit sees.
    Chapter 9, "AlexNet and what a network sees"; L2, "Receptive field"; L1, "Receptive Fields".

    Examples
    --------
    LeNet-5 from C1 to C5, which sees the whole picture of 32×32 pixels:

    >>> [field.size for field in receptive_field([(5,), (2, 2), (5,), (2, 2), (5,)])]
    [5, 6, 14, 16, 32]
    """
    axes = [_fields_along_axis(windows) for windows in _windows_by_axis(layers)]
    if len(axes) == 1:
        return axes[0]
    return [
        ReceptiveField(*zip(rows, columns, strict=True))
        for rows, columns in zip(*axes, strict=True)
    ]


def receptive_field_table(layers: Mapping[str, LayerWindow]) -> str:
    """Write the receptive fields as a table, to be printed.

    Parameters
    ----------
    layers : mapping from name to (kernel_size, stride, padding, dilation)
        In order; each as in `receptive_field`.

    Returns
    -------
    str

    Raises
    ------
    ValueError, TypeError
        As `receptive_field`.

    See Also
    --------
    receptive_field : The numbers themselves.
    Chapter 9, "AlexNet and what a network sees"; L2, "Receptive field".

    Examples
    --------
    >>> print(receptive_field_table({"C1": (5,), "S2": (2, 2), "C3": (5, 1, 2)}))
    layer  size  jump  start
    C1        5     1      0
    S2        6     2      0
    C3       14     2     -4
    """
    if not isinstance(layers, Mapping):
        raise TypeError(f"layers: expected layers by name, got {type(layers).__name__}")
    fields = receptive_field(list(layers.values()))
    rows: list[tuple[str, ...]] = [("layer", *ReceptiveField._fields)]
    rows += [(name, *map(str, field)) for name, field in zip(layers, fields, strict=True)]
    name_width, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        "  ".join(
            [name.ljust(name_width)]
            + [text.rjust(width) for text, width in zip(texts, widths, strict=True)]
        )
        for name, *texts in rows
    )


def receptive_window(layers: Sequence[LayerWindow], unit: Size, in_size: Size) -> tuple[slice, ...]:
    """Return the pixels that one unit of the last layer sees, as slices of the picture.

    They run from the first pixel seen to the last. Unlike the formula of `receptive_field`, which
    holds for an endless picture, this leaves out what lies in the padding of any layer.

    Parameters
    ----------
    layers : sequence of (kernel_size, stride, padding, dilation)
        As in `receptive_field`.
    unit : int or (int, int)
        Where in the last layer's output, from 0.
    in_size : int or (int, int)
        H and W of the picture, or T of a sequence.

    Returns
    -------
    tuple of slice
        One for each axis that `unit` has: ``picture[..., *window]``. Empty if the unit sees nothing
        but padding.

    Raises
    ------
    ValueError
        If the unit is not in the output, a window exceeds its padded input, or as
        `receptive_field`.
    TypeError
        If an entry, the unit or the size is not made of integers.

    See Also
    --------
    receptive_field : Size, jump and start, for all units at once.
    Chapter 9, "AlexNet and what a network sees"; L2, "Receptive field".

    Examples
    --------
    >>> receptive_window([(3, 1, 1), (2, 2)], (0, 3), (8, 8))
    (slice(0, 3, None), slice(5, 8, None))
    """
    number = len(unit) or 1 if isinstance(unit, (tuple, list)) else 1
    units = check_ints("unit", unit, number, minimum=0)
    sizes = check_ints("in_size", in_size, number, minimum=1)
    axes = _windows_by_axis(layers)
    if len(axes) not in (1, number):
        raise ValueError(f"unit: expected {len(axes)} integers, as the layers have, got {unit!r}")
    axes = axes * number if len(axes) == 1 else axes
    return tuple(_seen(*axis) for axis in zip(axes, units, sizes, strict=True))


def _windows_by_axis(layers: Sequence[LayerWindow]) -> list[list[_Window]]:
    """Return the windows of all layers along each axis, checked."""
    windows = [_as_window(number, layer) for number, layer in enumerate(layers)]
    pairs = any(isinstance(entry, (tuple, list)) for window in windows for entry in window)
    axes = 2 if pairs else 1
    checked = [
        [
            check_ints(name, entry, axes, minimum=minimum)
            for name, entry, minimum in zip(_Window._fields, window, _MINIMA, strict=True)
        ]
        for window in windows
    ]
    return [[_Window(*(e[axis] for e in window)) for window in checked] for axis in range(axes)]


def _as_window(number: int, layer: object) -> _Window:
    if not isinstance(layer, (tuple, list)) or not 1 <= len(layer) <= len(_Window._fields):
        wanted = f"({', '.join(_Window._fields)})"
        raise ValueError(f"layers: expected {wanted} for layer {number}, got {layer!r}")
    return _Window(*layer)


def _fields_along_axis(windows: Sequence[_Window]) -> list[ReceptiveField]:
    size, jump, start = 1, 1, 0
    fields = []
    for kernel_size, stride, padding, dilation in windows:
        size += (kernel_size - 1) * dilation * jump
        start -= padding * jump
        jump *= stride
        fields.append(ReceptiveField(size, jump, start))
    return fields


def _seen(windows: Sequence[_Window], unit: int, in_size: int) -> slice:
    """Go back from the unit, layer by layer, to the units that it sees."""
    sizes = [in_size]
    for kernel_size, stride, padding, dilation in windows:
        span = (kernel_size - 1) * dilation + 1
        sizes += output_sizes("kernel_size", sizes[-1:], (span,), (stride,), (padding,))
    if unit >= sizes[-1]:
        raise ValueError(f"unit: expected less than {sizes[-1]}, the units there are, got {unit}")
    seen = np.array([unit])
    for (kernel_size, stride, padding, dilation), size in zip(
        reversed(windows), reversed(sizes[:-1]), strict=True
    ):
        seen = np.unique(seen[:, None] * stride - padding + dilation * np.arange(kernel_size))
        seen = seen[(seen >= 0) & (seen < size)]
    return slice(int(seen[0]), int(seen[-1]) + 1) if seen.size else slice(0, 0)

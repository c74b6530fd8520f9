"""Networks: layers one after another, forward and back.

A network is a layer itself. Its parameters are named by place and kind, "0.weight", "0.bias",
"3.weight"..., as torch names those of ``torch.nn.Sequential``, and are saved under these names.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._layer import Layer, Parameter
from lecturelib._parameter_file import load_parameters, save_parameters

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from typing import Self

__all__ = ["LayerSummary", "Sequential", "Summary", "parameter_count"]


class LayerSummary(NamedTuple):
    """One line of a `Summary`.

    Attributes
    ----------
    layer : str
        Its place and kind.
    output_shape : tuple of int
        What it gives for one sample, without the batch axis.
    parameters : int
        How many numbers it learns.

    See Also
    --------
    Summary : All lines.
    Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".
    """

    layer: str
    output_shape: tuple[int, ...]
    parameters: int


class Summary(NamedTuple):
    """The layers of a network, and what it learns; printed, it is a table.

    Attributes
    ----------
    layers : tuple of LayerSummary
        In their order.
    parameters : int
        How many numbers all of them learn.

    See Also
    --------
    Sequential.summary : Where it comes from.
    Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".
    """

    layers: tuple[LayerSummary, ...]
    parameters: int

    def __str__(self) -> str:
        """Write the summary as a table."""
        rows = [
            ("layer", "output shape", "parameters"),
            *((name, str(shape), f"{count:,}") for name, shape, count in self.layers),
            ("in all", "", f"{self.parameters:,}"),
        ]
        first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = [f"{a:{first}}  {b:{second}}  {c:>{third}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


class Sequential(Layer):
    """Layers one after another: the output of each is the input of the next.

    Parameters
    ----------
    *layers : Layer
        At least one; the same layer may not stand in two places, since it remembers one input.

    Attributes
    ----------
    layers : tuple of Layer

    Raises
    ------
    ValueError
        If there is no layer, or one comes twice.
    TypeError
        If an argument is no layer.

    See Also
    --------
    lecturelib.training.train : Let a network learn.
    Chapter 4, "Computation graphs and backpropagation"; L3, "Convolutional Neural Network (CNN)".

    Examples
    --------
    >>> from lecturelib.layers import Linear, ReLU
    >>> rng = np.random.default_rng(0)
    >>> network = Sequential(Linear(2, 8, rng), ReLU(), Linear(8, 1, rng))
    >>> network
    Sequential(
      (0): Linear(in_features=2, out_features=8, bias=True)
      (1): ReLU()
      (2): Linear(in_features=8, out_features=1, bias=True)
    )
    >>> list(network.named_parameters())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    >>> print(network.summary((2,)))
    layer      output shape  parameters
    -----------------------------------
    0: Linear  (8,)                  24
    1: ReLU    (8,)                   0
    2: Linear  (1,)                   9
    -----------------------------------
    in all                           33
    """

    def __init__(self, *layers: Layer) -> None:
        if not layers:
            raise ValueError("layers: expected at least one layer, got none")
        for place, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers: expected layers, got {type(layer).__name__} at {place}")
        inner = [each for layer in layers for each in _inner_layers(layer)]
        for place, layer in enumerate(inner):
            if any(layer is other for other in inner[:place]):
                raise ValueError(f"layers: expected different layers, got {layer!r} twice")
        self.layers = layers

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the output of the last layer for the input x of the first."""
        *_, y = self._outputs(x)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx for dy; add to the gradients of all parameters."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def backward_parameters(self, dy: np.ndarray) -> None:
        """Add to the gradients of all parameters; dx of the first layer is not computed."""
        first, *others = self.layers
        for layer in reversed(others):
            dy = layer.backward(dy)
        first.backward_parameters(dy)

    def parameters(self) -> list[Parameter]:
        """Return the parameters of all layers, in their order."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def named_parameters(self) -> dict[str, Parameter]:
        """Return the parameters of all layers, by the place of the layer and their own name."""
        return {
            f"{place}.{name}": parameter
            for place, layer in enumerate(self.layers)
            for name, parameter in layer.named_parameters().items()
        }

    def train(self) -> Self:
        """Bring all layers into training mode, and return the network."""
        for layer in self.layers:
            layer.train()
        return super().train()

    def eval(self) -> Self:
        """Bring all layers into evaluation mode, and return the network."""
        for layer in self.layers:
            layer.eval()
        return super().eval()

    def summary(self, input_shape: tuple[int, ...]) -> Summary:
        """Return what each layer gives for one sample, and how much it learns.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one sample, without the batch axis.

        Returns
        -------
        Summary
            Shapes are without the batch axis too. The network itself is not used, only a copy.

        Raises
        ------
        ValueError, TypeError
            If the layers do not fit the input or each other, as `forward`.

        See Also
        --------
        parameter_count : The sum alone.
        Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".
        """
        network = copy.deepcopy(self).eval()
        dtype = next((parameter.data.dtype for parameter in self.parameters()), np.float64)
        x = np.zeros((1, *input_shape), dtype)
        rows = tuple(
            LayerSummary(f"{place}: {type(layer).__name__}", y.shape[1:], parameter_count(layer))
            for place, (layer, y) in enumerate(zip(self.layers, network._outputs(x), strict=True))
        )
        return Summary(rows, parameter_count(self))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all parameters to an .npz archive, in place of what may be there.

        Parameters
        ----------
        path : path
            The name of the file, which is used as it is.

        Raises
        ------
        OSError
            If the file cannot be written; what was there before is then still there.

        See Also
        --------
        load : The way back.
        Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".
        """
        save_parameters(path, self.named_parameters())

    def load(self, path: str | os.PathLike[str]) -> Self:
        """Fill the parameters from an archive that `save` wrote, and return the network.

        Parameters
        ----------
        path : path
            The file. Nothing in it is executed: there is no pickle.

        Returns
        -------
        Sequential
            The network itself.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is no such archive, or names, shapes or types are not the network's; the network
            is then as it was.

        See Also
        --------
        save : The way there.
        Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".
        """
        load_parameters(path, self.named_parameters())
        return self

    def _outputs(self, x: np.ndarray) -> Iterator[np.ndarray]:
        for place, layer in enumerate(self.layers):
            try:
                x = layer.forward(x)
            except (TypeError, ValueError) as error:
                error.add_note(f"in layer {place} of the network, {type(layer).__name__}")
                raise
            yield x

    def __len__(self) -> int:
        """Return the number of layers."""
        return len(self.layers)

    def __getitem__(self, place: int) -> Layer:
        """Return the layer at a place."""
        return self.layers[place]

    def __iter__(self) -> Iterator[Layer]:
        """Go through the layers."""
        return iter(self.layers)

    def __repr__(self) -> str:
        """Write a line for each layer, as torch does."""
        lines = [f"({place}): {layer!r}" for place, layer in enumerate(self.layers)]
        return "\n".join(
            ["Sequential(", *("  " + line.replace("\n", "\n  ") for line in lines), ")"]
        )


def _inner_layers(layer: Layer) -> list[Layer]:
    """Return the layers of a network, those of networks within it among them."""
    if not isinstance(layer, Sequential):
        return [layer]
    return [each for within in layer for each in _inner_layers(within)]


def parameter_count(layer: Layer) -> int:
    """Return how many numbers a layer or network learns.

    Parameters
    ----------
    layer : Layer

    Returns
    -------
    int

    See Also
    --------
    Sequential.summary : The same, layer by layer.
    lecturelib.conv.conv_parameter_count : The formula for a convolution.
    Chapter 8, "LeNet-5"; L4, "Convolutional neural network (CNN)".

    Examples
    --------
    >>> from lecturelib.layers import Linear
    >>> parameter_count(Linear(84, 10, np.random.default_rng(0)))
    850
    """
    return sum(parameter.data.size for parameter in layer.parameters())

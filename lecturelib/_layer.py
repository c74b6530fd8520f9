"""What every layer is: a function that remembers its input, and the parameters that it learns."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._numbers import check_dtype, check_generator

if TYPE_CHECKING:
    from typing import Self


@dataclass(eq=False)
class Parameter:
    """An array that is learned, with the gradient of the loss with respect to it.

    Attributes
    ----------
    data : array
        The values. Optimizers change them in place.
    grad : array of the same shape, or None
        Sum of the gradients of all backward passes since it was None; ``optimizer.zero_grad()``
        makes it None again. As in torch, backward passes add, so that a batch too large for the
        memory can be taken in parts.
    name : str
        What the layer calls it, such as "weight".

    See Also
    --------
    Layer : What has parameters.
    Chapter 3, "Learning"; L1, "Gradient Descent".

    Examples
    --------
    >>> w = Parameter(np.zeros(2), name="weight")
    >>> w.add_gradient(np.array([1.0, 2.0]))
    >>> w.add_gradient(np.array([1.0, 2.0]))
    >>> w.grad
    array([2., 4.])
    """

    data: np.ndarray
    grad: np.ndarray | None = None
    name: str = ""

    def add_gradient(self, gradient: np.ndarray) -> None:
        """Add what one backward pass has found.

        Parameters
        ----------
        gradient : array shaped as the data
            Kept, not copied.
        """
        self.grad = gradient if self.grad is None else self.grad + gradient

    def __repr__(self) -> str:
        """Name the parameter, its shape and its type, not its values."""
        return f"Parameter({self.name!r}, {self.data.shape}, {self.data.dtype})"


class Layer(ABC):
    """A function with a way back, and perhaps parameters.

    A layer of one's own has `forward` and `backward`, and `parameters` if it learns. `forward`
    remembers its input, as `remember` does, since most gradients depend on it.

    Attributes
    ----------
    training : bool
        Whether the layer is being trained, which `Dropout` heeds; True until `eval` is called.

    See Also
    --------
    lecturelib.network.Sequential : Layers one after another.
    Chapter 4, "Computation graphs and backpropagation"; L3, "Layers of a CNN".

    Examples
    --------
    >>> class Double(Layer):
    ...     def forward(self, x):
    ...         return 2 * x
    ...
    ...     def backward(self, dy):
    ...         return 2 * dy
    >>> Double()(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    training: bool = True
    _x: np.ndarray | None = None

    @abstractmethod
    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the layer's output y for the input x.

        Parameters
        ----------
        x : array
            Of the shape that the layer takes; the first axis mostly counts the samples.

        Returns
        -------
        y : array

        Raises
        ------
        ValueError, TypeError
            If the layer does not take x.
        """

    @abstractmethod
    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return the gradient of the input; add to the gradients of the parameters.

        Parameters
        ----------
        dy : shaped as y
            Gradient of the loss with respect to what the last forward pass returned.

        Returns
        -------
        dx : shaped as x

        Raises
        ------
        ValueError, TypeError
            If dy has not the shape or type of y.
        RuntimeError
            If there was no forward pass.
        """

    def backward_parameters(self, dy: np.ndarray) -> None:
        """Add to the parameters' gradients alone: the first layer of a network needs no dx.

        Parameters
        ----------
        dy : shaped as y
            As for `backward`.

        Raises
        ------
        ValueError, TypeError, RuntimeError
            As `backward`.
        """
        self.backward(dy)

    def parameters(self) -> list[Parameter]:
        """Return what the layer learns, in a fixed order.

        Returns
        -------
        list of Parameter
            Empty if there is nothing to learn.
        """
        return []

    def named_parameters(self) -> dict[str, Parameter]:
        """Return what the layer learns, by name.

        Returns
        -------
        dict of str to Parameter

        Raises
        ------
        ValueError
            If two parameters have one name.
        """
        parameters = self.parameters()
        names = [parameter.name for parameter in parameters]
        if len(set(names)) < len(names):
            raise ValueError(f"{type(self).__name__}: expected a name for each, got {names}")
        return dict(zip(names, parameters, strict=True))

    def train(self) -> Self:
        """Go into training mode.

        Returns
        -------
        Layer
            The layer itself.
        """
        self.training = True
        return self

    def eval(self) -> Self:
        """Go into evaluation mode, in which nothing is random.

        Returns
        -------
        Layer
            The layer itself.
        """
        self.training = False
        return self

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return ``forward(x)``."""
        return self.forward(x)

    def __repr__(self) -> str:
        """Write the layer as torch does: its name and settings."""
        return f"{type(self).__name__}({self._settings()})"

    def remember(self, x: np.ndarray) -> None:
        """Keep the input for the backward pass.

        Parameters
        ----------
        x : array
            Not copied, so it must not be changed until then.
        """
        self._x = x

    def remembered(self) -> np.ndarray:
        """Return the input of the last forward pass.

        Returns
        -------
        array

        Raises
        ------
        RuntimeError
            If there was none.
        """
        if self._x is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward: expected a forward pass before it, got none"
            )
        return self._x

    def _settings(self) -> str:
        return ""


def uniform_parameter(
    name: str, shape: tuple[int, ...], bound: float, rng: np.random.Generator, dtype: Any
) -> Parameter:
    """Return a parameter drawn from U(-bound, bound); the same numbers in either float type."""
    return Parameter(check_generator(rng).uniform(-bound, bound, shape).astype(dtype), name=name)


def weight_and_bias(
    shape: tuple[int, ...], bias: bool, rng: np.random.Generator, dtype: Any
) -> tuple[Parameter, Parameter | None]:
    """Return weights of the given shape, outputs first, and one bias for each output.

    Both are drawn from U(-1/sqrt(n), 1/sqrt(n)), n being the number of inputs of each output:
    torch's rule for linear and convolution layers.
    """
    dtype = check_dtype(dtype)
    bound = 1 / math.sqrt(math.prod(shape[1:]))
    weight = uniform_parameter("weight", shape, bound, rng, dtype)
    return weight, uniform_parameter("bias", shape[:1], bound, rng, dtype) if bias else None

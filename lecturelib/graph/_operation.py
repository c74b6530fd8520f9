"""What an operation is to the nodes of a graph: a function of arrays, and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Operation:
    """A function of arrays together with its gradient.

    It holds both functions and the name, and sees to it that what they return can be trusted: the
    float type of the inputs, and for every input a gradient of its shape. What they are is said in
    `lecturelib.graph.operation`.
    """

    __slots__ = ("backward", "forward", "inputs", "name")

    def __init__(
        self,
        forward: Callable[..., Any],
        *backward: Callable[..., Any],
        inputs: int | None = 1,
        name: str | None = None,
    ) -> None:
        if not backward:
            raise ValueError("backward: expected at least one function, got none")
        self.forward = forward
        self.backward = backward
        self.inputs = inputs if len(backward) == 1 else len(backward)
        self.name = name or forward.__name__.removesuffix("_forward")

    def evaluate(
        self, values: Sequence[np.ndarray], arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> np.ndarray:
        """Return the output for inputs of these values.

        Raises
        ------
        TypeError
            If the inputs and the output are not of one float type.
        """
        result = np.asarray(self.forward(*values, *arguments, **options))
        for value in values:
            if value.dtype != result.dtype:
                types = ", ".join(str(each.dtype) for each in values)
                raise TypeError(
                    f"{self.name}: expected one float type, got {types} and made {result.dtype}"
                )
        return result

    def gradients(
        self,
        dy: np.ndarray,
        values: Sequence[np.ndarray],
        arguments: tuple[Any, ...],
        options: dict[str, Any],
        needed: Sequence[bool],
    ) -> list[np.ndarray | None]:
        """Return the gradient of every input where it is needed, elsewhere None.

        Raises
        ------
        ValueError
            If there are not as many as inputs, or one has not the shape and type of its input.
        """
        found: Sequence[Any]
        if len(self.backward) > 1:
            found = [
                backward(dy, *values, *arguments, **options) if wanted else None
                for backward, wanted in zip(self.backward, needed, strict=True)
            ]
        else:
            found = self.backward[0](dy, *values, *arguments, **options)
            found = found if isinstance(found, tuple) else (found,)
            if len(found) != len(values):
                raise ValueError(f"{self.name}: expected {len(values)} gradients, got {len(found)}")
        return [
            self._checked(gradient, value) if wanted else None
            for gradient, value, wanted in zip(found, values, needed, strict=True)
        ]

    def _checked(self, gradient: Any, value: np.ndarray) -> np.ndarray:
        array = np.asarray(gradient)
        if array.shape != value.shape or array.dtype != value.dtype:
            raise ValueError(
                f"{self.name}: expected a gradient of shape {value.shape} in {value.dtype}, "
                f"got {array.shape} in {array.dtype}"
            )
        return array

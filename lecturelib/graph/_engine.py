"""The engine of `lecturelib.graph`: nodes, the operations that make them, and the two passes.

A node is made by an operation from its parents and remembers both; that is the whole graph, with
edges from parents to children. The forward pass computes the value of every node from those of
its parents, in topological order, parents first. The backward pass goes the other way: it starts
with the last node, whose gradient is 1, and each node sends to every parent its own gradient times
the derivative along that edge. What arrives at a node over several edges is summed: so a node may
be used twice, weights may be shared, and a graph may be as deep as memory allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._shapes import check_floats
from lecturelib.graph._arithmetic import (
    ADD,
    DIVIDE,
    INDEX,
    MATMUL,
    MEAN,
    MULTIPLY,
    NEGATIVE,
    POWER,
    RESHAPE,
    SUBTRACT,
    SUM,
    TRANSPOSE,
)
from lecturelib.graph._order import topological_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from lecturelib.graph._operation import Operation


class Node:
    """A value in a computation graph, made by `variable`, `constant` or an operation.

    ``+ - * / ** @``, unary minus and indexing make new nodes, and so do the methods, which are
    NumPy's. A number or array beside a node becomes a constant; numbers and integers take the
    node's float type.

    Attributes
    ----------
    value : ndarray
        float32 or float64. That of a variable may be changed, in place or by assignment; then
        `forward` brings the nodes computed from it up to date.
    grad : ndarray or None
        The gradient of the last `backward` pass that came by, shaped as value. None before the
        first, and for nodes that depend on no variable.
    operation : Operation or None
        What computed it; None for variables and constants, the leaves of the graph.
    parents : tuple of Node
        What it was computed from.
    requires_grad : bool
        Whether it is a variable or depends on one.
    label : str
        A name for the drawing, which may be set at any time.

    See Also
    --------
    variable, constant : Make the leaves.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> from lecturelib.graph import variable
    >>> x = variable([1.0, 2.0])
    >>> loss = (3 * x * x).sum()
    >>> loss.backward()
    >>> loss.value, x.grad
    (array(15.), array([ 6., 12.]))
    """

    __slots__ = (
        "arguments",
        "grad",
        "label",
        "operation",
        "options",
        "parents",
        "requires_grad",
        "value",
    )
    __array_ufunc__ = None  # array + node is ours to compute, not NumPy's

    def __init__(
        self,
        value: np.ndarray,
        *,
        requires_grad: bool,
        label: str = "",
        operation: Operation | None = None,
        parents: tuple[Node, ...] = (),
        arguments: tuple[Any, ...] = (),
        options: dict[str, Any] | None = None,
    ) -> None:
        self.value = value
        self.grad: np.ndarray | None = None
        self.operation = operation
        self.parents = parents
        self.arguments = arguments
        self.options = options or {}
        self.requires_grad = requires_grad
        self.label = label

    def forward(self) -> np.ndarray:
        """Compute all nodes that lead here again, in topological order.

        Returns
        -------
        ndarray
            The new value of this node.

        Raises
        ------
        TypeError
            If a leaf was given something else than an array of float32 or float64, or float32 and
            float64 meet.
        ValueError
            If the operations do not take the new shapes.

        See Also
        --------
        topological_order : The order, parents first.
        Chapter 4, "Computation graphs and backpropagation"; L2, "Forward propagation".
        """
        for node in topological_order(self):
            if node.operation:
                values = [parent.value for parent in node.parents]
                node.value = node.operation.evaluate(values, node.arguments, node.options)
            else:
                node.value = as_floats(node.value)
        return self.value

    def backward(self, dy: ArrayLike | None = None, *, accumulate: bool = False) -> None:
        """Compute the gradient of this node with respect to every node that leads here.

        It is found in ``grad`` of each of them, afresh: what stood there is forgotten. Nodes that
        do not lead here keep what they have.

        Parameters
        ----------
        dy : array shaped as the value, optional
            The gradient of the loss with respect to this node; 1 if it is the loss itself, which
            must then be a single number.
        accumulate : bool
            True adds to the gradients that variables have, to sum over several graphs.

        Raises
        ------
        ValueError
            If this node depends on no variable, dy is missing or has another shape, or an
            operation's backward function returns gradients of the wrong number, shape or type.

        See Also
        --------
        topological_order : The order, which is walked from its end.
        Chapter 4, "Computation graphs and backpropagation"; L2, "Backpropagation, in general".
        """
        if not self.requires_grad:
            raise ValueError("backward: expected a node that depends on a variable, got none")
        dy = self._seed(dy)
        order = [node for node in topological_order(self) if node.requires_grad]
        for node in order:
            if node.operation or not accumulate:
                node.grad = None
        self._receive(dy)
        for node in reversed(order):
            for parent, gradient in zip(node.parents, node._gradients(), strict=True):
                if gradient is not None:
                    parent._receive(gradient)

    def _gradients(self) -> list[np.ndarray | None]:
        """Return what this node sends to its parents."""
        if self.operation is None or self.grad is None:
            return []
        return self.operation.gradients(
            self.grad,
            [parent.value for parent in self.parents],
            self.arguments,
            self.options,
            [parent.requires_grad for parent in self.parents],
        )

    def _seed(self, dy: ArrayLike | None) -> np.ndarray:
        if dy is None and self.value.size != 1:
            raise ValueError(
                f"dy: expected the gradient of a value of shape {self.value.shape}, got None"
            )
        if dy is None:
            return np.ones_like(self.value)
        given = check_floats(dy=np.asanyarray(dy))[0].astype(self.value.dtype, copy=False)
        if given.shape != self.value.shape:
            raise ValueError(f"dy: expected shape {self.value.shape}, got {given.shape}")
        return given

    def _receive(self, gradient: np.ndarray) -> None:
        if self.grad is not None:
            self.grad = np.asarray(self.grad + gradient)
        elif self.operation:
            self.grad = gradient
        else:  # its own copy: optimizers change gradients in place
            self.grad = gradient.copy()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.value.shape

    @property
    def T(self) -> Node:  # noqa: N802  # as NumPy has it
        """The node with its axes reversed."""
        return apply(TRANSPOSE, self)

    def transpose(self, *axes: int | tuple[int, ...]) -> Node:
        """Return a node with the axes in another order, as ``numpy.transpose``.

        Parameters
        ----------
        *axes : int, or one tuple of int
            Which axis comes where; none for the reversed order.

        Returns
        -------
        Node

        Raises
        ------
        ValueError
            If they are not all the axes, each once.
        """
        return apply(TRANSPOSE, self, _unpacked(axes) or None)

    def reshape(self, *shape: int | tuple[int, ...]) -> Node:
        """Return a node with the same entries in another shape, as ``numpy.reshape``.

        Parameters
        ----------
        *shape : int, or one tuple of int
            One size may be -1: as much as it takes.

        Returns
        -------
        Node

        Raises
        ------
        ValueError
            If the shape has another number of entries.
        """
        return apply(RESHAPE, self, _unpacked(shape))

    def sum(self, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False) -> Node:
        """Return the sum over some axes, or over all.

        Parameters
        ----------
        axis : int, tuple of int or None
            Which ones; None for all.
        keepdims : bool
            Whether they stay, of size 1.

        Returns
        -------
        Node

        Raises
        ------
        ValueError
            If there is no such axis.
        """
        return apply(SUM, self, axis=axis, keepdims=keepdims)

    def mean(self, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False) -> Node:
        """Return the mean over some axes, or over all.

        Parameters
        ----------
        axis, keepdims
            As `sum`.

        Returns
        -------
        Node

        Raises
        ------
        ValueError
            If there is no such axis.
        """
        return apply(MEAN, self, axis=axis, keepdims=keepdims)

    def __getitem__(self, index: Any) -> Node:
        return apply(INDEX, self, index)

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self.value)))

    def __add__(self, other: Any) -> Node:
        return apply(ADD, self, other)

    def __radd__(self, other: Any) -> Node:
        return apply(ADD, other, self)

    def __sub__(self, other: Any) -> Node:
        return apply(SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Node:
        return apply(SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Node:
        return apply(MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Node:
        return apply(MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Node:
        return apply(DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return apply(DIVIDE, other, self)

    def __matmul__(self, other: Any) -> Node:
        return apply(MATMUL, self, other)

    def __rmatmul__(self, other: Any) -> Node:
        return apply(MATMUL, other, self)

    def __neg__(self) -> Node:
        return apply(NEGATIVE, self)

    def __pow__(self, exponent: float) -> Node:
        if not isinstance(exponent, (int, float, np.integer, np.floating)):
            raise TypeError(f"exponent: expected a number, got {type(exponent).__name__}")
        return apply(POWER, self, np.asarray(exponent).item())

    def __repr__(self) -> str:
        name = self.operation.name if self.operation else "leaf"
        label = f"{self.label!r}, " if self.label else ""
        return f"Node({label}{name}, shape {self.shape}, {self.value.dtype})"


def apply(operation: Operation, *arguments: Any, **options: Any) -> Node:
    """Return a node that the operation computes from nodes, arrays and numbers.

    Raises
    ------
    TypeError
        If a node stands where the operation takes none, or float32 and float64 meet.
    """
    parents = _as_nodes(arguments[: operation.inputs])
    others = arguments[len(parents) :]
    for other in (*others, *options.values()):
        if isinstance(other, Node):
            raise TypeError(
                f"{operation.name}: expected nodes for the first {len(parents)} arguments alone, "
                f"got {other}"
            )
    return Node(
        operation.evaluate([parent.value for parent in parents], others, options),
        requires_grad=any(parent.requires_grad for parent in parents),
        operation=operation,
        parents=parents,
        arguments=others,
        options=options,
    )


def as_floats(value: ArrayLike) -> np.ndarray:
    """Return an array of float32 or float64."""
    return check_floats(value=np.asanyarray(value))[0]


def _unpacked(numbers: tuple[Any, ...]) -> Any:
    """Take one tuple for its numbers, as NumPy does."""
    return numbers[0] if len(numbers) == 1 and isinstance(numbers[0], tuple) else numbers


def _as_nodes(inputs: tuple[Any, ...]) -> tuple[Node, ...]:
    """Make constants of numbers and arrays; numbers and integers take the type of the nodes."""
    types = [each.value.dtype for each in inputs if isinstance(each, Node)]
    if len(types) == len(inputs):
        return inputs
    dtype = types[0] if types else np.dtype(np.float64)
    return tuple(each if isinstance(each, Node) else _as_constant(each, dtype) for each in inputs)


def _as_constant(value: Any, dtype: np.dtype[Any]) -> Node:
    array = np.asanyarray(value)
    if array.dtype.kind in "biu" or (array.dtype.kind == "f" and array.ndim == 0):
        array = array.astype(dtype)
    return Node(as_floats(array), requires_grad=False)

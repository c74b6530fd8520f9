"""Computation graphs of arrays, with the gradient of everything.

Write a formula with nodes instead of arrays, and the graph of what was computed is there to be
walked: `Node.backward` finds the gradient with respect to every variable, `Node.forward` computes
all values again after variables were changed, and `draw` makes a picture of it.

The functions are those of the library, each made into an operation by `operation`, which makes
more of them from any function and its gradient. ``_engine`` has the nodes and the two passes,
``_operation`` what an operation is, ``_arithmetic`` the operations of NumPy.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from lecturelib import activations, losses, pool
from lecturelib.graph._engine import Node, apply, as_floats
from lecturelib.graph._functions import concatenate, exp, log, maximum, stack
from lecturelib.graph._layers import conv1d, conv2d, linear
from lecturelib.graph._operation import Operation
from lecturelib.graph._order import topological_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

__all__ = [
    "Node",
    "avg_pool1d",
    "avg_pool2d",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "concatenate",
    "constant",
    "conv1d",
    "conv2d",
    "cross_entropy",
    "draw",
    "exp",
    "leaky_relu",
    "linear",
    "log",
    "log_softmax",
    "max_pool1d",
    "max_pool2d",
    "maximum",
    "min_pool1d",
    "min_pool2d",
    "mse_loss",
    "operation",
    "relu",
    "sigmoid",
    "softmax",
    "stack",
    "tanh",
    "topological_order",
    "variable",
]


def variable(value: ArrayLike, *, label: str = "") -> Node:
    """Make a leaf whose gradient is wanted: a weight, or an input to be explored.

    Parameters
    ----------
    value : array_like of any shape
        Copied. float32 and float64 are kept, integers become float64.
    label : str
        A name for the drawing.

    Returns
    -------
    Node

    Raises
    ------
    TypeError
        If the value is masked or holds anything but float32, float64 or integers.

    See Also
    --------
    constant : Make a leaf that needs no gradient.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> variable([[1.0, 0.0], [0.0, 1.0]], label="W")
    Node('W', leaf, shape (2, 2), float64)
    """
    return Node(as_floats(value).copy(), requires_grad=True, label=label)


def constant(value: ArrayLike, *, label: str = "") -> Node:
    """Make a leaf that needs no gradient: data, or a number in a formula.

    Backward passes leave it out, and everything that depends on constants alone.

    Parameters
    ----------
    value : array_like of any shape
        Not copied, if it is an array of float32 or float64; integers become float64.
    label : str
        A name for the drawing.

    Returns
    -------
    Node

    Raises
    ------
    TypeError
        If the value is masked or holds anything but float32, float64 or integers.

    See Also
    --------
    variable : Make a leaf whose gradient is wanted.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> (constant([1, 2]) + 1).requires_grad
    False
    """
    return Node(as_floats(value), requires_grad=False, label=label)


def operation(
    forward: Callable[..., Any],
    *backward: Callable[..., Any],
    inputs: int | None = 1,
    name: str | None = None,
) -> Callable[..., Node]:
    """Make a function of nodes from a function of arrays and its gradient.

    Parameters
    ----------
    forward : callable
        Takes the values of the inputs, as arrays, then any further arguments. Returns an array of
        the inputs' float type.
    *backward : callable
        Either one function for each input, which returns the gradient of that input, and is called
        only if that is needed. Or one function that returns the gradients of all inputs as a tuple,
        or the one gradient of a single input. All take dy, the gradient with respect to the output,
        and then what `forward` took, like the backward functions throughout this library.
    inputs : int or None
        How many of the arguments are nodes, if `backward` is one function; they come first, and
        the others reach both functions as they are. None: all positional arguments are nodes.
    name : str, optional
        For drawings and errors; by default that of `forward`, without ``_forward``.

    Returns
    -------
    callable
        Takes what `forward` takes, with nodes (or arrays, or numbers) for the inputs, and returns
        a `Node`.

    Raises
    ------
    ValueError
        If there is no backward function.

    See Also
    --------
    Node : What is made.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Backpropagation, in general".

    Examples
    --------
    >>> import numpy as np
    >>> sine = operation(np.sin, lambda dy, x: dy * np.cos(x))
    >>> x = variable(0.0)
    >>> y = sine(x)
    >>> y.backward()
    >>> y.value, x.grad
    (array(0.), array(1.))
    """
    made = Operation(forward, *backward, inputs=inputs, name=name)

    @functools.wraps(forward)
    def function(*arguments: Any, **options: Any) -> Node:
        return apply(made, *arguments, **options)

    function.__name__ = function.__qualname__ = made.name
    return function


tanh = operation(activations.tanh_forward, activations.tanh_backward)
sigmoid = operation(activations.sigmoid_forward, activations.sigmoid_backward)
relu = operation(activations.relu_forward, activations.relu_backward)
leaky_relu = operation(activations.leaky_relu_forward, activations.leaky_relu_backward)
softmax = operation(activations.softmax_forward, activations.softmax_backward)
log_softmax = operation(activations.log_softmax_forward, activations.log_softmax_backward)

max_pool1d = operation(pool.max_pool1d_forward, pool.max_pool1d_backward)
avg_pool1d = operation(pool.avg_pool1d_forward, pool.avg_pool1d_backward)
min_pool1d = operation(pool.min_pool1d_forward, pool.min_pool1d_backward)
max_pool2d = operation(pool.max_pool2d_forward, pool.max_pool2d_backward)
avg_pool2d = operation(pool.avg_pool2d_forward, pool.avg_pool2d_backward)
min_pool2d = operation(pool.min_pool2d_forward, pool.min_pool2d_backward)

# Their targets are plain arrays.
mse_loss = operation(losses.mse_loss_forward, losses.mse_loss_backward)
cross_entropy = operation(losses.cross_entropy_forward, losses.cross_entropy_backward)
binary_cross_entropy = operation(
    losses.binary_cross_entropy_forward, losses.binary_cross_entropy_backward
)
binary_cross_entropy_with_logits = operation(
    losses.binary_cross_entropy_with_logits_forward,
    losses.binary_cross_entropy_with_logits_backward,
)


def draw(node: Node) -> Figure:
    """Draw the graph that leads to a node, from left to right, with values and gradients.

    Needs the packages of the extra ``book``: ``pip install 'lecturelib[book]'``.

    Parameters
    ----------
    node : Node
        The last one. Gradients are shown where `Node.backward` has left them.

    Returns
    -------
    Figure
        ``figure.savefig("graph.svg")`` writes it to a file.

    Raises
    ------
    TypeError
        If this is no node.

    See Also
    --------
    topological_order : The nodes that are drawn.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> x = variable(2.0, label="x")
    >>> figure = draw(x * x)
    """
    from lecturelib.graph._drawing import draw_graph

    return draw_graph(node)

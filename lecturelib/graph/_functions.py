"""NumPy's functions, as nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lecturelib.graph._arithmetic import CONCATENATE, EXP, LOG, MAXIMUM, STACK
from lecturelib.graph._engine import Node, apply

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def exp(x: Any) -> Node:
    """Return e**x, entry by entry.

    Parameters
    ----------
    x : node, array or number

    Returns
    -------
    Node
        Shaped as x.

    Raises
    ------
    TypeError
        If x is masked or holds anything but float32, float64 or integers.

    See Also
    --------
    log : Its inverse.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> exp(0).value
    array(1.)
    """
    return apply(EXP, x)


def log(x: Any) -> Node:
    """Return the natural logarithm, entry by entry.

    Parameters
    ----------
    x : node, array or number
        Positive.

    Returns
    -------
    Node
        Shaped as x.

    Raises
    ------
    TypeError
        If x is masked or holds anything but float32, float64 or integers.

    See Also
    --------
    exp : Its inverse.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> log(1).value
    array(0.)
    """
    return apply(LOG, x)


def maximum(a: Any, b: Any) -> Node:
    """Return the larger of two, entry by entry; where they are equal, each gets half the gradient.

    Parameters
    ----------
    a, b : node, array or number
        Of shapes that broadcast together.

    Returns
    -------
    Node

    Raises
    ------
    ValueError
        If the shapes do not broadcast.
    TypeError
        If float32 and float64 meet.

    See Also
    --------
    Chapter 4, "Computation graphs and backpropagation"; L3, "Layers of a CNN".

    Examples
    --------
    >>> from lecturelib.graph import variable
    >>> x = variable([-1.0, 0.0, 2.0])
    >>> maximum(x, 0).sum().backward()
    >>> x.grad
    array([0. , 0.5, 1. ])
    """
    return apply(MAXIMUM, a, b)


def concatenate(nodes: Sequence[Any], axis: int = 0) -> Node:
    """Join nodes along an axis that they have.

    Parameters
    ----------
    nodes : sequence of node or array
        Of one shape but for that axis.
    axis : int

    Returns
    -------
    Node

    Raises
    ------
    ValueError
        If there is none or the shapes do not match.
    TypeError
        If float32 and float64 meet.

    See Also
    --------
    stack : Joins them along a new axis.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> from lecturelib.graph import variable
    >>> concatenate([variable([1.0]), variable([2.0, 3.0])]).value
    array([1., 2., 3.])
    """
    return apply(CONCATENATE, *nodes, axis=axis)


def stack(nodes: Sequence[Any], axis: int = 0) -> Node:
    """Join nodes of one shape along a new axis.

    Parameters
    ----------
    nodes : sequence of node or array
        Such as the outputs of a recurrent network, to be one (T, B, D).
    axis : int
        Where the new axis stands in the result.

    Returns
    -------
    Node

    Raises
    ------
    ValueError
        If there is none or the shapes differ.
    TypeError
        If float32 and float64 meet.

    See Also
    --------
    concatenate : Joins them along an axis that they have.
    Chapter 13, "Recurrent networks"; L2, "Recurrent Neural Networks".

    Examples
    --------
    >>> from lecturelib.graph import variable
    >>> stack([variable([1.0, 2.0]), variable([3.0, 4.0])], axis=1).value
    array([[1., 3.],
           [2., 4.]])
    """
    return apply(STACK, *nodes, axis=axis)

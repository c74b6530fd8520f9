"""The layers that have weights, as nodes: their bias may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lecturelib.conv import conv1d_backward, conv1d_forward, conv2d_backward, conv2d_forward
from lecturelib.graph._engine import Node, apply
from lecturelib.graph._operation import Operation
from lecturelib.linear import linear_backward, linear_forward

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    NodeLike = Node | np.ndarray


def linear(x: NodeLike, w: NodeLike, b: NodeLike | None = None) -> Node:
    """Compute x wᵀ + b, the fully connected layer.

    Parameters
    ----------
    x : node or array (..., D)
    w : node or array (F, D)
    b : node or array (F,), optional

    Returns
    -------
    Node (..., F)

    Raises
    ------
    ValueError, TypeError
        As `lecturelib.linear.linear_forward`.

    See Also
    --------
    lecturelib.linear.linear_forward : The same for arrays.
    Chapter 4, "Computation graphs and backpropagation"; L2, "Computation graphs".

    Examples
    --------
    >>> import numpy as np
    >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])).value
    array([[11.]])
    """
    return _with_bias(_LINEAR, x, w, b)


def conv1d(
    x: NodeLike,
    w: NodeLike,
    b: NodeLike | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
) -> Node:
    """Cross-correlate every sequence with every filter.

    Parameters
    ----------
    x : node or array (N, C, T)
    w : node or array (F, C, K)
    b : node or array (F,), optional
    stride, padding : int
        As in `conv1d_forward`.

    Returns
    -------
    Node (N, F, OT)

    Raises
    ------
    ValueError, TypeError
        As `lecturelib.conv.conv1d_forward`.

    See Also
    --------
    lecturelib.conv.conv1d_forward : The same for arrays.
    Chapter 6, "Convolution"; L2, "What is a convolution?".

    Examples
    --------
    >>> import numpy as np
    >>> conv1d(np.ones((1, 1, 4)), np.ones((1, 1, 2))).value
    array([[[2., 2., 2.]]])
    """
    needed = isinstance(x, Node) and x.requires_grad
    return _with_bias(_CONV1D, x, w, b, stride=stride, padding=padding, need_dx=needed)


def conv2d(
    x: NodeLike,
    w: NodeLike,
    b: NodeLike | None = None,
    *,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Node:
    """Cross-correlate every image with every filter.

    Parameters
    ----------
    x : node or array (N, C, H, W)
    w : node or array (F, C, KH, KW)
    b : node or array (F,), optional
    stride, padding : int or (int, int)
        As in `conv2d_forward`.

    Returns
    -------
    Node (N, F, OH, OW)

    Raises
    ------
    ValueError, TypeError
        As `lecturelib.conv.conv2d_forward`.

    See Also
    --------
    lecturelib.conv.conv2d_forward : The same for arrays.
    Chapter 6, "Convolution", (eq-conv-layer); L3, "Layers of a CNN".

    Examples
    --------
    >>> import numpy as np
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))).value
    array([[[[9.]]]])
    """
    needed = isinstance(x, Node) and x.requires_grad
    return _with_bias(_CONV2D, x, w, b, stride=stride, padding=padding, need_dx=needed)


def _with_bias(
    operation: Operation, x: NodeLike, w: NodeLike, b: NodeLike | None, **options: Any
) -> Node:
    inputs = (x, w) if b is None else (x, w, b)
    return apply(operation, *inputs, **options)


def _layer(name: str, forward: Callable[..., Any], backward: Callable[..., Any]) -> Operation:
    """Return an operation of two or three inputs, the third being the bias."""

    def forward_without_choice(
        x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **options: Any
    ) -> Any:
        options.pop("need_dx", None)  # a matter of the backward pass alone
        return forward(x, w, b, **options)

    def backward_of_inputs(
        dy: np.ndarray, x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **options: Any
    ) -> tuple[Any, ...]:
        dx, dw, db = backward(dy, x, w, **options)
        return (dx, dw) if b is None else (dx, dw, db)

    return Operation(forward_without_choice, backward_of_inputs, inputs=3, name=name)


_LINEAR = _layer("linear", linear_forward, linear_backward)
_CONV1D = _layer("conv1d", conv1d_forward, conv1d_backward)
_CONV2D = _layer("conv2d", conv2d_forward, conv2d_backward)

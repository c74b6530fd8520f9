"""Dropout: in training, each number is left out with probability p.

A unit that cannot count on any other one must be of use by itself, so the network has a harder
time learning its training examples by heart. What is kept is scaled by 1/(1 - p), so that the
expected value stays what it was: "inverted" dropout, as in torch. When the network is used, nothing
is left out and nothing is scaled, so evaluation needs no function here.

The mask is drawn once and handed to both passes: the gradient must take the paths that were open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._numbers import check_dtype, check_generator, check_number
from lecturelib._shapes import check_floats, check_int

if TYPE_CHECKING:
    from jaxtyping import Float, Num
    from numpy.typing import DTypeLike

__all__ = ["dropout_backward", "dropout_forward", "dropout_mask"]


def dropout_mask(
    shape: int | tuple[int, ...],
    p: float,
    rng: np.random.Generator,
    *,
    dtype: DTypeLike = np.float64,
) -> Float[np.ndarray, ...]:
    """Draw a mask that is 0 with probability p, else 1/(1 - p).

    Parameters
    ----------
    shape : int or tuple of int
        Shape of what is to be masked.
    p : float
        Probability that a number is left out, from 0 to 1; with 1, all are.
    rng : numpy.random.Generator
        Draws the same places for float32 and float64.
    dtype : dtype
        float32 or float64, as what is to be masked.

    Returns
    -------
    mask : array of this shape

    Raises
    ------
    ValueError
        If p is not from 0 to 1, or a size is negative.
    TypeError
        If p is no number, a size no integer, rng no generator, or dtype another type.

    See Also
    --------
    dropout_forward : Apply it.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> dropout_mask((2, 5), 0.5, np.random.default_rng(0))
    array([[2., 2., 2., 0., 0.],
           [0., 0., 0., 0., 2.]])
    """
    p = check_number("p", p, minimum=0, maximum=1)
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    sizes = tuple(check_int("shape", size, minimum=0) for size in sizes)
    kept = check_generator(rng).random(sizes, dtype=np.float32) >= p
    mask = np.asarray(kept, dtype=check_dtype(dtype))
    if p < 1:
        mask *= 1 / (1 - p)
    return mask


def dropout_forward(
    x: Num[np.ndarray, ...], mask: Float[np.ndarray, ...]
) -> Float[np.ndarray, ...]:
    """Leave out what the mask leaves out: y = x * mask.

    Parameters
    ----------
    x : array of any shape
        Activations.
    mask : shaped as x
        From `dropout_mask`.

    Returns
    -------
    y : shaped as x

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet.

    See Also
    --------
    dropout_backward : Its gradient.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> dropout_forward(np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.0, 2.0]))
    array([2., 0., 6.])
    """
    return _masked("x", x, mask)


def dropout_backward(
    dy: Num[np.ndarray, ...], mask: Float[np.ndarray, ...]
) -> Float[np.ndarray, ...]:
    """Return the gradient of `dropout_forward`: dx = dy * mask.

    Parameters
    ----------
    dy : array of any shape
        Gradient of the loss with respect to y.
    mask : shaped as dy
        What the forward pass was given.

    Returns
    -------
    dx : shaped as dy

    Raises
    ------
    ValueError, TypeError
        As `dropout_forward`.

    See Also
    --------
    dropout_forward : The layer itself.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> dropout_backward(np.ones(3), np.array([2.0, 0.0, 2.0]))
    array([2., 0., 2.])
    """
    return _masked("dy", dy, mask)


def _masked(name: str, array: np.ndarray, mask: np.ndarray) -> np.ndarray:
    array, mask = check_floats(**{name: array, "mask": mask})
    if mask.shape != array.shape:
        raise ValueError(f"mask: expected shape {array.shape} as {name} has, got {mask.shape}")
    product: np.ndarray = np.multiply(array, mask, out=np.empty_like(array))
    return product

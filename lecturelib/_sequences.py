"""Sequences of different lengths in one array, and what is done to them as a whole.

A batch holds its sequences side by side, x (T, B, D); those shorter than T are followed by padding,
whose content never matters. Where they end is said by `lengths` (B,). Public in `recurrent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._shapes import check_floats, check_int, check_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float, Num

    Lengths = Sequence[int] | np.ndarray | None


def sequence_mask(
    lengths: Sequence[int] | np.ndarray, steps: int | None = None
) -> Bool[np.ndarray, "T B"]:
    """Tell the steps of each sequence from the padding behind its end.

    mask[t, b] = t < lengths[b]. A loss that counts each step multiplies with it, so that padding
    neither costs nor teaches anything.

    Parameters
    ----------
    lengths : (B,) of int
        How many steps of each sequence are real, at least 1.
    steps : int or None
        T, the steps of the padded batch; None for the longest sequence.

    Returns
    -------
    mask : (T, B) of bool

    Raises
    ------
    ValueError
        If there is no sequence, one is empty, or one is longer than `steps`.
    TypeError
        If a length or `steps` is not an integer.

    See Also
    --------
    Chapter 13, "Recurrent networks"; L2, "Neural networks are prediction machines".

    Examples
    --------
    >>> sequence_mask([3, 1]).T
    array([[ True,  True,  True],
           [ True, False, False]])
    """
    ends = _as_lengths(lengths)
    check_shape("lengths", ends, B=None)
    steps = int(ends.max()) if steps is None else check_int("steps", steps, minimum=1)
    check_lengths(ends, steps, len(ends))
    mask: np.ndarray = np.arange(steps)[:, np.newaxis] < ends
    return mask


def reverse_sequences(
    x: Num[np.ndarray, "T B D"], *, lengths: Lengths = None
) -> Float[np.ndarray, "T B D"]:
    """Turn each sequence round within its own length; padding stays where it is.

    y[t, b] = x[lengths[b] - 1 - t, b] for t < lengths[b]. A network that reads y reads from right
    to left. Applied twice it changes nothing, and it is its own backward pass: each gradient goes
    back to the step that it came from.

    Parameters
    ----------
    x : (T, B, D)
        Sequences.
    lengths : (B,) of int, or None
        How many steps of each sequence are real; None for all.

    Returns
    -------
    y : (T, B, D)

    Raises
    ------
    ValueError, TypeError
        If x is no array of sequences, or the lengths do not fit it.

    See Also
    --------
    Chapter 13, "Recurrent networks"; L0, "Bidirectional Recurrent Neural Networks".

    Examples
    --------
    >>> x = np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 0.0]])[:, :, np.newaxis]
    >>> reverse_sequences(x, lengths=[3, 2])[:, :, 0]
    array([[3., 5.],
           [2., 4.],
           [1., 0.]])
    """
    (x,) = check_floats(x=x)
    check_shape("x", x, T=None, B=None, D=None)
    T, B = x.shape[:2]
    ends = check_lengths(lengths, T, B)
    steps = np.arange(T)[:, np.newaxis]
    turned: np.ndarray = x[np.where(steps < ends, ends - 1 - steps, steps), np.arange(B)]
    return turned


def last_state(h: Num[np.ndarray, "T B H"], *, lengths: Lengths = None) -> Float[np.ndarray, "B H"]:
    """Return the state after the last real step of each sequence: y[b] = h[lengths[b] - 1, b].

    An encoder ends so: one vector for a whole sequence, whatever its length.

    Parameters
    ----------
    h : (T, B, H)
        The states of a recurrent network (or the cells of an LSTM) at every step.
    lengths : (B,) of int, or None
        How many steps of each sequence are real; None for all.

    Returns
    -------
    y : (B, H)

    Raises
    ------
    ValueError, TypeError
        If h is no array of sequences, or the lengths do not fit it.

    See Also
    --------
    last_state_backward : Its gradient.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    >>> h = np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 0.0]])[:, :, np.newaxis]
    >>> last_state(h, lengths=[3, 2])
    array([[3.],
           [5.]])
    """
    (h,) = check_floats(h=h)
    check_shape("h", h, T=None, B=None, H=None)
    T, B = h.shape[:2]
    last: np.ndarray = h[check_lengths(lengths, T, B) - 1, np.arange(B)]
    return last


def last_state_backward(
    dy: Num[np.ndarray, "B H"], h: Num[np.ndarray, "T B H"], *, lengths: Lengths = None
) -> Float[np.ndarray, "T B H"]:
    """Return the gradient of `last_state`: dy at the last steps, zero elsewhere.

    Parameters
    ----------
    dy : (B, H)
        Gradient of the loss with respect to y.
    h, lengths
        What the forward pass was given.

    Returns
    -------
    dh : (T, B, H)

    Raises
    ------
    ValueError, TypeError
        As `last_state`; also if dy has not the shape or type of y.

    See Also
    --------
    last_state : The function itself.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    >>> dh = last_state_backward(np.ones((2, 1)), np.ones((3, 2, 1)), lengths=[3, 2])
    >>> dh[:, :, 0]
    array([[0., 0.],
           [0., 1.],
           [1., 0.]])
    """
    dy, h = check_floats(dy=dy, h=h)
    check_shape("h", h, T=None, B=None, H=None)
    T, B, H = h.shape
    check_shape("dy", dy, B=B, H=H)
    dh = np.zeros_like(h)
    dh[check_lengths(lengths, T, B) - 1, np.arange(B)] = dy
    return dh


def check_lengths(lengths: Lengths, T: int, B: int) -> np.ndarray:
    """Return the lengths of B sequences of at most T steps; None stands for T each.

    Raises
    ------
    ValueError
        If there is not one length for each sequence, or one is not between 1 and T.
    TypeError
        If they are not integers.
    """
    if lengths is None:
        return np.full(B, T)
    ends = _as_lengths(lengths)
    check_shape("lengths", ends, B=B)
    for end in ends.tolist():
        if not 1 <= end <= T:
            raise ValueError(f"lengths: expected 1 to {T} steps each, got {end}")
    return ends


def _as_lengths(lengths: Sequence[int] | np.ndarray) -> np.ndarray:
    ends = np.asarray(lengths)
    if ends.size and ends.dtype.kind not in "iu":
        raise TypeError(f"lengths: expected integers, got {lengths!r}")
    return ends.astype(np.intp)

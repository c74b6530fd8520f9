"""Embedding: one learned vector for each word or character, looked up by its number.

Shapes: ids of any shape, such as (T, B), holding 0 to V - 1; w (V, D), one row for each word;
y (..., D), such as (T, B, D). It is the linear layer of one-hot vectors without the zeros.

The functions keep float32 and float64 as they are; integers in w become float64. They change none
of their arguments, and keep nothing between forward and backward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lecturelib._numbers import check_integers
from lecturelib._shapes import check_floats, check_shape

if TYPE_CHECKING:
    from jaxtyping import Float, Integer, Num

__all__ = ["embedding_backward", "embedding_forward"]


def embedding_forward(
    ids: Integer[np.ndarray, ...], w: Num[np.ndarray, "V D"]
) -> Float[np.ndarray, "... D"]:
    """Look up the vector of every word: y[..., :] = w[ids[...], :].

    Parameters
    ----------
    ids : integers of any shape
        Which words: 0 to V - 1.
    w : (V, D)
        The vectors, one row for each word.

    Returns
    -------
    y : (..., D)

    Raises
    ------
    ValueError
        If w has not two axes, or there is no such word.
    TypeError
        If ids does not hold integers; if w is masked or holds anything but float32, float64 or
        integers.

    See Also
    --------
    embedding_backward : Its gradient.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> embedding_forward(np.array([2, 0, 2]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    array([[5., 6.],
           [1., 2.],
           [5., 6.]])
    """
    (w,) = check_floats(w=w)
    _check_lookup(ids, w)
    y: np.ndarray = w[ids]
    return y


def embedding_backward(
    dy: Num[np.ndarray, "... D"], ids: Integer[np.ndarray, ...], w: Num[np.ndarray, "V D"]
) -> Float[np.ndarray, "V D"]:
    """Return the gradient of `embedding_forward`.

    dw[v] is the sum of dy over all places where word v stands, and 0 for words that do not occur.

    Parameters
    ----------
    dy : (..., D)
        Gradient of the loss with respect to y.
    ids, w
        What the forward pass was given.

    Returns
    -------
    dw : (V, D)

    Raises
    ------
    ValueError, TypeError
        As `embedding_forward`; also if dy has not the shape or type of y.

    See Also
    --------
    embedding_forward : The layer itself.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> w = np.ones((3, 2))
    >>> embedding_backward(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([2, 0, 2]), w)
    array([[3., 4.],
           [0., 0.],
           [6., 8.]])
    """
    dy, w = check_floats(dy=dy, w=w)
    _check_lookup(ids, w)
    expected = (*ids.shape, w.shape[1])
    if dy.shape != expected:
        raise ValueError(f"dy: expected shape {expected}, got {dy.shape}")
    dw = np.zeros_like(w)
    # Sorted, the places of one word lie side by side and reduceat sums each run in one go: many
    # times faster than np.add.at, which takes them one by one.
    order = np.argsort(ids, axis=None, kind="stable")
    words, starts = np.unique(ids.ravel()[order], return_index=True)
    if len(words):  # reduceat refuses an empty array
        dw[words] = np.add.reduceat(dy.reshape(-1, w.shape[1])[order], starts, axis=0)
    return dw


def _check_lookup(ids: np.ndarray, w: np.ndarray) -> None:
    check_integers("ids", ids)
    check_shape("w", w, V=None, D=None)
    wrong = np.argwhere((ids < 0) | (ids >= len(w)))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise ValueError(f"ids: expected 0 to {len(w) - 1}, got {ids[place]} at {place}")

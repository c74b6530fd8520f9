"""Threshold units and networks of two layers of them; public in `perceptron`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._numbers import check_number
from lecturelib._shapes import check_floats, check_int, check_shape
from lecturelib.activations import step_forward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Int, Num

MOST_INPUTS = 24


def threshold_unit(
    x: Num[np.ndarray, "... D"], w: Num[np.ndarray, " D"], b: float
) -> Float[np.ndarray, ...]:
    """Return 1 where the weighted inputs and the bias add up to more than 0, else 0.

    y = step(w · x + b).

    Parameters
    ----------
    x : (..., D)
        Inputs of one example, or of many along any leading axes.
    w : (D,)
        Weights.
    b : float
        Bias: minus the threshold that the weighted inputs have to exceed.

    Returns
    -------
    y : (...)

    Raises
    ------
    ValueError
        If shapes disagree.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if b is no number.

    See Also
    --------
    Chapter 1, "Perceptrons and feature maps"; L1, "The Building Block of Neural Networks".

    Examples
    --------
    The logical or:

    >>> threshold_unit(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([1, 1]), -0.5)
    array([0., 1., 1., 1.])
    """
    x, w = check_floats(x=x, w=w)
    check_shape("w", w, D=None)
    _check_inputs(x, len(w))
    return step_forward(np.asarray(x @ w + check_number("b", b)))


class ThresholdNetwork(NamedTuple):
    """One hidden layer of F threshold units, and one such unit that reads them.

    h = step(w1 x + b1), y = step(w2 · h + b2).

    Attributes
    ----------
    w1 : (F, D)
        Weights of the hidden units, one row each.
    b1 : (F,)
        Their biases.
    w2 : (F,)
        Weights of the output unit.
    b2 : float
        Its bias.

    See Also
    --------
    dnf_network : One that computes a given function.
    Chapter 2, "Networks"; L1, "Neural Networks".

    Examples
    --------
    XOR by hand: one unit finds "at least one", another "both", and the output wants the first
    without the second.

    >>> network = ThresholdNetwork(
    ...     w1=np.array([[1, 1], [1, 1]]), b1=np.array([-0.5, -1.5]), w2=np.array([1, -1]), b2=-0.5
    ... )
    >>> network.forward(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    array([0., 1., 1., 0.])
    """

    w1: Num[np.ndarray, "F D"]
    b1: Num[np.ndarray, " F"]
    w2: Num[np.ndarray, " F"]
    b2: float

    def forward(self, x: Num[np.ndarray, "... D"]) -> Float[np.ndarray, ...]:
        """Return the output, 0 or 1, for every example.

        Parameters
        ----------
        x : (..., D)
            Inputs of one example, or of many along any leading axes.

        Returns
        -------
        y : (...)

        Raises
        ------
        ValueError
            If shapes disagree.
        TypeError
            If an array is masked or holds anything but float32, float64 or integers, or float32
            and float64 meet; if b2 is no number.

        See Also
        --------
        Chapter 2, "Networks"; L1, "Neural Networks".
        """
        x, w1, b1, w2 = check_floats(x=x, w1=self.w1, b1=self.b1, w2=self.w2)
        if w1.ndim != 2:
            raise ValueError(f"w1: expected shape (F, D), got {w1.shape}")
        for name, array in (("b1", b1), ("w2", w2)):
            if array.shape != (len(w1),):
                raise ValueError(f"{name}: expected shape (F={len(w1)},), got {array.shape}")
        _check_inputs(x, w1.shape[1])
        h = step_forward(x @ w1.T + b1)
        return step_forward(np.asarray(h @ w2 + check_number("b2", self.b2)))


def boolean_inputs(n: int) -> Int[np.ndarray, "2**n n"]:
    """Return all inputs of a function of n truth values, counting up in binary.

    Parameters
    ----------
    n : int
        Number of inputs, 1 to 24.

    Returns
    -------
    x : (2**n, n) integers
        The rows of a truth table, in the order in which it is usually printed: the last input
        changes fastest.

    Raises
    ------
    ValueError
        If n is less than 1, or more than 24: the table would not fit into memory.
    TypeError
        If n is no integer.

    See Also
    --------
    dnf_network : A network for what stands beside these rows.
    Chapter 2, "Networks"; L1, "How many layers do we need?".

    Examples
    --------
    >>> boolean_inputs(2)
    array([[0, 0],
           [0, 1],
           [1, 0],
           [1, 1]])
    """
    n = check_int("n", n, minimum=1)
    if n > MOST_INPUTS:
        raise ValueError(f"n: expected at most {MOST_INPUTS}, got {n}")
    return (np.arange(2**n)[:, np.newaxis] >> np.arange(n)[::-1]) & 1


def dnf_network(truth_table: Sequence[int] | Num[np.ndarray, " 2**n"]) -> ThresholdNetwork:
    """Build the network that computes a function of truth values, from its truth table.

    Every such function has a disjunctive normal form, an "or" of "and"s: one "and" for each row
    where it is true, which says what all inputs are in that row. So one hidden unit stands for each
    true row, with weight 1 for inputs that are 1 there and -1 for those that are 0, and a bias so
    that it fires in that row alone; the output unit fires if any of them does.

    Parameters
    ----------
    truth_table : sequence of 2**n zeros and ones, or of truth values
        The outputs for the rows of ``boolean_inputs(n)``.

    Returns
    -------
    ThresholdNetwork
        With as many hidden units as there are ones: none if there are none.

    Raises
    ------
    ValueError
        If the outputs are not 2, 4, 8, ... zeros and ones.

    See Also
    --------
    ThresholdNetwork : Its parts.
    Chapter 2, "Networks"; L1, "How many layers do we need?".

    Examples
    --------
    XOR is true in two of its four rows:

    >>> network = dnf_network([0, 1, 1, 0])
    >>> network.w1, network.b1
    (array([[-1.,  1.],
            [ 1., -1.]]), array([-0.5, -0.5]))
    >>> network.forward(boolean_inputs(2))
    array([0., 1., 1., 0.])
    """
    outputs = np.asarray(truth_table)
    n = outputs.size.bit_length() - 1
    if n < 1 or outputs.shape != (2**n,):
        raise ValueError(f"truth_table: expected 2, 4, 8, ... outputs, got shape {outputs.shape}")
    if not np.isin(outputs, (0, 1)).all():
        raise ValueError(f"truth_table: expected zeros and ones, got {truth_table!r}")
    true_rows = boolean_inputs(n)[outputs == 1].astype(np.float64)
    # A row's own sum is its number of ones; every other input that differs loses at least 1.
    b1 = 0.5 - true_rows.sum(axis=1)
    return ThresholdNetwork(2 * true_rows - 1, b1, np.ones(len(b1)), -0.5)


def _check_inputs(x: np.ndarray, D: int) -> None:
    if x.ndim == 0 or x.shape[-1] != D:
        raise ValueError(f"x: expected shape (..., D={D}), got {x.shape}")

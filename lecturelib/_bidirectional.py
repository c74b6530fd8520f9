"""Two layers that read a sequence in opposite directions; public in `recurrent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._deep_rnn import RNNWeights, check_weights, gradient_or_zeros
from lecturelib._elman import rnn_backward, rnn_forward
from lecturelib._sequences import reverse_sequences

if TYPE_CHECKING:
    from jaxtyping import Float, Num

    from lecturelib._sequences import Lengths

    Pair = tuple[np.ndarray, np.ndarray]

FORMS = ("standard", "lecture")


def bidirectional_rnn_forward(
    x: Num[np.ndarray, "T B D"],
    forwards: RNNWeights,
    backwards: RNNWeights,
    *,
    form: str = "standard",
    nonlinearity: str = "tanh",
    lengths: Lengths = None,
) -> tuple[Float[np.ndarray, "T B H"], Float[np.ndarray, "T B H2"]]:
    """Run one layer from the first step to the last, and one from the last to the first.

    The forward layer is a_t = f(W_ih x_t + W_hh a_{t-1} + b), in both forms. The backward layer
    has weights of its own, and the two forms differ in what it reads:

    - "standard", as in torch (Schuster and Paliwal 1997): it reads x as well,
      h_t = f(W_ih x_t + W_hh h_{t+1} + b). Neither layer knows of the other, and what follows
      reads both: ``np.concatenate([a, h], axis=2)``.
    - "lecture": it reads the states of the forward layer,
      h_t = f(W_ih a_t + W_hh h_{t+1} + b). So h alone has seen the whole sequence at each step,
      and is the output. In the lecture's letters a is o1, h is o2, and W_hh is W^(f) in the one
      layer and W^(b) in the other; its leading 1s are the biases.

    Both layers start from a state of zero, each at its own end of the sequence.

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    forwards, backwards : RNNWeights
        The weights of either layer. In the lecture's form, backwards.w_ih is (H2, H).
    form : {"standard", "lecture"}
        What the backward layer reads.
    nonlinearity : {"tanh", "relu", "sigmoid"}
        The function f.
    lengths : (B,) of int, or None
        How many steps of each sequence are real, None for all. The backward layer starts at the
        end of each sequence, not at that of the batch.

    Returns
    -------
    a, h : (T, B, H) and (T, B, H2)
        The states of the forward and of the backward layer.

    Raises
    ------
    ValueError, TypeError
        As `rnn_forward`, for either layer; also if the form is unknown.

    See Also
    --------
    bidirectional_rnn_backward : Its gradients.
    reverse_sequences : Makes a bidirectional network of any other cell.
    Chapter 13, "Recurrent networks"; L0, "Bidirectional Recurrent Neural Networks".

    Examples
    --------
    Counting the steps from either end, and in the lecture's form adding up the first count:

    >>> one = np.ones((1, 1))
    >>> x, weights = np.ones((3, 1, 1)), RNNWeights(one, one, None)
    >>> a, h = bidirectional_rnn_forward(x, weights, weights, nonlinearity="relu")
    >>> a.ravel(), h.ravel()
    (array([1., 2., 3.]), array([3., 2., 1.]))
    >>> a, h = bidirectional_rnn_forward(x, weights, weights, form="lecture", nonlinearity="relu")
    >>> h.ravel()
    array([6., 5., 3.])
    """
    _check_arguments(forwards, backwards, form)
    how: dict[str, Any] = {"nonlinearity": nonlinearity, "lengths": lengths}
    a = rnn_forward(x, None, *forwards, **how)
    read = x if form == "standard" else a
    turned = rnn_forward(reverse_sequences(read, lengths=lengths), None, *backwards, **how)
    return a, reverse_sequences(turned, lengths=lengths)


def bidirectional_rnn_backward(
    dstates: tuple[Num[np.ndarray, "T B H"] | None, Num[np.ndarray, "T B H2"] | None],
    x: Num[np.ndarray, "T B D"],
    forwards: RNNWeights,
    backwards: RNNWeights,
    *,
    states: Pair | None = None,
    form: str = "standard",
    nonlinearity: str = "tanh",
    lengths: Lengths = None,
    truncate: int | None = None,
) -> tuple[Float[np.ndarray, "T B D"], RNNWeights, RNNWeights]:
    """Return the gradients of `bidirectional_rnn_forward`.

    Parameters
    ----------
    dstates : pair of (T, B, H) or None
        Gradient of the loss with respect to a and to h; None for the one that it does not read,
        such as a in the lecture's form.
    x, forwards, backwards, form, nonlinearity, lengths
        What the forward pass was given.
    states : pair of (T, B, H), or None
        What it returned, (a, h); None computes it again.
    truncate : int or None
        As in `rnn_backward`; each layer counts the steps in its own direction.

    Returns
    -------
    dx : (T, B, D)
    dforwards, dbackwards : RNNWeights
        The gradients of the weights, in the same places.

    Raises
    ------
    ValueError, TypeError
        As `bidirectional_rnn_forward`; also if `dstates` or `states` has not the shapes or types
        of both states or is no pair, or `truncate` is no integer from 1 up.

    See Also
    --------
    bidirectional_rnn_forward : The network itself.
    Chapter 13, "Recurrent networks"; L0, "Bidirectional Recurrent Neural Networks".

    Examples
    --------
    Each input is counted by both layers, once for each state that it reaches:

    >>> one = np.ones((1, 1))
    >>> x, weights = np.ones((3, 1, 1)), RNNWeights(one, one, None)
    >>> dx, *_ = bidirectional_rnn_backward((x, x), x, weights, weights, nonlinearity="relu")
    >>> dx.ravel()
    array([4., 4., 4.])
    """
    _check_arguments(forwards, backwards, form)
    how: dict[str, Any] = {"nonlinearity": nonlinearity, "lengths": lengths}
    if states is None:
        states = bidirectional_rnn_forward(x, forwards, backwards, form=form, **how)
    (da, dh), (a, h) = _pair("dstates", dstates), _pair("states", states)
    da, dh = gradient_or_zeros("dstates[0]", da, a), gradient_or_zeros("dstates[1]", dh, h)
    how["truncate"] = truncate
    read = x if form == "standard" else a
    dread, dbackwards = _backward_layer(dh, read, backwards, h, how)
    if form == "lecture":
        da = da + dread
    dx, _, dw_ih, dw_hh, db = rnn_backward(da, x, None, *forwards, h=a, **how)
    if form == "standard":
        dx += dread
    return dx, RNNWeights(dw_ih, dw_hh, db), dbackwards


def _backward_layer(
    dh: np.ndarray, read: np.ndarray, weights: RNNWeights, h: np.ndarray, how: dict[str, Any]
) -> tuple[np.ndarray, RNNWeights]:
    """Return the gradients of what the backward layer has read, and of its weights."""
    dh, read, h = (reverse_sequences(each, lengths=how["lengths"]) for each in (dh, read, h))
    dread, _, dw_ih, dw_hh, db = rnn_backward(dh, read, None, *weights, h=h, **how)
    return reverse_sequences(dread, lengths=how["lengths"]), RNNWeights(dw_ih, dw_hh, db)


def _check_arguments(forwards: RNNWeights, backwards: RNNWeights, form: str) -> None:
    check_weights("forwards", forwards)
    check_weights("backwards", backwards)
    if not isinstance(form, str) or form not in FORMS:
        raise ValueError(f"form: expected one of {list(FORMS)}, got {form!r}")


def _pair(name: str, items: Any) -> Any:
    if not isinstance(items, (tuple, list)):
        raise TypeError(f"{name}: expected a pair, one for each layer, got {type(items).__name__}")
    if len(items) != 2:
        raise ValueError(f"{name}: expected a pair, one for each layer, got {len(items)} of them")
    return items

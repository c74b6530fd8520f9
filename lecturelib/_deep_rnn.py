"""Several layers, each reading the states of the one below; public in `recurrent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._elman import rnn_backward, rnn_forward
from lecturelib._shapes import check_floats, check_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Num

    from lecturelib._sequences import Lengths

    States = Sequence[np.ndarray | None]


class RNNWeights(NamedTuple):
    """The weights of one Elman layer, or their gradients.

    Attributes
    ----------
    w_ih : (H, D)
        From the layer's input.
    w_hh : (H, H) or None
        From its own state before; None if the layer has no recurrence.
    b : (H,) or None
        The bias; None for none.

    See Also
    --------
    Chapter 13, "Recurrent networks"; L0, "Recurrent Neural Networks".

    Examples
    --------
    >>> RNNWeights(np.ones((3, 2)), None, np.zeros(3)).w_hh is None
    True
    """

    w_ih: np.ndarray
    w_hh: np.ndarray | None
    b: np.ndarray | None


def deep_rnn_forward(
    x: Num[np.ndarray, "T B D"],
    h0: States | None,
    layers: Sequence[RNNWeights],
    *,
    nonlinearity: str = "tanh",
    lengths: Lengths = None,
) -> list[Float[np.ndarray, "T B H"]]:
    """Run a stack of layers over a batch of sequences.

    The first layer reads x, each further one the states of the layer below:
    h_t = f(W_ih x_t + W_hh h_{t-1} + b). A layer without W_hh forgets: h_t = f(W_ih x_t + b).

    The lecture's network has two layers, and only the first is recurrent:
    o1_t = [1, f(W1 x_t + Wo o1_{t-1})] and o2_t = f(W2 o1_t). The leading 1 is a bias unit. Here
    biases are vectors, so the column of a matrix that meets it is b: the layers are
    (W1, Wo[:, 1:], Wo[:, 0]) and (W2[:, 1:], None, W2[:, 0]).

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    h0 : list of (B, H) or None, or None
        The state of each layer before the first step; None for zeros. Layers without recurrence
        do not heed theirs.
    layers : sequence of RNNWeights
        From the lowest to the highest; each may have its own H.
    nonlinearity, lengths
        As in `rnn_forward`.

    Returns
    -------
    states : list of (T, B, H)
        The states of each layer; the last is the network's output.

    Raises
    ------
    ValueError, TypeError
        As `rnn_forward`, for each layer; also if there is no layer, or h0 has not one entry for
        each.

    See Also
    --------
    deep_rnn_backward : Its gradients.
    Chapter 13, "Recurrent networks"; L0, "Recurrent Neural Networks".

    Examples
    --------
    The second layer only scales what the first has counted:

    >>> one, ten = np.ones((1, 1)), np.full((1, 1), 10.0)
    >>> layers = [RNNWeights(one, one, None), RNNWeights(ten, None, None)]
    >>> low, high = deep_rnn_forward(np.ones((3, 1, 1)), None, layers, nonlinearity="relu")
    >>> low.ravel(), high.ravel()
    (array([1., 2., 3.]), array([10., 20., 30.]))
    """
    states, below = [], x
    for start, layer in zip(_starts(h0, layers), layers, strict=True):
        below = rnn_forward(below, start, *layer, nonlinearity=nonlinearity, lengths=lengths)
        states.append(below)
    return states


def deep_rnn_backward(
    dstates: States,
    x: Num[np.ndarray, "T B D"],
    h0: States | None,
    layers: Sequence[RNNWeights],
    *,
    states: Sequence[Float[np.ndarray, "T B H"]] | None = None,
    nonlinearity: str = "tanh",
    lengths: Lengths = None,
    truncate: int | None = None,
) -> tuple[Float[np.ndarray, "T B D"], list[np.ndarray], list[RNNWeights]]:
    """Return the gradients of `deep_rnn_forward`.

    Gradients travel back in time along each layer, and down from each layer to the one below.

    Parameters
    ----------
    dstates : list of (T, B, H) or None
        Gradient of the loss with respect to the states of each layer; None for layers that only
        the next one reads: ``[None, dh]`` for two layers of which the second is the output.
    x, h0, layers, nonlinearity, lengths
        What the forward pass was given.
    states : list of (T, B, H) or None
        What it returned; None computes it again.
    truncate : int or None
        As in `rnn_backward`.

    Returns
    -------
    dx : (T, B, D)
    dh0 : list of (B, H)
    dlayers : list of RNNWeights
        The gradients of the weights, in the same places.

    Raises
    ------
    ValueError, TypeError
        As `deep_rnn_forward`; also if `dstates` or `states` is no list with one entry for each
        layer, in the shape and type of its states, or `truncate` is no integer from 1 up.

    See Also
    --------
    deep_rnn_forward : The network itself.
    Chapter 13, "Recurrent networks"; L0, "Recurrent Neural Networks".

    Examples
    --------
    >>> one, ten = np.ones((1, 1)), np.full((1, 1), 10.0)
    >>> layers = [RNNWeights(one, one, None), RNNWeights(ten, None, None)]
    >>> dstates = [None, np.ones((3, 1, 1))]
    >>> dx, dh0, dlayers = deep_rnn_backward(
    ...     dstates, np.ones((3, 1, 1)), None, layers, nonlinearity="relu"
    ... )
    >>> dx.ravel()  # the first input is counted in all three states, the last in one
    array([30., 20., 10.])
    >>> dlayers[1].w_ih  # 1 + 2 + 3
    array([[6.]])
    """
    starts = _starts(h0, layers)
    _check_one_each("dstates", dstates, layers)
    if states is None:
        states = deep_rnn_forward(x, h0, layers, nonlinearity=nonlinearity, lengths=lengths)
    _check_one_each("states", states, layers)
    how: dict[str, Any] = {"nonlinearity": nonlinearity, "lengths": lengths, "truncate": truncate}
    below = [x, *states]
    dh0, dlayers = [], []
    from_above = np.zeros_like(states[-1])
    for k in reversed(range(len(layers))):
        dh = from_above + gradient_or_zeros(f"dstates[{k}]", dstates[k], states[k])
        from_above, dstart, dw_ih, dw_hh, db = rnn_backward(
            dh, below[k], starts[k], *layers[k], h=states[k], **how
        )
        dh0.append(dstart)
        dlayers.append(RNNWeights(dw_ih, dw_hh, db))
    return from_above, dh0[::-1], dlayers[::-1]


def _starts(h0: States | None, layers: Sequence[RNNWeights]) -> States:
    if isinstance(layers, RNNWeights) or not isinstance(layers, (list, tuple)):
        raise TypeError(f"layers: expected a list of RNNWeights, got {type(layers).__name__}")
    if not layers:
        raise ValueError("layers: expected at least one, got none")
    for k, weights in enumerate(layers):
        check_weights(f"layers[{k}]", weights)
    if h0 is None:
        return [None] * len(layers)
    _check_one_each("h0", h0, layers)
    return h0


def _check_one_each(name: str, items: Sequence[object], layers: Sequence[RNNWeights]) -> None:
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"{name}: expected a list, one for each layer, got {type(items).__name__}")
    if len(items) != len(layers):
        raise ValueError(
            f"{name}: expected one for each of the {len(layers)} layers, got {len(items)}"
        )


def check_weights(name: str, weights: object) -> None:
    """Raise TypeError unless these are the weights of one layer."""
    if not isinstance(weights, RNNWeights):
        raise TypeError(f"{name}: expected RNNWeights, got {type(weights).__name__}")


def gradient_or_zeros(name: str, dh: np.ndarray | None, h: np.ndarray) -> np.ndarray:
    """Return dh, once it is seen to be shaped as h, or zeros for None."""
    if dh is None:
        return np.zeros_like(h)
    dh, h = check_floats(**{name: dh, name.removeprefix("d"): h})
    T, B, H = h.shape
    check_shape(name, dh, T=T, B=B, H=H)
    return dh

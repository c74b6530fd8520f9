"""The Elman cell itself: one loop forward, one back; public in `recurrent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._recurrent import (
    Inputs,
    bias_gradient,
    check_inputs,
    check_segments,
    count_parameters,
    input_gradient,
    previous,
    project,
    transposed,
    upstream,
    weight_gradient,
)
from lecturelib._shapes import check_floats, check_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jaxtyping import Float, Num

    from lecturelib._sequences import Lengths


class Nonlinearity(NamedTuple):
    """A function that works in place, and its slope as a function of its own value."""

    apply: Callable[[np.ndarray], object]
    slope: Callable[[np.ndarray], np.ndarray]


def _sigmoid(z: np.ndarray) -> None:
    z *= 0.5
    np.tanh(z, out=z)
    z += 1
    z *= 0.5


NONLINEARITIES = {
    "tanh": Nonlinearity(lambda z: np.tanh(z, out=z), lambda h: 1 - h * h),
    "relu": Nonlinearity(lambda z: np.maximum(z, 0, out=z), lambda h: (h > 0).astype(h.dtype)),
    "sigmoid": Nonlinearity(_sigmoid, lambda h: h * (1 - h)),
}


def rnn_parameter_count(input_size: int, hidden_size: int) -> int:
    """Return how many numbers an Elman layer learns: H * (D + H + 1).

    The same weights serve every step, so the number of steps plays no part. A fully connected
    layer from all T inputs to all T states would have T*H * (T*D + 1).

    Parameters
    ----------
    input_size, hidden_size : int
        D and H.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a size is less than 1.
    TypeError
        If a size is not an integer.

    See Also
    --------
    Chapter 13, "Recurrent networks"; L0, "Unrolling Recurrent Neural Networks".

    Examples
    --------
    >>> T, D, H = 20, 10, 30
    >>> rnn_parameter_count(D, H), T * H * (T * D + 1)
    (1230, 120600)
    """
    return count_parameters(1, input_size, hidden_size, biases=1)


def rnn_forward(
    x: Num[np.ndarray, "T B D"],
    h0: Num[np.ndarray, "B H"] | None,
    w_ih: Num[np.ndarray, "H D"],
    w_hh: Num[np.ndarray, "H H"] | None,
    b: Num[np.ndarray, " H"] | None,
    *,
    nonlinearity: str = "tanh",
    lengths: Lengths = None,
) -> Float[np.ndarray, "T B H"]:
    """Run an Elman network over a batch of sequences.

    h_t = f(W_ih x_t + W_hh h_{t-1} + b), one step after another with the same weights; f is the
    nonlinearity. An output layer y_t = W_hy h_t + b_y is `linear_forward` on h.

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    h0 : (B, H) or None
        The state before the first step; None for zeros.
    w_ih : (H, D)
        The lecture's W_xh.
    w_hh : (H, H) or None
        From each state to the next; None for a layer without recurrence, f(W_ih x_t + b).
    b : (H,) or None
        The lecture's b_h; None for none. Where torch has two biases, b is their sum.
    nonlinearity : {"tanh", "relu", "sigmoid"}
        The function f.
    lengths : (B,) of int, or None
        How many steps of each sequence are real, None for all. States past the end are zero;
        the final ones are given by `last_state`.

    Returns
    -------
    h : (T, B, H)
        The states after every step.

    Raises
    ------
    ValueError
        If shapes disagree, a length is not between 1 and T, or the nonlinearity is unknown.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if a length is not an integer.

    See Also
    --------
    rnn_backward : Its gradients.
    Chapter 13, "Recurrent networks"; L3, "Recurrent Neural Networks (RNNs)".

    Examples
    --------
    A sum that forgets half of itself at each step:

    >>> x, w_ih, w_hh = np.ones((4, 1, 1)), np.ones((1, 1)), np.full((1, 1), 0.5)
    >>> rnn_forward(x, None, w_ih, w_hh, None, nonlinearity="relu").ravel()
    array([1.   , 1.5  , 1.75 , 1.875])
    """
    f = check_nonlinearity(nonlinearity)
    inputs = _check(x, h0, w_ih, w_hh, b, lengths)
    return _forward(inputs, f, recurrent=w_hh is not None)


def rnn_backward(
    dh: Num[np.ndarray, "T B H"],
    x: Num[np.ndarray, "T B D"],
    h0: Num[np.ndarray, "B H"] | None,
    w_ih: Num[np.ndarray, "H D"],
    w_hh: Num[np.ndarray, "H H"] | None,
    b: Num[np.ndarray, " H"] | None,
    *,
    h: Float[np.ndarray, "T B H"] | None = None,
    nonlinearity: str = "tanh",
    lengths: Lengths = None,
    truncate: int | None = None,
) -> tuple[
    Float[np.ndarray, "T B D"],
    Float[np.ndarray, "B H"],
    Float[np.ndarray, "H D"],
    Float[np.ndarray, "H H"] | None,
    Float[np.ndarray, " H"],
]:
    """Return the gradients of `rnn_forward`: backpropagation through time.

    The state h_t is used twice, by the output at t and by the step t + 1, so its gradient is the
    sum of dh_t and of W_hh' dz_{t+1}; times the slope of f it is dz_t.

    Parameters
    ----------
    dh : (T, B, H)
        Gradient of the loss with respect to each state, as the output at that step sees it. What
        it says about steps past the end of a sequence is not heeded.
    x, h0, w_ih, w_hh, b, nonlinearity, lengths
        What the forward pass was given.
    h : (T, B, H) or None
        What it returned; None computes it again, a third of the work.
    truncate : int or None
        Cuts the sequence into segments of this many steps and lets no gradient pass from one into
        the segment before. The states do pass, so the result is that of calling both functions
        segment by segment, h0 being the last state of the segment before, and adding the weights'
        gradients. None for the whole sequence.

    Returns
    -------
    dx : (T, B, D)
        How much each input matters to the loss: against the distance from the step that is
        judged, its norm shows how gradients vanish or explode.
    dh0 : (B, H)
    dw_ih : (H, D)
    dw_hh : (H, H) or None
        None if w_hh is.
    db : (H,)

    Raises
    ------
    ValueError, TypeError
        As `rnn_forward`; also if dh or h has not the shape or type of the states, or `truncate`
        is no integer from 1 up.

    See Also
    --------
    rnn_forward : The network itself.
    Chapter 13, "Recurrent networks"; L0, "Unrolling Recurrent Neural Networks".

    Examples
    --------
    The loss is the last state; an input counts half as much with each step of distance.

    >>> x, w_ih, w_hh = np.ones((4, 1, 1)), np.ones((1, 1)), np.full((1, 1), 0.5)
    >>> dh = np.zeros((4, 1, 1))
    >>> dh[-1] = 1
    >>> dx, *_ = rnn_backward(dh, x, None, w_ih, w_hh, None, nonlinearity="relu")
    >>> dx.ravel()
    array([0.125, 0.25 , 0.5  , 1.   ])
    """
    f = check_nonlinearity(nonlinearity)
    inputs = _check(x, h0, w_ih, w_hh, b, lengths, outputs={"dh": dh, "h": h})
    segments = check_segments(truncate, len(inputs.x))
    recurrent = w_hh is not None
    states = _forward(inputs, f, recurrent=recurrent) if h is None else inputs.outputs["h"]
    dz, dh0 = _backward(inputs, states, f, segments, recurrent=recurrent)
    return (
        input_gradient(dz, inputs.w_ih),
        dh0,
        weight_gradient(dz, inputs.x),
        weight_gradient(dz, previous(states, inputs.states[0])) if recurrent else None,
        bias_gradient(dz),
    )


def check_nonlinearity(name: str) -> Nonlinearity:
    """Return the nonlinearity of that name; raise ValueError if there is none."""
    if not isinstance(name, str) or name not in NONLINEARITIES:
        raise ValueError(f"nonlinearity: expected one of {list(NONLINEARITIES)}, got {name!r}")
    return NONLINEARITIES[name]


def _check(
    x: np.ndarray,
    h0: np.ndarray | None,
    w_ih: np.ndarray,
    w_hh: np.ndarray | None,
    b: np.ndarray | None,
    lengths: Lengths,
    outputs: Mapping[str, np.ndarray | None] | None = None,
) -> Inputs:
    if w_hh is None:
        check_floats(w_ih=w_ih)
        check_shape("w_ih", w_ih, H=None, D=None)
        w_hh = np.zeros((len(w_ih), len(w_ih)), w_ih.dtype)
    return check_inputs(1, x, {"h0": h0}, w_ih, w_hh, {"b": b}, lengths, outputs)


def _forward(inputs: Inputs, f: Nonlinearity, *, recurrent: bool) -> np.ndarray:
    h: np.ndarray = project(inputs.x, inputs.w_ih, inputs.biases[0])[0]  # to become the states
    if recurrent:
        _recur(h, inputs, f)
    else:
        f.apply(h)
        h *= 1 if inputs.mask is None else inputs.mask
    return h


def _recur(h: np.ndarray, inputs: Inputs, f: Nonlinearity) -> None:
    (before,), mask = inputs.states, inputs.mask
    (w_hh,) = transposed(inputs.w_hh)
    product = np.empty_like(before)
    for t in range(len(h)):
        np.matmul(before, w_hh, out=product)
        before = h[t]
        before += product
        f.apply(before)
        if mask is not None:
            before *= mask[t]


def _backward(
    inputs: Inputs, h: np.ndarray, f: Nonlinearity, segments: range, *, recurrent: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of what enters f (1, T, B, H), and of h0."""
    dh = upstream(inputs.outputs["dh"], inputs.mask)
    dz = f.slope(h)  # (T, B, H), to be multiplied with the gradients of the states
    state = np.zeros_like(inputs.states[0])  # the gradient of h_t
    if not recurrent:
        dz *= dh
        return dz[np.newaxis], state
    for t in reversed(range(len(dh))):
        state += dh[t]
        step = dz[t]
        step *= state
        np.matmul(step, inputs.w_hh[0], out=state)
        if t in segments:
            state[...] = 0
    return dz[np.newaxis], state

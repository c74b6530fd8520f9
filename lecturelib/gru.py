"""The gated recurrent unit (GRU): a simpler cell than the LSTM, with one state and two gates.

Shapes: x (T, B, D), states (B, H) or, at every step, (T, B, H). Gates and proposal are stored one
below the other in torch's order r, z, n: w_ih (3*H, D), w_hh (3*H, H), b_ih and b_hh (3*H,). As in
torch, the reset gate multiplies W_hn h + b_hn, after the product with the matrix, so the two
biases of n do not add up to one. (Cho et al. 2014 reset h before the product.)

Sigmoids are computed by tanh, as `lecturelib.lstm` explains.
"""

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
    trace_arrays,
    transposed,
    upstream,
    weight_gradient,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Num

    from lecturelib._sequences import Lengths

__all__ = ["GRUTrace", "gru_backward", "gru_forward", "gru_parameter_count"]


class GRUTrace(NamedTuple):
    """What a GRU computed at every step, all (T, B, H).

    Past the end of a sequence h is zero, and the rest without meaning.

    Attributes
    ----------
    h : (T, B, H)
        The states, which are the layer's output.
    r : (T, B, H)
        The reset gate: how much of q the proposal may use.
    z : (T, B, H)
        The update gate: how much of the state stays.
    n : (T, B, H)
        What is proposed as the new state.
    q : (T, B, H)
        What the state before says to the proposal: W_hn h_{t-1} + b_hn.

    See Also
    --------
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L2, "Predicting sequences? Consider an LSTM".

    Examples
    --------
    With all weights zero, half of the state stays:

    >>> trace = gru_forward(
    ...     np.ones((1, 1, 1)), np.ones((1, 1)), np.zeros((3, 1)), np.zeros((3, 1)), None, None
    ... )
    >>> trace.z.item(), trace.n.item(), trace.h.item()
    (0.5, 0.0, 0.5)
    """

    h: np.ndarray
    r: np.ndarray
    z: np.ndarray
    n: np.ndarray
    q: np.ndarray


def gru_parameter_count(input_size: int, hidden_size: int) -> int:
    """Return how many numbers a GRU layer learns: 3 * H * (D + H + 2), with both biases.

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
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L2, "Predicting sequences? Consider an LSTM".

    Examples
    --------
    >>> gru_parameter_count(64, 128)
    74496
    """
    return count_parameters(3, input_size, hidden_size, biases=2)


def gru_forward(
    x: Num[np.ndarray, "T B D"],
    h0: Num[np.ndarray, "B H"] | None,
    w_ih: Num[np.ndarray, "3*H D"],
    w_hh: Num[np.ndarray, "3*H H"],
    b_ih: Num[np.ndarray, " 3*H"] | None,
    b_hh: Num[np.ndarray, " 3*H"] | None,
    *,
    lengths: Lengths = None,
) -> GRUTrace:
    """Run a GRU over a batch of sequences.

    With W = W_ih x_t + b_ih and q = W_hh h_{t-1} + b_hh, each cut into three parts,
    r = sigmoid(W_r + q_r), z = sigmoid(W_z + q_z), n = tanh(W_n + r * q_n), and
    h_t = (1 - z) * n + z * h_{t-1}.

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    h0 : (B, H) or None
        The state before the first step; None for zeros.
    w_ih : (3*H, D)
        Weights of the input: gates r and z, proposal n, one below the other.
    w_hh : (3*H, H)
        Weights of the state before.
    b_ih, b_hh : (3*H,) or None
        Biases beside either; None for none.
    lengths : (B,) of int, or None
        How many steps of each sequence are real, None for all. States past the end are zero; the
        final ones are given by `last_state`.

    Returns
    -------
    GRUTrace
        h, the output; the gates r and z; the proposal n; and q: (T, B, H) each.

    Raises
    ------
    ValueError
        If shapes disagree, or a length is not between 1 and T.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if a length is not an integer.

    See Also
    --------
    gru_backward : Its gradients.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L2, "Predicting sequences? Consider an LSTM".

    Examples
    --------
    The update gate keeps 3/4 of the state, and nothing new comes in:

    >>> b_ih = np.array([0, np.log(3), 0])  # sigmoid(log 3) = 3/4
    >>> x, h0, w = np.zeros((2, 1, 1)), np.ones((1, 1)), np.zeros((3, 1))
    >>> gru_forward(x, h0, w, w, b_ih, None).h.ravel()
    array([0.75  , 0.5625])
    """
    biases = {"b_ih": b_ih, "b_hh": b_hh}
    return _forward(check_inputs(3, x, {"h0": h0}, w_ih, w_hh, biases, lengths))


def gru_backward(
    dh: Num[np.ndarray, "T B H"],
    x: Num[np.ndarray, "T B D"],
    h0: Num[np.ndarray, "B H"] | None,
    w_ih: Num[np.ndarray, "3*H D"],
    w_hh: Num[np.ndarray, "3*H H"],
    b_ih: Num[np.ndarray, " 3*H"] | None,
    b_hh: Num[np.ndarray, " 3*H"] | None,
    *,
    trace: GRUTrace | None = None,
    lengths: Lengths = None,
    truncate: int | None = None,
) -> tuple[
    Float[np.ndarray, "T B D"],
    Float[np.ndarray, "B H"],
    Float[np.ndarray, "3*H D"],
    Float[np.ndarray, "3*H H"],
    Float[np.ndarray, " 3*H"],
    Float[np.ndarray, " 3*H"],
]:
    """Return the gradients of `gru_forward`: backpropagation through time.

    Parameters
    ----------
    dh : (T, B, H)
        Gradient of the loss with respect to each state, as the output at that step sees it. What
        it says about steps past the end of a sequence is not heeded.
    x, h0, w_ih, w_hh, b_ih, b_hh, lengths
        What the forward pass was given.
    trace : GRUTrace or None
        What it returned; None computes it again, a third of the work.
    truncate : int or None
        Cuts the sequence into segments of this many steps and lets no gradient pass from one into
        the segment before, as `rnn_backward`; None for the whole sequence.

    Returns
    -------
    dx : (T, B, D)
    dh0 : (B, H)
    dw_ih : (3*H, D)
    dw_hh : (3*H, H)
    db_ih, db_hh : (3*H,)

    Raises
    ------
    ValueError, TypeError
        As `gru_forward`; also if dh or an array of the trace has not the shape or type of the
        states, or `truncate` is no integer from 1 up.

    See Also
    --------
    gru_forward : The network itself.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L2, "Predicting sequences? Consider an LSTM".

    Examples
    --------
    The state before counts as much as the update gate keeps of it, at each of two steps:

    >>> b_ih = np.array([0, np.log(3), 0])
    >>> x, h0, w = np.zeros((2, 1, 1)), np.ones((1, 1)), np.zeros((3, 1))
    >>> dh = np.array([0.0, 1]).reshape(2, 1, 1)
    >>> gru_backward(dh, x, h0, w, w, b_ih, None)[1]
    array([[0.5625]])
    """
    given = trace_arrays(GRUTrace, trace)
    biases, outputs = {"b_ih": b_ih, "b_hh": b_hh}, {"dh": dh, **given}
    inputs = check_inputs(3, x, {"h0": h0}, w_ih, w_hh, biases, lengths, outputs)
    segments = check_segments(truncate, len(inputs.x))
    trace = GRUTrace(*(inputs.outputs[name] for name in given)) if given else _forward(inputs)
    before = previous(trace.h, inputs.states[0])
    dz, dh0 = _backward(inputs, trace, before, segments)
    # dz is in the order n, r, z, q: the first three come from x, the last three from the state.
    # n, r, z is the weights' order r, z, n, rolled by one.
    H = before.shape[2]
    return (
        input_gradient(dz[:3], np.roll(inputs.w_ih, 1, axis=0)),
        dh0,
        np.roll(weight_gradient(dz[:3], inputs.x), -H, axis=0),
        weight_gradient(dz[1:], before),
        np.roll(bias_gradient(dz[:3]), -H),
        bias_gradient(dz[1:]),
    )


def _forward(inputs: Inputs) -> GRUTrace:
    (before,), (b_ih, b_hh), mask = inputs.states, inputs.biases, inputs.mask
    # As in the LSTM: sigmoid(z) = half + half * tanh(half * z), here for r and z.
    half = np.array([0.5, 0.5, 1], before.dtype).reshape(3, 1, 1)
    inner = np.array([0, 0, 1], before.dtype).reshape(3, 1, 1)
    bias = b_ih + (1 - inner) * b_hh  # the bias of q_n alone must wait for the reset gate
    gates = project(inputs.x, half * inputs.w_ih, half * bias)
    w_hh = transposed(half * inputs.w_hh)
    h, q = np.empty_like(gates[0]), np.empty_like(gates[0])
    product, part = np.empty((3, *before.shape), before.dtype), np.empty_like(before)
    for t in range(len(h)):
        np.matmul(before, w_hh, out=product)
        r_and_z, n = gates[:2, t], gates[2, t]
        r_and_z += product[:2]
        np.tanh(r_and_z, out=r_and_z)
        r_and_z *= 0.5
        r_and_z += 0.5
        r, z = r_and_z
        np.add(product[2], b_hh[2], out=q[t])
        n += np.multiply(r, q[t], out=part)
        np.tanh(n, out=n)
        # (1 - z) * n + z * before, with one product less
        np.subtract(before, n, out=part)
        part *= z
        before = np.add(n, part, out=h[t])
        if mask is not None:
            before *= mask[t]
    return GRUTrace(h, gates[0], gates[1], gates[2], q)


def _backward(
    inputs: Inputs, trace: GRUTrace, before: np.ndarray, segments: range
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of what enters n, r and z, and of q (4, T, B, H); and of h0."""
    (h0,) = inputs.states
    dh = upstream(inputs.outputs["dh"], inputs.mask)
    dz = _slopes(trace, before)
    product, part = np.empty((3, *h0.shape), h0.dtype), np.empty_like(h0)
    state = np.zeros_like(h0)  # the gradient of h_t
    for t in reversed(range(len(dh))):
        state += dh[t]
        dz[:, t] *= state
        np.multiply(state, trace.z[t], out=part)
        np.matmul(dz[1:, t], inputs.w_hh, out=product).sum(axis=0, out=state)
        state += part
        if t in segments:
            state[...] = 0
    return dz, state


def _slopes(trace: GRUTrace, before: np.ndarray) -> np.ndarray:
    """Return how h depends on what enters n, r and z, and on q, at each step (4, T, B, H).

    That depends on the trace alone, so all steps are done at once. The loop multiplies it with the
    gradient of h.
    """
    h, r, z, n, q = trace
    slopes = np.empty((4, *h.shape), h.dtype)
    to_n, to_r, to_z, to_q = slopes
    np.multiply(1 - z, 1 - n * n, out=to_n)
    np.multiply(to_n, r, out=to_q)
    np.multiply(to_q * q, 1 - r, out=to_r)
    np.multiply((before - n) * z, 1 - z, out=to_z)
    return slopes

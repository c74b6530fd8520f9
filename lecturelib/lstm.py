"""Long short-term memory (LSTM): a recurrent cell whose memory is changed by gates alone.

Shapes: x (T, B, D), states and cells (B, H) or, at every step, (T, B, H). The gates are stored one
below the other in torch's order i, f, g, o: w_ih (4*H, D), w_hh (4*H, H), b (4*H,), where b is the
sum of torch's b_ih and b_hh.

sigmoid(z) = (1 + tanh(z/2)) / 2. With the rows of i, f and o halved beforehand, one tanh in place
serves all four gates, and it is faster than exp. A gate that is less than one rounding error from
0 or 1 becomes exactly that.
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

__all__ = ["LSTMTrace", "lstm_backward", "lstm_forward", "lstm_parameter_count"]


class LSTMTrace(NamedTuple):
    """What an LSTM computed at every step, all (T, B, H).

    Past the end of a sequence h and c are zero, and the gates without meaning.

    Attributes
    ----------
    h : (T, B, H)
        The states, which are the layer's output.
    c : (T, B, H)
        The memory cells.
    i : (T, B, H)
        The input gate: how much of g enters the cell.
    f : (T, B, H)
        The forget gate: how much of the cell stays.
    g : (T, B, H)
        What is proposed to be written into the cell.
    o : (T, B, H)
        The output gate: how much of the cell is shown.

    See Also
    --------
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L4, "Long Short-Term Memory (LSTM)".

    Examples
    --------
    With all weights zero, the gates are half open and nothing is proposed:

    >>> trace = lstm_forward(
    ...     np.ones((1, 1, 1)), None, np.ones((1, 1)), np.zeros((4, 1)), np.zeros((4, 1)), None
    ... )
    >>> trace.f.item(), trace.g.item(), trace.c.item()
    (0.5, 0.0, 0.5)
    """

    h: np.ndarray
    c: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray


def lstm_parameter_count(input_size: int, hidden_size: int) -> int:
    """Return how many numbers an LSTM layer learns: 4 * H * (D + H + 1).

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
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L4, "Long Short-Term Memory (LSTM)".

    Examples
    --------
    >>> lstm_parameter_count(64, 128)
    98816
    """
    return count_parameters(4, input_size, hidden_size, biases=1)


def lstm_forward(
    x: Num[np.ndarray, "T B D"],
    h0: Num[np.ndarray, "B H"] | None,
    c0: Num[np.ndarray, "B H"] | None,
    w_ih: Num[np.ndarray, "4*H D"],
    w_hh: Num[np.ndarray, "4*H H"],
    b: Num[np.ndarray, " 4*H"] | None,
    *,
    lengths: Lengths = None,
) -> LSTMTrace:
    """Run an LSTM over a batch of sequences.

    With z = W_ih x_t + W_hh h_{t-1} + b, cut into four parts,
    i = sigmoid(z_i), f = sigmoid(z_f), g = tanh(z_g), o = sigmoid(z_o),
    c_t = f * c_{t-1} + i * g, and h_t = o * tanh(c_t).

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    h0, c0 : (B, H) or None
        State and cell before the first step; None for zeros.
    w_ih : (4*H, D)
        Weights of the input, the gates i, f, g, o one below the other.
    w_hh : (4*H, H)
        Weights of the state before.
    b : (4*H,) or None
        Biases; None for none.
    lengths : (B,) of int, or None
        How many steps of each sequence are real, None for all. States and cells past the end are
        zero; the final ones are given by `last_state`.

    Returns
    -------
    LSTMTrace
        h, the output; c; and the gates i, f, g, o: (T, B, H) each.

    Raises
    ------
    ValueError
        If shapes disagree, or a length is not between 1 and T.
    TypeError
        If an array is masked or holds anything but float32, float64 or integers, or float32 and
        float64 meet; if a length is not an integer.

    See Also
    --------
    lstm_backward : Its gradients.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L4, "Long Short-Term Memory (LSTM)".

    Examples
    --------
    Gates wide open: the cell adds up tanh(x).

    >>> w_ih, open_gates = np.array([[0.0], [0], [1], [0]]), np.array([99.0, 99, 0, 99])
    >>> x = np.full((3, 1, 1), np.arctanh(0.5))
    >>> lstm_forward(x, None, None, w_ih, np.zeros((4, 1)), open_gates).c.ravel()
    array([0.5, 1. , 1.5])
    """
    return _forward(check_inputs(4, x, {"h0": h0, "c0": c0}, w_ih, w_hh, {"b": b}, lengths))


def lstm_backward(
    dh: Num[np.ndarray, "T B H"],
    x: Num[np.ndarray, "T B D"],
    h0: Num[np.ndarray, "B H"] | None,
    c0: Num[np.ndarray, "B H"] | None,
    w_ih: Num[np.ndarray, "4*H D"],
    w_hh: Num[np.ndarray, "4*H H"],
    b: Num[np.ndarray, " 4*H"] | None,
    *,
    dc: Num[np.ndarray, "T B H"] | None = None,
    trace: LSTMTrace | None = None,
    lengths: Lengths = None,
    truncate: int | None = None,
) -> tuple[
    Float[np.ndarray, "T B D"],
    Float[np.ndarray, "B H"],
    Float[np.ndarray, "B H"],
    Float[np.ndarray, "4*H D"],
    Float[np.ndarray, "4*H H"],
    Float[np.ndarray, " 4*H"],
]:
    """Return the gradients of `lstm_forward`: backpropagation through time.

    On the direct way from cell to cell the gradient is only multiplied with the forget gate:
    where that is open, it neither vanishes nor explodes.

    Parameters
    ----------
    dh : (T, B, H)
        Gradient of the loss with respect to each state, as the output at that step sees it. What
        it says about steps past the end of a sequence is not heeded.
    x, h0, c0, w_ih, w_hh, b, lengths
        What the forward pass was given.
    dc : (T, B, H) or None
        The same for the cells, where something besides the LSTM reads them: `last_state_backward`
        makes it, if that is the final cell; None for zeros.
    trace : LSTMTrace or None
        What the forward pass returned; None computes it again, a third of the work.
    truncate : int or None
        Cuts the sequence into segments of this many steps and lets no gradient pass from one into
        the segment before, as `rnn_backward`; None for the whole sequence.

    Returns
    -------
    dx : (T, B, D)
    dh0, dc0 : (B, H)
    dw_ih : (4*H, D)
    dw_hh : (4*H, H)
    db : (4*H,)

    Raises
    ------
    ValueError, TypeError
        As `lstm_forward`; also if dh, dc or an array of the trace has not the shape or type of the
        states, or `truncate` is no integer from 1 up.

    See Also
    --------
    lstm_forward : The network itself.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L4, "Long Short-Term Memory (LSTM)".

    Examples
    --------
    The loss is the last cell: all inputs count the same, however far they lie back.

    >>> w_ih, open_gates = np.array([[0.0], [0], [1], [0]]), np.array([99.0, 99, 0, 99])
    >>> arguments = np.zeros((3, 1, 1)), None, None, w_ih, np.zeros((4, 1)), open_gates
    >>> dc = np.array([0.0, 0, 1]).reshape(3, 1, 1)
    >>> dx, *_ = lstm_backward(np.zeros((3, 1, 1)), *arguments, dc=dc)
    >>> dx.ravel()
    array([1., 1., 1.])
    """
    states, given = {"h0": h0, "c0": c0}, trace_arrays(LSTMTrace, trace)
    outputs = {"dh": dh, "dc": dc, **given}
    inputs = check_inputs(4, x, states, w_ih, w_hh, {"b": b}, lengths, outputs)
    segments = check_segments(truncate, len(inputs.x))
    trace = LSTMTrace(*(inputs.outputs[name] for name in given)) if given else _forward(inputs)
    dz, dh0, dc0 = _backward(inputs, trace, segments)
    return (
        input_gradient(dz, inputs.w_ih),
        dh0,
        dc0,
        weight_gradient(dz, inputs.x),
        weight_gradient(dz, previous(trace.h, inputs.states[0])),
        bias_gradient(dz),
    )


def _forward(inputs: Inputs) -> LSTMTrace:
    (before, cell), (b,), mask = inputs.states, inputs.biases, inputs.mask
    # sigmoid(z) = half + half * tanh(half * z) and tanh(z) = 0 + 1 * tanh(1 * z), gate by gate.
    half = np.array([0.5, 0.5, 1, 0.5], before.dtype).reshape(4, 1, 1)
    shift = 1 - half
    gates = project(inputs.x, half * inputs.w_ih, half * b)
    w_hh = transposed(half * inputs.w_hh)
    h, c = np.empty_like(gates[0]), np.empty_like(gates[0])
    product, part = np.empty((4, *before.shape), before.dtype), np.empty_like(before)
    for t in range(len(h)):
        step = gates[:, t]
        step += np.matmul(before, w_hh, out=product)
        np.tanh(step, out=step)
        step *= half
        step += shift
        i, f, g, o = step
        cell = np.multiply(f, cell, out=c[t])
        cell += np.multiply(i, g, out=part)
        if mask is not None:
            cell *= mask[t]
        before = np.multiply(o, np.tanh(cell, out=part), out=h[t])
    return LSTMTrace(h, c, *gates)


def _backward(
    inputs: Inputs, trace: LSTMTrace, segments: range
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of z (4, T, B, H), and of h0 and c0."""
    h0, c0 = inputs.states
    dh = upstream(inputs.outputs["dh"], inputs.mask)
    dc = upstream(inputs.outputs["dc"], inputs.mask) if "dc" in inputs.outputs else None
    dz, shown = _slopes(trace, c0)
    product, part = np.empty_like(dz[:, 0]), np.empty_like(h0)
    state, cell = np.zeros_like(h0), np.zeros_like(c0)  # the gradients of h_t and c_t
    for t in reversed(range(len(dh))):
        state += dh[t]
        cell += np.multiply(state, shown[t], out=part)
        if dc is not None:
            cell += dc[t]
        dz[:3, t] *= cell
        dz[3, t] *= state
        cell *= trace.f[t]
        np.matmul(dz[:, t], inputs.w_hh, out=product).sum(axis=0, out=state)
        if t in segments:
            state[...] = cell[...] = 0
    return dz, state, cell


def _slopes(trace: LSTMTrace, c0: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return dc/dz for i, f and g, and dh/dz for o, (4, T, B, H); and dh/dc, (T, B, H).

    They depend on the trace alone, so all steps are done at once. The loop multiplies them with
    the gradients of h and c.
    """
    h, c, i, f, g, o = trace
    slopes = np.empty((4, *h.shape), h.dtype)
    np.multiply(g * i, 1 - i, out=slopes[0])
    np.multiply(previous(c, c0) * f, 1 - f, out=slopes[1])
    np.multiply(i, 1 - g * g, out=slopes[2])
    np.multiply(h, 1 - o, out=slopes[3])  # h = o * tanh(c)
    shown = np.tanh(c)
    return slopes, o * (1 - shown * shown)

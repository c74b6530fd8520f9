"""Time of the recurrent cells beside torch's, forward and back through time.

Both take the same step on the same numbers: forward, then the gradients of x, of the states that
the sequence starts from, and of all weights and biases.
"""

import numpy as np
import pytest

from lecturelib.gru import gru_backward, gru_forward
from lecturelib.lstm import lstm_backward, lstm_forward
from lecturelib.recurrent import rnn_backward, rnn_forward

torch = pytest.importorskip("torch")

T, B, D, H = 64, 32, 64, 128


def rnn_step(dh, x, h0, w_ih, w_hh, b_ih, b_hh):
    arguments = x, h0, w_ih, w_hh, b_ih + b_hh
    return rnn_backward(dh, *arguments, h=rnn_forward(*arguments))


def lstm_step(dh, x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    arguments = x, h0, c0, w_ih, w_hh, b_ih + b_hh
    return lstm_backward(dh, *arguments, trace=lstm_forward(*arguments))


def gru_step(dh, *arguments):
    return gru_backward(dh, *arguments, trace=gru_forward(*arguments))


@pytest.mark.parametrize(
    ("name", "dtype", "goal"),
    [
        ("LSTM", "float32", 1.2),
        ("GRU", "float32", 0.85),
        ("RNN", "float32", 0.6),
        ("LSTM", "float64", 0.85),
        ("GRU", "float64", 0.85),
        ("RNN", "float64", 0.85),
    ],
)
def test_recurrent_cell(compare, name, dtype, goal):
    layer = getattr(torch.nn, name)(D, H, dtype=getattr(torch, dtype))
    rng = np.random.default_rng(0)
    x, dh = (torch.from_numpy(rng.standard_normal((T, B, n), dtype)) for n in (D, H))
    states = [
        torch.from_numpy(rng.standard_normal((1, B, H), dtype)).requires_grad_()
        for _ in range(2 if name == "LSTM" else 1)
    ]
    inputs = [x.requires_grad_(), *states, *layer.parameters()]

    def peer():
        h, _ = layer(x, tuple(states) if name == "LSTM" else states[0])
        return torch.autograd.grad(h, inputs, dh)

    step = {"RNN": rnn_step, "LSTM": lstm_step, "GRU": gru_step}[name]
    starts = [state[0] for state in states]
    arrays = [each.detach().numpy() for each in (dh, x, *starts, *layer.parameters())]
    what = "Elman" if name == "RNN" else name
    work = f"{what} T {T}, B {B}, D {D}, H {H}, forward and BPTT, {dtype}"
    assert compare(work, lambda: step(*arrays), peer, goal=goal) <= goal

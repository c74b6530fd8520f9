"""A recurrent network is a feed-forward network with shared weights: the unrolled graph."""

import numpy as np
import pytest

from lecturelib import graph
from lecturelib.gru import gru_backward, gru_forward
from lecturelib.lstm import lstm_backward, lstm_forward
from lecturelib.recurrent import rnn_backward, rnn_forward

H = 3


def elman(x, h0, w_ih, w_hh, b):
    h, states = h0, []
    for t in range(x.value.shape[0]):
        h = graph.tanh(x[t] @ w_ih.T + h @ w_hh.T + b)
        states.append(h)
    return graph.stack(states)


def lstm(x, h0, c0, w_ih, w_hh, b):
    h, c, states = h0, c0, []
    for t in range(x.value.shape[0]):
        z = x[t] @ w_ih.T + h @ w_hh.T + b
        i, f, g, o = (z[:, k * H : (k + 1) * H] for k in range(4))
        c = graph.sigmoid(f) * c + graph.sigmoid(i) * graph.tanh(g)
        h = graph.sigmoid(o) * graph.tanh(c)
        states.append(h)
    return graph.stack(states)


def gru(x, h0, w_ih, w_hh, b_ih, b_hh):
    h, states = h0, []
    for t in range(x.value.shape[0]):
        v, q = x[t] @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        r = graph.sigmoid(v[:, :H] + q[:, :H])
        z = graph.sigmoid(v[:, H : 2 * H] + q[:, H : 2 * H])
        n = graph.tanh(v[:, 2 * H :] + r * q[:, 2 * H :])
        h = (1 - z) * n + z * h
        states.append(h)
    return graph.stack(states)


CELLS = {
    "elman": (elman, rnn_forward, rnn_backward, 1, 1, 1),
    "lstm": (lstm, lambda *a: lstm_forward(*a).h, lstm_backward, 4, 2, 1),
    "gru": (gru, lambda *a: gru_forward(*a).h, gru_backward, 3, 1, 2),
}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("T", "B"), [(5, 2), (1, 1)])
def test_unrolled_graph_equals_the_loop(cell, T, B):
    """Values, and the gradients of all arguments: those of a weight are summed over its copies."""
    unroll, forward, backward, gates, states, biases = CELLS[cell]
    rng, D, G = np.random.default_rng(0), 4, gates * H
    shapes = ((T, B, D), *[(B, H)] * states, (G, D), (G, H), *[(G,)] * biases)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    leaves = [graph.variable(array) for array in arrays]
    unrolled = unroll(*leaves)
    np.testing.assert_allclose(unrolled.value, forward(*arrays), rtol=0, atol=1e-14)
    dh = rng.standard_normal((T, B, H))
    unrolled.backward(dh)
    for leaf, gradient in zip(leaves, backward(dh, *arrays), strict=True):
        np.testing.assert_allclose(leaf.grad, gradient, rtol=0, atol=1e-12)

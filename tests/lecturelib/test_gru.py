import numpy as np
import pytest

from lecturelib.gru import GRUTrace, gru_backward, gru_forward, gru_parameter_count


def draw(T=4, B=2, D=3, H=5):
    rng = np.random.default_rng(0)
    shapes = ((T, B, D), (B, H), (3 * H, D), (3 * H, H), (3 * H,), (3 * H,))
    return [rng.standard_normal(shape) for shape in shapes]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_trace_holds_the_gates_in_their_order():
    x, h0, w_ih, w_hh, b_ih, b_hh = draw(T=1)
    trace = gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh)
    x_r, x_z, x_n = np.split(x[0] @ w_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h0 @ w_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    expected = {"r": r, "z": z, "n": np.tanh(x_n + r * h_n), "q": h_n}
    for name, array in expected.items():
        np.testing.assert_allclose(getattr(trace, name)[0], array, atol=1e-14, err_msg=name)


def test_a_closed_update_gate_keeps_the_state_and_carries_the_gradient():
    """z = 1 keeps everything: the state stays, and so does its gradient."""
    x, h0, w_ih, w_hh, b_ih, b_hh = draw(T=100)
    b_ih[5:10] = 1e6
    trace = gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh)
    np.testing.assert_allclose(trace.h, np.broadcast_to(h0, trace.h.shape), atol=1e-13)
    dh = np.zeros_like(trace.h)
    dh[-1] = 1
    _, dh0, *_ = gru_backward(dh, x, h0, w_ih, w_hh, b_ih, b_hh, trace=trace)
    np.testing.assert_array_equal(dh0, np.ones_like(h0))


def test_the_bias_behind_the_reset_gate_is_no_bias_before_it():
    """Moving b_hh to b_ih changes nothing for r and z, but does for n."""
    x, h0, w_ih, w_hh, b_ih, b_hh = draw()
    h = gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh).h
    gates = np.arange(15) < 10
    moved = gru_forward(x, h0, w_ih, w_hh, b_ih + gates * b_hh, ~gates * b_hh).h
    np.testing.assert_allclose(moved, h, atol=1e-14)
    all_moved = gru_forward(x, h0, w_ih, w_hh, b_ih + b_hh, None).h
    assert np.abs(all_moved - h).max() > 0.01


def test_parameter_count_is_torchs():
    torch = pytest.importorskip("torch")
    count = sum(p.numel() for p in torch.nn.GRU(5, 7).parameters())
    assert gru_parameter_count(5, 7) == count
    with pytest.raises(ValueError, match=r"^hidden_size: expected at least 1, got 0$"):
        gru_parameter_count(5, 0)


def test_errors_name_what_is_wrong():
    arguments = draw()
    trace = gru_forward(*arguments)
    x, h0, w_ih, w_hh, b_ih, b_hh = arguments
    with pytest.raises(ValueError, match=r"^b_hh: expected shape \(3\*H=15,\), got \(5,\)$"):
        gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh[:5])
    with pytest.raises(ValueError, match=r"^w_hh: expected shape \(3\*H, H\), got \(10, 5\)$"):
        gru_forward(x, h0, w_ih, w_hh[:10], b_ih, b_hh)
    with pytest.raises(TypeError, match=r"^trace: expected GRUTrace or None, got tuple$"):
        gru_backward(trace.h, *arguments, trace=tuple(trace))
    cut = GRUTrace(*(array[:, :1] for array in trace))
    with pytest.raises(ValueError, match=r"^trace.h: expected shape \(T=4, B=2, H=5\), got \(4, 1"):
        gru_backward(trace.h, *arguments, trace=cut)

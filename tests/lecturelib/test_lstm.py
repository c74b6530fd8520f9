import numpy as np
import pytest

from lecturelib.lstm import LSTMTrace, lstm_backward, lstm_forward, lstm_parameter_count


def draw(T=4, B=2, D=3, H=5):
    rng = np.random.default_rng(0)
    shapes = ((T, B, D), (B, H), (B, H), (4 * H, D), (4 * H, H), (4 * H,))
    return [rng.standard_normal(shape) for shape in shapes]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_trace_holds_the_gates_in_their_order():
    x, h0, c0, w_ih, w_hh, b = draw(T=1)
    trace = lstm_forward(x, h0, c0, w_ih, w_hh, b)
    i, f, g, o = np.split(x[0] @ w_ih.T + h0 @ w_hh.T + b, 4, axis=1)
    expected = {"i": sigmoid(i), "f": sigmoid(f), "g": np.tanh(g), "o": sigmoid(o)}
    for name, gate in expected.items():
        np.testing.assert_allclose(getattr(trace, name)[0], gate, atol=1e-14, err_msg=name)
    c = expected["f"] * c0 + expected["i"] * expected["g"]
    np.testing.assert_allclose(trace.c[0], c, atol=1e-14)
    np.testing.assert_allclose(trace.h[0], expected["o"] * np.tanh(c), atol=1e-14)


def test_an_open_forget_gate_carries_the_gradient_over_any_distance():
    """Where the forget gate is one, the cell is a sum, and no step of it shrinks the gradient."""
    steps = 200
    w_ih, b = np.array([[0.0], [0], [1], [0]]), np.array([99.0, 99, 0, 99])
    arguments = np.zeros((steps, 1, 1)), None, None, w_ih, np.zeros((4, 1)), b
    dh = np.zeros((steps, 1, 1))
    dh[-1] = 1
    dx, *_ = lstm_backward(dh, *arguments)
    np.testing.assert_allclose(dx.ravel(), 1)


def test_gates_saturate_without_overflow():
    x, h0, c0, w_ih, w_hh, b = (1e6 * array.astype(np.float32) for array in draw())
    trace = lstm_forward(x, h0, c0, w_ih, w_hh, b)
    assert {*np.unique(trace.i), *np.unique(trace.f), *np.unique(trace.o)} <= {0, 1}
    for gradient in lstm_backward(trace.h, x, h0, c0, w_ih, w_hh, b, trace=trace):
        assert np.isfinite(gradient).all()


def test_no_gradient_for_the_cells_is_one_of_zero():
    arguments = draw()
    dh = np.random.default_rng(1).standard_normal((4, 2, 5))
    without = lstm_backward(dh, *arguments)
    for got, wanted in zip(
        without, lstm_backward(dh, *arguments, dc=np.zeros_like(dh)), strict=True
    ):
        np.testing.assert_array_equal(got, wanted)


def test_parameter_count_is_torchs_less_its_second_bias():
    torch = pytest.importorskip("torch")
    count = sum(p.numel() for p in torch.nn.LSTM(5, 7).parameters())
    assert lstm_parameter_count(5, 7) == count - 4 * 7
    with pytest.raises(ValueError, match=r"^input_size: expected at least 1, got 0$"):
        lstm_parameter_count(0, 7)


def test_errors_name_what_is_wrong():
    arguments = draw()
    trace = lstm_forward(*arguments)
    x, h0, c0, w_ih, w_hh, b = arguments
    with pytest.raises(ValueError, match=r"^c0: expected shape \(B=2, H=5\), got \(2, 4\)$"):
        lstm_forward(x, h0, c0[:, 1:], w_ih, w_hh, b)
    with pytest.raises(ValueError, match=r"^w_ih: expected shape \(4\*H=20, D=3\), got \(15, 3\)$"):
        lstm_forward(x, h0, c0, w_ih[:15], w_hh, b)
    with pytest.raises(ValueError, match=r"^w_hh: expected shape \(4\*H, H\), got \(15, 5\)$"):
        lstm_forward(x, h0, c0, w_ih, w_hh[:15], b)
    with pytest.raises(ValueError, match=r"^dc: expected shape \(T=4, B=2, H=5\), got \(2, 5\)$"):
        lstm_backward(trace.h, *arguments, dc=c0)
    with pytest.raises(TypeError, match=r"^trace: expected LSTMTrace or None, got ndarray$"):
        lstm_backward(trace.h, *arguments, trace=trace.h)
    cut = LSTMTrace(*(array[:3] for array in trace))
    with pytest.raises(ValueError, match=r"^trace.h: expected shape \(T=4, B=2, H=5\), got \(3,"):
        lstm_backward(trace.h, *arguments, trace=cut)
    single = trace._replace(o=trace.o.astype(np.float32))
    with pytest.raises(TypeError, match=r"^trace.o: expected float64 as dh has, got float32$"):
        lstm_backward(trace.h, *arguments, trace=single)

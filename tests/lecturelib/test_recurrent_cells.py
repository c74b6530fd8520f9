"""What holds for all recurrent cells alike: Elman, LSTM and GRU, against torch and definitions."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.gradcheck import check_gradients
from lecturelib.gru import gru_backward, gru_forward
from lecturelib.lstm import lstm_backward, lstm_forward
from lecturelib.recurrent import (
    last_state,
    last_state_backward,
    rnn_backward,
    rnn_forward,
)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def elman_by_definition(f):
    def run(x, h0, w_ih, w_hh, b):
        h, states = h0, []
        for x_t in x:
            h = f(x_t @ w_ih.T + h @ w_hh.T + b)
            states.append(h)
        return [np.stack(states)]

    return run


def lstm_by_definition(x, h0, c0, w_ih, w_hh, b):
    h, c, states, cells = h0, c0, [], []
    for x_t in x:
        i, f, g, o = np.split(x_t @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
        cells.append(c)
    return [np.stack(states), np.stack(cells)]


def gru_by_definition(x, h0, w_ih, w_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x:
        (x_r, x_z, x_n), (h_r, h_z, h_n) = (
            np.split(v @ w.T + b, 3, axis=1) for v, w, b in ((x_t, w_ih, b_ih), (h, w_hh, b_hh))
        )
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        states.append(h)
    return [np.stack(states)]


class Cell(NamedTuple):
    """One cell: `forward` and `backward` deal in lists of outputs, h and perhaps c."""

    gates: int
    states: tuple
    biases: tuple
    definition: object
    forward: object
    backward: object  # (gradients of the outputs, arguments, what the forward pass has kept, how)

    @property
    def names(self):
        return ("x", *self.states, "w_ih", "w_hh", *self.biases)

    def draw(self, rng, T, B, D, H, dtype=np.float64):
        """Return arguments, in order; weights small enough that gates stay half open."""
        G = self.gates
        shapes = {"x": (T, B, D), "w_ih": (G * H, D), "w_hh": (G * H, H)}
        shapes |= dict.fromkeys(self.states, (B, H)) | dict.fromkeys(self.biases, (G * H,))
        return [
            (rng.standard_normal(shapes[name]) * (0.5 if name[0] in "wb" else 1)).astype(dtype)
            for name in self.names
        ]


def elman(nonlinearity, f):
    def forward(arguments, **how):
        h = rnn_forward(*arguments, nonlinearity=nonlinearity, **how)
        return [h], h

    def backward(gradients, arguments, kept, **how):
        (dh,) = gradients
        return rnn_backward(dh, *arguments, h=kept, nonlinearity=nonlinearity, **how)

    return Cell(1, ("h0",), ("b",), elman_by_definition(f), forward, backward)


def lstm():
    def forward(arguments, **how):
        trace = lstm_forward(*arguments, **how)
        return [trace.h, trace.c], trace

    def backward(gradients, arguments, kept, **how):
        dh, dc = gradients
        return lstm_backward(dh, *arguments, dc=dc, trace=kept, **how)

    return Cell(4, ("h0", "c0"), ("b",), lstm_by_definition, forward, backward)


def gru():
    def forward(arguments, **how):
        trace = gru_forward(*arguments, **how)
        return [trace.h], trace

    def backward(gradients, arguments, kept, **how):
        (dh,) = gradients
        return gru_backward(dh, *arguments, trace=kept, **how)

    return Cell(3, ("h0",), ("b_ih", "b_hh"), gru_by_definition, forward, backward)


CELLS = {
    "tanh": elman("tanh", np.tanh),
    "relu": elman("relu", lambda z: np.maximum(z, 0)),
    "sigmoid": elman("sigmoid", sigmoid),
    "lstm": lstm(),
    "gru": gru(),
}
cells = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())


def with_gradients(cell, arguments, upstream, **how):
    """Return the outputs, and all gradients by the argument's name."""
    lengths = {key: value for key, value in how.items() if key == "lengths"}
    outputs, kept = cell.forward(arguments, **lengths)
    gradients = cell.backward(upstream, arguments, kept, **how)
    return outputs, dict(zip(cell.names, gradients, strict=True))


def draw_upstream(cell, rng, arguments):
    """Return one gradient for each output."""
    T, B = arguments[0].shape[:2]
    H = arguments[1].shape[1]
    return [rng.standard_normal((T, B, H)).astype(arguments[0].dtype) for _ in cell.states]


sizes = st.tuples(*[st.integers(1, 4)] * 4)


@cells
@given(sizes, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_cell_is_its_definition(cell, sizes, seed):
    arguments = cell.draw(np.random.default_rng(seed), *sizes)
    outputs, _ = cell.forward(arguments)
    for got, expected in zip(outputs, cell.definition(*arguments), strict=True):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-14)


@cells
@pytest.mark.parametrize("sizes", [(3, 2, 3, 2), (1, 1, 2, 3), (4, 1, 1, 1), (1, 3, 2, 2)])
@pytest.mark.parametrize("padded", [False, True], ids=["full", "padded"])
def test_gradients_match_finite_differences(cell, sizes, padded):
    rng = np.random.default_rng(11)
    arguments = cell.draw(rng, *sizes)
    upstream = draw_upstream(cell, rng, arguments)
    T, B = sizes[:2]
    lengths = np.maximum(T - np.arange(B), 1) if padded else None
    _, gradients = with_gradients(cell, arguments, upstream, lengths=lengths)

    def loss(**arrays):
        outputs, _ = cell.forward(arrays.values(), lengths=lengths)
        return sum((output * d).sum() for output, d in zip(outputs, upstream, strict=True))

    arrays = dict(zip(cell.names, arguments, strict=True))
    check_gradients(loss, arrays, gradients, rtol=1e-6, atol=1e-9)


def torch_run(name, cell, arguments, *, lengths=None, truncate=None):
    """Return torch's outputs h, h_n and perhaps c_n, and the tensors of the arguments."""
    torch = pytest.importorskip("torch")
    kind = {"lstm": "LSTM", "gru": "GRU"}.get(name, "RNN")
    how = {"nonlinearity": name} if kind == "RNN" else {}
    tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in arguments]
    x, *rest = tensors
    states, (w_ih, w_hh, *biases) = rest[: len(cell.states)], rest[len(cell.states) :]
    layer = getattr(torch.nn, kind)(x.shape[2], w_hh.shape[1], dtype=x.dtype, **how)
    if len(biases) == 1:
        biases.append(torch.zeros_like(biases[0]))  # ours is the sum of both
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    weights = dict(zip(names, (w_ih, w_hh, *biases), strict=True))
    state = [each[None] for each in states]
    pieces = []
    for piece in x.split(truncate or len(x)):
        h, state = _torch_piece(torch, layer, weights, piece, state, lengths)
        pieces.append(h)
        last, state = state, [each.detach() for each in state]
    return [torch.cat(pieces), *(each[0] for each in last)], tensors


def _torch_piece(torch, layer, weights, x, state, lengths):
    rnn = torch.nn.utils.rnn
    if lengths is not None:
        x = rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    state = tuple(state) if len(state) == 2 else state[0]
    h, state = torch.func.functional_call(layer, weights, (x, state))
    if lengths is not None:
        h, _ = rnn.pad_packed_sequence(h, total_length=max(lengths))
    return h, list(state) if isinstance(state, tuple) else [state]


def assert_close(what, got, expected):
    expected = expected.detach().numpy()
    assert got.shape == expected.shape, what
    assert got.dtype == expected.dtype, what
    # Sums of products err in proportion to the largest terms, not to their own size.
    limit = 100 * np.finfo(got.dtype).eps * max(np.abs(expected).max(), 1)
    np.testing.assert_allclose(got, expected, rtol=0, atol=limit, err_msg=what)


@pytest.mark.parametrize("name", [name for name in CELLS if name != "sigmoid"])  # torch has none
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("sizes", "how"),
    [
        ((7, 3, 5, 4), {}),
        ((1, 1, 1, 1), {}),
        ((1, 4, 2, 3), {}),
        ((20, 1, 3, 8), {}),
        ((6, 4, 3, 5), {"lengths": [2, 6, 1, 4]}),
        ((7, 2, 3, 4), {"truncate": 3}),
        ((4, 2, 3, 4), {"truncate": 1}),
        ((4, 2, 3, 4), {"truncate": 4}),
        ((4, 2, 3, 4), {"truncate": 9}),
    ],
)
def test_cell_matches_torch(name, dtype, sizes, how):
    """Values, final states and all gradients, where the loss sees every state and the final ones.

    Truncation is compared with segments whose first states are detached.
    """
    cell, rng = CELLS[name], np.random.default_rng(5)
    arguments = cell.draw(rng, *sizes, dtype)
    lengths = {key: value for key, value in how.items() if key == "lengths"}
    (dh, *dlast) = [draw_upstream(cell, rng, arguments)[0]] + [
        rng.standard_normal((sizes[1], sizes[3])).astype(dtype) for _ in cell.states
    ]
    expected, tensors = torch_run(name, cell, arguments, **how)

    outputs, kept = cell.forward(arguments, **lengths)
    assert_close("h", outputs[0], expected[0])
    for output, last in zip(outputs, expected[1:], strict=True):
        assert_close("last", last_state(output, **lengths), last)

    upstream = [last_state_backward(d, outputs[0], **lengths) for d in dlast]
    upstream[0] = upstream[0] + dh
    gradients = cell.backward(upstream, arguments, kept, **how)
    torch = pytest.importorskip("torch")
    torch.autograd.backward(expected, [torch.from_numpy(d) for d in (dh, *dlast)])
    for argument, got, tensor in zip(cell.names, gradients, tensors, strict=True):
        assert_close(f"d{argument}", got, tensor.grad)


@cells
@given(
    sizes,
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.one_of(st.none(), st.integers(1, 6)),
)
@settings(deadline=None, max_examples=25, derandomize=True)
def test_sequences_of_a_padded_batch_are_as_if_alone(cell, sizes, lengths, truncate):
    """Outputs, all gradients and truncation, even if the padding is NaN."""
    rng = np.random.default_rng(2)
    T, B = max(lengths), len(lengths)
    arguments = cell.draw(rng, T, B, *sizes[2:])
    upstream = draw_upstream(cell, rng, arguments)
    for b, length in enumerate(lengths):
        for array in (arguments[0], *upstream):
            array[length:, b] = np.nan
    outputs, gradients = with_gradients(
        cell, arguments, upstream, lengths=lengths, truncate=truncate
    )
    shared = ("w_ih", "w_hh", *cell.biases)
    totals = dict.fromkeys(shared, 0)
    for b, length in enumerate(lengths):
        one = slice(b, b + 1)
        alone = [arguments[0][:length, one], *(state[one] for state in arguments[1:])]
        alone[1 + len(cell.states) :] = arguments[1 + len(cell.states) :]
        expected, parts = with_gradients(
            cell, alone, [d[:length, one] for d in upstream], truncate=truncate
        )
        for got, wanted in zip(outputs, expected, strict=True):
            np.testing.assert_allclose(got[:length, one], wanted, rtol=0, atol=1e-13)
            assert not got[length:, b].any()
        np.testing.assert_allclose(gradients["x"][:length, one], parts["x"], rtol=0, atol=1e-12)
        assert not gradients["x"][length:, b].any()
        for state in cell.states:
            np.testing.assert_allclose(gradients[state][one], parts[state], rtol=0, atol=1e-12)
        totals = {name: totals[name] + parts[name] for name in shared}
    for name in shared:
        np.testing.assert_allclose(gradients[name], totals[name], rtol=0, atol=1e-11)


@cells
def test_truncated_gradients_are_those_of_segments(cell):
    rng = np.random.default_rng(9)
    arguments = cell.draw(rng, 8, 2, 3, 4)
    upstream = draw_upstream(cell, rng, arguments)
    _, gradients = with_gradients(cell, arguments, upstream, truncate=3)
    totals, starts, dx = dict.fromkeys(gradients, 0), arguments[1 : 1 + len(cell.states)], []
    for begin in range(0, 8, 3):
        segment = slice(begin, begin + 3)
        piece = [arguments[0][segment], *starts, *arguments[1 + len(cell.states) :]]
        outputs, parts = with_gradients(cell, piece, [d[segment] for d in upstream])
        starts = [output[-1] for output in outputs]
        dx.append(parts["x"])
        for name in ("w_ih", "w_hh", *cell.biases):
            totals[name] = totals[name] + parts[name]
        if begin == 0:
            totals |= {state: parts[state] for state in cell.states}
    totals["x"] = np.concatenate(dx)
    for name, got in gradients.items():
        np.testing.assert_allclose(got, totals[name], rtol=0, atol=1e-12, err_msg=name)


@cells
@pytest.mark.parametrize("how", [{}, {"lengths": [2, 3]}], ids=["full", "padded"])
def test_backward_computes_what_it_is_not_given(cell, how):
    rng = np.random.default_rng(3)
    arguments = cell.draw(rng, 3, 2, 2, 3)
    upstream = draw_upstream(cell, rng, arguments)
    _, expected = with_gradients(cell, arguments, upstream, **how)
    again = cell.backward(upstream, arguments, None, **how)
    for name, got in zip(cell.names, again, strict=True):
        np.testing.assert_array_equal(got, expected[name])


@cells
def test_none_stands_for_zeros(cell):
    rng = np.random.default_rng(3)
    arguments = cell.draw(rng, 3, 2, 2, 3)
    upstream = draw_upstream(cell, rng, arguments)
    absent = [name in (*cell.states, *cell.biases) for name in cell.names]
    nones = [None if out else a for a, out in zip(arguments, absent, strict=True)]
    zeros = [np.zeros_like(a) if out else a for a, out in zip(arguments, absent, strict=True)]
    outputs, kept = cell.forward(nones)
    expected_outputs, expected = with_gradients(cell, zeros, upstream)
    for got, wanted in zip(outputs, expected_outputs, strict=True):
        np.testing.assert_array_equal(got, wanted)
    for name, got in zip(cell.names, cell.backward(upstream, nones, kept), strict=True):
        np.testing.assert_array_equal(got, expected[name])


@cells
def test_arguments_stay_unchanged_and_may_be_views(cell):
    rng = np.random.default_rng(1)
    arguments = cell.draw(rng, 3, 2, 4, 3)
    views = [np.repeat(array, 2, axis=0)[::2] for array in arguments]
    views[0] = np.ascontiguousarray(arguments[0].transpose(1, 2, 0)).transpose(2, 0, 1)
    upstream = draw_upstream(cell, rng, arguments)
    outputs, kept = cell.forward(arguments, lengths=[3, 2])
    given_trace = [kept] if isinstance(kept, np.ndarray) else list(kept)
    for array in (*views, *upstream, *given_trace):
        array.flags.writeable = False
    results = cell.backward(upstream, views, kept, lengths=[3, 2], truncate=2)
    expected = cell.backward(upstream, arguments, kept, lengths=[3, 2], truncate=2)
    for got, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-13)
    for got, wanted in zip(cell.forward(views, lengths=[3, 2])[0], outputs, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-14)


@cells
def test_integers_take_the_float_type_beside_them(cell):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (3, 2, 2))
    arguments = [x, *cell.draw(rng, 3, 2, 2, 3, np.float32)[1:]]
    outputs, kept = cell.forward(arguments)
    gradients = cell.backward(outputs, arguments, kept)
    assert {array.dtype.name for array in (*outputs, *gradients)} == {"float32"}
    in_float64 = [array.astype(np.int64) for array in arguments]
    assert cell.forward(in_float64)[0][0].dtype == np.float64


def arguments_with(cell, **changed):
    arrays = dict(zip(cell.names, cell.draw(np.random.default_rng(0), 4, 3, 2, 5), strict=True))
    return list((arrays | changed).values())


@cells
@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"x": np.ones((4, 3))}, ValueError, r"^x: expected shape \(T, B, D\), got \(4, 3\)$"),
        ({"x": np.ones((0, 3, 2))}, ValueError, r"^x: .* with no empty axis, got \(0, 3, 2\)$"),
        ({"x": np.ones((4, 3, 7))}, ValueError, r"^w_ih: .* D=7\), got"),
        ({"w_hh": np.ones((7, 5))}, ValueError, r"^w_hh: expected shape \(.*H, H\), got \(7, 5\)$"),
        ({"w_hh": np.ones(5)}, ValueError, r"^w_hh: expected shape \(.*H, H\), got \(5,\)$"),
        ({"w_hh": np.ones((0, 0))}, ValueError, r"^w_hh: expected shape .* got \(0, 0\)$"),
        ({"w_ih": np.ones((7, 2))}, ValueError, r"^w_ih: expected shape .*H=.* got \(7, 2\)$"),
        ({"h0": np.ones((2, 5))}, ValueError, r"^h0: expected shape \(B=3, H=5\), got \(2, 5\)$"),
        (
            {"w_ih": np.ones((5, 2), np.float32)},
            TypeError,
            r"^w_ih: expected float64 as (x|dh) has",
        ),
        ({"x": [[[1.0]]]}, TypeError, r"^x: expected a NumPy array, got list$"),
        ({"x": None}, TypeError, r"^x: expected a NumPy array, got NoneType$"),
        ({"w_ih": None}, TypeError, r"^w_ih: expected a NumPy array, got NoneType$"),
        ({"w_hh": 3}, TypeError, r"^w_hh: expected a NumPy array, got int$"),
    ],
)
def test_cells_name_what_is_wrong(cell, changed, error, message):
    with pytest.raises(error, match=message):
        cell.forward(arguments_with(cell, **changed))
    with pytest.raises(error, match=message):
        cell.backward(
            [np.ones((4, 3, 5))] * len(cell.states), arguments_with(cell, **changed), None
        )


@cells
def test_cells_name_a_wrong_bias(cell):
    for name in cell.biases:
        with pytest.raises(ValueError, match=rf"^{name}: expected shape \(.*H=.*\), got \(6,\)$"):
            cell.forward(arguments_with(cell, **{name: np.ones(6)}))


@cells
@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ([1, 2], ValueError, r"^lengths: expected shape \(B=3,\), got \(2,\)$"),
        ([1, 2, 5], ValueError, r"^lengths: expected 1 to 4 steps each, got 5$"),
        ([1, 0, 4], ValueError, r"^lengths: expected 1 to 4 steps each, got 0$"),
        ([1.0, 2, 4], TypeError, r"^lengths: expected integers, got \[1.0, 2, 4\]$"),
        (np.ones((4, 3), bool), TypeError, r"^lengths: expected integers, got array"),
    ],
)
def test_cells_name_wrong_lengths(cell, lengths, error, message):
    with pytest.raises(error, match=message):
        cell.forward(arguments_with(cell), lengths=lengths)


@cells
@pytest.mark.parametrize(
    ("truncate", "error", "message"),
    [
        (0, ValueError, r"^truncate: expected at least 1, got 0$"),
        (2.0, TypeError, r"^truncate: expected an integer, got 2.0$"),
    ],
)
def test_cells_name_a_wrong_truncation(cell, truncate, error, message):
    upstream = [np.ones((4, 3, 5))] * len(cell.states)
    with pytest.raises(error, match=message):
        cell.backward(upstream, arguments_with(cell), None, truncate=truncate)


@cells
@pytest.mark.parametrize(
    ("dh", "error", "message"),
    [
        (np.ones((1, 3, 5)), ValueError, r"^dh: expected shape \(T=4, B=3, H=5\), got \(1, 3, 5\)"),
        (np.ones((4, 3, 5), np.float32), TypeError, "expected float32 as dh has, got float64"),
    ],
)
def test_cells_name_a_wrong_upstream_gradient(cell, dh, error, message):
    with pytest.raises(error, match=message):
        cell.backward([dh, *[None] * (len(cell.states) - 1)], arguments_with(cell), None)

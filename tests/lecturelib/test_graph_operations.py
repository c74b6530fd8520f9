"""Every operation of the graph: values and gradients as torch has them and as differences say."""

from types import SimpleNamespace

import numpy as np
import pytest

from lecturelib import graph
from lecturelib.gradcheck import check_gradients

TORCH = ("exp", "log", "tanh", "sigmoid", "relu", "maximum", "concatenate", "stack")
FUNCTIONAL = ("linear", "conv1d", "conv2d", "leaky_relu")
FUNCTIONAL += ("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d")


def torch_side():
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional

    def with_target(loss):
        return lambda x, target, **options: loss(x, torch.from_numpy(target).to(x.dtype), **options)

    return SimpleNamespace(
        **{name: getattr(torch, name) for name in TORCH},
        **{name: getattr(functional, name) for name in FUNCTIONAL},
        # torch has no min-pooling; it is max-pooling upside down.
        min_pool1d=lambda x, *args, **place: -functional.max_pool1d(-x, *args, **place),
        min_pool2d=lambda x, *args, **place: -functional.max_pool2d(-x, *args, **place),
        softmax=lambda x, axis=-1: torch.softmax(x, dim=axis),
        log_softmax=lambda x, axis=-1: torch.log_softmax(x, dim=axis),
        transpose=lambda x, *axes: x.permute(axes or tuple(reversed(range(x.ndim)))),
        mse_loss=with_target(functional.mse_loss),
        cross_entropy=lambda x, target, **options: functional.cross_entropy(
            x, torch.from_numpy(target), **options
        ),
        binary_cross_entropy=with_target(functional.binary_cross_entropy),
        binary_cross_entropy_with_logits=with_target(functional.binary_cross_entropy_with_logits),
    )


OURS = SimpleNamespace(
    **{name: getattr(graph, name) for name in graph.__all__},
    transpose=lambda x, *axes: x.transpose(*axes),
)


def assert_close(what, got, expected):
    expected = expected.detach().numpy()
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype), what
    limit = 200 * np.finfo(got.dtype).eps * max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(got, expected, rtol=0, atol=limit, err_msg=what)


def check(formula, arrays):
    """Compare a formula of any number of arrays with torch, and in float64 with differences."""
    torch = pytest.importorskip("torch")
    theirs = torch_side()
    for dtype in (np.float32, np.float64):
        nodes = [graph.variable(array.astype(dtype)) for array in arrays]
        tensors = [torch.from_numpy(array.astype(dtype)).requires_grad_() for array in arrays]
        before = [node.value.copy() for node in nodes]
        y, expected = formula(OURS, *nodes), formula(theirs, *tensors)
        assert_close("value", y.value, expected)
        dy = np.asarray(np.random.default_rng(1).standard_normal(y.shape), dtype)
        y.backward(dy)
        expected.backward(torch.from_numpy(dy.copy()))
        for number, (node, tensor, array) in enumerate(zip(nodes, tensors, before, strict=True)):
            assert_close(f"gradient {number}", node.grad, tensor.grad)
            np.testing.assert_array_equal(node.value, array)
    check_gradients(
        lambda **values: (formula(OURS, *map(graph.variable, values.values())).value * dy).sum(),
        {f"x{number}": array for number, array in enumerate(before)},
        {f"x{number}": node.grad for number, node in enumerate(nodes)},
        rtol=1e-6,
    )


def draw(*shapes, positive=False):
    rng = np.random.default_rng(7)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    return [np.asarray(0.5 + np.abs(array) if positive else array) for array in arrays]


SHAPES = [
    ((), ()),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((3,), (4, 2, 1)),
    ((2, 3), ()),
    ((1, 1, 2), (3, 1)),
    ((0, 3), (1, 3)),
]
BINARY = {
    "add": lambda F, a, b: a + b,
    "subtract": lambda F, a, b: a - b,
    "multiply": lambda F, a, b: a * b,
    "divide": lambda F, a, b: a / b,
    "maximum": lambda F, a, b: F.maximum(a, b),
}


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_arithmetic_broadcasts(name, shapes):
    check(BINARY[name], draw(*shapes, positive=name == "divide"))


UNARY = {
    "negative": lambda F, x: -x,
    "plus a number": lambda F, x: 2 + x + 0.5,
    "minus": lambda F, x: 1 - x - 3,
    "times": lambda F, x: 3 * x * 0.1,
    "over": lambda F, x: x / 4,
    "reciprocal": lambda F, x: 2 / x,
    "square": lambda F, x: x**2,
    "root": lambda F, x: x**0.5,
    "inverse square": lambda F, x: x**-2,
    "first power": lambda F, x: x**1,
    "exp": lambda F, x: F.exp(x),
    "log": lambda F, x: F.log(x),
    "tanh": lambda F, x: F.tanh(x),
    "sigmoid": lambda F, x: F.sigmoid(x),
    "relu": lambda F, x: F.relu(x - 1),
    "leaky_relu": lambda F, x: F.leaky_relu(x - 1, negative_slope=0.2),
    "sum": lambda F, x: x.sum(),
    "mean": lambda F, x: x.mean(),
}


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (2, 1, 3)], ids=str)
@pytest.mark.parametrize("name", UNARY)
def test_operations_of_one_input(name, shape):
    check(UNARY[name], draw(shape, positive=True))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((4,), (4,)),
        ((2, 4), (4,)),
        ((4,), (4, 3)),
        ((2, 4), (4, 3)),
        ((5, 2, 4), (4, 3)),
        ((5, 2, 4), (5, 4, 3)),
        ((5, 2, 4), (1, 4, 3)),
        ((2, 4), (5, 4, 3)),
        ((6, 1, 2, 4), (5, 4, 3)),
        ((5, 2, 4), (4,)),
        ((4,), (5, 4, 3)),
        ((1, 1), (1, 1)),
    ],
    ids=str,
)
def test_matmul(a, b):
    check(lambda F, a, b: a @ b, draw(a, b))


SHAPING = {
    "sum over rows": lambda F, x: x.sum(axis=0),
    "sum over columns": lambda F, x: x.sum(axis=-1, keepdims=True),
    "sum over two axes": lambda F, x: x.sum(axis=(0, 2)),
    "mean over rows": lambda F, x: x.mean(axis=0),
    "mean over two axes": lambda F, x: x.mean(axis=(-1, 1), keepdims=True),
    "reshape": lambda F, x: x.reshape(4, -1),
    "reshape to a tuple": lambda F, x: x.reshape((4, 6)),
    "transpose to a tuple": lambda F, x: F.transpose(x, *([(1, 2, 0)] if F is OURS else (1, 2, 0))),
    "transpose": lambda F, x: F.transpose(x),
    "transpose of axes": lambda F, x: F.transpose(x, 2, 0, 1),
    "transpose from the end": lambda F, x: F.transpose(x, -1, 0, -2),
    "T": lambda F, x: x[0].T,
    "entry": lambda F, x: x[1, 2, 3],
    "row": lambda F, x: x[1],
    "last": lambda F, x: x[..., -1],
    "slice": lambda F, x: x[:, 1:, ::2],
    "new axis": lambda F, x: x[:, None],
    "array": lambda F, x: x[:, np.array([2, 0])],
    "repeated": lambda F, x: x[:, [1, 1, 0, 1]],
    "pairs": lambda F, x: x[[0, 1, 0], [2, 0, 2]],
    "table": lambda F, x: x[0][np.array([[0, 1], [1, 1]])],
    "mask": lambda F, x: x[np.arange(24).reshape(2, 3, 4) % 5 == 0],
    "softmax": lambda F, x: F.softmax(x),
    "softmax over rows": lambda F, x: F.softmax(x, axis=0),
    "log_softmax": lambda F, x: F.log_softmax(x, axis=1),
    "stack of its rows": lambda F, x: F.stack(list(x), axis=1),
    "max_pool1d": lambda F, x: F.max_pool1d(x, 2),
    "avg_pool1d": lambda F, x: F.avg_pool1d(x, 3, stride=1, padding=1),
    "min_pool1d": lambda F, x: F.min_pool1d(x, 2, stride=1),
    "max_pool2d": lambda F, x: F.max_pool2d(x[None], 2, stride=1),
    "avg_pool2d": lambda F, x: F.avg_pool2d(x[None], (1, 2)),
    "min_pool2d": lambda F, x: F.min_pool2d(x[None], 3, padding=1),
    "mse_loss": lambda F, x: F.mse_loss(x, TARGETS),
    "mse_loss, each": lambda F, x: F.mse_loss(x, TARGETS, reduction="none"),
    "cross_entropy": lambda F, x: F.cross_entropy(x[0], np.array([3, 0, 3])),
    "cross_entropy, summed": lambda F, x: F.cross_entropy(
        x[1], np.array([1, 1, 2]), reduction="sum"
    ),
    "binary_cross_entropy": lambda F, x: F.binary_cross_entropy(F.sigmoid(x), TARGETS),
    "binary_cross_entropy_with_logits": lambda F, x: F.binary_cross_entropy_with_logits(x, TARGETS),
}
TARGETS = np.random.default_rng(2).integers(0, 2, (2, 3, 4))


@pytest.mark.parametrize("name", SHAPING)
def test_operations_that_know_axes(name):
    check(SHAPING[name], draw((2, 3, 4)))


LAYERS = {
    "linear": (lambda F, x, w, b: F.linear(x, w, b), (2, 5, 3), (4, 3), (4,)),
    "linear without bias": (lambda F, x, w: F.linear(x, w), (5, 3), (4, 3)),
    "conv1d": (
        lambda F, x, w, b: F.conv1d(x, w, b, stride=2, padding=1),
        (2, 3, 7),
        (4, 3, 3),
        (4,),
    ),
    "conv1d without bias": (lambda F, x, w: F.conv1d(x, w), (1, 2, 4), (3, 2, 2)),
    "conv2d": (
        lambda F, x, w, b: F.conv2d(x, w, b, stride=(1, 2), padding=(0, 1)),
        (2, 3, 4, 5),
        (4, 3, 2, 3),
        (4,),
    ),
    "conv2d without bias": (lambda F, x, w: F.conv2d(x, w), (1, 2, 3, 3), (2, 2, 2, 2)),
    "concatenate": (
        lambda F, a, b, c: F.concatenate([a, b, c], axis=1),
        (2, 1, 3),
        (2, 2, 3),
        (2, 3, 3),
    ),
    "concatenate from the end": (lambda F, a, b: F.concatenate([a, b], -2), (2, 3), (1, 3)),
    "concatenate one": (lambda F, a: F.concatenate([a]), (2, 3)),
    "stack": (lambda F, a, b: F.stack([a, b, a], axis=2), (2, 3), (2, 3)),
    "stack in front": (lambda F, a, b: F.stack([a, b]), (), ()),
}


@pytest.mark.parametrize("name", LAYERS)
def test_operations_of_several_inputs(name):
    formula, *shapes = LAYERS[name]
    check(formula, draw(*shapes))


def test_maximum_splits_the_gradient_of_a_tie():
    check_values = np.array([-1.0, 0.0, 2.0])
    torch = pytest.importorskip("torch")
    a, b = (graph.variable(check_values) for _ in range(2))
    t, u = (torch.tensor(check_values, requires_grad=True) for _ in range(2))
    graph.maximum(a, b * b).backward([1, 2, 3])
    torch.maximum(t, u * u).backward(torch.tensor([1.0, 2, 3]))
    np.testing.assert_array_equal(a.grad, t.grad.numpy())
    np.testing.assert_array_equal(b.grad, u.grad.numpy())
    assert a.grad[1] == 1  # half of 2


def test_zeroth_power_is_flat_even_at_zero():
    x = graph.variable([0.0, 2.0])
    y = x**0
    y.backward([1, 1])
    np.testing.assert_array_equal(y.value, [1, 1])
    np.testing.assert_array_equal(x.grad, [0, 0])


def test_convolution_leaves_out_the_gradient_of_data(monkeypatch):
    """A third of the work in the first layer of a network."""
    from lecturelib.graph import _layers

    asked = []
    real = _layers.conv2d_backward

    def spy(dy, x, w, *, need_dx, **place):
        asked.append(need_dx)
        return real(dy, x, w, need_dx=need_dx, **place)

    operation = _layers._layer("conv2d", _layers.conv2d_forward, spy)
    monkeypatch.setattr(_layers, "_CONV2D", operation)
    picture, w = np.ones((1, 1, 4, 4)), graph.variable(np.ones((1, 1, 2, 2)))
    for x in (picture, graph.constant(picture), graph.variable(picture)):
        graph.conv2d(x, w).sum().backward()
        np.testing.assert_array_equal(w.grad, np.full((1, 1, 2, 2), 9))
    assert asked == [False, False, True]

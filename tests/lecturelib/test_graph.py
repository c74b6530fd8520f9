import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib import graph
from lecturelib.gradcheck import check_gradients
from lecturelib.graph import constant, operation, topological_order, variable


def layer_of_the_lecture(W, x, b, V, a):
    """Return h = tanh(Wx + b) and y = Vh + a."""
    h = graph.tanh(W @ x + b)
    return h, V @ h + a


def test_the_lectures_layer_by_hand_and_by_differences():
    rng = np.random.default_rng(0)
    shapes = {"W": (3, 2), "x": (2,), "b": (3,), "V": (1, 3), "a": (1,)}
    arrays = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    nodes = {name: variable(array, label=name) for name, array in arrays.items()}
    h, y = layer_of_the_lecture(**nodes)
    y.backward()
    # By the chain rule, one factor after the other.
    dh = arrays["V"][0]
    dz = dh * (1 - np.tanh(arrays["W"] @ arrays["x"] + arrays["b"]) ** 2)
    expected = {
        "W": np.outer(dz, arrays["x"]),
        "x": arrays["W"].T @ dz,
        "b": dz,
        "V": h.value[None],
        "a": np.ones(1),
    }
    for name, gradient in expected.items():
        np.testing.assert_allclose(nodes[name].grad, gradient, rtol=1e-12)
    np.testing.assert_allclose(h.grad, dh, rtol=1e-12)
    check_gradients(
        lambda **values: layer_of_the_lecture(**values)[1].value,
        arrays,
        {name: node.grad for name, node in nodes.items()},
        rtol=1e-6,
    )


def test_gradients_of_a_node_used_twice_are_summed():
    x = variable(3.0)
    y = x * x + x
    y.backward()
    assert x.grad == 7
    assert (y.value, x.grad.shape) == (12, ())


def test_diamond():
    x = variable([0.5, -1.0])
    left, right = graph.exp(x), x**3
    (left * right).sum().backward()
    e, p = np.exp(x.value), x.value
    np.testing.assert_allclose(x.grad, e * p**3 + e * 3 * p**2)
    np.testing.assert_allclose(left.grad, p**3)
    np.testing.assert_allclose(right.grad, e)


STEPS = {
    "add": lambda F, a, b: a + b,
    "subtract": lambda F, a, b: a - b,
    "multiply": lambda F, a, b: a * b,
    "divide": lambda F, a, b: a / (2 + b * b),
    "tanh": lambda F, a, b: F.tanh(a),
    "exp": lambda F, a, b: F.exp(-a * a),
    "matmul": lambda F, a, b: F.tanh(a) @ b.T,
    "mean": lambda F, a, b: a + b.mean(axis=0),
    "turn": lambda F, a, b: a[1] * b,
}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 50), st.integers(0, 50)),
        min_size=1,
        max_size=14,
    ),
    st.integers(0, 50),
)
@settings(deadline=None, max_examples=80, derandomize=True)
def test_random_graphs_have_torchs_gradients(steps, goal):
    """Any graph of these steps: nodes used many times, and some that lead nowhere."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(len(steps))
    arrays = [rng.standard_normal((3, 3)) for _ in range(3)]
    nodes = [variable(array) for array in arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    leaves = len(arrays)
    for name, first, second in steps:
        first, second = first % len(nodes), second % len(nodes)
        nodes.append(STEPS[name](graph, nodes[first], nodes[second]))
        tensors.append(STEPS[name](torch, tensors[first], tensors[second]))
    goal = leaves + goal % len(steps)
    for tensor in tensors[leaves:]:
        tensor.retain_grad()
    graph.tanh(nodes[goal]).sum().backward()
    torch.tanh(tensors[goal]).sum().backward()
    for node, tensor in zip(nodes, tensors, strict=True):
        np.testing.assert_allclose(node.value, tensor.detach().numpy(), rtol=1e-9, atol=1e-12)
        if tensor.grad is None:
            assert node.grad is None
        else:
            scale = max(1, tensor.grad.abs().max().item())
            np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=0, atol=1e-10 * scale)


def unrolled(x, h, w_ih, w_hh, b):
    """Return the states of an Elman network, h_t = tanh(W_ih x_t + W_hh h_{t-1} + b)."""
    states = []
    for x_t in x:
        h = graph.tanh(x_t @ w_ih.T + h @ w_hh.T + b)
        states.append(h)
    return graph.stack(states)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unrolled_network_shares_its_weights_as_torchs_rnn(dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    D, H, B = 3, 4, 2
    theirs = torch.nn.RNN(D, H, dtype=getattr(torch, np.dtype(dtype).name))
    w_ih, w_hh, b, unused = (p.detach().numpy() for p in theirs.parameters())
    unused[:] = 0  # torch has two biases that are added
    weights = [variable(array) for array in (w_ih, w_hh, b)]
    limit = {"rtol": 0, "atol": 100 * np.finfo(dtype).eps}
    for T in (5, 1, 8):  # a new graph for each example, of its own length
        x = variable(rng.standard_normal((T, B, D)).astype(dtype))
        h0 = variable(rng.standard_normal((B, H)).astype(dtype))
        dy = rng.standard_normal((T, B, H)).astype(dtype)
        y = unrolled(x, h0, *weights)
        y.backward(dy)

        theirs.zero_grad()
        x_t = torch.tensor(x.value, requires_grad=True)
        h0_t = torch.tensor(h0.value[None], requires_grad=True)
        y_t, _ = theirs(x_t, h0_t)
        y_t.backward(torch.tensor(dy))
        np.testing.assert_allclose(y.value, y_t.detach().numpy(), **limit)
        gradients = [p.grad.numpy() for p in theirs.parameters()][:3]
        gradients += [x_t.grad.numpy(), h0_t.grad.numpy()[0]]
        for node, gradient in zip((*weights, x, h0), gradients, strict=True):
            assert node.grad.dtype == dtype
            np.testing.assert_allclose(node.grad, gradient, **limit)


def test_backward_starts_afresh_unless_told_to_accumulate():
    w = variable([1.0, 2.0])
    loss = (w * w).sum()
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal(w.grad, [2, 4])
    (3 * w).sum().backward(accumulate=True)
    np.testing.assert_array_equal(w.grad, [5, 7])
    w.backward([1, 1], accumulate=True)
    np.testing.assert_array_equal(w.grad, [6, 8])
    loss.backward(accumulate=True)
    np.testing.assert_array_equal(w.grad, [8, 12])


def test_accumulating_over_parts_is_the_gradient_of_the_sum():
    rng = np.random.default_rng(1)
    w, data = variable(rng.standard_normal((4, 2))), rng.standard_normal((6, 4))
    (graph.tanh(data @ w) ** 2).sum().backward()
    whole = w.grad
    w.grad = None
    for part in np.split(data, 3):
        (graph.tanh(part @ w) ** 2).sum().backward(accumulate=True)
    np.testing.assert_allclose(w.grad, whole, rtol=1e-12)


def test_nodes_beside_the_way_keep_their_gradient():
    x, y = variable(2.0), variable(3.0)
    side = x * y
    (y * y).backward()
    assert (x.grad, side.grad, y.grad) == (None, None, 6)
    (x * x).backward()
    assert y.grad == 6


def test_constants_get_no_gradient_and_cost_none():
    called = []

    def gradient(dy, x):
        called.append(1)
        return dy

    same = operation(lambda x: x + 0, gradient, name="same")
    data = constant([1.0, 2.0])
    w = variable([3.0, 4.0])
    processed = same(data)
    (processed * w).sum().backward()
    assert not processed.requires_grad
    assert (data.grad, processed.grad, called) == (None, None, [])
    np.testing.assert_array_equal(w.grad, [1, 2])
    with pytest.raises(ValueError, match=r"^backward: expected a node that depends on a variable"):
        processed.sum().backward()


def test_seed_is_the_gradient_of_the_loss():
    x = variable(np.array([[1.0, 2.0]], np.float32))
    y = 3 * x
    y.backward([[1, 10]])
    np.testing.assert_array_equal(x.grad, [[3, 30]])
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(y.grad, [[1, 10]])
    with pytest.raises(ValueError, match=r"^dy: expected the gradient .* shape \(1, 2\), got None"):
        y.backward()
    with pytest.raises(ValueError, match=r"^dy: expected shape \(1, 2\), got \(2,\)$"):
        y.backward([1, 10])
    for wrong in ([[1j, 1]], [["1", "2"]], [[True, True]], np.ma.ones((1, 2))):
        with pytest.raises(TypeError, match=r"^dy: expected (float32|an array without a mask)"):
            y.backward(wrong)
    one = x[0, :1] * 2  # a loss of one entry needs no seed
    one.backward()
    np.testing.assert_array_equal(x.grad, [[2, 0]])


def test_leaves_own_their_gradients():
    """Nobody else's gradient changes when an optimizer clips one in place."""
    a, b = variable([1.0, 2.0]), variable([3.0, 4.0])
    total = a + b
    total.sum().backward()
    a.grad *= 100
    np.testing.assert_array_equal(b.grad, [1, 1])
    np.testing.assert_array_equal(total.grad, [1, 1])


@pytest.mark.parametrize("in_place", [True, False])
def test_forward_again_equals_a_new_graph(in_place):
    rng = np.random.default_rng(2)
    arrays = [rng.standard_normal(shape) for shape in ((3, 2), (2,), (3,), (1, 3), (1,))]
    nodes = [variable(array) for array in arrays]
    h, y = layer_of_the_lecture(*nodes)
    loss = ((y - 1) ** 2).sum()
    loss.backward()
    old = [node.value for node in (h, y, loss)]
    for node, array in zip(nodes, arrays, strict=True):
        if in_place:
            node.value -= 0.1 * node.grad
        else:
            node.value = node.value - 0.1 * node.grad
        np.testing.assert_array_equal(node.value, array - 0.1 * node.grad)
    assert h.value is old[0]  # nothing is computed before it is asked for
    again = loss.forward()
    loss.backward()

    fresh = [variable(node.value) for node in nodes]
    new_h, new_y = layer_of_the_lecture(*fresh)
    new = ((new_y - 1) ** 2).sum()
    new.backward()
    assert again is loss.value
    assert loss.value < old[2]
    for node, other in zip((*nodes, h, y, loss), (*fresh, new_h, new_y, new), strict=True):
        np.testing.assert_array_equal(node.value, other.value)
        np.testing.assert_array_equal(node.grad, other.grad)


def test_forward_takes_new_shapes_and_integers():
    x = constant([[1.0, 2.0]])
    w = variable([2.0, 3.0])
    y = x @ w
    x.value = np.array([[1, 0], [0, 1], [1, 1]])
    np.testing.assert_array_equal(y.forward(), [2, 3, 5])
    assert x.value.dtype == np.float64
    x.value = "data"
    with pytest.raises(TypeError, match=r"^value: expected float32, float64 or integers"):
        y.forward()


def test_deep_chain():
    """No limit of recursion applies, in making, walking and forgetting the graph."""
    x = variable(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0001
    y.backward()
    assert y.value == pytest.approx(1.0001**20_000)
    assert x.grad == pytest.approx(1.0001**20_000)
    x.value = np.array(2.0)
    assert y.forward() == pytest.approx(2 * 1.0001**20_000)
    assert len(topological_order(y)) == 40_001
    del y


def test_topological_order_has_each_node_once_after_its_parents():
    a, b = variable(1.0), variable(2.0)
    c = a * b
    d = c + a
    e = (d * c) - d
    order = topological_order(e)
    assert order[-1] is e
    assert len(set(order)) == len(order) == 6
    for node in order:
        assert all(order.index(parent) < order.index(node) for parent in node.parents)
    assert topological_order(a) == [a]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_is_kept(dtype):
    x = variable(np.ones((2, 3), dtype))
    y = 2 * x + 1 - np.arange(3) + np.float64(0.5)
    y = (y / 3) ** np.float64(0.5) * np.array([True, False, True])
    y = graph.maximum(y, 0.5).mean()
    assert y.value.dtype == dtype
    assert isinstance(y.value, np.ndarray)
    y.backward()
    assert x.grad.dtype == dtype


def test_arrays_may_stand_on_either_side():
    w = variable([[1.0, 2.0], [3.0, 4.0]])
    x = np.array([1.0, -1.0])
    for node, expected in (
        (x + w, x + w.value),
        (x - w, x - w.value),
        (x * w, x * w.value),
        (x / w, x / w.value),
        (x @ w, x @ w.value),
        (w @ x, w.value @ x),
        (w - x, w.value - x),
    ):
        assert isinstance(node, graph.Node)
        np.testing.assert_array_equal(node.value, expected)


def test_variables_are_copies_and_constants_are_not():
    array = np.array([1.0, 2.0])
    w, x = variable(array), constant(array)
    w.value += 1
    np.testing.assert_array_equal(array, [1, 2])
    assert x.value is array
    assert variable([1, 2]).value.dtype == np.float64


def test_iterating_gives_the_rows():
    x = variable([[1.0, 2.0], [3.0, 4.0]])
    rows = list(x)
    assert [row.value.tolist() for row in rows] == [[1, 2], [3, 4]]
    rows[1].sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 0], [1, 1]])
    with pytest.raises(TypeError):
        iter(variable(1.0))


def test_own_operation_with_one_backward_function_for_all_inputs():
    def outer_backward(dy, a, b, *, scale):
        return scale * (dy @ b), scale * (a @ dy)

    outer = operation(
        lambda a, b, *, scale: scale * np.outer(a, b), outer_backward, inputs=2, name="outer"
    )
    arrays = {"a": np.array([1.0, 2.0]), "b": np.array([0.5, -1.0, 3.0])}
    nodes = {name: variable(array) for name, array in arrays.items()}
    y = outer(*nodes.values(), scale=3)
    assert y.operation.name == "outer"
    (y * y).sum().backward()
    check_gradients(
        lambda a, b: ((3 * np.outer(a, b)) ** 2).sum(),
        arrays,
        {name: node.grad for name, node in nodes.items()},
        rtol=1e-6,
    )


def test_operations_are_named_and_documented_as_their_functions():
    def cube_forward(x):
        """Return x³."""
        return x**3

    cube = operation(cube_forward, lambda dy, x: 3 * dy * x * x)
    y = cube(variable(2.0))
    assert y.operation.name == "cube"
    assert (cube.__name__, cube.__doc__) == ("cube", "Return x³.")
    assert repr(y) == "Node(cube, shape (), float64)"
    y.label = "y"
    assert repr(y) == "Node('y', cube, shape (), float64)"


X32, X64 = variable(np.ones(3, np.float32)), variable(np.ones(3))


def wrong(*backward, **options):
    return operation(lambda x, *_: 2 * x, *backward, name="wrong", **options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: variable("a"), TypeError, r"^value: expected float32, .* got dtype <U1$"),
        (lambda: variable(np.ones(2, np.float16)), TypeError, r"^value: .* got dtype float16$"),
        (lambda: constant(np.ma.masked_array([1.0])), TypeError, r"^value: .* a masked array$"),
        (lambda: constant(None), TypeError, r"^value: .* got dtype object$"),
        (
            lambda: X32 + X64,
            TypeError,
            r"^add: expected one float type, got float32, float64 and made float64$",
        ),
        (lambda: X32 * np.ones(3), TypeError, r"^multiply: expected one float type, got float32"),
        (lambda: X64 + "a", TypeError, r"^value: expected float32"),
        (lambda: X64**X64, TypeError, r"^exponent: expected a number, got Node$"),
        (lambda: X64 ** "2", TypeError, r"^exponent: expected a number, got str$"),
        (lambda: X64 + np.ones(2), ValueError, r"could not be broadcast"),
        (lambda: X64[5], IndexError, r"out of bounds"),
        (
            lambda: graph.mse_loss(X64, X64),
            TypeError,
            r"^mse_loss: expected nodes for the first 1 arguments alone, got Node\(leaf",
        ),
        (
            lambda: graph.max_pool2d(X64, kernel_size=X64),
            TypeError,
            r"^max_pool2d: expected nodes for the first 1 arguments alone, got Node",
        ),
        (
            lambda: operation(lambda x: x),
            ValueError,
            r"^backward: expected at least one function, got none$",
        ),
        (
            lambda: operation(lambda x: x.astype(np.float64), lambda dy, x: dy, name="up")(X32),
            TypeError,
            r"^up: expected one float type, got float32 and made float64$",
        ),
        (
            lambda: wrong(lambda dy, x: (dy, dy))(X64).backward(np.ones(3)),
            ValueError,
            r"^wrong: expected 1 gradients, got 2$",
        ),
        (
            lambda: wrong(lambda dy, x, y: dy, inputs=2)(X64, X64).backward(np.ones(3)),
            ValueError,
            r"^wrong: expected 2 gradients, got 1$",
        ),
        (
            lambda: wrong(lambda dy, x: dy[:2])(X64).backward(np.ones(3)),
            ValueError,
            r"^wrong: expected a gradient of shape \(3,\) in float64, got \(2,\) in float64$",
        ),
        (
            lambda: wrong(lambda dy, x: dy.astype(np.float64))(X32).backward(np.ones(3)),
            ValueError,
            r"^wrong: expected a gradient of shape \(3,\) in float32, got \(3,\) in float64$",
        ),
        (lambda: graph.draw([1.0]), TypeError, r"^node: expected a Node, got list$"),
    ],
)
def test_what_is_wrong_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()

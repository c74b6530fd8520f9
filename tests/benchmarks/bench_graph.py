"""The computation graph's overhead, beside torch's and beside scalar code.

The step is a network of three layers, forward and backward. With large layers the time goes into
matrix products, which both sides leave to BLAS; with small ones what is left is the overhead of
making nodes and walking over them.
"""

from itertools import pairwise

import numpy as np
import pytest

from lecturelib import graph

torch = pytest.importorskip("torch")


def network(batch, sizes, dtype):
    """Return the data of a classifier: examples, classes, and weights and biases in turn."""
    rng = np.random.default_rng(0)
    parameters = []
    for fan_in, fan_out in pairwise(sizes):
        parameters.append(rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in))
        parameters.append(rng.standard_normal(fan_out))
    x = rng.standard_normal((batch, sizes[0]))
    target = rng.integers(0, sizes[-1], batch)
    return x.astype(dtype), target, [array.astype(dtype) for array in parameters]


def loss(F, cross_entropy, x, target, parameters):
    w1, b1, w2, b2, w3, b3 = parameters
    h = F.tanh(F.tanh(x @ w1 + b1) @ w2 + b2)
    return cross_entropy(h @ w3 + b3, target)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("batch", "sizes"),
    [(64, (784, 256, 256, 10)), (64, (784, 100, 100, 10)), (1, (8, 16, 16, 4))],
)
def test_three_layers_beside_torch(compare, batch, sizes, dtype):
    x, target, parameters = network(batch, sizes, dtype)
    nodes = [graph.variable(array) for array in parameters]
    tensors = [torch.tensor(array, requires_grad=True) for array in parameters]
    x_torch, target_torch = torch.from_numpy(x), torch.from_numpy(target)

    def ours():
        loss(graph, graph.cross_entropy, x, target, nodes).backward()

    def theirs():
        for tensor in tensors:
            tensor.grad = None
        cross_entropy = torch.nn.functional.cross_entropy
        loss(torch, cross_entropy, x_torch, target_torch, tensors).backward()

    ours()
    theirs()
    limit = 1e4 * np.finfo(dtype).eps
    for node, tensor in zip(nodes, tensors, strict=True):
        np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=limit, atol=limit)
    layers = "-".join(map(str, sizes))
    work = f"graph: MLP {layers}, batch {batch}, {np.dtype(dtype)}, forward and backward"
    compare(work, ours, theirs, unit="µs")


def test_overhead_per_node_beside_torch(compare):
    """A chain of products of single numbers, in which there is nothing else to do."""
    length = 300
    x, x_torch = graph.variable(0.99), torch.tensor(0.99, dtype=torch.float64, requires_grad=True)

    def power(x):
        y = x
        for _ in range(length):
            y = y * x
        return y

    def ours():
        power(x).backward()

    def theirs():
        x_torch.grad = None
        power(x_torch).backward()

    ours()
    theirs()
    np.testing.assert_allclose(x.grad, x_torch.grad.numpy())
    compare(f"graph: chain of {length} products of numbers", ours, theirs, unit="µs")


def test_scalar_code(compare, record):
    """The same network of micrograd's, where each number is a node."""
    nn = pytest.importorskip("micrograd.nn")
    model = nn.MLP(8, [16, 16, 1])
    x = np.random.default_rng(0).standard_normal(8)
    nodes = [
        graph.variable(array)
        for layer in model.layers
        for array in (
            [[weight.data for weight in neuron.w] for neuron in layer.neurons],
            [float(neuron.b.data) for neuron in layer.neurons],
        )
    ]

    def forward():
        h = x
        for w, b in zip(nodes[0:4:2], nodes[1:4:2], strict=True):
            h = graph.relu(w @ h + b)
        return nodes[4] @ h + nodes[5]

    def ours():
        forward().backward()

    def theirs():
        model.zero_grad()
        model(x.tolist()).backward()

    ours()
    theirs()
    first = [[weight.grad for weight in neuron.w] for neuron in model.layers[0].neurons]
    np.testing.assert_allclose(nodes[0].grad, first, atol=1e-12)

    ratio = compare(
        "graph: MLP 8-16-16-1, one example, forward and backward",
        ours,
        theirs,
        peer_name="micrograd",
        unit="µs",
    )
    count, scalars = len(graph.topological_order(forward())), scalar_nodes(model(x.tolist()))
    record(
        f"graph: the same per node, {count} arrays beside {scalars} numbers",
        ratio * scalars / count,
        peer_name="micrograd",
    )


def scalar_nodes(value):
    seen, waiting = {value}, [value]
    while waiting:
        for parent in waiting.pop()._prev - seen:
            seen.add(parent)
            waiting.append(parent)
    return len(seen)

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A homework in torch
#
# A small one of its kind: tensors, modules and gradients go to and fro.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch
from torch import nn


def close(got, expected):
    """Tell whether a tensor is as expected."""
    assert isinstance(got, torch.Tensor), f"expected a tensor, got {type(got).__name__}"
    assert got.shape == expected.shape, f"expected {expected.shape}, got {got.shape}"
    return torch.allclose(got, expected, atol=1e-5)


# %% nbgrader={"grade": false, "grade_id": "entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(scores, labels):
    """Return the mean cross-entropy of scores (N, C) for labels (N,), as a tensor of no axes."""
    ### BEGIN SOLUTION
    log_sums = torch.logsumexp(scores, dim=1)
    return (log_sums - scores[torch.arange(len(labels)), labels]).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "entropy-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert close(cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3])), torch.tensor(4.0).log())
### BEGIN HIDDEN TESTS
rng = torch.Generator().manual_seed(1)
for samples, classes in [(1, 2), (5, 3), (7, 10)]:
    scores = torch.randn(samples, classes, generator=rng)
    labels = torch.randint(classes, (samples,), generator=rng)
    expected = nn.functional.cross_entropy(scores, labels)
    assert close(cross_entropy(scores, labels), expected), f"{samples=}, {classes=}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "entropy-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert torch.isfinite(cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([0])))
### BEGIN HIDDEN TESTS
assert close(cross_entropy(torch.tensor([[0.0, 900.0]]), torch.tensor([0])), torch.tensor(900.0))
### END HIDDEN TESTS


# %% nbgrader={"grade": false, "grade_id": "elman", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elman(x, w_x, w_h, b):
    """Run h_t = tanh(W_x x_t + W_h h_{t-1} + b) from h = 0 over x (T, B, D), to (T, B, H)."""
    ### BEGIN SOLUTION
    state = x.new_zeros(x.shape[1], len(b))
    states = []
    for step in x:
        state = torch.tanh(step @ w_x.T + state @ w_h.T + b)
        states.append(state)
    return torch.stack(states)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "elman-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ones = torch.ones(1, 1)
states = elman(torch.tensor([[[1.0]], [[0.0]]]), ones, ones, torch.zeros(1))
assert close(states[0], torch.tanh(ones)), "the first state comes from the input alone"
assert close(states[1], torch.tanh(torch.tanh(ones))), "the second one from the first"
### BEGIN HIDDEN TESTS
for steps, batch, features, hidden in [(1, 1, 1, 1), (6, 3, 2, 4), (3, 1, 5, 2)]:
    layer = nn.RNN(features, hidden)
    x = torch.randn(steps, batch, features)
    w_x, w_h, b_x, b_h = [parameter.detach() for parameter in layer.parameters()]
    expected = layer(x)[0].detach()
    assert close(elman(x, w_x, w_h, b_x + b_h), expected), f"{steps=}, {batch=}, {hidden=}"
### END HIDDEN TESTS


# %% nbgrader={"grade": false, "grade_id": "network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network(features, hidden, classes):
    """Build a module: linear, ReLU, linear, from (N, features) to scores (N, classes)."""
    ### BEGIN SOLUTION
    return nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, classes))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "network-size", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
model = network(4, 7, 3)
assert model(torch.zeros(5, 4)).shape == (5, 3)
sizes = [parameter.numel() for parameter in model.parameters()]
assert sum(sizes) == 4 * 7 + 7 + 7 * 3 + 3, f"two layers with biases, not parameters of {sizes}"
### BEGIN HIDDEN TESTS
x = torch.randn(6, 4)
first_w, first_b, second_w, second_b = model.state_dict().values()
expected = torch.relu(x @ first_w.T + first_b) @ second_w.T + second_b
assert close(model(x), expected)
### END HIDDEN TESTS


# %% nbgrader={"grade": false, "grade_id": "descend", "locked": false, "schema_version": 3, "solution": true, "task": false}
def descend(x, y, steps, lr):
    """Fit y = w x + b by gradient descent on the mean squared error, from w = b = 0."""
    ### BEGIN SOLUTION
    w = torch.zeros((), requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        ((w * x + b - y) ** 2).mean().backward()
        optimizer.step()
    return w.detach(), b.detach()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "descend-line", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
x = torch.linspace(-1, 1, 20)
w, b = descend(x, 3 * x - 1, 500, 0.1)
assert close(w, torch.tensor(3.0)), f"the line rises by 3, not {w:.3f}"
assert close(b, torch.tensor(-1.0)), f"the line passes -1, not {b:.3f}"
### BEGIN HIDDEN TESTS
w, b = descend(x, 3 * x - 1, 1, 0.1)
assert close(w, 0.2 * (x * 3 * x).mean()), "one step, by hand"
assert close(b, torch.tensor(-0.2)), "one step, by hand"
### END HIDDEN TESTS

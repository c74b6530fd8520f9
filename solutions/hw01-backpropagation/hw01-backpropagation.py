# ---
# jupyter:
#   course:
#     withheld:
#     - torch
#     - scipy
#     - sklearn
#     - jax
#     - autograd
#     - tensorflow
#     - micrograd
#     - networkx
#     - lecturelib
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Homework 1: Perceptrons and backpropagation
#
# A unit that adds up its inputs and fires or does not: that is all a network is made of. In this
# homework you build one, let it learn, find out what it cannot do, and repair that with a hidden
# layer. Then come the numbers that say how wrong a network is, and backpropagation, which says how
# to make it less so: first by hand through three layers, then for any computation at all.
#
# **When you are done you can**
#
# - compute the output of a perceptron for any of the usual activation functions (1.1), and train
#   one by Rosenblatt's rule (1.2);
# - say what a single threshold unit cannot do, and build a network of two layers that can, by hand
#   and from any truth table (1.3, 1.4, 1.11);
# - name the usual losses, and compute each with its gradient, without overflow and without losing
#   digits (1.5–1.7, 1.11);
# - describe backpropagation, write it out for a network of three layers, and see gradient descent
#   use it (1.8, 1.11);
# - run a computation graph forward in topological order and backward in reverse (1.9–1.11).
#
# **How the points come about** (70 in all; about 8 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 1.1 | `perceptron_layer` | 7 |
# | 1.2 | `fit_perceptron` | 6 |
# | 1.3 | `xor_weights` | 4 |
# | 1.4 | `dnf_network` | 5 |
# | 1.5 | `mse_loss` | 3 |
# | 1.6 | `binary_cross_entropy` | 6 |
# | 1.7 | `cross_entropy` | 6 |
# | 1.8 | `three_layer_gradients` | 8 |
# | 1.9 | `topological_order` | 5 |
# | 1.10 | `forward_backward` | 10 |
# | 1.11 | three short written answers | 10 |
#
# Each coded question is checked property by property (values, gradient, stable, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *care* means: the arguments are left unchanged, and the dtype is kept. A check that
# you see is *public*; run it as often as you like. When you hand in, the same cell also runs
# *hidden* checks of the same property on other inputs: other sizes, batches of one, very large and
# very small numbers. An answer that does what the text says passes both.
#
# **Ground rules**
#
# - The questions stand alone: an error in one costs nothing in another, and you may do them in any
#   order. (If you call one of your functions in another, you tie the two together.)
# - Write your functions with NumPy alone. `torch`, `scipy`, `jax`, `networkx`, `lecturelib` and
#   other packages that would do the work for you are not there when your notebook is graded: a cell
#   that imports one of them fails.
# - A function never changes the arrays it is given, and it answers in their dtype: float32 in,
#   float32 out. Arrays are of floats unless the question says otherwise; single numbers, such as a
#   loss or a bias, may be of any type of number.
# - Cells that read `YOUR CODE HERE` or *Write your answers here* are yours, and you may add cells.
#   The other cells are restored when your work is graded.
# - *Think about it* is for yourself or for the classroom: it is not handed in and earns no points.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** N examples in a batch, D inputs, M units or classes. A layer's weights `w` have
# shape (M, D), one row for each unit. Counting starts at 0, log is the natural logarithm, and a
# gradient has the shape of what it belongs to: `dw` that of `w`. "Right to nine digits" means: off
# by at most $10^{-9}$ of the largest entry of the answer (in float32, by $10^{-4}$).

# %% [markdown]
# ## Set-up
#
# Run these two cells first. They only hold what the checks need; there is no need to read them.

# %% course={"include": "../checks.py"} nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What all homeworks share stands in ../checks.py.


# %% nbgrader={"grade": false, "grade_id": "setup-networks", "locked": true, "schema_version": 3, "solution": false, "task": false}
def same_network_shapes(network, units, inputs):
    """Stop unless a network is w1 (units, inputs), b1 (units,), w2 (units,), b2."""
    w1, b1, w2, b2 = several(network, "w1", "b1", "w2", "b2")
    same_shape(w1, (units, inputs), "w1: one row of weights for each hidden unit")
    same_shape(b1, (units,), "b1: one bias for each hidden unit")
    same_shape(w2, (units,), "w2: one weight for each hidden unit")
    assert is_number(b2), f"b2: expected a number, got {type(b2).__name__}"


def run_network(network, x):
    """Say what the hidden units and the output of a network of threshold units answer to x."""
    w1, b1, w2, b2 = map(np.asarray, network)
    hidden = (x @ w1.T + b1 > 0).astype(int)
    return hidden, (hidden @ w2 + b2 > 0).astype(int)


def all_inputs(n):
    """List all inputs of n zeros and ones as a truth table does: the last one changes fastest."""
    return np.indices((2,) * n).reshape(n, -1).T


# %% [markdown]
# ## 1.1 The output of a perceptron (7 points)
#
# *Goal.* Compute what a layer of units answers, for a whole batch at once.
#
# *Math* (Chapter 1, *A unit that fires or does not*).
# A unit weighs its inputs, adds them up with its bias to the number $a$, and answers with
# $f(a)$. For M units and N examples,
#
# $$ a_{n,m} = b_m + \sum_{d=0}^{D-1} w_{m,d}\; x_{n,d} , \qquad y_{n,m} = f(a_{n,m}) , $$
#
# where $f$ is the *activation function*:
#
# | `activation` | $f(a)$ |
# | --- | --- |
# | `"step"` | 1 if $a > 0$, and 0 if $a \le 0$: McCulloch and Pitts' threshold unit of 1943 |
# | `"relu"` | $\max(0, a)$ |
# | `"sigmoid"` | $1 / (1 + e^{-a})$ |
# | `"tanh"` | $(e^a - e^{-a}) / (e^a + e^{-a})$ |
#
# *By hand.* The inputs (6, 4, 5) reach two units, the first with weights (−2, 2, 1) and bias 2, the
# second with weights (½, −3, 1) and bias 2. So $a = 2 - 12 + 8 + 5 = 3$ for the first, and −2 for
# the second: the first one fires, the second does not.
#
# *Task.* Return $y$. Its entries are floats, for the step as well (0.0 and 1.0). The formulas of
# the table are exact on paper; in floating point $e^{1000}$ is infinite, and $e^a - e^{-a}$ has
# lost most of its digits when $a$ is tiny. Your answer should be right for sums of any size (a
# warning on the way costs nothing as long as it is). And it should be fast: for a batch, a few
# operations on whole arrays take the place of loops over N, M and D.
#
# *Points.* step 2, ReLU 1, sigmoid and tanh 1, stable 1, speed 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-1-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_layer(x, w, b, activation):
    """Compute the answers of a layer of units.

    Parameters
    ----------
    x : (N, D)
        Inputs, one row for each example.
    w : (M, D)
        Weights, one row for each unit.
    b : (M,)
        One bias for each unit.
    activation : {"step", "relu", "sigmoid", "tanh"}
        What a unit makes of its weighted sum.

    Returns
    -------
    y : (N, M)
        Floats of the dtype of x.
    """
    ### BEGIN SOLUTION
    activations = {
        "step": lambda a: (a > 0).astype(a.dtype),
        "relu": lambda a: np.maximum(a, 0),
        # 1 / (1 + exp(-a)), where the exponential cannot overflow.
        "sigmoid": lambda a: np.exp(-np.logaddexp(0, -a)),
        "tanh": np.tanh,
    }
    return activations[activation](x @ w.T + b)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-1-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_sums(x, w, b):
    """Add up one product after another: the other way round from the model answer."""
    sums = np.zeros((len(x), len(w)))
    for n, m in np.ndindex(*sums.shape):
        total = float(b[m])
        for weight, value in zip(w[m].tolist(), x[n].tolist(), strict=True):
            total += weight * value
        sums[n, m] = total
    return sums


### END HIDDEN TESTS
with public_check("1.1 step"):
    x, w, b = np.array([[6.0, 4, 5]]), np.array([[-2.0, 2, 1], [0.5, -3, 1]]), np.array([2.0, 2])
    y = perceptron_layer(x, w, b, "step")
    expected = np.array([[1.0, 0]])
    compare(y, expected, "the example above: the sums are 3 and -2, so only unit 0 fires")

    x, one, no_bias = np.array([[-2.0], [-1], [0], [1], [2]]), np.array([[1.0]]), np.zeros(1)
    y = perceptron_layer(x, one, no_bias, "step")
    same_shape(y, (5, 1), "5 examples, 1 unit: (N, M)")
    assert y[2, 0] == 0, f"the sum is exactly 0: the unit stays silent there, so 0, not {y[2, 0]:g}"
    expected = np.array([[0.0], [0], [0], [1], [1]])
    compare(y, expected, "sums of -2, -1, 0, 1 and 2")
    y = perceptron_layer(x, -one, no_bias, "step")
    compare(y, expected[::-1].copy(), "the same with weight -1")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1101)
for batch, inputs, units in [(7, 3, 4), (1, 5, 2), (6, 4, 4), (40, 2, 3), (3, 1, 5)]:
    # Small integers, so that many sums are exactly 0 in whatever order they are added up.
    x = draw.integers(-2, 3, (batch, inputs)).astype(float)
    w = draw.integers(-2, 3, (units, inputs)).astype(float)
    b = draw.integers(-2, 3, units).astype(float)
    expected = np.sign(reference_sums(x, w, b)).clip(0)
    got = perceptron_layer(x.copy(), w.copy(), b.copy(), "step")
    compare(got, expected, f"{batch=}, {inputs=}, {units=}", reveal=False)
for scale in (1e-300, 0.3, 1e120):
    x, one, no_bias = np.array([[-scale], [0.0], [scale]]), np.ones((1, 1)), np.zeros(1)
    expected = np.array([[0.0], [0.0], [1.0]])
    compare(perceptron_layer(x, one, no_bias, "step"), expected, f"sums of {scale}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-1-relu", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.1 ReLU"):
    x, w, b = np.array([[6.0, 4, 5]]), np.array([[-2.0, 2, 1], [0.5, -3, 1]]), np.array([2.0, 2])
    expected = np.array([[3.0, 0]])
    compare(perceptron_layer(x, w, b, "relu"), expected, "the example above: sums of 3 and -2")

    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((5, 3)), rng.standard_normal((2, 3))
    b = rng.standard_normal(2)
    y = perceptron_layer(x, w, b, "relu")
    alone = np.concatenate([perceptron_layer(x[[n]], w, b, "relu") for n in range(5)])
    compare(y, alone, "each example is answered by itself")
    alone = perceptron_layer(x, w[[1]], b[[1]], "relu")
    compare(y[:, [1]], alone, "each unit works by itself, with its own row of w")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1102)
for batch, inputs, units in [(7, 3, 4), (1, 5, 2), (4, 4, 4), (3, 1, 5)]:
    x, w = draw.standard_normal((batch, inputs)), draw.standard_normal((units, inputs))
    b = draw.standard_normal(units)
    sums = reference_sums(x, w, b)
    expected = (sums + np.abs(sums)) / 2
    got = perceptron_layer(x.copy(), w.copy(), b.copy(), "relu")
    compare(got, expected, f"{batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-1-sigmoid-tanh", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.1 sigmoid and tanh"):
    x, w, b = np.array([[6.0, 4, 5]]), np.array([[-2.0, 2, 1], [0.5, -3, 1]]), np.array([2.0, 2])
    y = perceptron_layer(x, w, b, "sigmoid")
    same_shape(y, (1, 2), "1 example, 2 units: (N, M)")
    with np.errstate(all="ignore"):
        undone = np.log(y / (1 - y))
    compare(undone, np.array([[3.0, -2]]), "log(y / (1 - y)) undoes the sigmoid: the sums")
    y = perceptron_layer(x, w, b, "tanh")
    same_shape(y, (1, 2), "1 example, 2 units: (N, M)")
    with np.errstate(all="ignore"):
        undone = np.log((1 + y) / (1 - y)) / 2
    compare(undone, np.array([[3.0, -2]]), "log((1 + y) / (1 - y)) / 2 undoes tanh: the sums")

    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((5, 3)), rng.standard_normal((2, 3))
    b = rng.standard_normal(2)
    y, other = (perceptron_layer(x, s * w, s * b, "sigmoid") for s in (1, -1))
    compare(y + other, np.ones((5, 2)), "sigmoid(a) + sigmoid(-a) = 1")
    y, other = (perceptron_layer(x, s * w, s * b, "tanh") for s in (1, -1))
    compare(y, -other, "tanh(-a) = -tanh(a)")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1103)
for batch, inputs, units in [(7, 3, 4), (1, 5, 2), (4, 4, 4), (3, 1, 5)]:
    x, w = draw.standard_normal((batch, inputs)), draw.standard_normal((units, inputs))
    b = draw.standard_normal(units)
    sums = reference_sums(x, w, b)
    sigmoid = 1 / (1 + np.exp(-sums))
    tanh = np.sinh(sums) / np.cosh(sums)
    for activation, expected in (("sigmoid", sigmoid), ("tanh", tanh)):
        got = perceptron_layer(x.copy(), w.copy(), b.copy(), activation)
        compare(got, expected, f"{activation}, {batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-1-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.1 stable"):
    x, one, no_bias = np.array([[-1000.0], [0], [1000]]), np.array([[1.0]]), np.zeros(1)
    y = perceptron_layer(x, one, no_bias, "sigmoid")
    expected = np.array([[0.0], [0.5], [1]])
    compare(y, expected, "sigmoid of -1000, 0 and 1000", "Nothing may overflow to inf or nan.")
    y = perceptron_layer(x, one, no_bias, "tanh")
    expected = np.array([[-1.0], [0], [1]])
    compare(y, expected, "tanh of -1000, 0 and 1000", "Nothing may overflow to inf or nan.")
    x = np.array([[1e-9]])
    y = perceptron_layer(x, one, no_bias, "tanh")
    compare(y, x, "tanh(a) is a for a tiny sum", "Subtracting almost equal numbers loses digits.")
### BEGIN HIDDEN TESTS
for scale in (1e5, 750.0, 100.0, 37.0, 20.0):
    x, one, no_bias = np.array([[-scale], [-0.5], [0.7], [scale]]), np.ones((1, 1)), np.zeros(1)
    small = np.exp(-scale)
    middle = [1 / (1 + np.exp(0.5)), 1 / (1 + np.exp(-0.7))]
    expected = np.array([small, *middle, 1 - small])[:, None]
    got = perceptron_layer(x.copy(), one, no_bias, "sigmoid")
    compare(got, expected, f"sigmoid of sums of {scale}", reveal=False)
    expected = np.array([-1.0, *(np.sinh([-0.5, 0.7]) / np.cosh([-0.5, 0.7])), 1.0])[:, None]
    got = perceptron_layer(x.copy(), one, no_bias, "tanh")
    compare(got, expected, f"tanh of sums of {scale}", reveal=False)
for scale in (1e-9, 1e-100):
    x, one, no_bias = np.array([[-scale], [2 * scale]]), np.ones((1, 1)), np.zeros(1)
    for activation, expected in (("tanh", x.copy()), ("sigmoid", np.full((2, 1), 0.5) + x / 4)):
        got = perceptron_layer(x.copy(), one, no_bias, activation)
        compare(got, expected, f"{activation} of sums of {scale}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-1-speed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def layer_in_loops(x, w, b, activation):
    """Compute a layer number by number; what to beat."""
    y = np.zeros((x.shape[0], w.shape[0]))
    for n in range(x.shape[0]):
        for m in range(w.shape[0]):
            total = b[m]
            for d in range(x.shape[1]):
                total += w[m, d] * x[n, d]
            y[n, m] = total
    return np.maximum(0, y) if activation == "relu" else y


with public_check("1.1 speed"):
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((80, 40)), rng.standard_normal((50, 40)), np.zeros(50)
    y = perceptron_layer(x, w, b, "relu")
    same_shape(y, (80, 50), "80 examples, 50 units")
    expected = layer_in_loops(x[:5], w, b, "relu")
    compare(y[:5], expected, "80 examples, 50 units, against loops")
    ratio = times_faster(
        perceptron_layer,
        layer_in_loops,
        lambda: (rng.standard_normal((80, 40)), w, b, "relu"),
        enough=10,
    )
    assert ratio >= 10, (
        f"for 80 examples and 50 units you are {ratio:.1f} times as fast as loops over every "
        "number; one operation on whole arrays is at least 10 times as fast"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1106)
x, w, b = draw.standard_normal((70, 45)), draw.standard_normal((55, 45)), draw.standard_normal(55)
expected = (np.einsum("nd,md->nm", x, w) + b).clip(0)
compare(perceptron_layer(x, w, b, "relu"), expected, "70 examples, 55 units", reveal=False)
ratio = times_faster(
    perceptron_layer,
    layer_in_loops,
    lambda: (draw.standard_normal((70, 45)), w, b, "relu"),
    enough=10,
)
assert ratio >= 10, f"{ratio:.1f} times as fast as loops, 10 times expected"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-1-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.1 care"):
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((5, 3)), rng.standard_normal((2, 3)), rng.standard_normal(2)
    for activation in ("step", "relu", "sigmoid", "tanh"):
        y = watch(perceptron_layer, x, w, b, activation=activation)
        same_dtype(y, np.float64, activation)
        single = [array.astype(np.float32) for array in (x, w, b)]
        got = perceptron_layer(*single, activation)
        same_dtype(got, np.float32, activation)
        compare(got, y, f"{activation}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(1105)
x, w, b = draw.standard_normal((20, 3)), draw.standard_normal((4, 3)), draw.standard_normal(4)
for activation in ("step", "relu", "sigmoid", "tanh"):
    expected = watch(perceptron_layer, x.copy(), w.copy(), b.copy(), activation=activation)
    same_dtype(expected, np.float64, activation)
    same_shape(expected, (20, 4), "20 examples, 4 units: (N, M)")
    other = perceptron_layer(x.copy(), w[::-1].copy(), b.copy(), activation)
    assert not np.array_equal(other, expected), "other weights, and still the same answers"
    single = [array.astype(np.float32) for array in (x, w, b)]
    got = watch(perceptron_layer, *single, activation=activation)
    same_dtype(got, np.float32, activation)
    compare(got, expected, f"{activation}: float32 against float64", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Multiply all weights and biases by 10. What becomes of the answers of a step
# unit, and what of those of a sigmoid unit? And by 1000?

# %% [markdown]
# ## 1.2 Rosenblatt's learning rule (6 points)
#
# *Goal.* Let a threshold unit find its weights itself, from examples.
#
# *Math.* The unit starts with zero weights and bias zero. It is shown one example after another, in
# their order; once through all of them is an *epoch*. To the example $x_n$ it answers
# $y_n = \operatorname{step}(w \cdot x_n + b)$, with the weights that it has **at that moment**
# (`step` as in 1.1: 1 above 0, and 0 at $a \le 0$). Then, before it sees the next one,
#
# $$ w \leftarrow w + \alpha\,(t_n - y_n)\, x_n , \qquad b \leftarrow b + \alpha\,(t_n - y_n) , $$
#
# with the target $t_n$ (0 or 1) and the learning rate $\alpha$. A right answer changes nothing.
# After a mistake the inputs are added to the weights if the unit should have fired, and subtracted
# if it should not. Rosenblatt found this rule in 1958. Whenever a line (with more inputs, a plane)
# separates the examples, it comes upon one after finitely many mistakes, as Novikoff proved in
# 1962.
#
# *Task.* Go through all examples `epochs` times, also when nothing is wrong any more, and return
# $w$, $b$ and the number of mistakes of each epoch. (In the checks, inputs and rates are such that
# no sum is rounded.)
#
# *Points.* rule 2, epochs 1, mistakes 1, learning rate 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-2-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_perceptron(x, target, learning_rate, epochs):
    """Train a threshold unit by Rosenblatt's rule, from zero weights.

    Parameters
    ----------
    x : (N, D)
        Inputs, in the order in which they are shown.
    target : (N,)
        Right answers, 0.0 or 1.0.
    learning_rate : float
        Size of the steps.
    epochs : int
        How many times to go through the examples, at least 1.

    Returns
    -------
    w : (D,)
        Weights, of the dtype of x.
    b : number
        Bias.
    mistakes : list of int
        For each epoch, how many examples were answered wrongly when they were shown.
    """
    ### BEGIN SOLUTION
    w, b = np.zeros(x.shape[1], dtype=x.dtype), 0.0
    mistakes = []
    for _ in range(epochs):
        mistakes.append(0)
        for example, wanted in zip(x, target, strict=True):
            error = float(wanted) - float(example @ w + b > 0)
            w = w + learning_rate * error * example
            b = b + learning_rate * error
            mistakes[-1] += error != 0
    return w, b, mistakes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-2-rule", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_fit(x, target, epochs):
    """Count each example's mistakes; the weights are sums of examples and never needed."""
    likeness, counts, mistakes = x @ x.T + 1, np.zeros(len(x)), []
    for _ in range(epochs):
        before = np.abs(counts).sum()
        for n in range(len(x)):
            if (likeness[n] @ counts > 0) != (target[n] == 1):
                counts[n] += 1 if target[n] == 1 else -1
        mistakes.append(int(np.abs(counts).sum() - before))
    return counts @ x, counts.sum(), mistakes


### END HIDDEN TESTS
with public_check("1.2 rule"):
    x = np.array([[2.0, -1]])
    w, b, _ = several(fit_perceptron(x, np.array([1.0]), 1.0, 1), "w", "b", "mistakes")
    hint = "With zero weights it stays silent; it should have fired, so x is added."
    compare(w, x[0].copy(), "w after one example with target 1", hint)
    same_number(b, 1.0, "b after one example with target 1", hint)
    w, b, _ = several(fit_perceptron(x, np.array([0.0]), 1.0, 1), "w", "b", "mistakes")
    assert not np.any(w), f"silent at a = 0, and rightly so: w stays 0, but it became {w}"
    assert b == 0, f"silent at a = 0, and rightly so: b stays 0, but it became {b}"

    x, target = np.array([[1.0, 0], [1, 0], [3, 1]]), np.array([1.0, 1, 0])
    w, b, _ = several(fit_perceptron(x[:2], target[:2], 1.0, 1), "w", "b", "mistakes")
    hint = "The first example was learned before the second, equal one came: nothing left to do."
    compare(w, np.array([1.0, 0]), "w after two equal examples", hint)
    w, b, _ = several(fit_perceptron(x, target, 1.0, 1), "w", "b", "mistakes")
    hint = "Now it fires where it should not, so the third example is subtracted."
    compare(w, np.array([-2.0, -1]), "w after three examples", hint)
    same_number(b, 0, "b after three examples", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1201)
for examples, inputs in [(6, 3), (9, 2), (1, 4), (12, 1), (30, 5)]:
    x = draw.integers(-4, 5, (examples, inputs)).astype(float)
    target = draw.integers(0, 2, examples).astype(float)
    expected = reference_fit(x, target, 1)
    w, b, _ = several(fit_perceptron(x.copy(), target.copy(), 1.0, 1), "w", "b", "mistakes")
    compare(w, expected[0], f"w after one epoch, {examples=}, {inputs=}", reveal=False)
    what = f"b after one epoch, {examples=}, {inputs=}"
    same_number(b, expected[1], what, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-2-epochs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.2 epochs"):
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    for name, targets in (("AND", [0.0, 0, 0, 1]), ("OR", [0.0, 1, 1, 1]), ("x0", [0.0, 0, 1, 1])):
        w, b, _ = several(fit_perceptron(x, np.array(targets), 1.0, 20), "w", "b", "mistakes")
        same_shape(w, (2,), "w: one weight for each input")
        answers = (x @ w + b > 0).astype(int).tolist()
        wanted = [int(target) for target in targets]
        assert answers == wanted, (
            f"{name} should be learned within 20 epochs: with w = {w} and b = {b:g} the unit "
            f"answers {answers} to (0, 0), (0, 1), (1, 0), (1, 1), which should be {wanted}"
        )
        longer, _, _ = fit_perceptron(x, np.array(targets), 1.0, 30)
        compare(longer, w, f"{name}: once all is right, ten more epochs change nothing")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1202)
for examples, inputs, epochs in [(6, 3, 5), (9, 2, 2), (5, 4, 12), (20, 3, 7)]:
    x = draw.integers(-4, 5, (examples, inputs)).astype(float)
    target = draw.integers(0, 2, examples).astype(float)
    expected = reference_fit(x, target, epochs)
    w, b, _ = several(fit_perceptron(x.copy(), target.copy(), 1.0, epochs), "w", "b", "mistakes")
    compare(w, expected[0], f"w, {examples=}, {inputs=}, {epochs=}", reveal=False)
    same_number(b, expected[1], f"b, {examples=}, {inputs=}, {epochs=}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-2-mistakes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def counted(mistakes, epochs):
    """Return the mistakes as a plain list, if there is one number for each epoch."""
    assert isinstance(mistakes, (list, tuple, np.ndarray)), (
        f"mistakes: expected a list, got {kind_of(mistakes)}"
    )
    assert len(mistakes) == epochs, f"mistakes: expected {epochs} numbers, got {len(mistakes)}"
    return [int(number) for number in mistakes]


with public_check("1.2 mistakes"):
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    _, b, mistakes = several(
        fit_perceptron(x, np.array([0.0, 0, 0, 1]), 1.0, 10), "w", "b", "mistakes"
    )
    mistakes = counted(mistakes, 10)
    assert mistakes[0] == 1, (
        f"AND: silent to all four in the first epoch, which is wrong for the last one only: "
        f"1 mistake, not {mistakes[0]}"
    )
    assert mistakes[-1] == 0, f"AND is learned in less than 10 epochs, but mistakes = {mistakes}"
    assert (sum(mistakes) - b) % 2 == 0, (
        f"each mistake moves b by 1, up or down, so after {sum(mistakes)} mistakes "
        f"b cannot be {b:g}"
    )
    _, _, mistakes = several(
        fit_perceptron(x, np.array([0.0, 1, 1, 0]), 1.0, 50), "w", "b", "mistakes"
    )
    mistakes = counted(mistakes, 50)
    assert min(mistakes) > 0, "no line separates XOR, so an epoch without mistakes cannot be"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1203)
for examples, inputs, epochs in [(6, 3, 5), (9, 2, 2), (5, 4, 12), (20, 3, 7), (1, 1, 1)]:
    x = draw.integers(-4, 5, (examples, inputs)).astype(float)
    target = draw.integers(0, 2, examples).astype(float)
    expected = reference_fit(x, target, epochs)[2]
    mistakes = several(fit_perceptron(x.copy(), target.copy(), 1.0, epochs), "w", "b", "mistakes")[
        2
    ]
    mistakes = counted(mistakes, epochs)
    wrong = [epoch for epoch in range(epochs) if mistakes[epoch] != expected[epoch]]
    assert not wrong, f"{examples=}, {inputs=}, {epochs=}: wrong first in epoch {wrong[0]}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-2-learning-rate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.2 learning rate"):
    x, target = np.array([[1.0, 0], [2, 1], [0, 3], [1, 1]]), np.array([0.0, 1, 0, 1])
    w, b, mistakes = several(fit_perceptron(x, target, 1.0, 3), "w", "b", "mistakes")
    assert np.any(w), "w is still zero after three epochs with mistakes"
    for rate in (0.5, 4.0):
        other, bias, as_many = several(fit_perceptron(x, target, rate, 3), "w", "b", "mistakes")
        hint = "From zero weights, the rate only scales w and b; every answer stays the same."
        compare(other, rate * w, f"w at learning rate {rate} against your w at 1", hint)
        same_number(bias, rate * b, f"b at learning rate {rate} against your b at 1", hint)
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(1204)
for rate, epochs in [(0.125, 4), (32.0, 3), (2.0**-40, 5), (0.75, 1)]:
    x = draw.integers(-4, 5, (8, 3)).astype(float)
    target = np.array([1.0, 0, 1, 1, 0, 0, 1, 0])
    w, b, mistakes = several(
        fit_perceptron(x.copy(), target.copy(), 1.0, epochs), "w", "b", "mistakes"
    )
    assert np.any(w), "w is still zero"
    got = several(fit_perceptron(x.copy(), target.copy(), rate, epochs), "w", "b", "mistakes")
    compare(got[0], rate * w, f"w at learning rate {rate}", reveal=False)
    same_number(got[1], rate * b, f"b at learning rate {rate}", reveal=False)
    same = list(got[2]) == list(mistakes)
    assert same, f"the mistakes at learning rate {rate} are other ones than at 1"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-2-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.2 care"):
    x, target = np.array([[1.0, 0], [2, 1], [0, 3], [1, 1]]), np.array([0.0, 1, 0, 1])
    w, _, _ = several(
        watch(fit_perceptron, x, target, learning_rate=1.0, epochs=3), "w", "b", "mistakes"
    )
    same_shape(w, (2,), "w: one weight for each input")
    same_dtype(w, np.float64, "w")
    single = x.astype(np.float32), target.astype(np.float32)
    got, _, _ = several(fit_perceptron(*single, 1.0, 3), "w", "b", "mistakes")
    same_dtype(got, np.float32, "w")
    compare(got, w, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1205)
x = draw.integers(-4, 5, (8, 3)).astype(float)
target = np.array([1.0, 0, 1, 1, 0, 0, 1, 0])
given = watch(fit_perceptron, x.copy(), target.copy(), learning_rate=0.5, epochs=3)
w, _, _ = several(given, "w", "b", "mistakes")
same_shape(w, (3,), "w: one weight for each input")
same_dtype(w, np.float64, "w")
assert np.any(w), "w is still zero"
single = x.astype(np.float32), target.astype(np.float32)
given = watch(fit_perceptron, *single, learning_rate=0.5, epochs=3)
got, _, _ = several(given, "w", "b", "mistakes")
same_dtype(got, np.float32, "w")
compare(got, w, "float32 against float64", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Your unit at work. It was shown 24 points, `+` where it should fire and `o` where it should not;
# the line between them it was not told. After training, dots mark where it fires. Nothing to do
# here but look.

# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q1-2-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
places = np.random.default_rng(2).choice(33 * 13, 24, replace=False)
points = np.stack([places % 33 - 16, places // 33 - 6], axis=1).astype(float)
above = (points @ np.array([1.0, 4.0]) > 6).astype(float)
w, b, mistakes = fit_perceptron(points, above, 1.0, 12)
print("mistakes in each epoch:", *mistakes)
picture = {(i, j): "·" if w @ [i, j] + b > 0 else " " for i in range(-16, 17) for j in range(-6, 7)}
picture |= {tuple(map(int, p)): "o+"[int(t)] for p, t in zip(points, above, strict=True)}
for j in range(6, -7, -1):
    print("".join(picture[i, j] for i in range(-16, 17)))

# %% [markdown]
# *Think about it.* The line that the rule ends with depends on the order of the examples. Which
# line would you prefer among all that separate them, and why?

# %% [markdown]
# ## 1.3 XOR by hand (4 points)
#
# *Goal.* Choose the weights of a small network yourself, and see what a hidden layer is for.
#
# *Math.* "Exactly one of the two" (XOR) is 1 for the inputs (0, 1) and (1, 0), and 0 for (0, 0) and
# (1, 1). No line has the first two on one side and the last two on the other, so no single
# threshold unit computes it. Two hidden units and an output unit do, all three of them threshold
# units (1 above 0, and 0 at $a \le 0$):
#
# $$ h_j = \operatorname{step}\Big(b^{(1)}_j + \sum_d w^{(1)}_{j,d}\, x_d\Big) , \qquad
#    y = \operatorname{step}\Big(b^{(2)} + \sum_j w^{(2)}_j\, h_j\Big) , $$
#
# where the number above tells the layer.
#
# *Task.* Find nine numbers that make this network compute XOR, and return them as the arrays `w1`
# (2, 2), `b1` (2,), `w2` (2,) and the number `b2`. There are many right answers. A good one does
# not stand on the edge: it stays right when each of the nine numbers moves by up to 0.1, up or
# down, no matter which of them. Pencil and paper help: draw the four inputs as the corners of a
# square, and two lines.
#
# *Points.* shape 1, four inputs 2, margin 1.


# %% nbgrader={"grade": false, "grade_id": "q1-3-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def xor_weights():
    """Give the weights of a network of threshold units that computes XOR.

    Returns
    -------
    w1 : (2, 2)
        Weights of the hidden units, one row for each unit.
    b1 : (2,)
        Their biases.
    w2 : (2,)
        Weights of the output unit.
    b2 : float
        Its bias.
    """
    ### BEGIN SOLUTION
    # Hidden unit 0 says "at least one", hidden unit 1 "not both"; the output wants them both.
    w1 = np.array([[1.0, 1.0], [-1.0, -1.0]])
    b1 = np.array([-0.5, 1.5])
    return w1, b1, np.array([1.0, 1.0]), -1.5
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-3-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.3 shape"):
    same_network_shapes(xor_weights(), units=2, inputs=2)
### BEGIN HIDDEN TESTS
for name, part in zip(("w1", "b1", "w2", "b2"), xor_weights(), strict=True):
    assert np.isfinite(part).all(), f"{name} is not finite"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-3-four-inputs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("1.3 four inputs"):
    network = several(xor_weights(), "w1", "b1", "w2", "b2")
    x = all_inputs(2)
    hidden, y = run_network(network, x)
    for corner, h, answer in zip(x.tolist(), hidden.tolist(), y.tolist(), strict=True):
        wanted = int(corner[0] != corner[1])
        assert answer == wanted, (
            f"for x = {corner} the hidden units answer {h} and the output {answer}, "
            f"but XOR is {wanted}"
        )
### BEGIN HIDDEN TESTS
w1, b1, w2, b2 = network
for first, second in ((0, 0), (0, 1), (1, 0), (1, 1)):
    total = float(b2)
    for j in range(2):
        total += float(w2[j]) * (w1[j, 0] * first + w1[j, 1] * second + b1[j] > 0)
    assert (total > 0) == (first + second == 1), "not XOR"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-3-margin", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.3 margin"):
    w1, b1, w2, b2 = several(xor_weights(), "w1", "b1", "w2", "b2")
    x, xor = all_inputs(2), [0, 1, 1, 0]
    rng = np.random.default_rng(0)
    for _ in range(20):
        moved = [part + rng.choice([-0.1, 0.1], np.shape(part)) for part in (w1, b1, w2, b2)]
        answers = run_network(moved, x)[1].tolist()
        assert answers == xor, (
            f"with all nine numbers moved by 0.1, up or down, the network answers {answers}, not "
            f"{xor}: some sum is too close to 0. Put the lines midway between the corners"
        )
### BEGIN HIDDEN TESTS
for signs in all_inputs(9) * 0.2 - 0.1:
    moved = w1 + signs[:4].reshape(2, 2), b1 + signs[4:6], w2 + signs[6:8], b2 + signs[8]
    answers = run_network(moved, x)[1].tolist()
    assert answers == xor, "moved by 0.1, the network no longer computes XOR"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* The output unit never sees $x$, only $h$. Draw where the four inputs lie in the
# plane of $(h_0, h_1)$: how many different points are left, and why can a line separate them now?

# %% [markdown]
# ## 1.4 A network for any truth table (5 points)
#
# *Goal.* Turn every function of zeros and ones into a network with one hidden layer.
#
# *Math.* A truth table of $n$ inputs has $2^n$ rows. Row $k$ holds the answer to the inputs that
# are the binary digits of $k$, the first input being the most significant digit: with $n = 3$, row
# 6 = 110₂ belongs to $x = (1, 1, 0)$. Every such table can be written as an *or* of *and*s, its
# **disjunctive normal form** (DNF): one *and* for each row whose answer is 1, and it says what all
# the inputs are in that row. XOR, with the table 0, 1, 1, 0, reads
#
# $$ (\lnot x_0 \land x_1) \;\lor\; (x_0 \land \lnot x_1) , $$
#
# with ¬ for *not*, ∧ for *and*, ∨ for *or*.
#
# An *and* of inputs and negated inputs is a threshold unit, and so is an *or*. So the network of
# 1.3 computes the table, if it has M hidden units for a table with M ones.
#
# *Task.* Return `w1` (M, n), `b1` (M,), `w2` (M,) and `b2` for any table of $n \ge 1$ inputs. Use
# one hidden unit for each 1 of the table: it fires for the inputs of its own row and for no others.
# A table without a 1 has no hidden units, so `w1` has shape (0, n), and the output is always 0.
# There is more than one choice of biases; all that work are right.
#
# *Points.* shape 1, values 2, one row each 1, constant tables 1.


# %% nbgrader={"grade": false, "grade_id": "q1-4-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dnf_network(truth_table):
    """Build the network of threshold units that computes a truth table.

    Parameters
    ----------
    truth_table : (2**n,)
        Integers, 0 or 1: row k belongs to the inputs that are the n binary digits of k.

    Returns
    -------
    w1 : (M, n)
        Weights of the hidden units, one for each 1 of the table.
    b1 : (M,)
        Their biases.
    w2 : (M,)
        Weights of the output unit.
    b2 : float
        Its bias.
    """
    ### BEGIN SOLUTION
    n = len(truth_table).bit_length() - 1
    digits = (np.flatnonzero(truth_table)[:, None] >> np.arange(n)[::-1]) & 1
    # A row's own inputs give the sum of its digits; any other inputs give at least 1 less.
    return 2.0 * digits - 1, 0.5 - digits.sum(axis=1), np.ones(len(digits)), -0.5
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-4-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.4 shape"):
    same_network_shapes(dnf_network(np.array([0, 1, 1, 0])), units=2, inputs=2)
    same_network_shapes(dnf_network(np.array([0, 0, 0, 1, 0, 1, 1, 1])), units=4, inputs=3)
### BEGIN HIDDEN TESTS
for table, units, inputs in [
    ([1, 0], 1, 1),
    ([1, 1, 0, 1], 3, 2),
    ([0, 0, 0, 0, 0, 1, 0, 0], 1, 3),
    ([1] * 9 + [0] * 7, 9, 4),
    ([0] * 20 + [1] * 12, 12, 5),
]:
    same_network_shapes(dnf_network(np.array(table)), units, inputs)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-4-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def same_table(table, reveal=True):
    """Stop unless dnf_network gives a network that computes a table."""
    n = len(table).bit_length() - 1
    network = several(dnf_network(np.array(table)), "w1", "b1", "w2", "b2")
    same_shape(network[0], (len(network[0]), n), "w1: one row of weights for each hidden unit")
    answers = run_network(network, all_inputs(n))[1].tolist()
    first = next((k for k in range(2**n) if answers[k] != table[k]), None)
    assert first is None, (
        f"for the table {table} and x = {all_inputs(n)[first].tolist()} the network answers "
        f"{answers[first]}, but row {first} of the table says {table[first]}"
        if reveal
        else f"a table of {n} inputs comes out wrong"
    )


with public_check("1.4 values"):
    same_table([0, 1])
    same_table([1, 0])
    for table in ([0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0]):
        same_table(table)
    majority = [0, 0, 0, 1, 0, 1, 1, 1]
    same_table(majority)
    only_110 = [0, 0, 0, 0, 0, 0, 1, 0]
    same_table(only_110)
### BEGIN HIDDEN TESTS
for number in range(1, 15):
    same_table([number >> row & 1 for row in range(4)], reveal=False)
draw = np.random.default_rng(1402)
for n, ones in [(3, 1), (3, 4), (3, 7), (4, 1), (4, 6), (4, 15), (5, 11)]:
    table = [0] * 2**n
    for row in draw.permutation(2**n)[:ones]:
        table[row] = 1
    same_table(table, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-4-one-row-each", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.4 one row each"):
    for table in ([0, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 1, 0, 1, 1, 1]):
        network = several(dnf_network(np.array(table)), "w1", "b1", "w2", "b2")
        n = len(table).bit_length() - 1
        same_shape(network[0], (sum(table), n), f"w1 for the table {table}")
        hidden, _ = run_network(network, all_inputs(n))
        fired = hidden.sum(axis=0).tolist()
        assert fired == [1] * sum(table), (
            f"for the table {table} each hidden unit should fire for exactly one of the {2**n} "
            f"inputs, but they fire for {fired} of them"
        )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1403)
for n, ones in [(1, 1), (2, 3), (3, 5), (4, 9), (5, 4)]:
    table = [0] * 2**n
    for row in draw.permutation(2**n)[:ones]:
        table[row] = 1
    network = several(dnf_network(np.array(table)), "w1", "b1", "w2", "b2")
    same_shape(network[0], (ones, n), f"w1, {n} inputs, {ones} ones")
    hidden, _ = run_network(network, all_inputs(n))
    assert (hidden.sum(axis=0) == 1).all(), "a hidden unit does not fire for exactly one input"
    assert (hidden.sum(axis=1) <= 1).all(), "two hidden units fire for the same input"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-4-constant", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.4 constant tables"):
    same_table([1, 1, 1, 1])
    same_network_shapes(dnf_network(np.array([0, 0, 0, 0])), units=0, inputs=2)
    same_table([0, 0, 0, 0])
### BEGIN HIDDEN TESTS
for n in (1, 3, 4):
    same_network_shapes(dnf_network(np.zeros(2**n, dtype=int)), units=0, inputs=n)
    same_table([0] * 2**n, reveal=False)
    same_table([1] * 2**n, reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* How many hidden units does your network need for "an odd number of the $n$
# inputs is 1"? How many threshold units would a chain of XOR networks (1.3) need for the same, and
# what does that say about depth?

# %% [markdown]
# ## 1.5 The mean squared error (3 points)
#
# *Goal.* Measure how wrong a prediction of numbers is, and say in which direction it gets better.
#
# *Math.* For predictions $y$ and targets $t$ with K entries in all, whatever their shape (K is the
# number of examples only if each has one number),
#
# $$ L = \frac{1}{K} \sum_{i=0}^{K-1} (y_i - t_i)^2 . $$
#
# These are K terms. (You will find the sum printed from $i = 0$ to $N$, with N for our K; that is
# one term too many.) The gradient $dy$ holds the derivatives $\partial L / \partial y_i$, one for
# each entry of $y$.
#
# *Task.* Work out the gradient, and return the loss (a number) and the gradient. The public check
# nudges each prediction up and down and sees how far the loss moves.
#
# *Points.* loss 1, gradient 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-5-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse_loss(y, target):
    """Compute the mean squared error and its gradient.

    Parameters
    ----------
    y, target : arrays of any, but the same, shape
        Predictions, and what they should be.

    Returns
    -------
    loss : number
    dy : of the shape and dtype of y
        Gradient of the loss with respect to y.
    """
    ### BEGIN SOLUTION
    error = y - target
    return np.mean(error**2), 2 * error / error.size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-5-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.5 loss"):
    y, target = np.array([1.0, 4.0]), np.array([3.0, 5.0])
    loss, _ = several(mse_loss(y, target), "loss", "dy")
    same_number(loss, 2.5, "errors of -2 and -1: (4 + 1) / 2")
    loss, _ = several(mse_loss(target, target), "loss", "dy")
    same_number(loss, 0.0, "a perfect prediction")

    rng = np.random.default_rng(0)
    y, target = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    once, _ = several(mse_loss(y.copy(), target.copy()), "loss", "dy")
    twice, _ = several(mse_loss(np.tile(y, (2, 1)), np.tile(target, (2, 1))), "loss", "dy")
    same_number(twice, once, "every example twice leaves a mean as it is")
    twice, _ = several(mse_loss(np.tile(y, (1, 2)), np.tile(target, (1, 2))), "loss", "dy")
    hint = "Divide by the number of all entries, not of rows."
    same_number(twice, once, "every column twice leaves a mean as it is", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1501)
for shape in [(7,), (1,), (1, 5), (4, 3), (2, 3, 4)]:
    for scale in (1.0, 1e-100, 1e100):
        y, target = draw.standard_normal(shape) * scale, draw.standard_normal(shape) * scale
        expected, terms = 0.0, 0
        for index in np.ndindex(*shape):
            expected, terms = expected + float(y[index] - target[index]) ** 2, terms + 1
        loss, _ = several(mse_loss(y.copy(), target.copy()), "loss", "dy")
        same_number(loss, expected / terms, f"{shape=}, errors of {scale}", reveal=False)
        mirrored, _ = several(mse_loss(target.copy(), y.copy()), "loss", "dy")
        assert mirrored == loss, f"{shape=}: exchanging y and target changes the loss"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-5-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def complex_step(function, x):
    """Differentiate by a tiny step into the imaginary: as exact as rounding allows."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        moved = x.astype(complex)
        moved[index] += 1e-40j
        gradient[index] = function(moved).imag / 1e-40
    return gradient


### END HIDDEN TESTS
with public_check("1.5 gradient"):
    rng = np.random.default_rng(0)
    y, target = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    numeric = numeric_gradient(lambda y: sum((y - target).ravel() ** 2) / 6, y)
    _, dy = several(mse_loss(y, target), "loss", "dy")
    agrees(dy, numeric, "nudging each prediction")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1502)
for shape in [(5,), (1,), (1, 4), (4, 3), (2, 3, 2)]:
    y, target = draw.standard_normal(shape), draw.standard_normal(shape)
    expected = complex_step(lambda y, t=target: ((y - t) * (y - t)).mean(), y)
    _, dy = several(mse_loss(y.copy(), target.copy()), "loss", "dy")
    compare(dy, expected, f"dy, {shape=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-5-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.5 care"):
    rng = np.random.default_rng(0)
    y, target = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    _, dy = several(watch(mse_loss, y, target), "loss", "dy")
    same_dtype(dy, np.float64, "dy")
    _, got = several(mse_loss(y.astype(np.float32), target.astype(np.float32)), "loss", "dy")
    same_dtype(got, np.float32, "dy")
    compare(got, dy, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(1503)
for shape in [(1, 3), (5,)]:
    y, target = draw.standard_normal(shape), draw.standard_normal(shape)
    loss, dy = several(watch(mse_loss, y, target), "loss", "dy")
    assert np.any(dy), "dy is 0 everywhere, though the prediction is wrong"
    single = y.astype(np.float32), target.astype(np.float32)
    got, gradient = several(watch(mse_loss, *single), "loss", "dy")
    same_dtype(gradient, np.float32, "dy")
    compare(gradient, dy, "dy, float32 against float64", reveal=False)
    assert abs(got - loss) <= 1e-4 * abs(loss), "the loss in float32 is not that in float64"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* One prediction is off by 10 and nine are off by 1. Which share of the loss, and
# which share of the gradient's length, is the first one's?

# %% [markdown]
# ## 1.6 Binary cross-entropy (6 points)
#
# *Goal.* The loss for yes or no, in a form that survives being very sure.
#
# *Math.* The network says how likely a yes is, $p_i = \sigma(x_i) = 1 / (1 + e^{-x_i})$; the number
# $x_i$ before the sigmoid is called the *logit*. For targets $t_i$, 1 for yes and 0 for no, and K
# entries in all, the loss is the mean of minus the log-probability of what was right,
#
# $$ L = -\frac{1}{K} \sum_{i=0}^{K-1} \big( t_i \log p_i + (1 - t_i) \log (1 - p_i) \big) . $$
#
# On paper that is all. In floating point $p = \sigma(800)$ is exactly 1, and $\log(1 - p)$ is
# $-\infty$. And if the answer is right and sure, the loss is about $e^{-|x|}$, a tiny number that
# gets lost as soon as it is added to 1. What helps is to start from the logit: show that
#
# $$ -\log p_i = \log(1 + e^{-x_i}) \qquad\text{and}\qquad -\log(1 - p_i) = \log(1 + e^{x_i}) , $$
#
# and look up what `np.logaddexp` and `np.log1p` compute. The gradient of the loss with respect to
# the logits is simpler than you may expect; work it out.
#
# *Task.* Return the loss and the gradient $dx$. Both should be right to nine digits for logits of
# any size, tiny losses included (of $dx$, the largest entry counts).
#
# *Points.* loss 1, gradient 2, stable 1, tiny losses 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-6-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_cross_entropy(x, target):
    """Compute the binary cross-entropy of sigmoid(x), and its gradient.

    Parameters
    ----------
    x : array of any shape
        Logits.
    target : of the shape and dtype of x
        Right answers, 0.0 or 1.0.

    Returns
    -------
    loss : number
    dx : of the shape and dtype of x
        Gradient of the loss with respect to the logits.
    """
    ### BEGIN SOLUTION
    # logaddexp(0, x) is log(1 + exp(x)).
    loss = np.mean(target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))
    return loss, (np.exp(-np.logaddexp(0, -x)) - target) / x.size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-6-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.6 loss"):
    loss, _ = several(binary_cross_entropy(np.zeros(3), np.array([1.0, 0, 1])), "loss", "dx")
    same_number(loss, np.log(2), "a logit of 0 is a coin toss: log 2, about 0.693")
    logit = np.log(3)  # sigmoid(log 3) = 3/4
    loss, _ = several(binary_cross_entropy(np.array([logit]), np.array([1.0])), "loss", "dx")
    same_number(loss, -np.log(3 / 4), "probability 3/4 for the right answer yes")
    loss, _ = several(binary_cross_entropy(np.array([logit]), np.array([0.0])), "loss", "dx")
    same_number(loss, -np.log(1 / 4), "probability 3/4 for yes, but no was right")

    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((4, 3)), rng.integers(0, 2, (4, 3)).astype(float)
    loss, _ = several(binary_cross_entropy(x, target), "loss", "dx")
    mirrored, _ = several(binary_cross_entropy(-x, 1 - target), "loss", "dx")
    same_number(mirrored, loss, "exchanging yes and no in both x and target changes nothing")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1601)
for shape in [(7,), (1,), (1, 5), (4, 3), (2, 3, 4)]:
    x, target = draw.standard_normal(shape) * 2, draw.integers(0, 2, shape).astype(float)
    # The probability of what was right is 1 / (1 + exp(-x)) or 1 / (1 + exp(x)).
    right = 1 / (1 + np.exp(np.where(target == 1, -x, x)))
    expected = -np.log(np.prod(right)) / x.size
    loss, _ = several(binary_cross_entropy(x.copy(), target.copy()), "loss", "dx")
    same_number(loss, expected, f"{shape=}", reveal=False)
    assert loss > 0, f"{shape=}: the loss is not positive"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-6-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("1.6 gradient"):
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((2, 3)), np.array([[1.0, 0, 1], [0, 0, 1]])
    _, dx = several(binary_cross_entropy(x, target), "loss", "dx")
    same_shape(dx, (2, 3), "dx has the shape of x")
    against = 1 - 2 * target  # -1 where a larger logit is better, 1 where it is worse
    numeric = numeric_gradient(lambda x: np.log1p(np.exp(against * x)).sum() / 6, x)
    agrees(dx, numeric, "nudging each logit")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1602)
for shape in [(7,), (1,), (1, 5), (4, 3), (2, 3, 2)]:
    x, target = draw.standard_normal(shape) * 2, draw.integers(0, 2, shape).astype(float)
    expected = complex_step(lambda x, t=target: (np.log(1 + np.exp(x)) - t * x).mean(), x)
    _, dx = several(binary_cross_entropy(x.copy(), target.copy()), "loss", "dx")
    compare(dx, expected, f"dx, {shape=}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-6-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def finite_loss(x, target, what):
    """Return the loss, if it is a finite number, and not 0."""
    loss, _ = several(binary_cross_entropy(x, target), "loss", "dx")
    assert is_number(loss), f"{what}: expected a number for the loss, got {type(loss).__name__}"
    assert np.isfinite(loss), f"{what}: the loss is not finite"
    assert loss != 0, f"{what}: the loss is 0"
    return float(loss)


### END HIDDEN TESTS
with public_check("1.6 stable"):
    target = np.array([0.0, 1, 1, 0])
    losses = []
    for size in (20, 25, 800):
        loss, dx = several(
            binary_cross_entropy(np.array([size, -size, 1, -1.0]), target), "loss", "dx"
        )
        same_shape(dx, (4,), "dx has the shape of x")
        assert np.isfinite(dx).all(), f"dx should be finite for logits of {size}, but is {dx}"
        assert np.isfinite(loss), f"the loss should be finite for logits of {size}, but is {loss}"
        losses.append(loss)
    slope = (losses[1] - losses[0]) / 5
    expected = losses[0] + slope * (800 - 20)
    assert slope > 0, "the larger a logit of the wrong sign, the larger the loss"
    assert abs(losses[2] - expected) <= 1e-6 * expected, (
        f"the loss of being wrong goes on rising, without a limit: between logits of 20 and 25 yours "
        f"rises by {slope:.4f} for each 1, so for 800 expect {expected:.4f}, not {losses[2]:.4f}"
    )
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
target = np.array([[1.0, 1, 1], [0, 0, 0]])
corners = {size: np.array([[size, -size, 0.3]] * 2) for size in (20.0, 25.0, 40.0)}
losses = [finite_loss(corners[size], target, f"logits of {size}") for size in (20.0, 25.0)]
_, expected = several(binary_cross_entropy(corners[40.0], target), "loss", "dx")
for size in (60.0, 100.0, 750.0, 1e5, 1e100):
    x = np.array([[size, -size, 0.3]] * 2)
    loss = finite_loss(x.copy(), target.copy(), f"logits of {size}")
    line = losses[0] + (losses[1] - losses[0]) / 5 * (size - 20)
    assert abs(loss - line) <= 1e-6 * abs(line), f"the loss is not right for logits of {size}"
    _, dx = several(binary_cross_entropy(x.copy(), target.copy()), "loss", "dx")
    compare(dx, expected, f"dx for logits of {size}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-6-tiny-losses", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.6 tiny losses"):
    target = np.array([1.0, 0])
    start, _ = several(binary_cross_entropy(np.array([10.0, -10]), target), "loss", "dx")
    assert start != 0, "sure and right is not quite free: the loss for logits of 10 is not 0"
    for size in (20, 40):
        loss, _ = several(binary_cross_entropy(np.array([size, -size]) * 1.0, target), "loss", "dx")
        # log(1 + exp(-size)), as accurate as can be
        factor = np.log1p(np.exp(-size)) / np.log1p(np.exp(-10))
        hint = "In floating point, 1 + 1e-18 is 1, and 1 - 1e-18 as well."
        what = f"both right, logits of {size} against your loss for logits of 10"
        same_number(loss, start * factor, what, hint)
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
target = np.array([[1.0, 0, 0]])
start = finite_loss(np.array([[8.0, -8, -8]]), target, "right and sure")
for size in (36.0, 38.0, 100.0, 700.0):
    tiny = np.exp(-size)
    expected = start * tiny / np.log1p(np.exp(-8))
    loss = finite_loss(np.array([[size, -size, -size]]), target.copy(), f"logits of {size}")
    same_number(loss, expected, f"right and sure, logits of {size}", reveal=False)
    assert abs(loss) < abs(start), f"the loss for logits of {size} is not smaller than for 8"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-6-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.6 care"):
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((4, 3)), rng.integers(0, 2, (4, 3)).astype(float)
    _, dx = several(watch(binary_cross_entropy, x, target), "loss", "dx")
    same_dtype(dx, np.float64, "dx")
    single = x.astype(np.float32), target.astype(np.float32)
    _, got = several(binary_cross_entropy(*single), "loss", "dx")
    same_dtype(got, np.float32, "dx")
    compare(got, dx, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(1605)
for shape in [(1, 3), (5,)]:
    x, target = draw.uniform(0.1, 0.9, shape), draw.integers(0, 2, shape).astype(float)
    loss, dx = several(watch(binary_cross_entropy, x, target), "loss", "dx")
    assert np.any(dx), "dx is 0 everywhere, though the prediction is not perfect"
    single = x.astype(np.float32), target.astype(np.float32)
    got, gradient = several(watch(binary_cross_entropy, *single), "loss", "dx")
    same_dtype(gradient, np.float32, "dx")
    compare(gradient, dx, "dx, float32 against float64", reveal=False)
    assert abs(got - loss) <= 1e-4 * abs(loss), "the loss in float32 is not that in float64"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Had you used the squared error of $\sigma(x)$ instead, its gradient with respect
# to $x$ would hold another factor $\sigma'(x)$. What does that do to a network that is sure and
# wrong?

# %% [markdown]
# ## 1.7 Cross-entropy of a choice (6 points)
#
# *Goal.* The loss of nearly all classifiers, with its gradient, for a whole batch.
#
# *Math.* Softmax turns the M scores of an example into probabilities,
# $p_{n,m} = e^{x_{n,m}} / \sum_k e^{x_{n,k}}$. If $t_n$ is the number of the right class, the loss
# is
#
# $$ L = -\frac{1}{N} \sum_{n=0}^{N-1} \log p_{n,t_n}
#      = \frac{1}{N} \sum_{n=0}^{N-1} \Big( \log \sum_k e^{x_{n,k}} - x_{n,t_n} \Big) . $$
#
# There are N terms, one for each example. For the gradient you may differentiate the right-hand
# side directly. Or go by the chain rule: $\partial L / \partial p_{n,t_n} = -1 / (N p_{n,t_n})$,
# and softmax has, within one example, the derivatives $\partial p_i / \partial x_j = p_i (1 - p_i)$
# for $i = j$ and $-p_i\, p_j$ otherwise. Both lead to the same short result; it is worth doing
# both.
#
# Adding one number to all scores of an example changes none of its probabilities. Use this to keep
# the exponentials from overflowing: every example has a number of its own that serves well. And
# take the logarithm of no probability, which may have been rounded to 0: start from the right-hand
# side. (The loss of a right answer that is very sure may be rounded to 0.)
#
# *Task.* Return the loss and the gradient $dx$ for a batch of any size.
#
# *Points.* loss 1, gradient 2, stable 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(x, target):
    """Compute the cross-entropy of softmax(x), and its gradient.

    Parameters
    ----------
    x : (N, M)
        Scores of M classes, one row for each example.
    target : (N,)
        Integers, the number of the right class of each example.

    Returns
    -------
    loss : number
    dx : (N, M)
        Gradient of the loss with respect to the scores, of the dtype of x.
    """
    ### BEGIN SOLUTION
    shifted = x - x.max(axis=1, keepdims=True)
    weights = np.exp(shifted)
    totals = weights.sum(axis=1, keepdims=True)
    right = np.arange(len(x)), target
    loss = np.mean(np.log(totals).ravel() - shifted[right])
    dx = weights / totals
    dx[right] -= 1
    return loss, dx / len(x)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-7-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.7 loss"):
    loss, _ = several(cross_entropy(np.zeros((2, 5)), np.array([4, 0])), "loss", "dx")
    same_number(loss, np.log(5), "five equal scores are a guess among five: log 5")
    x = np.log(np.array([[1.0, 2, 1], [8, 1, 1]]))  # probabilities 1/4 1/2 1/4 and .8 .1 .1
    loss, _ = several(cross_entropy(x, np.array([1, 0])), "loss", "dx")
    same_number(loss, -(np.log(0.5) + np.log(0.8)) / 2, "probabilities of 1/2 and 0.8")

    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((3, 4)), np.array([0, 3, 1])
    loss, _ = several(cross_entropy(x, target), "loss", "dx")
    alone = sum(cross_entropy(x[[n]], target[[n]])[0] for n in range(3)) / 3
    same_number(loss, alone, "the mean of the three examples' own losses")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1701)
for batch, classes in [(5, 3), (4, 4), (1, 6), (3, 2), (20, 10), (2, 1)]:
    x, target = draw.standard_normal((batch, classes)), draw.integers(0, classes, batch)
    # The likelihood of all targets together.
    likelihood = 1.0
    for row, right in zip(np.exp(x).tolist(), target.tolist(), strict=True):
        likelihood *= row[right] / sum(row)
    loss, _ = several(cross_entropy(x.copy(), target.copy()), "loss", "dx")
    what = f"{batch=}, {classes=}"
    if classes > 1:
        same_number(loss, -np.log(likelihood) / batch, what, reveal=False)
    else:
        assert abs(loss) < 1e-9, f"{what}: a single class leaves no doubt"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-7-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("1.7 gradient"):
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((3, 4)), np.array([0, 3, 1])
    _, dx = several(cross_entropy(x, target), "loss", "dx")
    same_shape(dx, x.shape, "dx has the shape of x")
    total = np.abs(dx.sum(axis=1)).max()
    assert total < 1e-12, (
        f"a number added to all scores of an example changes nothing, so each row of dx should sum "
        f"to 0, but one sums to {total:g}"
    )

    def moved_loss(x):
        return sum(np.log(np.exp(x[n] - x[n, right]).sum()) for n, right in enumerate(target)) / 3

    agrees(dx, numeric_gradient(moved_loss, x), "nudging each score")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1702)
for batch, classes in [(5, 3), (4, 4), (1, 6), (3, 2), (6, 7)]:
    x, target = draw.standard_normal((batch, classes)) * 2, draw.integers(0, classes, batch)
    right = np.eye(classes)[target]
    expected = complex_step(
        lambda x, right=right: (np.log(np.exp(x).sum(axis=1)) - (right * x).sum(axis=1)).mean(), x
    )
    _, dx = several(cross_entropy(x.copy(), target.copy()), "loss", "dx")
    compare(dx, expected, f"dx, {batch=}, {classes=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-7-stable", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("1.7 stable"):
    x, target = np.array([[1.0, 3, 2], [0, 1, 0]]), np.array([2, 0])
    loss, dx = several(cross_entropy(x, target), "loss", "dx")
    assert np.any(dx), "dx is 0 everywhere, though the prediction is not perfect"
    for shifts in ([[1000], [1000]], [[-1000], [-1000]], [[1000], [-1000]]):
        moved, gradient = several(cross_entropy(x + np.array(shifts), target), "loss", "dx")
        hint = (
            "A number added to all scores of an example changes nothing, but exp(1000) overflows."
        )
        same_number(moved, loss, f"the two rows of scores moved by {shifts}", hint)
        compare(gradient, dx, f"dx, the two rows of scores moved by {shifts}", hint)
    half, _ = several(cross_entropy(np.array([[0.0, 400]]), np.array([0])), "loss", "dx")
    loss, _ = several(cross_entropy(np.array([[0.0, 800]]), np.array([0])), "loss", "dx")
    hint = "The right class has the probability e⁻⁸⁰⁰, which is rounded to 0: do without its log."
    same_number(loss, 2 * half, "twice as sure of a wrong answer, twice the loss", hint)
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(1703)
x = draw.integers(-3, 4, (6, 4)).astype(float)
target = np.array([0, 3, 1, 2, 2, 0])
loss, dx = several(cross_entropy(x.copy(), target.copy()), "loss", "dx")
assert np.any(dx), "dx is 0 everywhere, though the prediction is not perfect"
for shifts in ([0, 10**4, -(10**4), 10**6, -(10**6), 500], [-800, 800, -700, 700, -750, 750]):
    moved = x + np.array(shifts, dtype=float)[:, None]
    with np.errstate(all="ignore"):
        other, gradient = several(cross_entropy(moved, target.copy()), "loss", "dx")
    same_number(other, loss, "rows of scores far from 0", reveal=False)
    compare(gradient, dx, "dx, rows of scores far from 0", reveal=False)
# Sure of the wrong class: the loss is in proportion to the scores, and dx no longer changes.
far = np.array([[1.0, 0, -1], [2.0, -2, 0]])
loss, dx = several(cross_entropy(far * 60, np.array([2, 1])), "loss", "dx")
assert np.any(dx), "dx is 0 everywhere, though the prediction is wrong"
for size in (750.0, 1e5, 1e100):
    with np.errstate(all="ignore"):
        other, gradient = several(cross_entropy(far * size, np.array([2, 1])), "loss", "dx")
    same_number(other, loss * size / 60, f"scores of {size}, far apart", reveal=False)
    compare(gradient, dx, f"dx, scores of {size}, far apart", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-7-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.7 care"):
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((3, 4)), np.array([0, 3, 1])
    _, dx = several(watch(cross_entropy, x, target), "loss", "dx")
    same_dtype(dx, np.float64, "dx")
    _, got = several(cross_entropy(x.astype(np.float32), target), "loss", "dx")
    same_dtype(got, np.float32, "dx")
    compare(got, dx, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(1705)
for batch, classes in [(1, 3), (5, 4)]:
    x, target = draw.standard_normal((batch, classes)), draw.integers(0, classes, batch)
    loss, dx = several(watch(cross_entropy, x, target), "loss", "dx")
    assert np.any(dx), "dx is 0 everywhere, though the prediction is not perfect"
    got, gradient = several(watch(cross_entropy, x.astype(np.float32), target), "loss", "dx")
    same_dtype(gradient, np.float32, "dx")
    compare(gradient, dx, "dx, float32 against float64", reveal=False)
    assert abs(got - loss) <= 1e-4 * abs(loss), "the loss in float32 is not that in float64"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* What does an entry of `dx` say when the network gives the right class a
# probability of 0.99, and what when it gives it 0.01? Which examples does gradient descent listen
# to?

# %% [markdown]
# ## 1.8 Backpropagation by hand (8 points)
#
# *Goal.* Take the chain rule through a network of three layers, one layer at a time.
#
# *Math.* Three layers of tanh units without biases (a bias is the weight of one more input that is
# always 1) turn the inputs $x = h^0$ into predictions $\hat y = h^3$; the number above tells the
# layer:
#
# $$ h^i = \tanh(a^i) , \qquad a^i = W^i h^{i-1} , \qquad i = 1, 2, 3 . $$
#
# The error $e$ is not quite the mean of 1.5: over the N examples, the mean of half the squared
# distance to the target,
#
# $$ e = \frac{1}{N} \sum_{n=0}^{N-1} \frac{1}{2} \sum_m (\hat y_{n,m} - t_{n,m})^2 . $$
#
# The derivative of tanh is $\tanh'(a) = 1 - \tanh^2(a)$, so it can be had from the layer's output.
# Begin at the end, with $de/dh^3$. Every layer then takes the same two steps: through its
# activation to its weighted sums, and from there, for each example, to its weights and to the layer
# before,
#
# $$ \frac{de}{da^i} = \frac{de}{dh^i} \odot \tanh'(a^i) , \qquad
#    \frac{de}{dW^i} = \frac{de}{da^i}\, (h^{i-1})^\top , \qquad
#    \frac{de}{dh^{i-1}} = (W^i)^\top \frac{de}{da^i} , $$
#
# where $\odot$ multiplies entry by entry, and $h$ and $a$ are the columns of one example. (With the
# examples in rows, as below, $a^i = h^{i-1} (W^i)^\top$: rewrite the three formulas for rows before
# you type them, and check the shapes.) All examples use the same weights, so that $de/dW^i$ is a
# sum over the examples. The last thing that comes out is $de/dh^0 = de/dx$: what a layer before
# this network would ask for.
#
# *Task.* Return the gradients `dw1`, `dw2`, `dw3` and `dx` of $e$, in this order, for a batch with
# one example in each *row* of `x`. The public checks nudge each number and see how far $e$ moves.
#
# *Points.* shape 1, dw3 1, dw2 1, dw1 1, dx 1, batch 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-8-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_layer_gradients(x, target, w1, w2, w3):
    """Find the gradients of the error of a network of three tanh layers.

    Parameters
    ----------
    x : (N, D)
        Inputs, one row for each example.
    target : (N, M)
        What the network should answer.
    w1 : (H1, D)
    w2 : (H2, H1)
    w3 : (M, H2)
        Weights, one row for each unit.

    Returns
    -------
    dw1 : (H1, D)
    dw2 : (H2, H1)
    dw3 : (M, H2)
    dx : (N, D)
    """
    ### BEGIN SOLUTION
    h1 = np.tanh(x @ w1.T)
    h2 = np.tanh(h1 @ w2.T)
    y = np.tanh(h2 @ w3.T)
    da3 = (y - target) / len(x) * (1 - y**2)
    da2 = da3 @ w3 * (1 - h2**2)
    da1 = da2 @ w2 * (1 - h1**2)
    return da1.T @ x, da2.T @ h1, da3.T @ h2, da1 @ w1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-8-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def network_error(x, target, w1, w2, w3):
    """Compute the error e of the three layers."""
    y = np.tanh(np.tanh(np.tanh(x @ w1.T) @ w2.T) @ w3.T)
    return 0.5 * ((y - target) ** 2).sum() / len(x)


def random_network(rng, batch, sizes):
    """Draw x, target, w1, w2 and w3 for a network with these numbers of units."""
    shapes = [(batch, sizes[0]), (batch, sizes[3]), *zip(sizes[1:], sizes[:3], strict=True)]
    return [rng.standard_normal(shape) for shape in shapes]


GRADIENTS = ("dw1", "dw2", "dw3", "dx")

with public_check("1.8 shape"):
    arrays = random_network(np.random.default_rng(0), 6, (5, 4, 3, 2))
    gradients = several(three_layer_gradients(*arrays), *GRADIENTS)
    for name, which, gradient in zip(GRADIENTS, (2, 3, 4, 0), gradients, strict=True):
        same_shape(gradient, arrays[which].shape, f"{name} has the shape of {name[1:]}")
### BEGIN HIDDEN TESTS
for batch, sizes in [(1, (2, 3, 4, 5)), (2, (1, 1, 1, 1)), (3, (4, 2, 1, 3))]:
    arrays = random_network(np.random.default_rng(1801), batch, sizes)
    gradients = several(three_layer_gradients(*arrays), *GRADIENTS)
    for gradient, which in zip(gradients, (2, 3, 4, 0), strict=True):
        same_shape(gradient, arrays[which].shape, f"{batch=}, {sizes=}")
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-8-dw3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def nudge(arrays, name):
    """Nudge every number of one of the arrays and see how far the error moves."""
    which = {"dw1": 2, "dw2": 3, "dw3": 4, "dx": 0}[name]

    def error(array):
        return network_error(*arrays[:which], array, *arrays[which + 1 :])

    return numeric_gradient(error, arrays[which])


### BEGIN HIDDEN TESTS
def exact_gradient(arrays, name):
    """Differentiate the error by tiny steps into the imaginary."""
    which = {"dw1": 2, "dw2": 3, "dw3": 4, "dx": 0}[name]
    return complex_step(
        lambda array: network_error(*arrays[:which], array, *arrays[which + 1 :]), arrays[which]
    )


def same_for_one_example(name, seed):
    """Compare one of the gradients, for a batch of one."""
    for sizes in [(2, 3, 4, 5), (3, 3, 3, 3), (4, 2, 1, 3), (1, 1, 1, 1)]:
        arrays = random_network(np.random.default_rng(seed), 1, sizes)
        expected = exact_gradient(arrays, name)
        gradients = several(three_layer_gradients(*arrays), *GRADIENTS)
        got = gradients[GRADIENTS.index(name)]
        compare(got, expected, f"{name}, one example, {sizes=}", reveal=False)


### END HIDDEN TESTS
with public_check("1.8 dw3"):
    arrays = random_network(np.random.default_rng(1), 1, (4, 3, 3, 2))
    expected = nudge(arrays, "dw3")
    _, _, dw3, _ = several(three_layer_gradients(*arrays), *GRADIENTS)
    agrees(dw3, expected, "dw3, one example")
### BEGIN HIDDEN TESTS
same_for_one_example("dw3", 1802)
assert dw3.any(), "dw3 is 0 everywhere"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-8-dw2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.8 dw2"):
    arrays = random_network(np.random.default_rng(2), 1, (4, 3, 3, 2))
    expected = nudge(arrays, "dw2")
    _, dw2, _, _ = several(three_layer_gradients(*arrays), *GRADIENTS)
    agrees(dw2, expected, "dw2, one example")
### BEGIN HIDDEN TESTS
same_for_one_example("dw2", 1803)
assert dw2.any(), "dw2 is 0 everywhere"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-8-dw1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.8 dw1"):
    arrays = random_network(np.random.default_rng(3), 1, (4, 3, 3, 2))
    expected = nudge(arrays, "dw1")
    dw1, _, _, _ = several(three_layer_gradients(*arrays), *GRADIENTS)
    agrees(dw1, expected, "dw1, one example")
### BEGIN HIDDEN TESTS
same_for_one_example("dw1", 1804)
assert dw1.any(), "dw1 is 0 everywhere"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-8-dx", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.8 dx"):
    arrays = random_network(np.random.default_rng(4), 1, (4, 3, 3, 2))
    expected = nudge(arrays, "dx")
    _, _, _, dx = several(three_layer_gradients(*arrays), *GRADIENTS)
    agrees(dx, expected, "dx, one example")
### BEGIN HIDDEN TESTS
same_for_one_example("dx", 1805)
assert dx.any(), "dx is 0 everywhere"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-8-batch", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("1.8 batch"):
    x, target, *weights = random_network(np.random.default_rng(5), 4, (4, 3, 3, 2))
    gradients = several(three_layer_gradients(x, target, *weights), *GRADIENTS)
    alone = [
        several(three_layer_gradients(x[[n]], target[[n]], *weights), *GRADIENTS) for n in range(4)
    ]
    for k, name in enumerate(GRADIENTS[:3]):
        assert np.any(gradients[k]), f"{name} is 0 everywhere"
        mean = sum(parts[k] for parts in alone) / 4
        hint = "e is a mean over the examples, so its gradient is the mean of theirs."
        compare(gradients[k], mean, f"{name} of four examples against your four of one each", hint)
    mine = np.concatenate([parts[3] for parts in alone]) / 4
    assert np.any(mine), "dx is 0 everywhere"
    hint = "Row n of x moves the error of example n only, and that counts a quarter in e."
    compare(gradients[3], mine, "dx of four examples against your four of one each", hint)
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
for batch, sizes in [(2, (3, 3, 3, 3)), (5, (2, 4, 3, 1)), (3, (3, 2, 5, 4))]:
    x, target, *weights = random_network(np.random.default_rng(1806), batch, sizes)
    alone = [
        several(three_layer_gradients(x[[n]], target[[n]], *weights), *GRADIENTS)
        for n in range(batch)
    ]
    gradients = several(three_layer_gradients(x, target, *weights), *GRADIENTS)
    for k, name in enumerate(GRADIENTS):
        parts = [each[k] for each in alone]
        expected = (np.concatenate(parts) if name == "dx" else sum(parts)) / batch
        assert np.any(expected), f"{name} is 0 everywhere"
        compare(gradients[k], expected, f"{name}, {batch=}, {sizes=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-8-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.8 care"):
    arrays = random_network(np.random.default_rng(6), 4, (4, 3, 3, 2))
    expected = several(watch(three_layer_gradients, *arrays), *GRADIENTS)
    single = [array.astype(np.float32) for array in arrays]
    gradients = several(three_layer_gradients(*single), *GRADIENTS)
    parts = zip(GRADIENTS, (2, 3, 4, 0), gradients, expected, strict=True)
    for name, which, gradient, right in parts:
        assert np.size(right) == arrays[which].size, f"{name} has the shape of what it belongs to"
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
for batch, sizes in [(1, (2, 3, 4, 5)), (3, (3, 2, 5, 4))]:
    arrays = random_network(np.random.default_rng(1807), batch, sizes)
    expected = several(watch(three_layer_gradients, *arrays), *GRADIENTS)
    single = [array.astype(np.float32) for array in arrays]
    gradients = several(watch(three_layer_gradients, *single), *GRADIENTS)
    for name, gradient, right in zip(GRADIENTS, gradients, expected, strict=True):
        assert np.any(right), f"{name} is 0 everywhere"
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}, float32 against float64", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Your gradients at work: **gradient descent**, $W \leftarrow W - \alpha\, de/dW$, learns XOR, which
# no single unit can. (The third input is always 1, in place of biases.) Nothing to do here but
# look.

# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q1-8-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
inputs = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
xor = np.array([[0.0], [1], [1], [0]])
rng = np.random.default_rng(0)
layers = [rng.standard_normal(shape) for shape in ((4, 3), (4, 4), (1, 4))]
for step in range(201):
    gradients = three_layer_gradients(inputs, xor, *layers)
    if step % 40 == 0:
        print(f"step {step:3}: error {network_error(inputs, xor, *layers):.4f}")
    layers = [layer - 0.3 * gradient for layer, gradient in zip(layers, gradients, strict=False)]
outputs = np.tanh(np.tanh(np.tanh(inputs @ layers[0].T) @ layers[1].T) @ layers[2].T)
print("answers to (0, 0), (0, 1), (1, 0), (1, 1):", *(f"{y:.2f}" for y in outputs[:, 0]))

# %% [markdown]
# *Think about it.* Where all weights of a layer are large, tanh is close to 1 or −1. What does that
# do to $de/da^i$ on its way back, and to learning in the first layer?

# %% [markdown]
# ## 1.9 In which order? (5 points)
#
# *Goal.* Find the order in which a computation can be carried out.
#
# *Math.* A *computation graph* has a node for every number or array that is computed, and an edge
# to it from each of the nodes that it is computed from, its *inputs*. Nodes without inputs, such as
# weights and data, are the *leaves*. In a **topological order** each node comes after all of its
# inputs, so that all that it needs is there when its turn comes. This is the order of the forward
# pass, and its reverse is the order of the backward pass. A graph often has several such orders,
# and each of them will do. If nodes form a cycle, each waiting for the others, there is none.
#
# *Task.* The graph is a dict: for the name of each node, leaves included, the list of the names of
# its inputs (empty for a leaf). It is written in no particular order, and a list may name a node
# twice, as for $d \cdot d$. Return a list of the names of the nodes that `output` needs, each once,
# in a topological order: `output`, its inputs, their inputs, and so on down to the leaves, but none
# that only others need. If these nodes contain a cycle, raise a `ValueError`.
#
# A graph may be deep. A recurrent network that reads a long text is thousands of nodes deep, which
# is more than Python lets a function call itself: keep a list of what is still to be done instead.
# It helps to tell three kinds of nodes apart: not yet met, waiting for their inputs, and done. Who
# meets one that waits has found a cycle; to meet one that is done is no harm.
#
# *Points.* order 2, needed nodes 1, error 1, deep 1.


# %% nbgrader={"grade": false, "grade_id": "q1-9-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(graph, output):
    """Put the nodes that a node needs in an order in which they can be computed.

    Parameters
    ----------
    graph : dict of str to list of str
        The names of each node's inputs.
    output : str
        The name of the node that is wanted.

    Returns
    -------
    list of str
        The nodes that output needs, each after all of its inputs; output itself comes last.

    Raises
    ------
    ValueError
        If these nodes contain a cycle.
    """
    ### BEGIN SOLUTION
    order, placed = [], set()
    path, begun = [output], {output}
    while path:
        missing = next((name for name in graph[path[-1]] if name not in placed), None)
        if missing is None:
            placed.add(path[-1])
            order.append(path.pop())
        elif missing in begun:
            # Not placed, though begun: it waits further up the path, for the node at its end.
            raise ValueError(f"graph: expected no cycle, found one through {missing!r}")
        else:
            path.append(missing)
            begun.add(missing)
    return order
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-9-order", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def random_graph(rng, size, most):
    """Draw a graph whose names and order of writing tell nothing, and its levels."""
    names = [f"n{number}" for number in rng.permutation(size)]
    graph = {}
    for k, name in enumerate(names):
        number = int(rng.integers(1, most + 1)) if rng.random() < 0.8 else 0
        inputs = rng.choice(k, min(k, number), replace=False)
        graph[name] = [names[each] for each in inputs]
    written = rng.permutation(size)
    return {names[k]: graph[names[k]] for k in written}, names


### END HIDDEN TESTS
def as_order(order, known):
    """Return an order as a list, if it is one of nodes of the graph."""
    assert isinstance(order, (list, tuple)), f"expected a list of names, got {kind_of(order)}"
    strange = [name for name in order if not isinstance(name, str) or name not in known]
    assert not strange, f"{strange[:1]} is not the name of a node"
    return list(order)


def in_order(order, graph):
    """Stop unless nodes come once, and after those of their inputs that are in the order too."""
    place = {name: k for k, name in enumerate(order)}
    double = [name for name in place if order.count(name) > 1]
    assert not double, (
        f"{double[:1]} comes twice: a node is computed once, however often it is used"
    )
    for name in order:
        late = [each for each in graph[name] if place.get(each, -1) >= place[name]]
        assert not late, f"{name} comes before its input {late[0]}"


with public_check("1.9 order"):
    # h = tanh(W x + b) and y = V h + a, written down from the end to the beginning.
    layers = {"y": ["Vh", "a"], "Vh": ["V", "h"], "h": ["s"], "s": ["Wx", "b"], "Wx": ["W", "x"]}
    layers |= {"a": [], "V": [], "b": [], "W": [], "x": []}
    order = as_order(topological_order(layers, "y"), layers)
    in_order(order, layers)
    missing = [name for name in ("Vh", "h", "s", "Wx") if name not in order]
    assert not missing, f"{missing} missing: y cannot be computed without them"

    # c is used at once and again much later.
    uneven = {"c": [], "d": ["c"], "e": ["d"], "f": ["e", "c"], "g": ["c", "f", "d"]}
    order = as_order(topological_order(uneven, "g"), uneven)
    in_order(order, uneven)
    missing = [name for name in "fed" if name not in order]
    assert not missing, f"{missing} missing: g cannot be computed without them"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1901)
for size, most in [(6, 2), (9, 3), (12, 3), (12, 2), (16, 4)]:
    for _ in range(3):
        graph, names = random_graph(draw, size, most)
        order = as_order(topological_order(graph, names[-1]), graph)
        in_order(order, graph)
        wanted = {names[-1]}
        for name in reversed(names):
            if name in wanted:
                wanted |= set(graph[name])
        inner = {name for name in wanted if graph[name]} - {names[-1]}
        assert inner <= set(order), "a node that the output needs is missing"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-9-needed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.9 needed nodes"):
    layers = {"y": ["Vh", "a"], "Vh": ["V", "h"], "h": ["s"], "s": ["Wx", "b"], "Wx": ["W", "x"]}
    layers |= {"a": [], "V": [], "b": [], "W": [], "x": []}
    for output, needed in (
        ("y", {"y", "Vh", "a", "V", "h", "s", "Wx", "b", "W", "x"}),
        ("h", {"h", "s", "Wx", "b", "W", "x"}),
        ("b", {"b"}),
    ):
        order = as_order(topological_order(layers, output), layers)
        missing, extra = sorted(needed - set(order)), sorted(set(order) - needed)
        assert not missing, f"{output} needs {missing} as well"
        assert not extra, f"{output} can be computed without {extra}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(1902)
for size, most in [(6, 2), (9, 3), (12, 2), (14, 2), (1, 1)]:
    for _ in range(2):
        graph, names = random_graph(draw, size, most)
        output = names[int(draw.integers(size // 2, size))]
        needed = {output}
        for name in reversed(names):
            if name in needed:
                needed |= set(graph[name])
        order = as_order(topological_order(graph, output), graph)
        assert set(order) == needed, "not the nodes that the output needs"
# A cycle among nodes that are not needed is none of our business.
graph = {"u": ["v"], "v": ["u"], "p": [], "q": ["p"]}
order = as_order(topological_order(graph, "q"), graph)
assert set(order) == {"p", "q"}, "not the nodes that the output needs"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-9-error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def refused(graph, output):
    """Tell whether topological_order raises the ValueError it should."""
    try:
        topological_order(graph, output)
    except ValueError:
        return True
    return False


with public_check("1.9 error"):
    assert refused({"a": ["b"], "b": ["a"]}, "a"), "a waits for b and b for a: raise a ValueError"
    fine = {"c": [], "d": ["c"], "e": ["c"], "f": ["d", "e"]}
    assert not refused(fine, "f"), "two ways from c to f are no cycle: d and e can both be computed"
### BEGIN HIDDEN TESTS
for graph, output in [
    ({"a": ["a"]}, "a"),
    ({"a": ["b"], "b": ["c", "x"], "c": ["x", "a"], "x": []}, "a"),
    ({"x": [], "b": ["x", "c"], "c": ["b"], "out": ["x", "b"]}, "out"),
    ({"out": ["p"], "p": ["q", "r"], "q": ["x"], "r": ["s", "q"], "s": ["p", "x"], "x": []}, "out"),
]:
    assert refused(graph, output), f"no error for a cycle of some of {len(graph)} nodes"
for graph, output in [
    ({"a": []}, "a"),
    ({"a": [], "b": ["a", "a"], "c": ["b", "a"]}, "c"),
    ({"x": [], "p": ["x"], "q": ["x", "p"], "r": ["x", "p", "q"], "s": ["r", "q", "p"]}, "s"),
]:
    assert not refused(graph, output), f"an error for a graph of {len(graph)} nodes without cycle"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-9-deep", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.9 deep"):
    # Each state of a recurrent network is computed from the one before.
    unrolled = {f"h{t}": [f"h{t - 1}"] if t else [] for t in range(4000)}
    order = topological_order(unrolled, "h3999")
    assert isinstance(order, (list, tuple)), f"expected a list, got {type(order).__name__}"
    given = set(order)
    missing = [t for t in range(1, 3999) if f"h{t}" not in given]
    assert not missing, f"a chain of 4000 nodes: h{missing[0]} is missing"
### BEGIN HIDDEN TESTS
unrolled |= {f"x{t}": [] for t in range(4000)}
for t in range(4000):
    unrolled[f"h{t}"] = [f"x{t}", f"h{t - 1}"] if t else ["x0"]
order = topological_order(unrolled, "h3999")
assert isinstance(order, (list, tuple)), "expected a list"
assert {f"h{t}" for t in range(3999)} <= set(order), "nodes of a deep graph are missing"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Two nodes that do not depend on each other may be computed in either order, or
# at the same time. How would you find out from a graph how much time it takes if there are as many
# processors as you like?

# %% [markdown]
# ## 1.10 Forward and backward over a graph (10 points)
#
# *Goal.* Differentiate any computation, automatically. This is what `torch` does when you call
# `backward()`.
#
# *Math* (Chapter 4, *A formula is a graph*).
# This time a graph is given in a topological order, with the operation of each node that is
# computed, while the leaves come apart. For example,
# $J = \sum_i y_i$ with $h = \tanh(W x + b)$ and $y = V h + a$ is
#
# ```python
# graph = {
#     "Wx": ("matmul", "W", "x"),
#     "s": ("add", "Wx", "b"),
#     "h": ("tanh", "s"),
#     "Vh": ("matmul", "V", "h"),
#     "y": ("add", "Vh", "a"),
# }
# ```
#
# and another dict holds the leaves, the arrays `W`, `x`, `b`, `V` and `a`. These are the
# operations, for a node $v$ with inputs $p$ and $q$:
#
# | operation | value $v$ | |
# | --- | --- | --- |
# | `"add"` | $p + q$ | of the same shape |
# | `"subtract"` | $p - q$ | of the same shape |
# | `"multiply"` | $p \odot q$ | entry by entry, of the same shape |
# | `"matmul"` | $p\, q$ | matrices (n, k) and (k, m) give (n, m) |
# | `"tanh"` | $\tanh p$ | entry by entry |
#
# *Forward*: in the given order, each value is computed from those of its inputs. *Backward*: let
# $J$ be the sum of the entries of the node `output`, and write $dv$ for $\partial J / \partial v$,
# an array of the shape of $v$. Then $d(\text{output})$ is all ones. In the **reverse** order, each
# node $v$ passes on what has arrived at it: to each input $p$ it sends $dv$, times the derivative
# of its own operation with respect to $p$. For `matmul` that is $dv\, q^\top$ for $p$ and
# $p^\top dv$ for $q$; the others you know. If a node is used several times, $J$ depends on it along
# several ways, and what arrives along them is **added up**; and a node may well be used twice by
# the same operation, as in $d \odot d$. A node that `output` does not depend on has a gradient of
# zeros.
#
# *Task.* Return two dicts, the values and the gradients of **all** nodes, leaves included, by their
# names.
#
# *Points.* forward 2, operations 3, sums 3, unreached nodes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q1-10-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_backward(graph, leaves, output):
    """Compute every node of a graph, and the gradient of one node's sum with respect to each.

    Parameters
    ----------
    graph : dict of str to tuple
        For each node that is computed: its operation, then the names of its inputs. The order is
        topological.
    leaves : dict of str to array
        The values of all other nodes.
    output : str
        The node whose sum of entries is differentiated.

    Returns
    -------
    values : dict of str to array
        The value of each node.
    gradients : dict of str to array
        For each node, the gradient with respect to its value, of the same shape and dtype.
    """
    ### BEGIN SOLUTION
    forward = {
        "add": lambda p, q: p + q,
        "subtract": lambda p, q: p - q,
        "multiply": lambda p, q: p * q,
        "matmul": lambda p, q: p @ q,
        "tanh": np.tanh,
    }
    backward = {
        "add": lambda dv, p, q: (dv, dv),
        "subtract": lambda dv, p, q: (dv, -dv),
        "multiply": lambda dv, p, q: (dv * q, dv * p),
        "matmul": lambda dv, p, q: (dv @ q.T, p.T @ dv),
        "tanh": lambda dv, p: [dv * (1 - np.tanh(p) ** 2)],
    }
    values = dict(leaves)
    for name, (operation, *inputs) in graph.items():
        values[name] = forward[operation](*(values[each] for each in inputs))
    gradients = {name: np.zeros_like(value) for name, value in values.items()}
    gradients[output] = np.ones_like(values[output])
    for name, (operation, *inputs) in reversed(graph.items()):
        sent = backward[operation](gradients[name], *(values[each] for each in inputs))
        for each, part in zip(inputs, sent, strict=True):
            gradients[each] = gradients[each] + part
    return values, gradients
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q1-10-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def both(result, graph, leaves):
    """Return values and gradients, if they are dicts of arrays with all nodes."""
    values, gradients = several(result, "values", "gradients")
    for what, given in (("values", values), ("gradients", gradients)):
        assert isinstance(given, dict), f"{what}: expected a dict of arrays, got {kind_of(given)}"
    return values, gradients


def of_node(given, name, what):
    """Return what a dict holds for a node."""
    assert name in given, f"{what}: there is nothing for the node {name!r}, only {sorted(given)}"
    return given[name]


### BEGIN HIDDEN TESTS
def reference_values(graph, leaves):
    """Compute a node by asking for its inputs, from the output down."""
    known = dict(leaves)

    def value(name):
        if name not in known:
            operation, first, *second = graph[name]
            p, q = value(first), value(second[0]) if second else None
            known[name] = {
                "add": lambda: np.add(p, q),
                "subtract": lambda: np.subtract(p, q),
                "multiply": lambda: np.multiply(p, q),
                "matmul": lambda: np.einsum("ik,kj->ij", p, q),
                "tanh": lambda: np.sinh(p) / np.cosh(p),
            }[operation]()
        return known[name]

    return {name: value(name) for name in (*leaves, *graph)}


def random_leaves(rng, names, shape):
    """Draw an array of one shape for each name."""
    return {name: rng.standard_normal(shape) for name in names.split()}


def leaf_names(graph):
    """Name the leaves that a graph uses."""
    used = [each for _, *inputs in graph.values() for each in inputs]
    return " ".join(name for name in dict.fromkeys(used) if name not in graph)


### END HIDDEN TESTS
two_layers = {
    "Wx": ("matmul", "W", "x"),
    "s": ("add", "Wx", "b"),
    "h": ("tanh", "s"),
    "Vh": ("matmul", "V", "h"),
    "y": ("add", "Vh", "a"),
}


def two_layer_leaves(seed):
    """Draw W, x, b, V and a."""
    rng = np.random.default_rng(seed)
    shapes = {"W": (3, 4), "x": (4, 1), "b": (3, 1), "V": (2, 3), "a": (2, 1)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


with public_check("1.10 forward"):
    leaves = two_layer_leaves(0)
    W, x, b, V, a = leaves.values()
    values, _ = both(forward_backward(two_layers, dict(leaves), "y"), two_layers, leaves)
    h = np.tanh(W @ x + b)
    for name, expected in {"Wx": W @ x, "h": h, "y": V @ h + a, **leaves}.items():
        compare(of_node(values, name, "values"), expected, f"the value of {name}")
    leaves = {"p": np.array([[1.0, 2]]), "q": np.array([[3.0, -4]])}
    graph = {"p-q": ("subtract", "p", "q")}
    values, _ = both(forward_backward(graph, dict(leaves), "p-q"), graph, leaves)
    compare(of_node(values, "p-q", "values"), np.array([[-2.0, 6]]), "the value of p - q")
    graph = {"pq": ("multiply", "p", "q")}
    values, _ = both(forward_backward(graph, dict(leaves), "pq"), graph, leaves)
    compare(of_node(values, "pq", "values"), np.array([[3.0, -8]]), "the value of p times q")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(11001)
everything = {
    "1": ("multiply", "p", "q"),
    "2": ("subtract", "1", "r"),
    "3": ("tanh", "2"),
    "4": ("matmul", "3", "w"),
    "5": ("add", "4", "c"),
    "6": ("multiply", "5", "5"),
    "7": ("subtract", "c", "6"),
    "8": ("tanh", "7"),
}
for rows, inner, columns in [(2, 3, 4), (1, 1, 1), (3, 3, 3), (1, 5, 2)]:
    leaves = random_leaves(draw, "p q r", (rows, inner))
    leaves |= random_leaves(draw, "w", (inner, columns)) | random_leaves(draw, "c", (rows, columns))
    expected = reference_values(everything, leaves)
    values, _ = both(forward_backward(everything, dict(leaves), "8"), everything, leaves)
    for name, right in expected.items():
        got = of_node(values, name, "values")
        compare(got, right, f"{rows=}, {inner=}, {columns=}: {name}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-10-operations", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_gradient(graph, leaves, output, start):
    """Push a nudge of each entry of one node forward through the graph: forward mode."""
    values = reference_values(graph, leaves)
    gradient = np.zeros(values[start].shape)
    for index in np.ndindex(*gradient.shape):
        moves = {name: np.zeros(value.shape) for name, value in values.items()}
        moves[start][index] = 1
        for name, (operation, *inputs) in graph.items():
            if name == start:
                continue
            p, q = values[inputs[0]], values[inputs[-1]]
            dp, dq = moves[inputs[0]], moves[inputs[-1]]
            moves[name] = {
                "add": lambda dp=dp, dq=dq: dp + dq,
                "subtract": lambda dp=dp, dq=dq: dp - dq,
                "multiply": lambda p=p, q=q, dp=dp, dq=dq: dp * q + p * dq,
                "matmul": lambda p=p, q=q, dp=dp, dq=dq: dp @ q + p @ dq,
                "tanh": lambda p=p, dp=dp: dp / np.cosh(p) ** 2,
            }[operation]()
        gradient[index] = moves[output].sum()
    return gradient


def same_gradients(graph, leaves, output, what):
    """Compare the gradients of all nodes."""
    expected = {name: reference_gradient(graph, leaves, output, name) for name in (*leaves, *graph)}
    _, gradients = both(forward_backward(graph, dict(leaves), output), graph, leaves)
    for name, right in expected.items():
        got = of_node(gradients, name, "gradients")
        compare(got, right, f"{what}: the gradient of {name}", reveal=False)


### END HIDDEN TESTS
with public_check("1.10 operations"):
    leaves = two_layer_leaves(1)
    _, gradients = both(forward_backward(two_layers, dict(leaves), "y"), two_layers, leaves)
    ones = np.ones((2, 1))
    compare(of_node(gradients, "y", "gradients"), ones, "the gradient of y: J is the sum of y")
    for name in leaves:

        def summed(leaf, name=name):
            W, x, b, V, a = {**leaves, name: leaf}.values()
            return (V @ np.tanh(W @ x + b) + a).sum()

        gradient = of_node(gradients, name, "gradients")
        agrees(gradient, numeric_gradient(summed, leaves[name]), f"the gradient of {name}")

    leaves = {"p": np.array([[1.0, 2]]), "q": np.array([[3.0, -4]]), "r": np.array([[0.5, 0.1]])}
    graph = {"pq": ("multiply", "p", "q"), "d": ("subtract", "r", "pq"), "y": ("tanh", "d")}
    _, gradients = both(forward_backward(graph, dict(leaves), "y"), graph, leaves)
    for name in leaves:

        def summed(leaf, name=name):
            p, q, r = {**leaves, name: leaf}.values()
            return np.tanh(r - p * q).sum()

        gradient = of_node(gradients, name, "gradients")
        what = f"tanh(r - p * q): the gradient of {name}"
        agrees(gradient, numeric_gradient(summed, leaves[name]), what)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(11002)
single = {
    "add": {"v": ("add", "p", "q"), "y": ("tanh", "v")},
    "subtract": {"v": ("subtract", "p", "q"), "y": ("tanh", "v")},
    "multiply": {"v": ("multiply", "p", "q"), "y": ("multiply", "v", "r")},
    "tanh": {"v": ("tanh", "p"), "u": ("multiply", "q", "v"), "y": ("tanh", "u")},
}
for what, graph in single.items():
    for shape in [(2, 3), (1, 1), (4, 1)]:
        same_gradients(
            graph, random_leaves(draw, leaf_names(graph), shape), "y", f"{what}, {shape=}"
        )
for rows, inner, columns in [(2, 3, 4), (1, 4, 1), (3, 3, 3)]:
    leaves = random_leaves(draw, "p", (rows, inner)) | random_leaves(draw, "q", (inner, columns))
    leaves |= random_leaves(draw, "r", (rows, columns))
    graph = {"v": ("matmul", "p", "q"), "y": ("multiply", "r", "v")}
    same_gradients(graph, leaves, "y", f"matmul, {rows=}, {inner=}, {columns=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-10-sums", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
with public_check("1.10 sums"):
    leaves = {"p": np.array([[1.0, 2]]), "q": np.array([[3.0, -4]])}
    graph = {"s": ("add", "p", "q"), "y": ("add", "s", "p")}
    _, gradients = both(forward_backward(graph, dict(leaves), "y"), graph, leaves)
    twos, ones = np.full((1, 2), 2.0), np.ones((1, 2))
    hint = "It is used twice: what arrives along the two ways is added up."
    compare(of_node(gradients, "p", "gradients"), twos, "y = (p + q) + p: the gradient of p", hint)
    hint = "It is used once. Do two gradients share an array that was changed later?"
    compare(of_node(gradients, "q", "gradients"), ones, "y = (p + q) + p: the gradient of q", hint)
    compare(of_node(gradients, "s", "gradients"), ones, "y = (p + q) + p: the gradient of s", hint)

    graph = {"square": ("multiply", "p", "p")}
    _, gradients = both(forward_backward(graph, dict(leaves), "square"), graph, leaves)
    hint = "Both inputs are the same node, and it is sent something for each of them."
    expected = np.array([[2.0, 4]])
    compare(of_node(gradients, "p", "gradients"), expected, "p times p: the gradient of p", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(11003)
shared = {
    "residual": {"t": ("tanh", "p"), "s": ("add", "t", "p"), "y": ("multiply", "s", "t")},
    "cube": {"2": ("multiply", "p", "p"), "y": ("multiply", "2", "p")},
    "ladder": {
        "1": ("add", "p", "q"),
        "2": ("add", "1", "p"),
        "3": ("add", "2", "1"),
        "4": ("add", "3", "2"),
        "5": ("multiply", "4", "3"),
        "y": ("add", "5", "1"),
    },
    "twice": {"1": ("add", "p", "p"), "2": ("tanh", "1"), "y": ("add", "2", "2")},
    "three readers": {
        "t": ("tanh", "q"),
        "1": ("multiply", "t", "p"),
        "2": ("add", "t", "1"),
        "3": ("multiply", "2", "t"),
        "y": ("add", "3", "q"),
    },
}
for what, graph in shared.items():
    for shape in [(2, 3), (1, 1)]:
        same_gradients(
            graph, random_leaves(draw, leaf_names(graph), shape), "y", f"{what}, {shape=}"
        )
# A recurrent step taken three times, with the same weights.
unrolled = {}
for t in range(3):
    unrolled[f"a{t}"] = ("matmul", "w", f"h{t}")
    unrolled[f"h{t + 1}"] = ("tanh", f"a{t}")
leaves = random_leaves(draw, "w", (3, 3)) | random_leaves(draw, "h0", (3, 2))
same_gradients(unrolled, leaves, "h3", "a recurrent network")
for size in (1, 3):
    leaves = random_leaves(draw, "w", (size, size))
    same_gradients({"y": ("matmul", "w", "w")}, leaves, "y", "a matrix times itself")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q1-10-unreached", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("1.10 unreached nodes"):
    leaves = {"p": np.array([[1.0, 2]]), "q": np.array([[3.0, -4]]), "r": np.array([[5.0, 6]])}
    graph = {"y": ("multiply", "p", "q"), "aside": ("tanh", "r"), "after": ("add", "p", "aside")}
    _, gradients = both(forward_backward(graph, dict(leaves), "y"), graph, leaves)
    for name in ("after", "aside", "r"):
        gradient = of_node(gradients, name, "gradients")
        what = f"y does not depend on {name}: its gradient"
        compare(gradient, np.zeros((1, 2)), what, "J is the sum of y, not of the last node.")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(11004)
graph = {
    "1": ("add", "p", "q"),
    "2": ("tanh", "r"),
    "y": ("add", "1", "s"),
    "3": ("multiply", "2", "p"),
    "4": ("matmul", "3", "u"),
    "5": ("tanh", "1"),
}
leaves = random_leaves(draw, "p q r s", (2, 3)) | random_leaves(draw, "u unused", (3, 1))
_, gradients = both(forward_backward(graph, dict(leaves), "y"), graph, leaves)
for name in ("p", "q", "s", "1"):
    assert np.any(of_node(gradients, name, "gradients")), f"the gradient of {name} is 0 everywhere"
for name, shape in {"r": (2, 3), "2": (2, 3), "3": (2, 3), "4": (2, 1), "5": (2, 3)}.items():
    got = of_node(gradients, name, "gradients")
    compare(got, np.zeros(shape), f"the gradient of {name}", reveal=False)
for name in ("u", "unused"):
    got = of_node(gradients, name, "gradients")
    compare(got, np.zeros((3, 1)), f"the gradient of {name}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q1-10-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def watch_graph(graph, leaves, output):
    """Call forward_backward and stop if it changes what it is given."""
    before = dict(graph), {name: leaf.copy() for name, leaf in leaves.items()}
    # In grading your function runs in a process of its own, on copies; in_place brings them back.
    result = getattr(forward_backward, "in_place", forward_backward)(graph, leaves, output)
    assert graph == before[0], "the graph was changed: work on a copy, the caller needs it"
    extra = sorted(set(leaves) ^ set(before[1]))
    assert not extra, f"leaves was changed, at {extra}: copy it with dict(leaves) first"
    for name, leaf in before[1].items():
        assert np.array_equal(leaves[name], leaf), f"the leaf {name} was changed: work on a copy"
    return both(result, graph, leaves)


with public_check("1.10 care"):
    leaves = two_layer_leaves(2)
    expected = watch_graph(dict(two_layers), leaves, "y")
    single = {name: leaf.astype(np.float32) for name, leaf in leaves.items()}
    got = both(forward_backward(two_layers, dict(single), "y"), two_layers, leaves)
    for what, mine, right in zip(("value", "gradient"), got, expected, strict=True):
        for name in ("y", "s", "Wx", "W", "x"):
            same_dtype(of_node(mine, name, what), np.float32, f"the {what} of {name}")
            double = of_node(right, name, what)
            same_dtype(double, np.float64, f"the {what} of {name}")
            compare(mine[name], double, f"the {what} of {name}, float32 against your float64")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(11005)
graph = {"1": ("add", "p", "q"), "2": ("multiply", "p", "1"), "y": ("tanh", "2")}
leaves = random_leaves(draw, "p q r", (1, 3))
expected = watch_graph(dict(graph), leaves, "y")
single = {name: leaf.astype(np.float32) for name, leaf in leaves.items()}
got = watch_graph(dict(graph), single, "y")
for what, mine, right in zip(("value", "gradient"), got, expected, strict=True):
    for name in ("p", "q", "1", "2", "y"):
        same_dtype(of_node(mine, name, what), np.float32, f"the {what} of {name}")
        double = of_node(right, name, what)
        assert np.any(double), f"the {what} of {name} is 0 everywhere"
        compare(mine[name], double, f"the {what} of {name}, float32 and float64", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* One backward pass takes about as long as one or two forward passes, whether the
# graph has ten leaves or ten million. How long would finite differences take for ten million?

# %% [markdown]
# ## 1.11 In your own words (10 points)
#
# The next cell asks three questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q1-11-written", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# **(a) What one unit cannot do** (4 points). Show that no single threshold unit with two inputs
# computes XOR: either from the four inequalities that its weights $w_0$, $w_1$ and its bias $b$
# would have to satisfy, or from a picture that you describe. Then explain in at most 80 words what
# the hidden layer of your network of 1.3 changes, so that the output unit, which is a single
# threshold unit again, succeeds.
#
# **(b) The way back** (3 points). Explain in at most 150 words, to somebody who knows the chain
# rule but no networks: why the backward pass visits the nodes of a graph in *reverse* topological
# order (what would go wrong otherwise?); and why gradients that arrive at a node from several nodes
# are added up, not averaged or replaced.
#
# **(c) Losses and steps** (3 points). Name the loss you would train with, and say how many numbers
# the network's last layer gives out for each example, when it should predict (i) tomorrow's
# temperature, (ii) whether a message is spam, (iii) which of ten digits a picture shows. Then write
# down one step of gradient descent for a weight matrix $W$, and say in one sentence why there is a
# minus in it, and in another what happens if the learning rate is much too large.
#
# === BEGIN MARK SCHEME ===
#
# (a) 4 points
#
# - 2: the four conditions b ≤ 0, w0 + b > 0, w1 + b > 0, w0 + w1 + b ≤ 0; adding the two in the
#   middle gives w0 + w1 + 2b > 0, and with b ≤ 0 therefore w0 + w1 + b > 0, which contradicts the
#   last. Or: the two inputs with answer 1 lie on opposite corners of the square, so the midpoint of
#   their connecting line, which is also that of the other two, would have to lie on both sides. 1
#   point for "not linearly separable" without an argument.
# - 2: the hidden units map the four inputs to new points h, of which a line separates those for 1
#   from those for 0 (the two inputs with answer 1 fall on the same point, for instance);
#   each hidden unit is one line, and the output combines the two half-planes. 1 point if only the
#   weights are listed.
#
# (b) 3 points
#
# - 2: a node can only pass on its gradient when it is complete, that is when all nodes that use it
#   have sent their parts, and these come later in the forward order. Otherwise it passes on too
#   little, or has to be visited again for each path, of which there may be exponentially many. 1
#   point for the order without the reason.
# - 1: a small change of the node reaches the output along each of the edges that leave it, and to
#   first order the effects add up (the chain rule for several variables); an average or the last
#   one would not be the derivative. No point for "chain rule" alone.
#
# (c) 3 points
#
# - 2: (i) mean squared error, one number as it is; (ii) binary cross-entropy, one logit (or its
#   sigmoid); (iii) cross-entropy with softmax, ten scores (or probabilities). 1 point for two right
#   losses, or for three without the numbers of outputs.
# - 1: W ← W − α dL/dW; the gradient points to where the loss rises fastest; with too large a rate
#   a step jumps over the minimum, and the loss swings or grows without bound.
#
# === END MARK SCHEME ===

# %% [markdown]
# *Write your answers here: double-click this text and replace it.*
#
# **(a)**
#
# **(b)**
#
# **(c)**

# %% [markdown]
# ## How far are you?
#
# Run this last. It counts the public checks that passed when you last ran them. *Run All* stops at
# the first check that fails; `course check hw01-backpropagation.ipynb`, in a terminal, runs all
# cells afresh and lists what every check says.


# %% nbgrader={"grade": true, "grade_id": "q1-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(46)

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
# # Homework 2: Learning
#
# A network learns by going downhill on its loss, a few samples at a time, and by stopping before it
# knows its training samples by heart. In this homework you write all of that yourself: the step,
# the batches, two better steps, dropout, early stopping, a training loop that is fast, and a search
# for hyperparameters that does not fool itself. You need NumPy and nothing else, and all that you
# need to know stands in the questions.
#
# **When you are done you can**
#
# - carry out gradient descent, and say what the learning rate does to its path (2.1, 2.10);
# - explain what tells gradient descent, stochastic gradient descent and mini-batches apart (2.2);
# - implement momentum, and Adam with and without its bias correction (2.3, 2.4);
# - implement dropout and early stopping, and say what they are good for (2.5–2.7, 2.10);
# - turn a slow training loop into a fast and stable one (2.8);
# - choose hyperparameters on held-out data, and explain why not on the test set (2.9, 2.10).
#
# **How the points come about** (60 in all; about 6 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 2.1 | `gradient_descent` | 5 |
# | 2.2 | `minibatches` | 5 |
# | 2.3 | `momentum_step` | 5 |
# | 2.4 | `adam_step` | 7 |
# | 2.5 | `dropout_forward` | 5 |
# | 2.6 | `dropout_backward` | 3 |
# | 2.7 | `early_stopping` | 5 |
# | 2.8 | `train_softmax` | 9 |
# | 2.9 | `grid_search` | 6 |
# | 2.10 | two short written answers | 10 |
#
# Each coded question is checked property by property (shape, values, order, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *care* means: the arguments are left unchanged, the dtype is kept, and numbers of any
# size are served, as long as the results can be held. A check that you see is *public*; run it as
# often as you like. When you hand in, the same cell also runs *hidden* checks of the same property
# on other inputs: other sizes, batches of one, very large and very small numbers. An answer that
# does what the text says passes both.
#
# **Ground rules**
#
# - The questions stand alone: an error in one costs nothing in another, and you may do them in any
#   order. (If you call one of your functions in another, you tie the two together.)
# - Write your functions with NumPy and Python's standard library. `torch`, `scipy`, `sklearn`,
#   `jax`, `autograd`, `tensorflow`, `micrograd` and `lecturelib` are not there when your notebook
#   is graded: a cell that imports one of them fails.
# - A function never changes the arrays it is given, and it answers in their dtype: float32 in,
#   float32 out. The arrays of a call are all float32 or all float64, and finite. Learning rates and
#   other such settings are plain Python numbers.
# - Chance comes from the generator `rng` that a function is given, in exactly the draws that the
#   question names; so your answer can be compared with ours, number by number.
# - Cells that read `YOUR CODE HERE` or *Write your answers here* are yours, and you may add cells.
#   The other cells are restored when your work is graded.
# - *Think about it* is for yourself or for the classroom: it is not handed in and earns no points.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** θ is a parameter (an array of any shape), J the loss, g its gradient ∇J(θ), which
# has the shape of θ. N samples with D features each, M classes. Steps and epochs are counted from
# 0, unless a question says otherwise; an *epoch* is one pass over all samples. The logarithm is the
# natural one, and ⟨a, b⟩ the sum of the products of the entries of two arrays of one shape.

# %% [markdown]
# ## Set-up
#
# Run these two cells first. They only hold what the checks need; there is no need to read them.

# %% course={"include": "../checks.py"} nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What all homeworks share stands in ../checks.py.

# %% nbgrader={"grade": false, "grade_id": "setup-learning", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

with np.load("digits.npz") as digits:
    # 1797 handwritten digits of 8 × 8 pixels, one a row, between 0 (paper) and 1 (ink).
    digit_images, digit_labels = digits["images"], digits["labels"]


def bowl_gradient(theta):
    """Return the gradient of a bowl, J = (θ₀² + 4 θ₁²) / 2: steeper along its second axis."""
    return theta * np.array([1.0, 4.0])


def fit_neighbours(setting, x, labels):
    """Learn by heart: nearest neighbours need no training, only the samples."""
    return setting["pool"], setting["k"], x, labels


def neighbours_accuracy(model, x, labels):
    """Say which share of the samples gets the label that most of their k nearest neighbours have.

    Before they are compared, images are made smaller by averaging over blocks of pool × pool pixels.
    """
    pool, k, known, their_labels = model
    small, known = (
        images.reshape(-1, 8 // pool, pool, 8 // pool, pool)
        .mean(axis=(2, 4))
        .reshape(len(images), -1)
        for images in (x, known)
    )
    distance = ((small[:, None] - known) ** 2).sum(axis=2)
    nearest = their_labels[distance.argsort(axis=1, kind="stable")[:, :k]]
    votes = (nearest[:, :, None] == np.arange(10)).sum(axis=1)
    return float((votes.argmax(axis=1) == labels).mean())


# %% [markdown]
# ## 2.1 Step by step downhill (5 points)
#
# *Goal.* Write the loop that all of deep learning rests on.
#
# *Math.* The gradient points to where the loss rises most steeply, so we go the other way. With the
# learning rate $\alpha$ and steps counted from 0,
#
# $$ \theta^{t+1} = \theta^t - \alpha\, \nabla J(\theta^t) . $$
#
# If $\alpha$ is too small, the path is long; if it is too large, a step leaps over the valley and
# may land higher than it began.
#
# *Task.* You are given the start $\theta^0$ and a function `gradient`: `gradient(theta)` is $\nabla
# J$ at `theta`, in the shape of `theta`. Return the whole path $\theta^0, \theta^1, \dots,
# \theta^{\text{steps}}$ as one array, its first axis counting the steps. A gradient is often
# costly, so ask for exactly `steps` of them: one at each point from which a step is taken, in the
# order of the path.
#
# *Points.* shape 1, values 2, calls 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q2-1-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent(start, gradient, learning_rate, steps):
    """Follow the negative gradient, and note every point on the way.

    Parameters
    ----------
    start : array of any shape
        Where the path begins.
    gradient : callable
        Takes a point, returns the gradient there; both have the shape of ``start``.
    learning_rate : float
        Length of a step for a gradient of length 1.
    steps : int
        How many steps are taken, 0 or more.

    Returns
    -------
    path : (steps + 1, *start.shape)
        The start first, the last point last.
    """
    ### BEGIN SOLUTION
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.stack(path)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-1-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.1 shape"):
    path = gradient_descent(np.array([1.0, 1.0]), bowl_gradient, 0.1, 3)
    same_shape(path, (4, 2), "the start and the three points that follow, one a row")
    path = gradient_descent(np.array([1.0, 1.0]), bowl_gradient, 0.1, 0)
    same_shape(path, (1, 2), "no step at all: the start alone is the path")
### BEGIN HIDDEN TESTS
for shape, steps in [((1,), 1), ((3, 2), 5), ((2, 1, 4), 2), ((1, 1), 0)]:
    path = gradient_descent(np.ones(shape), lambda theta: theta * 0.5, 0.1, steps)
    same_shape(path, (steps + 1, *shape), f"start {shape}, {steps=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-1-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.1 values"):
    start = np.array([1.0, 1.0])
    path = gradient_descent(start.copy(), bowl_gradient, 0.25, 2)
    same_shape(path, (3, 2), "the start and two points")
    compare(path[0], start, "the path begins at the start")
    expected = np.array([[1.0, 1.0], [0.75, 0.0], [0.5625, 0.0]])
    hint = "In the bowl the gradient at (1, 1) is (1, 4), and the step goes against it."
    compare(path, expected, "two steps with learning rate 1/4", hint)

    path = gradient_descent(start.copy(), lambda theta: np.array([3.0, -2.0]), 0.5, 4)
    steps = path[1:] - path[:-1]
    expected = np.array([[-1.5, 1.0]] * 4)
    compare(steps, expected, "on an even slope all steps are equal")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2102)
for size, rate in [(3, 0.05), (1, 0.3), (4, 0.02)]:
    root, start = draw.standard_normal((size, size)), draw.standard_normal(size)
    hessian = root @ root.T + np.eye(size)
    # On a quadratic loss a step multiplies by a matrix, so t steps multiply by its power.
    expected = np.stack(
        [np.linalg.matrix_power(np.eye(size) - rate * hessian, t) @ start for t in range(8)]
    )
    path = gradient_descent(start.copy(), lambda theta, a=hessian: a @ theta, rate, 7)
    compare(path, expected, f"a quadratic loss of {size} parameters", reveal=False)
for shape, rate in [((2, 3), 0.7), ((5,), 1.3), ((1,), 2.5)]:
    start = draw.standard_normal(shape)
    path = gradient_descent(start.copy(), np.sin, rate, 6)
    same_shape(path, (7, *shape), f"start {shape}")
    compare(path[0], start, f"the first point, start {shape}", reveal=False)
    expected = path[:-1] - rate * np.sin(path[:-1])
    compare(path[1:], expected, f"steps on waves, start {shape}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-1-calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
asked = []


def noting_gradient(theta):
    """Return the gradient of J = θ⁴ / 4 summed up, and note where it was asked for."""
    asked.append(np.array(theta, dtype=float))
    return theta**3


with public_check("2.1 calls"):
    asked.clear()
    path = gradient_descent(np.array([0.5, 1.0]), noting_gradient, 0.5, 3)
    count = len(asked)
    assert count == 3, f"3 steps need 3 gradients, and yours were {count}"
    same_shape(path, (4, 2), "the start and three points")
    hint = "Each step needs the gradient at the point where it begins."
    compare(np.stack(asked), path[:-1], "where you asked for gradients", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2103)
for shape, steps in [((2, 2), 1), ((3,), 6), ((1, 2), 4)]:
    asked.clear()
    path = gradient_descent(draw.uniform(0.5, 1, shape), noting_gradient, 0.1, steps)
    assert len(asked) == steps, f"{steps} steps, but {len(asked)} gradients"
    same_shape(path, (steps + 1, *shape), "the path")
    compare(np.stack(asked), path[:-1], "the points of the gradients", reveal=False)
asked.clear()
path = gradient_descent(np.ones(2), noting_gradient, 0.1, 0)
assert asked == [], "no step, but a gradient was asked for"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-1-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.1 care"):
    rng = np.random.default_rng(0)
    start = rng.standard_normal((2, 3))
    settings = {"gradient": lambda theta: 2 * theta, "learning_rate": 0.1, "steps": 4}
    expected = watch(gradient_descent, start, **settings)
    same_dtype(expected, np.float64, "gradient_descent")
    got = gradient_descent(start.astype(np.float32), **settings)
    same_dtype(got, np.float32, "gradient_descent")
    compare(got, expected, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(2104)
for shape, steps in [((3,), 5), ((2, 1, 2), 3)]:
    start = draw.standard_normal(shape)
    settings = {"gradient": lambda theta: 0.5 * theta, "learning_rate": 0.25, "steps": steps}
    expected = watch(gradient_descent, start.copy(), **settings)
    assert expected.any(), "all points are 0"
    assert expected.ndim > start.ndim, "a path has an axis more than a point"
    assert not np.array_equal(expected[0], expected[-1]), "the path does not move"
    got = watch(gradient_descent, start.astype(np.float32), **settings)
    same_dtype(got, np.float32, "gradient_descent")
    compare(got, expected, f"float32 against float64, start {shape}", reveal=False)
    for scale in (1e-120, 1e120):
        got = gradient_descent(start * scale, **settings)
        compare(got, expected * scale, f"start times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Your descent at work, into the bowl $J = (\theta_0^2 + 4\,\theta_1^2)/2$ from (1, 1) with five
# learning rates. Nothing to do here but look.

# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q2-1-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
print("learning rate   loss after 0, 1, 2, … 8 steps")
for rate in (0.01, 0.1, 0.25, 0.49, 0.52):
    points = gradient_descent(np.array([1.0, 1.0]), bowl_gradient, rate, 8)
    print(f"{rate:13}  ", *(f"{loss:6.3f}" for loss in (points**2 @ [1.0, 4.0]) / 2))

# %% [markdown]
# *Think about it.* Which learning rate would be best for the first axis of the bowl alone, and
# which for the second? What does that say about one learning rate for all parameters?

# %% [markdown]
# ## 2.2 All, one, or a few (5 points)
#
# *Goal.* Feed an optimizer its samples, each of them once before any of them twice.
#
# *Math.* The loss is the mean over all $N$ samples, and so is its gradient. Gradient descent uses
# all of them for each step, stochastic gradient descent one sample, and mini-batches are in
# between: with a batch of the samples $\mathcal B$,
#
# $$ \nabla J(\theta) \approx \frac{1}{|\mathcal B|} \sum_{n \in \mathcal B} \nabla J_n(\theta) . $$
#
# The order of the samples is drawn anew for each epoch, so that no two epochs go through the same
# batches.
#
# *Task.* Return the batches of one epoch as a list of one-dimensional integer arrays, which hold
# the indices of the samples. Draw the order with exactly one call, `rng.permutation(n)`: its first
# `batch_size` entries are the first batch, the next ones the second, and so on. The last batch
# holds what is left, and may be smaller. A `batch_size` above $n$ is allowed.
#
# *Points.* epoch 2, order 2, extremes 1.


# %% nbgrader={"grade": false, "grade_id": "q2-2-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatches(n, batch_size, rng):
    """Draw the batches of one epoch.

    Parameters
    ----------
    n : int
        Number of samples, at least 1.
    batch_size : int
        Number of samples in a batch, at least 1.
    rng : numpy.random.Generator
        Shuffles the samples.

    Returns
    -------
    list of (B,) integer arrays
        B is ``batch_size``, or less in the last batch.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    return [order[first : first + batch_size] for first in range(0, n, batch_size)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-2-epoch", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def drawn(n, batch_size, rng):
    """Return the batches of an epoch, if they are a list of index arrays."""
    batches = minibatches(n, batch_size, rng)
    assert isinstance(batches, (list, tuple)), f"expected a list of arrays, got {kind_of(batches)}"
    assert batches, "expected at least one batch, got an empty list"
    for batch in batches:
        assert isinstance(batch, np.ndarray), (
            f"a batch: expected a NumPy array, got {kind_of(batch)}"
        )
        flat_integers = batch.ndim == 1 and batch.dtype.kind in "iu"
        assert flat_integers, (
            f"a batch: expected integers, one axis; got {batch.dtype}, {batch.ndim}"
        )
    return list(batches)


def seen_once(batches, n):
    """Stop unless each of the samples 0 … n - 1 is in one batch, and once."""
    indices = np.concatenate(batches).tolist()
    strangers = sorted(set(indices) - set(range(n)))
    assert strangers == [], f"there are samples 0 to {n - 1}, but no {strangers[:3]}"
    missing = sorted(set(range(n)) - set(indices))
    assert missing == [], f"samples {missing[:5]} are in no batch"
    assert len(indices) == n, f"{n} samples, but {len(indices)} indices: some come twice"


with public_check("2.2 epoch"):
    batches = drawn(10, 4, np.random.default_rng(0))
    seen_once(batches, 10)
    sizes = [len(batch) for batch in batches]
    assert sizes == [4, 4, 2], f"10 samples in batches of 4: expected sizes 4, 4, 2, got {sizes}"
### BEGIN HIDDEN TESTS
for seed, (n, batch_size, expected) in enumerate(
    [
        (7, 3, [3, 3, 1]),
        (12, 5, [5, 5, 2]),
        (9, 3, [3, 3, 3]),
        (8, 7, [7, 1]),
        (11, 2, [2] * 5 + [1]),
    ]
):
    batches = drawn(n, batch_size, np.random.default_rng(seed))
    seen_once(batches, n)
    assert [len(batch) for batch in batches] == expected, f"wrong sizes for {n=}, {batch_size=}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-2-order", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.2 order"):
    rng, again = np.random.default_rng(3), np.random.default_rng(3)
    for epoch in ("the first epoch", "the second epoch, with the same generator"):
        got = np.concatenate(drawn(12, 3, rng)).tolist()
        expected = again.permutation(12).tolist()
        hint = "one rng.permutation(n) an epoch, cut into pieces from its beginning on"
        assert got == expected, f"{epoch}: expected the order {expected}, got {got} ({hint})"
### BEGIN HIDDEN TESTS
for seed, (n, batch_size) in enumerate([(6, 2), (20, 5), (9, 9), (5, 1)], start=2202):
    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    for epoch in range(3):
        expected = again.permutation(n).reshape(-1, batch_size).tolist()
        got = [batch.tolist() for batch in drawn(n, batch_size, rng)]
        assert got == expected, f"another order than the generator's, {n=}, {batch_size=}, {epoch=}"
    assert rng.random() == again.random(), "the generator was used for something else as well"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-2-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.2 extremes"):
    for n, batch_size, expected, what in [
        (5, 1, [1] * 5, "stochastic gradient descent takes one sample a step"),
        (5, 5, [5], "gradient descent takes all samples at once"),
        (5, 64, [5], "a batch larger than the data holds all samples"),
        (1, 1, [1], "a single sample is a batch too"),
    ]:
        batches = drawn(n, batch_size, np.random.default_rng(0))
        sizes = [len(batch) for batch in batches]
        assert sizes == expected, f"{what}: expected sizes {expected}, got {sizes}"
        seen_once(batches, n)
### BEGIN HIDDEN TESTS
for n, batch_size, expected in [
    (3, 1, [1] * 3),
    (8, 8, [8]),
    (8, 9, [8]),
    (1, 100, [1]),
    (2, 3, [2]),
]:
    batches = drawn(n, batch_size, np.random.default_rng(2203))
    assert [len(batch) for batch in batches] == expected, f"wrong sizes for {n=}, {batch_size=}"
    seen_once(batches, n)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* When the last batch is smaller, one of its samples has more say in its step than
# a sample of any other batch. Is that a reason to leave the last batch out?

# %% [markdown]
# ## 2.3 A ball that rolls on (5 points)
#
# *Goal.* Let past steps carry the next one.
#
# *Math* (Chapter 5, *Momentum*).
# In a narrow valley the gradients of one step and the next point to opposite walls. With
# momentum, a step $\delta$ keeps the share $\beta$ of the step before; what points now here, now
# there cancels out, and what points along the valley adds up:
#
# $$ \begin{aligned}
#    \delta^{t+1} &= \alpha\, \nabla J(\theta^t) + \beta\, \delta^t \\
#    \theta^{t+1} &= \theta^t - \delta^{t+1}
#    \end{aligned} $$
#
# with $\delta^0 = 0$. Note that $\alpha$ is inside of $\delta$, so that a step remembers the
# learning rate at which it was taken. (`torch` keeps $\alpha$ outside: the same path, as long as
# $\alpha$ stays the same.)
#
# *By hand.* Take $J = \theta^2/2$, so that the gradient is $\theta$ itself, with $\alpha = 1/4$ and
# $\beta = 1/2$, from $\theta^0 = 1$. The steps are $\delta^1 = 0.25$, then
# $\delta^2 = 0.25 \cdot 0.75 + 0.5 \cdot 0.25 = 0.3125$, then
# $\delta^3 = 0.25 \cdot 0.4375 + 0.5 \cdot 0.3125 = 0.265625$: the path is 1, 0.75, 0.4375,
# 0.171875.
#
# *Task.* Take one step: return the new $\theta$ and the new $\delta$, in this order.
#
# *Points.* path 2, memory 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q2-3-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_step(theta, gradient, delta, learning_rate, momentum):
    """Take one step of gradient descent with momentum.

    Parameters
    ----------
    theta, gradient, delta : arrays of any, but the same, shape
        The parameter, the gradient of the loss there, and the step before (zeros at first).
    learning_rate, momentum : float
        α and β.

    Returns
    -------
    theta, delta : arrays of this shape
        The new parameter, and the step that led to it.
    """
    ### BEGIN SOLUTION
    delta = learning_rate * gradient + momentum * delta
    return theta - delta, delta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-3-path", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def momentum_path(theta, slope, learning_rate, momentum, steps):
    """Take some steps from rest, with the deltas that momentum_step returns; slope is ∇J."""
    path, delta = [theta.copy()], np.zeros_like(theta)
    for _ in range(steps):
        result = momentum_step(theta.copy(), slope(theta), delta.copy(), learning_rate, momentum)
        theta, delta = several(result, "theta", "delta")
        same_shape(theta, path[0].shape, "the new theta")
        same_shape(delta, path[0].shape, "the new delta")
        path.append(theta.copy())
    return np.stack(path)


with public_check("2.3 path"):
    path = momentum_path(np.array([1.0]), np.copy, 0.25, 0.5, 3)
    expected = np.array([[1.0], [0.75], [0.4375], [0.171875]])
    compare(path, expected, "the path that was worked out by hand")

    path = momentum_path(np.array([1.0, 1.0]), bowl_gradient, 0.25, 0.0, 2)
    expected = np.array([[1.0, 1.0], [0.75, 0.0], [0.5625, 0.0]])
    compare(path, expected, "without momentum, plain gradient descent")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2301)
for shape, rate, momentum in [((3,), 0.2, 0.9), ((2, 2), 0.05, 0.5), ((1,), 0.3, 0.99)]:
    start, curvature = draw.standard_normal(shape), draw.uniform(0.5, 2, shape)
    # On a quadratic loss theta alone obeys a recurrence over two steps, without any delta.
    expected = [start, start - rate * curvature * start]
    for _ in range(5):
        new = expected[-1] * (1 + momentum - rate * curvature) - momentum * expected[-2]
        expected.append(new)
    path = momentum_path(start, lambda theta, c=curvature: c * theta, rate, momentum, 6)
    compare(path, np.stack(expected), f"{shape=}, {rate=}, {momentum=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-3-memory", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.3 memory"):
    zero, one, before = np.zeros(2), np.ones(2), np.array([8.0, -4.0])
    _, delta = several(momentum_step(one.copy(), zero, before.copy(), 0.3, 0.75), "theta", "delta")
    hint = "Where the ground is level, the step before goes on with the share β."
    compare(delta, np.array([6.0, -3.0]), "delta without a gradient", hint)
    _, delta = several(momentum_step(one.copy(), before, zero.copy(), 0.25, 0.75), "theta", "delta")
    hint = "The first step is α times the gradient, and delta is subtracted from theta."
    compare(delta, np.array([2.0, -1.0]), "delta at the first step", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2302)
for shape in [(4,), (2, 3), (1, 1, 2)]:
    gradients, delta = draw.standard_normal((5, *shape)), np.zeros(shape)
    rates = draw.uniform(0.1, 1, 5)
    weights = rates * 0.8 ** np.arange(4, -1, -1)
    expected = np.tensordot(weights, gradients, 1)
    for gradient, rate in zip(gradients, rates.tolist(), strict=True):
        result = momentum_step(np.ones(shape), gradient.copy(), delta.copy(), rate, 0.8)
        _, delta = several(result, "theta", "delta")
    compare(delta, expected, f"delta after five steps, {shape=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-3-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.3 care"):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((2, 3)) for _ in range(3)]
    settings = {"learning_rate": 0.1, "momentum": 0.9}
    expected = several(watch(momentum_step, *arrays, **settings), "theta", "delta")
    got = momentum_step(*(array.astype(np.float32) for array in arrays), **settings)
    for name, single, double in zip(("theta", "delta"), got, expected, strict=True):
        same_dtype(double, np.float64, name)
        same_dtype(single, np.float32, name)
        compare(single, double, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(2303)
for shape in [(1,), (3, 1, 2)]:
    arrays = [draw.standard_normal(shape) for _ in range(3)]
    settings = {"learning_rate": 0.5, "momentum": 0.25}
    copies = [array.copy() for array in arrays]
    expected = several(watch(momentum_step, *copies, **settings), "theta", "delta")
    got = watch(momentum_step, *(array.astype(np.float32) for array in arrays), **settings)
    scaled = {
        scale: momentum_step(*(array * scale for array in arrays), **settings)
        for scale in (1e-120, 1e120)
    }
    for place, name in enumerate(("theta", "delta")):
        assert expected[place].any(), f"{name} is 0 everywhere"
        same = any(np.array_equal(expected[place], array) for array in arrays)
        assert not same, f"{name} is one of the arguments"
        same_dtype(got[place], np.float32, name)
        compare(got[place], expected[place], f"{name}, float32 against float64", reveal=False)
        for scale, result in scaled.items():
            compare(result[place], expected[place] * scale, f"{name}, times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* On an even slope the steps grow until they are $1/(1-\beta)$ times as long as
# without momentum. What should happen to the learning rate when you raise $\beta$ from 0.9 to 0.99?

# %% [markdown]
# ## 2.4 Adam, in both forms (7 points)
#
# *Goal.* Give each parameter a step of its own, by the size of its gradients.
#
# *Math.* Adam keeps running means of the gradient $g$ and of its square, $m$ and $v$, which are 0
# before the first step. All operations work on each entry by itself:
#
# $$ \begin{aligned}
#    m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
#    v &\leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \\
#    \theta &\leftarrow \theta - \alpha\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}
#    \end{aligned} $$
#
# *Two forms.* Lecture slides often put $\hat m = m$ and $\hat v = v$. But means that start at 0 are
# too small at first: after $t$ steps they hold only the shares $1 - \beta_1^t$ and
# $1 - \beta_2^t$ of a full mean. The *bias correction* of the original paper makes up for it,
#
# $$ \hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, $$
#
# where the first step is $t = 1$. It then has the length $\alpha$ in every entry, whatever the size
# of the gradient, as long as that is far larger than $\epsilon$ (which is above 0 where a gradient
# may be 0).
#
# *Where $\epsilon$ goes.* As in `torch`: outside of the root, and added after the correction.
#
# *Task.* Take step number `t`; return the new $\theta$, $m$ and $v$, in this order. The means are
# returned as they are, without the correction. With `bias_correction=False` take the form of the
# slides.
#
# *Points.* means 2, slide's form 1, bias correction 2, epsilon 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q2-4-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(
    theta,
    gradient,
    m,
    v,
    t,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    bias_correction=True,
):
    """Take one step of Adam.

    Parameters
    ----------
    theta, gradient, m, v : arrays of any, but the same, shape
        The parameter, its gradient, and the two running means (zeros at first).
    t : int
        Number of this step; the first is 1.
    learning_rate, beta1, beta2, eps : float
        α, β₁, β₂ and ε.
    bias_correction : bool
        False for the form of the slides.

    Returns
    -------
    theta, m, v : arrays of this shape
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    m_hat, v_hat = m, v
    if bias_correction:
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-4-means", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def adam(theta, gradient, m, v, t, **settings):
    """Take a step with adam_step, on copies."""
    result = adam_step(theta.copy(), gradient.copy(), m.copy(), v.copy(), t, **settings)
    names = ("theta", "m", "v")
    for name, part in zip(names, several(result, *names), strict=True):
        same_shape(part, theta.shape, f"the new {name}")
    return result


with public_check("2.4 means"):
    zero, g = np.zeros(3), np.array([3.0, -0.5, 0.25])
    _, m, v = adam(zero, g, zero, zero, 1, beta1=0.75, beta2=0.5)
    hint = "The means are returned as they are, without the correction."
    compare(m, g / 4, "m after the first step, β₁ = 3/4: a quarter of g", hint)
    compare(v, g**2 / 2, "v after the first step, β₂ = 1/2: half of g²", hint)
    for t in range(2, 40):
        _, m, v = adam(zero, g, m, v, t, beta1=0.75, beta2=0.5)
    expected = g * (1 - 0.75**39)
    compare(m, expected, "m after 39 steps with the same gradient, almost all of g")
    expected = g**2 * (1 - 0.5**39)
    compare(v, expected, "v after 39 steps with the same gradient, almost all of g²")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2401)
for shape, beta1, beta2 in [((2, 3), 0.9, 0.999), ((4,), 0.5, 0.8), ((1, 1), 0.0, 0.25)]:
    gradients, m, v = draw.standard_normal((4, *shape)), np.zeros(shape), np.zeros(shape)
    ages = np.arange(3, -1, -1)
    expected_m = np.tensordot((1 - beta1) * beta1**ages, gradients, 1)
    expected_v = np.tensordot((1 - beta2) * beta2**ages, gradients * gradients, 1)
    for t, gradient in enumerate(gradients, start=1):
        for corrects in (False, True):
            result = adam(
                np.ones(shape),
                gradient,
                m,
                v,
                t,
                beta1=beta1,
                beta2=beta2,
                bias_correction=corrects,
            )
        m, v = result[1], result[2]
    compare(m, expected_m, f"m after four steps, {shape=}, {beta1=}", reveal=False)
    compare(v, expected_v, f"v after four steps, {shape=}, {beta2=}", reveal=False)
gradient = draw.standard_normal(5)
_, m, v = adam(np.ones(5), gradient, np.ones(5), np.full(5, 2.0), 3)
compare(m, 0.9 + gradient / 10, "m with the default β₁", reveal=False)
compare(v, 2 + (np.square(gradient) - 2) / 1000, "v with the default β₂", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q2-4-slide", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_adam(theta, g, m, v, t, rate, beta1, beta2, eps, corrects):
    """Go entry by entry; move the corrections out of the fraction, into the rate and the root."""
    flat = []
    for theta_i, g_i, m_i, v_i in zip(
        *(array.ravel().tolist() for array in (theta, g, m, v)), strict=True
    ):
        mean, square = g_i + beta1 * (m_i - g_i), g_i * g_i + beta2 * (v_i - g_i * g_i)
        share1, share2 = (1 - beta1**t, 1 - beta2**t) if corrects else (1, 1)
        root = math.sqrt(square) / math.sqrt(share2)
        flat.append(theta_i - rate / share1 * mean / (root + eps))
    return np.array(flat).reshape(theta.shape)


### END HIDDEN TESTS
with public_check("2.4 slide's form"):
    zero, g = np.zeros(3), np.array([2.0, -30.0, 0.5])
    settings = {"beta1": 0.75, "beta2": 0.9375, "eps": 0.0, "bias_correction": False}
    theta, _, _ = adam(zero, g, zero, zero, 1, learning_rate=0.1, **settings)
    expected = np.array([-0.1, 0.1, -0.1])
    hint = "Here m = g/4 and v = g²/16, so that m over the root of v is the sign of g."
    compare(theta, expected, "the first step with β₁ = 3/4, β₂ = 15/16, ε = 0", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2402)
for shape, t in [((2, 3), 1), ((5,), 4), ((1, 1), 100)]:
    theta, g, m = draw.standard_normal((3, *shape))
    v = draw.uniform(0.5, 2, shape)
    for rate, beta1, beta2 in [(0.3, 0.9, 0.999), (1.5, 0.0, 0.5), (0.01, 0.5, 0.0)]:
        expected = reference_adam(theta, g, m, v, t, rate, beta1, beta2, 0, False)
        settings = {"learning_rate": rate, "beta1": beta1, "beta2": beta2, "eps": 0.0}
        got, _, _ = adam(theta, g, m, v, t, bias_correction=False, **settings)
        compare(got, expected, f"theta, {shape=}, {t=}, {beta1=}, {beta2=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-4-correction", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.4 bias correction"):
    zero, g = np.zeros(3), np.array([1.0, -2.0, 0.5])
    for scale in (1e-100, 1.0, 1e100):
        theta, m, v = adam(zero, g * scale, zero, zero, 1, learning_rate=0.1, eps=0.0)
        what = f"the first step for gradients around {scale:g}: its length is α"
        compare(theta, np.array([-0.1, 0.1, -0.1]), what)
    m, v = zero, zero
    for t in range(1, 6):
        theta, m, v = adam(zero, g, m, v, t, learning_rate=0.1, eps=0.0)
        what = f"step {t} when all gradients were the same: its length is still α"
        compare(theta, np.array([-0.1, 0.1, -0.1]), what)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2403)
for shape, t in [((2, 3), 1), ((5,), 2), ((1, 1), 7), ((3, 2), 500)]:
    theta, g, m = draw.standard_normal((3, *shape))
    v = draw.uniform(0.5, 2, shape)
    for rate, beta1, beta2 in [(0.3, 0.9, 0.999), (1.5, 0.0, 0.5), (0.01, 0.5, 0.0)]:
        expected = reference_adam(theta, g, m, v, t, rate, beta1, beta2, 0, True)
        settings = {"learning_rate": rate, "beta1": beta1, "beta2": beta2, "eps": 0.0}
        got, _, _ = adam(theta, g, m, v, t, bias_correction=True, **settings)
        compare(got, expected, f"theta, {shape=}, {t=}, {beta1=}, {beta2=}", reveal=False)
theta, g, m, v = np.zeros(4), draw.standard_normal(4), np.ones(4), np.full(4, 3.0)
expected = reference_adam(theta, g, m, v, 3, 0.001, 0.9, 0.999, 0, True)
compare(adam(theta, g, m, v, 3, eps=0.0)[0], expected, "with the defaults", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-4-eps", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.4 epsilon"):
    zero, one = np.zeros(2), np.ones(2)
    theta, _, _ = adam(one, zero, zero, zero, 1)
    hint = "Where gradients have always been 0, the fraction is 0/ε = 0."
    compare(theta, one, "a parameter without any gradient stays", hint)
    settings = {"learning_rate": 6.0, "beta1": 0.0, "beta2": 0.0, "bias_correction": False}
    theta, _, _ = adam(zero, np.array([2.0, -8.0]), zero, zero, 1, eps=4.0, **settings)
    hint = "Here m = g and v = g²; ε = 4 is added to the root of v, not to v."
    compare(theta, np.array([-2.0, 4.0]), "with ε = 4, α = 6 and no memory", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2404)
for shape, scale in [((2, 3), 1.0), ((4,), 1e-8), ((2,), 1e-30), ((1, 1), 1e30)]:
    theta, g, m = draw.standard_normal((3, *shape)) * scale
    v = draw.uniform(0.5, 2, shape) * scale**2
    for t, rate, eps, corrects in [
        (1, 1.0, 0.1, False),
        (3, 0.5, 1e-8, False),
        (1, 0.5, 1e-3, True),
    ]:
        rate *= scale  # so that the step shows beside theta
        expected = reference_adam(theta, g, m, v, t, rate, 0.9, 0.999, eps, corrects)
        settings = {"learning_rate": rate, "eps": eps, "bias_correction": corrects}
        got, _, _ = adam(theta, g, m, v, t, **settings)
        compare(got, expected, f"{scale=}, {t=}, {eps=}", reveal=False)
theta, g, m, v = np.zeros(3), draw.standard_normal(3) * 1e-8, np.zeros(3), np.zeros(3)
expected = reference_adam(theta, g, m, v, 10**6, 0.001, 0.9, 0.999, 1e-8, True)
compare(adam(theta, g, m, v, 10**6)[0], expected, "the default ε", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-4-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.4 care"):
    rng = np.random.default_rng(0)
    arrays = [*rng.standard_normal((3, 2, 3)), rng.uniform(1, 2, (2, 3))]
    names = ("theta", "m", "v")
    expected = several(watch(adam_step, *arrays, t=2, learning_rate=0.5), *names)
    got = adam_step(*(array.astype(np.float32) for array in arrays), t=2, learning_rate=0.5)
    for name, single, double in zip(names, got, expected, strict=True):
        same_dtype(double, np.float64, name)
        same_dtype(single, np.float32, name)
        compare(single, double, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(2405)
for shape, corrects in [((1,), True), ((3, 1, 2), False)]:
    arrays = [*draw.uniform(0.5, 1, (3, *shape)), draw.uniform(1, 2, shape)]
    settings = {"t": 3, "learning_rate": 0.25, "bias_correction": corrects}
    copies = [array.copy() for array in arrays]
    expected = several(watch(adam_step, *copies, **settings), "theta", "m", "v")
    got = watch(adam_step, *(array.astype(np.float32) for array in arrays), **settings)
    for name, single, double in zip(("theta", "m", "v"), got, expected, strict=True):
        assert double.any(), f"{name} is 0 everywhere"
        same = any(np.array_equal(double, array) for array in arrays)
        assert not same, f"{name} is one of the arguments"
        same_dtype(single, np.float32, name)
        compare(single, double, f"{name}, float32 against float64", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* With the usual β₁ = 0.9 and β₂ = 0.999, how long is the first step in the form
# of the slides, measured in α? Which of the two forms would you rather start a training with?

# %% [markdown]
# ## 2.5 Dropout (5 points)
#
# *Goal.* Keep units from relying on one another.
#
# *Math* (Chapter 5, *Dropout*).
# In training, each number of the input is dropped (set to 0) with probability $p$,
# independently of all others. What is kept is divided by $1 - p$, so that the expected value of the
# output is the input:
#
# $$ y_i = \begin{cases} x_i / (1 - p) & \text{with probability } 1 - p \\
#                        0 & \text{with probability } p \end{cases} $$
#
# With this *inverted* dropout there is nothing left to do when the trained network is used: then
# $y = x$.
#
# *Task.* Return $y$ and a boolean array `keep`, which is True where a number is kept. Draw once,
# `rng.random(x.shape)`; a number is dropped where the draw is **less than** $p$. With
# `training=False` return $x$ as it is ($x$ itself or a copy) with a boolean `keep` that is True
# everywhere, and draw nothing.
#
# *Points.* drop 1, scale 2, evaluation 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q2-5-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout_forward(x, p, rng, training=True):
    """Drop numbers at random, and scale up the others.

    Parameters
    ----------
    x : array of any shape
        Activations.
    p : float
        Probability that a number is dropped, 0 ≤ p < 1.
    rng : numpy.random.Generator
        Decides which ones.
    training : bool
        False when the network is only used.

    Returns
    -------
    y : array of this shape
    keep : boolean array of this shape
        True where a number was kept.
    """
    ### BEGIN SOLUTION
    if not training:
        return x, np.full(x.shape, True)
    keep = rng.random(x.shape) >= p
    return x * keep / (1 - p), keep
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-5-drop", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def dropout(x, p, rng, **settings):
    """Call dropout_forward on a copy, and look at the form of what it returns."""
    y, keep = several(dropout_forward(x.copy(), p, rng, **settings), "y", "keep")
    same_shape(y, x.shape, "y has the shape of x")
    same_shape(keep, x.shape, "keep has the shape of x")
    return y, keep


with public_check("2.5 drop"):
    x = np.array([[1.0, -2.0, 3.0, 0.0], [5.0, 6.0, -7.0, 8.0], [9.0, 0.0, 1.0, 2.0]])
    expected = np.random.default_rng(1).random(x.shape) >= 0.4
    y, keep = dropout(x, 0.4, np.random.default_rng(1))
    assert keep.dtype == bool, f"keep: expected True and False, got {keep.dtype}"
    wrong = np.argwhere(keep != expected).tolist()
    assert wrong == [], f"keep is wrong at {wrong[:3]}: drop where rng.random(x.shape) < p"
    leaks = np.argwhere((y != 0) & ~keep).tolist()
    assert leaks == [], f"dropped, but y is not 0 at {leaks[:3]}"
    lost = np.argwhere((y == 0) & keep & (x != 0)).tolist()
    assert lost == [], f"kept, but y is 0 at {lost[:3]}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2501)
for seed, (shape, p) in enumerate([((20,), 0.1), ((4, 3, 5), 0.8), ((1, 30), 0.5), ((2, 9), 0.0)]):
    x = draw.integers(-2, 3, shape).astype(float)
    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    for _ in range(2):
        expected = ~(again.random(shape) < p)
        y, keep = dropout(x, p, rng)
        assert keep.dtype == bool, "keep holds something else than True and False"
        assert np.array_equal(keep, expected), f"other numbers are dropped, {shape=}, {p=}"
        assert np.array_equal(y != 0, expected & (x != 0)), f"y is 0 elsewhere, {shape=}, {p=}"
    assert rng.random() == again.random(), "the generator was used for something else as well"
edge = float(np.random.default_rng(5).random((3, 4))[1, 2])
_, keep = dropout(np.ones((3, 4)), edge, np.random.default_rng(5))
assert keep[1, 2], "a draw that is just p is not less than p"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-5-scale", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.5 scale"):
    for p in (0.2, 0.5, 0.75):
        y, _ = dropout(np.ones((100, 200)), p, np.random.default_rng(0))
        mean = y.mean()
        assert abs(mean - 1) < 0.05, (
            f"{p=}: ones should stay 1 on average, but their mean is {mean:.3f}"
        )
        levels = np.unique(y)
        expected = np.array([0.0, 1 / (1 - p)])
        compare(levels, expected, f"the two values that ones can become, {p=}")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2502)
for shape, p in [((50,), 0.1), ((5, 3, 8), 0.6), ((2, 40), 0.9), ((1, 7), 0.0)]:
    x = draw.uniform(0.5, 2, shape) * draw.choice([-1.0, 1.0], shape)
    y, _ = dropout(x, p, np.random.default_rng(2503))
    kept = y != 0  # by itself: which ones are kept is another property
    assert kept.any(), f"nothing was kept, {p=}"
    expected = x[kept] / (1 - p)
    compare(y[kept], expected, f"what is kept, {shape=}, {p=}", reveal=False)
y, _ = dropout(np.full(30_000, -3.0), 0.3, np.random.default_rng(2504))
assert abs(y.mean() + 3) < 0.06, "the average is not kept"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-5-evaluation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.5 evaluation"):
    x = np.random.default_rng(0).standard_normal((3, 4))
    rng, untouched = np.random.default_rng(2), np.random.default_rng(2)
    y, keep = dropout(x, 0.5, rng, training=False)
    compare(y, x, "a network in use drops and scales nothing")
    assert keep.dtype == bool, f"keep: expected True and False, got {keep.dtype}"
    assert keep.all(), "a network in use keeps everything: True everywhere"
    assert rng.random() == untouched.random(), "evaluation needs no chance: leave rng alone"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2505)
for shape, p in [((7,), 0.9), ((2, 1, 3), 0.25), ((1, 5), 0.0)]:
    x = draw.standard_normal(shape)
    rng, untouched = np.random.default_rng(7), np.random.default_rng(7)
    y, keep = dropout(x, p, rng, training=False)
    compare(y, x, f"evaluation, {shape=}, {p=}", reveal=False)
    assert keep.dtype == bool, "keep holds something else than True and False"
    assert keep.all(), "something was dropped"
    assert rng.random() == untouched.random(), "the generator was used"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-5-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.5 care"):
    x = np.random.default_rng(0).standard_normal((4, 5))
    for training in (True, False):
        settings = {"p": 0.5, "training": training}
        result = watch(dropout_forward, x, rng=np.random.default_rng(3), **settings)
        expected, _ = several(result, "y", "keep")
        same_dtype(expected, np.float64, "y")
        got, _ = dropout_forward(x.astype(np.float32), rng=np.random.default_rng(3), **settings)
        same_dtype(got, np.float32, "y")
        compare(got, expected, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(2506)
for shape, p in [((1, 8), 0.25), ((3, 2, 4), 0.6)]:
    x = draw.uniform(0.5, 2, shape)
    expected = watch(dropout_forward, x.copy(), p=p, rng=np.random.default_rng(3))[0]
    assert expected.any(), "y is 0 everywhere"
    assert not np.array_equal(expected, x), "nothing was done to x"
    got = watch(dropout_forward, x.astype(np.float32), p=p, rng=np.random.default_rng(3))[0]
    same_dtype(got, np.float32, "y")
    compare(got, expected, f"float32 against float64, {shape=}", reveal=False)
    for scale in (1e-120, 1e120):
        got = dropout_forward(x * scale, p, np.random.default_rng(3))[0]
        compare(got, expected * scale, f"x times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* A unit reads 100 inputs with equal weights and equal values. By how many percent
# does its sum typically change from one pass to the next at $p = 0.5$, and why can that be welcome?

# %% [markdown]
# ## 2.6 The way back through dropout (3 points)
#
# *Goal.* Send the gradient along the paths that were open.
#
# *Math.* Once the numbers to be kept are drawn, dropout multiplies each number by a constant: 0, or
# $1/(1-p)$. Its matrix is diagonal, $y = A x$, and the gradient comes back through the transpose,
# $dx = A^\top dy$ (write $dy$ for $\partial J / \partial y$). So $\langle y, dy \rangle =
# \langle x, dx \rangle$, whatever $x$ and $dy$ are.
#
# *Task.* Return $dx$, for the `keep` of the forward pass in training. Nothing is drawn.
#
# *Points.* paths 1, scale 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q2-6-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout_backward(dy, keep, p):
    """Send the gradient of the loss back through dropout.

    Parameters
    ----------
    dy : array of any shape
        Gradient with respect to the output.
    keep : boolean array of this shape
        True where the forward pass kept a number.
    p : float
        Probability that a number was dropped, 0 ≤ p < 1.

    Returns
    -------
    dx : array of this shape
    """
    ### BEGIN SOLUTION
    return dy * keep / (1 - p)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-6-paths", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.6 paths"):
    rng = np.random.default_rng(0)
    dy, keep = rng.uniform(1, 2, (3, 4)), rng.random((3, 4)) >= 0.5
    dx = dropout_backward(dy.copy(), keep.copy(), 0.5)
    same_shape(dx, dy.shape, "dx has the shape of dy")
    leaks = np.argwhere((dx != 0) & ~keep).tolist()
    assert leaks == [], f"dropped on the way forward, so dx = 0; but not at {leaks[:3]}"
    blocked = np.argwhere((dx == 0) & keep).tolist()
    assert blocked == [], (
        f"kept on the way forward, so some gradient passes; but not at {blocked[:3]}"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2601)
for shape, p in [((20,), 0.3), ((2, 3, 4), 0.8), ((1, 12), 0.1), ((6, 1), 0.0)]:
    dy = draw.uniform(0.5, 2, shape) * draw.choice([-1.0, 1.0], shape)
    keep = draw.integers(0, 2, shape) == 1
    dx = dropout_backward(dy.copy(), keep.copy(), p)
    same_shape(dx, shape, f"dx for dy {shape}")
    assert np.array_equal(np.sign(dx), np.sign(dy) * keep), f"other paths, {shape=}, {p=}"
for keep in (np.full((2, 3), True), np.full((2, 3), False)):
    dx = dropout_backward(np.ones((2, 3)), keep.copy(), 0.5)
    assert np.array_equal(dx > 0, keep), "wrong if all are kept, or none"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-6-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.6 scale"):
    rng = np.random.default_rng(0)
    for p in (0.0, 0.2, 0.5, 0.75):
        keep = rng.random((4, 5)) >= p
        # Only numbers that are kept: the others belong to the property before.
        x, dy = rng.standard_normal((4, 5)) * keep, rng.standard_normal((4, 5)) * keep
        y = np.where(keep, x / (1 - p), 0)
        dx = dropout_backward(dy.copy(), keep.copy(), p)
        same_shape(dx, dy.shape, "dx has the shape of dy")
        left, right = (y * dy).sum(), (x * dx).sum()
        assert np.isclose(left, right), (
            f"{p=}: <y, dy> = {left:.6f} but <x, dx> = {right:.6f}; what was kept is scaled on the "
            "way back as on the way forward"
        )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2602)
for shape, p in [((20,), 0.3), ((2, 3, 4), 0.8), ((1, 12), 0.05), ((6, 1), 0.0)]:
    dy, keep = draw.standard_normal(shape), draw.random(shape) < 0.7
    keep.flat[0] = True
    dx = dropout_backward(dy.copy(), keep.copy(), p)
    same_shape(dx, shape, f"dx for dy {shape}")
    expected = dy[keep] / (1 - p)
    compare(dx[keep], expected, f"where numbers were kept, {shape=}, {p=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-6-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.6 care"):
    rng = np.random.default_rng(0)
    dy, keep = rng.standard_normal((3, 4)), rng.random((3, 4)) >= 0.5
    expected = watch(dropout_backward, dy, keep, p=0.5)
    same_dtype(expected, np.float64, "dropout_backward")
    got = dropout_backward(dy.astype(np.float32), keep, 0.5)
    same_dtype(got, np.float32, "dropout_backward")
    compare(got, expected, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(2603)
for shape, p in [((1, 8), 0.25), ((3, 2, 4), 0.6)]:
    dy, keep = draw.uniform(0.5, 2, shape), draw.random(shape) >= 0.5
    keep.flat[0], keep.flat[1] = True, False
    expected = watch(dropout_backward, dy.copy(), keep.copy(), p=p)
    assert expected.any(), "dx is 0 everywhere"
    assert not np.array_equal(expected, dy), "nothing was done to dy"
    got = watch(dropout_backward, dy.astype(np.float32), keep.copy(), p=p)
    same_dtype(got, np.float32, "dropout_backward")
    compare(got, expected, f"float32 against float64, {shape=}", reveal=False)
    for scale in (1e-120, 1e120):
        got = dropout_backward(dy * scale, keep.copy(), p)
        compare(got, expected * scale, f"dy times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Suppose the backward pass drew numbers of its own instead of using `keep`. What
# would a weight be told that belongs to a dropped unit?

# %% [markdown]
# ## 2.7 When to stop (5 points)
#
# *Goal.* Stop training when it no longer helps, and know which epoch to go back to.
#
# *Math.* After each epoch the loss on held-out samples is measured. The first one that is a finite
# number is the best so far; after that, a loss counts as **better** if it is less than the best so
# far by more than `min_delta`, that is $J < J_\text{best} - \texttt{min\_delta}$. Only then do the
# best loss and the best epoch change. Training stops after the first epoch at which the best one
# lies `patience` epochs back. The parameters of the best epoch are then restored.
#
# A loss that is not a number (`nan`) is never better, and nor is one that is infinite. As long as
# no loss was better, the best epoch is $-1$, one before the first; so a training that gives nothing
# else stops after epoch $\texttt{patience} - 1$.
#
# *Example.* With `patience=2`, the losses 5, 4, 4, 3, 6, 7, 8, 1 have the best epoch 3, and
# training stops after epoch 5. That epoch 7 would have been better, nobody will ever know.
#
# *Task.* Given the losses that a training would have if it went on, return the best epoch and the
# epoch after which training stops: two integers. If patience is never used up, the latter is the
# last epoch there is.
#
# *Points.* best 1, stop 2, min_delta 1, nan 1.


# %% nbgrader={"grade": false, "grade_id": "q2-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stopping(losses, patience, min_delta=0.0):
    """Find the best epoch, and the one after which training stops.

    Parameters
    ----------
    losses : (E,)
        Validation loss of each epoch, at least one; some may be nan.
    patience : int
        How many epochs without a better loss are too many, at least 1.
    min_delta : float
        By how much more than 0 a loss must be less to count as better.

    Returns
    -------
    best_epoch, stop_epoch : int
    """
    ### BEGIN SOLUTION
    best_epoch, best_loss = -1, np.inf
    for epoch, loss in enumerate(losses):
        if loss < best_loss - min_delta:
            best_epoch, best_loss = epoch, loss
        if epoch - best_epoch >= patience:
            break
    return best_epoch, epoch
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-7-best", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def stopped(losses, patience, **settings):
    """Call early_stopping, and see that two integers come back."""
    result = early_stopping(np.array(losses, dtype=float), patience, **settings)
    names = ("best_epoch", "stop_epoch")
    for name, epoch in zip(names, several(result, *names), strict=True):
        assert isinstance(epoch, (int, np.integer)), (
            f"{name}: expected an integer, got {kind_of(epoch)}"
        )
    return tuple(map(int, result))


with public_check("2.7 best"):
    for losses, patience, expected, why in [
        ([5, 4, 4, 3, 6, 7, 8, 1], 2, 3, "the example above"),
        ([9, 7, 5, 3], 2, 3, "every epoch is better than the one before"),
        ([1, 2, 3, 4, 5, 0], 3, 0, "what comes after the stop is never trained"),
    ]:
        best, _ = stopped(losses, patience)
        assert best == expected, (
            f"{why}: {losses} with {patience=} has best epoch {expected}, not {best}"
        )
### BEGIN HIDDEN TESTS
for losses, patience, expected in [
    ([3], 1, 0),
    ([8, 6, 7, 5, 7, 4, 9], 3, 5),
    ([4, 5, 3, 4, 4, 5, 6, 7, 2], 3, 2),
    ([-1, -2, -5, -3, -4, -2, -1, -9], 2, 2),
    ([1e200, 1e100, 1e-100, 1, 2, 3, 4, 5], 4, 2),
    ([6, 7, 5, 8, 9, 7, 6, 6, 7, 1], 5, 2),
    ([9, 8, 7], 10, 2),
]:
    best, _ = stopped(losses, patience)
    assert best == expected, f"wrong best epoch for {losses} with {patience=}"
    watch(early_stopping, np.array(losses, dtype=float), patience=patience)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-7-stop", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.7 stop"):
    for losses, patience, expected, why in [
        ([5, 4, 4, 3, 6, 7, 8, 1], 2, 5, "the example above"),
        ([9, 7, 5, 3], 2, 3, "never stopped, so the last epoch there is"),
        ([2, 3, 1, 3, 1.5, 3, 3], 3, 5, "patience counts from the best epoch"),
    ]:
        _, stop = stopped(losses, patience)
        assert stop == expected, (
            f"{why}: {losses} with {patience=} stops after {expected}, not {stop}"
        )
### BEGIN HIDDEN TESTS
for losses, patience, expected in [
    ([3], 1, 0),
    ([3, 4, 1], 1, 1),
    ([3, 2, 1, 2, 0], 1, 3),
    ([8, 6, 7, 5, 7, 4, 9], 3, 6),
    ([4, 5, 3, 4, 4, 5, 6, 7, 2], 3, 5),
    ([6, 9, 8, 7, 6.5, 6.2, 6.1, 5], 4, 4),
    ([6, 7, 5, 8, 4, 7, 3, 6], 2, 7),
    ([1, 2, 3, 4], 3, 3),
    ([1, 2, 3, 4], 4, 3),
]:
    _, stop = stopped(losses, patience)
    assert stop == expected, f"wrong stop for {losses} with {patience=}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-7-delta", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.7 min_delta"):
    # Patience is not used up here, so that only the comparison matters.
    for losses, min_delta, expected, why in [
        ([4, 4, 4, 4], 0, 0, "as good as the best is not better"),
        ([4, 3.75, 3.5, 3.25], 0.5, 3, "small steps add up, since the best stays the first"),
        ([4, 3.75, 3.5, 3.5], 0.5, 0, "less by a half is not less by more than a half"),
    ]:
        best, _ = stopped(losses, 9, min_delta=min_delta)
        assert best == expected, (
            f"{why}: {losses}, {min_delta=}: expected epoch {expected}, got {best}"
        )
### BEGIN HIDDEN TESTS
for losses, min_delta, expected in [
    ([4, 3, 2, 1], 1, 2),
    ([4, 3, 3, 3], 1, 0),
    ([8, 7.5, 7, 6.5, 6, 5.5], 1.25, 3),
    ([3, 2, 2, 2, 2], 0, 1),
    ([1, 0.5, 0.375, 0.25, 0.0], 0.25, 4),
    ([-1, -1.25, -1.75, -2], 0.5, 2),
    ([2, 3, 1.75, 2.5, 1.25, 1], 0.5, 4),
]:
    best, _ = stopped(losses, 9, min_delta=min_delta)
    assert best == expected, f"wrong best epoch for {losses}, {min_delta=}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-7-nan", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.7 nan"):
    nan = float("nan")
    for losses, expected, why in [
        ([3, nan, 2, nan, nan], 2, "nan is never better"),
        ([nan, 5, 4, nan], 2, "the first number is the best so far"),
        ([nan, nan, nan], -1, "nothing but nan"),
        ([math.inf, nan, 7, 8], 2, "infinity is no better than nan"),
    ]:
        best, _ = stopped(losses, 9)
        assert best == expected, f"{why}: {losses} has the best epoch {expected}, not {best}"
    # Against your own answers, so that other errors do not matter here.
    _, with_nan = stopped([3, 2, nan, nan, nan, nan], 3)
    _, rising = stopped([3, 2, 4, 5, 6, 7], 3)
    assert with_nan == rising, f"nan uses up patience as worse losses do: {rising}, not {with_nan}"
    _, with_nan = stopped([nan, nan, nan, nan, nan, nan], 3)
    _, rising = stopped([3, 4, 5, 6, 7, 8], 3)
    assert with_nan == rising - 1, (
        f"all nan: you stop after epoch {with_nan}, but the best is epoch -1, one before the "
        f"first; when it is the first, you stop after epoch {rising}"
    )
### BEGIN HIDDEN TESTS
for losses, expected in [
    ([nan], -1),
    ([nan, nan, 7, nan, 6, nan, nan], 4),
    ([nan, 2, 3, 1, nan], 3),
    ([2, nan, nan, nan, 1], 4),
    ([2, nan, 3, nan, nan], 0),
]:
    best, _ = stopped(losses, 9)
    assert best == expected, f"wrong best epoch for {losses}"
for losses, patience in [
    ([2, nan, nan, 3, 1], 2),
    ([5, nan, 4, nan, nan, nan, nan], 3),
    ([1, nan], 1),
]:
    same = stopped(np.nan_to_num(losses, nan=99), patience)
    assert stopped(losses, patience) == same, f"nan is not treated as a bad loss, {losses}"
for patience in (1, 2, 4):
    _, rising = stopped([3, 4, 5, 6, 7, 8], patience)
    assert stopped([nan] * 6, patience) == (-1, rising - 1), f"nothing but nan, {patience=}"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* The best of many noisy validation losses is partly luck. Will the network of the
# best epoch do as well on samples that it has never met, better, or worse?

# %% [markdown]
# ## 2.8 Training, without a loop over samples (9 points)
#
# *Goal.* Turn slow training code into fast code, and mend what was wrong with it.
#
# *Math.* A linear layer gives each class a score, and softmax turns the scores into probabilities:
# for sample $n$ with the features $x_n$ and the label $l_n$,
#
# $$ s_{n,c} = \sum_d w_{c,d}\, x_{n,d} + b_c, \qquad
#    q_{n,c} = \frac{e^{s_{n,c}}}{\sum_k e^{s_{n,k}}}, \qquad
#    J_n = -\log q_{n,l_n} . $$
#
# The loss of a batch is the mean of $J_n$ over its samples. The gradient of $J_n$ with respect to
# the scores is $q_n$, less 1 at the place of the label; the chain rule does the rest:
#
# (where $[c = l_n]$ is 1 at the right class and 0 elsewhere)
#
# $$ \frac{\partial J_n}{\partial s_{n,c}} = q_{n,c} - [c = l_n], \qquad
#    \frac{\partial J_n}{\partial w_{c,d}} = \frac{\partial J_n}{\partial s_{n,c}}\, x_{n,d}, \qquad
#    \frac{\partial J_n}{\partial b_c} = \frac{\partial J_n}{\partial s_{n,c}} . $$
#
# *What you are given.* The next cell holds `train_softmax_loops`, which trains sample by sample and
# class by class. While scores are small it is right. But it is slow, it overflows when they are
# large, and it answers in float64 only.
#
# *Task.* Write `train_softmax`, which goes through the batches in their order and takes one step of
# gradient descent, $\theta \leftarrow \theta - \alpha \nabla J$, for each. Return the last weight,
# the last bias and an array with the loss of each batch **before** its step. There should be no
# loop over samples or classes: *fast* means at least ten times faster than the loops, with the same
# result. *Stable* means: scores as large as a million give a finite loss, off by at most one part
# in $10^9$ of the largest loss. Use that a common shift of all scores of a sample changes no
# probability, and that $-\log q$ can be had without computing $q$ first.
#
# *Points.* loss 1, step 1, batches 1, stable 2, digits 1, fast 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "setup-loops", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train_softmax_loops(weight, bias, x, labels, batches, learning_rate):
    """Train sample by sample and class by class."""
    weight, bias = weight.astype(float), bias.astype(float)
    losses, classes = [], range(len(bias))
    for batch in batches:
        loss, dweight, dbias = 0.0, np.zeros_like(weight), np.zeros_like(bias)
        for n in batch:
            powers = [math.exp(weight[c] @ x[n] + bias[c]) for c in classes]
            loss -= math.log(powers[labels[n]] / sum(powers)) / len(batch)
            for c in classes:
                dscore = (powers[c] / sum(powers) - (c == labels[n])) / len(batch)
                dweight[c] += dscore * x[n]
                dbias[c] += dscore
        weight, bias = weight - learning_rate * dweight, bias - learning_rate * dbias
        losses.append(loss)
    return weight, bias, np.array(losses)


# %% nbgrader={"grade": false, "grade_id": "q2-8-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_softmax(weight, bias, x, labels, batches, learning_rate):
    """Train a linear classifier with softmax and cross-entropy.

    Parameters
    ----------
    weight : (M, D)
        One row for each class, as they are before training.
    bias : (M,)
        One for each class.
    x : (N, D)
        All samples.
    labels : (N,) of int
        Class of each sample, from 0 to M - 1.
    batches : list of (B,) integer arrays
        Indices of the samples of each batch, in the order of the steps; sizes may differ.
    learning_rate : float
        α.

    Returns
    -------
    weight : (M, D)
    bias : (M,)
    losses : (len(batches),)
        Mean cross-entropy of each batch, before its step; in the dtype of ``x``.
    """
    ### BEGIN SOLUTION
    losses = []
    for batch in batches:
        place = np.arange(len(batch)), labels[batch]
        scores = x[batch] @ weight.T + bias
        scores = scores - scores.max(axis=1, keepdims=True)
        log_q = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        losses.append(-log_q[place].mean())
        dscores = np.exp(log_q)
        dscores[place] -= 1
        dscores /= len(batch)
        weight = weight - learning_rate * (dscores.T @ x[batch])
        bias = bias - learning_rate * dscores.sum(axis=0)
    return weight, bias, np.array(losses)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-8-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def trained(weight, bias, x, labels, batches, learning_rate=0.1):
    """Call train_softmax on copies, and look at the form of what it returns."""
    arrays = [array.copy() for array in (weight, bias, x, labels)]
    result = train_softmax(*arrays, [batch.copy() for batch in batches], learning_rate)
    if isinstance(result, (tuple, list)) and len(result) == 3 and isinstance(result[2], list):
        result = *result[:2], np.array(result[2])  # its form is looked at by *care*
    names, shapes = ("weight", "bias", "losses"), (weight.shape, bias.shape, (len(batches),))
    for name, part, shape in zip(names, several(result, *names), shapes, strict=True):
        same_shape(part, shape, name)
    return result


def problem(rng, samples, features, classes):
    """Draw a weight, a bias, samples and labels."""
    return (
        rng.standard_normal((classes, features)),
        rng.standard_normal(classes),
        rng.standard_normal((samples, features)),
        rng.integers(0, classes, samples),
    )


with public_check("2.8 loss"):
    weight, bias, x, labels = problem(np.random.default_rng(0), 6, 4, 5)
    everything = [np.arange(6)]
    _, _, losses = trained(0 * weight, 0 * bias, x, labels, everything)
    compare(losses, np.log([5.0]), "five classes, and all equally likely: log 5")
    alone = [trained(weight, bias, x, labels, [np.array([n])])[2][0] for n in range(6)]
    _, _, losses = trained(weight, bias, x, labels, everything)
    compare(losses, np.array([np.mean(alone)]), "the loss of a batch is the mean over its samples")
    _, _, losses = trained(0 * weight, np.log(np.arange(1.0, 6)), x, np.full(6, 4), everything)
    compare(losses, np.log([3.0]), "probabilities 1/15, … 5/15, of which the last is right: log 3")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2801)
for samples, features, classes in [(5, 3, 4), (1, 2, 2), (8, 1, 3), (4, 6, 10)]:
    weight, bias, x, labels = problem(draw, samples, features, classes)
    batch = draw.permutation(samples)[: max(1, samples - 2)]
    each = []
    for n in batch:
        odds = [
            np.exp(np.dot(weight[c] - weight[labels[n]], x[n]) + bias[c] - bias[labels[n]])
            for c in range(classes)
        ]
        each.append(np.log(np.sum(odds)))
    expected = np.array([np.mean(each)])
    _, _, losses = trained(weight, bias, x, labels, [batch])
    compare(losses, expected, f"{samples=}, {features=}, {classes=}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q2-8-step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def mean_loss(weight, bias, x, labels):
    """Compute the mean cross-entropy, for numbers that are not large."""
    powers = np.exp(x @ weight.T + bias)
    return -np.log(powers[np.arange(len(x)), labels] / powers.sum(axis=1)).mean()


with public_check("2.8 step"):
    weight, bias, x, labels = problem(np.random.default_rng(1), 5, 4, 3)
    batch = np.array([3, 0, 4])
    new_weight, new_bias, _ = trained(weight, bias, x, labels, [batch], learning_rate=0.5)
    chosen = x[batch], labels[batch]
    numeric = numeric_gradient(lambda w: mean_loss(w, bias, *chosen), weight)
    agrees((weight - new_weight) / 0.5, numeric, "the step of the weight, divided by α")
    numeric = numeric_gradient(lambda b: mean_loss(weight, b, *chosen), bias)
    agrees((bias - new_bias) / 0.5, numeric, "the step of the bias, divided by α")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2802)
for samples, features, classes, rate in [
    (6, 3, 4, 0.1),
    (1, 2, 2, 2.0),
    (8, 1, 3, 0.5),
    (4, 6, 10, 1.0),
]:
    weight, bias, x, labels = problem(draw, samples, features, classes)
    batch = draw.permutation(samples)[: max(1, samples - 2)]
    expected = train_softmax_loops(weight, bias, x, labels, [batch], rate)
    got = trained(weight, bias, x, labels, [batch], learning_rate=rate)
    for name, part, right in zip(("weight", "bias"), got, expected, strict=False):
        compare(part, right, f"{name}, {samples=}, {features=}, {classes=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-8-batches", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.8 batches"):
    weight, bias, x, labels = problem(np.random.default_rng(2), 7, 4, 3)
    batches = [np.array([5, 1, 2]), np.array([0, 6, 3]), np.array([4])]
    at_once = trained(weight, bias, x, labels, batches)
    now, losses = (weight, bias), []
    for batch in batches:
        *now, loss = trained(*now, x, labels, [batch])
        losses.append(loss)
    hint = "Each batch begins where the one before it ended, and is averaged over its own samples."
    compare(at_once[2], np.concatenate(losses), "losses, against training batch by batch", hint)
    compare(at_once[0], now[0], "the weight, against training batch by batch", hint)
    compare(at_once[1], now[1], "the bias, against training batch by batch", hint)
    moved = np.abs(at_once[0] - weight).max()
    assert moved > 0, "three steps, and the weight is what it was"
### BEGIN HIDDEN TESTS
# Against the student's own answers: a wrong step or loss has cost its point already.
draw = np.random.default_rng(2803)
for sizes in [(2, 2, 2), (1, 5), (4, 1, 1), (3,)]:
    weight, bias, x, labels = problem(draw, sum(sizes), 3, 4)
    batches = np.split(draw.permutation(sum(sizes)), np.cumsum(sizes)[:-1]) * 2
    got = trained(weight, bias, x, labels, batches)
    assert got[2].all(), "a loss is 0"
    now, losses = (weight, bias), []
    for batch in batches:
        *now, loss = trained(*now, x, labels, [batch])
        losses.append(loss)
    assert not np.array_equal(now[0], weight), "no step was taken"
    for name, part, right in zip(
        ("weight", "bias", "losses"), got, (*now, np.concatenate(losses)), strict=True
    ):
        compare(part, right, f"{name} after batches of {sizes}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-8-stable", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("2.8 stable"):
    x, labels, batch = np.zeros((2, 1)), np.array([1, 0]), [np.array([0])]
    weight, bias = np.zeros((2, 1)), np.array([1000.0, 0.0])
    _, _, half = trained(weight, bias / 2, x, labels, batch, learning_rate=0.0)
    _, _, losses = trained(weight, bias, x, labels, batch, learning_rate=0.0)
    hint = "The right class has the probability e⁻¹⁰⁰⁰, so the loss is 1000: compute log q, not q."
    compare(losses, 2 * half, "twice as sure of a wrong answer, twice the loss", hint)
    assert losses[0] > 0, f"a wrong answer costs nothing? {hint}"

    weight, bias, x, labels = problem(np.random.default_rng(3), 5, 4, 3)
    for shift in (1000.0, -1000.0):
        names = ("weight", "bias", "losses")
        expected = trained(weight, bias, x, labels, [np.arange(5)])
        got = trained(weight, bias + shift, x, labels, [np.arange(5)])
        got = got[0], got[1] - shift, got[2]
        hint = "Shift all scores of a sample by as much, and nothing changes."
        for name, part, right in zip(names, got, expected, strict=True):
            compare(part, right, f"{name}, all scores moved by {shift:g}", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2804)
bias = np.array([0.0, 700.0, -800.0, 1e6])
for label, factor in enumerate([1, 1 - 700 / 1e6, 1 + 800 / 1e6]):
    labels = np.array([label])
    inputs = np.zeros((4, 1)), bias, np.zeros((1, 1)), labels, [np.array([0])]
    _, _, losses = trained(*inputs, learning_rate=0.0)
    unit = losses if label == 0 else unit
    compare(losses, factor * unit, f"scores far apart, {label=}", reveal=False)
    assert losses[0] > 1e5, "the loss of a sure, but wrong answer is too small"
# Whole numbers, so that even float32 is exact; the last feature moves all scores of a sample.
for dtype, size in [(np.float64, 1e5), (np.float64, 1e3), (np.float32, 100.0)]:
    weight, x = (
        draw.integers(-2, 3, (3, 5)).astype(dtype),
        draw.integers(-2, 3, (6, 5)).astype(dtype),
    )
    weight[:, -1], x[:, -1] = size, 0
    bias, labels = np.zeros(3, dtype), draw.integers(0, 3, 6)
    expected = trained(weight, bias, x, labels, [np.arange(6)])
    x[:, -1] = [1, -1, 2, -2, 0, 3]
    got = trained(weight, bias, x, labels, [np.arange(6)])
    compare(got[0][:, :-1], expected[0][:, :-1], f"the weight, scores around {size}", reveal=False)
    compare(got[1], expected[1], f"the bias, scores around {size}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q2-8-digits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def learn_digits(rng, samples, epochs, batch_size, learning_rate):
    """Train on the first digits from zero; return the losses, and the accuracy on the last 700."""
    batches = [
        batch
        for _ in range(epochs)
        for batch in np.split(rng.permutation(samples), range(batch_size, samples, batch_size))
    ]
    zero = np.zeros((10, 64), np.float32), np.zeros(10, np.float32)
    weight, bias, losses = trained(*zero, digit_images, digit_labels, batches, learning_rate)
    scores = digit_images[-700:] @ weight.T + bias
    return losses, (scores.argmax(axis=1) == digit_labels[-700:]).mean()


with public_check("2.8 digits"):
    losses, accuracy = learn_digits(np.random.default_rng(4), 500, 8, 25, 0.5)
    first, last = losses[:20].mean(), losses[-20:].mean()
    assert last < first / 2, (
        f"the loss should fall below half of the {first:.2f} of the first epoch"
    )
    assert accuracy > 0.85, f"of new digits, only {accuracy:.0%} are recognised"
    print(
        f"after 8 epochs your classifier recognises {accuracy:.1%} of 700 digits it has never seen"
    )
### BEGIN HIDDEN TESTS
losses, accuracy = learn_digits(np.random.default_rng(2805), 600, 6, 32, 0.4)
assert losses[-19:].mean() < losses[:19].mean() / 2, "the loss does not fall as it should"
assert accuracy > 0.85, "too few digits are recognised"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q2-8-fast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def timed_training(rng, samples, batches):
    """Draw all that train_softmax is given for an epoch on some of the digits."""
    weight, bias = rng.standard_normal((10, 64)) / 8, rng.standard_normal(10)
    chosen = rng.permutation(len(digit_images))[:samples]
    x, labels = digit_images[chosen], digit_labels[chosen]
    pieces = np.array_split(rng.permutation(samples), batches)
    return weight.astype(x.dtype), bias.astype(x.dtype), x, labels, pieces, 0.2


def same_training(inputs, what, reveal=True):
    """Compare with the loops, so that a fast, but wrong answer gets nothing."""
    inputs = *(array.astype(float) for array in inputs[:3]), *inputs[3:]
    expected = train_softmax_loops(*inputs)
    names = ("weight", "bias", "losses")
    for name, part, right in zip(names, trained(*inputs), expected, strict=True):
        compare(part, right, f"{name}, {what}", reveal=reveal)


with public_check("2.8 fast"):
    rng = np.random.default_rng(5)
    same_training(timed_training(rng, 90, 3), "against the loops")
    ratio = times_faster(
        train_softmax, train_softmax_loops, lambda: timed_training(rng, 1200, 4), enough=10
    )
    assert ratio >= 10, (
        f"{ratio:.1f} times as fast as the loops: is there a loop over samples left?"
    )
    print(f"{ratio:.0f} times as fast as the loops")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2806)
same_training(timed_training(draw, 80, 4), "against the loops", reveal=False)
ratio = times_faster(
    train_softmax, train_softmax_loops, lambda: timed_training(draw, 1200, 4), enough=10
)
assert ratio >= 10, f"only {ratio:.1f} times as fast as the loops"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-8-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.8 care"):
    arrays, names = problem(np.random.default_rng(6), 6, 4, 3), ("weight", "bias", "losses")
    settings = {"batches": [np.array([5, 1, 2]), np.array([0, 3, 4])], "learning_rate": 0.5}
    expected = several(watch(train_softmax, *arrays, **settings), *names)
    single = [array.astype(np.float32) for array in arrays[:3]]
    got = several(train_softmax(*single, arrays[3], **settings), *names)
    for name, one, two in zip(names, got, expected, strict=True):
        same_dtype(two, np.float64, name)
        same_dtype(one, np.float32, name)
        compare(one, two, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(2807)
for samples, features, classes in [(1, 3, 2), (6, 2, 4)]:
    arrays = problem(draw, samples, features, classes)
    settings = {"batches": [np.arange(samples)] * 2, "learning_rate": 0.25}
    expected = several(
        watch(train_softmax, *(array.copy() for array in arrays), **settings), *names
    )
    single = [array.astype(np.float32) for array in arrays[:3]]
    got = watch(train_softmax, *single, arrays[3].copy(), **settings)
    for name, one, two in zip(names, got, expected, strict=True):
        assert two.any(), f"{name} is 0 everywhere"
        same_dtype(two, np.float64, name)
        same_dtype(one, np.float32, name)
        compare(one, two, f"{name}, float32 against float64", reveal=False)
    assert not np.array_equal(expected[0], arrays[0]), "the weight has not moved"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Before the first step, weights of zero give the loss log 10 ≈ 2.30 on the
# digits, whatever the images. Which losses of a training should therefore make you suspicious?

# %% [markdown]
# ## 2.9 Choosing on held-out data (6 points)
#
# *Goal.* Find good hyperparameters, and say honestly how good they are.
#
# *Math.* A **grid** lists some values for each hyperparameter, and every combination of them is a
# candidate. The samples are split into three parts that have no sample in common: each candidate is
# fitted to the *training* part and judged on the *validation* part; the best of them, and no other,
# is finally judged on the *test* part.
#
# *Task.*
#
# 1. Draw the order of the samples with exactly one call, `rng.permutation(N)`. The first $\lfloor
#    3N/5 \rfloor$ entries are the training part, those up to $\lfloor 4N/5 \rfloor$ the validation
#    part, and the rest the test part (in whole numbers: `0.6 * N` may be rounded down too far). The
#    parts are the same for all candidates.
# 2. Go through the candidates with the values in the order in which they are listed, the last
#    hyperparameter changing fastest. For the grid `{"a": [1, 2], "b": [5, 6]}` these are
#    `{"a": 1, "b": 5}`, `{"a": 1, "b": 6}`, `{"a": 2, "b": 5}`, `{"a": 2, "b": 6}`.
# 3. For each candidate call `fit(setting, x, labels)` once, with the training part; it returns a
#    model. Then call `accuracy(model, x, labels)` once, with the validation part.
# 4. Choose the candidate with the highest accuracy. If several are exactly equally good, choose the
#    first of them: we list values from simple to complex, and the simpler model deserves the
#    benefit of the doubt.
# 5. Judge the chosen model, as it is, by one more call of `accuracy` with the test part.
#
# Return the chosen setting (a dict), the table of all candidates in their order (a list of pairs
# `(setting, validation accuracy)`), and the accuracy on the test part. What a model is, is the
# business of `fit` and `accuracy`, which change nothing that they are given.
#
# *Points.* split 2, grid 1, choice 1, ties 1, test 1.


# %% nbgrader={"grade": false, "grade_id": "q2-9-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grid_search(x, labels, grid, fit, accuracy, rng):
    """Choose hyperparameters by the accuracy on held-out samples.

    Parameters
    ----------
    x : (N, D)
        Samples.
    labels : (N,)
        Their classes.
    grid : dict of str to list
        Values of each hyperparameter, from simple to complex.
    fit : callable
        ``fit(setting, x, labels)`` returns a model.
    accuracy : callable
        ``accuracy(model, x, labels)`` returns a number from 0 to 1.
    rng : numpy.random.Generator
        Splits the samples.

    Returns
    -------
    best : dict of str to value
        The chosen setting.
    table : list of (dict, float)
        Every setting, with its accuracy on the validation part.
    test_accuracy : float
        Of the chosen model.
    """
    ### BEGIN SOLUTION
    import itertools

    n = len(x)
    train, validation, test = np.split(rng.permutation(n), [3 * n // 5, 4 * n // 5])
    choices = [[(name, value) for value in values] for name, values in grid.items()]
    table, highest = [], -np.inf
    for setting in map(dict, itertools.product(*choices)):
        model = fit(setting, x[train], labels[train])
        table.append((setting, accuracy(model, x[validation], labels[validation])))
        if table[-1][1] > highest:
            best, best_model, highest = setting, model, table[-1][1]
    return best, table, accuracy(best_model, x[test], labels[test])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q2-9-split", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def searched(x, labels, **settings):
    """Call grid_search on copies, and look at the form of what it returns."""
    result = grid_search(x.copy(), labels.copy(), **settings)
    best, table, test_accuracy = several(result, "best", "table", "test_accuracy")
    assert isinstance(best, dict), f"best: expected a dict, got {type(best).__name__}"
    assert isinstance(table, (list, tuple)), f"table: expected a list, got {type(table).__name__}"
    for row in table:
        setting, value = several(row, "a setting", "its accuracy")
        assert isinstance(setting, dict), f"table: expected a dict, got {type(setting).__name__}"
        assert is_number(value), f"table: expected an accuracy, got {type(value).__name__}"
    assert is_number(test_accuracy), (
        f"test_accuracy: expected a number, got {kind_of(test_accuracy)}"
    )
    return best, [tuple(row) for row in table], test_accuracy


def rehearsal(scores):
    """Make a fit and an accuracy that train nothing, but note what they are called with.

    A model is its setting. Its accuracy is looked up in ``scores`` by the setting's values, for the
    samples that were the first to be judged on; for all others it is half of that.
    """
    fits, judged = [], []

    def fit(setting, x, labels):
        fits.append((dict(setting), x[:, 0].astype(int).tolist(), labels.tolist()))
        return dict(setting)

    def accuracy(model, x, labels):
        judged.append((dict(model), x[:, 0].astype(int).tolist(), labels.tolist()))
        value = scores[tuple(model.values())]
        return value if judged[-1][1] == judged[0][1] else value / 2

    return fit, accuracy, fits, judged


def numbered(n):
    """Make n samples that bear their numbers, as their first feature and as their label."""
    return np.column_stack([np.arange(n), np.ones(n)]).astype(float), np.arange(n)


with public_check("2.9 split"):
    fit, accuracy, fits, judged = rehearsal({(1,): 0.5, (2,): 0.75})
    x, labels = numbered(10)
    rng = np.random.default_rng(6)
    searched(x, labels, grid={"k": [1, 2]}, fit=fit, accuracy=accuracy, rng=rng)
    order = np.random.default_rng(6).permutation(10).tolist()
    assert fits, "fit was never called"
    assert judged, "accuracy was never called"
    for k in (1, 2):
        _, rows, labels_seen = next(call for call in fits if call[0] == {"k": k})
        assert rows == order[:6], (
            f"{k=}: trained on {rows}, expected {order[:6]} of the order {order}"
        )
        assert labels_seen == rows, f"{k=}: samples {rows} were given the labels of {labels_seen}"
        _, rows, labels_seen = next(call for call in judged if call[0] == {"k": k})
        assert rows == order[6:8], (
            f"{k=}: judged on {rows}, expected {order[6:8]} of the order {order}"
        )
        assert labels_seen == rows, f"{k=}: samples {rows} were given the labels of {labels_seen}"
    _, rows, labels_seen = judged[-1]
    assert rows == order[8:], (
        f"tested on {rows}, expected {order[8:]}, the rest of the order {order}"
    )
    assert labels_seen == rows, f"test samples {rows} were given the labels of {labels_seen}"
### BEGIN HIDDEN TESTS
for n in (5, 7, 8, 19, 33):
    fit, accuracy, fits, judged = rehearsal({(k,): 0.5 - k / 10 for k in range(3)})
    rng, again = np.random.default_rng(n), np.random.default_rng(n)
    order, cuts = again.permutation(n), (math.floor(n * 0.6 + 1e-9), math.floor(n * 0.8 + 1e-9))
    expected = [part.tolist() for part in np.split(order, cuts)]
    settings = {"grid": {"k": [0, 1, 2]}, "fit": fit, "accuracy": accuracy}
    _, table, _ = searched(*numbered(n), rng=rng, **settings)
    assert all(value > 0 for _, value in table), "the table holds no accuracy that was measured"
    for k in range(3):
        for calls, part in ((fits, expected[0]), (judged, expected[1])):
            _, rows, seen = next(call for call in calls if call[0] == {"k": k})
            assert rows == part, f"another part than the generator's, {n=}, {k=}"
            assert seen == part, f"labels of other samples, {n=}, {k=}"
    assert judged[-1][1] == judged[-1][2] == expected[2], f"another test part, {n=}"
    assert rng.random() == again.random(), "the generator was used for something else as well"
    watch(grid_search, *numbered(n), rng=rng, **settings)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-9-grid", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.9 grid"):
    scores = {(1, 5): 0.5, (1, 6): 0.625, (2, 5): 0.25, (2, 6): 0.125}
    fit, accuracy, fits, judged = rehearsal(scores)
    settings = {"grid": {"a": [1, 2], "b": [5, 6]}, "fit": fit, "accuracy": accuracy}
    _, table, _ = searched(*numbered(10), rng=np.random.default_rng(0), **settings)
    count = len(table)
    assert count == 4, f"2 · 2 values make 4 candidates, but your table has {count} rows"
    expected = [({"a": a, "b": b}, scores[a, b]) for a, b in [(1, 5), (1, 6), (2, 5), (2, 6)]]
    assert table == expected, f"table: expected {expected}, got {table}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(2902)
for grid, order in [
    ({"rate": [0.1, 1.0, 10.0]}, [(0.1,), (1.0,), (10.0,)]),
    ({"z": ["x", "y"], "a": [3]}, [("x", 3), ("y", 3)]),
    (
        {"b": [2, 1], "a": ["u", "v"], "c": [0, 5]},
        [(b, a, c) for b in (2, 1) for a in ("u", "v") for c in (0, 5)],
    ),
]:
    scores = dict(zip(order, draw.permutation(len(order)) / 10, strict=True))
    scores = {values: float(score) for values, score in scores.items()}
    fit, accuracy, fits, judged = rehearsal(scores)
    settings = {"grid": grid, "fit": fit, "accuracy": accuracy}
    _, table, _ = searched(*numbered(12), rng=np.random.default_rng(1), **settings)
    expected = [(dict(zip(grid, values, strict=True)), scores[values]) for values in order]
    assert table == expected, f"another table than expected, {grid=}"
    fitted = [call[0] for call in fits[: len(order)]]
    assert fitted == [row[0] for row in expected], f"other settings were fitted, {grid=}"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q2-9-choice", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.9 choice"):
    best, table, test_accuracy = searched(
        digit_images[:300],
        digit_labels[:300],
        grid={"pool": [4, 2], "k": [50, 5, 1]},
        fit=fit_neighbours,
        accuracy=neighbours_accuracy,
        rng=np.random.default_rng(0),
    )
    highest = max(value for _, value in table)
    good = [setting for setting, value in table if value == highest]
    assert best in good, (
        f"on the digits {good} did best on your validation part, but you chose {best}"
    )
    assert test_accuracy > 0.5, f"on the digits, the chosen model tests at {test_accuracy:.1%} only"
### BEGIN HIDDEN TESTS
for scores in (
    [0.1, 0.9, 0.5],
    [0.9, 0.1, 0.5],
    [0.1, 0.5, 0.9],
    [0.25],
    [0.0, 1e-9],
    [1.0, 0.999],
):
    grid = {"k": list(range(len(scores)))}
    fit, accuracy, _, _ = rehearsal({(k,): score for k, score in enumerate(scores)})
    settings = {"grid": grid, "fit": fit, "accuracy": accuracy}
    best, _, _ = searched(*numbered(10), rng=np.random.default_rng(2), **settings)
    assert best == {"k": scores.index(max(scores))}, f"another choice, accuracies {scores}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-9-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.9 ties"):
    scores = {(1,): 0.5, (2,): 0.75, (3,): 0.75, (4,): 0.625}
    fit, accuracy, _, _ = rehearsal(scores)
    settings = {"grid": {"depth": [1, 2, 3, 4]}, "fit": fit, "accuracy": accuracy}
    best, _, _ = searched(*numbered(10), rng=np.random.default_rng(0), **settings)
    expected = {"depth": 2}
    assert best == expected, f"2 and 3 are equally good, and 2 is simpler; but you chose {best}"
### BEGIN HIDDEN TESTS
for scores in ([0.5, 0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.25, 0.5, 0.25, 0.5, 0.5]):
    grid = {"k": list(range(len(scores)))}
    fit, accuracy, _, _ = rehearsal({(k,): score for k, score in enumerate(scores)})
    settings = {"grid": grid, "fit": fit, "accuracy": accuracy}
    best, _, _ = searched(*numbered(10), rng=np.random.default_rng(2), **settings)
    assert best == {"k": scores.index(max(scores))}, f"not the first of the best, {scores}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q2-9-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("2.9 test"):
    fit, accuracy, fits, judged = rehearsal({(1,): 0.5, (2,): 0.75, (3,): 0.25})
    settings = {"grid": {"k": [1, 2, 3]}, "fit": fit, "accuracy": accuracy}
    best, _, test_accuracy = searched(*numbered(20), rng=np.random.default_rng(0), **settings)
    count = len(fits)
    assert count == 3, f"3 candidates are fitted once each: 3 calls of fit, not {count}"
    calls = len(judged)
    assert calls == 4, (
        f"3 candidates and the chosen one are judged: 4 calls of accuracy, not {calls}"
    )
    model, rows, _ = judged[-1]
    assert model == best, f"you chose {best}, but the last one to be judged was {model}"
    leaked = sorted(set(rows) & {row for _, seen, _ in fits + judged[:-1] for row in seen})
    assert leaked == [], f"test samples {leaked[:5]} were used in training or choosing"
    expected = accuracy(best, numbered(20)[0][:0], numbered(20)[1][:0])
    assert test_accuracy == expected, (
        f"accuracy gave {expected} on the test part, not {test_accuracy}"
    )
### BEGIN HIDDEN TESTS
for scores in ([0.1, 0.9, 0.5], [0.75, 0.25], [0.0, 0.125, 0.25, 0.5]):
    fit, accuracy, fits, judged = rehearsal({(k,): score for k, score in enumerate(scores)})
    grid = {"k": list(range(len(scores)))}
    settings = {"grid": grid, "fit": fit, "accuracy": accuracy}
    best, _, test_accuracy = searched(*numbered(15), rng=np.random.default_rng(3), **settings)
    assert len(judged) == len(scores) + 1, "too many or too few calls of accuracy"
    assert len(fits) == len(scores), "too many or too few calls of fit"
    model, rows, _ = judged[-1]
    assert model == best, "another model than the chosen one was tested"
    assert not set(rows) & {row for _, seen, _ in fits + judged[:-1] for row in seen}, "a leak"
    assert rows, "the test part is empty"
    assert test_accuracy == scores[best["k"]] / 2, "another test accuracy than was measured"
### END HIDDEN TESTS

# %% [markdown]
# Your search at work, on 600 digits, one in five of which bears a wrong label, and a classifier
# that looks for the most similar images it knows. `pool` makes all images smaller, `k` is the
# number of similar images that vote. Nothing to do here but look: which settings are too simple to
# tell the digits apart, and which learn the wrong labels by heart?

# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q2-9-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(0)
mistyped = np.where(rng.random(600) < 0.2, rng.integers(0, 10, 600), digit_labels[:600])
found = grid_search(
    digit_images[:600],
    mistyped,
    {"pool": [4, 2, 1], "k": [100, 30, 10, 3, 1]},
    fit_neighbours,
    neighbours_accuracy,
    rng,
)
for setting, value in found[1]:
    print(f"{value:6.1%}  {'#' * round(60 * value):60}  {setting}")
print(f"chosen: {found[0]}, which gets {found[2]:.1%} of the test part right")

# %% [markdown]
# *Think about it.* Somebody subtracts from every pixel its mean over all samples, and splits them
# only then. What has leaked from where to where, and how would you do it instead?

# %% [markdown]
# ## 2.10 In your own words (10 points)
#
# The next cell asks two questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q2-10-written", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# **(a) Reading learning curves** (5 points). A network with 256 hidden units was trained by
# mini-batches of 20 on 200 of the digits, one in ten of whose labels we had replaced by a random
# one. The table shows the training loss and the validation loss (on 600 clean digits) of four runs.
# The validation loss is measured after the epoch, the training loss is the mean over the batches of
# the epoch.
#
# | run | after 1 epoch | 5 epochs | 20 | 50 | 200 |
# | --- | --- | --- | --- | --- | --- |
# | A | 2.32 / 2.32 | 2.31 / 2.32 | 2.28 / 2.30 | 2.24 / 2.26 | 2.02 / 2.07 |
# | B | 51.36 / 112.80 | 2.71 / 2.86 | 2.58 / 2.88 | 2.65 / 2.54 | 2.47 / 2.52 |
# | C | 2.21 / 2.00 | 0.96 / 0.79 | 0.35 / 0.52 | 0.09 / 0.56 | 0.01 / 0.70 |
# | D | 2.21 / 2.01 | 1.05 / 0.81 | 0.51 / 0.48 | 0.18 / 0.42 | 0.02 / 0.56 |
#
# Three runs differ in the learning rate only, and one of them was repeated with dropout. For each
# run, say in one or two sentences what happened and by which numbers you know (one point each), and
# for run C also what early stopping would have done, as far as the table tells. Then give two
# reasons, any two, why the training loss of run D is above its validation loss after 5 epochs (one
# point).
#
# **(b) The test set** (5 points). A classmate trains 200 networks with different hyperparameters
# and reports the highest accuracy that one of them reached on the 360 images of the test set: 97.2
# %. Explain in at most 200 words why this number promises too much, even though no network was
# trained on the test set. Suppose that all 200 networks were in truth equally good, say right on 95
# % of all digits: which accuracy would you then expect of the best of them? (A share $p$ of $n$
# independent images has the standard deviation $\sqrt{p(1-p)/n}$, and the highest of 200 such
# numbers lies two to three of these above their mean.) Then say how your classmate should have gone
# about it.
#
# === BEGIN MARK SCHEME ===
#
# (a) 5 points
#
# - 1: A: the learning rate is far too small; both losses fall, together and hardly at all, and
#   after 200 epochs are still near log 10 ≈ 2.30, which is what guessing gives. (It was 0.001.)
# - 1: B: the learning rate is far too large; the loss explodes at first, then stays at or above the
#   value of guessing and goes up and down. (It was 10.)
# - 1: C: a good learning rate (0.3), then overfitting: the training loss goes on to 0.01, the
#   validation loss rises again after about epoch 20. Early stopping would have ended the run there
#   and gone back to the parameters of the lowest validation loss (seen here: 0.52 at epoch 20).
# - 1: D is C with dropout: training loss falls more slowly, the validation loss gets lower (0.42)
#   and rises later and less; dropout weakens overfitting, it does not end it.
# - 1: two reasons: in training, units are missing, in validation all are there; the training loss
#   is a mean over the epoch, the first batches of which met worse parameters. (Wrong labels in the
#   training set alone count as well.) One reason earns nothing.
#
# (b) 5 points
#
# - 2: the test set was used to choose, so it is part of the training in all but name: among 200
#   noisy numbers the highest is high also by luck, and its luck does not come again on new images.
#   1 point for "overfitting to the test set" without the reason.
# - 1: the accuracy of one network on 360 images has a standard error of
#   sqrt(0.95 · 0.05 / 360) ≈ 1.1 percentage points.
# - 1: the best of 200 can easily lie two to three of these above the truth, 97–98 %: so 97.2 % is
#   no evidence that it is better than the others (less if the networks err on the same images).
# - 1: choose on a validation set (or by cross-validation), and use the test set once, for the
#   chosen network; if the test result then disappoints, do not go back and choose again.
#
# === END MARK SCHEME ===

# %% [markdown]
# *Write your answers here: double-click this text and replace it.*
#
# **(a)**
#
# **(b)**

# %% [markdown]
# ## How far are you?
#
# Run this last. It counts the public checks that passed when you last ran them. *Run All* stops at
# the first check that fails; `course check hw02-learning.ipynb`, in a terminal, runs all cells
# afresh and lists what every check says.


# %% nbgrader={"grade": true, "grade_id": "q2-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(38)

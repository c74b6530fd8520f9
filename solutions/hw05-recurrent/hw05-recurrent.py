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
# # Homework 5: Recurrent networks
#
# A recurrent network reads a sequence step by step and keeps what it needs in a state. In this
# homework you build the three classic cells yourself, Elman's, the LSTM and the GRU, with NumPy
# and nothing else. You send gradients back through time, see them vanish, and end with a task that
# an Elman network fails and an LSTM solves. All that you need stands in the questions.
#
# **When you are done you can**
#
# - say where an Elman network shares its parameters, and what that does to its gradients
#   (5.1–5.3, 5.11);
# - run a recurrent layer over a batch of sequences without a needless loop, in one direction and
#   in both (5.2, 5.5, 5.6);
# - send a gradient back through time, and keep it from blowing up (5.3, 5.4);
# - write the gates of an LSTM, forward and backward, and those of a GRU, so that no number is too
#   large for them (5.7–5.9);
# - train a recurrent network on sequence data (5.10).
#
# **How the points come about** (80 in all; about 8 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 5.1 | `elman_step` | 4 |
# | 5.2 | `elman_forward` | 7 |
# | 5.3 | `elman_backward` | 10 |
# | 5.4 | `clip_by_norm` | 6 |
# | 5.5 | `bidirectional_forward` | 5 |
# | 5.6 | `stacked_bidirectional_forward` | 7 |
# | 5.7 | `lstm_step` | 7 |
# | 5.8 | `lstm_step_backward` | 9 |
# | 5.9 | `gru_step` | 6 |
# | 5.10 | `train_recall` | 9 |
# | 5.11 | two short written answers | 10 |
#
# Each coded question is checked property by property (shape, values, speed, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *extremes* means: numbers that are very large or very close to 0 give no `nan`, and
# an answer that is right to nine digits of its largest entry (in float64); *care* means: the
# arguments are left unchanged, and the dtype is kept. A check that you see is *public*; run it as
# often as you like. When you hand in, the same cell also runs *hidden* checks of the same property
# on other inputs: other sizes, batches of one, other numbers. An answer that does what the text
# says passes both.
#
# **Ground rules**
#
# - The questions stand alone: an error in one costs nothing in another, and you may do them in any
#   order. (If you call one of your functions in another, you tie the two together.)
# - Write your functions with NumPy alone. `torch`, `scipy`, `jax` and the like are not there when
#   your notebook is graded, nor is `lecturelib`: a cell that imports one of them fails.
# - A function never changes the arrays it is given, and it answers in their dtype: float32 in,
#   float32 out. All arrays of floats in one call have the same dtype.
# - Cells that read `YOUR CODE HERE` or *Write your answers here* are yours, and you may add cells.
#   The checks and the cells that they need are restored when your work is graded.
# - *Think about it* is for yourself or for the classroom: it is not handed in and earns no points.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** B sequences in a batch, T steps, D numbers read at each step, H units in the state.
# Sequences are stored as `(T, B, D)`, **time first**, so that `x[t]` is what the whole batch reads
# at step t. Steps are counted from 0. Weights are stored as in `torch`: a matrix that makes H
# numbers out of D is `(H, D)`, and row i belongs to unit i. Formulas are for one sequence, with
# vectors as columns ($W x$); in arrays, the sequences of a batch are rows. $\odot$ multiplies entry
# by entry, $\sigma(z) = 1 / (1 + e^{-z})$ is the sigmoid, and $d\theta$ is short for $\partial J
# / \partial\theta$, the gradient of the loss with respect to $\theta$.

# %% [markdown]
# ## Set-up
#
# Run these two cells first, and the loops of 5.2, which later checks are held against too. They
# only hold what the checks need; there is no need to read them. Run the checks of a question in
# order.

# %% course={"include": "../checks.py"} nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What all homeworks share stands in ../checks.py.

# %% nbgrader={"grade": false, "grade_id": "setup-recurrent", "locked": true, "schema_version": 3, "solution": false, "task": false}
def if_not_finite(got):
    """Give a hint if numbers have become too large."""
    finite = np.isfinite(np.asarray(got, dtype=float)).all()
    return "" if finite else "exp(1000) is more than a float can hold, and inf / inf is no number."


def arrays_in(arguments):
    """List the arrays among the arguments, also those in lists."""
    found = []
    for each in arguments:
        if isinstance(each, np.ndarray):
            found.append(each)
        elif isinstance(each, (tuple, list)):
            found += arrays_in(each)
    return found


def not_handed_back(got, *arguments):
    """Stop if an array that came back says nothing, or is one of the arguments."""
    for array in arrays_in([got]):
        assert array.any(), "an array of zeros came back"
        same = any(np.array_equal(array, each) for each in arrays_in(arguments))
        assert not same, "one of the arguments came back as it was"


# %% [markdown]
# ## 5.1 One step of an Elman network (4 points)
#
# *Goal.* Build the cell that reads one element of a sequence and brings its memory up to date.
#
# *Math.* Elman's cell has a state of H units. It looks at its input and at its state of one step
# before, and both go through a layer of their own:
#
# $$ h_t = \tanh\left(W_{xh}\, x_t + W_{hh}\, h_{t-1} + b_h\right) $$
#
# The weights carry no $t$: they are the same at every step.
#
# *Task.* Return the new state of every sequence in a batch. Here `x` is $x_t$ and `h` is
# $h_{t-1}$, one sequence per row.
#
# *Points.* values 1, batch 1, extremes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-1-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elman_step(x, h, w_xh, w_hh, b_h):
    """Bring the state of an Elman network up to date.

    Parameters
    ----------
    x : (B, D)
        What each sequence shows at this step.
    h : (B, H)
        The state after the step before.
    w_xh : (H, D)
        Weights of the input.
    w_hh : (H, H)
        Weights of the state.
    b_h : (H,)
        One bias per unit.

    Returns
    -------
    h : (B, H)
        The new state.
    """
    ### BEGIN SOLUTION
    return np.tanh(x @ w_xh.T + h @ w_hh.T + b_h)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-1-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_elman_step(x, h, w_xh, w_hh, b_h):
    """Go sequence by sequence, with all weights in one matrix: the other way round."""
    weights = np.concatenate([w_xh, w_hh, b_h[:, None]], axis=1)
    rows = [weights @ np.concatenate([one, state, [1.0]]) for one, state in zip(x, h, strict=True)]
    return np.stack([2 / (1 + np.exp(-2 * np.clip(row, -300, 300))) - 1 for row in rows])


def draw_elman(draw, batch, inputs, units):
    """Draw x, h, w_xh, w_hh and b_h."""
    shapes = [(batch, inputs), (batch, units), (units, inputs), (units, units), (units,)]
    return [draw.uniform(-1, 1, shape) for shape in shapes]


### END HIDDEN TESTS
with public_check("5.1 values"):
    rng = np.random.default_rng(0)
    x, h = rng.uniform(-1, 1, (1, 2)), rng.uniform(-1, 1, (1, 3))
    w_xh, w_hh, b_h = rng.uniform(-1, 1, (3, 2)), rng.uniform(-1, 1, (3, 3)), rng.uniform(-1, 1, 3)
    same_shape(elman_step(x, h, w_xh, w_hh, b_h), (1, 3), "one sequence, H = 3: (B, H)")
    zero_x, zero_h, zero_b = np.zeros((1, 2)), np.zeros((1, 3)), np.zeros(3)
    with np.errstate(all="ignore"):
        whole = np.arctanh(elman_step(x, h, w_xh, w_hh, b_h))
        from_x = np.arctanh(elman_step(x, zero_h, w_xh, w_hh, zero_b))
        from_h = np.arctanh(elman_step(zero_x, h, w_xh, w_hh, zero_b))
        from_b = np.arctanh(elman_step(zero_x, zero_h, w_xh, w_hh, b_h))
    hint = "arctanh undoes the tanh, which comes last and once."
    compare(whole, from_x + from_h + from_b, "input, old state and bias add up", hint)
    compare(from_b, b_h[None].copy(), "without input and old state, the bias is left", hint)
    only_first = np.array([[1.0, 0, 0]])
    from_h = np.arctanh(np.clip(elman_step(zero_x, only_first, w_xh, w_hh, zero_b), -0.99, 0.99))
    hint = "Row i of a weight matrix belongs to unit i of the new state."
    compare(from_h, w_hh[:, [0]].T.copy(), "what the old unit 0 sends to each new unit", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5101)
for inputs, units in [(3, 3), (1, 4), (5, 2), (2, 1)]:
    arrays = draw_elman(draw, 1, inputs, units)
    expected = reference_elman_step(*arrays)
    compare(elman_step(*arrays), expected, f"{inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-1-batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.1 batch"):
    rng = np.random.default_rng(1)
    x, h = rng.uniform(-1, 1, (3, 3)), rng.uniform(-1, 1, (3, 3))
    w_xh, w_hh, b_h = rng.uniform(-1, 1, (3, 3)), rng.uniform(-1, 1, (3, 3)), rng.uniform(-1, 1, 3)
    alone = [elman_step(x[[k]], h[[k]], w_xh, w_hh, b_h) for k in range(3)]
    for row in alone:
        same_shape(row, (1, 3), "a batch of one sequence")
    alone = np.concatenate(alone)
    not_handed_back(alone, x, h)
    assert np.ptp(alone, axis=0).min() > 0, "three sequences that differ got the same state"
    compare(elman_step(x, h, w_xh, w_hh, b_h), alone, "each sequence is treated by itself")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5102)
for batch, inputs, units in [(4, 2, 3), (2, 2, 2), (5, 1, 3)]:
    x, h, *weights = draw_elman(draw, batch, inputs, units)
    alone = np.concatenate([elman_step(x[[k]], h[[k]], *weights) for k in range(batch)])
    not_handed_back(alone, x, h)
    assert np.ptp(alone, axis=0).min() > 0, "sequences that differ got the same state"
    compare(elman_step(x, h, *weights), alone, f"{batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-1-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.1 extremes"):
    zero, w_xh, w_hh = np.zeros((1, 2)), np.ones((2, 2)), np.ones((2, 2))
    h = elman_step(zero, zero, w_xh, w_hh, np.array([1000.0, -1000.0]))
    expected = np.array([[1.0, -1.0]])
    compare(h, expected, "biases of ±1000", "tanh ends at ±1. Does your formula overflow?")
    h = elman_step(zero, zero, w_xh, w_hh, np.array([1e-200, -1e-200]))
    expected = np.array([[1e-200, -1e-200]])
    compare(h, expected, "biases of ±1e-200", "Near 0, tanh(z) is z. Is precision lost?")
### BEGIN HIDDEN TESTS
zero, w_xh, w_hh = np.zeros((2, 3)), np.ones((3, 3)), np.ones((3, 3))
for size in (1e-300, 1e-20, 1e-8, 800.0, 1e5, 1e300):
    b_h = np.array([size, -size, 0.5 * size])
    expected = np.tile(np.where(abs(b_h) > 1, np.sign(b_h), b_h), (2, 1))
    got = elman_step(zero, zero, w_xh, w_hh, b_h)
    compare(got, expected, f"biases around {size}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-1-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.1 care"):
    rng = np.random.default_rng(0)
    shapes = [(2, 3), (2, 4), (4, 3), (4, 4), (4,)]
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    h = watch(elman_step, *arrays)
    same_dtype(h, np.float64, "elman_step")
    got = elman_step(*(array.astype(np.float32) for array in arrays))
    same_dtype(got, np.float32, "elman_step")
    compare(got, h, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5104)
for batch, inputs, units in [(1, 2, 3), (3, 4, 2)]:
    arrays = draw_elman(draw, batch, inputs, units)
    expected = watch(elman_step, *arrays)
    not_handed_back(expected, *arrays)
    same_dtype(expected, np.float64, "elman_step")
    got = watch(elman_step, *(array.astype(np.float32) for array in arrays))
    same_dtype(got, np.float32, "elman_step")
    compare(got, expected, f"float32 against float64, {batch=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* After one step the state lies between −1 and 1, whatever was read. How many
# different things can a single unit tell apart, then: two, or many?

# %% [markdown]
# ## 5.2 A whole sequence (7 points)
#
# *Goal.* Run the cell over a batch of sequences, quickly.
#
# *Math.* Unrolled over T steps, the network is the same layer T times, each fed by the one before:
#
# $$ h_t = \tanh\left(W_{xh}\, x_t + W_{hh}\, h_{t-1} + b_h\right), \qquad t = 0, \dots, T-1, $$
#
# where $h_{-1}$ is the state before the first step. The code calls it `h0`, as `torch` does; do not
# mix it up with `h[0]`, the state after the first step.
#
# *Task.* Return the states after every step, T of them; `h0` is not among them. The cell below does
# it with loops over the steps, the sequences and the units: right, but slow. Yours must be at least
# 5 times as fast (50 times is within easy reach). The loop over the steps has to stay, since each
# waits for the one before it. The others need not; and there is a product in the formula that waits
# for nothing.
#
# *Points.* shape 1, values 2, first state 1, speed 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "setup-loops", "locked": true, "schema_version": 3, "solution": false, "task": false}
def elman_loops(x, h0, w_xh, w_hh, b_h):
    """Run an Elman network one number at a time."""
    h = np.zeros((len(x), *h0.shape), dtype=x.dtype)
    for t in range(len(x)):
        before = h0 if t == 0 else h[t - 1]
        for n in range(len(h0)):
            for i in range(len(b_h)):
                h[t, n, i] = np.tanh(w_xh[i] @ x[t, n] + w_hh[i] @ before[n] + b_h[i])
    return h


# %% nbgrader={"grade": false, "grade_id": "q5-2-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elman_forward(x, h0, w_xh, w_hh, b_h):
    """Run an Elman network over a batch of sequences.

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    h0 : (B, H)
        The state before the first step.
    w_xh : (H, D)
        Weights of the input.
    w_hh : (H, H)
        Weights of the state.
    b_h : (H,)
        One bias per unit.

    Returns
    -------
    h : (T, B, H)
        The states after each step.
    """
    ### BEGIN SOLUTION
    h = x @ w_xh.T + b_h  # needs no state, so it is done for all steps at once
    for t in range(len(x)):
        h[t] = np.tanh(h[t] + h0 @ w_hh.T)
        h0 = h[t]
    return h
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-2-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_elman(x, h0, w_xh, w_hh, b_h):
    """Go sequence by sequence, with all weights in one matrix: the other way round."""
    weights = np.concatenate([w_xh, w_hh, b_h[:, None]], axis=1)
    runs = []
    for one, state in zip(x.swapaxes(0, 1), h0, strict=True):
        states = []
        for read in one:
            state = np.tanh(weights @ np.concatenate([read, state, [1.0]]))
            states.append(state)
        runs.append(states)
    return np.array(runs).swapaxes(0, 1)


def draw_sequences(draw, steps, batch, inputs, units):
    """Draw x, h0, w_xh, w_hh and b_h."""
    shapes = [(steps, batch, inputs), (batch, units), (units, inputs), (units, units), (units,)]
    return [draw.uniform(-1, 1, shape) for shape in shapes]


### END HIDDEN TESTS
with public_check("5.2 shape"):
    arrays = np.ones((4, 2, 3)), np.ones((2, 5)), np.ones((5, 3)), np.ones((5, 5)), np.ones(5)
    same_shape(elman_forward(*arrays), (4, 2, 5), "T = 4, B = 2, H = 5: (T, B, H)")
### BEGIN HIDDEN TESTS
for steps, batch, inputs, units in [(1, 1, 2, 3), (1, 3, 1, 1), (6, 1, 4, 2), (3, 4, 2, 5)]:
    arrays = draw_sequences(np.random.default_rng(5201), steps, batch, inputs, units)
    sizes = f"{steps=}, {batch=}, {inputs=}, {units=}"
    same_shape(elman_forward(*arrays), (steps, batch, units), sizes)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-2-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.2 values"):
    rng = np.random.default_rng(0)
    x, h0 = rng.uniform(-1, 1, (6, 2, 3)), np.zeros((2, 4))
    w_xh, w_hh, b_h = rng.uniform(-1, 1, (4, 3)), rng.uniform(-1, 1, (4, 4)), rng.uniform(-1, 1, 4)
    expected = elman_loops(x, h0, w_xh, w_hh, b_h)
    h = elman_forward(x, h0, w_xh, w_hh, b_h)
    compare(h, expected, "what the loops give, from a state of zeros")
    other = x.copy()
    other[3] += 1
    changed = np.abs(elman_forward(other, h0, w_xh, w_hh, b_h) - h).max(axis=(1, 2)) > 0
    message = "an input tells on the states from its own step on: 3, 4 and 5, not on"
    assert changed.tolist() == [False] * 3 + [True] * 3, f"{message} {np.flatnonzero(changed)}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5202)
for steps, batch, inputs, units in [(1, 2, 3, 4), (5, 1, 2, 3), (7, 3, 3, 3), (12, 4, 1, 2)]:
    x, h0, *weights = draw_sequences(draw, steps, batch, inputs, units)
    expected = reference_elman(x, 0 * h0, *weights)
    sizes = f"{steps=}, {batch=}, {inputs=}, {units=}"
    compare(elman_forward(x, 0 * h0, *weights), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-2-first-state", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.2 first state"):
    rng = np.random.default_rng(0)
    x, h0 = rng.uniform(-1, 1, (6, 2, 3)), rng.uniform(-1, 1, (2, 4))
    w_xh, w_hh, b_h = rng.uniform(-1, 1, (4, 3)), rng.uniform(-1, 1, (4, 4)), rng.uniform(-1, 1, 4)
    h = elman_forward(x, h0, w_xh, w_hh, b_h)
    same_shape(h, (6, 2, 4), "the states after each step")
    hint = "The second part starts from the state in which the first one ended."
    rest = elman_forward(x[4:], h[3], w_xh, w_hh, b_h)
    compare(rest, h[4:], "a sequence read in two parts", hint)
    moved = np.abs(elman_forward(x, -h0, w_xh, w_hh, b_h)[0] - h[0]).min()
    assert moved > 0, "another h0, and still the same state after the first step"
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5203)
for steps, batch, inputs, units, cut in [(5, 1, 2, 3, 1), (7, 3, 3, 3, 6), (9, 2, 1, 2, 4)]:
    x, h0, *weights = draw_sequences(draw, steps, batch, inputs, units)
    h = elman_forward(x, h0, *weights)
    first = elman_forward(x[:cut], h0, *weights)
    rest = elman_forward(x[cut:], first[-1], *weights)
    both = np.concatenate([first, rest])
    compare(h, both, f"{steps=}, cut after {cut}", reveal=False)
    moved = np.abs(elman_forward(x, -h0, *weights)[0] - h[0]).min()
    assert moved > 0, "another h0, and still the same state after the first step"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-2-speed", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.2 speed"):
    rng = np.random.default_rng(0)
    w_xh, w_hh = rng.uniform(-0.3, 0.3, (16, 8)), rng.uniform(-0.3, 0.3, (16, 16))
    h0, b_h = np.zeros((20, 16)), rng.uniform(-1, 1, 16)

    def draw_arguments():
        return rng.uniform(-1, 1, (30, 20, 8)), h0, w_xh, w_hh, b_h

    x, *others = draw_arguments()
    expected = elman_loops(x[:4], *others)
    compare(elman_forward(x, *others)[:4], expected, "T = 30, B = 20, D = 8, H = 16")
    speed = times_faster(elman_forward, elman_loops, draw_arguments, enough=5)
    assert speed >= 5, f"only {speed:.1f} times as fast as the loops, and 5 times is asked for"
    print(f"{speed:.0f} times as fast as the loops")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5204)
x, h0, *weights = draw_sequences(draw, 30, 20, 8, 16)
expected = reference_elman(x, 0 * h0, *weights)
compare(elman_forward(x, 0 * h0, *weights), expected, "T = 30, B = 20, D = 8, H = 16", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-2-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.2 care"):
    rng = np.random.default_rng(0)
    shapes = [(5, 2, 3), (2, 4), (4, 3), (4, 4), (4,)]
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    h = watch(elman_forward, *arrays)
    same_dtype(h, np.float64, "elman_forward")
    got = elman_forward(*(array.astype(np.float32) for array in arrays))
    same_dtype(got, np.float32, "elman_forward")
    compare(got, h, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5205)
for steps, batch, inputs, units in [(1, 1, 2, 3), (4, 3, 4, 2)]:
    arrays = draw_sequences(draw, steps, batch, inputs, units)
    expected = watch(elman_forward, *arrays)
    not_handed_back(expected, *arrays)
    same_dtype(expected, np.float64, "elman_forward")
    got = watch(elman_forward, *(array.astype(np.float32) for array in arrays))
    same_dtype(got, np.float32, "elman_forward")
    compare(got, expected, f"float32 against float64, {steps=}, {batch=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Which of the three loops would a GPU with thousands of cores shorten, and which
# one would it not? What does that mean for very long sequences?

# %% [markdown]
# ## 5.3 Back through time (10 points)
#
# *Goal.* Send gradients back through the unrolled network, and see what shared weights do to them.
#
# *Math.* Let $z_t$ be what goes into the tanh, so that $h_t = \tanh z_t$. The state $h_t$ is used
# twice: by the output at step $t$, and by step $t + 1$. Here $dh_t$ is only the part of the
# gradient that comes back on the first way, directly from the output at step $t$. What comes back
# on the two ways is added, and passes the tanh, whose slope is $1 - h_t^2$:
#
# $$ dz_t = \left(dh_t + W_{hh}^\top\, dz_{t+1}\right) \odot \left(1 - h_t \odot h_t\right),
#    \qquad dz_T = 0 . $$
#
# This runs from the last step to the first: backpropagation through time. With $h_{-1}$ for the
# state before the first step (`h0` in the code, as in 5.2), whose $dh_{-1}$ is the whole gradient,
# the rest follows:
#
# $$ \begin{aligned}
#    dx_t &= W_{xh}^\top\, dz_t & dh_{-1} &= W_{hh}^\top\, dz_0 \\
#    dW_{xh} &= \sum_t dz_t\, x_t^\top \qquad & dW_{hh} &= \sum_t dz_t\, h_{t-1}^\top \qquad
#    & db_h &= \sum_t dz_t
#    \end{aligned} $$
#
# The weights are the same at every step, so they get a contribution from every step; and one from
# every sequence of the batch, which is added up as well.
#
# *Task.* Return `dx`, `dh0`, `dw_xh`, `dw_hh` and `db_h`, in this order. The states `h` are given,
# as `elman_forward` returns them.
#
# *Points.* shape 1, one step 2, through time 3, shared weights 3, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-3-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elman_backward(dh, x, h0, h, w_xh, w_hh):
    """Send the gradient of the loss back through an Elman network.

    Parameters
    ----------
    dh : (T, B, H)
        What comes back to each state directly from the output at its step.
    x : (T, B, D)
        The sequences that went in.
    h0 : (B, H)
        The state before the first step.
    h : (T, B, H)
        The states after each step, from the forward pass.
    w_xh : (H, D)
        Weights of the input.
    w_hh : (H, H)
        Weights of the state.

    Returns
    -------
    dx : (T, B, D)
    dh0 : (B, H)
    dw_xh : (H, D)
    dw_hh : (H, H)
    db_h : (H,)
    """
    ### BEGIN SOLUTION
    dz, carried = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(len(h))):
        dz[t] = (dh[t] + carried) * (1 - h[t] ** 2)
        carried = dz[t] @ w_hh
    before = np.concatenate([h0[None], h[:-1]])
    dw_xh = np.einsum("tbh,tbd->hd", dz, x)
    dw_hh = np.einsum("tbh,tbk->hk", dz, before)
    return dz @ w_xh, carried, dw_xh, dw_hh, dz.sum(axis=(0, 1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-3-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_elman_backward(dh, x, h0, h, w_xh, w_hh):
    """Solve all steps of a sequence as one linear system: the other way round from the recursion.

    Only dx and dh0 are returned.
    """
    steps, batch, units = h.shape
    dz = np.empty_like(h)
    for n in range(batch):
        slopes = 1 - h[:, n].ravel() ** 2
        system = np.eye(steps * units)
        for here in range(0, (steps - 1) * units, units):
            rows, columns = slice(here, here + units), slice(here + units, here + 2 * units)
            system[rows, columns] = -slopes[rows, None] * w_hh.T
        dz[:, n] = np.linalg.solve(system, slopes * dh[:, n].ravel()).reshape(steps, units)
    return np.einsum("tbh,hd->tbd", dz, w_xh), np.einsum("bh,hk->bk", dz[0], w_hh)


def draw_backward(draw, steps, batch, inputs, units, scale=1.0):
    """Draw dh, x, h0, h, w_xh and w_hh; the states need not be those of any network."""
    dh, x = (
        draw.standard_normal((steps, batch, units)),
        draw.standard_normal((steps, batch, inputs)),
    )
    h0, h = draw.uniform(-0.9, 0.9, (batch, units)), draw.uniform(-0.9, 0.9, (steps, batch, units))
    w_xh = draw.uniform(-1, 1, (units, inputs))
    return dh, x, h0, h, w_xh, scale * draw.uniform(-1, 1, (units, units))


### END HIDDEN TESTS
elman_gradients = "dx", "dh0", "dw_xh", "dw_hh", "db_h"
with public_check("5.3 shape"):
    dh, x, h0, h = np.ones((4, 2, 5)), np.ones((4, 2, 3)), np.ones((2, 5)), np.ones((4, 2, 5)) / 2
    w_xh, w_hh = np.ones((5, 3)), np.ones((5, 5))
    given = several(elman_backward(dh, x, h0, h, w_xh, w_hh), *elman_gradients)
    shapes = x.shape, h0.shape, w_xh.shape, w_hh.shape, (5,)
    for gradient, name, shape in zip(given, elman_gradients, shapes, strict=True):
        same_shape(gradient, shape, f"{name} has the shape of {name[1:]}")
### BEGIN HIDDEN TESTS
for steps, batch, inputs, units in [(1, 1, 2, 3), (6, 1, 4, 2), (3, 4, 2, 5), (1, 3, 1, 1)]:
    arrays = draw_backward(np.random.default_rng(5301), steps, batch, inputs, units)
    given = several(elman_backward(*arrays), *elman_gradients)
    shapes = *(arrays[k].shape for k in (1, 2, 4, 5)), (units,)
    for gradient, name, shape in zip(given, elman_gradients, shapes, strict=True):
        same_shape(gradient, shape, f"{name}, {steps=}, {batch=}, {inputs=}, {units=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-3-one-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.3 one step"):
    rng = np.random.default_rng(0)
    x, h0, dh = (
        rng.uniform(-1, 1, (1, 2, 3)),
        rng.uniform(-1, 1, (2, 2)),
        rng.uniform(-1, 1, (1, 2, 2)),
    )
    w_xh, w_hh, b_h = rng.uniform(-1, 1, (2, 3)), rng.uniform(-1, 1, (2, 2)), rng.uniform(-1, 1, 2)
    h = elman_loops(x, h0, w_xh, w_hh, b_h)
    dx, dh0, *_ = several(elman_backward(dh, x, h0, h, w_xh, w_hh), *elman_gradients)
    numeric = numeric_gradient(lambda x: (dh * elman_loops(x, h0, w_xh, w_hh, b_h)).sum(), x)
    agrees(dx, numeric, "dx for a sequence of one step")
    numeric = numeric_gradient(lambda h0: (dh * elman_loops(x, h0, w_xh, w_hh, b_h)).sum(), h0)
    agrees(dh0, numeric, "dh0 for a sequence of one step")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5302)
for batch, inputs, units in [(1, 2, 3), (3, 3, 3), (4, 3, 2), (2, 1, 1)]:
    arrays = draw_backward(draw, 1, batch, inputs, units)
    expected = reference_elman_backward(*arrays)
    got = several(elman_backward(*arrays), *elman_gradients)
    for gradient, right, name in zip(got, expected, elman_gradients, strict=False):
        compare(gradient, right, f"{name}, T = 1, {batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-3-through-time", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
with public_check("5.3 through time"):
    rng = np.random.default_rng(0)
    x, h0, dh = (
        rng.uniform(-1, 1, (4, 2, 3)),
        rng.uniform(-1, 1, (2, 2)),
        rng.uniform(-1, 1, (4, 2, 2)),
    )
    w_xh, w_hh, b_h = rng.uniform(-1, 1, (2, 3)), rng.uniform(-1, 1, (2, 2)), rng.uniform(-1, 1, 2)
    h = elman_loops(x, h0, w_xh, w_hh, b_h)
    dx, dh0, *_ = several(elman_backward(dh, x, h0, h, w_xh, w_hh), *elman_gradients)
    numeric = numeric_gradient(lambda x: (dh * elman_loops(x, h0, w_xh, w_hh, b_h)).sum(), x)
    agrees(dx, numeric, "dx for four steps")
    numeric = numeric_gradient(lambda h0: (dh * elman_loops(x, h0, w_xh, w_hh, b_h)).sum(), h0)
    agrees(dh0, numeric, "dh0 for four steps")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5303)
for steps, batch, inputs, units in [(2, 1, 2, 3), (5, 3, 3, 3), (7, 2, 4, 2), (3, 2, 1, 1)]:
    arrays = draw_backward(draw, steps, batch, inputs, units)
    expected = reference_elman_backward(*arrays)
    got = several(elman_backward(*arrays), *elman_gradients)
    for gradient, right, name in zip(got, expected, elman_gradients, strict=False):
        sizes = f"{steps=}, {batch=}, {inputs=}, {units=}"
        compare(gradient, right, f"{name}, {sizes}", reveal=False)
# Far from the only step that is judged, gradients are tiny or huge, and still right.
for scale in (0.5, 3.0):
    dh, *arrays = draw_backward(draw, 45, 1, 2, 3, scale)
    dh[:-1] = 0
    expected = reference_elman_backward(dh, *arrays)
    got = several(elman_backward(dh, *arrays), *elman_gradients)
    same_shape(got[0], (45, 1, 2), "dx for 45 steps")
    for t in (0, 15, 30):
        compare(got[0][[t]], expected[0][[t]], f"dx, {44 - t} steps back", reveal=False)
    compare(got[1], expected[1], "dh0, 45 steps back", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-3-shared-weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
with public_check("5.3 shared weights"):
    rng = np.random.default_rng(0)
    dh, x, h = (rng.uniform(-0.9, 0.9, (3, 2, 4)) for _ in range(3))
    h0, w_hh = rng.uniform(-0.9, 0.9, (2, 4)), rng.uniform(-1, 1, (4, 4))
    # With the identity for W_xh, your dx is your dz, and dw_xh, dw_hh and db_h are made of it.
    given = several(elman_backward(dh, x, h0, h, np.eye(4), w_hh), *elman_gradients)
    for gradient, shape in zip(given, (x.shape, h0.shape, (4, 4), (4, 4), (4,)), strict=True):
        same_shape(gradient, shape, "gradients have the shapes of what they belong to")
    dz, _, dw_xh, dw_hh, db_h = given
    assert dz.any(), "dx is 0 everywhere, though dh is not"
    hint = "Every step adds a contribution, and so does every sequence."
    expected = sum(dz[t, n] for t in range(3) for n in range(2))
    compare(db_h, expected, "db_h against your own dz", hint)
    expected = sum(np.outer(dz[t, n], x[t, n]) for t in range(3) for n in range(2))
    compare(dw_xh, expected, "dw_xh against your own dz", hint)
    states = np.stack([h0, h[0], h[1]])
    expected = sum(np.outer(dz[t, n], states[t, n]) for t in range(3) for n in range(2))
    hint += " At step t, W_hh was multiplied by the state of the step before."
    compare(dw_hh, expected, "dw_hh against your own dz", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5304)
for steps, batch, inputs, units in [(1, 1, 3, 3), (6, 1, 4, 4), (5, 3, 5, 3), (2, 4, 3, 2)]:
    dh, x, h0, h, _, w_hh = draw_backward(draw, steps, batch, inputs, units)
    w_xh = np.eye(units, inputs)
    dx, _, *got = several(elman_backward(dh, x, h0, h, w_xh, w_hh), *elman_gradients)
    same_shape(dx, x.shape, "dx")
    assert dx.any(), "dx is 0 everywhere"
    dz, before = dx[:, :, :units].reshape(-1, units), np.stack([h0, *h][:-1]).reshape(-1, units)
    expected = dz.T @ x.reshape(-1, inputs), dz.T @ before, dz.sum(axis=0)
    for gradient, right, name in zip(got, expected, elman_gradients[2:], strict=True):
        sizes = f"{steps=}, {batch=}, {inputs=}, {units=}"
        compare(gradient, right, f"{name} against your own dz, {sizes}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-3-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.3 care"):
    rng = np.random.default_rng(0)
    shapes = [(4, 2, 3), (4, 2, 5), (2, 3), (4, 2, 3), (3, 5), (3, 3)]
    arrays = [rng.uniform(-0.9, 0.9, shape) for shape in shapes]
    expected = several(watch(elman_backward, *arrays), *elman_gradients)
    got = several(elman_backward(*(array.astype(np.float32) for array in arrays)), *elman_gradients)
    for gradient, right, name in zip(got, expected, elman_gradients, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5305)
for steps, batch in [(1, 3), (5, 1)]:
    arrays = draw_backward(draw, steps, batch, 4, 3)
    expected = several(watch(elman_backward, *arrays), *elman_gradients)
    not_handed_back(expected, *arrays)
    single = [array.astype(np.float32) for array in arrays]
    got = several(watch(elman_backward, *single), *elman_gradients)
    for gradient, right, name in zip(got, expected, elman_gradients, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}, float32 against float64, {steps=}", reveal=False)
    for scale in (1e-120, 1e120):
        got = several(elman_backward(arrays[0] * scale, *arrays[1:]), *elman_gradients)
        for gradient, right, name in zip(got, expected, elman_gradients, strict=True):
            compare(gradient, right * scale, f"{name}, dh times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Your gradients at work: how much does the input of *k* steps ago matter to the state of now? The
# recurrent weights are a rotation times a factor, so that each step back multiplies the gradient by
# about that factor. Nothing to do here but look.

# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q5-3-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(5)
rotation = np.linalg.qr(rng.standard_normal((8, 8)))[0]
quiet, start = 1e-9 * rng.standard_normal((41, 1, 8)), np.zeros((1, 8))
last_only = np.zeros((41, 1, 8))
last_only[-1] = 1
print("steps back    ", *(f"{k:8d}" for k in (0, 10, 20, 30, 40)))
for factor in (0.6, 1.0, 1.4):
    w_hh = factor * rotation
    states = elman_loops(quiet, start, np.eye(8), w_hh, np.zeros(8))
    reach = np.linalg.norm(
        elman_backward(last_only, quiet, start, states, np.eye(8), w_hh)[0], axis=2
    )
    print(f"weights × {factor}:", *(f"{reach[40 - k, 0]:8.0e}" for k in (0, 10, 20, 30, 40)))

# %% [markdown]
# *Think about it.* With the factor 1.4 the gradient grows without end, as long as the states are
# small. What happens to it once the states are near ±1, and why?

# %% [markdown]
# ## 5.4 Clipping by the norm (6 points)
#
# *Goal.* Keep one exploding gradient from throwing all weights away.
#
# *Math.* Take the gradients of all parameters together as one long vector. Its length is
#
# $$ \lVert g \rVert = \sqrt{\sum_k \sum_i g_{k,i}^2} , $$
#
# a sum over all arrays $g_k$ and all entries $i$ of each. If it is longer than `max_norm`, then
# **every** array is multiplied by the same factor, so that the direction of the step stays:
#
# $$ g_k \leftarrow g_k \cdot \min\left(1, \frac{\text{max\_norm}}{\lVert g \rVert}\right) . $$
#
# Nothing is added to $\lVert g \rVert$ in the denominator. Gradients that are all 0 have the norm
# 0, and stay as they are.
#
# Gradients explode, so take care: the square of $10^{200}$ is too large for float64, and that of
# $10^{-200}$ too small, although neither number is. It helps to divide everything by the largest
# magnitude before squaring, and to multiply by it again after the root. You may take for granted
# that the norm itself, and `max_norm` divided by it, fit into the dtype of the arrays.
#
# *Task.* Return the list of clipped arrays, in the same order, and the norm **before** clipping, as
# a number. There is at least one array, and none is empty; `max_norm` is positive. Arrays that need
# no clipping may be returned as they are.
#
# *Points.* norm 1, clipped 2, left alone 1, extremes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-4-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_by_norm(gradients, max_norm):
    """Shorten all gradients by one common factor, if they are too long together.

    Parameters
    ----------
    gradients : list of arrays
        Of any shapes.
    max_norm : float
        The largest norm that is let through.

    Returns
    -------
    clipped : list of arrays
        Of the same shapes.
    norm : float
        The norm before.
    """
    ### BEGIN SOLUTION
    largest = max(float(abs(gradient).max()) for gradient in gradients)
    if not largest:
        return gradients, 0.0
    squares = [float(np.sum((gradient / largest) ** 2)) for gradient in gradients]
    norm = largest * sum(squares) ** 0.5
    factor = min(1.0, max_norm / norm)
    return [gradient * factor for gradient in gradients], norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-4-norm", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.4 norm"):
    gradients = [np.array([[2.0, -3.0]]), np.array([6.0])]
    _, norm = several(clip_by_norm(gradients, 100.0), "clipped", "norm")
    same_number(norm, 7.0, "the norm of [[2, -3]] and [6] together: the root of 4 + 9 + 36")
    _, norm = several(clip_by_norm(gradients, 1.0), "clipped", "norm")
    same_number(norm, 7.0, "the norm before clipping, if they are clipped")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5401)
for shapes in ([(3,)], [(2, 3), (4,), (1,)], [(1,), (1,)], [(2, 1, 3), (5, 2), (2,)]):
    gradients = [draw.standard_normal(shape) for shape in shapes]
    expected = float(np.linalg.norm(np.concatenate([each.ravel() for each in gradients])))
    for max_norm in (0.01, 2.0, 1000.0):
        _, norm = several(clip_by_norm(gradients, max_norm), "clipped", "norm")
        same_number(norm, expected, f"the norm of {shapes}, {max_norm=}", reveal=False)
    _, other = several(clip_by_norm(gradients[::-1], 1.0), "clipped", "norm")
    assert np.isclose(norm, other), "the norm depends on the order of the arrays"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q5-4-clipped", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def same_list(got, expected, what):
    """Stop unless ``got`` is a list of the expected arrays."""
    assert isinstance(got, (list, tuple)), f"{what}: expected a list of arrays, got {kind_of(got)}"
    assert len(got) == len(expected), f"{what}: {len(expected)} arrays went in, {len(got)} came out"
    for k, (array, right) in enumerate(zip(got, expected, strict=True)):
        compare(np.asarray(array), right, f"{what}, array {k}", reveal=False)


### END HIDDEN TESTS
with public_check("5.4 clipped"):
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal((3, 2)), 10 * rng.standard_normal(4), rng.standard_normal(1)]
    flat = np.concatenate([gradient.ravel() for gradient in gradients])
    clipped, _ = several(clip_by_norm(gradients, 2.5), "clipped", "norm")
    for array, gradient in zip(
        several(clipped, "three", "clipped", "arrays"), gradients, strict=True
    ):
        same_shape(array, gradient.shape, "a clipped array keeps its shape")
    together = np.concatenate([array.ravel() for array in clipped])
    length = np.linalg.norm(together)
    assert np.isclose(length, 2.5), f"clipped to 2.5, all of them together have the norm {length:g}"
    ratios = together / flat
    what = "every entry is multiplied by the same factor, so all ratios are equal"
    compare(ratios, np.full(flat.shape, ratios[0]), what)
    assert ratios[0] > 0, f"the direction stays, but entries were multiplied by {ratios[0]:g}"
### BEGIN HIDDEN TESTS
# Only just too long.
got, _ = several(clip_by_norm([np.array([3.0, 4.0])], 4.99), "clipped", "norm")
same_list(got, [np.array([3.0, 4.0]) * 0.998], "norm 5, max_norm 4.99")
draw = np.random.default_rng(5402)
for shapes in ([(3,)], [(2, 3), (4,), (1,)], [(1,), (1,)], [(2, 1, 3), (5, 2), (2,)]):
    for max_norm in (0.001, 0.5, 3.0):
        gradients = [draw.standard_normal(shape) for shape in shapes]
        length = np.linalg.norm(np.concatenate([each.ravel() for each in gradients]))
        gradients = [each * (4 * max_norm / length) for each in gradients]
        expected = [each / 4 for each in gradients]
        got, _ = several(clip_by_norm(gradients, max_norm), "clipped", "norm")
        same_list(got, expected, f"{shapes=}, {max_norm=}, norm four times that")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-4-left-alone", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.4 left alone"):
    gradients = [np.array([[3.0]]), np.array([0.0, -4.0])]
    clipped, _ = several(clip_by_norm(gradients, 5.5), "clipped", "norm")
    for array, gradient in zip(several(clipped, "two", "clipped arrays"), gradients, strict=True):
        compare(array, gradient, "norm 5, max_norm 5.5", "Short enough: nothing to clip.")
    zeros = [np.zeros((2, 2)), np.zeros(3)]
    clipped, norm = several(clip_by_norm(zeros, 1.0), "clipped", "norm")
    assert norm == 0, f"gradients of 0 have the norm 0, not {norm}"
    for array, gradient in zip(several(clipped, "two", "clipped arrays"), zeros, strict=True):
        compare(array, gradient, "gradients of 0", "0 divided by 0 is no number.")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5403)
for shapes in ([(3,)], [(2, 3), (4,), (1,)]):
    gradients = [draw.uniform(-1, 1, shape) for shape in shapes]
    for max_norm in (4.0, 1e6, 1e300):
        got, _ = several(clip_by_norm(gradients, max_norm), "clipped", "norm")
        same_list(got, gradients, f"{shapes=}, {max_norm=}, nothing to clip")
got, _ = several(clip_by_norm([np.zeros(2), np.array([0.5])], 1.0), "clipped", "norm")
same_list(got, [np.zeros(2), np.array([0.5])], "one array of 0 among others")
got, norm = several(clip_by_norm([np.zeros(1), np.zeros((1, 2))], 0.1), "clipped", "norm")
same_list(got, [np.zeros(1), np.zeros((1, 2))], "gradients of 0")
assert norm == 0, "gradients of 0 have the norm 0"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-4-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.4 extremes"):
    for size in (1e200, 1e-200):
        gradients = [np.array([3 * size, 0.0]), np.array([[-4 * size]])]
        clipped, norm = several(clip_by_norm(gradients, size), "clipped", "norm")
        hint = "Do the squares overflow, or vanish? Divide by the largest magnitude first."
        same_number(norm, 5 * size, f"entries around {size}", hint)
        first, second = several(clipped, "two", "clipped arrays")
        compare(first, np.array([0.6 * size, 0.0]), f"entries around {size}, clipped", hint)
        compare(second, np.array([[-0.8 * size]]), f"entries around {size}, clipped", hint)
### BEGIN HIDDEN TESTS
for size in (1e-290, 1e-170, 1e160, 1e250, 1e306):
    gradients = [np.array([2 * size, -3 * size]), np.array([[6 * size], [0.0]])]
    for share in (0.25, 0.75):
        expected = [each * share for each in gradients]
        got, norm = several(clip_by_norm(gradients, 7 * share * size), "clipped", "norm")
        same_number(norm, 7 * size, f"the norm of entries around {size}", reveal=False)
        same_list(got, expected, f"entries around {size}, max_norm {share} times the norm")
# The largest entry may be negative, and in any array.
gradients = [np.array([1e-200]), np.array([1.0, -1e200]), np.array([1e10])]
got, norm = several(clip_by_norm(gradients, 1.0), "clipped", "norm")
same_number(norm, 1e200, "one huge entry among others", reveal=False)
compare(np.asarray(got[1]), np.array([1e-200, -1.0]), "one huge entry among others", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-4-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.4 care"):
    rng = np.random.default_rng(0)
    gradients = [10 * rng.standard_normal((3, 2)), rng.standard_normal(4)]
    expected, norm = several(watch(clip_by_norm, gradients, 1.5), "clipped", "norm")
    single = [gradient.astype(np.float32) for gradient in gradients]
    clipped, single_norm = several(clip_by_norm(single, 1.5), "clipped", "norm")
    assert abs(single_norm - norm) <= 1e-4 * norm, f"norm in float64 {norm}, float32 {single_norm}"
    for array, right in zip(clipped, expected, strict=True):
        same_dtype(right, np.float64, "clip_by_norm")
        same_dtype(array, np.float32, "clip_by_norm")
        compare(array, right, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5405)
for max_norm in (0.1, 50.0):
    gradients = [
        draw.standard_normal((1, 3)),
        draw.standard_normal(1),
        draw.standard_normal((2, 2)),
    ]
    expected, norm = several(watch(clip_by_norm, gradients, max_norm), "clipped", "norm")
    if max_norm < 1:
        not_handed_back(expected, gradients)
    single = [gradient.astype(np.float32) for gradient in gradients]
    got, single_norm = several(watch(clip_by_norm, single, max_norm), "clipped", "norm")
    assert abs(single_norm - norm) <= 1e-4 * norm, "float32 has another norm than float64"
    for k, (array, right) in enumerate(zip(got, expected, strict=True)):
        assert np.any(right), f"array {k} became 0"
        same_dtype(right, np.float64, f"array {k}")
        same_dtype(array, np.float32, f"array {k}")
        compare(array, right, f"float32 against float64, {max_norm=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Some people cut each entry to the range from −1 to 1 instead. What would that do
# to the direction of a step in which one entry is 1000 and all others are 1?

# %% [markdown]
# ## 5.5 Reading in both directions (5 points)
#
# *Goal.* Let every step know what comes after it, with any recurrent layer.
#
# *Math.* A bidirectional layer is two layers that know nothing of each other. One reads the
# sequence from the first step to the last, the other, with weights of its own, from the last to the
# first. What the two have to say about **the same step** stands side by side:
#
# $$ y_t = \begin{bmatrix} \overrightarrow{h}_t \\ \overleftarrow{h}_t \end{bmatrix} , $$
#
# where $\overrightarrow{h}_t$ has seen the inputs $x_0, \dots, x_t$, and $\overleftarrow{h}_t$ the
# inputs $x_{T-1}, \dots, x_t$.
#
# *Task.* The two layers are given as functions: `forwards(x)` and `backwards(x)` each take a
# sequence (T, B, D), read **whatever they are given from its first step to its last**, and return
# states (T, B, H1) and (T, B, H2). They may be anything: an LSTM, a running sum. Both work that way
# round, so it is you who must turn the sequence for `backwards`. Return (T, B, H1 + H2) with the
# forward half first.
#
# *Points.* shape 1, forward half 1, backward half 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-5-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bidirectional_forward(x, forwards, backwards):
    """Read sequences in both directions.

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    forwards, backwards : callable
        Functions that make states (T, B, H1) and (T, B, H2) of a sequence, from its first step to
        its last.

    Returns
    -------
    y : (T, B, H1 + H2)
        The states of both about each step, those of ``forwards`` first.
    """
    ### BEGIN SOLUTION
    return np.concatenate([forwards(x), backwards(x[::-1])[::-1]], axis=2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-5-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def running_sum(x):
    """Add up what was read so far: a recurrent layer without weights."""
    return np.cumsum(x, axis=0)


def fading_sum(x):
    """Add up what was read so far, each step counting half as much as the one after it."""
    states = np.zeros_like(x)
    for t in range(len(x)):
        states[t] = x[t] + (0.5 * states[t - 1] if t else 0)
    return states


def both_sums(x):
    """Put the two side by side."""
    return np.concatenate([running_sum(x), fading_sum(x)], axis=2)


with public_check("5.5 shape"):
    x = np.ones((5, 2, 3))
    y = bidirectional_forward(x, running_sum, fading_sum)
    same_shape(y, (5, 2, 6), "H1 = 3, H2 = 3: (T, B, H1 + H2)")
    y = bidirectional_forward(x, running_sum, both_sums)
    same_shape(y, (5, 2, 9), "H1 = 3, H2 = 6: (T, B, H1 + H2)")
### BEGIN HIDDEN TESTS
y = bidirectional_forward(np.ones((4, 2, 3)), both_sums, running_sum)
same_shape(y, (4, 2, 9), "H1 = 6, H2 = 3")
for shape in [(1, 1, 1), (1, 3, 2), (4, 1, 2), (3, 3, 3)]:
    y = bidirectional_forward(np.ones(shape), fading_sum, running_sum)
    same_shape(y, (*shape[:2], 2 * shape[2]), f"x {shape}, H1 = H2 = D")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-5-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.5 forward half"):
    x = np.array([1.0, 10, 100]).reshape(3, 1, 1)
    y = bidirectional_forward(x, running_sum, fading_sum)
    same_shape(y, (3, 1, 2), "T = 3, H1 = H2 = 1")
    expected = np.array([1.0, 11, 111]).reshape(3, 1, 1)
    compare(y[:, :, :1], expected, "the forward half: a running sum of 1, 10, 100")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5502)
for shape in [(1, 2, 1), (5, 1, 2), (4, 3, 2), (3, 3, 3)]:
    x, size = draw.standard_normal(shape), shape[2]
    for backwards in (running_sum, fading_sum):
        y = bidirectional_forward(x, fading_sum, backwards)
        compare(y[:, :, :size], fading_sum(x), f"forward half, x {shape}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-5-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.5 backward half"):
    x = np.array([1.0, 10, 100]).reshape(3, 1, 1)
    y = bidirectional_forward(x, fading_sum, running_sum)
    same_shape(y, (3, 1, 2), "T = 3, H1 = H2 = 1")
    expected = np.array([111.0, 110, 100]).reshape(3, 1, 1)
    hint = "Step 0 comes last for it and has seen all; step 2 comes first."
    compare(y[:, :, 1:], expected, "the backward half: a running sum from the end", hint)

    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 2, 3))
    y = bidirectional_forward(x, both_sums, fading_sum)
    other = x.copy()
    other[2] += 1
    moved = bidirectional_forward(other, both_sums, fading_sum)[:, :, 6:] != y[:, :, 6:]
    message = "the backward half has seen the input at step 2 at the steps 0, 1 and 2, not at"
    assert moved.any(axis=(1, 2)).tolist() == [True] * 3 + [False] * 2, (
        f"{message} {np.flatnonzero(moved.any(axis=(1, 2)))}"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5503)
for shape in [(1, 2, 1), (5, 1, 2), (4, 3, 2), (3, 3, 3)]:
    x, (steps, _, size) = draw.standard_normal(shape), shape
    fading = np.triu(0.5 ** (np.arange(steps) - np.arange(steps)[:, None]).clip(0))
    expected = np.einsum("ts,sbd->tbd", fading, x)
    for forwards in (running_sum, fading_sum):
        y = bidirectional_forward(x, forwards, fading_sum)
        compare(y[:, :, size:], expected, f"backward half, x {shape}", reveal=False)
x = draw.standard_normal((6, 2, 2))
fading = np.triu(0.5 ** (np.arange(6) - np.arange(6)[:, None]).clip(0))
y = bidirectional_forward(x, both_sums, fading_sum)
compare(y[:, :, 4:], np.einsum("ts,sbd->tbd", fading, x), "backward half, H1 = 4", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-5-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.5 care"):
    x = np.random.default_rng(0).standard_normal((4, 2, 3))
    expected = watch(bidirectional_forward, x, forwards=running_sum, backwards=fading_sum)
    same_dtype(expected, np.float64, "bidirectional_forward")
    got = bidirectional_forward(x.astype(np.float32), running_sum, fading_sum)
    same_dtype(got, np.float32, "bidirectional_forward")
    compare(got, expected, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5504)
for shape in [(1, 2, 3), (5, 1, 2)]:
    x = draw.standard_normal(shape)
    expected = watch(bidirectional_forward, x, forwards=fading_sum, backwards=running_sum)
    not_handed_back(expected, x)
    same_dtype(expected, np.float64, "bidirectional_forward")
    single = x.astype(np.float32)
    got = watch(bidirectional_forward, single, forwards=fading_sum, backwards=running_sum)
    same_dtype(got, np.float32, "bidirectional_forward")
    compare(got, expected, f"float32 against float64, x {shape}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* You want to translate speech while the speaker is still talking. Why is this
# layer of no use then, and what would you give up to have a little of it?

# %% [markdown]
# ## 5.6 Another form of it (7 points)
#
# *Goal.* Read an equation from a lecture to the letter, and turn it into code.
#
# *Math.* "Bidirectional" is also used for a network in which the backward layer does not read the
# inputs but the **outputs of the forward layer**. With (f) for forward and (b) for backward it is
# written
#
# $$ \begin{aligned}
#    o^{(1)}_t &= \left[\,1,\; \tanh\left(W^{(1)} x_t + W^{(f)}\, o^{(1)}_{t-1}\right)\right]^\top \\
#    o^{(2)}_t &= \left[\,1,\; \tanh\left(W^{(2)} o^{(1)}_t + W^{(b)}\, o^{(2)}_{t+1}\right)
#    \right]^\top
#    \end{aligned} $$
#
# so that each output is a column with a 1 and, below it, the numbers of the tanh. The 1 is the
# input of the biases. There are no vectors $b$ here: the bias of each unit stands in the first
# column of $W^{(f)}$, $W^{(2)}$ and $W^{(b)}$, which meets that 1 (the second layer has two such
# columns, which are added). (The inputs $x_t$ have no such 1.) The first layer goes from the first
# step to the last, the second from the last to the first, so that $o^{(2)}_t$ alone has heard of
# the whole sequence. Before its first step each layer is at rest, $[1, 0, \dots, 0]^\top$: this
# stands for $o^{(1)}_{-1}$ and for $o^{(2)}_T$.
#
# *Task.* Return `o_1` (T, B, 1 + H1) and `o_2` (T, B, 1 + H2), leading ones included.
#
# *Points.* shape 1, ones 1, first layer 2, second layer 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-6-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stacked_bidirectional_forward(x, w_1, w_f, w_2, w_b):
    """Run a forward layer, and on its outputs a layer that goes backward in time.

    Parameters
    ----------
    x : (T, B, D)
        B sequences of T steps.
    w_1 : (H1, D)
        From the input to the first layer.
    w_f : (H1, 1 + H1)
        From the first layer's output at one step to itself at the next step.
    w_2 : (H2, 1 + H1)
        From the first layer's output to the second layer.
    w_b : (H2, 1 + H2)
        From the second layer's output at one step to itself at the step before.

    Returns
    -------
    o_1 : (T, B, 1 + H1)
    o_2 : (T, B, 1 + H2)
    """
    ### BEGIN SOLUTION
    steps, batch, _ = x.shape
    o_1 = np.ones((steps, batch, 1 + len(w_1)), dtype=x.dtype)
    o_2 = np.ones((steps, batch, 1 + len(w_2)), dtype=x.dtype)
    # At rest, only the column of the 1 counts.
    before, after = w_f[:, 0], w_b[:, 0]
    for t in range(steps):
        o_1[t, :, 1:] = np.tanh(x[t] @ w_1.T + before)
        before = o_1[t] @ w_f.T
    for t in reversed(range(steps)):
        o_2[t, :, 1:] = np.tanh(o_1[t] @ w_2.T + after)
        after = o_2[t] @ w_b.T
    return o_1, o_2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-6-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_layer(read, w_in, w_back, order):
    """Run a layer sequence by sequence in the order of steps given, by the lecture's equation."""
    steps, batch, _ = read.shape
    outputs = np.zeros((steps, batch, 1 + len(w_in)))
    both = np.concatenate([w_in, w_back], axis=1)
    for n in range(batch):
        last = np.eye(1 + len(w_in))[0]
        for t in order:
            z = both @ np.concatenate([read[t, n], last])
            last = np.concatenate([[1.0], 1 - 2 / (np.exp(2 * z) + 1)])
            outputs[t, n] = last
    return outputs


def draw_stacked(draw, steps, batch, inputs, first, second):
    """Draw x, w_1, w_f, w_2 and w_b."""
    shapes = (first, inputs), (first, 1 + first), (second, 1 + first), (second, 1 + second)
    return [draw.uniform(-1, 1, shape) for shape in ((steps, batch, inputs), *shapes)]


### END HIDDEN TESTS
with public_check("5.6 shape"):
    arrays = np.ones((5, 2, 3)), np.ones((4, 3)), np.ones((4, 5)), np.ones((6, 5)), np.ones((6, 7))
    o_1, o_2 = several(stacked_bidirectional_forward(*arrays), "o_1", "o_2")
    same_shape(o_1, (5, 2, 5), "H1 = 4: o_1 is (T, B, 1 + H1)")
    same_shape(o_2, (5, 2, 7), "H2 = 6: o_2 is (T, B, 1 + H2)")
### BEGIN HIDDEN TESTS
for steps, batch, inputs, first, second in [(1, 1, 1, 2, 3), (3, 1, 3, 1, 1), (1, 4, 2, 3, 3)]:
    arrays = draw_stacked(np.random.default_rng(5601), steps, batch, inputs, first, second)
    o_1, o_2 = several(stacked_bidirectional_forward(*arrays), "o_1", "o_2")
    sizes = f"{steps=}, {batch=}, {inputs=}, H1 = {first}, H2 = {second}"
    same_shape(o_1, (steps, batch, 1 + first), f"o_1, {sizes}")
    same_shape(o_2, (steps, batch, 1 + second), f"o_2, {sizes}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-6-ones", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.6 ones"):
    rng = np.random.default_rng(0)
    shapes = (4, 2, 3), (3, 3), (3, 4), (3, 4), (3, 4)
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    for output, name in zip(
        several(stacked_bidirectional_forward(*arrays), "o_1", "o_2"), ("o_1", "o_2"), strict=True
    ):
        same_shape(output, (4, 2, 4), f"{name} with its leading 1")
        compare(output[:, :, 0], np.ones((4, 2)), f"the first number of {name} at every step")
        largest = np.abs(output[:, :, 1:]).max()
        assert largest < 1, f"the other numbers of {name} come from tanh, but one is {largest:g}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5602)
for steps, batch, inputs, first, second in [(1, 1, 1, 2, 3), (5, 2, 3, 3, 3), (3, 3, 2, 4, 1)]:
    arrays = draw_stacked(draw, steps, batch, inputs, first, second)
    for output in several(stacked_bidirectional_forward(*arrays), "o_1", "o_2"):
        compare(output[:, :, 0], np.ones((steps, batch)), "leading ones", reveal=False)
        assert np.abs(output[:, :, 1:]).max() < 1, "the others come from tanh"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-6-first-layer", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.6 first layer"):
    rng = np.random.default_rng(0)
    x, w_1, w_f = (rng.uniform(-1, 1, shape) for shape in ((4, 2, 3), (3, 3), (3, 4)))
    w_2, w_b = rng.uniform(-1, 1, (3, 4)), rng.uniform(-1, 1, (3, 4))
    # The same layer with its biases written apart.
    expected = elman_loops(x, np.zeros((2, 3)), w_1, w_f[:, 1:], w_f[:, 0])
    o_1, _ = several(stacked_bidirectional_forward(x, w_1, w_f, w_2, w_b), "o_1", "o_2")
    same_shape(o_1, (4, 2, 4), "o_1 with its leading 1")
    compare(o_1[:, :, 1:], expected, "an Elman network whose biases are the first column of w_f")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5603)
for steps, batch, inputs, first, second in [(1, 1, 1, 2, 3), (5, 2, 3, 3, 3), (7, 3, 2, 4, 1)]:
    arrays = draw_stacked(draw, steps, batch, inputs, first, second)
    expected = reference_layer(*arrays[:3], range(steps))
    o_1, _ = several(stacked_bidirectional_forward(*arrays), "o_1", "o_2")
    compare(o_1, expected, f"o_1, {steps=}, {batch=}, {inputs=}, H1 = {first}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-6-second-layer", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.6 second layer"):
    rng = np.random.default_rng(0)
    x, w_1, w_f = (rng.uniform(-1, 1, shape) for shape in ((4, 2, 3), (3, 3), (3, 4)))
    w_2, w_b = rng.uniform(-1, 1, (3, 4)), rng.uniform(-1, 1, (3, 4))
    o_1, o_2 = several(stacked_bidirectional_forward(x, w_1, w_f, w_2, w_b), "o_1", "o_2")
    same_shape(o_1, (4, 2, 4), "o_1 with its leading 1")
    same_shape(o_2, (4, 2, 4), "o_2 with its leading 1")
    # The same layer on your own o_1, turned round in time, with its biases written apart.
    biases = w_2[:, 0] + w_b[:, 0]
    turned = elman_loops(o_1[::-1, :, 1:], np.zeros((2, 3)), w_2[:, 1:], w_b[:, 1:], biases)
    hint = "It starts from the last step, and reads o_1 there."
    compare(o_2[:, :, 1:], turned[::-1].copy(), "a network that reads your o_1 backwards", hint)
### BEGIN HIDDEN TESTS
# With the student's own first layer: if that is wrong, it has cost its points already.
draw = np.random.default_rng(5604)
for steps, batch, inputs, first, second in [(1, 1, 1, 2, 3), (5, 2, 3, 3, 3), (7, 3, 2, 4, 1)]:
    arrays = draw_stacked(draw, steps, batch, inputs, first, second)
    o_1, o_2 = several(stacked_bidirectional_forward(*arrays), "o_1", "o_2")
    same_shape(o_1, (steps, batch, 1 + first), "o_1")
    expected = reference_layer(o_1, *arrays[3:], range(steps)[::-1])
    compare(o_2, expected, f"o_2, {steps=}, {batch=}, H1 = {first}, H2 = {second}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-6-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.6 care"):
    rng = np.random.default_rng(0)
    shapes = (4, 2, 3), (4, 3), (4, 5), (3, 5), (3, 4)
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    expected = several(watch(stacked_bidirectional_forward, *arrays), "o_1", "o_2")
    single = [array.astype(np.float32) for array in arrays]
    got = several(stacked_bidirectional_forward(*single), "o_1", "o_2")
    for output, right, name in zip(got, expected, ("o_1", "o_2"), strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(output, np.float32, name)
        compare(output, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5605)
for steps, batch in [(1, 3), (5, 1)]:
    arrays = draw_stacked(draw, steps, batch, 2, 3, 4)
    expected = several(watch(stacked_bidirectional_forward, *arrays), "o_1", "o_2")
    not_handed_back(expected, *arrays)
    single = [array.astype(np.float32) for array in arrays]
    got = several(watch(stacked_bidirectional_forward, *single), "o_1", "o_2")
    for output, right, name in zip(got, expected, ("o_1", "o_2"), strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(output, np.float32, name)
        compare(output, right, f"{name}, float32 against float64, {steps=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* In 5.5 the two layers can work at the same time on two processors. Can they
# here?

# %% [markdown]
# ## 5.7 One step of an LSTM (7 points)
#
# *Goal.* Build the cell whose memory is changed by gates alone.
#
# *Math* (Chapter 14, *A cell with gates*).
# Long short-term memory keeps two things per unit: the hidden state $h$, which the outside
# sees, and the cell $c$, which it does not. Four layers look at the input and at the last hidden
# state. Their weights are stored one below the other, in `torch`'s order **i, f, g, o**:
#
# $$ \begin{bmatrix} z_i \\ z_f \\ z_g \\ z_o \end{bmatrix}
#    = W_{ih}\, x_t + W_{hh}\, h_{t-1} + b , \qquad
#    i = \sigma(z_i), \quad f = \sigma(z_f), \quad g = \tanh(z_g), \quad o = \sigma(z_o) . $$
#
# The input gate $i$ says how much of the proposal $g$ is written, the forget gate $f$ how much of
# the old memory stays, and the output gate $o$ how much of the new memory is shown:
#
# $$ c_t = f \odot c_{t-1} + i \odot g , \qquad h_t = o \odot \tanh(c_t) . $$
#
# (`torch` has two biases, which are added; $b$ is their sum.)
#
# *Task.* Return `h` and `c` after the step, in this order. Pre-activations of ±1000 must give gates
# of 0 and 1, not `nan`. A warning on the way costs nothing, but $\sigma(z) = (1 + \tanh(z/2)) / 2$
# gives none.
#
# *Points.* shape 1, cell 2, hidden state 2, extremes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lstm_step(x, h, c, w_ih, w_hh, b):
    """Bring hidden state and memory of an LSTM up to date.

    Parameters
    ----------
    x : (B, D)
        What each sequence shows at this step.
    h, c : (B, H)
        Hidden state and cell after the step before.
    w_ih : (4*H, D)
        Weights of the input, the gates i, f, g, o one below the other.
    w_hh : (4*H, H)
        Weights of the hidden state.
    b : (4*H,)
        Biases.

    Returns
    -------
    h, c : (B, H)
        Hidden state and cell after this step.
    """
    ### BEGIN SOLUTION
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    i, f, o = ((1 + np.tanh(gate / 2)) / 2 for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-7-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_lstm_step(x, h, c, w_ih, w_hh, b):
    """Go unit by unit, with scalars; complex numbers work as well."""
    units = h.shape[1]
    new_h, new_c = np.zeros_like(h + b[0]), np.zeros_like(h + b[0])
    for n in range(len(x)):
        for j in range(units):
            rows = range(j, 4 * units, units)
            z_i, z_f, z_g, z_o = (w_ih[k] @ x[n] + w_hh[k] @ h[n] + b[k] for k in rows)
            memory = c[n, j] / (1 + np.exp(-z_f)) + np.tanh(z_g) / (1 + np.exp(-z_i))
            new_c[n, j], new_h[n, j] = memory, np.tanh(memory) / (1 + np.exp(-z_o))
    return new_h, new_c


def draw_lstm(draw, batch, inputs, units):
    """Draw x, h, c, w_ih, w_hh and b."""
    rows = 4 * units
    shapes = (batch, inputs), (batch, units), (batch, units), (rows, inputs), (rows, units), (rows,)
    return [draw.uniform(-1.5, 1.5, shape) for shape in shapes]


### END HIDDEN TESTS
with public_check("5.7 shape"):
    zeros = [np.zeros(shape) for shape in ((2, 3), (2, 5), (2, 5), (20, 3), (20, 5), (20,))]
    for array, name in zip(several(lstm_step(*zeros), "h", "c"), "hc", strict=True):
        same_shape(array, (2, 5), f"B = 2, H = 5: {name} is (B, H)")
### BEGIN HIDDEN TESTS
for batch, inputs, units in [(1, 1, 1), (1, 4, 3), (3, 2, 2), (4, 1, 2)]:
    arrays = draw_lstm(np.random.default_rng(5701), batch, inputs, units)
    for array, name in zip(several(lstm_step(*arrays), "h", "c"), "hc", strict=True):
        same_shape(array, (batch, units), f"{name}, {batch=}, {inputs=}, {units=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-7-cell", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.7 cell"):
    rng = np.random.default_rng(0)
    x, h, c = rng.uniform(-1, 1, (1, 3)), rng.uniform(-1, 1, (1, 2)), rng.uniform(-1, 1, (1, 2))
    no_w_ih, no_w_hh = np.zeros((8, 3)), np.zeros((8, 2))
    b = np.array([-50.0, -50, 50, 50, 0.7, -0.4, 3, 3])
    _, kept = several(lstm_step(x, h, c, no_w_ih, no_w_hh, b), "h", "c")
    compare(kept, c, "input gate shut, forget gate open: the memory stays as it is")
    b = np.array([50.0, 50, -50, -50, 0.7, -0.4, 3, 3])
    _, fresh = several(lstm_step(x, h, c, no_w_ih, no_w_hh, b), "h", "c")
    expected = np.tanh([[0.7, -0.4]])
    compare(fresh, expected, "input gate open, forget gate shut: the memory is the proposal g")

    w_ih, w_hh = rng.uniform(-1, 1, (8, 3)), rng.uniform(-1, 1, (8, 2))
    b = rng.uniform(-1, 1, 8)
    _, whole = several(lstm_step(x, h, c, w_ih, w_hh, b), "h", "c")
    all_in_b = b + w_ih @ x[0] + w_hh @ h[0]
    _, same = several(lstm_step(x, h, c, no_w_ih, no_w_hh, all_in_b), "h", "c")
    compare(whole, same, "input, hidden state and bias add up before the gates")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5702)
for batch, inputs, units in [(1, 2, 1), (1, 4, 3), (3, 2, 2), (4, 3, 5)]:
    arrays = draw_lstm(draw, batch, inputs, units)
    expected = reference_lstm_step(*arrays)[1]
    _, got = several(lstm_step(*arrays), "h", "c")
    compare(got, expected, f"c, {batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-7-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.7 hidden state"):
    rng = np.random.default_rng(0)
    x, h, c = rng.uniform(-1, 1, (1, 3)), rng.uniform(-1, 1, (1, 2)), rng.uniform(-2, 2, (1, 2))
    w_ih, w_hh = rng.uniform(-1, 1, (8, 3)), rng.uniform(-1, 1, (8, 2))
    w_ih[6:], w_hh[6:] = 0, 0
    for z_o, share, what in ((50.0, 1, "open"), (0.0, 0.5, "half open")):
        b = np.array([0.5, -0.5, 1, -1, 0.2, 0.3, z_o, z_o])
        shown, memory = several(lstm_step(x, h, c, w_ih, w_hh, b), "h", "c")
        same_shape(memory, (1, 2), "the new cell")
        expected = share * np.tanh(memory)
        compare(shown, expected, f"output gate {what}: h against your own new c")
    assert shown.any(), "the hidden state is 0, though the output gate is half open"
### BEGIN HIDDEN TESTS
# With the student's own cell: if that is wrong, it has cost its points already.
draw = np.random.default_rng(5703)
for batch, inputs, units in [(1, 2, 1), (1, 4, 3), (3, 2, 2), (4, 3, 5)]:
    x, h, c, w_ih, w_hh, b = draw_lstm(draw, batch, inputs, units)
    z = b[-units:] + np.einsum("bd,hd->bh", x, w_ih[-units:])
    z += np.einsum("bk,hk->bh", h, w_hh[-units:])
    shown, memory = several(lstm_step(x, h, c, w_ih, w_hh, b), "h", "c")
    same_shape(memory, (batch, units), "the new cell")
    assert memory.any(), "the new cell is 0 everywhere"
    expected = np.tanh(memory) / (1 + np.exp(-z))
    sizes = f"{batch=}, {inputs=}, {units=}"
    compare(shown, expected, f"h against your own new c, {sizes}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-7-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.7 extremes"):
    zeros = [np.zeros(shape) for shape in ((1, 1), (1, 2), (8, 1), (8, 2))]
    x, h, w_ih, w_hh = zeros
    c = np.array([[0.25, -3.0]])
    b = np.array([-1000.0, -1000, 1000, 1000, 1000, -1000, 1000, 1000])
    shown, memory = several(lstm_step(x, h, c, w_ih, w_hh, b), "h", "c")
    compare(memory, c, "c: input gate at −1000, forget gate at 1000", if_not_finite(memory))
    compare(shown, np.tanh(c), "h: output gate at 1000", if_not_finite(shown))
### BEGIN HIDDEN TESTS
x, h, w_ih, w_hh = (np.zeros(shape) for shape in ((1, 1), (1, 4), (16, 1), (16, 4)))
c = np.array([[0.25, -3.0, 1.5, -0.5]])
for size in (800.0, 1e4, 1e300):
    z_i, z_f = np.array([-size, size, -size, size]), np.array([size, -size, -size, size])
    z_g, z_o = np.array([size, -size, size, size]), np.array([size, size, size, -size])
    opened = np.stack([z_i, z_f, z_g, z_o]) > 0
    expected = opened[1] * c + opened[0] * np.where(opened[2], 1.0, -1.0)
    with np.errstate(all="ignore"):
        got = lstm_step(x, h, c, w_ih, w_hh, np.concatenate([z_i, z_f, z_g, z_o]))
    shown, memory = several(got, "h", "c")
    compare(memory, expected, f"c, pre-activations of ±{size}", reveal=False)
    compare(shown, opened[3] * np.tanh(expected), f"h, of ±{size}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-7-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.7 care"):
    rng = np.random.default_rng(0)
    shapes = (2, 3), (2, 4), (2, 4), (16, 3), (16, 4), (16,)
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    expected = several(watch(lstm_step, *arrays), "h", "c")
    got = several(lstm_step(*(array.astype(np.float32) for array in arrays)), "h", "c")
    for array, right, name in zip(got, expected, "hc", strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(array, np.float32, name)
        compare(array, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5705)
for batch, inputs, units in [(1, 2, 3), (3, 4, 2)]:
    arrays = draw_lstm(draw, batch, inputs, units)
    expected = several(watch(lstm_step, *arrays), "h", "c")
    not_handed_back(expected, *arrays)
    single = [array.astype(np.float32) for array in arrays]
    got = several(watch(lstm_step, *single), "h", "c")
    for array, right, name in zip(got, expected, "hc", strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(array, np.float32, name)
        compare(array, right, f"{name}, float32 against float64, {batch=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* How would you set the biases at the start of training, so that a fresh LSTM
# remembers for long?

# %% [markdown]
# ## 5.8 The way back through an LSTM (9 points)
#
# *Goal.* Send gradients back through the gates, and see why the memory does not lose them.
#
# *Math.* With the names of 5.7, let $dh$ be all that comes back to $h_t$, from the output at step
# $t$ and from step $t + 1$, and $dc$ what comes back to $c_t$ from step $t + 1$, not through $h_t$.
# The cell $c_t$ is used twice: it is handed on, and it is shown through $h_t = o \odot \tanh(c_t)$.
# Both ways together give
#
# $$ \delta = dc + dh \odot o \odot \left(1 - \tanh^2(c_t)\right), \qquad
#    dc_{t-1} = \delta \odot f . $$
#
# From one step to the one before, the gradient of the memory is only multiplied by the forget gate.
# Each gate takes part in one product, so its gradient is what comes back to the product, times the
# other factor: $\delta \odot g$ for $i$, $\delta \odot c_{t-1}$ for $f$, $\delta \odot i$ for $g$,
# $dh \odot \tanh(c_t)$ for $o$. To get to the pre-activations, multiply by the slopes, $\sigma' =
# \sigma (1 - \sigma)$ and $\tanh' = 1 - \tanh^2$. Stacked in the order i, f, g, o, that is $dz$,
# with $4H$ numbers, and
#
# $$ dx = W_{ih}^\top\, dz, \qquad dh_{t-1} = W_{hh}^\top\, dz, \qquad
#    dW_{ih} = dz\, x_t^\top, \qquad dW_{hh} = dz\, h_{t-1}^\top, \qquad db = dz, $$
#
# where the last three are summed over the batch.
#
# *Task.* The function is given what `lstm_step` was given, so it first computes the gates again.
# Return the gradients `dx`, `dh`, `dc`, `dw_ih`, `dw_hh` and `db`, in this order: those of `h` and
# `c` are with respect to the state **before** the step. Pre-activations of ±1000 must not give
# `nan` here either.
#
# *Points.* shape 1, cell 2, gates 3, weights 1, extremes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-8-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lstm_step_backward(dh, dc, x, h, c, w_ih, w_hh, b):
    """Send the gradient of the loss back through one step of an LSTM.

    Parameters
    ----------
    dh, dc : (B, H)
        Gradients with respect to hidden state and cell after the step.
    x : (B, D)
        What each sequence showed at this step.
    h, c : (B, H)
        Hidden state and cell before the step.
    w_ih : (4*H, D)
        Weights of the input, the gates i, f, g, o one below the other.
    w_hh : (4*H, H)
        Weights of the hidden state.
    b : (4*H,)
        Biases.

    Returns
    -------
    dx : (B, D)
    dh, dc : (B, H)
        Gradients with respect to hidden state and cell before the step.
    dw_ih : (4*H, D)
    dw_hh : (4*H, H)
    db : (4*H,)
    """
    ### BEGIN SOLUTION
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    i, f, o = ((1 + np.tanh(gate / 2)) / 2 for gate in (i, f, o))
    g = np.tanh(g)
    shown = np.tanh(f * c + i * g)
    delta = dc + dh * o * (1 - shown**2)
    dz = np.concatenate(
        [
            delta * g * i * (1 - i),
            delta * c * f * (1 - f),
            delta * i * (1 - g**2),
            dh * shown * o * (1 - o),
        ],
        axis=1,
    )
    return dz @ w_ih, dz @ w_hh, delta * f, dz.T @ x, dz.T @ h, dz.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-8-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_lstm_backward(dh, dc, x, h, c, w_ih, w_hh, b):
    """Give each number a tiny imaginary part and see what the loss gets of it: exact derivatives.

    Only dx, dh and dc are returned.
    """

    def forward(x, h, c):
        z = np.concatenate([x, h], axis=1) @ np.concatenate([w_ih, w_hh], axis=1).T + b
        size = h.shape[1]
        gates = 1 / (1 + np.exp(-z))
        c = gates[:, size : 2 * size] * c
        c = c + gates[:, :size] * np.tanh(z[:, 2 * size : 3 * size])
        return (dh * gates[:, 3 * size :] * np.tanh(c) + dc * c).sum(axis=1)

    gradients = []
    for number, array in enumerate((x, h, c)):
        gradient = np.zeros(array.shape)
        for column in range(array.shape[1]):
            inputs = [x, h, c]
            inputs[number] = array.astype(complex)
            inputs[number][:, column] += 1e-30j
            gradient[:, column] = forward(*inputs).imag / 1e-30
        gradients.append(gradient)
    return gradients


def draw_lstm_backward(draw, batch, inputs, units):
    """Draw dh, dc, x, h, c, w_ih, w_hh and b."""
    return [draw.standard_normal((batch, units)) for _ in "hc"] + [
        draw.uniform(-1.5, 1.5, shape)
        for shape in (
            (batch, inputs),
            (batch, units),
            (batch, units),
            (4 * units, inputs),
            (4 * units, units),
            (4 * units,),
        )
    ]


### END HIDDEN TESTS
lstm_gradients = "dx", "dh", "dc", "dw_ih", "dw_hh", "db"
with public_check("5.8 shape"):
    shapes = (2, 3), (2, 5), (2, 5), (20, 3), (20, 5), (20,)
    arrays = [np.ones(shape) for shape in ((2, 5), (2, 5), *shapes)]
    given = several(lstm_step_backward(*arrays), *lstm_gradients)
    for gradient, name, shape in zip(given, lstm_gradients, shapes, strict=True):
        same_shape(gradient, shape, f"{name} has the shape of {name[1:]}")
### BEGIN HIDDEN TESTS
for batch, inputs, units in [(1, 1, 1), (1, 4, 3), (3, 2, 2), (4, 1, 2)]:
    arrays = draw_lstm_backward(np.random.default_rng(5801), batch, inputs, units)
    given = several(lstm_step_backward(*arrays), *lstm_gradients)
    for gradient, name, array in zip(given, lstm_gradients, arrays[2:], strict=True):
        same_shape(gradient, array.shape, f"{name}, {batch=}, {inputs=}, {units=}")
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q5-8-cell", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def one_unit():
    """Return dh, dc, x, h, c, w_ih, w_hh and b of an LSTM with a single unit."""
    x, h, c = np.array([[0.5, -1.0]]), np.array([[0.3]]), np.array([[-0.6]])
    w_ih = np.array([[0.4, -0.2], [0.1, 0.5], [-0.7, 0.3], [0.2, 0.6]])
    w_hh, b = np.array([[0.5], [-0.4], [0.8], [0.1]]), np.array([0.1, 1.0, -0.2, 0.3])
    return np.array([[2.0]]), np.array([[-1.0]]), x, h, c, w_ih, w_hh, b


with public_check("5.8 cell"):
    dh, dc, *rest = one_unit()
    _, _, before, *_ = several(lstm_step_backward(dh, dc, *rest), *lstm_gradients)
    agrees(before, np.array([[-0.26283765]]), "dc of an LSTM with one unit")
    rng = np.random.default_rng(0)
    shapes = (3, 2), (3, 4), (3, 4), (16, 2), (16, 4), (16,)
    dc, *rest = (rng.uniform(-1, 1, shape) for shape in ((3, 4), *shapes))
    _, _, before, *_ = several(lstm_step_backward(0 * dc, dc, *rest), *lstm_gradients)
    same_shape(before, dc.shape, "dc")
    shares = before / dc
    message = (
        "with dh = 0, dc is multiplied by the forget gate, so by a number between 0 and 1, not"
    )
    worst = shares.flat[np.abs(shares - 0.5).argmax()]
    assert 0 < worst < 1, f"{message} {worst:g}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5802)
for batch, inputs, units in [(1, 2, 1), (1, 4, 3), (3, 2, 2), (4, 3, 5)]:
    to_h, to_c, *rest = draw_lstm_backward(draw, batch, inputs, units)
    for dh, dc in ((to_h, to_c), (to_h, 0 * to_c), (0 * to_h, to_c)):
        expected = reference_lstm_backward(dh, dc, *rest)[2]
        got = several(lstm_step_backward(dh, dc, *rest), *lstm_gradients)[2]
        compare(got, expected, f"dc, {batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-8-gates", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
with public_check("5.8 gates"):
    dh, dc, x, h, c, w_ih, w_hh, b = one_unit()
    # With the identity for w_ih, dx is dz. Its four numbers were found by nudging the four biases.
    dx, *_ = several(
        lstm_step_backward(dh, dc, x @ w_ih.T, h, c, np.eye(4), w_hh, b), *lstm_gradients
    )
    nudged = np.array([[0.05319355, 0.06215474, -0.20063403, -0.30655062]])
    agrees(dx, nudged, "dz of an LSTM with one unit, in the order i, f, g, o")
    dx, before, *_ = several(lstm_step_backward(dh, dc, x, h, c, w_ih, w_hh, b), *lstm_gradients)
    agrees(dx, np.array([[0.1066266, -0.22368192]]), "dx of an LSTM with one unit")
    agrees(before, np.array([[-0.18942741]]), "dh of an LSTM with one unit")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5803)
for batch, inputs, units in [(1, 2, 1), (1, 4, 3), (3, 2, 2), (4, 3, 5)]:
    to_h, to_c, *rest = draw_lstm_backward(draw, batch, inputs, units)
    for dh, dc in ((to_h, to_c), (to_h, 0 * to_c), (0 * to_h, to_c)):
        expected = reference_lstm_backward(dh, dc, *rest)
        got = several(lstm_step_backward(dh, dc, *rest), *lstm_gradients)
        for gradient, right, name in zip(got[:2], expected[:2], lstm_gradients, strict=False):
            compare(gradient, right, f"{name}, {batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-8-weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.8 weights"):
    rng = np.random.default_rng(0)
    # With the identity for w_ih, your dx is your dz, and dw_ih, dw_hh and db are made of it.
    shapes = (3, 2), (3, 2), (3, 8), (3, 2), (3, 2)
    dh, dc, x, h, c = (rng.uniform(-1, 1, shape) for shape in shapes)
    arrays = dh, dc, x, h, c, np.eye(8), rng.uniform(-1, 1, (8, 2)), rng.uniform(-1, 1, 8)
    dz, _, _, dw_ih, dw_hh, db = several(lstm_step_backward(*arrays), *lstm_gradients)
    same_shape(dz, (3, 8), "dx has the shape of x")
    assert dz.any(), "dx is 0 everywhere, though dh and dc are not"
    hint = "Each sequence of the batch adds a contribution."
    expected = sum(np.outer(dz[n], x[n]) for n in range(3))
    compare(dw_ih, expected, "dw_ih against your own dz", hint)
    expected = sum(np.outer(dz[n], h[n]) for n in range(3))
    compare(dw_hh, expected, "dw_hh against your own dz", hint)
    compare(db, dz[0] + dz[1] + dz[2], "db against your own dz", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5804)
for batch, units, more in [(1, 1, 0), (4, 2, 0), (3, 3, 2), (1, 2, 1)]:
    arrays = draw_lstm_backward(draw, batch, 4 * units + more, units)
    arrays[5] = np.eye(4 * units, 4 * units + more)
    dx, _, _, *got = several(lstm_step_backward(*arrays), *lstm_gradients)
    same_shape(dx, arrays[2].shape, "dx")
    assert dx.any(), "dx is 0 everywhere"
    dz = dx[:, : 4 * units]
    expected = (
        np.einsum("bk,bd->kd", dz, arrays[2]),
        np.einsum("bk,bh->kh", dz, arrays[3]),
        np.ones(batch) @ dz,
    )
    for gradient, right, name in zip(got, expected, lstm_gradients[3:], strict=True):
        compare(gradient, right, f"{name} against your own dz, {batch=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-8-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.8 extremes"):
    x, h, w_ih, w_hh = np.ones((1, 1)), np.ones((1, 2)), np.zeros((8, 1)), np.zeros((8, 2))
    c, dh, dc = np.array([[0.25, -3.0]]), np.zeros((1, 2)), np.array([[2.0, -5.0]])
    b = np.array([-1000.0, 1000, 1000, -1000, 1000, -1000, 1000, -1000])
    given = several(lstm_step_backward(dh, dc, x, h, c, w_ih, w_hh, b), *lstm_gradients)
    for gradient, name in zip(given, lstm_gradients, strict=True):
        assert np.isfinite(gradient).all(), f"{name} is not finite for pre-activations of ±1000"
    what = "dc through forget gates of 1 and 0, with dh = 0"
    compare(given[2], np.array([[2.0, 0.0]]), what, "Open, it lets all through; shut, nothing.")
### BEGIN HIDDEN TESTS
x, h, w_ih, w_hh = np.ones((2, 3)), np.ones((2, 2)), np.zeros((8, 3)), np.zeros((8, 2))
c, dc = np.array([[0.25, -3.0], [1.0, 0.5]]), np.array([[2.0, -5.0], [-1.0, 3.0]])
for size in (800.0, 1e4, 1e300):
    for z_f, share in (([size, -size], [1.0, 0.0]), ([-size, size], [0.0, 1.0])):
        b = np.array([size, -size, *z_f, -size, size, -size, size])
        with np.errstate(all="ignore"):
            got = lstm_step_backward(0 * dc, dc, x, h, c, w_ih, w_hh, b)
        given = several(got, *lstm_gradients)
        for gradient, name in zip(given, lstm_gradients, strict=True):
            assert np.isfinite(gradient).all(), f"{name} is not finite, ±{size}"
        compare(given[2], dc * np.array(share), f"dc, pre-activations of ±{size}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-8-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.8 care"):
    rng = np.random.default_rng(0)
    shapes = (2, 4), (2, 4), (2, 3), (2, 4), (2, 4), (16, 3), (16, 4), (16,)
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    expected = several(watch(lstm_step_backward, *arrays), *lstm_gradients)
    single = [array.astype(np.float32) for array in arrays]
    got = several(lstm_step_backward(*single), *lstm_gradients)
    for gradient, right, name in zip(got, expected, lstm_gradients, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5806)
for batch, inputs, units in [(1, 2, 3), (3, 4, 2)]:
    arrays = draw_lstm_backward(draw, batch, inputs, units)
    expected = several(watch(lstm_step_backward, *arrays), *lstm_gradients)
    not_handed_back(expected, *arrays)
    single = [array.astype(np.float32) for array in arrays]
    got = several(watch(lstm_step_backward, *single), *lstm_gradients)
    for gradient, right, name in zip(got, expected, lstm_gradients, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}, float32 against float64, {batch=}", reveal=False)
    for scale in (1e-120, 1e120):
        dh, dc, *rest = arrays
        got = several(lstm_step_backward(dh * scale, dc * scale, *rest), *lstm_gradients)
        for gradient, right, name in zip(got, expected, lstm_gradients, strict=True):
            compare(gradient, right * scale, f"{name}, dh and dc times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Compare $dc_{t-1} = \delta \odot f$ with what an Elman network does to its
# gradient at each step. Where are the two things that made it vanish or explode there?

# %% [markdown]
# ## 5.9 One step of a GRU (6 points)
#
# *Goal.* Read the small print: a gate in another place is another network.
#
# *Math.* The gated recurrent unit does without a separate cell. Its weights are stored in the order
# **r, z, n**, and here the two biases are kept apart, because it matters where each is added. In
# `torch`'s form,
#
# $$ \begin{aligned}
#    r &= \sigma\left(W_{ir}\, x_t + b_{ir} + W_{hr}\, h_{t-1} + b_{hr}\right) \\
#    z &= \sigma\left(W_{iz}\, x_t + b_{iz} + W_{hz}\, h_{t-1} + b_{hz}\right) \\
#    n &= \tanh\left(W_{in}\, x_t + b_{in} + r \odot \left(W_{hn}\, h_{t-1} + b_{hn}\right)\right) \\
#    h_t &= (1 - z) \odot n + z \odot h_{t-1}
#    \end{aligned} $$
#
# The reset gate $r$ says how much of the old state the proposal $n$ may use; the update gate $z$
# how much of the old state stays. Note that $r$ multiplies **after** the product with $W_{hn}$, and
# its bias too.
#
# *Task.* Return the new state. Pre-activations of ±1000 must give gates of 0 and 1, not `nan`.
#
# *Points.* update gate 2, reset gate 2, extremes 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q5-9-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """Bring the state of a GRU up to date.

    Parameters
    ----------
    x : (B, D)
        What each sequence shows at this step.
    h : (B, H)
        The state after the step before.
    w_ih : (3*H, D)
        Weights of the input, the gates r, z, n one below the other.
    w_hh : (3*H, H)
        Weights of the state.
    b_ih, b_hh : (3*H,)
        The biases that go with either.

    Returns
    -------
    h : (B, H)
        The new state.
    """
    ### BEGIN SOLUTION
    of_x, of_h = np.split(x @ w_ih.T + b_ih, 3, axis=1), np.split(h @ w_hh.T + b_hh, 3, axis=1)
    r, z = ((1 + np.tanh((of_x[k] + of_h[k]) / 2)) / 2 for k in (0, 1))
    return (1 - z) * np.tanh(of_x[2] + r * of_h[2]) + z * h
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-9-update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """Go unit by unit, with scalars."""
    units = h.shape[1]
    new = np.zeros(h.shape)
    for k in range(len(x)):
        for j in range(units):
            rows = range(j, 3 * units, units)
            (x_r, h_r), (x_z, h_z), (x_n, h_n) = (
                (w_ih[row] @ x[k] + b_ih[row], w_hh[row] @ h[k] + b_hh[row]) for row in rows
            )
            proposal = np.tanh(x_n + h_n / (1 + np.exp(-x_r - h_r)))
            new[k, j] = proposal + (h[k, j] - proposal) / (1 + np.exp(-x_z - h_z))
    return new


def draw_gru(draw, batch, inputs, units):
    """Draw x, h, w_ih, w_hh, b_ih and b_hh."""
    rows = 3 * units
    shapes = (batch, inputs), (batch, units), (rows, inputs), (rows, units), (rows,), (rows,)
    return [draw.uniform(-1.5, 1.5, shape) for shape in shapes]


### END HIDDEN TESTS
with public_check("5.9 update gate"):
    rng = np.random.default_rng(0)
    x, h = rng.uniform(-1, 1, (3, 2)), rng.uniform(-1, 1, (3, 4))
    w_ih, w_hh = rng.uniform(-1, 1, (12, 2)), rng.uniform(-1, 1, (12, 4))
    b_ih, b_hh = rng.uniform(-1, 1, 12), rng.uniform(-1, 1, 12)
    b_ih[:4] = 60  # the reset gate is wide open
    b_ih[4:8] = 60
    compare(gru_step(x, h, w_ih, w_hh, b_ih, b_hh), h, "update gate at 1: the old state stays")
    b_hh[4:8] = -120
    # Without memory of its own and with r = 1, this is a step of an Elman network.
    proposal = elman_loops(x[None], h, w_ih[8:], w_hh[8:], b_ih[8:] + b_hh[8:])[0]
    new = gru_step(x, h, w_ih, w_hh, b_ih, b_hh)
    compare(new, proposal, "update gate at 0: the new state is the proposal")
    w_ih[4:8], w_hh[4:8], b_hh[4:8] = 0, 0, -60
    new = gru_step(x, h, w_ih, w_hh, b_ih, b_hh)
    compare(new, (proposal + h) / 2, "update gate at ½: the mean of proposal and old state")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5901)
for batch, inputs, units in [(1, 2, 1), (1, 4, 3), (3, 2, 2), (4, 3, 5)]:
    arrays = draw_gru(draw, batch, inputs, units)
    arrays[4][:units] = 60
    expected = reference_gru_step(*arrays)
    got = gru_step(*arrays)
    compare(got, expected, f"reset gate open, {batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-9-reset", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.9 reset gate"):
    rng = np.random.default_rng(0)
    x, h = rng.uniform(-1, 1, (3, 2)), rng.uniform(-1, 1, (3, 4))
    w_ih, w_hh = rng.uniform(-1, 1, (12, 2)), rng.uniform(-1, 1, (12, 4))
    b_ih, b_hh = rng.uniform(-1, 1, 12), rng.uniform(-1, 1, 12)
    b_ih[4:8] = -60  # the update gate is at 0, so that the new state is the proposal
    w_ih[:4], w_hh[:4], b_hh[:4] = 0, 0, 0
    for z_r, share, what in ((-60.0, 0.0, "0"), (0.0, 0.5, "½"), (60.0, 1.0, "1")):
        b_ih[:4] = z_r
        new = gru_step(x, h, w_ih, w_hh, b_ih, b_hh)
        of_x, of_h = x @ w_ih[8:].T + b_ih[8:], h @ w_hh[8:].T + b_hh[8:]
        hint = "All that comes from the state, its bias too, is multiplied by r, and nothing else."
        compare(new, np.tanh(of_x + share * of_h), f"reset gate at {what}", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5902)
for batch, inputs, units in [(1, 2, 1), (1, 4, 3), (3, 2, 2), (4, 3, 5)]:
    arrays = draw_gru(draw, batch, inputs, units)
    expected = reference_gru_step(*arrays)
    compare(gru_step(*arrays), expected, f"{batch=}, {inputs=}, {units=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-9-extremes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.9 extremes"):
    x, w_ih, w_hh, b_hh = np.zeros((1, 1)), np.zeros((6, 1)), np.zeros((6, 2)), np.zeros(6)
    h, b_ih = np.array([[0.25, -0.5]]), np.array([1000.0, -1000, 1000, 1000, 1, 1])
    new = gru_step(x, h, w_ih, w_hh, b_ih, b_hh)
    compare(new, h, "update gate at 1000", if_not_finite(new))
### BEGIN HIDDEN TESTS
x, w_ih, w_hh = np.zeros((2, 1)), np.zeros((12, 1)), np.zeros((12, 4))
h = np.array([[0.25, -0.5, 0.75, 0.1], [-0.2, 0.3, -0.4, 0.6]])
for size in (800.0, 1e4, 1e300):
    for where in (0, 1):
        biases = [np.zeros(12), np.zeros(12)]
        biases[where][:4] = [size, -size, size, -size]
        biases[where][4:8] = [size, size, -size, -size]
        with np.errstate(all="ignore"):
            got = gru_step(x, h, w_ih, w_hh, *biases)
        expected = h * np.array([1.0, 1, 0, 0])
        compare(got, expected, f"pre-activations of ±{size}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-9-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.9 care"):
    rng = np.random.default_rng(0)
    shapes = (2, 3), (2, 4), (12, 3), (12, 4), (12,), (12,)
    arrays = [rng.uniform(-1, 1, shape) for shape in shapes]
    expected = watch(gru_step, *arrays)
    same_dtype(expected, np.float64, "gru_step")
    got = gru_step(*(array.astype(np.float32) for array in arrays))
    same_dtype(got, np.float32, "gru_step")
    compare(got, expected, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5904)
for batch, inputs, units in [(1, 2, 3), (3, 4, 2)]:
    arrays = draw_gru(draw, batch, inputs, units)
    expected = watch(gru_step, *arrays)
    not_handed_back(expected, *arrays)
    same_dtype(expected, np.float64, "gru_step")
    got = watch(gru_step, *(array.astype(np.float32) for array in arrays))
    same_dtype(got, np.float32, "gru_step")
    compare(got, expected, f"float32 against float64, {batch=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* In the paper that introduced the GRU, $r$ multiplies the state before the
# product: $W_{hn}(r \odot h_{t-1})$. Which of the two forms lets you compute $W_{hh}\, h_{t-1}$ as
# one product for all three gates?

# %% [markdown]
# ## 5.10 A task for a memory (9 points)
#
# *Goal.* Train a recurrent network on sequences, and find out what it cannot learn.
#
# *The task.* At the first step a sequence shows one of K symbols, one-hot. Then follows nothing but
# noise. After the last step the network has to say which symbol it was. `recall_task` below makes
# such sequences.
#
# *Math.* The layer is given as two functions: `forward(x, *weights)` returns all states (T, B, H),
# from a start of zeros, and `backward(dh, x, *weights)` takes the gradient with respect to all
# states and returns a list with one gradient per weight. (Some layers remember what they need:
# `backward` has to follow a `forward` with the same weights.) On top of the **last** state stands a
# readout, a softmax, and the mean cross-entropy over the batch, with the natural logarithm:
#
# $$ s_b = W_{hy}\, h_{T-1,b} + b_y, \qquad
#    J = -\frac{1}{B} \sum_{b} \log \operatorname{softmax}(s_b)_{\text{label}_b}, \qquad
#    \frac{\partial J}{\partial s_b} = \frac{\operatorname{softmax}(s_b) - e_{\text{label}_b}}{B} , $$
#
# where $e_k$ is one-hot. From there the gradient goes to $W_{hy}$, $b_y$ and $h_{T-1}$; the other
# states have no part in $J$, so their $dh_t$ is 0. Then all parameters $\theta$, those of the layer
# and the readout, take one step. With the gradient $g$ of all of them, clipped together,
#
# $$ g \leftarrow g \cdot \min\left(1, \frac{\text{max\_norm}}{\lVert g \rVert}\right), \qquad
#    \Delta \leftarrow \text{momentum} \cdot \Delta + \text{rate} \cdot g, \qquad
#    \theta \leftarrow \theta - \Delta , $$
#
# where $\Delta$ is 0 before the first step. (Gradients that are all 0 stay as they are, and no
# square overflows here.)
#
# *Task.* Take `steps` such steps, each with the whole batch. Return the list of parameters after
# the last step and the list of losses, one for each step, as it was **before** the parameters
# moved. Scores far apart, such as 0 and 1000, must not give a loss of `nan` or of infinity.
#
# *Points.* loss 1, first step 3, momentum 2, recall 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "setup-recall", "locked": true, "schema_version": 3, "solution": false, "task": false}
def recall_task(rng, steps, batch):
    """Draw sequences (steps, batch, 4) that begin with one of four symbols, and their labels."""
    labels = rng.permutation(np.arange(batch) % 4)
    x = 0.05 * rng.standard_normal((steps, batch, 4))
    x[0, np.arange(batch), labels] += 1
    return x, labels


def recall_start(rng, gates):
    """Draw parameters for 16 units: of an Elman network (``gates`` 1) or of an LSTM (4)."""
    b = np.zeros(gates * 16)
    if gates == 4:
        b[:16], b[16:32] = -1, 6  # at first little is written, and nothing is forgotten
    w_ih, w_hh = rng.standard_normal((gates * 16, 4)), rng.standard_normal((gates * 16, 16))
    return [w_ih, 0.075 * w_hh, b, rng.standard_normal((4, 16)) / 4, np.zeros(4)]


def share_right(states, parameters, labels):
    """Say how often the readout of the last state names the right symbol."""
    return float(np.mean((states[-1] @ parameters[-2].T + parameters[-1]).argmax(axis=1) == labels))


def fading_layer(keep):
    """Make the simplest of all layers: h_t = keep * h_{t-1} + w x_t, forward and backward."""

    def faded(steps):
        ago = np.arange(steps)[:, None] - np.arange(steps)
        return np.where(ago >= 0, float(keep) ** np.maximum(ago, 0), 0)

    def forward(x, w):
        return np.tensordot(faded(len(x)).astype(x.dtype), x @ w.T, 1)

    def backward(dh, x, w):
        reached = np.tensordot(faded(len(x)).T.astype(x.dtype), dh, 1)
        return [np.einsum("tbh,tbd->hd", reached, x)]

    return forward, backward


def check_losses(losses, steps):
    """Stop unless ``losses`` holds a number for each step."""
    assert isinstance(losses, (list, tuple)), (
        f"losses: expected a list of floats, got {kind_of(losses)}"
    )
    assert len(losses) == steps, f"{steps} steps: expected as many losses, got {len(losses)}"


trained = "parameters", "losses"


# %% nbgrader={"grade": false, "grade_id": "q5-10-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_recall(
    forward, backward, parameters, x, labels, steps, rate=0.3, momentum=0.9, max_norm=0.1
):
    """Train a recurrent layer and its readout to name what each sequence began with.

    Parameters
    ----------
    forward, backward : callable
        ``forward(x, *weights)`` returns the states (T, B, H), and ``backward(dh, x, *weights)`` a
        list of gradients, one for each of the weights.
    parameters : list of arrays
        First the weights of the layer, however many, then w_hy (K, H) and b_y (K,).
    x : (T, B, D)
        B sequences of T steps.
    labels : (B,) of int
        The right answer for each sequence, from 0 to K - 1.
    steps : int
        How often the parameters move.
    rate, momentum, max_norm : float
        Learning rate, momentum, and the norm to which gradients are clipped.

    Returns
    -------
    parameters : list of arrays
        New arrays, in the same order.
    losses : list of float
        The mean cross-entropy before each of the steps.
    """
    ### BEGIN SOLUTION
    parameters, moves = list(parameters), [np.zeros_like(parameter) for parameter in parameters]
    losses, rows = [], np.arange(len(labels))
    for _ in range(steps):
        *weights, w_hy, b_y = parameters
        h = forward(x, *weights)
        scores = h[-1] @ w_hy.T + b_y
        scores = scores - scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        losses.append(-float(logs[rows, labels].mean()))
        dscores = np.exp(logs)
        dscores[rows, labels] -= 1
        dscores = dscores / len(labels)
        dh = np.zeros_like(h)
        dh[-1] = dscores @ w_hy
        gradients = [*backward(dh, x, *weights), dscores.T @ h[-1], dscores.sum(axis=0)]
        norm = sum(float((gradient**2).sum()) for gradient in gradients) ** 0.5
        factor = rate * min(1, max_norm / norm)
        for k, gradient in enumerate(gradients):
            moves[k] = momentum * moves[k] + factor * gradient
            parameters[k] = parameters[k] - moves[k]
    return parameters, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q5-10-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_recall(forward, backward, parameters, x, labels):
    """Return loss and gradients, sequence by sequence, with the readout written out."""
    *weights, w_hy, b_y = parameters
    h, batch = forward(x, *weights), len(labels)
    dh, dw_hy, db_y, loss = np.zeros_like(h), np.zeros_like(w_hy), np.zeros_like(b_y), 0.0
    for n, label in enumerate(labels):
        scores = w_hy @ h[-1, n] + b_y
        top = scores.max()
        p = np.exp(scores - top - np.log(np.exp(scores - top).sum()))
        loss += (top + np.log(np.exp(scores - top).sum()) - scores[label]) / batch
        ds = (p - np.eye(len(b_y))[label]) / batch
        dw_hy, db_y = dw_hy + np.outer(ds, h[-1, n]), db_y + ds
        dh[-1, n] = ds @ w_hy
    return loss, [*backward(dh, x, *weights), dw_hy, db_y]


def two_weights():
    """Make a layer with two weights, of which the second acts on the states: h_t = v Σ w x_t."""

    def forward(x, w, v):
        return np.cumsum(x @ w.T, axis=0) @ v.T

    def backward(dh, x, w, v):
        reached = np.cumsum((dh @ v)[::-1], axis=0)[::-1]
        dv = np.einsum("tbk,tbh->kh", dh, np.cumsum(x @ w.T, axis=0))
        return [np.einsum("tbh,tbd->hd", reached, x), dv]

    return forward, backward


def draw_recall(draw, steps, batch, units, classes, scale=1.0):
    """Draw parameters for ``two_weights``, x and labels."""
    shapes = (3, 2), (units, 3), (classes, units), (classes,)
    labels = draw.integers(0, classes, batch)
    labels[0] = classes - 1
    parameters = [scale * draw.standard_normal(shape) for shape in shapes]
    return parameters, draw.standard_normal((steps, batch, 2)), labels


### END HIDDEN TESTS
with public_check("5.10 loss"):
    rng = np.random.default_rng(0)
    x, labels = recall_task(rng, 5, 8)
    w, w_hy, b_y = rng.standard_normal((3, 4)), np.zeros((4, 3)), np.zeros(4)
    start = [w.copy(), w_hy.copy(), b_y.copy()]
    _, losses = several(train_recall(*fading_layer(1), start, x, labels, 1), *trained)
    check_losses(losses, 1)
    same_number(losses[0], np.log(4), "a readout of zeros gives each of 4 symbols 1/4")
    b_y = np.array([0.0, 1000, 0, 0])
    start = [w.copy(), w_hy.copy(), b_y.copy()]
    _, losses = several(train_recall(*fading_layer(1), start, x, labels, 1), *trained)
    hint = "Two of 8 sequences get 0, six 1000. Subtract the largest score first; keep the log."
    same_number(losses[0], 750.0, "scores of 0 and 1000", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5101)
for steps, batch, units, classes, scale in [(1, 1, 2, 3, 1), (4, 5, 3, 2, 1), (3, 6, 2, 5, 20)]:
    case = draw_recall(draw, steps, batch, units, classes, scale)
    expected = float(reference_recall(*two_weights(), *case)[0])
    _, losses = several(train_recall(*two_weights(), *case, 1), *trained)
    check_losses(losses, 1)
    same_number(losses[0], expected, f"T = {steps}, {batch=}, {classes=}", reveal=False)
    assert np.ndim(losses[0]) == 0, "a loss is a number"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-10-first-step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
with public_check("5.10 first step"):
    rng = np.random.default_rng(0)
    forward, backward = fading_layer(0.5)
    x, labels = rng.standard_normal((3, 2, 2)), np.array([1, 0])
    start = [rng.standard_normal(shape) for shape in ((2, 2), (2, 2), (2,))]

    def loss_with(number, array):
        """Return the loss that you find when one of the parameters is another one."""
        moved = [*start[:number], array, *start[number + 1 :]]
        _, losses = several(train_recall(forward, backward, moved, x, labels, 1), *trained)
        check_losses(losses, 1)
        return losses[0]

    slopes = [
        numeric_gradient(lambda array, number=k: loss_with(number, array), start[k])
        for k in range(3)
    ]
    length = np.sqrt(sum((slope**2).sum() for slope in slopes))
    for max_norm, what in ((10 * length, "a gradient that is short enough"), (0.05, "a long one")):
        got = train_recall(forward, backward, start, x, labels, 1, rate=0.5, max_norm=max_norm)
        after, _ = several(got, *trained)
        for name, new, old, slope in zip(
            ("w", "w_hy", "b_y"), several(after, "w", "w_hy", "b_y"), start, slopes, strict=True
        ):
            same_shape(new, old.shape, f"{name} keeps its shape")
            step = 0.5 * slope * min(1, max_norm / length)
            agrees(old - new, step, f"{what}: how {name} moves down the slope of your loss")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(5102)
for steps, batch, units, classes in [(1, 1, 2, 3), (4, 5, 3, 2), (3, 6, 2, 5), (6, 2, 4, 3)]:
    start, x, labels = draw_recall(draw, steps, batch, units, classes, 0.5)
    _, gradients = reference_recall(*two_weights(), start, x, labels)
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    for share in (0.01, 0.9, 1.1, 100):
        rate = 0.7 / share
        factor = rate * min(1, share)
        expected = [old - factor * g for old, g in zip(start, gradients, strict=True)]
        got, _ = several(
            train_recall(
                *two_weights(), start, x, labels, 1, rate=rate, max_norm=float(share * length)
            ),
            *trained,
        )
        names = "w", "v", "w_hy", "b_y"
        for name, new, right in zip(names, several(got, *names), expected, strict=True):
            what = f"{name} after one step, T = {steps}, {batch=}, {classes=}"
            compare(new, right, what, reveal=False)
# What stands in the signature.
start, x, labels = draw_recall(draw, 3, 4, 3, 4)
_, gradients = reference_recall(*two_weights(), start, x, labels)
length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
expected = [old - 0.3 * min(1, 0.1 / length) * g for old, g in zip(start, gradients, strict=True)]
got, _ = several(train_recall(*two_weights(), start, x, labels, 1), *trained)
for new, right in zip(got, expected, strict=True):
    compare(new, right, "one step with rate and max_norm as they are given", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-10-momentum", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("5.10 momentum"):
    rng = np.random.default_rng(0)
    layer = fading_layer(0.8)
    x, labels = recall_task(rng, 4, 8)
    start = [rng.standard_normal(shape) for shape in ((3, 4), (4, 3), (4,))]
    names = "w", "w_hy", "b_y"
    once, first = several(train_recall(*layer, start, x, labels, 1), *trained)
    again, second = several(train_recall(*layer, once, x, labels, 1), *trained)
    twice, losses = several(train_recall(*layer, start, x, labels, 2, momentum=0.5), *trained)
    check_losses(losses, 2)
    for arrays in (once, again, twice):
        several(arrays, *names)
    for name, p0, p1, p2, both in zip(names, start, once, again, twice, strict=True):
        assert not np.array_equal(p0, p1), f"{name} does not move"
        expected = p2 - 0.5 * (p0 - p1)
        hint = "The second step adds momentum times the first one to a fresh step."
        compare(both, expected, f"{name} after two steps, against your single steps", hint)
    expected = np.array([first[0], second[0]])
    compare(np.array(losses), expected, "the losses before the first and the second step")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own single steps.
draw = np.random.default_rng(5103)
start, x, labels = draw_recall(draw, 3, 6, 3, 4)
for momentum in (0.0, 0.9, 0.3):
    names, each = ("w", "v", "w_hy", "b_y"), start
    moves, single = [np.zeros_like(array) for array in start], []
    for _ in range(4):
        fresh, loss = several(train_recall(*two_weights(), each, x, labels, 1), *trained)
        assert not np.array_equal(fresh[0], each[0]), "the first weight does not move"
        moves = [
            momentum * move + old - new for move, old, new in zip(moves, each, fresh, strict=True)
        ]
        each = [old - move for old, move in zip(each, moves, strict=True)]
        single.append(loss[0])
    got = train_recall(*two_weights(), start, x, labels, 4, momentum=momentum)
    after, losses = several(got, *trained)
    check_losses(losses, 4)
    compare(np.array(losses), np.array(single), f"losses of four steps, {momentum=}", reveal=False)
    for name, new, right in zip(names, several(after, *names), each, strict=True):
        compare(new, right, f"{name} after four steps, {momentum=}", reveal=False)
got, _ = several(train_recall(*two_weights(), start, x, labels, 3), *trained)
expected, _ = several(train_recall(*two_weights(), start, x, labels, 3, momentum=0.9), *trained)
for new, right in zip(got, expected, strict=True):
    compare(new, right, "three steps with momentum as it is given", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q5-10-recall", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def lstm_layer():
    """Make an LSTM, forward and backward through time."""
    trace = []

    def forward(x, w_ih, w_hh, b):
        trace.clear()
        h = c = np.zeros((x.shape[1], w_hh.shape[1]))
        z_x, states = x @ w_ih.T + b, []
        for z in z_x:
            z = z + h @ w_hh.T
            gates = 0.5 + 0.5 * np.tanh(0.5 * z)
            (i, f, _, o), g = np.split(gates, 4, axis=1), np.tanh(np.split(z, 4, axis=1)[2])
            before, c = (h, c), f * c + i * g
            shown = np.tanh(c)
            h = o * shown
            trace.append((*before, i, f, g, o, shown))
            states.append(h)
        return np.stack(states)

    def backward(dh, x, w_ih, w_hh, b):
        to_h = to_c = np.zeros_like(dh[0])
        dz, before = np.zeros((*dh.shape[:2], len(b))), np.zeros_like(dh)
        for t in range(len(x) - 1, -1, -1):
            before[t], c, i, f, g, o, shown = trace[t]
            to_h = to_h + dh[t]
            to_c = to_c + to_h * o * (1 - shown * shown)
            slopes = g * i * (1 - i), c * f * (1 - f), i * (1 - g * g)
            into = [to_c * slope for slope in slopes]
            dz[t] = np.concatenate([*into, to_h * shown * o * (1 - o)], axis=1)
            to_h, to_c = dz[t] @ w_hh, to_c * f
        flat = dz.reshape(-1, len(b))
        both = flat.T @ x.reshape(len(flat), -1), flat.T @ before.reshape(len(flat), -1)
        return [*both, flat.sum(axis=0)]

    return forward, backward


def elman_layer():
    """Make an Elman network, forward and backward through time."""
    trace = []

    def forward(x, w_xh, w_hh, b_h):
        trace[:] = [np.zeros((x.shape[1], len(b_h)))]
        for z in x @ w_xh.T + b_h:
            trace.append(np.tanh(z + trace[-1] @ w_hh.T))
        return np.stack(trace[1:])

    def backward(dh, x, w_xh, w_hh, b_h):
        to_h, dz = np.zeros_like(dh[0]), np.zeros_like(dh)
        for t in range(len(x) - 1, -1, -1):
            dz[t] = (to_h + dh[t]) * (1 - trace[t + 1] ** 2)
            to_h = dz[t] @ w_hh
        flat, before = dz.reshape(-1, len(b_h)), np.concatenate(trace[:-1])
        return [flat.T @ x.reshape(len(flat), -1), flat.T @ before, flat.sum(axis=0)]

    return forward, backward


### END HIDDEN TESTS
with public_check("5.10 recall"):
    results = {}
    for keep in (1.0, 0.5):
        rng = np.random.default_rng(1)
        forward, backward = fading_layer(keep)
        start = [rng.standard_normal((8, 4)), rng.standard_normal((4, 8)), np.zeros(4)]
        x, labels = recall_task(rng, 25, 16)
        others, right = recall_task(rng, 25, 200)
        after, _ = several(train_recall(forward, backward, start, x, labels, 30), *trained)
        results[keep] = share_right(forward(others, *after[:-2]), after, right)
    what = f"a layer that keeps everything learns this, but got {results[1.0]:.0%} right"
    assert results[1.0] >= 0.9, f"{what} after your training"
    what = f"a layer that forgets half at each step got {results[0.5]:.0%} right, which none can"
    assert results[0.5] <= 0.5, f"{what}: does your readout see more than the last state?"
    print(f"{results[1.0]:.0%} right if all is kept, {results[0.5]:.0%} if half is forgotten")
### BEGIN HIDDEN TESTS
results = []
for make, gates in ((lstm_layer, 4), (elman_layer, 1)):
    draw = np.random.default_rng(5110)
    start, (forward, backward) = recall_start(draw, gates), make()
    x, labels = recall_task(draw, 30, 16)
    others, right = recall_task(draw, 30, 200)
    after, _ = several(train_recall(forward, backward, start, x, labels, 20, rate=0.5), *trained)
    results.append(share_right(forward(others, *after[:-2]), after, right))
assert results[0] >= 0.95, f"an LSTM should learn to recall, but names {results[0]:.0%} right"
assert results[1] <= 0.5, f"an Elman network should fail, but names {results[1]:.0%} right"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q5-10-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("5.10 care"):
    rng = np.random.default_rng(0)
    forward, backward = fading_layer(0.5)
    x, labels = recall_task(rng, 4, 6)
    start = [rng.standard_normal(shape) for shape in ((3, 4), (4, 3), (4,))]
    expected = watch(train_recall, forward, backward, start, x, labels, 2)
    expected, losses = several(expected, *trained)
    single = [array.astype(np.float32) for array in start]
    got, _ = several(
        train_recall(forward, backward, single, x.astype(np.float32), labels, 2), *trained
    )
    not_handed_back(expected, start)
    for array, right in zip(got, expected, strict=True):
        same_dtype(right, np.float64, "train_recall")
        same_dtype(array, np.float32, "train_recall")
        compare(array, right, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(5105)
start, x, labels = draw_recall(draw, 3, 1, 3, 4)
expected = watch(train_recall, *two_weights(), start, x, labels, 3)
single = [array.astype(np.float32) for array in start]
got = watch(train_recall, *two_weights(), single, x.astype(np.float32), labels, 3)
not_handed_back(expected[0], start)
for array, right in zip(got[0], expected[0], strict=True):
    same_dtype(right, np.float64, "train_recall")
    same_dtype(array, np.float32, "train_recall")
    compare(array, right, "float32 against float64", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Your own cells at the task, for what they can and cannot learn. This cell uses your answers to
# 5.2, 5.3, 5.7, 5.8 and 5.10, is not graded, and is yours to play with: with other lengths, without
# clipping, with another start of the forget gate.


# %%
def my_elman():
    seen = {}

    def forward(x, w_xh, w_hh, b_h):
        seen["h0"] = np.zeros((x.shape[1], len(b_h)))
        seen["h"] = elman_forward(x, seen["h0"], w_xh, w_hh, b_h)
        return seen["h"]

    def backward(dh, x, w_xh, w_hh, b_h):
        return elman_backward(dh, x, seen["h0"], seen["h"], w_xh, w_hh)[2:]

    return forward, backward


def my_lstm():
    before = []

    def forward(x, w_ih, w_hh, b):
        h = c = np.zeros((x.shape[1], w_hh.shape[1]))
        states = []
        before.clear()
        for x_t in x:
            before.append((h, c))
            h, c = lstm_step(x_t, h, c, w_ih, w_hh, b)
            states.append(h)
        return np.stack(states)

    def backward(dh, x, w_ih, w_hh, b):
        total = [np.zeros_like(w_ih), np.zeros_like(w_hh), np.zeros_like(b)]
        to_h = to_c = np.zeros_like(dh[0])
        for t in reversed(range(len(x))):
            _, to_h, to_c, *more = lstm_step_backward(
                dh[t] + to_h, to_c, x[t], *before[t], w_ih, w_hh, b
            )
            total = [one + other for one, other in zip(total, more, strict=True)]
        return total

    return forward, backward


for name, (forward, backward), gates in (("Elman", my_elman(), 1), ("LSTM", my_lstm(), 4)):
    rng = np.random.default_rng(5)
    start = recall_start(rng, gates)
    x, labels = recall_task(rng, 30, 16)
    others, right = recall_task(rng, 30, 200)
    after, losses = train_recall(forward, backward, start, x, labels, 20, rate=0.5)
    known = share_right(forward(x, *after[:-2]), after, labels)
    new = share_right(forward(others, *after[:-2]), after, right)
    print(f"{name:5s}: loss {losses[0]:.2f} → {losses[-1]:.2f}", end=", ")
    print(f"{known:4.0%} of the sequences seen in training right, {new:4.0%} of new ones")

# %% [markdown]
# *Think about it.* There are weights with which an Elman network holds a symbol for 30 steps. So
# what is it that fails, the network or its training? And what has it learned instead, if its loss on
# the training sequences went down?

# %% [markdown]
# ## 5.11 In your own words (10 points)
#
# The next cell asks two questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q5-11-written", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# **(a) The same weights at every step** (5 points). An Elman layer with H = 30 units reads
# sequences of T = 50 steps with D = 20 numbers each. Give the number of its parameters (without
# readout), and that of a fully connected layer, biases included, from all T · D numbers of a
# sequence to T · H outputs, as many as the states hold. Which of the two numbers changes for
# sequences of 100 steps? (Two points so far.) Then explain in at most 120 words where the Elman
# network shares its parameters, what this assumes about the data, and why the gradient of a shared
# weight is a sum over the steps (one point each).
#
# **(b) Gradients on a long way** (5 points). Explain in at most 150 words, without formulas, to
# somebody who knows the chain rule: why the gradient of an early input tends to vanish or to
# explode in an Elman network (two points); what the cell of an LSTM changes about that; what
# clipping the gradient cures; and what it does not (one point each).
#
# === BEGIN MARK SCHEME ===
#
# (a) 5 points
#
# - 1: Elman 30 · (20 + 30 + 1) = 1,530; fully connected (50 · 30) · (50 · 20 + 1) = 1,501,500
# - 1: only the second one changes (to 3000 · 2001 = 6,003,000, which need not be given): the number
#   of steps plays no part in the first.
# - 1: W_xh, W_hh and b_h are the same at every step of the unrolled network.
# - 1: it assumes that what a step means does not depend on when it comes (shift invariance in time,
#   stationarity), or: what is learned at one step serves at all others, and at any length.
# - 1: a change of the weight acts at every step, and the chain rule adds up what comes back over
#   all these paths. No point if the sum is stated but not traced to the shared use.
#
# (b) 5 points
#
# - 2: each step back multiplies the gradient by the same recurrent matrix and by the slopes of
#   tanh, which are at most 1; a product of many such factors shrinks or grows exponentially with
#   the distance. 1 point for "many multiplications" without saying by what.
# - 1: the cell is updated by adding, so that on this way the gradient is multiplied by the forget
#   gate alone; where it is near 1 the gradient arrives almost as it is, and the network learns when
#   to keep it so.
# - 1: clipping limits the length of a step and keeps its direction, so that one exploding gradient
#   does not throw the weights away.
# - 1: it does nothing against vanishing gradients (a gradient near 0 is not lengthened), and does
#   not remove the cause of exploding ones either.
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
# the first check that fails; `course check hw05-recurrent.ipynb`, in a terminal, runs all cells
# afresh and lists what every check says.


# %% nbgrader={"grade": true, "grade_id": "q5-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(48)

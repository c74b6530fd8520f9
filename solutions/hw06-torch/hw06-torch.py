# ---
# jupyter:
#   course:
#     withheld:
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
# # Homework 6: Deep learning in torch
#
# You know what a recurrent network, a convolution and a training loop do inside. Here you put them
# to work, with `torch` doing the gradients: a language model that beats an n-gram model, an
# encoder–decoder, an autoencoder that notices what does not belong, and a network that takes what
# it has learned along to a new task.
#
# **When you are done you can**
#
# - tell a recurrent network (RNN) from an RNN language model (RNN-LM), and turn the one into the
#   other (6.1);
# - apply recurrent networks to sequences: train them, measure them by perplexity, hold them against
#   an n-gram model and draw text from them (6.1–6.4);
# - train an encoder–decoder by teacher forcing, and let it run freely afterwards (6.5, 6.6);
# - train an autoencoder and find anomalies with it (6.7, 6.8);
# - transfer a network to a new task, by fine-tuning and as a fixed feature extractor (6.9);
# - say what these methods can and cannot promise (6.10).
#
# **How the points come about** (60 in all; about 8 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 6.1 | `token_log_probs` | 7 |
# | 6.2 | `perplexity` | 5 |
# | 6.3 | `train_language_model` | 7 |
# | 6.4 | `sample_next` | 5 |
# | 6.5 | `teacher_forcing_loss` | 6 |
# | 6.6 | `greedy_decode` | 5 |
# | 6.7 | `train_autoencoder` | 5 |
# | 6.8 | `flag_anomalies` | 4 |
# | 6.9 | `transfer` | 6 |
# | 6.10 | two short written answers | 10 |
#
# Each coded question is checked property by property (shape, padding, clipping, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *care* means: the arguments are left unchanged, the dtype is kept, and scores may be
# large, or far apart. A check that you see is *public*; run it as often as you like. When
# you hand in, the same cell also runs *hidden* checks of the same property on other inputs: other
# sizes, batches of one, float32 and float64. An answer that does what the text says passes both.
#
# **Ground rules**
#
# - The questions stand alone: an error in one costs nothing in another, and you may do them in any
#   order. (If you call one of your functions in another, you tie the two together.)
# - Use all of `torch` (as `torch`, `nn` and `F`) and NumPy (`np`). `lecturelib` is not there when
#   your notebook is graded.
# - Weights go in and come out as a plain dictionary, from the parameter's name to a tensor, so that
#   one can see what your function did to them. It never changes the tensors it is given, and it
#   works in their dtype: float32 in, float32 out; float64 in, float64 out. Tensors that come in lie
#   on the CPU and do not require gradients; weights that go out may lie anywhere.
# - Cells that read `YOUR CODE HERE` or *Write your answers here* are yours, and so are the cells
#   that begin with *Play*; you may add cells. The other cells are restored when your work is
#   graded.
# - *Think about it* is for yourself or for the classroom: it is not handed in and earns no points.
# - All checks together take less than a minute on an ordinary laptop. If there is a GPU, the
#   functions that train are told to use it by their argument `device`; grading happens on a CPU.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** Tokens are integers from 0 to V − 1 (dtype int64), V the size of the vocabulary. A
# batch of sequences is stored time first: T steps, B sequences, so tokens are (T, B) and features
# (T, B, D), with D numbers each; a recurrent layer has H hidden units. Images are (N, C, H, W),
# with H for their height, or (N, D) as rows of pixels. Counting starts at 0, and logarithms are
# natural.

# %% [markdown]
# ## Set-up
#
# Run these two cells first. They only hold what the checks need; there is no need to read them.
# Four files belong beside this notebook: `train.txt` and `held_out.txt`, from the reference of the
# Python language (PSF licence), `digits.npz`, handwritten digits collected by E. Alpaydin and C.
# Kaynak (UCI Machine Learning Repository, 1998; CC BY 4.0), and `pretrained.npz`, a network trained
# on five of them.

# %% course={"include": "../checks.py"} nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What all homeworks share stands in ../checks.py.

# %% nbgrader={"grade": false, "grade_id": "setup-torch", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch
import torch.nn.functional as F
from torch import nn

device = "cuda" if torch.cuda.is_available() else "cpu"
torch.set_num_threads(1)  # in networks as small as these, threads only wait for one another


def numbers(got, what):
    """Give a tensor's numbers as an array, wherever the tensor lies; stop if it is none."""
    assert isinstance(got, torch.Tensor), f"{what}: expected a tensor, got {kind_of(got)}"
    return got.detach().cpu().numpy()


def same_values(got, expected, what, hint="", reveal=True):
    """Stop unless a tensor of floats is as expected, but for rounding (see ``compare``)."""
    compare(numbers(got, what), numbers(expected, what), what, hint, reveal)


def same_integers(got, expected, what, hint="", reveal=True):
    """Stop unless a tensor of integers or truth values is as expected."""
    array, wanted = numbers(got, what), numbers(expected, what)
    same_shape(array, wanted.shape, what)
    assert got.dtype == expected.dtype, f"{what}: expected {expected.dtype}, got {got.dtype}"
    if (array != wanted).any():
        index = tuple(map(int, np.argwhere(array != wanted)[0]))
        right = f"expected {wanted[index]}" if reveal else "which is not right"
        where = f"first wrong value at index {index}: got {array[index]}, {right}"
        raise AssertionError(f"{what}: {where}. {hint}".rstrip())


def named(got, like, what):
    """Fetch the tensors of a dictionary by the names in ``like``; stop if one is missing."""
    assert hasattr(got, "items"), f"{what}: expected a dictionary, got {kind_of(got)}"
    present = set(got.keys())
    missing = [name for name in like if name not in present]
    assert not missing, f"{what}: no entry for {', '.join(missing)}"
    return {name: got[name] for name in like}


def same_weights(got, expected, what, hint="", reveal=True):
    """Stop unless all tensors of a dictionary are as expected."""
    for name, tensor in named(got, expected, what).items():
        same_values(tensor, expected[name], f"{what}, {name}", hint, reveal)


def normal(rng, *shape):
    """Draw a float64 tensor."""
    return torch.from_numpy(rng.standard_normal(shape))


def in_float64(values):
    """Make a float64 tensor of numbers in lists."""
    return torch.tensor(values, dtype=torch.float64)


def random_tokens(rng, vocabulary_size, *shape, low=0):
    """Draw tokens from ``low`` to ``vocabulary_size - 1``."""
    return torch.from_numpy(rng.integers(low, vocabulary_size, shape))


def copied(weights):
    """Copy all tensors of a dictionary."""
    return {name: tensor.clone() for name, tensor in weights.items()}


def single(weights):
    """Give the same weights in float32."""
    return {name: tensor.float() for name, tensor in weights.items()}


# %% [markdown]
# ## 6.1 From an RNN to a language model (7 points)
#
# *Goal.* See what has to be decided before a recurrent network is a language model.
#
# *Math.* A **recurrent network** maps a sequence of vectors to another one,
#
# $$ h_t = \tanh(W_{xh}\, x_t + W_{hh}\, h_{t-1} + b_h), \qquad y_t = W_{hy}\, h_t + b_y,
#    \qquad h_0 = 0, $$
#
# and leaves open what the vectors mean. If $y_t$ is to tag the word $x_t$ as a noun or a verb, it
# may of course look at $x_t$. A **language model** is something else: a probability distribution
# over sequences of tokens. By the chain rule, which holds for every distribution, the probability
# of the tokens $w_1, \dots, w_{T-1}$ after a first token $w_0$ that is given is
#
# $$ p(w_1, \dots, w_{T-1} \mid w_0) = \prod_{t=1}^{T-1} p(w_t \mid w_0, \dots, w_{t-1}) . $$
#
# An **RNN-LM** lets the network compute each factor. To predict $w_t$ it reads the token *before*,
# $x_t = E_{w_{t-1}}$, a row of a table $E$ of learned vectors; the state $h_t$ then knows
# $w_0, \dots, w_{t-1}$ and nothing later; and a softmax over the V tokens turns $y_t$ into
# probabilities,
#
# $$ \log p(w_t \mid w_0, \dots, w_{t-1}) = y_{t, w_t} - \log \sum_{v=0}^{V-1} e^{y_{t,v}} . $$
#
# *Task.* Return these log-probabilities for $t = 1, \dots, T-1$ and every sequence of the batch: T
# tokens make T − 1 predictions. The sequences have nothing to do with one another. You may loop
# over time, from a state of zeros in the dtype of the weights; `torch.log_softmax` stays exact
# where the logarithm of a softmax does not.
#
# *Points.* shape 1, first step 2, memory 2, stable 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q6-1-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def token_log_probs(tokens, weights):
    """Say how probable an RNN language model finds each token after those before it.

    Parameters
    ----------
    tokens : (T, B) int64
        B sequences, one a column, with T at least 2.
    weights : dict of tensors
        ``"E"`` (V, D), ``"W_xh"`` (H, D), ``"W_hh"`` (H, H), ``"b_h"`` (H,), ``"W_hy"`` (V, H) and
        ``"b_y"`` (V,), all of one dtype.

    Returns
    -------
    (T - 1, B) tensor in the dtype of the weights
        Row t - 1 holds log p(w_t given w_0 ... w_{t-1}).
    """
    ### BEGIN SOLUTION
    state = torch.zeros_like(weights["b_h"])
    rows = []
    for t in range(1, len(tokens)):
        x = weights["E"][tokens[t - 1]]
        state = torch.tanh(x @ weights["W_xh"].T + state @ weights["W_hh"].T + weights["b_h"])
        log_probs = torch.log_softmax(state @ weights["W_hy"].T + weights["b_y"], dim=1)
        rows.append(log_probs.gather(1, tokens[t][:, None]).squeeze(1))
    return torch.stack(rows)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-1-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def random_rnn(rng, vocabulary_size, features, hidden):
    """Draw the weights of a recurrent network."""
    V, D, H = vocabulary_size, features, hidden
    shapes = {"E": (V, D), "W_xh": (H, D), "W_hh": (H, H), "b_h": (H,), "W_hy": (V, H), "b_y": (V,)}
    return {name: normal(rng, *shape) for name, shape in shapes.items()}


### BEGIN HIDDEN TESTS
def reference_log_probs(tokens, weights):
    """Read one sequence at a time, with all its inputs projected at once: the other way round."""
    E, W_xh, W_hh, b_h, W_hy, b_y = (tensor.numpy() for tensor in weights.values())
    columns = []
    for sequence in tokens.numpy().T:
        inputs = b_h + E[sequence[:-1]] @ W_xh.T
        state, scores = np.zeros(len(b_h)), []
        for row in inputs:
            state = np.tanh(row + W_hh @ state)
            scores.append(b_y + W_hy @ state)
        scores = np.array(scores) - np.max(scores, axis=1, keepdims=True)
        own = scores[np.arange(len(scores)), sequence[1:]]
        columns.append(own - np.log(np.exp(scores).sum(axis=1)))
    return torch.from_numpy(np.stack(columns, axis=1))


### END HIDDEN TESTS
with public_check("6.1 shape"):
    rng = np.random.default_rng(0)
    tokens, weights = random_tokens(rng, 6, 5, 3), random_rnn(rng, 6, 2, 4)
    got = numbers(token_log_probs(tokens, weights), "5 tokens of 3 sequences")
    same_shape(got, (4, 3), "5 tokens make 4 predictions, for each of 3 sequences: (T - 1, B)")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6101)
for steps, batch in [(2, 1), (2, 4), (7, 1), (3, 3)]:
    tokens, weights = random_tokens(draw, 5, steps, batch), random_rnn(draw, 5, 3, 2)
    got = numbers(token_log_probs(tokens, weights), f"{steps} tokens, {batch=}")
    same_shape(got, (steps - 1, batch), f"{steps} tokens, {batch=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-1-first-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("6.1 first step"):
    rng = np.random.default_rng(0)
    weights = random_rnn(rng, 3, 2, 4)
    for first in range(3):
        tokens = torch.tensor([[first] * 3, [0, 1, 2]])
        probabilities = np.exp(numbers(token_log_probs(tokens, weights), f"after token {first}"))
        same_shape(probabilities, (1, 3), f"after token {first}: (T - 1, B)")
        total = probabilities.sum()
        assert abs(total - 1) < 1e-5, (
            f"after token {first}, one of the tokens 0, 1 and 2 must come: their probabilities add "
            f"up to {total:.6f}, not to 1"
        )
    weights["W_hy"], weights["b_y"] = 0 * weights["W_hy"], in_float64([0.5, 0.2, 0.3]).log()
    got = token_log_probs(torch.tensor([[0, 0, 2], [0, 1, 2]]), weights)
    hint = "Row 0 is about tokens[1]: how probable is it after tokens[0]?"
    same_values(got, weights["b_y"][None], "W_hy = 0 and b_y = log(0.5, 0.2, 0.3)", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6102)
for vocabulary_size, features, hidden, batch in [(5, 3, 4, 6), (2, 1, 1, 1), (9, 4, 2, 20)]:
    weights = random_rnn(draw, vocabulary_size, features, hidden)
    tokens = random_tokens(draw, vocabulary_size, 2, batch)
    expected = reference_log_probs(tokens, weights)
    sizes = f"V={vocabulary_size}, D={features}, H={hidden}, B={batch}"
    same_values(token_log_probs(tokens, weights), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-1-memory", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("6.1 memory"):
    rng = np.random.default_rng(1)
    weights = random_rnn(rng, 3, 2, 4)
    endings = torch.from_numpy(np.indices((3, 3, 3)).reshape(3, 27))
    tokens = torch.cat([torch.ones(1, 27, dtype=torch.int64), endings])
    log_probs = numbers(token_log_probs(tokens, weights), "all 27 ways to go on")
    same_shape(log_probs, (3, 27), "all 27 ways to go on: (T - 1, B)")
    total = np.exp(log_probs.sum(axis=0)).sum()
    assert abs(total - 1) < 1e-5, (
        f"after a first token, the probabilities of all 27 ways to go on for three steps add up to "
        f"{total:.6f}, not to 1: this is no distribution over sequences. Is each factor made from "
        "the tokens before, and only from these?"
    )
    first = torch.tensor([[0, 1, 2], [0, 0, 0], [1, 1, 1]])
    remembered = numbers(token_log_probs(first, weights), "three histories")[1]
    assert np.ptp(remembered) > 1e-6, (
        "p(w_2 given w_0, w_1) comes out the same for every w_0: the state forgets what it has read"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6103)
for vocabulary_size, features, hidden, steps, batch in [
    (5, 3, 4, 6, 3),
    (3, 2, 2, 9, 1),
    (4, 1, 5, 3, 7),
]:
    weights = random_rnn(draw, vocabulary_size, features, hidden)
    tokens = random_tokens(draw, vocabulary_size, steps, batch)
    expected = reference_log_probs(tokens, weights)
    sizes = f"V={vocabulary_size}, D={features}, H={hidden}, T={steps}, B={batch}"
    same_values(token_log_probs(tokens, weights), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-1-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.1 stable"):
    rng = np.random.default_rng(0)
    weights, tokens = random_rnn(rng, 4, 2, 3), random_tokens(rng, 4, 5, 2)
    expected = token_log_probs(tokens, weights)
    largest = numbers(expected, "log-probabilities").max()
    assert largest < 0, f"a log-probability is below 0, not {largest:.6g}"
    for shift in (1000.0, -1000.0):
        got = token_log_probs(tokens, {**weights, "b_y": weights["b_y"] + shift})
        hint = "The softmax ignores a common shift of the scores, but exp(1000) overflows."
        same_values(got, expected, f"all scores moved by {shift:g}", hint)
    far = {**weights, "W_hy": 0 * weights["W_hy"], "b_y": in_float64([0.0, -1000, -1000, -1000])}
    got = token_log_probs(torch.tensor([[0, 0], [0, 1]]), far)
    hint = "softmax rounds e⁻¹⁰⁰⁰ to 0, and the logarithm of 0 is no number."
    same_values(got, in_float64([[0.0, -1000.0]]), "scores of 0 and -1000", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6104)
weights, tokens = random_rnn(draw, 4, 3, 2), random_tokens(draw, 4, 6, 3)
expected = token_log_probs(tokens, weights)
assert numbers(expected, "log-probabilities").max() < 0
for shift in (800.0, -800.0, 1500.0):
    got = token_log_probs(tokens, {**weights, "b_y": weights["b_y"] + shift})
    same_values(got, expected, f"scores moved by {shift:g}", reveal=False)
# Token 0 is all but certain, the others are next to impossible: still finite.
far = in_float64([0.0, -2000.0, -3000.0, -1000.0])
tokens = torch.tensor([[0, 1, 2, 3], [0, 1, 2, 3]])
for head in (0 * weights["W_hy"], 1e-300 * weights["W_hy"]):
    got = token_log_probs(tokens, {**weights, "W_hy": head, "b_y": far})
    same_values(got, far[None], "scores far apart", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-1-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.1 care"):
    rng = np.random.default_rng(0)
    weights, tokens = random_rnn(rng, 4, 2, 3), random_tokens(rng, 4, 5, 2)
    double = watch(token_log_probs, tokens, weights)
    same_dtype(numbers(double, "token_log_probs"), np.float64, "token_log_probs")
    got = token_log_probs(tokens, single(weights))
    same_dtype(numbers(got, "token_log_probs"), np.float32, "token_log_probs")
    same_values(got, double, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(6105)
weights, tokens = random_rnn(draw, 7, 3, 4), random_tokens(draw, 7, 6, 1)
expected = watch(token_log_probs, tokens, weights)
same_dtype(numbers(expected, "token_log_probs"), np.float64, "token_log_probs")
got = watch(token_log_probs, tokens, single(weights))
same_dtype(numbers(got, "token_log_probs"), np.float32, "token_log_probs")
same_values(got, expected, "float32 against float64", reveal=False)
other = token_log_probs((tokens + 1) % 7, weights)
assert not torch.equal(other, expected), "other tokens, and still the same output"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Suppose the network read $w_t$ in order to predict $w_t$. It would be trained in
# minutes to a loss near zero. Which of the sums above would give it away, and why can no text be
# drawn from it?

# %% [markdown]
# ## 6.2 Perplexity (5 points)
#
# *Goal.* Put one number on how well a language model knows a text, comparable between an RNN and an
# n-gram model.
#
# *Math.* Here and in 6.3 a model reads T tokens and answers with T rows of scores (*logits*): row t
# holds a score for every token that may follow $w_t$, which is $y_{t+1}$ of 6.1. So row $t$ is to
# be held against $w_{t+1}$, and the last row, whose successor is not in the text, against nothing.
# With $p_t = \operatorname{softmax}(\text{logits}_t)$ the perplexity is
#
# $$ \exp\Bigl( -\frac{1}{n} \sum_{(t, b)} \log p_{t,b}(w_{t+1,b}) \Bigr), $$
#
# the inverse of the geometric mean of the probabilities that the tokens were given. A model that
# wavers between k equally probable tokens all the time has perplexity k.
#
# Sequences of different lengths are made equally long with a token *padding* at their ends. Padding
# is not text: the sum runs only over those $(t, b)$ whose **target** $w_{t+1,b}$ is not padding,
# and n is their number, taken over the whole batch.
#
# *Task.* Return the perplexity as a Python number (`.item()` makes one of a tensor). Do so without
# a loop over tokens: the last point is for being at least five times as fast as one. There is always
# a target that is not padding, and the dtype of the logits can hold the perplexity.
#
# *Points.* values 2, padding 1, care 1, fast 1.


# %% nbgrader={"grade": false, "grade_id": "q6-2-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perplexity(logits, tokens, padding):
    """Measure how well scores foretell the tokens of a text.

    Parameters
    ----------
    logits : (T, B, V)
        Row t has the scores of what follows ``tokens[t]``.
    tokens : (T, B) int64
        The texts, one a column, with T at least 2.
    padding : int
        The token that fills up short texts, from 0 to V - 1.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    scores, targets = logits[:-1].flatten(0, 1), tokens[1:].flatten()
    return F.cross_entropy(scores, targets, ignore_index=padding).exp().item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-2-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_perplexity(logits, tokens, padding):
    """Count the bits of one token after the other: the other way round from the model answer."""
    logits, tokens = logits.double().numpy(), tokens.numpy()
    bits = []
    for b in range(tokens.shape[1]):
        for t in range(1, len(tokens)):
            scores = logits[t - 1, b] - logits[t - 1, b].max()
            if tokens[t, b] != padding:
                bits.append(np.log2(np.exp(scores).sum()) - scores[tokens[t, b]] / np.log(2))
    return float(2 ** np.mean(bits))


### END HIDDEN TESTS
with public_check("6.2 values"):
    rng = np.random.default_rng(0)
    tokens = random_tokens(rng, 7, 6, 4, low=1)
    got = perplexity(torch.zeros(6, 4, 7).double(), tokens, 0)
    same_number(got, 7.0, "a model that knows nothing wavers between all V = 7 tokens")

    knowing = torch.zeros(6, 4, 7).double()
    knowing[:-1] = 100.0 * F.one_hot(tokens[1:], 7)
    hint = "Row t of the logits is about tokens[t + 1]. The last row is about nothing."
    same_number(perplexity(knowing, tokens, 0), 1.0, "a model that always knows what follows", hint)

    logits = in_float64([0.25, 0.5, 0.125, 0.125]).log().expand(3, 1, 4)
    got = perplexity(logits, torch.tensor([[3], [1], [2]]), 0)
    hint = "The geometric mean of 1/2 and 1/8 is 1/4, and its inverse is 4."
    same_number(got, 4.0, "two tokens, of probability 1/2 and 1/8", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6201)
for steps, batch, vocabulary_size in [(2, 1, 2), (5, 3, 4), (9, 2, 12), (3, 8, 5)]:
    logits = normal(draw, steps, batch, vocabulary_size) * 2
    tokens = random_tokens(draw, vocabulary_size, steps, batch, low=1)
    expected = reference_perplexity(logits, tokens, 0)
    sizes = f"T={steps}, B={batch}, V={vocabulary_size}"
    same_number(perplexity(logits, tokens, 0), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-2-padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.2 padding"):
    rng = np.random.default_rng(0)
    logits, tokens = normal(rng, 6, 3, 5), random_tokens(rng, 5, 6, 3, low=1)
    expected = perplexity(logits, tokens, 0)
    same_number(expected, expected, "a perplexity")
    assert expected > 1, f"the perplexity of a model that is unsure exceeds 1, not {expected:g}"
    longer = torch.cat([tokens, torch.zeros(4, 3, dtype=torch.int64)])
    got = perplexity(torch.cat([logits, normal(rng, 4, 3, 5)]), longer, 0)
    same_number(got, expected, "four rows of padding added at the end change nothing")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6202)
for padding, lengths in [(0, [6, 3, 2]), (4, [2, 6, 5, 4]), (2, [3, 6])]:
    logits, tokens = normal(draw, 6, len(lengths), 5), random_tokens(draw, 4, 6, len(lengths))
    tokens = torch.where(tokens >= padding, tokens + 1, tokens)
    logs, counts = [], [length - 1 for length in lengths]
    for b, length in enumerate(lengths):
        tokens[length:, b] = padding
        # The student's own perplexity of each text by itself, without any padding.
        alone = perplexity(logits[:length, [b]], tokens[:length, [b]], padding)
        same_number(alone, max(alone, 1.001), "one text", reveal=False)
        logs.append(np.log(alone))
    expected = float(np.exp(np.average(logs, weights=counts)))
    got = perplexity(logits, tokens, padding)
    same_number(got, expected, f"texts of lengths {lengths}, {padding=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-2-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.2 care"):
    rng = np.random.default_rng(0)
    logits, tokens = normal(rng, 900, 2, 50), random_tokens(rng, 50, 900, 2, low=1)
    expected = watch(perplexity, logits, tokens, 0)
    assert 1 < expected < 1000, f"the perplexity of a long text is a number like 80, not {expected}"
    same_number(perplexity(logits + 1000, tokens, 0), expected, "all scores moved by 1000")
    got = perplexity(logits.float(), tokens, 0)
    same_number(got, expected, "float32 gives what your float64 gives", tolerance=1e-4)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6203)
logits, tokens = normal(draw, 1500, 1, 20), random_tokens(draw, 20, 1500, 1, low=1)
expected = watch(perplexity, logits, tokens, 0)
assert 1 < expected < 1000, "the perplexity of a long text"
other = perplexity(logits, tokens % 19 + 1, 0)
assert abs(other - expected) > 1e-6, "another text, and still the same perplexity"
for shift in (1e5, -1e5):
    got = perplexity(logits + shift, tokens, 0)
    same_number(got, expected, f"scores moved by {shift:g}", reveal=False)
got = watch(perplexity, logits.float(), tokens, 0)
assert abs(got - expected) <= 1e-4 * expected, "float32 against float64"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q6-2-fast", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def perplexity_by_loops(logits, tokens, padding):
    """Take one token at a time; right, and slow."""
    total, count = 0.0, 0
    for t in range(len(tokens) - 1):
        for b in range(tokens.shape[1]):
            if tokens[t + 1, b] != padding:
                total -= logits[t, b].log_softmax(0)[tokens[t + 1, b]].item()
                count += 1
    return float(np.exp(total / count))


with public_check("6.2 fast"):
    rng = np.random.default_rng(0)

    def draw_batch():
        return normal(rng, 50, 50, 6), random_tokens(rng, 6, 50, 50, low=1), 0

    batch = draw_batch()
    expected = perplexity_by_loops(*batch)
    same_number(perplexity(*batch), expected, "the same number as the loop's")
    times = times_faster(perplexity, perplexity_by_loops, draw_batch, enough=5)
    assert times >= 5, f"{times:.1f} times as fast as a loop over tokens; at least 5 are asked for"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6204)


def draw_batch():
    """Draw logits, and tokens of which none is padding."""
    return normal(draw, 40, 60, 6), random_tokens(draw, 5, 40, 60), 5


for batch in (draw_batch(), draw_batch()):
    expected = reference_perplexity(*batch)
    same_number(perplexity(*batch), expected, "a large batch", reveal=False)
times = times_faster(perplexity, perplexity_by_loops, draw_batch, enough=5)
assert times >= 5, f"{times:.1f} times as fast as a loop over tokens; at least 5 are asked for"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* One model reads a text letter by letter, another one word by word. Why may you
# not compare their perplexities, and which number made of the same sums could you compare?

# %% [markdown]
# ## 6.3 A language model that learns (7 points)
#
# *Goal.* Write the training loop, with nothing forgotten, and beat an n-gram model.
#
# An n-gram model predicts a token from the n − 1 before it, by counting (homework 4); a bigram
# model, from one. The next cell holds a small language model on letters. Its network is a GRU, a
# recurrent cell whose gates let it remember for longer; for tokens (T, B) it gives the logits (T,
# B, V) of what follows each of them. The text is a part of the reference of the Python language, in
# lower-case letters, full stop, comma and space: 29 tokens.


# %% nbgrader={"grade": false, "grade_id": "q6-3-model", "locked": true, "schema_version": 3, "solution": false, "task": false}
class LanguageModel(nn.Module):
    """Predicts each token from those before it."""

    def __init__(self, vocabulary_size, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.rnn = nn.GRU(embedding_size, hidden_size)
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, tokens):
        """Give, for tokens (T, B), the logits (T, B, V) of what follows each of them."""
        states, _ = self.rnn(self.embedding(tokens))
        return self.head(states)


def load_language_model(weights):
    """Make a model of its own memory that starts from these weights, in their dtype."""
    table = weights["embedding.weight"]
    hidden_size = weights["head.weight"].shape[1]
    model = LanguageModel(*table.shape, hidden_size).to(table.dtype)
    model.load_state_dict(weights)
    return model


def initial_weights(module):
    """Give the weights of a fresh module by name."""
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def random_weights(rng, module):
    """Draw float64 weights for a module, large enough to make a difference."""
    return {name: normal(rng, *w.shape) * 0.5 for name, w in module.state_dict().items()}


def read_text(name):
    """Read a text as tokens: the place of each of its letters in the alphabet."""
    with open(name, encoding="ascii") as file:
        return torch.tensor([ALPHABET.index(letter) for letter in file.read()])


def cut_batches(text, rng, number, steps, batch):
    """Cut pieces of a text at random places: a list of tokens (steps, batch)."""
    starts = rng.integers(0, len(text) - steps, (number, batch))
    places = starts[:, None, :] + np.arange(steps)[:, None]
    return [text[piece] for piece in torch.from_numpy(places)]


def ngram_perplexity(train, held_out, vocabulary_size, n, k=0.1):
    """Count runs of n letters, add k to each count, and measure the perplexity on another text."""

    def runs(text):
        """Number the runs of n letters, those that differ in the last one side by side."""
        return np.ravel_multi_index(text.unfold(0, n, 1).T.numpy(), (vocabulary_size,) * n)

    counts = np.bincount(runs(train), minlength=vocabulary_size**n) + k
    counts = counts.reshape(-1, vocabulary_size)
    log_probs = np.log(counts / counts.sum(axis=1, keepdims=True)).ravel()[runs(held_out)]
    return float(np.exp(-log_probs.mean()))


def model_perplexity(weights, held_out):
    """Measure a model's perplexity, with the text cut into 80 pieces of equal length."""
    pieces = held_out[: len(held_out) // 80 * 80].view(80, -1).T
    with torch.no_grad():
        logits = load_language_model(weights)(pieces)
    return F.cross_entropy(logits[:-1].flatten(0, 1), pieces[1:].flatten()).exp().item()


ALPHABET = " ,.abcdefghijklmnopqrstuvwxyz"
train_text, held_out_text = read_text("train.txt"), read_text("held_out.txt")

# %% [markdown]
# *Math.* The loss of a batch is the mean of $-\log p(w_{t+1,b} \mid w_{0,b}, \dots, w_{t,b})$ over
# all $T - 1$ predictions of all $B$ sequences (no padding here). One step of training is, in this
# order:
#
# 1. compute the loss of the next batch, and note it;
# 2. compute its gradient, and not the sum of the gradients of all batches so far;
# 3. **clip** it: if the norm of the whole gradient (all parameters as one long vector) exceeds
#    `max_norm`, scale it down to that norm, as `nn.utils.clip_grad_norm_` does. A recurrent network
#    sometimes has an enormous gradient, and a single such step can undo all others;
# 4. take a step of Adam, whose running means go on from step to step.
#
# *Task.* Train the model that `load_language_model(weights)` makes: one step of
# `torch.optim.Adam` (learning rate `lr`, all else as it is by default) per batch, in the order
# given; there is at least one. Model and batches go to `device`. Return the trained weights and the
# list of the noted losses, as Python numbers.
#
# *Points.* one step 2, many steps 2, clipping 1, learns 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q6-3-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_language_model(weights, batches, lr, max_norm, device):
    """Train a language model by Adam, with its gradients clipped.

    Parameters
    ----------
    weights : dict of tensors
        Where to start; not to be changed.
    batches : list of (T, B) int64 tensors
        One for each step; T and B may differ from one to the next.
    lr, max_norm : float
        Learning rate, and the largest norm of a gradient.
    device : str
        "cpu" or "cuda".

    Returns
    -------
    weights : dict of tensors
        After the last step, as ``dict(model.state_dict())`` gives them.
    losses : list of float
        The loss of each batch, before the step that was made for it.
    """
    ### BEGIN SOLUTION
    model = load_language_model(weights).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for batch in batches:
        tokens = batch.to(device)
        loss = F.cross_entropy(model(tokens)[:-1].flatten(0, 1), tokens[1:].flatten())
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
    return dict(model.state_dict()), losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-3-one-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_training(weights, batches, lr, max_norm):
    """Adam and clipping by their formulas, and the loss by a mask of ones and zeros."""
    weights = {name: tensor.clone() for name, tensor in weights.items()}
    means = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
    squares = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
    model, losses = load_language_model(weights), []
    for step, tokens in enumerate(batches, start=1):
        leaves = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
        log_probs = torch.func.functional_call(model, leaves, (tokens,)).log_softmax(dim=2)
        targets = F.one_hot(tokens[1:], log_probs.shape[2])
        loss = -(log_probs[:-1] * targets).sum() / targets.sum()
        losses.append(loss.item())
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        norm = sum(float((gradient**2).sum()) for gradient in gradients) ** 0.5
        for name, gradient in zip(leaves, gradients, strict=True):
            clipped = gradient * min(1.0, max_norm / norm)
            means[name] = 0.9 * means[name] + 0.1 * clipped
            squares[name] = 0.999 * squares[name] + 0.001 * clipped**2
            mean, square = means[name] / (1 - 0.9**step), squares[name] / (1 - 0.999**step)
            weights[name] = weights[name] - lr * mean / (square.sqrt() + 1e-8)
    return weights, losses


### END HIDDEN TESTS
with public_check("6.3 one step"):
    zero = {
        n: torch.zeros(w.shape).double() for n, w in LanguageModel(4, 3, 5).state_dict().items()
    }
    tokens = torch.tensor([[3, 2], [0, 0], [1, 0]])
    got = train_language_model(zero, [tokens], 0.01, 1e6, device)
    trained, losses = several(got, "weights", "losses")
    assert len(losses) == 1, f"one batch, so one loss; got {len(losses)}"
    what = "all weights 0, so every token has probability 1/4"
    same_number(losses[0], float(np.log(4)), what, tolerance=1e-6)
    # Three of the four targets are token 0, one is token 1; tokens 2 and 3 are read, never foretold.
    wanted = {"embedding.weight": zero["embedding.weight"]}
    same_weights(trained, wanted, "the first step cannot reach behind a head of zeros")
    bias = numbers(named(trained, ["head.bias"], "trained weights")["head.bias"], "head.bias")
    same_shape(bias, (4,), "head.bias")
    steps = np.round(bias / 0.01, 3)
    assert steps[0] == 1, (
        f"token 0 makes three quarters of the targets: its bias should rise by lr, not {steps[0]} lr"
    )
    assert (steps[2:] == -1).all(), (
        "tokens 2 and 3 are never a target (a target is the token that comes next): their biases "
        f"should fall by lr, but moved by {steps[2]} and {steps[3]} lr"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6301)
for vocabulary_size, features, hidden, steps, batch in [(5, 3, 4, 6, 3), (3, 1, 2, 2, 1)]:
    weights = random_weights(draw, LanguageModel(vocabulary_size, features, hidden))
    tokens = random_tokens(draw, vocabulary_size, steps, batch)
    expected, (loss,) = reference_training(weights, [tokens], 0.05, 1e6)
    trained, losses = several(
        train_language_model(copied(weights), [tokens], 0.05, 1e6, device), "weights", "losses"
    )
    same_weights(trained, expected, f"one step, T={steps}, B={batch}", reveal=False)
    assert len(losses) == 1, "one batch, so one loss"
    same_number(losses[0], loss, f"T={steps}, B={batch}", reveal=False, tolerance=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-3-many-steps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("6.3 many steps"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, LanguageModel(5, 3, 4))
    first, second = random_tokens(rng, 5, 6, 3), random_tokens(rng, 5, 4, 2)
    halfway, _ = train_language_model(copied(weights), [first], 0.05, 1e6, device)
    halfway = {n: w.cpu() for n, w in named(halfway, weights, "trained weights").items()}
    _, alone = train_language_model(copied(halfway), [second], 0.05, 1e6, device)
    trained, losses = train_language_model(copied(weights), [first, second], 0.05, 1e6, device)
    assert len(losses) == 2, f"two batches, so two losses; got {len(losses)}"
    hint = "Note the loss before the step, and start each batch where the last one ended."
    same_number(
        losses[1], alone[0], "the loss of batch 1 after one step on batch 0", hint, tolerance=1e-5
    )
    trained = named(trained, weights, "trained weights")
    for name, tensor in trained.items():
        moved = np.abs(numbers(tensor, name) - numbers(halfway[name], name)).max()
        assert moved > 1e-6, f"{name}: the second batch did not change it"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6302)
for vocabulary_size, features, hidden, sizes in [
    (5, 3, 4, [(6, 3), (4, 2), (5, 5), (2, 1)]),
    (4, 2, 3, [(3, 2)] * 3),
]:
    weights = random_weights(draw, LanguageModel(vocabulary_size, features, hidden))
    batches = [random_tokens(draw, vocabulary_size, *size) for size in sizes]
    expected, wanted = reference_training(weights, batches, 0.03, 1e6)
    trained, losses = train_language_model(copied(weights), batches, 0.03, 1e6, device)
    same_weights(trained, expected, f"{len(sizes)} steps", reveal=False)
    assert len(losses) == len(wanted), "one loss per batch"
    for step, (got, loss) in enumerate(zip(losses, wanted, strict=True)):
        same_number(got, loss, f"the loss of batch {step}", reveal=False, tolerance=1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-3-clipping", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.3 clipping"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, LanguageModel(5, 3, 4))
    batches = [random_tokens(rng, 5, 6, 3) for _ in range(3)]
    trained, _ = train_language_model(copied(weights), batches, 0.1, 1e-12, device)
    for name, tensor in named(trained, weights, "trained weights").items():
        moved = np.abs(numbers(tensor, name) - numbers(weights[name], name)).max()
        assert moved < 1e-3, (
            f"{name}: with max_norm = 1e-12 the gradient vanishes beside Adam's epsilon, so next to "
            f"nothing should move, but something moved by {moved:.3g}"
        )
        assert moved > 0, f"{name}: clipping makes a gradient short, but never zero"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6303)
for max_norm in (0.3, 0.8):
    weights = random_weights(draw, LanguageModel(6, 3, 4))
    batches = [random_tokens(draw, 6, steps, 2) for steps in (3, 9, 2, 5)]
    expected, _ = reference_training(weights, batches, 0.05, max_norm)
    trained, _ = train_language_model(copied(weights), batches, 0.05, max_norm, device)
    for name, tensor in named(trained, weights, "trained weights").items():
        same_shape(numbers(tensor, name), tuple(weights[name].shape), name)
        # Formulas for clipping differ in whether they add 1e-6 to the norm.
        error = np.abs(numbers(tensor, name) - numbers(expected[name], name)).max()
        assert error < 1e-6, f"{max_norm=}: {name} is off by {error:.2g}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-3-learns", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.3 learns"):
    torch.manual_seed(0)
    weights = initial_weights(LanguageModel(len(ALPHABET), 16, 48))
    batches = cut_batches(train_text, np.random.default_rng(0), 50, 20, 32)
    trained, losses = train_language_model(weights, batches, 0.03, 1.0, device)
    trained = {name: w.cpu() for name, w in named(trained, weights, "trained weights").items()}
    baseline = ngram_perplexity(train_text, held_out_text, len(ALPHABET), 2)
    mine = model_perplexity(trained, held_out_text)
    print(f"perplexity on a text never seen: bigram model {baseline:.2f}, your RNN-LM {mine:.2f}")
    assert mine < 0.95 * baseline, (
        f"after 50 batches the perplexity on a new text should be below the {baseline:.2f} of a "
        f"bigram model, but is {mine:.2f}: are old gradients cleared before each step?"
    )
### BEGIN HIDDEN TESTS
assert abs(losses[0] - np.log(len(ALPHABET))) < 0.3, "an untrained model knows next to nothing"
assert np.mean(losses[-10:]) < 0.75 * losses[0], "the loss should fall"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-3-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.3 care"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, LanguageModel(5, 3, 4))
    batches = [random_tokens(rng, 5, 6, 3) for _ in range(2)]
    got = watch(train_language_model, weights, batches, 0.05, 1e6, device)
    double, losses = several(got, "weights", "losses")
    for loss in losses:
        same_number(loss, loss, "a loss")
        assert loss > 0, f"a mean of -log p is above 0, not {loss}"
    got, _ = train_language_model(single(weights), batches, 0.05, 1e6, device)
    for name, tensor in named(got, weights, "trained weights").items():
        same_dtype(numbers(tensor, name), np.float32, name)
    for name, tensor in named(double, weights, "trained weights").items():
        same_dtype(numbers(tensor, name), np.float64, name)
        moved = np.abs(numbers(tensor, name) - numbers(weights[name], name)).max()
        assert moved > 1e-6, f"{name} is as it was: train a copy, and return that"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6304)
weights = random_weights(draw, LanguageModel(4, 2, 3))
batches = [random_tokens(draw, 4, 4, 1) for _ in range(3)]
double, _ = watch(train_language_model, weights, batches, 0.02, 1e6, device)
double = named(double, weights, "trained weights")
got, losses = watch(train_language_model, single(weights), batches, 0.02, 1e6, device)
assert all(type(loss) is float for loss in losses), "losses are Python numbers"
for name, tensor in named(got, weights, "trained weights").items():
    same_dtype(numbers(tensor, name), np.float32, name)
    same_dtype(numbers(double[name], name), np.float64, name)
    error = np.abs(numbers(tensor, name) - numbers(double[name], name)).max()
    assert error < 0.01, f"{name}: float32 and float64 should differ by rounding only"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* A bigram model of 29 tokens has 29 · 28 free numbers. How many has the network
# that you trained? Why does it do better all the same, and what would the bigram's table have to
# grow to if it were to look at ten letters?

# %% [markdown]
# ## 6.4 Sampling with temperature and top-k (5 points)
#
# *Goal.* Draw the next token, and decide how daring the text is that a model writes.
#
# *Math.* To write, one draws a token from the distribution of the next one, appends it, and asks
# again. Two knobs change that distribution. The **temperature** $\tau \ge 0$ divides the logits
# $y$:
#
# $$ q_v = \frac{e^{y_v / \tau}}{\sum_u e^{y_u / \tau}} . $$
#
# At $\tau = 1$ this is the model's own distribution; above, it gets flatter; below, what is
# probable becomes more probable, until in the limit $\tau \to 0$ only the largest logit is left. If
# several are largest, they share the probability equally; that is what `temperature=0` shall mean.
# **Top-k** then keeps the k tokens with the largest logits, gives probability 0 to all others, and
# scales what is left so that it sums to 1. Tokens whose logit equals the k-th largest are all kept,
# so that there may be more than k; if $k \ge V$, nothing is left out.
#
# A **weighted die** with these sides is rolled by one number $r$ between 0 and 1 (1 excluded): lay
# the probabilities side by side on the line from 0 to 1, in the order of the tokens, and take the
# token on whose piece $r$ lies. A piece includes its left end and excludes its right one, so the
# token drawn is the smallest $v$ with $r < q_0 + \dots + q_v$. Rounding may leave the sum of all a
# little below 1; the piece of the last token that is not left out ends at 1 nevertheless.
#
# *Task.* Return the distribution for each row of logits, and the token that each row's number
# draws. Mind very small temperatures: $y / \tau$ overflows where the difference to the largest
# logit, divided by $\tau$, need not. (A temperature above 0 is one that the dtype of the logits can
# hold.)
#
# *Points.* temperature 1, top-k 1, limit 1, drawing 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q6-4-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_next(logits, temperature, k, rolls):
    """Turn logits into the distribution of the next token, and draw from it.

    Parameters
    ----------
    logits : (B, V)
        Scores of the next token, one row for each of B texts.
    temperature : float
        From 0 (only the best) over 1 (the model's own distribution) upwards.
    k : int
        How many tokens to keep, at least 1.
    rolls : (B,) float64
        For each text the number, from 0 to below 1, that decides its token.

    Returns
    -------
    probs : (B, V) tensor in the dtype of the logits
        Probabilities; every row sums to 1.
    tokens : (B,) int64 tensor
    """
    ### BEGIN SOLUTION
    below_best = logits - logits.max(dim=1, keepdim=True).values
    kth = below_best.topk(min(k, logits.shape[1]), dim=1).values[:, -1:]
    if temperature == 0:
        scaled = below_best.masked_fill(below_best < 0, -torch.inf)
    else:
        scaled = below_best / temperature
    probs = torch.softmax(scaled.masked_fill(below_best < kth, -torch.inf), dim=1)
    ends = probs.cumsum(dim=1)
    ends = ends.masked_fill(ends == ends[:, -1:], 1)
    return probs, (rolls[:, None] >= ends).sum(dim=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-4-temperature", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def probs_of(logits, temperature, k):
    """Give the distribution that sample_next makes."""
    halves = torch.full((len(logits),), 0.5, dtype=torch.float64)
    return several(sample_next(logits, temperature, k, halves), "probs", "tokens")[0]


### BEGIN HIDDEN TESTS
def reference_probs(logits, temperature):
    """Raise the probabilities to a power, row by row: the other way round."""
    rows = []
    for row in logits.double().numpy():
        p = np.exp(row - row.max()) ** (1 / temperature)
        rows.append(p / p.sum())
    return torch.from_numpy(np.stack(rows))


### END HIDDEN TESTS
with public_check("6.4 temperature"):
    p = in_float64([[0.5, 0.25, 0.125, 0.125]])
    got = probs_of(p.log(), 1.0, 4)
    same_values(got, p, "temperature 1 gives the model's own probabilities")
    got = probs_of(p.log(), 0.5, 4)
    expected = in_float64([[16.0, 4.0, 1.0, 1.0]]) / 22
    same_values(got, expected, "at temperature 1/2 each probability is squared, then scaled")
    got = probs_of(p.log(), 1e9, 4)
    same_values(torch.round(got, decimals=6), p * 0 + 0.25, "at 1e9 all are as good as equal")

    rng = np.random.default_rng(0)
    logits = normal(rng, 3, 5)
    alone = torch.cat([probs_of(logits[[i]], 0.7, 5) for i in range(3)])
    same_values(probs_of(logits, 0.7, 5), alone, "each row is treated by itself")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6401)
for batch, vocabulary_size in [(1, 2), (4, 4), (3, 9)]:
    for temperature in (1.0, 0.3, 2.5):
        logits = normal(draw, batch, vocabulary_size) * 2
        expected = reference_probs(logits, temperature)
        got = probs_of(logits, temperature, vocabulary_size)
        same_values(got, expected, f"{batch=}, V={vocabulary_size}, {temperature=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-4-top-k", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.4 top-k"):
    p = in_float64([[0.1, 0.6, 0.3], [0.25, 0.25, 0.5]])
    got = numbers(probs_of(p.log(), 1.0, 2), "k = 2")
    same_shape(got, (2, 3), "k = 2")
    assert got[0, 0] == 0, f"of 0.1, 0.6 and 0.3 the first is not among the best 2: {got[0, 0]:.6g}"
    assert np.isclose(got[0, 1:], [2 / 3, 1 / 3]).all(), (
        f"0.6 and 0.3 are left, and should be scaled to 2/3 and 1/3, not {got[0, 1:]}"
    )
    hint = "The second largest occurs twice: both are kept."
    same_values(torch.from_numpy(got[1:]), p[1:], "0.25, 0.25 and 0.5", hint)
    for k in (3, 4, 100):
        same_values(probs_of(p.log(), 1.0, k), p, f"{k=} of 3 tokens leaves out nothing")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6402)
for batch, vocabulary_size, k, temperature in [
    (3, 6, 1, 1.0),
    (2, 6, 2, 1.0),
    (4, 5, 4, 1.0),
    (2, 7, 3, 0.5),
    (1, 3, 3, 2.0),
    (2, 4, 9, 3.0),
]:
    # A few values, so that some are equal.
    logits = torch.from_numpy(draw.integers(-2, 3, (batch, vocabulary_size))).double()
    # Held against the student's own distribution of all tokens: cut, and scaled.
    whole = numbers(probs_of(logits, temperature, vocabulary_size), "all tokens")
    least = np.sort(logits.numpy(), axis=1)[:, ::-1][:, [min(k, vocabulary_size) - 1]]
    expected = np.where(logits.numpy() >= least, whole, 0)
    expected = torch.from_numpy(expected / expected.sum(axis=1, keepdims=True))
    got = probs_of(logits, temperature, k)
    same_values(got, expected, f"{batch=}, V={vocabulary_size}, {k=}", reveal=False)
    assert (numbers(got, "top-k") > 0).sum() == (expected.numpy() > 0).sum()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-4-limit", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.4 limit"):
    logits = in_float64([[1.0, 3.0, 2.0], [5.0, 5.0, -1.0]])
    expected = in_float64([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])
    hint = "Only the largest is left; if there are two, each gets one half."
    same_values(probs_of(logits, 0, 3), expected, "temperature 0", hint)
    hint = "Subtract the largest logit before you divide by the temperature."
    same_values(probs_of(logits, 1e-310, 3), expected, "temperature 1e-310", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6403)
for batch, vocabulary_size, k in [(4, 5, 5), (3, 4, 1), (1, 6, 3)]:
    logits = torch.from_numpy(draw.integers(0, 4, (batch, vocabulary_size))).double() - 7
    best = (logits == logits.max(dim=1, keepdim=True).values).double()
    expected = best / best.sum(dim=1, keepdim=True)
    for temperature in (0, 0.0, 1e-310, 1e-30):
        got = probs_of(logits, temperature, k)
        same_values(got, expected, f"{temperature=}, {k=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-4-drawing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.4 drawing"):
    # A thousand rolls, evenly spread, of the same die.
    p = in_float64([[0.25, 0.125, 0.5, 0.125]])
    rolls = (torch.arange(1000).double() + 0.5) / 1000
    got = sample_next(p.log().repeat(1000, 1), 1.0, 4, rolls)
    tokens = numbers(several(got, "probs", "tokens")[1], "tokens")
    same_shape(tokens, (1000,), "one token for each of 1000 texts")
    assert tokens.dtype == np.int64, f"tokens are of dtype int64, not {tokens.dtype}"
    counts = [int((tokens == token).sum()) for token in range(4)]
    assert counts == [250, 125, 500, 125], (
        "1000 evenly spread rolls with probabilities 1/4, 1/8, 1/2 and 1/8 should draw the tokens "
        f"250, 125, 500 and 125 times, not {counts} times"
    )
    assert (np.diff(tokens) >= 0).all(), "a larger roll never draws a token with a smaller index"
    own, tokens = sample_next(p.log().repeat(1000, 1), 1.0, 2, rolls)
    chances = numbers(own, "probabilities")[np.arange(1000), numbers(tokens, "tokens")]
    assert (chances > 0).all(), "k = 2: a token was drawn that has probability 0 in what you return"
    rng, highest = np.random.default_rng(0), torch.full((200,), 1 - 2**-53, dtype=torch.float64)
    for dtype in (torch.float32, torch.float64):
        own, tokens = sample_next(normal(rng, 200, 7).to(dtype), 1.0, 4, highest)
        last = [int(np.flatnonzero(row)[-1]) for row in numbers(own, "probabilities")]
        what = f"rolls of just below 1, in {dtype}: the last token of a probability above 0"
        same_integers(tokens, torch.tensor(last), what)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6404)
for batch, vocabulary_size, temperature, k in [
    (40, 5, 1.0, 5),
    (40, 6, 0.5, 3),
    (1, 4, 2.0, 4),
    (9, 3, 0.1, 3),
]:
    logits = normal(draw, batch, vocabulary_size)
    rolls = torch.from_numpy(draw.random(batch))
    own, tokens = sample_next(logits, temperature, k, rolls)
    # Held against the student's own distribution: right or wrong, it is to be drawn from.
    own = numbers(own, "probabilities")
    same_shape(own, (batch, vocabulary_size), "probabilities")
    pairs = zip(own, rolls.tolist(), strict=True)
    expected = [
        next(v for v, end in enumerate(np.cumsum(row)) if roll < end) for row, roll in pairs
    ]
    same_integers(tokens, torch.tensor(expected), f"{batch=}, {temperature=}, {k=}", reveal=False)
# Rolls on the very border of two pieces, and the first token out of the game.
logits = in_float64([[0.0, 0.0], [0.0, 0.0]])
_, tokens = sample_next(logits, 1.0, 2, in_float64([0.5, 0.0]))
same_integers(tokens, torch.tensor([1, 0]), "rolls on a border", reveal=False)
_, tokens = sample_next(in_float64([[-1.0, 5.0]]), 1.0, 1, in_float64([0.0]))
assert tokens.tolist() == [1], "a roll of 0 draws the first token that has a probability above 0"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-4-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.4 care"):
    rng = np.random.default_rng(0)
    logits, rolls = normal(rng, 3, 6), torch.from_numpy(rng.random(3))
    expected, tokens = several(watch(sample_next, logits, 0.8, 4, rolls), "probs", "tokens")
    assert numbers(expected, "probabilities").max() > 0.1, "one of 6 tokens has at least 1/6"
    assert tokens.dtype == torch.int64, f"tokens are of dtype int64, not {tokens.dtype}"
    got, _ = sample_next(logits.float(), 0.8, 4, rolls)
    same_dtype(numbers(got, "probabilities"), np.float32, "probabilities")
    same_values(got, expected, "float32 gives what your float64 gives")
    same_values(probs_of(logits + 1000, 0.8, 4), expected, "logits moved by 1000")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6405)
logits, rolls = normal(draw, 1, 7), torch.from_numpy(draw.random(1))
for temperature, k in [(0.8, 3), (1.5, 7), (1.0, 1)]:
    expected, _ = watch(sample_next, logits, temperature, k, rolls)
    assert numbers(expected, "probabilities").max() > 0.1
    same_dtype(numbers(expected, "probabilities"), np.float64, "probabilities")
    got, tokens = watch(sample_next, logits.float(), temperature, k, rolls)
    assert tokens.dtype == torch.int64, f"tokens are of dtype int64, not {tokens.dtype}"
    same_dtype(numbers(got, "probabilities"), np.float32, "probabilities")
    same_values(got, expected, "float32 against float64", reveal=False)
    got = probs_of(logits - 1e4, temperature, k)
    same_values(got, expected, "logits moved by -10000", reveal=False)
    other = probs_of(logits.flip(1), temperature, k)
    assert not torch.equal(other, expected), "other logits, and still the same distribution"
### END HIDDEN TESTS

# %% [markdown]
# *Play.* Set `number` to 300 and run the next cell: your language model is trained (some ten
# seconds), held against n-gram models, and writes at three temperatures beside a bigram model. With
# thousands of batches and a wider network it writes better still; a GPU helps. Set it back to 0
# before you hand in.

# %%
number = 0  # Play: how many batches to train on
if number:
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    weights = initial_weights(LanguageModel(len(ALPHABET), 16, 96))
    batches = cut_batches(train_text, rng, number, 40, 32)
    weights, losses = train_language_model(weights, batches, 0.01, 1.0, device)
    model = load_language_model({name: tensor.cpu() for name, tensor in weights.items()})
    pairs = torch.stack([train_text[:-1], train_text[1:]])

    def rnn_logits(text):
        """Read all of the text, and say what may follow."""
        return model(torch.tensor(text)[:, None])[-1]

    def bigram_logits(text):
        """Look up what followed the last letter in the training text."""
        followers = pairs[1, pairs[0] == text[-1]]
        return torch.bincount(followers, minlength=len(ALPHABET)).double().log()[None]

    for n in (1, 2, 3):
        other = ngram_perplexity(train_text, held_out_text, len(ALPHABET), n)
        print(f"perplexity of the {n}-gram model on a text never seen: {other:.2f}")
    print(f"perplexity of your RNN-LM: {model_perplexity(model.state_dict(), held_out_text):.2f}")
    for name, logits_of in [("bigram", bigram_logits), ("RNN-LM", rnn_logits)]:
        for temperature in (0.3, 0.7, 1.0):
            text = [ALPHABET.index(letter) for letter in "the "]
            for _ in range(150):
                with torch.no_grad():
                    _, drawn = sample_next(logits_of(text), temperature, 20, torch.rand(1).double())
                text.append(drawn.item())
            print(f"{name}, temperature {temperature}:", "".join(ALPHABET[i] for i in text), "\n")

# %% [markdown]
# *Think about it.* At temperature 0.3 the text runs in circles; at 1.5, which you may try, it falls
# apart. Top-k with $k = 5$ forbids rare letters outright: which kind of mistake does it prevent
# that a low temperature only makes rarer?

# %% [markdown]
# ## 6.5 An encoder–decoder, held by the hand (6 points)
#
# *Goal.* Train a network that turns one sequence into another of a different length.
#
# A recurrent cell has four uses. As an *encoder* it reads a sequence and leaves its last state; as
# a *generator* it writes one, starting from some state, as a language model does; as a *transducer*
# it gives an answer to each input, as a tagger does; and an encoder whose last state a generator
# starts from is a *conditional generator*, or **encoder–decoder**: the encoder reads the source,
# and the decoder is a language model of the target, given that source. Both stand in the next cell.


# %% nbgrader={"grade": false, "grade_id": "q6-5-model", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Translator(nn.Module):
    """An encoder and a decoder that share one table of token vectors."""

    def __init__(self, vocabulary_size, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.encoder = nn.GRU(embedding_size, hidden_size)
        self.decoder = nn.GRU(embedding_size, hidden_size)
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def encode(self, source):
        """Read tokens (S, B); return the last state (1, B, H)."""
        return self.encoder(self.embedding(source))[1]

    def decode(self, tokens, state):
        """Read tokens (T, B) from a state (1, B, H) on.

        Return the logits (T, B, V) of what follows each of them, and the state after the last.
        """
        states, last = self.decoder(self.embedding(tokens), state)
        return self.head(states), last


def load_translator(weights):
    """Make a translator of its own memory that starts from these weights, in their dtype."""
    table = weights["embedding.weight"]
    hidden_size = weights["head.weight"].shape[1]
    translator = Translator(*table.shape, hidden_size).to(table.dtype)
    translator.load_state_dict(weights)
    return translator


# %% [markdown]
# *Math* (Chapter 16, *An encoder–decoder: dates for machines*).
# A target is a column of tokens: a token *begin*, then its own tokens, then a token *end*;
# columns that are shorter than the others are filled up with *padding*. With $x$ the source, the
# decoder models
#
# $$ p(w_1, \dots, w_{T-1} \mid w_0, x) = \prod_{t=1}^{T-1} p(w_t \mid w_0, \dots, w_{t-1}, x) , $$
#
# and in training the factors are computed by **teacher forcing**: whatever the decoder would have
# said itself, it is fed the *true* tokens $w_0, \dots, w_{t-1}$ of the target. The loss is the mean
# of $-\log p(w_t \mid \dots)$ over all $t \ge 1$ and all columns of the batch for which $w_t$ is
# not padding (the *end* counts, since the decoder has to learn when to stop). All sources of a
# batch are equally long, and there is always a target that is not padding.
#
# *Task.* Load the translator with `load_translator(weights)` and return the loss, as a Python
# number, and its gradient: for each name in `weights` a tensor of the same shape. Gradients are
# taken inside your function. They must reach the encoder, too: what it hands on is all that the
# decoder knows of the source.
#
# *Points.* loss 2, padding 1, gradients 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q6-5-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def teacher_forcing_loss(weights, source, target, padding):
    """Compute the loss of an encoder–decoder under teacher forcing, and its gradient.

    Parameters
    ----------
    weights : dict of tensors
        Of a Translator over V tokens.
    source : (S, B) int64
        The sequences to be read.
    target : (T, B) int64
        The sequences to be written, each from its begin to its end, filled up with padding; T is
        at least 2.
    padding : int
        The token that fills up, from 0 to V - 1.

    Returns
    -------
    loss : float
    gradients : dict of tensors
        By the names of the weights.
    """
    ### BEGIN SOLUTION
    translator = load_translator(weights)
    logits, _ = translator.decode(target[:-1], translator.encode(source))
    loss = F.cross_entropy(logits.flatten(0, 1), target[1:].flatten(), ignore_index=padding)
    loss.backward()
    return loss.item(), {name: w.grad for name, w in translator.named_parameters()}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-5-loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_forced_loss(weights, source, target, padding):
    """Go through the columns one by one, and token by token."""
    translator, logs = load_translator(weights), []
    with torch.no_grad():
        for b in range(target.shape[1]):
            state = translator.encode(source[:, [b]])
            for t in range(1, len(target)):
                logits, state = translator.decode(target[[t - 1], b][:, None], state)
                scores = logits[0, 0].numpy() - logits.max().item()
                if target[t, b] != padding:
                    logs.append(scores[target[t, b]] - np.log(np.exp(scores).sum()))
    return -float(np.mean(logs))


### END HIDDEN TESTS
with public_check("6.5 loss"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, Translator(4, 3, 5))
    source = torch.tensor([[2], [3], [1]])
    total, second = 0.0, []
    for a in (1, 2, 3):
        got = teacher_forcing_loss(weights, source, torch.tensor([[0], [a]]), 0)
        loss, _ = several(got, "loss", "gradients")
        same_number(loss, loss, "the loss of one token")
        one = np.exp(-loss)
        total += one
        loss, _ = teacher_forcing_loss(weights, source, torch.tensor([[0], [a], [2]]), 0)
        second.append(np.exp(-2 * loss) / one)
    assert total < 1, (
        "the first token is 1, 2 or 3 with a probability below 1 (it could be 0), but exp(-loss) "
        f"adds up to {total:.6f}"
    )
    assert total > 0.3, f"the first token is 1, 2 or 3 with a probability above {total:.6f}"
    assert np.ptp(second) > 1e-6, (
        f"token 2 has the probability {second[0]:.6f} as the second one, whatever the first one is: "
        "the decoder must be fed the true tokens of the target"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6501)
for vocabulary_size, features, hidden, lengths, batch in [
    (6, 3, 4, (4, 5), 3),
    (5, 2, 3, (1, 2), 1),
    (7, 4, 2, (3, 8), 5),
]:
    weights = random_weights(draw, Translator(vocabulary_size, features, hidden))
    source = random_tokens(draw, vocabulary_size, lengths[0], batch)
    target = random_tokens(draw, vocabulary_size - 1, lengths[1], batch)
    expected = reference_forced_loss(weights, source, target, vocabulary_size - 1)
    loss, _ = teacher_forcing_loss(weights, source, target, vocabulary_size - 1)
    sizes = f"S={lengths[0]}, T={lengths[1]}, B={batch}"
    same_number(loss, expected, sizes, reveal=False, tolerance=1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-5-padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.5 padding"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, Translator(6, 3, 4))
    source, target = random_tokens(rng, 6, 3, 2), random_tokens(rng, 6, 5, 2, low=1)
    expected, _ = several(teacher_forcing_loss(weights, source, target, 0), "loss", "gradients")
    same_number(expected, expected, "a loss")
    assert expected > 0, f"the mean of -log p is above 0, not {expected:.6g}"
    longer = torch.cat([target, torch.zeros(3, 2, dtype=torch.int64)])
    loss, _ = teacher_forcing_loss(weights, source, longer, 0)
    what = "three rows of padding added at the end change nothing"
    same_number(loss, expected, what, tolerance=1e-5)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6502)
for padding, lengths in [(0, [6, 3, 2]), (5, [2, 6, 5, 4])]:
    weights = random_weights(draw, Translator(6, 3, 4))
    source = random_tokens(draw, 6, 4, len(lengths))
    target = random_tokens(draw, 5, 6, len(lengths)) + (padding == 0)
    losses = []
    for b, length in enumerate(lengths):
        target[length:, b] = padding
        # The student's own loss of each pair by itself, without any padding.
        alone, _ = teacher_forcing_loss(weights, source[:, [b]], target[:length, [b]], padding)
        same_number(alone, max(alone, 1e-6), "one pair", reveal=False)
        losses.append(alone)
    expected = float(np.average(losses, weights=[length - 1 for length in lengths]))
    loss, _ = teacher_forcing_loss(weights, source, target, padding)
    what = f"targets of lengths {lengths}, {padding=}"
    same_number(loss, expected, what, reveal=False, tolerance=1e-5)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q6-5-gradients", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def agrees_along(rng, weights, name, source, target, padding, gradients):
    """Compare a gradient with how the student's own loss moves along one direction."""
    direction = normal(rng, *weights[name].shape)
    nudged = [
        teacher_forcing_loss(
            {**weights, name: weights[name] + h * direction}, source, target, padding
        )
        for h in (1e-5, -1e-5)
    ]
    slope = (nudged[0][0] - nudged[1][0]) / 2e-5
    gradient = numbers(gradients[name], f"the gradient of {name}")
    same_shape(gradient, tuple(weights[name].shape), f"the gradient of {name}")
    told = float((gradient * direction.numpy()).sum())
    assert abs(told - slope) <= 1e-6 * max(1, abs(slope)), (
        f"{name}: along a random direction your loss changes by {slope:.6g}, but your gradient says "
        f"{told:.6g}"
    )
    return slope


with public_check("6.5 gradients"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, Translator(5, 3, 4))
    source, target = random_tokens(rng, 5, 4, 3), random_tokens(rng, 5, 5, 3, low=1)
    got = teacher_forcing_loss(weights, source, target, 0)
    gradients = named(several(got, "loss", "gradients")[1], weights, "gradients")
    for name in ("head.weight", "decoder.weight_hh_l0", "encoder.weight_ih_l0", "embedding.weight"):
        slope = agrees_along(rng, weights, name, source, target, 0, gradients)
        assert abs(slope) > 1e-6, f"your loss does not depend on {name}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6503)
for batch, parts in [(3, ("",)), (1, ("encoder.bias", "embedding"))]:
    weights = random_weights(draw, Translator(6, 2, 3))
    source, target = random_tokens(draw, 6, 3, batch), random_tokens(draw, 5, 6, batch)
    target[4:, :1] = 5
    _, gradients = several(teacher_forcing_loss(weights, source, target, 5), "loss", "gradients")
    gradients = named(gradients, weights, "gradients")
    for name in (name for name in weights if name.startswith(parts)):
        slope = agrees_along(draw, weights, name, source, target, 5, gradients)
        assert abs(slope) > 1e-6, f"your loss does not depend on {name}"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-5-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.5 care"):
    rng = np.random.default_rng(0)
    weights = random_weights(rng, Translator(5, 3, 4))
    source, target = random_tokens(rng, 5, 3, 2), random_tokens(rng, 5, 4, 2, low=1)
    got = watch(teacher_forcing_loss, weights, source, target, 0)
    expected, double = several(got, "loss", "gradients")
    loss, gradients = teacher_forcing_loss(single(weights), source, target, 0)
    same_number(loss, expected, "float32 gives what your float64 gives", tolerance=1e-4)
    double = named(double, weights, "gradients")
    for name, gradient in named(gradients, weights, "gradients").items():
        same_dtype(numbers(gradient, name), np.float32, f"the gradient of {name}")
        same_dtype(numbers(double[name], name), np.float64, f"the gradient of {name}")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6504)
weights = random_weights(draw, Translator(5, 2, 3))
source, target = random_tokens(draw, 5, 1, 1), random_tokens(draw, 4, 3, 1)
expected, double = watch(teacher_forcing_loss, weights, source, target, 4)
loss, gradients = watch(teacher_forcing_loss, single(weights), source, target, 4)
same_number(loss, expected, "float32 against float64", reveal=False, tolerance=1e-4)
again, _ = teacher_forcing_loss(weights, source, (target + 1) % 4, 4)
assert again != expected, "another target, and still the same loss"
double = named(double, weights, "gradients")
for name, gradient in named(gradients, weights, "gradients").items():
    same_dtype(numbers(gradient, name), np.float32, name)
    same_dtype(numbers(double[name], name), np.float64, name)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* All that the decoder learns of the source is one vector of H numbers, however
# long the source is. Which sources will it translate badly first, and what does that suggest?

# %% [markdown]
# ## 6.6 Let go: greedy decoding (5 points)
#
# *Goal.* Run a decoder freely, each token of its own making being the next that it reads.
#
# *Math.* In use there is no true target. The decoder starts with *begin* and the encoder's state;
# at each step the token with the largest logit $y_t$, which predicts $w_t$ as in 6.1 (of equal
# ones, the one with the smallest index) is written down and fed back:
#
# $$ w_0 = \text{begin}, \qquad w_t = \operatorname{argmax}_v\; y_{t,v}, \qquad
#    (y_t, h_t) = \operatorname{step}(w_{t-1}, h_{t-1}) . $$
#
# A column that has written *end* is finished: from then on, it holds *end* and nothing else,
# whatever the decoder goes on to say.
#
# *Task.* `step(tokens, state)` takes the last tokens (B,) and the state, a tensor whose first axis
# is the batch (unlike that of the GRU in 6.5), and returns logits (B, V) and the next state. Return
# the tokens that were written, without *begin*. Stop as soon as all columns are finished, at the
# latest after `max_length` tokens, and call `step` exactly once for each row that you return: it is
# what costs time.
#
# *Points.* values 2, ends 1, limit 1, economy 1.


# %% nbgrader={"grade": false, "grade_id": "q6-6-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def greedy_decode(step, state, begin, end, max_length):
    """Write the most probable token at each step, and read it at the next.

    Parameters
    ----------
    step : callable
        (tokens (B,) int64, state) -> (logits (B, V), next state).
    state : tensor (B, ...)
        Where the decoder starts.
    begin, end : int
        The token that is read first, and the one that ends a sequence.
    max_length : int
        The largest number of tokens to write, at least 1.

    Returns
    -------
    (L, B) int64 tensor
        Each column ends with ``end``, as often as needed, unless it was cut off at L = max_length.
    """
    ### BEGIN SOLUTION
    tokens = torch.full((len(state),), begin, device=state.device)
    finished = torch.zeros_like(tokens, dtype=torch.bool)
    rows = []
    while len(rows) < max_length and not finished.all():
        logits, state = step(tokens, state)
        tokens = logits.argmax(dim=1).masked_fill(finished, end)
        finished = tokens == end
        rows.append(tokens)
    return torch.stack(rows)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-6-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def recite(tokens, state):
    """Say what stands in the state, from its first column on, whatever is read."""
    return F.one_hot(state[:, 0], 8).double(), state.roll(-1, dims=1)


def add(tokens, state):
    """Add the number in the state to the token that was read, modulo 5."""
    return F.one_hot((tokens + state[:, 0]) % 5, 5).double(), state


### BEGIN HIDDEN TESTS
def wander(tokens, state):
    """Make logits of the token and the state that nobody would guess; token 0 never wins."""
    places = torch.arange(9).double()
    logits = torch.sin((tokens[:, None] + 1) * (places + 1) + 10 * state)
    return logits - 5 * (places == 0), torch.cos(3 * state + tokens[:, None])


def torn(tokens, state):
    """Find two tokens equally good, and the others worse."""
    one, other = F.one_hot(tokens % 3 + 1, 6), F.one_hot(state[:, 0] + 4, 6)
    return torch.maximum(one, other).double(), 1 - state


def reference_decode(step, state, begin, end, max_length):
    """Decode one column after the other, and fill up."""
    columns = []
    for b in range(len(state)):
        own, column = state[[b]], [begin]
        while column[-1] != end and len(column) <= max_length:
            logits, own = step(torch.tensor(column[-1:]), own)
            column.append(int(np.argmax(logits[0].numpy())))
        columns.append(column[1:])
    rows = max(map(len, columns))
    return torch.tensor([column + [end] * (rows - len(column)) for column in columns]).T


### END HIDDEN TESTS
with public_check("6.6 values"):
    state = torch.tensor([[5, 3, 7, 0], [2, 2, 6, 0]])
    expected = state.T
    hint = "Row t is what the t-th call of step made likeliest; begin is read, not written."
    same_integers(greedy_decode(recite, state, 1, 0, 10), expected, "a decoder that recites", hint)

    state = torch.tensor([[1], [3]])
    expected = torch.tensor([[2, 4], [3, 2], [4, 0], [0, 3]])
    got = greedy_decode(add, state, 1, 7, 4)
    hint = "Each step must read the token that was written last, and the first one reads begin."
    same_integers(got, expected, "a decoder that adds 1, or 3, to what it reads", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6601)
for batch, length in [(1, 1), (1, 6), (3, 4), (5, 2)]:
    state = torch.cat(
        [random_tokens(draw, 8, batch, length, low=1), torch.zeros(batch, 1)], 1
    ).long()
    got = greedy_decode(recite, state, 1, 0, length + 5)
    same_integers(got, state.T, f"{batch=}, {length} tokens", reveal=False)
for batch, begin in [(1, 3), (4, 1), (2, 5)]:
    state = normal(draw, batch, 1)
    expected = reference_decode(wander, state, begin, 0, 7)
    got = greedy_decode(wander, state, begin, 0, 7)
    same_integers(got, expected, f"{batch=}, {begin=}, never an end", reveal=False)
for begin in (1, 5):
    state = torch.tensor([[0], [1]])
    expected = reference_decode(torn, state, begin, 0, 5)
    got = greedy_decode(torn, state, begin, 0, 5)
    same_integers(got, expected, f"equal logits, {begin=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-6-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.6 ends"):
    # The first column ends (7) after one token, but its decoder goes on talking.
    state = torch.tensor([[5, 7, 6, 2, 4], [2, 3, 4, 7, 6], [7, 1, 2, 3, 4]])
    columns = [
        numbers(greedy_decode(recite, state[[b]], 1, 7, 10), "a batch of one") for b in range(3)
    ]
    together = numbers(greedy_decode(recite, state, 1, 7, 10), "a batch of three")
    rows = max(map(len, columns))
    same_shape(together, (rows, 3), f"the longest column has {rows} rows by itself: (L, B)")
    for b, column in enumerate(columns):
        told = (
            f"column {b} is {column[:, 0].tolist()} by itself, and {together[:, b].tolist()} here"
        )
        assert (together[: len(column), b] == column[:, 0]).all(), f"{told}: not the same beginning"
        assert (together[len(column) :, b] == 7).all(), f"{told}: after its end, only the end (7)"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6602)
for end in (2, 7, 3):
    lengths = draw.permutation(5)[:4]
    state = random_tokens(draw, 8, 4, 6)
    state = torch.where(state == end, (state + 1) % 8, state)
    for b, length in enumerate(lengths):
        state[b, length] = end
    together = numbers(greedy_decode(recite, state, 1, end, 9), "a batch of four")
    # Held against the student's own columns, one by one.
    columns = [numbers(greedy_decode(recite, row[None], 1, end, 9), "one") for row in state]
    same_shape(together, (max(map(len, columns)), 4), f"a batch of four, {end=}")
    for b, column in enumerate(columns):
        assert (together[: len(column), b] == column[:, 0]).all(), f"{end=}: column {b} is another"
        assert (together[len(column) :, b] == end).all(), f"{end=}: column {b}, after its end"
    assert np.ptp([len(column) for column in columns]) > 0, "columns of different lengths"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-6-limit", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.6 limit"):
    state = torch.tensor([[5, 3, 2, 6, 7], [4, 1, 6, 6, 2]])
    for max_length in (1, 3):
        got = numbers(greedy_decode(recite, state, 1, 0, max_length), f"{max_length=}")
        same_shape(got, (max_length, 2), f"{max_length=}, and no end before")
        assert (got > 0).all(), f"{max_length=}: the end (0) was written, but it was never said"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6603)
for batch, max_length in [(1, 1), (3, 2), (2, 6)]:
    state = random_tokens(draw, 8, batch, 9, low=1)
    # Compared with the student's own answer to the end of a shorter recital.
    shorter = torch.cat([state[:, :max_length], torch.zeros(batch, 1)], dim=1).long()
    expected = numbers(greedy_decode(recite, shorter, 2, 0, 20), "with an end")[:max_length]
    got = numbers(greedy_decode(recite, state, 2, 0, max_length), f"{max_length=}")
    same_shape(got, (max_length, batch), f"{max_length=}")
    assert (got == expected).all(), (
        f"{max_length=}: not the beginning of what comes without a limit"
    )
    assert (got > 0).all(), f"{max_length=}: no column has come to its end"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-6-economy", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
calls = []


def counted_recite(tokens, state):
    """Recite, and count."""
    calls.append(tuple(tokens.shape))
    return recite(tokens, state)


with public_check("6.6 economy"):
    for state, max_length, least in [([[5, 3, 0, 6]], 30, 3), ([[5, 3, 2, 6], [4, 1, 1, 1]], 2, 2)]:
        calls.clear()
        got = numbers(
            greedy_decode(counted_recite, torch.tensor(state), 1, 0, max_length), "tokens"
        )
        assert (got > 0).any(), f"tokens other than the end (0) are written here, but got {got}"
        told = f"the decoder recites {state}, {max_length=}"
        assert len(calls) == least, f"step was called {len(calls)} times, not {least}: {told}"
        batch = len(state)
        assert set(calls) == {(batch,)}, f"step wants tokens of shape ({batch},), got {calls[0]}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6604)
for batch, length, max_length in [(3, 5, 50), (2, 6, 4), (1, 3, 7)]:
    state = torch.cat(
        [random_tokens(draw, 8, batch, length, low=1), torch.zeros(batch, 1)], 1
    ).long()
    calls.clear()
    got = numbers(greedy_decode(counted_recite, state, 1, 0, max_length), "tokens")
    assert (got > 0).any(), "tokens other than the end are written"
    least = min(length + 1, max_length)
    assert len(calls) == least, f"step was called {len(calls)} times, not {least}"
    assert set(calls) == {(batch,)}, f"step wants tokens of shape ({batch},)"
### END HIDDEN TESTS

# %% [markdown]
# *Play.* Set `number` to 300: a translator learns to write four letters backwards, by your
# gradients and your decoder (some ten seconds). It prints how often a *token* is right under
# teacher forcing, and how often a whole *word* is right when the decoder runs freely. Set it back
# to 0 before you hand in.

# %%
number = 0  # Play: how many steps to train for
if number:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    weights = initial_weights(Translator(9, 16, 64))  # 0 padding, 1 begin, 2 end, 3 to 8 letters
    optimizer = torch.optim.Adam(weights.values(), lr=0.01)
    for step in range(1, number + 1):
        source = random_tokens(rng, 9, 4, 64, low=3)
        ones = torch.ones(1, 64, dtype=torch.int64)
        target = torch.cat([ones, source.flip(0), 2 * ones])
        loss, gradients = teacher_forcing_loss(weights, source, target, 0)
        for name, tensor in weights.items():
            tensor.grad = gradients[name]
        optimizer.step()
        if step % 50 == 0:
            translator = load_translator(weights).requires_grad_(False)

            def step_once(tokens, state, translator=translator):
                """Decode one token; a GRU's state has an axis in front."""
                logits, state = translator.decode(tokens[None], state[None])
                return logits[0], state[0]

            state = translator.encode(source)
            forced = translator.decode(target[:-1], state)[0].argmax(2) == target[1:]
            free = greedy_decode(step_once, state[0], 1, 2, 5)
            free = F.pad(free, (0, 0, 0, 5 - len(free)), value=2) == target[1:]
            print(
                f"step {step}: loss {loss:.3f}, tokens under teacher forcing "
                f"{forced.double().mean():.1%}, words when free {free.all(0).double().mean():.1%}"
            )

# %% [markdown]
# *Think about it.* A decoder that errs in one token out of fifty under teacher forcing gets how
# many sentences of fifty tokens right on its own, if the errors were independent? Why may it be
# even fewer?

# %% [markdown]
# ## 6.7 An autoencoder (5 points)
#
# *Goal.* Build a network and train it, from nothing but images without labels.
#
# *Math.* An **encoder** squeezes D pixels through a bottleneck of C numbers, the *code*, and a
# **decoder** makes D pixels of it again:
#
# $$ z = W_2 \operatorname{relu}(W_1 x + b_1) + b_2, \qquad
#    \hat x = \sigma\bigl(W_4 \operatorname{relu}(W_3 z + b_3) + b_4\bigr) , $$
#
# with `hidden_size` units in both hidden layers and $\sigma$ the logistic sigmoid, since pixels lie
# between 0 and 1. The loss is the mean of $(x - \hat x)^2$ over all pixels of all images of a
# batch. Because the code is small, only images like those of the training set can be put back
# together. (Without relu and sigmoid the best such network is principal component analysis, PCA:
# that is what yours is held against.)
#
# *Task.* Call `torch.manual_seed(seed)`, build the network, move it to `device`, and train it with
# `torch.optim.Adam`: in each of `epochs` epochs go through all images once, in a fresh random order
# (`torch.randperm`), in batches of `batch_size` (the last one may be smaller). Return it as one
# module **on the CPU**, in evaluation mode, such that `model(x)` is $\hat x$ for x (N, D), and
# `model.encoder(x)` and `model.decoder(z)` are its two parts. `nn.Sequential` may help; you may
# also define a class inside your function. Weights start as torch makes them. No particular random
# numbers are asked for, only that the same seed gives the same network.
#
# *Points.* shape 1, structure 1, learns 2, seed 1.


# %% nbgrader={"grade": false, "grade_id": "q6-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_autoencoder(images, hidden_size, code_size, epochs, batch_size, lr, seed, device):
    """Train an autoencoder to put images back together.

    Parameters
    ----------
    images : (N, D) float32
        Rows of pixels from 0 to 1; not to be changed.
    hidden_size, code_size : int
        Units in each hidden layer, and numbers in the code.
    epochs, batch_size : int
        How often to go through all images, and how many to take for one step.
    lr : float
        Adam's learning rate.
    seed : int
        Decides all that is random: the same seed, the same network.
    device : str
        "cpu" or "cuda": where to train.

    Returns
    -------
    nn.Module
        With parts ``encoder`` and ``decoder``, on the CPU and in evaluation mode.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(seed)
    n_pixels = images.shape[1]
    model = nn.Sequential()
    model.encoder = nn.Sequential(
        nn.Linear(n_pixels, hidden_size), nn.ReLU(), nn.Linear(hidden_size, code_size)
    )
    model.decoder = nn.Sequential(
        nn.Linear(code_size, hidden_size), nn.ReLU(), nn.Linear(hidden_size, n_pixels), nn.Sigmoid()
    )
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for batch in images[torch.randperm(len(images))].to(device).split(batch_size):
            optimizer.zero_grad()
            F.mse_loss(model(batch), batch).backward()
            optimizer.step()
    return model.cpu().eval()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-7-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def random_pixels(rng, *shape):
    """Draw pixels from 0 to 1."""
    return torch.from_numpy(rng.random(shape, dtype=np.float32))


def parts_of(model):
    """Stop unless a model has an encoder and a decoder."""
    parts = callable(model) and hasattr(model, "encoder") and hasattr(model, "decoder")
    assert parts, f"expected a module with .encoder and .decoder, got {kind_of(model)}"
    return model.encoder, model.decoder


with public_check("6.7 shape"):
    rng = np.random.default_rng(0)
    images = random_pixels(rng, 10, 12)
    model = train_autoencoder(images, 6, 3, 1, 4, 0.01, 0, device)
    encoder, decoder = parts_of(model)
    same_shape(numbers(encoder(images), "codes"), (10, 3), "codes of 10 images: (N, code_size)")
    same_shape(numbers(model(images), "reconstructions"), (10, 12), "reconstructions: (N, D)")
    code = torch.zeros(2, 3)
    same_shape(numbers(decoder(code), "decoded"), (2, 12), "two codes, decoded: (N, D)")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6701)
for samples, pixels, hidden_size, code_size in [(3, 9, 5, 1), (1, 4, 2, 4)]:
    images = random_pixels(draw, samples, pixels)
    model = train_autoencoder(images, hidden_size, code_size, 1, 2, 0.01, 1, device)
    encoder, decoder = parts_of(model)
    sizes = f"N={samples}, D={pixels}, C={code_size}"
    same_shape(numbers(encoder(images), "codes"), (samples, code_size), sizes)
    same_shape(numbers(model(images), "reconstructions"), (samples, pixels), sizes)
    same_shape(numbers(decoder(encoder(images)), "decoded"), (samples, pixels), sizes)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q6-7-structure", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_reconstruction(parameters, images):
    """Follow the formulas with the trained parameters, in the order in which they are used."""
    w_1, b_1, w_2, b_2, w_3, b_3, w_4, b_4 = parameters
    code = np.maximum(images @ w_1.T + b_1, 0) @ w_2.T + b_2
    return code, 1 / (1 + np.exp(-(np.maximum(code @ w_3.T + b_3, 0) @ w_4.T + b_4)))


### END HIDDEN TESTS
with public_check("6.7 structure"):
    rng = np.random.default_rng(0)
    images = random_pixels(rng, 10, 12)
    model = train_autoencoder(images, 7, 3, 2, 4, 0.01, 0, device)
    encoder, decoder = parts_of(model)
    assert model.training is False, "return the model in evaluation mode: model.eval()"
    total = sum(len(numbers(w, "a parameter").ravel()) for w in model.parameters())
    wanted = (12 * 7 + 7) + (7 * 3 + 3) + (3 * 7 + 7) + (7 * 12 + 12)
    assert total == wanted, f"four linear layers with biases have {wanted} parameters, not {total}"
    codes = encoder(images)
    encoder(images[:5])
    got = model(images)
    hint = "The code is all that the decoder may know of an image."
    same_values(got, decoder(codes), "model(x) is decoder(encoder(x))", hint)
    loud = numbers(decoder(100 * codes + 100), "decoded")
    assert loud.min() >= 0, f"pixels lie between 0 and 1, but one came out as {loud.min():.3g}"
    assert loud.max() <= 1, f"pixels lie between 0 and 1, but one came out as {loud.max():.3g}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6702)
for samples, pixels, hidden_size, code_size in [(5, 9, 6, 2), (4, 6, 3, 5)]:
    images = random_pixels(draw, samples, pixels)
    model = train_autoencoder(images, hidden_size, code_size, 1, 2, 0.05, 3, device)
    parameters = [numbers(w, "a parameter") for w in model.parameters()]
    layers = [(hidden_size, pixels), (code_size, hidden_size)]
    layers += [(hidden_size, code_size), (pixels, hidden_size)]
    shapes = [shape for layer in layers for shape in (layer, layer[:1])]
    assert [w.shape for w in parameters] == shapes, f"parameters of shapes {shapes}"
    other = random_pixels(draw, 8, pixels) * 6 - 3
    codes, expected = reference_reconstruction(parameters, other.numpy())
    same_values(model.encoder(other), torch.from_numpy(codes), "codes", reveal=False)
    same_values(model(other), torch.from_numpy(expected), "reconstructions", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q6-7-learns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
def read_digits():
    """Read handwritten digits: images (1797, 1, 8, 8) from 0 to 1, and labels."""
    file = np.load("digits.npz")
    images = torch.from_numpy(file["dots"].astype(np.float32) / 16)
    return images, torch.from_numpy(file["labels"].astype(np.int64))


def error_of(model, images):
    """Give the mean squared error of images that a decoder makes of their codes alone."""
    encoder, decoder = parts_of(model)
    codes = encoder(images)
    numbers(codes, "codes")
    made = numbers(decoder(codes.flip(0)), "reconstructions")
    same_shape(made, tuple(images.shape), "reconstructions")
    return float(((made[::-1] - images.numpy()) ** 2).mean())


def error_of_pca(images, components):
    """Give the error of the best linear reconstruction from that many numbers."""
    pixels = images.numpy().astype(float)
    values = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
    return float((values[components:] ** 2).sum() / pixels.size)


digit_images, digit_labels = read_digits()
with public_check("6.7 learns"):
    small = digit_images[digit_labels < 5].flatten(1)[::2]
    model = train_autoencoder(small, 64, 8, 20, 32, 0.01, 0, device)
    mine, best_linear = error_of(model, small), error_of_pca(small, 8)
    print(f"error with a code of 8: PCA {best_linear:.4f}, your autoencoder {mine:.4f}")
    assert mine < 0.95 * best_linear, (
        f"after 20 epochs the error should be below PCA's {best_linear:.4f}, but is {mine:.4f}"
    )
### BEGIN HIDDEN TESTS
new = digit_images[digit_labels < 5].flatten(1)[1::2]
limit = 1.2 * error_of_pca(new, 8)
assert error_of(model, new) < limit, "digits that it has not seen are put together well, too"
few = digit_images[digit_labels > 5].flatten(1)[:160]
errors = [error_of(train_autoencoder(few, 48, 6, n, 10, 0.01, 7, device), few) for n in (1, 5)]
mean = error_of_pca(few, 0)
assert 0.6 * mean < errors[0] < 1.5 * mean, "after one epoch, about as good as the mean image"
assert errors[1] < 0.8 * errors[0], "after five epochs, much better than after one"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-7-seed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.7 seed"):
    rng = np.random.default_rng(0)
    images = random_pixels(rng, 20, 9)
    models = [train_autoencoder(images, 5, 2, 3, 8, 0.01, seed, device) for seed in (1, 1, 2)]
    parts_of(models[0])
    one, again, other = (model(images) for model in models)
    same_values(again, one, "the same seed, the same network")
    apart = np.abs(numbers(other, "another seed") - numbers(one, "reconstructions")).max()
    assert apart > 1e-4, "seeds 1 and 2 gave the same network"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6704)
images = random_pixels(draw, 12, 6)
before = images.clone()
watched = watch(train_autoencoder, images, 4, 2, 2, 5, 0.02, 11, device)
again = train_autoencoder(before, 4, 2, 2, 5, 0.02, 11, device)
other = train_autoencoder(before, 4, 2, 2, 5, 0.02, 12, device)
same_values(again(before), watched(before), "the same seed", reveal=False)
apart = np.abs(numbers(other(before), "another") - numbers(again(before), "one")).max()
assert apart > 1e-4, "two seeds, one network"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* How small would the error become with `code_size` = 64, as many numbers as there
# are pixels? What would such a network have learned about digits?

# %% [markdown]
# ## 6.8 What does not belong (4 points)
#
# *Goal.* Turn reconstructions into alarms, with a rate of false alarms that you choose beforehand.
#
# *Math.* An autoencoder that has only seen normal images puts others back together badly. The
# **anomaly score** of image $n$ is its mean squared error,
#
# $$ s_n = \frac{1}{D} \sum_{d=0}^{D-1} (x_{nd} - \hat x_{nd})^2 . $$
#
# An alarm is raised if $s_n > \theta$, strictly. The threshold comes from M scores of *normal*
# images that were kept aside: $\theta$ is the smallest of these scores such that at most a share
# $\alpha$ of them is larger. With four normal scores 1, 2, 3, 4 and $\alpha = 1/4$ (one of four may
# be larger) $\theta = 3$; with $\alpha = 0$, $\theta = 4$; and with $\alpha = 0.4$, which allows
# for one of four and not for two, $\theta = 3$ again.
#
# *Task.* Return the scores and the alarms (dtype bool). You need not mind that products such as
# 0.29 · 100 are rounded to just below a whole number.
#
# *Points.* scores 1, threshold 1, ties 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q6-8-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flag_anomalies(images, reconstructions, normal_scores, false_alarms):
    """Score images by their reconstruction error, and flag those beyond the normal.

    Parameters
    ----------
    images, reconstructions : (N, D)
        Rows of pixels, before and after.
    normal_scores : (M,)
        Scores of normal images, in any order.
    false_alarms : float
        The largest share of normal images that may be flagged, at least 0 and below 1.

    Returns
    -------
    scores : (N,) tensor in the dtype of the images
    alarms : (N,) bool tensor
    """
    ### BEGIN SOLUTION
    scores = ((images - reconstructions) ** 2).mean(dim=1)
    allowed = int(false_alarms * len(normal_scores))
    threshold = normal_scores.sort(descending=True).values[allowed]
    return scores, scores > threshold
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-8-scores", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.8 scores"):
    images = in_float64([[1.0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]])
    made = in_float64([[1.0, 0, 0, 0], [0, 0, 0, 1], [0.5, 0.5, 0.5, 0.5]])
    got = flag_anomalies(images, made, in_float64([0.1]), 0.0)
    scores, _ = several(got, "scores", "alarms")
    hint = "The mean over the pixels of each image: 0, 1/4 and 4 · (1/2)² / 4."
    same_values(scores, in_float64([0.0, 0.25, 0.25]), "scores by hand", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6801)
for samples, pixels in [(1, 1), (4, 4), (5, 9), (2, 64)]:
    images, made = normal(draw, samples, pixels), normal(draw, samples, pixels)
    off = (images - made).numpy()
    expected = torch.from_numpy(np.einsum("nd,nd->n", off, off) / pixels)
    scores, _ = several(flag_anomalies(images, made, normal(draw, 3) ** 2, 0.0), "scores", "alarms")
    same_values(scores, expected, f"N={samples}, D={pixels}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-8-threshold", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.8 threshold"):
    images = in_float64([[0.5], [1.5], [2.5], [3.5], [4.5]])
    normal_scores = in_float64([4.0, 16.0, 1.0, 9.0])
    for false_alarms, threshold in [(0.25, 9), (0.0, 16), (0.4, 9), (0.5, 4), (0.75, 1)]:
        got = flag_anomalies(images, 0 * images, normal_scores, false_alarms)
        _, alarms = several(got, "scores", "alarms")
        what = f"scores 0.25, 2.25, 6.25, 12.25, 20.25; normal 1, 4, 9, 16; {false_alarms=}"
        same_integers(alarms, images[:, 0] ** 2 > threshold, what)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6802)
for samples, kept, false_alarms in [
    (6, 8, 0.125),
    (5, 8, 0.3),
    (9, 16, 0.0),
    (4, 1, 0.9),
    (7, 4, 0.75),
    (3, 5, 0.99),
]:
    images, made = normal(draw, samples, 3), torch.zeros(samples, 3).double()
    normal_scores = normal(draw, kept) ** 2
    scores, alarms = several(
        flag_anomalies(images, made, normal_scores, false_alarms), "scores", "alarms"
    )
    # Alarms are held against the student's own scores, which have been judged already.
    own = numbers(scores, "scores")
    same_shape(own, (samples,), "scores")
    assert np.ptp(own) > 0, "different images, and the same score"
    kept_scores = normal_scores.numpy()
    within = [s for s in kept_scores if (kept_scores > s).mean() <= false_alarms]
    expected = torch.from_numpy(own > min(within))
    same_integers(alarms, expected, f"M={kept}, {false_alarms=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-8-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.8 ties"):
    # Scores 1, 4 and 9 exactly; the second one equals the threshold.
    images, normal_scores = in_float64([[1.0], [2.0], [3.0]]), in_float64([4.0, 4.0, 1.0])
    _, alarms = several(flag_anomalies(images, 0 * images, normal_scores, 0.0), "scores", "alarms")
    hint = "An alarm is raised above the threshold, not at it."
    same_integers(
        alarms, torch.tensor([False, False, True]), "scores 1, 4 and 9; normal 1, 4, 4", hint
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6803)
for samples, false_alarms in [(6, 0.5), (8, 0.25), (5, 0.0), (4, 0.3)]:
    images, made = normal(draw, samples, 4), normal(draw, samples, 4)
    own, _ = flag_anomalies(images, made, normal(draw, 4) ** 2, 0.0)
    assert np.ptp(numbers(own, "scores")) > 0, "different images, and the same score"
    # The student's own scores as the normal ones: the threshold is one of them.
    _, alarms = flag_anomalies(images, made, own, false_alarms)
    raised = int(numbers(alarms, "alarms").sum())
    allowed = int(false_alarms * samples)
    assert raised == allowed, f"{raised} of {samples} normal images raise an alarm, {false_alarms=}"
    # Every normal score equal to every other: nothing lies above.
    _, alarms = flag_anomalies(images[:1], made[:1], own[:1].expand(4).clone(), false_alarms)
    assert not numbers(alarms, "alarms").any(), "a score like all the normal ones is no alarm"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-8-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.8 care"):
    rng = np.random.default_rng(0)
    images, made, normal_scores = normal(rng, 5, 3), normal(rng, 5, 3), normal(rng, 4) ** 2
    got = watch(flag_anomalies, images, made, normal_scores, 0.25)
    expected, alarms = several(got, "scores", "alarms")
    assert alarms.dtype == torch.bool, f"alarms are true or false, dtype bool, not {alarms.dtype}"
    same_dtype(numbers(expected, "scores"), np.float64, "scores")
    assert np.ptp(numbers(expected, "scores")) > 0, "different images, and the same score"
    scores, _ = flag_anomalies(images.float(), made.float(), normal_scores.float(), 0.25)
    same_dtype(numbers(scores, "scores"), np.float32, "scores")
    same_values(scores, expected, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6804)
for samples in (1, 7):
    images, made, normal_scores = (
        normal(draw, samples, 4),
        normal(draw, samples, 4),
        normal(draw, 5) ** 2,
    )
    expected, alarms = watch(flag_anomalies, images, made, normal_scores, 0.2)
    assert alarms.dtype == torch.bool, f"alarms are of dtype bool, not {alarms.dtype}"
    same_dtype(numbers(expected, "scores"), np.float64, "scores")
    scores, _ = watch(flag_anomalies, images.float(), made.float(), normal_scores.float(), 0.2)
    same_dtype(numbers(scores, "scores"), np.float32, "scores")
    same_values(scores, expected, "float32 against float64", reveal=False)
    other, _ = flag_anomalies(images + 1, made, normal_scores, 0.2)
    assert not torch.equal(other, expected), "other images, and still the same scores"
### END HIDDEN TESTS

# %% [markdown]
# *Play.* Set `epochs` to 30: an autoencoder learns nine of the ten digits, and for each digit in
# turn you see how well the one that it never saw is told from the others. (The AUC is the
# probability that an anomaly has a higher score than a normal image: 0.5 is guessing, 1 perfect.)
# This takes some ten seconds. Set it back to 0 before you hand in.

# %%
epochs = 0  # Play: for how long to train each of ten autoencoders
for odd in range(10 if epochs else 0):
    images, is_odd = digit_images.flatten(1), digit_labels == odd
    normal_images = images[~is_odd]
    model = train_autoencoder(normal_images[::2], 64, 8, epochs, 32, 0.005, 0, device)
    with torch.no_grad():
        made, made_odd = model(normal_images[1::2]), model(images[is_odd])
    kept, _ = flag_anomalies(normal_images[1::2], made, torch.ones(1), 0.0)
    scores, alarms = flag_anomalies(images[is_odd], made_odd, kept, 0.05)
    area = (scores[:, None] > kept).double().mean()
    print(f"digit {odd} as the anomaly: AUC {area:.3f}, {alarms.double().mean():.0%} are noticed")

# %% [markdown]
# *Think about it.* Some digits are noticed far less often than others (a little by the seed),
# although the network never saw them. Which, and why are they so easy to put together from pieces
# of the others?

# %% [markdown]
# ## 6.9 Transfer to a new task (6 points)
#
# *Goal.* Use what a network has learned from many images of one task for another task with few.
#
# The next cell holds a small convolutional network with two parts: `features`, from the image to 64
# numbers, and `head`, a linear layer from these to the scores of the classes. `features` contains
# batch normalisation, which keeps running means and variances beside its parameters.


# %% nbgrader={"grade": false, "grade_id": "q6-9-model", "locked": true, "schema_version": 3, "solution": false, "task": false}
class DigitNet(nn.Module):
    """Tells images (N, 1, 8, 8) apart."""

    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.head = nn.Linear(64, n_classes)

    def forward(self, images):
        """Give the scores (N, n_classes)."""
        return self.head(self.features(images))


def load_digit_net(weights):
    """Make a network of its own memory that starts from these weights, in their dtype."""
    net = DigitNet(len(weights["head.bias"])).to(weights["head.bias"].dtype)
    net.load_state_dict(weights)
    return net


# %% [markdown]
# *Math.* In both ways of transfer the old head, which knows the old classes, is replaced by a new
# one with a row for each of the `n_classes` new classes; it starts from weights and biases
# **zero**. Then gradient descent on the cross-entropy,
#
# $$ \theta \leftarrow \theta - \eta\, \nabla_\theta \;
#    \frac{1}{N} \sum_{n} -\log \operatorname{softmax}(\text{scores}_n)_{\text{label}_n} , $$
#
# takes `steps` plain steps (`torch.optim.SGD` with learning rate `lr`), each on all images. The two
# ways differ in what $\theta$ is:
#
# - `"fine_tune"`: all parameters. The network is in training mode, so that batch normalisation uses
#   the mean and variance of the batch, and updates its running ones.
# - `"fixed_features"`: those of the new head. Nothing in `features` changes, neither parameters nor
#   running means and variances: as a fixed extractor it works in evaluation mode, while the head is
#   trained.
#
# *Task.* Start from `load_digit_net(weights)`, work on `device`, and return all weights by name, as
# `dict(net.state_dict())` gives them, with the new head. Any other `mode` is a mistake of the
# caller's: raise a `ValueError` that says which ones there are.
#
# *Points.* head 1, frozen 1, fixed features 1, fine-tuning 2, error 1.


# %% nbgrader={"grade": false, "grade_id": "q6-9-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transfer(weights, images, labels, n_classes, mode, steps, lr, device):
    """Train a network that has learned one task on another.

    Parameters
    ----------
    weights : dict of tensors
        Of a DigitNet; not to be changed.
    images : (N, 1, 8, 8)
        In the dtype of the weights.
    labels : (N,) int64
        From 0 to n_classes - 1.
    n_classes : int
        Number of classes of the new task.
    mode : str
        "fine_tune" or "fixed_features".
    steps : int
        Number of steps of gradient descent, at least 0.
    lr : float
        Learning rate.
    device : str
        "cpu" or "cuda".

    Returns
    -------
    dict of tensors
        All weights by their names, those of the new head among them.

    Raises
    ------
    ValueError
        If there is no such mode.
    """
    ### BEGIN SOLUTION
    if mode not in ("fine_tune", "fixed_features"):
        raise ValueError(f"mode: expected 'fine_tune' or 'fixed_features', got {mode!r}")
    net = load_digit_net(weights)
    net.head = nn.Linear(net.head.in_features, n_classes, dtype=net.head.weight.dtype)
    nn.init.zeros_(net.head.weight)
    nn.init.zeros_(net.head.bias)
    net.to(device).train()
    if mode == "fixed_features":
        net.features.eval().requires_grad_(False)
    optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
        optimizer.step()
    return dict(net.state_dict())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q6-9-head", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def random_digit_net(rng, n_classes):
    """Draw float64 weights of a DigitNet, with variances above 0."""
    weights = random_weights(rng, DigitNet(n_classes))
    for name, tensor in weights.items():
        if "running_var" in name:
            weights[name] = tensor**2 + 0.5
        if "num_batches" in name:
            weights[name] = torch.tensor(7)
    return weights


def floats(weights, part=""):
    """Give the weights of a part, without what only counts batches."""
    return {n: w for n, w in weights.items() if w.is_floating_point() and n.startswith(part)}


def new_head(n_classes):
    """Give the head that a transfer starts from."""
    return {
        "head.weight": torch.zeros(n_classes, 64).double(),
        "head.bias": torch.zeros(n_classes).double(),
    }


with public_check("6.9 head"):
    rng = np.random.default_rng(0)
    weights, images = random_digit_net(rng, 5), normal(rng, 6, 1, 8, 8)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    for mode in ("fine_tune", "fixed_features"):
        got = transfer(weights, images, labels, 3, mode, 0, 0.1, device)
        hint = (
            "Three new classes: a head of 3 rows that starts from zero, and features as they were."
        )
        same_weights(got, {**new_head(3), **floats(weights, "features")}, f"{mode}, no step", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6901)
for old, new, mode in [(4, 4, "fine_tune"), (3, 7, "fixed_features"), (6, 2, "fine_tune")]:
    weights, images = random_digit_net(draw, old), normal(draw, 3, 1, 8, 8)
    labels = random_tokens(draw, new, 3)
    expected = {**new_head(new), **floats(weights, "features")}
    got = transfer(weights, images, labels, new, mode, 0, 0.1, device)
    same_weights(got, expected, f"{mode}, from {old} to {new} classes", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-9-frozen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("6.9 frozen"):
    rng = np.random.default_rng(0)
    weights, images = random_digit_net(rng, 5), normal(rng, 6, 1, 8, 8)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    got = transfer(weights, images, labels, 3, "fixed_features", 4, 0.1, device)
    got = named(got, floats(weights), "weights")
    for name, tensor in got.items():
        if name.startswith("features"):
            hint = "Nothing in a fixed feature extractor changes, its running statistics included."
            same_values(tensor, weights[name], name, hint)
    head = numbers(got["head.weight"], "head.weight")
    same_shape(head, (3, 64), "head.weight")
    assert np.abs(head).max() > 0, "after four steps the new head is still zero: is it trained?"
    later = transfer(weights, images, labels, 3, "fixed_features", 5, 0.1, device)
    later = numbers(named(later, got, "weights")["head.weight"], "head.weight")
    assert np.abs(later - head).max() > 0, "the fifth step did not change the head"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6902)
weights, images = random_digit_net(draw, 4), normal(draw, 5, 1, 8, 8)
labels = random_tokens(draw, 4, 5)
before = {name: tensor.clone() for name, tensor in weights.items()}
got = watch(transfer, weights, images, labels, 4, "fixed_features", 3, 0.05, device)
got = named(got, floats(before), "weights")
for name, tensor in got.items():
    same = np.array_equal(numbers(tensor, name), before[name].numpy())
    assert same == name.startswith("features"), f"{name}: {'as it was' if same else 'changed'}"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q6-9-fixed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_features(weights, images, training):
    """Compute the features layer by layer; in training also the new running statistics."""
    x, running = images, {}
    for conv, norm in (("features.0", "features.1"), ("features.4", "features.5")):
        x = F.conv2d(x, weights[f"{conv}.weight"], weights[f"{conv}.bias"], padding=1)
        if training:
            mean, var = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
            unbiased = x.var(dim=(0, 2, 3), correction=1)
            for what, batch in (("mean", mean), ("var", unbiased)):
                name = f"{norm}.running_{what}"
                running[name] = (0.9 * weights[name] + 0.1 * batch).detach()
        else:
            mean, var = weights[f"{norm}.running_mean"], weights[f"{norm}.running_var"]
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        x = x * weights[f"{norm}.weight"][:, None, None] + weights[f"{norm}.bias"][:, None, None]
        x = x.clamp(min=0).unfold(2, 2, 2).unfold(3, 2, 2).amax(dim=(4, 5))
    return x.flatten(1), running


def reference_transfer(weights, images, labels, n_classes, mode, steps, lr):
    """Gradient descent by its formula, with the gradient of the softmax written out."""
    weights = {**floats(weights), **new_head(n_classes)}
    targets = torch.eye(n_classes).double()[labels]
    for _ in range(steps):
        leaves = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
        features, running = reference_features(leaves, images, mode == "fine_tune")
        scores = features @ leaves["head.weight"].T + leaves["head.bias"]
        error = ((scores.softmax(dim=1) - targets) / len(images)).detach()
        scores.backward(error)
        for name, leaf in leaves.items():
            if "running" not in name and (mode == "fine_tune" or name.startswith("head")):
                weights[name] = weights[name] - lr * leaf.grad
        weights.update(running)
    return weights


### END HIDDEN TESTS
with public_check("6.9 fixed features"):
    rng = np.random.default_rng(0)
    weights, images = random_digit_net(rng, 5), normal(rng, 4, 1, 8, 8)
    labels = torch.tensor([0, 1, 1, 0])
    got = named(
        transfer(weights, images, labels, 2, "fixed_features", 1, 0.1, device), new_head(2), "head"
    )
    bias = torch.zeros(2).double()
    same_values(got["head.bias"], bias, "one step, two classes with two images each: head.bias")
    rows = numbers(got["head.weight"], "head.weight")
    same_shape(rows, (2, 64), "head.weight")
    hint = "After one step from zero, one row is the other with its sign turned."
    same_values(-got["head.weight"][:1], got["head.weight"][1:], "head.weight", hint)
    with torch.no_grad():
        features = load_digit_net(weights).eval().features(images).numpy()
    own, other = features[[0, 3]].sum(axis=0), features[[1, 2]].sum(axis=0)
    cosine = rows[0] @ (own - other) / np.linalg.norm(rows[0]) / np.linalg.norm(own - other)
    assert cosine > 1 - 1e-9, (
        "after one step, row 0 should point from the features of class 1 to those of class 0, made "
        f"in evaluation mode; the cosine of the angle between them is {cosine:.4f}"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6903)
for n_classes, samples, steps, lr in [(3, 5, 1, 0.05), (5, 7, 4, 0.02), (2, 1, 3, 0.1)]:
    weights, images = random_digit_net(draw, 5), normal(draw, samples, 1, 8, 8)
    labels = random_tokens(draw, n_classes, samples)
    expected = reference_transfer(weights, images, labels, n_classes, "fixed_features", steps, lr)
    head = {name: tensor for name, tensor in expected.items() if name.startswith("head")}
    got = transfer(weights, images, labels, n_classes, "fixed_features", steps, lr, device)
    same_weights(got, head, f"{n_classes} classes, {steps} steps", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q6-9-fine-tune", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("6.9 fine-tuning"):
    rng = np.random.default_rng(0)
    weights, images = random_digit_net(rng, 5), normal(rng, 6, 1, 8, 8)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    got = named(
        transfer(weights, images, labels, 3, "fine_tune", 2, 0.1, device), weights, "weights"
    )
    for name in floats(weights):
        start = {**weights, **new_head(3)}[name].numpy()
        array = numbers(got[name], name)
        same_shape(array, start.shape, name)
        # A constant added before batch normalisation is taken away by it again.
        idle = name in ("features.0.bias", "features.4.bias")
        moved = np.abs(array - start).max()
        still = "is the network in training mode?" if "running" in name else "all parameters learn"
        assert moved > 1e-6 or idle, f"{name} did not change in two steps: {still}"
    with torch.no_grad():
        convolved = F.conv2d(
            images, weights["features.0.weight"], weights["features.0.bias"], padding=1
        )
    first = named(
        transfer(weights, images, labels, 3, "fine_tune", 1, 0.1, device), weights, "weights"
    )
    expected = 0.9 * weights["features.1.running_mean"] + 0.1 * convolved.mean(dim=(0, 2, 3))
    hint = "In training mode it goes one tenth of the way to the mean of the batch at each step."
    same_values(first["features.1.running_mean"], expected, "features.1.running_mean", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(6904)
for n_classes, samples, steps, lr in [(3, 5, 2, 0.05), (5, 8, 3, 0.02), (2, 2, 4, 0.03)]:
    weights, images = random_digit_net(draw, 5), normal(draw, samples, 1, 8, 8)
    labels = random_tokens(draw, n_classes, samples)
    expected = reference_transfer(weights, images, labels, n_classes, "fine_tune", steps, lr)
    got = transfer(weights, images, labels, n_classes, "fine_tune", steps, lr, device)
    same_weights(got, expected, f"{n_classes} classes, {steps} steps", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q6-9-error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def refuses(mode):
    """Tell whether transfer raises the ValueError that it should."""
    weights = random_digit_net(np.random.default_rng(0), 2)
    images, labels = torch.zeros(2, 1, 8, 8).double(), torch.tensor([0, 1])
    try:
        transfer(weights, images, labels, 2, mode, 1, 0.1, device)
    except ValueError:
        return True
    return False


with public_check("6.9 error"):
    assert refuses("freeze"), 'there is no mode "freeze": raise a ValueError'
    assert not refuses("fine_tune"), '"fine_tune" is a mode'
    assert not refuses("fixed_features"), '"fixed_features" is a mode'
### BEGIN HIDDEN TESTS
for mode in ("", "fine-tune", "fine_tuned", "fixed", "FIXED_FEATURES", "zzz", None):
    assert refuses(mode), f"{mode!r} is no mode, but no error"
assert not refuses("fine_tune"), "fine_tune is a mode"
assert not refuses("fixed_features"), "fixed_features is a mode"
### END HIDDEN TESTS

# %% [markdown]
# *Play.* `pretrained.npz` holds a DigitNet that knows the digits 0 to 4. Set `steps` to 20 and see
# how well it learns 5 to 9 from a few images of each, against a network that starts from scratch;
# then try 100 steps. Set it back to 0 before you hand in.

# %%
steps = 0  # Play: how many steps to train for
if steps:
    pretrained = {
        name: torch.from_numpy(array) for name, array in np.load("pretrained.npz").items()
    }
    images, labels = digit_images[digit_labels > 4], digit_labels[digit_labels > 4] - 5
    for per_class in (2, 5, 10):
        accuracy = {"from scratch": [], "fixed features": [], "fine-tuned": []}
        for seed in range(5):
            torch.manual_seed(seed)
            order = torch.randperm(400)
            few = torch.cat([order[labels[order] == c][:per_class] for c in range(5)])
            for name, start, mode in [
                ("from scratch", initial_weights(DigitNet(5)), "fine_tune"),
                ("fixed features", pretrained, "fixed_features"),
                ("fine-tuned", pretrained, "fine_tune"),
            ]:
                weights = transfer(start, images[few], labels[few], 5, mode, steps, 0.1, device)
                net = load_digit_net({n: w.cpu() for n, w in weights.items()}).eval()
                right = net(images[400:]).argmax(dim=1) == labels[400:]
                accuracy[name].append(right.double().mean())
        told = ", ".join(f"{name} {sum(values) / 5:.1%}" for name, values in accuracy.items())
        print(f"{per_class} images of each digit: {told}")

# %% [markdown]
# *Think about it.* With more steps, and more than two images of each digit, the network from
# scratch catches up with the fixed features and passes them. Why can these hardly get any better,
# whatever the number of steps?

# %% [markdown]
# ## 6.10 In your own words (10 points)
#
# The next cell asks two questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q6-10-written", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# **(a) Sequences** (5 points, one for each question). Answer in at most 250 words. What has to be
# added to an RNN, or settled about it, before it is an RNN-LM? A model has a perplexity of 8 on a
# text of letters: what does that number say? On which text must it be measured to be worth
# something? What is the harm in training by teacher forcing when the decoder later runs freely
# (*exposure bias*: compare what the decoder reads in 6.5 and in 6.6)? Which remedy do you see, or
# know?
#
# **(b) What was learned, used again** (5 points). Answer in at most 250 words. When would you
# fine-tune a pretrained network, and when use it as a fixed feature extractor? Name two
# circumstances that decide it (one point each). Why does freezing the parameters not freeze a
# network with batch normalisation (one)? And describe one kind of anomaly that the reconstruction
# error of an autoencoder misses, with the reason (one each).
#
# === BEGIN MARK SCHEME ===
#
# (a) 5 points
#
# - 1: an RNN maps a sequence of vectors to a sequence of vectors, of no fixed meaning; an RNN-LM is
#   a distribution over sequences: the input at t is the previous token, the output goes through a
#   softmax and is taken as p(w_t given all before); chain rule. Half of it: no point.
# - 1: as unsure, in the geometric mean, as if it chose between 8 equally probable letters at each
#   step (or: e to the mean negative log-probability).
# - 1: on held-out text, not on that of the training, with the same tokens for all models compared.
# - 1: the decoder reads the true previous tokens in training; in use it reads its own, so after a
#   first error it is in a situation that it never saw, and errors pile up.
# - 1: a remedy: scheduled sampling (feeding its own tokens now and then), training on whole
#   sequences (reinforcement, minimum risk), beam search as a partial one, noise in the inputs.
#
# (b) 5 points
#
# - 2: two circumstances, 1 point each: how many labelled images there are (few: fixed, against
#   overfitting; many: fine-tune); how alike the tasks are (unlike: fine-tune, perhaps all layers);
#   what computing there is (fixed features are computed once); whether the old task must still be
#   served. Evidence from the play cell that fine-tuning wins even with few images is welcome.
# - 1: running mean and variance are no parameters and are updated by every forward pass in training
#   mode: evaluation mode is needed too.
# - 2: images that are put together well although they are abnormal: simple ones (few strokes,
#   blank, the digit 1), mixtures of known parts, defects of a few pixels that vanish in the mean;
#   or an autoencoder with a code so large that it copies anything. 1 point for the kind, 1 for the
#   reason.
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
# the first check that fails; `course check hw06-torch.ipynb`, in a terminal, runs all cells afresh
# and lists what every check says.


# %% nbgrader={"grade": true, "grade_id": "q6-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(40)

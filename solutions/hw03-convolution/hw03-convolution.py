# ---
# jupyter:
#   course:
#     withheld:
#     - torch
#     - scipy
#     - sklearn
#     - skimage
#     - jax
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
# # Homework 3: Convolution
#
# In this homework you build the layers of a small convolutional network yourself, forward and
# backward, with NumPy and nothing else, and in the end you train one on handwritten digits.
# Convolution and pooling are explained in Chapter 6 of the course book, *Convolution*, and each
# question names the section it builds on; what else you need stands in the questions.
#
# **When you are done you can**
#
# - work out convolutions with padding and stride by hand, and turn the sum into code (3.1–3.3);
# - implement the common layers of a convolutional network: convolution, max-pooling, ReLU, linear
#   and softmax (3.2–3.6, 3.8, 3.10), and write a convolution so that NumPy does the looping (3.3);
# - describe how backpropagation passes through each of them, and prove a backward pass right
#   without an answer key (3.4, 3.6–3.8, 3.10, 3.11);
# - explain how shared parameters let a convolution find a pattern wherever it is, and what is saved
#   by gaps in a kernel and by filters that see one channel only (3.3, 3.7, 3.9, 3.11);
# - train a network of your own layers by stochastic gradient descent, and say how good it is on
#   images that it has not seen (3.10).
#
# **How the points come about** (80 in all; about 8 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 3.1 | `conv_output_size` | 4 |
# | 3.2 | `conv1d_forward` | 6 |
# | 3.3 | `conv2d_forward` | 10 |
# | 3.4 | `conv2d_backward` | 10 |
# | 3.5 | `max_pool2d_forward` | 5 |
# | 3.6 | `max_pool2d_backward` | 6 |
# | 3.7 | `dilated_conv1d_backward` | 6 |
# | 3.8 | `softmax_backward` | 7 |
# | 3.9 | `depthwise_conv2d_forward` | 5 |
# | 3.10 | `train_lenet` | 11 |
# | 3.11 | two short written answers | 10 |
#
# Each coded question is checked property by property (shape, values, stride, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *care* means: the arguments are left unchanged, the dtype is kept, and numbers of any
# size are served, as long as the results can be held. A check that you see is *public*; run it as
# often as you like. When you hand in, the same cell also runs *hidden* checks of the same property
# on other inputs: other sizes, batches of one, very large and very small numbers. An answer that
# does what the text says passes both.
#
# **Ground rules**
#
# - Questions 3.1 to 3.9 stand alone: an error in one costs nothing in another, and you may do them
#   in any order. (If you call one of your functions in another, you tie the two together.) Only
#   3.10 uses what you wrote before, and says so.
# - Write your functions with NumPy alone. `torch`, `scipy`, `sklearn`, `skimage`, `jax`,
#   `tensorflow` and `lecturelib` are not there when your notebook is graded: a cell that imports
#   one of them fails.
# - A function never changes the arrays it is given, and it answers in their dtype: float32 in,
#   float32 out. All arrays of a call have one dtype, float32 or float64; from 3.2 on, at least one
#   window fits.
# - Cells that read `YOUR CODE HERE` or *Write your answers here* are yours, and you may add cells.
#   The other cells are restored when your work is graded.
# - *Think about it* is for yourself or for the classroom: it is not handed in and earns no points.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** N images or signals in a batch, C channels in, F filters (channels out), height H,
# width W, time steps T; kernels have K (or KH × KW) taps. Counting starts at 0. ⟨a, b⟩ is the sum
# of the products of the entries of two arrays of one shape, read as long vectors.

# %% [markdown]
# ## Set-up
#
# Run this cell first. It only holds what the checks need; there is no need to read it.

# %% course={"include": "../checks.py"} nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What all homeworks share stands in ../checks.py.

# %% [markdown]
# ## 3.1 How many windows fit? (4 points)
#
# *Goal.* Predict the size of a layer's output before you compute it.
#
# *Math* (Chapter 6, *How large is the result?*). A kernel of size $K$ slides along an axis of
# size $n$ in steps of $s$, after $p$ zeros have been put on **both** ends. A window counts only
# if it lies wholly inside, so
#
# $$ n_\text{out} = \left\lfloor \frac{n + 2p - K}{s} \right\rfloor + 1 . $$
#
# If this is not positive, not a single window fits, and there is no layer to build.
#
# *Task.* Return $n_\text{out}$ as an integer; raise a `ValueError` with a helpful message if it is
# not positive.
#
# *Points.* values 1, stride 2, error 1.


# %% nbgrader={"grade": false, "grade_id": "q3-1-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(size, kernel_size, stride=1, padding=0):
    """Count the windows that fit along one axis.

    Parameters
    ----------
    size, kernel_size : int
        Length of the axis and of the window.
    stride : int
        Step from one window to the next, at least 1.
    padding : int
        Zeros added at each end.

    Returns
    -------
    int
        The number of windows.

    Raises
    ------
    ValueError
        If no window fits.
    """
    ### BEGIN SOLUTION
    windows = (size + 2 * padding - kernel_size) // stride + 1
    if windows < 1:
        raise ValueError(
            f"kernel_size: expected at most {size + 2 * padding} "
            f"(size {size} with padding {padding}), got {kernel_size}"
        )
    return windows
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-1-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.1 values"):
    n_out = conv_output_size(7, 3)
    assert isinstance(n_out, (int, np.integer)), f"expected an int, got {type(n_out).__name__}"
    assert n_out == 5, f"windows of 3 in 7 pixels start at 0, 1, 2, 3 and 4: five, not {n_out}"
    for size in (5, 8, 28):
        n_out = conv_output_size(size, 3, padding=1)
        assert n_out == size, f"kernel 3 with padding 1 keeps the size: {size} became {n_out}"
### BEGIN HIDDEN TESTS
for size in (1, 2, 5, 8, 13):
    for kernel_size in (k for k in (1, 2, 3, 5, 8) if k <= size):
        for padding in (0, 1, 5):
            starts = len(range(0, size + 2 * padding - kernel_size + 1))
            n_out = conv_output_size(size, kernel_size, stride=1, padding=padding)
            assert n_out == starts, f"stride 1: wrong for {size=}, {kernel_size=}, {padding=}"
            assert isinstance(n_out, (int, np.integer)), "the number of windows is an int"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-1-stride", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.1 stride"):
    for size, kernel_size, stride, padding in [(28, 2, 2, 0), (7, 2, 2, 0), (224, 11, 4, 2)]:
        n_out = conv_output_size(size, kernel_size, stride=stride, padding=padding)
        last_end = (n_out - 1) * stride + kernel_size
        padded = size + 2 * padding
        case = f"{size=}, {kernel_size=}, {stride=}, {padding=}: with {n_out} windows the last one"
        assert last_end <= padded, f"{case} ends at {last_end}, outside the {padded} pixels"
        assert last_end + stride > padded, f"{case} ends at {last_end}: another one would fit"
### BEGIN HIDDEN TESTS
for size in (1, 2, 6, 11, 19):
    for kernel_size in (k for k in (1, 2, 5) if k <= size):
        for stride in (2, 3, 7):
            for padding in (0, 3):
                starts = len(range(0, size + 2 * padding - kernel_size + 1, stride))
                n_out = conv_output_size(size, kernel_size, stride=stride, padding=padding)
                case = f"{size=}, {kernel_size=}, {stride=}, {padding=}"
                assert n_out == starts, f"wrong for {case}"
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q3-1-error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def says_no(*sizes):
    """Tell whether conv_output_size raises the ValueError it should."""
    try:
        conv_output_size(*sizes)
    except ValueError:
        return True
    return False


with public_check("3.1 error"):
    assert says_no(3, 5), "a kernel of 5 does not fit into 3 pixels: raise a ValueError"
    assert says_no(4, 5), "nor into 4: 0 windows are not positive"
    assert not says_no(3, 5, 1, 1), "with padding 1 a kernel of 5 fits into 3 pixels exactly once"
### BEGIN HIDDEN TESTS
for size, kernel_size, stride, padding in [(4, 5, 1, 0), (4, 5, 2, 0), (1, 9, 3, 3), (2, 9, 50, 0)]:
    case = f"{size=}, {kernel_size=}, {stride=}, {padding=}"
    assert says_no(size, kernel_size, stride, padding), f"no window fits, but no error: {case}"
for size, kernel_size, stride, padding in [(1, 1, 1, 0), (5, 5, 9, 0), (3, 9, 2, 3)]:
    case = f"{size=}, {kernel_size=}, {stride=}, {padding=}"
    assert not says_no(size, kernel_size, stride, padding), f"one window fits, but error: {case}"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Which padding keeps the size for a kernel of 5 at stride 1? Why is there none
# for a kernel of 4?

# %% [markdown]
# ## 3.2 Convolution of a signal (6 points)
#
# *Goal.* Turn the defining sum into code, first along one axis.
#
# *Math* (Chapter 6, *Sliding along a vector*). As in all deep-learning libraries, the kernel is
# **not** flipped; strictly this is cross-correlation. With $\tilde x$ the signal with `padding`
# zeros on both ends and $s$ the stride,
#
# $$ y_{n,f,t} = b_f + \sum_{c=0}^{C-1} \sum_{k=0}^{K-1} w_{f,c,k}\; \tilde x_{n,c,\,ts+k} . $$
#
# *Task.* Write it for a batch of signals with several channels. Loops are fine. A good order of
# work: one signal, one channel, stride 1; then channels; then padding; then stride.
#
# *Points.* shape 1, values 2, stride and padding 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-2-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1d_forward(x, w, b, stride=1, padding=0):
    """Cross-correlate every signal with every filter.

    Parameters
    ----------
    x : (N, C, T)
        Signals.
    w : (F, C, K)
        Filters.
    b : (F,)
        One bias per filter.
    stride, padding : int
        Step, and zeros at each end.

    Returns
    -------
    y : (N, F, OT)
        With OT = (T + 2 * padding - K) // stride + 1.
    """
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    kernel_size = w.shape[2]
    steps = (padded.shape[2] - kernel_size) // stride + 1
    y = np.zeros((x.shape[0], w.shape[0], steps), dtype=x.dtype) + b[:, None]
    for k in range(kernel_size):
        # What tap k sees, at all steps at once.
        seen = padded[:, :, k : k + (steps - 1) * stride + 1 : stride]
        y += np.einsum("nct,fc->nft", seen, w[:, :, k])
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-2-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_conv1d(x, w, b, stride=1, padding=0):
    """Visit the windows one by one: the other way round from the model answer."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    taps = w.shape[2]
    starts = range(0, x.shape[2] - taps + 1, stride)
    windows = [np.tensordot(x[:, :, t : t + taps], w, ([1, 2], [1, 2])) for t in starts]
    return np.stack(windows, axis=2) + b[:, None]


### END HIDDEN TESTS
with public_check("3.2 shape"):
    x, w, b = np.ones((2, 3, 10)), np.ones((4, 3, 3)), np.ones(4)
    same_shape(conv1d_forward(x, w, b), (2, 4, 8), "stride 1, no padding: (N, F, OT)")
    same_shape(conv1d_forward(x, w, b, stride=2, padding=1), (2, 4, 5), "stride 2, padding 1")
### BEGIN HIDDEN TESTS
for batch, length, taps, stride, padding, steps in [
    (1, 7, 7, 1, 0, 1),
    (3, 9, 2, 3, 0, 3),
    (1, 5, 4, 2, 2, 3),
    (2, 3, 5, 1, 1, 1),
]:
    x, w, b = np.ones((batch, 2, length)), np.ones((5, 2, taps)), np.ones(5)
    y = conv1d_forward(x, w, b, stride=stride, padding=padding)
    same_shape(y, (batch, 5, steps), f"x {x.shape}, w {w.shape}, {stride=}, {padding=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-2-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.2 values"):
    x = np.array([[[2.0, 3, 1, 3, 2, 1]]])
    w, b = np.array([[[1.0, 2, 1]]]), np.zeros(1)
    expected = np.array([[[9.0, 8, 9, 8]]])
    compare(conv1d_forward(x, w, b), expected, "the worked example of Chapter 6")

    w = np.array([[[0.0, 0, 1]]])
    expected = x[:, :, 2:].copy()
    hint = "This filter looks two steps ahead. If it looks back, the kernel is flipped."
    compare(conv1d_forward(x, w, b), expected, "a filter with a single 1 copies x", hint)

    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 7)), rng.standard_normal((4, 3, 2))
    b, no_bias = np.array([10.0, 20, 30, 40]), np.zeros(4)
    parts = sum(conv1d_forward(x[:, [c]], w[:, [c]], no_bias) for c in range(3))
    compare(conv1d_forward(x, w, no_bias), parts, "the channels' contributions add up")
    lifted = parts + b[:, None]
    compare(conv1d_forward(x, w, b), lifted, "the bias is added once to each output")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3202)
for batch, channels, length, filters, taps in [(2, 3, 9, 4, 3), (1, 2, 8, 3, 5), (4, 4, 6, 4, 4)]:
    x = draw.standard_normal((batch, channels, length))
    w, b = draw.standard_normal((filters, channels, taps)), draw.standard_normal(filters)
    expected = reference_conv1d(x, w, b)
    sizes = f"{batch=}, {channels=}, {length=}, {filters=}, {taps=}"
    compare(conv1d_forward(x.copy(), w.copy(), b.copy()), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-2-stride-padding", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.2 stride and padding"):
    x = np.array([[[2.0, 3, 1, 3, 2, 1]]])
    w, b = np.array([[[1.0, 2, 1]]]), np.zeros(1)
    expected = np.array([[[7.0, 9, 8, 9, 8, 4]]])
    compare(conv1d_forward(x, w, b, padding=1), expected, "the worked example with padding 1")

    rng = np.random.default_rng(0)
    x, w, b = (
        rng.standard_normal((2, 3, 11)),
        rng.standard_normal((4, 3, 3)),
        rng.standard_normal(4),
    )
    every_third = conv1d_forward(x, w, b, padding=2)[:, :, ::3]
    hint = "A stride of 3 computes every third value of stride 1, and the last one may be left out."
    compare(conv1d_forward(x, w, b, stride=3, padding=2), every_third, "stride 3", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3203)
for length, taps, stride, padding in [(9, 3, 2, 0), (10, 3, 2, 1), (7, 2, 3, 4), (12, 5, 4, 0)]:
    x, w = draw.standard_normal((2, 3, length)), draw.standard_normal((4, 3, taps))
    b = draw.standard_normal(4)
    expected = reference_conv1d(x, w, b, stride, padding)
    got = conv1d_forward(x.copy(), w.copy(), b.copy(), stride=stride, padding=padding)
    compare(got, expected, f"{length=}, {taps=}, {stride=}, {padding=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-2-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.2 care"):
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((2, 3, 8)), rng.standard_normal((4, 3, 3)), rng.standard_normal(4)
    y = watch(conv1d_forward, x, w, b)
    same_dtype(y, np.float64, "conv1d_forward")
    x, w, b = x.astype(np.float32), w.astype(np.float32), b.astype(np.float32)
    got = conv1d_forward(x, w, b)
    same_dtype(got, np.float32, "conv1d_forward")
    compare(got, y, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(3204)
x, w, b = draw.standard_normal((2, 3, 9)), draw.standard_normal((4, 3, 3)), draw.standard_normal(4)
for padding in (0, 2):
    expected = watch(conv1d_forward, x.copy(), w.copy(), b.copy(), padding=padding)
    same_dtype(expected, np.float64, "conv1d_forward")
    single = [array.astype(np.float32) for array in (x, w, b)]
    got = watch(conv1d_forward, *single, padding=padding)
    same_dtype(got, np.float32, "conv1d_forward")
    compare(got, expected, f"float32 against float64, {padding=}", reveal=False)
expected = conv1d_forward(x.copy(), w.copy(), b.copy())
other = conv1d_forward(x.copy(), w[::-1].copy(), b.copy())
assert not np.array_equal(other, expected), "other filters, and still the same output"
for scale in (1e-120, 1e120):
    got = conv1d_forward(x * scale, w.copy(), b * scale)
    compare(got, expected * scale, f"x times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* With the filter `[1, 2, 1]` and padding 1, the first and last value of the
# worked example are smaller than the rest. Is that in the signal, or made by the padding?

# %% [markdown]
# ## 3.3 Convolution of an image (10 points)
#
# *Goal.* Build the layer that gives convolutional networks their name.
#
# *Math* (Chapter 6, *Sliding over a picture* and *Channels*). The same sum with one more axis:
# the window moves over rows and columns, and the filter covers all channels,
#
# $$ y_{n,f,i,j} = b_f + \sum_{c} \sum_{q=0}^{KH-1} \sum_{r=0}^{KW-1}
#    w_{f,c,q,r}\; \tilde x_{n,c,\,is+q,\,js+r} . $$
#
# *Task.* Write it for a batch. Images and kernels need not be square; stride and padding are the
# same for rows and columns. Start with whatever loops you like. In the end, loop over the windows
# $(i, j)$ or over the taps $(q, r)$ only, and leave the rest to NumPy, for instance to `np.einsum`:
# the property *fast* asks that your layer takes at most a tenth of the time that plain loops take,
# in which Python does one product after the other. You will be glad of it in 3.10.
#
# *Points.* shape 1, values 2, channels 2, stride and padding 2, fast 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-3-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_forward(x, w, b, stride=1, padding=0):
    """Cross-correlate every image with every filter.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    w : (F, C, KH, KW)
        Filters.
    b : (F,)
        One bias per filter.
    stride, padding : int
        Step, and zeros on each side, for rows and columns alike.

    Returns
    -------
    y : (N, F, OH, OW)
        With OH = (H + 2 * padding - KH) // stride + 1, and OW likewise.
    """
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    # (N, C, OH, OW, KH, KW) with (F, C, KH, KW): over C, KH and KW in one matrix product.
    y = np.tensordot(windows[:, :, ::stride, ::stride], w, axes=((1, 4, 5), (1, 2, 3)))
    return y.transpose(0, 3, 1, 2) + b[:, None, None]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-3-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_conv2d(x, w, b, stride=1, padding=0):
    """Visit the windows one by one: the other way round from the model answer."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = w.shape[2:]
    return b[:, None, None] + np.stack(
        [
            np.stack(
                [
                    np.tensordot(x[:, :, i : i + kh, j : j + kw], w, ([1, 2, 3], [1, 2, 3]))
                    for j in range(0, x.shape[3] - kw + 1, stride)
                ],
                axis=2,
            )
            for i in range(0, x.shape[2] - kh + 1, stride)
        ],
        axis=2,
    )


### END HIDDEN TESTS
with public_check("3.3 shape"):
    x, w, b = np.ones((2, 3, 8, 6)), np.ones((5, 3, 3, 2)), np.ones(5)
    same_shape(conv2d_forward(x, w, b), (2, 5, 6, 5), "stride 1, no padding: (N, F, OH, OW)")
    same_shape(conv2d_forward(x, w, b, stride=2, padding=1), (2, 5, 4, 4), "stride 2, padding 1")
### BEGIN HIDDEN TESTS
for batch, height, width, stride, padding, shape in [
    (1, 3, 5, 1, 0, (1, 4, 1, 4)),
    (3, 9, 4, 3, 0, (3, 4, 3, 1)),
    (1, 5, 7, 2, 2, (1, 4, 4, 5)),
    (2, 1, 2, 1, 1, (2, 4, 1, 3)),
]:
    x, w, b = np.ones((batch, 2, height, width)), np.ones((4, 2, 3, 2)), np.ones(4)
    y = conv2d_forward(x, w, b, stride=stride, padding=padding)
    same_shape(y, shape, f"x {x.shape}, w {w.shape}, {stride=}, {padding=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-3-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.3 values"):
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    w, b = np.arange(4.0).reshape(1, 1, 2, 2), np.zeros(1)
    expected = np.array([[[[19.0, 25], [37, 43]]]])
    compare(conv2d_forward(x, w, b), expected, "the worked example of Chapter 6")

    w = np.array([[[[0.0, 0, 1], [0, 0, 0]]]])
    expected = x[:, :, 0:2, 2:].copy()
    hint = "This filter copies the pixel at its top right corner. Did you flip or transpose it?"
    compare(conv2d_forward(x, w, b), expected, "a filter with a single 1", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3302)
for height, width, kernel_height, kernel_width in [(6, 6, 3, 3), (7, 4, 2, 3), (4, 8, 4, 1)]:
    x = draw.standard_normal((1, 1, height, width))
    w, b = draw.standard_normal((1, 1, kernel_height, kernel_width)), draw.standard_normal(1)
    expected = reference_conv2d(x, w, b)
    sizes = f"{height=}, {width=}, {kernel_height=}, {kernel_width=}"
    compare(conv2d_forward(x.copy(), w.copy(), b.copy()), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-3-channels", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.3 channels"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((4, 3, 3, 2))
    b, no_bias = rng.standard_normal(4), np.zeros(4)
    whole = conv2d_forward(x, w, no_bias)
    parts = sum(conv2d_forward(x[:, [c]], w[:, [c]], no_bias) for c in range(3))
    compare(whole, parts, "the channels' contributions add up")
    compare(whole[[1]], conv2d_forward(x[[1]], w, no_bias), "each image is treated by itself")
    compare(whole[:, [2]], conv2d_forward(x, w[[2]], no_bias[[2]]), "each filter works by itself")
    hint = "The bias of a filter is added once to each of its outputs, not once per channel."
    lifted = whole + b[:, None, None]
    compare(conv2d_forward(x, w, b), lifted, "the bias lifts the output", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3303)
for batch, channels, filters in [(2, 3, 4), (1, 5, 2), (3, 3, 3), (1, 2, 1)]:
    x, w = (
        draw.standard_normal((batch, channels, 6, 5)),
        draw.standard_normal((filters, channels, 2, 3)),
    )
    b = draw.standard_normal(filters)
    expected = reference_conv2d(x, w, b)
    sizes = f"{batch=}, {channels=}, {filters=}"
    compare(conv2d_forward(x.copy(), w.copy(), b.copy()), expected, sizes, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-3-stride-padding", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.3 stride and padding"):
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    w, b = np.arange(4.0).reshape(1, 1, 2, 2), np.zeros(1)
    expected = np.array([[[[0.0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]]]])
    compare(conv2d_forward(x, w, b, padding=1), expected, "the worked example with padding 1")

    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 2, 7, 10)), rng.standard_normal((3, 2, 3, 2))
    b = rng.standard_normal(3)
    every_second = conv2d_forward(x, w, b, padding=1)[:, :, ::2, ::2]
    hint = "A stride of 2 computes every second row and column of stride 1."
    compare(conv2d_forward(x, w, b, stride=2, padding=1), every_second, "stride 2", hint)

    shifted = np.pad(x, ((0, 0), (0, 0), (2, 0), (1, 0)))
    hint = "Move the image by 2 rows and 1 column, and the output moves along."
    moved = conv2d_forward(shifted, w, b)[:, :, 2:, 1:]
    compare(moved, conv2d_forward(x, w, b), "shift equivariance", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3304)
for height, width, stride, padding in [(6, 6, 2, 0), (7, 10, 2, 1), (9, 5, 3, 2), (4, 11, 4, 3)]:
    x, w = draw.standard_normal((2, 3, height, width)), draw.standard_normal((4, 3, 3, 2))
    b = draw.standard_normal(4)
    expected = reference_conv2d(x, w, b, stride, padding)
    got = conv2d_forward(x.copy(), w.copy(), b.copy(), stride=stride, padding=padding)
    compare(got, expected, f"{height=}, {width=}, {stride=}, {padding=}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# How fast is fast? The next cell holds the yardstick: every product that is needed at stride 1, one
# after the other. To leave the layer to you, it only adds all of them up into one number.


# %% nbgrader={"grade": false, "grade_id": "setup-loops", "locked": true, "schema_version": 3, "solution": false, "task": false}
def all_outputs_added(x, w, b):
    """Work out the sum of all of y, at stride 1 and without padding, by plain loops."""
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    total = len(x) * rows * columns * b.sum()
    for n, f, i, j, c, q, r in np.ndindex(len(x), len(w), rows, columns, *w.shape[1:]):
        total += w[f, c, q, r] * x[n, c, i + q, j + r]
    return total


# %% nbgrader={"grade": true, "grade_id": "q3-3-fast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.3 fast"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((5, 2, 10, 10)), rng.standard_normal((8, 2, 3, 3))
    b = rng.standard_normal(8)
    total = all_outputs_added(x, w, b)
    y = conv2d_forward(x, w, b)
    same_shape(y, (5, 8, 8, 8), "y")
    assert np.isclose(y.sum(), total), f"the loops sum y to {total:.6f}, yours to {y.sum():.6f}"
    factor = times_faster(
        conv2d_forward,
        all_outputs_added,
        lambda: (rng.standard_normal((20, 2, 10, 10)), w, b),
        enough=10,
    )
    print(f"{factor:.0f} times as fast as plain loops")
    assert factor >= 10, (
        f"only {factor:.1f} times as fast as plain loops, 10 are asked for: let one NumPy call "
        "(einsum, tensordot, @) do all images and filters, and all positions or all taps, at once"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3306)
x, w = draw.standard_normal((5, 2, 11, 9)), draw.standard_normal((6, 2, 4, 5))
b = draw.standard_normal(6)
expected = reference_conv2d(x, w, b)
compare(conv2d_forward(x.copy(), w.copy(), b.copy()), expected, "a large input", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-3-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.3 care"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 6, 6)), rng.standard_normal((4, 3, 3, 3))
    b = rng.standard_normal(4)
    y = watch(conv2d_forward, x, w, b)
    same_dtype(y, np.float64, "conv2d_forward")
    x, w, b = x.astype(np.float32), w.astype(np.float32), b.astype(np.float32)
    got = conv2d_forward(x, w, b)
    same_dtype(got, np.float32, "conv2d_forward")
    compare(got, y, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(3305)
x, w = draw.standard_normal((1, 3, 7, 6)), draw.standard_normal((4, 3, 3, 2))
b = draw.standard_normal(4)
for padding in (0, 2):
    expected = watch(conv2d_forward, x.copy(), w.copy(), b.copy(), padding=padding)
    same_dtype(expected, np.float64, "conv2d_forward")
    single = [array.astype(np.float32) for array in (x, w, b)]
    got = watch(conv2d_forward, *single, padding=padding)
    same_dtype(got, np.float32, "conv2d_forward")
    compare(got, expected, f"float32 against float64, {padding=}", reveal=False)
expected = conv2d_forward(x.copy(), w.copy(), b.copy())
other = conv2d_forward(x.copy(), w[::-1].copy(), b.copy())
assert not np.array_equal(other, expected), "other filters, and still the same output"
for scale in (1e-120, 1e120):
    got = conv2d_forward(x * scale, w.copy(), b * scale)
    compare(got, expected * scale, f"x times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# Your layer at work: a house, and what two filters say about it, one comparing each pixel with the
# one below, the other with the one to its right. Nothing to do here but look.

# %% tags=["only-shows"] nbgrader={"grade": false, "grade_id": "q3-3-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
drawing = [
    "............",
    ".....##.....",
    "....####....",
    "...######...",
    "..########..",
    ".##########.",
    "..########..",
    "..##....##..",
    "..##....##..",
    "..########..",
    "............",
]
house = np.array([[[[float(mark == "#") for mark in row] for row in drawing]]])
edges = np.array([[[[1.0, 1], [-1, -1]]], [[[1.0, -1], [1, -1]]]])
answers = np.sign(conv2d_forward(house, edges, np.zeros(2))[0]).astype(int)
for row, below, right in zip(drawing, *answers.tolist(), strict=False):
    print(
        row,
        *("".join("-.+"[value + 1] for value in answer) for answer in (below, right)),
        sep="    ",
    )

# %% [markdown]
# *Think about it.* Both filters are silent inside the walls and in the sky. Which property of their
# weights makes it so? What would they say about a picture that is brighter by 5 everywhere?

# %% [markdown]
# ## 3.4 The way back through a convolution (10 points)
#
# *Goal.* Send gradients through the layer, to its input, its weights and its bias; and know that
# they are right without an answer key.
#
# *Math* (Chapter 6, *The backward pass*). Let $J$ be the loss and write $dy$ for $\partial J /
# \partial y$, and so on. In the forward pass $\tilde x_{n,c,\,is+q,\,js+r}$ is multiplied by
# $w_{f,c,q,r}$ and lands in $y_{n,f,i,j}$. The gradient goes back along each of these
# connections, and what arrives from several is **added up**:
#
# $$ \begin{aligned}
#    d\tilde x_{n,c,\,is+q,\,js+r} &\mathrel{+}= w_{f,c,q,r}\; dy_{n,f,i,j}
#    && \text{for all } f, i, j, q, r \\
#    dw_{f,c,q,r} &= \sum_{n,i,j} dy_{n,f,i,j}\; \tilde x_{n,c,\,is+q,\,js+r} \\
#    db_f &= \sum_{n,i,j} dy_{n,f,i,j}
#    \end{aligned} $$
#
# and $dx$ is $d\tilde x$ without the border that the padding added.
#
# *The proof without a key* (Chapter 6, *The backward pass*). Without its bias the layer is a
# matrix: $y = Ax$ for fixed $w$, and also $y = Bw$ for fixed $x$. Going back multiplies by the
# transposes, $dx = A^\top dy$ and $dw = B^\top dy$. So $\langle x, dx \rangle = \langle Ax, dy
# \rangle = \langle Bw, dy \rangle = \langle w, dw \rangle$, whatever $x$, $w$ and $dy$ are. The
# check of the padding below is just that.
#
# *Task.* Return `dx`, `dw` and `db`, in this order. Your forward pass is not needed.
#
# *Points.* shape 1, db 1, dw 2, dx 2, stride 2, padding 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-4-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_backward(dy, x, w, stride=1, padding=0):
    """Send the gradient of the loss back through a two-dimensional convolution.

    Parameters
    ----------
    dy : (N, F, OH, OW)
        Gradient with respect to the layer's output.
    x : (N, C, H, W)
        The images that went in.
    w : (F, C, KH, KW)
        The filters.
    stride, padding : int
        As in the forward pass.

    Returns
    -------
    dx : (N, C, H, W)
    dw : (F, C, KH, KW)
    db : (F,)
    """
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    seen = windows[:, :, ::stride, ::stride]
    dw = np.tensordot(dy, seen, axes=((0, 2, 3), (0, 2, 3)))
    # What each output sends to each tap of its window: (N, OH, OW, C, KH, KW).
    sent = np.tensordot(dy, w, axes=(1, 0))
    dpadded = np.zeros_like(padded)
    rows, columns = dy.shape[2] * stride, dy.shape[3] * stride
    for q in range(w.shape[2]):
        for r in range(w.shape[3]):
            arrived = sent[:, :, :, :, q, r].transpose(0, 3, 1, 2)
            dpadded[:, :, q : q + rows : stride, r : r + columns : stride] += arrived
    height, width = x.shape[2:]
    dx = dpadded[:, :, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 2, 3))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-4-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_conv2d_backward(dy, x, w, stride=1, padding=0):
    """Visit the windows one by one: the other way round from the model answer."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            rows = slice(i * stride, i * stride + w.shape[2])
            columns = slice(j * stride, j * stride + w.shape[3])
            dw += np.tensordot(dy[:, :, i, j], padded[:, :, rows, columns], (0, 0))
            dpadded[:, :, rows, columns] += np.tensordot(dy[:, :, i, j], w, (1, 0))
    inside = slice(padding, padding + x.shape[2]), slice(padding, padding + x.shape[3])
    return dpadded[:, :, *inside], dw, dy.sum(axis=(0, 2, 3))


### END HIDDEN TESTS
with public_check("3.4 shape"):
    dy, x, w = np.ones((2, 5, 6, 5)), np.ones((2, 3, 8, 6)), np.ones((5, 3, 3, 2))
    gradients = conv2d_backward(dy, x, w)
    shapes = {"dx": x.shape, "dw": w.shape, "db": (5,)}
    several(gradients, *shapes)
    for gradient, (name, shape) in zip(gradients, shapes.items(), strict=True):
        hint = "" if gradient is None or np.size(gradient) else " (x[p:-p] is empty where p is 0)"
        same_shape(gradient, shape, f"{name} has the shape of {name[1]}{hint}")
### BEGIN HIDDEN TESTS
for output, image, kernel, stride, padding in [
    ((1, 4, 1, 1), (1, 2, 3, 2), (4, 2, 3, 2), 1, 0),
    ((3, 2, 3, 2), (3, 1, 8, 6), (2, 1, 3, 3), 2, 0),
    ((1, 2, 4, 5), (1, 3, 5, 7), (2, 3, 3, 2), 2, 2),
]:
    dy, x, w = np.ones(output), np.ones(image), np.ones(kernel)
    gradients = conv2d_backward(dy, x, w, stride=stride, padding=padding)
    for gradient, shape in zip(gradients, (image, kernel, output[1:2]), strict=True):
        same_shape(gradient, shape, f"dy {output}, x {image}, w {kernel}, {stride=}, {padding=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-4-db", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.4 db"):
    dy = np.arange(16.0).reshape(2, 2, 2, 2)
    x, w = np.ones((2, 1, 3, 3)), np.ones((2, 1, 2, 2))
    _, _, db = conv2d_backward(dy, x, w)
    assert np.isclose(db.sum(), dy.sum()), (
        f"every entry of y holds its filter's bias once, so db should sum to {dy.sum():g}, "
        f"not {db.sum():g}"
    )
    only_first = dy * np.array([1.0, 0.0])[:, None, None]
    _, _, db = conv2d_backward(only_first, x, w)
    assert db[1] == 0, f"only filter 0 got a gradient, so db[1] should be 0, not {db[1]:g}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3402)
for batch, filters in [(3, 4), (1, 2), (2, 2), (5, 1)]:
    dy = draw.standard_normal((batch, filters, 4, 3))
    expected = reference_conv2d_backward(
        dy, np.ones((batch, 2, 5, 5)), np.ones((filters, 2, 2, 3))
    )[2]
    got = conv2d_backward(dy.copy(), np.ones((batch, 2, 5, 5)), np.ones((filters, 2, 2, 3)))[2]
    compare(got, expected, f"db for {batch=}, {filters=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-4-dw", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.4 dw"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 1, 3, 3)), rng.standard_normal((1, 1, 2, 2))
    dy = rng.standard_normal((1, 1, 2, 2))
    # Row by row, the pixels under the 2 × 2 window at its four positions: y = B w.
    B = x.ravel()[[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]]
    expected = (B.T @ dy.ravel()).reshape(w.shape)
    compare(conv2d_backward(dy, x, w)[1], expected, "dw = Bᵀ dy")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3403)
for batch, channels, filters, kernel_height, kernel_width in [
    (2, 3, 4, 3, 2),
    (1, 2, 3, 1, 4),
    (3, 3, 3, 3, 3),
]:
    x, w = (
        draw.standard_normal((batch, channels, 6, 5)),
        draw.standard_normal((filters, channels, kernel_height, kernel_width)),
    )
    dy = draw.standard_normal((batch, filters, 7 - kernel_height, 6 - kernel_width))
    expected = reference_conv2d_backward(dy, x, w)[1]
    sizes = f"{batch=}, {channels=}, {filters=}, {kernel_height=}, {kernel_width=}"
    compare(
        conv2d_backward(dy.copy(), x.copy(), w.copy())[1], expected, f"dw, {sizes}", reveal=False
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-4-dx", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.4 dx"):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((1, 1, 3, 3)), rng.standard_normal((1, 1, 2, 2))
    w = np.array([[[[1.0, 2], [3, 4]]]])
    # The same layer as a matrix: y = A x, one row per output, one column per pixel.
    A = np.array(
        [
            [1.0, 2, 0, 3, 4, 0, 0, 0, 0],
            [0, 1.0, 2, 0, 3, 4, 0, 0, 0],
            [0, 0, 0, 1.0, 2, 0, 3, 4, 0],
            [0, 0, 0, 0, 1.0, 2, 0, 3, 4],
        ]
    )
    expected, left = (A.T @ dy.ravel()).reshape(x.shape), A @ x.ravel() @ dy.ravel()
    dx = conv2d_backward(dy, x, w)[0]
    same_shape(dx, x.shape, "dx")
    right = (x * dx).sum()
    assert np.isclose(left, right), f"<A x, dy> = {left:.6f} but <x, dx> = {right:.6f}"
    compare(dx, expected, "dx = Aᵀ dy")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3404)
for batch, channels, filters, kernel_height, kernel_width in [
    (2, 3, 4, 3, 2),
    (1, 2, 3, 1, 4),
    (3, 3, 3, 3, 3),
]:
    x, w = (
        draw.standard_normal((batch, channels, 6, 5)),
        draw.standard_normal((filters, channels, kernel_height, kernel_width)),
    )
    dy = draw.standard_normal((batch, filters, 7 - kernel_height, 6 - kernel_width))
    expected = reference_conv2d_backward(dy, x, w)[0]
    sizes = f"{batch=}, {channels=}, {filters=}, {kernel_height=}, {kernel_width=}"
    compare(
        conv2d_backward(dy.copy(), x.copy(), w.copy())[0], expected, f"dx, {sizes}", reveal=False
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-4-stride", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.4 stride"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 8, 6)), rng.standard_normal((4, 3, 3, 2))
    dy = rng.standard_normal((2, 4, 3, 3))
    spread = np.zeros((2, 4, 6, 5))  # dy at stride 1: zeros where stride 2 has no window
    spread[:, :, ::2, ::2] = dy
    expected = conv2d_backward(spread, x, w)
    got = conv2d_backward(dy, x, w, stride=2)
    hint = "Stride 2 leaves out windows of stride 1; those that are left out send nothing back."
    for name, gradient, right in zip(("dx", "dw"), got, expected, strict=False):
        same_shape(right, {"dx": x, "dw": w}[name].shape, f"{name} at stride 1")
        compare(gradient, right, f"{name} at stride 2", hint)
    unseen = np.abs(got[0][:, :, 7]).max()
    assert unseen == 0, "stride 2: no window reaches the last row, so its gradient is 0"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3405)
for height, width, stride in [(8, 6, 2), (7, 7, 2), (10, 5, 3)]:
    x, w = draw.standard_normal((2, 3, height, width)), draw.standard_normal((4, 3, 3, 2))
    dy = draw.standard_normal((2, 4, (height - 3) // stride + 1, (width - 2) // stride + 1))
    expected = reference_conv2d_backward(dy, x, w, stride)
    got = conv2d_backward(dy.copy(), x.copy(), w.copy(), stride=stride)
    for name, gradient, right in zip(("dx", "dw"), got, expected, strict=False):
        compare(gradient, right, f"{name} at {height=}, {width=}, {stride=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-4-padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.4 padding"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 5, 4)), rng.standard_normal((4, 3, 3, 3))
    dy = rng.standard_normal((2, 4, 5, 4))
    dx, dw, _ = conv2d_backward(dy, x, w, padding=1)
    same_shape(dx, x.shape, "padding 1: dx without the border has the shape of x")
    left, right = (x * dx).sum(), (w * dw).sum()
    assert np.isclose(left, right), f"padding 1: <x, dx> = {left:.6f} but <w, dw> = {right:.6f}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3406)
for height, width, padding in [(5, 4, 1), (6, 5, 2), (7, 4, 1)]:
    x, w = draw.standard_normal((1, 2, height, width)), draw.standard_normal((3, 2, 3, 2))
    dy = draw.standard_normal((1, 3, height + 2 * padding - 2, width + 2 * padding - 1))
    expected = reference_conv2d_backward(dy, x, w, padding=padding)
    got = conv2d_backward(dy.copy(), x.copy(), w.copy(), padding=padding)
    for name, gradient, right in zip(("dx", "dw"), got, expected, strict=False):
        compare(gradient, right, f"{name} at {padding=}", reveal=False)
# At stride 2, against the student's own answer for an image with its border drawn on: what is
# wrong with the stride alone has cost its points already.
x, w = draw.standard_normal((1, 2, 7, 4)), draw.standard_normal((3, 2, 3, 2))
dy, framed = draw.standard_normal((1, 3, 4, 3)), np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
expected = conv2d_backward(dy.copy(), framed, w.copy(), stride=2)
expected = expected[0][:, :, 1:-1, 1:-1], expected[1]
got = conv2d_backward(dy.copy(), x.copy(), w.copy(), stride=2, padding=1)
for name, gradient, right in zip(("dx", "dw"), got, expected, strict=False):
    compare(gradient, right, f"{name} at stride 2, padding 1", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-4-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.4 care"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 5, 5)), rng.standard_normal((4, 3, 3, 3))
    dy = rng.standard_normal((2, 4, 3, 3))
    expected = watch(conv2d_backward, dy, x, w)
    dy, x, w = dy.astype(np.float32), x.astype(np.float32), w.astype(np.float32)
    gradients = conv2d_backward(dy, x, w)
    for name, gradient, right in zip(("dx", "dw", "db"), gradients, expected, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(3407)
x, w = draw.standard_normal((1, 2, 6, 5)), draw.standard_normal((3, 2, 3, 2))
for padding in (0, 1):
    dy = draw.standard_normal((1, 3, 4 + 2 * padding, 4 + 2 * padding))
    expected = watch(conv2d_backward, dy.copy(), x.copy(), w.copy(), padding=padding)
    single = [array.astype(np.float32) for array in (dy, x, w)]
    got = watch(conv2d_backward, *single, padding=padding)
    for name, gradient, right in zip(("dx", "dw", "db"), got, expected, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}, float32 against float64, {padding=}", reveal=False)
dy = draw.standard_normal((1, 3, 4, 4))
expected = conv2d_backward(dy.copy(), x.copy(), w.copy())
for name, right in zip(("dx", "dw", "db"), expected, strict=True):
    assert right.any(), f"{name} is 0 everywhere, though dy is not"
for scale in (1e-120, 1e120):
    got = conv2d_backward(dy * scale, x.copy(), w.copy())
    for name, gradient, right in zip(("dx", "dw", "db"), got, expected, strict=True):
        compare(gradient, right * scale, f"{name}, dy times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* At stride 1 and without padding, a pixel in a corner of the image gets its
# gradient from one window, a pixel in the middle from KH · KW of them. What does that mean for
# learning from the border of pictures?

# %% [markdown]
# ## 3.5 Max-pooling (5 points)
#
# *Goal.* Keep the strongest answer of each neighbourhood, and drop where exactly it was.
#
# *Math* (Chapter 6, *A short look at pooling*). With windows of `kernel_size` × `kernel_size`
# pixels, in steps of $s$ = `stride`,
#
# $$ y_{n,c,i,j} = \max_{0 \le q,\, r < K} x_{n,c,\,is+q,\,js+r} . $$
#
# Each channel is pooled by itself. There is no padding: rows and columns at the end that do not
# fill a window are left out, just as in 3.1. Windows overlap when the stride is smaller than the
# kernel.
#
# *Task.* Return the pooled images.
#
# *Points.* values 2, windows 1, negative values 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-5-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool2d_forward(x, kernel_size, stride):
    """Take the largest value of each window.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    kernel_size, stride : int
        Side of the square window, and the step between windows.

    Returns
    -------
    y : (N, C, OH, OW)
        With OH = (H - kernel_size) // stride + 1, and OW likewise.
    """
    ### BEGIN SOLUTION
    rows = (x.shape[2] - kernel_size) // stride + 1
    columns = (x.shape[3] - kernel_size) // stride + 1
    y = np.full((*x.shape[:2], rows, columns), -np.inf, dtype=x.dtype)
    for q in range(kernel_size):
        for r in range(kernel_size):
            y = np.maximum(y, x[:, :, q::stride, r::stride][:, :, :rows, :columns])
    return y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-5-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_max_pool2d(x, kernel_size, stride):
    """Visit the windows one by one: the other way round from the model answer."""
    k = kernel_size
    return np.stack(
        [
            np.stack(
                [
                    x[:, :, i : i + k, j : j + k].max(axis=(2, 3))
                    for j in range(0, x.shape[3] - k + 1, stride)
                ],
                axis=2,
            )
            for i in range(0, x.shape[2] - k + 1, stride)
        ],
        axis=2,
    )


### END HIDDEN TESTS
with public_check("3.5 values"):
    x = np.array([[4.0, 1, 0, 2], [3, 2, 5, 1], [1, 9, 0, 7], [2, 8, 6, 3]]).reshape(1, 1, 4, 4)
    expected = np.array([[[[4.0, 5], [9, 7]]]])
    compare(max_pool2d_forward(x, 2, 2), expected, "the four quarters of a 4 × 4 image")

    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 6, 4))
    doubled = 2 * max_pool2d_forward(x, 2, 2)
    compare(max_pool2d_forward(2 * x, 2, 2), doubled, "twice the image, twice the maximum")
    alone = max_pool2d_forward(x[:, [1]], 2, 2)
    compare(max_pool2d_forward(x, 2, 2)[:, [1]], alone, "each channel is pooled by itself")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3501)
for shape, size in [((2, 3, 6, 4), 2), ((1, 1, 9, 6), 3), ((3, 2, 4, 8), 4), ((1, 4, 2, 2), 1)]:
    x = draw.uniform(1, 9, shape)
    expected = reference_max_pool2d(x, size, size)
    compare(max_pool2d_forward(x.copy(), size, size), expected, f"{shape=}, {size=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-5-windows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.5 windows"):
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 9, (2, 3, 7, 5))
    expected = x[:, :, ::2, ::2].copy()
    compare(max_pool2d_forward(x, 1, 2), expected, "windows of one pixel, stride 2")
    twice = max_pool2d_forward(max_pool2d_forward(x, 2, 1), 2, 1)
    hint = "Two rounds of overlapping 2 × 2 windows see as much as one round of 3 × 3."
    compare(max_pool2d_forward(x, 3, 1), twice, "overlapping windows", hint)
    full = max_pool2d_forward(x[:, :, :6, :4], 2, 2)
    what = "rows and columns that fill no window are left out"
    compare(max_pool2d_forward(x, 2, 2), full, what)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3502)
for shape, size, stride in [
    ((1, 2, 7, 5), 2, 2),
    ((2, 1, 8, 7), 3, 2),
    ((2, 3, 5, 9), 2, 3),
    ((1, 1, 6, 4), 4, 1),
]:
    x = draw.uniform(1, 9, shape)
    expected = reference_max_pool2d(x, size, stride)
    got = max_pool2d_forward(x.copy(), size, stride)
    compare(got, expected, f"{shape=}, {size=}, {stride=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-5-negative", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.5 negative values"):
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 9, (2, 3, 6, 6))
    lowered = max_pool2d_forward(x, 2, 2) - 20
    hint = "The largest of negative numbers is negative: where does a 0 come from?"
    compare(max_pool2d_forward(x - 20, 2, 2), lowered, "an image lowered by 20", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3503)
for scale in (1e-120, 1.0, 1e6, 1e120):
    x = -scale * draw.uniform(1, 9, (1, 2, 6, 8))
    expected = reference_max_pool2d(x, 2, 2)
    compare(max_pool2d_forward(x.copy(), 2, 2), expected, f"negative, around {scale}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-5-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.5 care"):
    x = np.random.default_rng(0).uniform(1, 9, (2, 3, 6, 4))
    watch(max_pool2d_forward, x, kernel_size=2, stride=2)
    same_dtype(max_pool2d_forward(x.astype(np.float32), 2, 2), np.float32, "max_pool2d_forward")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3504)
for dtype in (np.float32, np.float64):
    x = draw.uniform(1, 9, (1, 3, 4, 6)).astype(dtype)
    expected = reference_max_pool2d(x, 2, 2)
    got = watch(max_pool2d_forward, x, kernel_size=2, stride=2)
    same_dtype(got, dtype, "max_pool2d_forward")
    compare(got, expected, f"values in {np.dtype(dtype)}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Move the image by one pixel. Which outputs of a 2 × 2 pooling with stride 2 can
# stay the same, and why is that welcome when we only want to know *whether* something is there?

# %% [markdown]
# ## 3.6 The way back through max-pooling (6 points)
#
# *Goal.* Handle a layer that has no derivative everywhere, by agreeing on one of its possible
# slopes.
#
# *Math* (Chapter 6, *A short look at pooling*). A small change of a pixel changes $y$ only if that
# pixel is the maximum of a window. So each $dy_{n,c,i,j}$ goes, undivided, to the pixel that won
# the window $(i, j)$, and to no other. A pixel that won several overlapping windows collects from
# all of them. If several pixels of a window are equally large, any one of them could be chosen; we
# choose the **first in reading order** (top row first, then from left to right), as `torch` does.
#
# *Task.* Return `dx`.
#
# *Points.* values 2, overlap 2, ties 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-6-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool2d_backward(dy, x, kernel_size, stride):
    """Send the gradient of the loss back through max-pooling.

    Parameters
    ----------
    dy : (N, C, OH, OW)
        Gradient with respect to the pooled images.
    x : (N, C, H, W)
        The images that went in.
    kernel_size, stride : int
        As in the forward pass.

    Returns
    -------
    dx : (N, C, H, W)
    """
    ### BEGIN SOLUTION
    dx = np.zeros(x.shape, dtype=dy.dtype)
    n, c = np.ogrid[: x.shape[0], : x.shape[1]]
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            # argmax names the first of equals, in reading order.
            q, r = np.divmod(window.reshape(*x.shape[:2], -1).argmax(axis=2), kernel_size)
            dx[n, c, top + q, left + r] += dy[:, :, i, j]
    return dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-6-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_max_pool2d_backward(dy, x, kernel_size, stride):
    """Go window by window, image by image, through flat indices."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dy.shape):
        top, left = i * stride, j * stride
        best = max(
            (x[n, c, top + q, left + r], -q, -r)
            for q in range(kernel_size)
            for r in range(kernel_size)
        )
        dx[n, c, top - best[1], left - best[2]] += dy[n, c, i, j]
    return dx


### END HIDDEN TESTS
with public_check("3.6 values"):
    rng = np.random.default_rng(0)
    x, dy = rng.permutation(48).reshape(2, 1, 4, 6) * 1.0, rng.standard_normal((2, 1, 2, 3))
    dx = max_pool2d_backward(dy, x, 2, 2)
    same_shape(dx, x.shape, "dx has the shape of x")
    left, right = dx.sum(), dy.sum()
    assert np.isclose(left, right), (
        f"no gradient is lost: dx should sum to {right:.6f}, got {left:.6f}"
    )
    winners = np.count_nonzero(dx)
    assert winners == dy.size, (
        f"{dy.size} windows have {dy.size} winners, but {winners} pixels got some"
    )
    for q, r in np.ndindex(2, 2):
        peak = np.zeros((1, 1, 2, 2))
        peak[0, 0, q, r] = 1
        got = max_pool2d_backward(np.full((1, 1, 1, 1), 5.0), peak, 2, 2)[0, 0, q, r]
        assert got == 5, f"the peak at ({q}, {r}) wins and gets all of dy = 5, not {got:g}"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3601)
for shape, size in [((2, 3, 6, 4), 2), ((1, 2, 9, 6), 3), ((3, 1, 4, 8), 4), ((1, 4, 2, 2), 1)]:
    for shift in (0, -1000):
        x = draw.permutation(np.prod(shape)).reshape(shape) + float(shift)
        dy = draw.standard_normal((*shape[:2], shape[2] // size, shape[3] // size))
        expected = reference_max_pool2d_backward(dy, x, size, size)
        got = max_pool2d_backward(dy.copy(), x.copy(), size, size)
        compare(got, expected, f"{shape=}, {size=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-6-overlap", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.6 overlap"):
    x = np.array([[1.0, 2, 3], [4, 9, 5], [6, 7, 8]]).reshape(1, 1, 3, 3)
    dy = np.array([[[[1.0, 10], [100, 1000]]]])
    peak = max_pool2d_backward(dy, x, 2, 1)[0, 0, 1, 1]
    assert peak == 1111, (
        f"the peak in the middle wins all four windows: 1111 expected, got {peak:g}"
    )

    rng = np.random.default_rng(0)
    x, dy = rng.permutation(35).reshape(1, 1, 7, 5) * 1.0, rng.standard_normal((1, 1, 3, 2))
    dx = max_pool2d_backward(dy, x, 2, 2)
    left_out = np.abs(dx[:, :, 6]).max() + np.abs(dx[:, :, :, 4]).max()
    assert left_out == 0, "the last row and column fill no window, so their gradient is 0"
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3602)
for shape, size, stride in [
    ((1, 2, 7, 5), 2, 2),
    ((2, 1, 8, 7), 3, 2),
    ((2, 3, 5, 9), 2, 3),
    ((1, 2, 6, 5), 3, 1),
]:
    x = draw.permutation(np.prod(shape)).astype(float).reshape(shape)
    rows, columns = (shape[2] - size) // stride + 1, (shape[3] - size) // stride + 1
    dy = draw.standard_normal((*shape[:2], rows, columns))
    expected = reference_max_pool2d_backward(dy, x, size, stride)
    got = max_pool2d_backward(dy.copy(), x.copy(), size, stride)
    compare(got, expected, f"{shape=}, {size=}, {stride=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-6-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.6 ties"):
    dy = np.array([[[[1.0, 2], [3, 4]]]])
    dx = max_pool2d_backward(dy, np.zeros((1, 1, 4, 4)), 2, 2)
    hint = "In a flat image the top left pixel of each window wins, and it alone."
    compare(dx[:, :, ::2, ::2], dy, "a flat image", hint)
    assert np.isclose(dx.sum(), 10), (
        f"ties must not multiply the gradient: sum 10, got {dx.sum():g}"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3603)
for shape, size in [((2, 3, 6, 6), 2), ((1, 1, 6, 9), 3)]:
    for low in (0, -3):
        x = draw.integers(low, low + 3, shape).astype(float)
        dy = draw.standard_normal((*shape[:2], shape[2] // size, shape[3] // size))
        expected = reference_max_pool2d_backward(dy, x, size, size)
        got = max_pool2d_backward(dy.copy(), x.copy(), size, size)
        compare(got, expected, f"ties, {shape=}, {size=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-6-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.6 care"):
    rng = np.random.default_rng(0)
    x, dy = rng.permutation(48).reshape(2, 1, 4, 6) * 1.0, rng.standard_normal((2, 1, 2, 3))
    watch(max_pool2d_backward, dy, x, kernel_size=2, stride=2)
    dx = max_pool2d_backward(dy.astype(np.float32), x.astype(np.float32), 2, 2)
    same_dtype(dx, np.float32, "max_pool2d_backward")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3604)
for dtype in (np.float32, np.float64):
    x = draw.permutation(72).astype(dtype).reshape(1, 3, 4, 6)
    dy = draw.standard_normal((1, 3, 2, 3)).astype(dtype)
    expected = reference_max_pool2d_backward(dy, x, 2, 2)
    got = watch(max_pool2d_backward, dy, x, kernel_size=2, stride=2)
    same_dtype(got, dtype, "max_pool2d_backward")
    compare(got, expected, f"values in {np.dtype(dtype)}", reveal=False)
    for scale in (1e-30, 1e30):
        compare(
            max_pool2d_backward(dy * dtype(scale), x, 2, 2),
            expected * dtype(scale),
            f"dy times {scale}",
            reveal=False,
        )
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* After one 2 × 2 pooling with stride 2, which share of the pixels gets any
# gradient at all? Is that a reason to prefer average-pooling?

# %% [markdown]
# ## 3.7 A kernel with gaps, and its way back (6 points)
#
# *Goal.* Turn a layer that you have not seen before into its own backward pass.
#
# *Math.* A *dilated* convolution leaves gaps between its taps. With the dilation $d$, tap $k$ looks
# $dk$ steps ahead, not $k$:
#
# $$ y_{n,f,t} = \sum_{c=0}^{C-1} \sum_{k=0}^{K-1} w_{f,c,k}\; x_{n,c,\,t+dk} ,
#    \qquad 0 \le t < OT = T - d\,(K-1) . $$
#
# With $d = 1$ this is the convolution of 3.2, at stride 1 and without padding or bias. With $d = 2$
# one step is skipped between one tap and the next, and so on: K weights span $d(K-1) + 1$ steps. In
# this way networks for speech and music look far back with few weights.
#
# A layer is a matrix, whatever its gaps: $y = Ax$ for fixed $w$, and $y = Bw$ for fixed $x$. So,
# as in 3.4, $dx = A^\top dy$ and $dw = B^\top dy$, and $\langle Ax, dy \rangle = \langle x, dx
# \rangle = \langle w, dw \rangle$. In words: each $dy$ returns along the connections of the forward
# sum, and where several meet, they are added up.
#
# *Task.* Return `dx` and `dw`, in this order.
#
# *Points.* shape 1, dx 2, dw 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dilated_conv1d_backward(dy, x, w, dilation):
    """Send the gradient of the loss back through a dilated convolution.

    Parameters
    ----------
    dy : (N, F, OT)
        Gradient with respect to the layer's output, with OT = T - dilation * (K - 1).
    x : (N, C, T)
        The signals that went in.
    w : (F, C, K)
        The filters.
    dilation : int
        Steps from one tap to the next, at least 1.

    Returns
    -------
    dx : (N, C, T)
    dw : (F, C, K)
    """
    ### BEGIN SOLUTION
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for k in range(w.shape[2]):
        # The steps that tap k saw on the way forward.
        seen = slice(k * dilation, k * dilation + dy.shape[2])
        dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
        dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
    return dx, dw
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-7-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_dilated_backward(dy, x, w, dilation):
    """Visit the outputs one by one: the other way round from the model answer."""
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(dy.shape[2]):
        span = t + np.arange(w.shape[2]) * dilation
        dx[:, :, span] += np.tensordot(dy[:, :, t], w, (1, 0))
        dw += np.tensordot(dy[:, :, t], x[:, :, span], (0, 0))
    return dx, dw


### END HIDDEN TESTS
with public_check("3.7 shape"):
    dy, x, w = np.ones((2, 4, 6)), np.ones((2, 3, 10)), np.ones((4, 3, 3))
    gradients = dilated_conv1d_backward(dy, x, w, 2)
    several(gradients, "dx", "dw")
    same_shape(gradients[0], x.shape, "dx has the shape of x")
    same_shape(gradients[1], w.shape, "dw has the shape of w")
### BEGIN HIDDEN TESTS
for batch, channels, filters, taps, dilation, steps in [
    (1, 2, 5, 1, 3, 4),
    (3, 1, 2, 4, 1, 1),
    (1, 3, 1, 2, 7, 5),
]:
    x = np.ones((batch, channels, steps + dilation * (taps - 1)))
    w, dy = np.ones((filters, channels, taps)), np.ones((batch, filters, steps))
    gradients = dilated_conv1d_backward(dy, x, w, dilation)
    for gradient, shape in zip(gradients, (x.shape, w.shape), strict=True):
        same_shape(gradient, shape, f"dy {dy.shape}, x {x.shape}, w {w.shape}, {dilation=}")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-7-dx", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.7 dx"):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((1, 1, 7)), rng.standard_normal((1, 1, 3))
    w = np.array([[[1.0, 2, 3]]])
    # The layer with dilation 2 as a matrix: y = A x, one row per output, one column per step.
    A = np.array(
        [
            [1.0, 0, 2, 0, 3, 0, 0],
            [0, 1.0, 0, 2, 0, 3, 0],
            [0, 0, 1.0, 0, 2, 0, 3],
        ]
    )
    dx = dilated_conv1d_backward(dy, x, w, 2)[0]
    same_shape(dx, x.shape, "dx")
    left, right = A @ x.ravel() @ dy.ravel(), (x * dx).sum()
    assert np.isclose(left, right), (
        f"<A x, dy> = {left:.6f} but <x, dx> = {right:.6f}: where several taps reach a step, what "
        "comes back is added up"
    )
    compare(dx, (A.T @ dy.ravel()).reshape(x.shape), "dx = Aᵀ dy")

    x, w = rng.standard_normal((2, 3, 11)), rng.standard_normal((4, 3, 3))
    dy = rng.standard_normal((2, 4, 7))
    dx = dilated_conv1d_backward(dy, x, w, 2)[0]
    hint = "With dilation 2, even and odd steps never meet: they are two signals with dilation 1."
    for start, name in enumerate(("even", "odd")):
        parts = dy[:, :, start::2].copy(), x[:, :, start::2].copy()
        alone = dilated_conv1d_backward(*parts, w, 1)[0]
        compare(dx[:, :, start::2].copy(), alone, f"dx at the {name} steps", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3702)
cases = [(2, 3, 4, 3, 2, 6), (1, 2, 3, 4, 3, 5), (3, 3, 3, 2, 1, 3), (2, 1, 2, 3, 5, 1)]
for batch, channels, filters, taps, dilation, steps in cases:
    x = draw.standard_normal((batch, channels, steps + dilation * (taps - 1)))
    w = draw.standard_normal((filters, channels, taps))
    dy = draw.standard_normal((batch, filters, steps))
    expected = reference_dilated_backward(dy, x, w, dilation)[0]
    got = dilated_conv1d_backward(dy.copy(), x.copy(), w.copy(), dilation)[0]
    sizes = f"{batch=}, {channels=}, {filters=}, {taps=}, {dilation=}"
    compare(got, expected, f"dx, {sizes}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-7-dw", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.7 dw"):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((1, 1, 7)), rng.standard_normal((1, 1, 3))
    w = rng.standard_normal((1, 1, 3))
    # Row by row, the steps under the three taps, two apart: y = B w.
    B = x.ravel()[[[0, 2, 4], [1, 3, 5], [2, 4, 6]]]
    dw = dilated_conv1d_backward(dy, x, w, 2)[1]
    same_shape(dw, w.shape, "dw")
    left, right = B @ w.ravel() @ dy.ravel(), (w * dw).sum()
    assert np.isclose(left, right), f"<B w, dy> = {left:.6f} but <w, dw> = {right:.6f}"
    compare(dw, (B.T @ dy.ravel()).reshape(w.shape), "dw = Bᵀ dy")

    x, w = rng.standard_normal((2, 3, 11)), rng.standard_normal((4, 3, 3))
    dy = rng.standard_normal((2, 4, 7))
    parts = [(dy[:, :, start::2].copy(), x[:, :, start::2].copy()) for start in (0, 1)]
    added = sum(dilated_conv1d_backward(*part, w, 1)[1] for part in parts)
    hint = "Even and odd steps share the weights, so what both say about them is added up."
    compare(dilated_conv1d_backward(dy, x, w, 2)[1], added, "dw of even and odd steps", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3703)
cases = [(2, 3, 4, 3, 2, 6), (1, 2, 3, 4, 3, 5), (3, 3, 3, 2, 1, 3), (2, 1, 2, 3, 5, 1)]
for batch, channels, filters, taps, dilation, steps in cases:
    x = draw.standard_normal((batch, channels, steps + dilation * (taps - 1)))
    w = draw.standard_normal((filters, channels, taps))
    dy = draw.standard_normal((batch, filters, steps))
    expected = reference_dilated_backward(dy, x, w, dilation)[1]
    got = dilated_conv1d_backward(dy.copy(), x.copy(), w.copy(), dilation)[1]
    sizes = f"{batch=}, {channels=}, {filters=}, {taps=}, {dilation=}"
    compare(got, expected, f"dw, {sizes}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-7-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.7 care"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 8)), rng.standard_normal((4, 3, 3))
    dy = rng.standard_normal((2, 4, 4))
    expected = watch(dilated_conv1d_backward, dy, x, w, dilation=2)
    single = [array.astype(np.float32) for array in (dy, x, w)]
    gradients = dilated_conv1d_backward(*single, 2)
    for name, gradient, right in zip(("dx", "dw"), gradients, expected, strict=True):
        same_dtype(right, np.float64, name)
        same_dtype(gradient, np.float32, name)
        compare(gradient, right, f"{name}: float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(3704)
x, w = draw.standard_normal((1, 2, 9)), draw.standard_normal((3, 2, 3))
dy = draw.standard_normal((1, 3, 3))
expected = watch(dilated_conv1d_backward, dy.copy(), x.copy(), w.copy(), dilation=3)
single = [array.astype(np.float32) for array in (dy, x, w)]
got = watch(dilated_conv1d_backward, *single, dilation=3)
for name, gradient, right in zip(("dx", "dw"), got, expected, strict=True):
    assert right.any(), f"{name} is 0 everywhere, though dy is not"
    same_dtype(right, np.float64, name)
    same_dtype(gradient, np.float32, name)
    compare(gradient, right, f"{name}, float32 against float64", reveal=False)
for scale in (1e-120, 1e120):
    got = dilated_conv1d_backward(dy * scale, x.copy(), w.copy(), 3)
    for name, gradient, right in zip(("dx", "dw"), got, expected, strict=True):
        compare(gradient, right * scale, f"{name}, dy times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Four such layers are stacked, with $K = 2$ and dilations 1, 2, 4 and 8. How many
# steps of the signal does one output of the last layer see, and by how many weights (with one
# channel throughout)? How many weights would one layer without gaps need to see as far?

# %% [markdown]
# ## 3.8 The way back through softmax (7 points)
#
# *Goal.* Send a gradient back through a layer in which every output depends on every input, with
# numbers that stay finite.
#
# *Math.* Softmax turns each row of scores into probabilities,
# $y_i = e^{x_i} / \sum_k e^{x_k}$. The table of all its derivatives, its *Jacobian*, is
#
# $$ \frac{\partial y_i}{\partial x_j} =
#    \begin{cases} y_i (1 - y_i) & i = j \\ -y_i\, y_j & i \ne j \end{cases}
#    \qquad\text{and}\qquad
#    dx_j = \sum_i dy_i\, \frac{\partial y_i}{\partial x_j} . $$
#
# Adding the same number to all scores of a row changes nothing; use this to keep $e^{x}$ from
# overflowing. (Rows of one batch may lie far apart, one near 1000, another near −1000. Where a row
# is all but sure of one class, entries of $dx$ may be rounded to 0.)
#
# *Task.* Return `dx` for a batch of rows. It is possible, and worth the thought, to do so without a
# loop and without building the Jacobian.
#
# *Points.* Jacobian 3, rows 1, stable 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-8-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_backward(dy, x):
    """Send the gradient of the loss back through the softmax of each row.

    Parameters
    ----------
    dy : (N, M)
        Gradient with respect to the probabilities.
    x : (N, M)
        Scores of M classes, one row per sample.

    Returns
    -------
    dx : (N, M)
    """
    ### BEGIN SOLUTION
    weights = np.exp(x - x.max(axis=1, keepdims=True))
    y = weights / weights.sum(axis=1, keepdims=True)
    return y * (dy - (dy * y).sum(axis=1, keepdims=True))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-8-jacobian", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_softmax_backward(dy, x):
    """Build every row's Jacobian."""
    gradients = []
    for row, gradient in zip(x, dy, strict=True):
        y = np.exp(row - row.max())
        y = y / y.sum()
        gradients.append((np.diag(y) - np.outer(y, y)) @ gradient)
    return np.stack(gradients)


### END HIDDEN TESTS
with public_check("3.8 Jacobian"):
    x = np.array([[1.0, -0.5, 2.0, 0.0]])
    rows = [softmax_backward(np.eye(4)[[i]], x) for i in range(4)]
    for row in rows:
        same_shape(row, x.shape, "dx has the shape of x")
    jacobian = np.concatenate(rows)
    total = np.abs(jacobian.sum(axis=1)).max()
    assert total < 1e-12, (
        "more of one probability is less of the others: each row of dx sums to 0, yours to "
        f"{total:g} (x holds the scores, not the probabilities)"
    )
    compare(jacobian, jacobian.T, "the Jacobian is symmetric")
    rising = (np.diag(jacobian) > 0).all()
    assert rising, "raising a score raises its own probability: diagonal > 0"

    dx = softmax_backward(np.array([[6.0, 0, 0]]), np.zeros((1, 3)))
    expected = np.array([[6 * 2 / 9, -6 / 9, -6 / 9]])
    compare(dx, expected, "three equal scores, by hand: y = 1/3 each")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3801)
for classes in (2, 3, 5, 10):
    x, dy = draw.standard_normal((1, classes)) * 2, draw.standard_normal((1, classes))
    expected = reference_softmax_backward(dy, x)
    compare(softmax_backward(dy.copy(), x.copy()), expected, f"{classes=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-8-rows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.8 rows"):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    alone = np.concatenate([softmax_backward(dy[[i]], x[[i]]) for i in range(5)])
    hint = "Sums run along each row (axis 1), never across the batch."
    compare(softmax_backward(dy, x), alone, "each row is treated by itself", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3802)
for batch, classes in [(5, 3), (4, 4), (2, 7), (1, 2)]:
    x, dy = draw.standard_normal((batch, classes)), draw.standard_normal((batch, classes))
    expected = reference_softmax_backward(dy, x)
    got = softmax_backward(dy.copy(), x.copy())
    compare(got, expected, f"{batch=}, {classes=}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-8-stable", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.8 stable"):
    x, dy = np.array([[1.0, 3.0, 2.0], [0.0, 1.0, 0.0]]), np.array([[1.0, 0, 2], [0, 3, 1]])
    expected = softmax_backward(dy, x)
    for shift in (1000, -1000):
        hint = "Softmax ignores a common shift of a row's scores, but exp(1000) overflows."
        compare(softmax_backward(dy, x + shift), expected, f"scores moved by {shift}", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3803)
x, dy = draw.integers(-3, 4, (6, 4)).astype(float), draw.standard_normal((6, 4))
for offsets in ([0, 10**4, -(10**4), 10**6, -(10**6), 500], [-800, 800, -700, 700, -750, 750]):
    moved = x + np.array(offsets, dtype=float)[:, None]
    expected = reference_softmax_backward(dy, moved)
    assert np.isfinite(expected).all()
    with np.errstate(all="ignore"):
        got = softmax_backward(dy.copy(), moved)
    for i, offset in enumerate(offsets):
        compare(got[[i]], expected[[i]], f"a row with scores near {offset}", reveal=False)
x = np.array([[1e5, 0.0, -1e5], [0.0, 0.0, -1e5]])
dy = np.array([[1.0, 2.0, 3.0], [1.0, -1.0, 5.0]])
expected = reference_softmax_backward(dy, x)
compare(softmax_backward(dy, x), expected, "scores far apart", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-8-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.8 care"):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    watch(softmax_backward, dy, x)
    dx = softmax_backward(dy.astype(np.float32), x.astype(np.float32))
    same_dtype(dx, np.float32, "softmax_backward")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3804)
for dtype in (np.float32, np.float64):
    x, dy = draw.standard_normal((1, 6)).astype(dtype), draw.standard_normal((1, 6)).astype(dtype)
    expected = reference_softmax_backward(dy.astype(float), x.astype(float))
    got = watch(softmax_backward, dy, x)
    same_dtype(got, dtype, "softmax_backward")
    compare(got, expected, f"values in {np.dtype(dtype)}", reveal=False)
    for scale in (1e-30, 1e30):
        got = softmax_backward(dy * dtype(scale), x)
        compare(got, expected * scale, f"dy times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* If all entries of `dy` are equal, what is `dx`, and why must it be so?

# %% [markdown]
# ## 3.9 A filter for each channel (5 points)
#
# *Goal.* Leave out of a convolution what costs most: mixing the channels.
#
# *Math.* In 3.3 every filter looks at all C channels. In a *depthwise* convolution it looks at one.
# Each channel has M filters of its own, so there are $C \cdot M$ of them and as many maps come out:
# the first M filters read channel 0, the next M channel 1, and so on. Filter $f$ thus reads channel
# $\lfloor f / M \rfloor$,
#
# $$ y_{n,f,i,j} = \sum_{q=0}^{KH-1} \sum_{r=0}^{KW-1}
#    w_{f,0,q,r}\; x_{n,\,\lfloor f/M \rfloor,\,i+q,\,j+r} . $$
#
# The filters have the shape (C · M, 1, KH, KW), as in `torch`. Stride is 1, and there is neither
# padding nor bias. The result is that of an ordinary convolution whose filter bank of shape
# (C · M, C, KH, KW) is zero but for one block per channel. All the products with those zeros are
# saved.
#
# *What it saves.* From 64 maps to 128, an ordinary 3 × 3 layer has 128 · 64 · 9 = 73,728 weights. A
# depthwise 3 × 3 layer (64 · 9 = 576, with M = 1), which looks round in each map by itself, and
# then an ordinary 1 × 1 layer (128 · 64 = 8,192), which mixes the maps, have 8,768 together.
# Networks for telephones are built of such pairs.
#
# *Task.* Return `y`. What M is, you can tell from the shapes.
#
# *Points.* shape 1, values 1, multiplier 2, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-9-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def depthwise_conv2d_forward(x, w):
    """Cross-correlate every channel of every image with the filters of that channel.

    Parameters
    ----------
    x : (N, C, H, W)
        Images.
    w : (C * M, 1, KH, KW)
        M filters for each channel: those of channel 0 first, then those of channel 1, ...

    Returns
    -------
    y : (N, C * M, H - KH + 1, W - KW + 1)
        One map per filter, in the order of the filters.
    """
    ### BEGIN SOLUTION
    multiplier = len(w) // x.shape[1]
    # What each filter reads: every channel, once for each of its filters.
    read = x[:, np.arange(len(w)) // multiplier]
    windows = np.lib.stride_tricks.sliding_window_view(read, w.shape[2:], axis=(2, 3))
    return np.einsum("nfijqr,fkqr->nfij", windows, w)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-9-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.9 shape"):
    y = depthwise_conv2d_forward(np.ones((2, 3, 6, 5)), np.ones((3, 1, 3, 2)))
    same_shape(y, (2, 3, 4, 4), "one filter for each of 3 channels: (N, C, OH, OW)")
    y = depthwise_conv2d_forward(np.ones((2, 3, 6, 5)), np.ones((12, 1, 3, 2)))
    same_shape(y, (2, 12, 4, 4), "four filters for each of 3 channels: (N, 4 C, OH, OW)")
### BEGIN HIDDEN TESTS
for image, kernel, shape in [
    ((1, 2, 4, 7), (2, 1, 1, 3), (1, 2, 4, 5)),
    ((3, 1, 5, 4), (5, 1, 5, 2), (3, 5, 1, 3)),
    ((1, 4, 3, 3), (8, 1, 3, 3), (1, 8, 1, 1)),
]:
    y = depthwise_conv2d_forward(np.ones(image), np.ones(kernel))
    same_shape(y, shape, f"x {image}, w {kernel}")
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q3-9-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_depthwise(x, w):
    """Take an ordinary convolution, with a filter bank that is zero but for its blocks."""
    channels = x.shape[1]
    bank = np.zeros((len(w), channels, *w.shape[2:]))
    for f in range(len(w)):
        bank[f, f * channels // len(w)] = w[f, 0]
    return reference_conv2d(x, bank, np.zeros(len(w)))


### END HIDDEN TESTS
with public_check("3.9 values"):
    picture = np.arange(9.0).reshape(3, 3)
    x = np.stack([picture, picture[::-1], 10 * picture])[None]
    w = np.stack([np.arange(4.0).reshape(2, 2)] * 3)[:, None]
    y = depthwise_conv2d_forward(x, w)
    expected = np.array([[[[19.0, 25], [37, 43]]]])
    compare(y[:, [0]], expected, "the worked example of Chapter 6 as channel 0")
    compare(y[:, [2]], 10 * expected, "ten times the same picture as channel 2")

    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 5, 4)), rng.standard_normal((3, 1, 2, 3))
    whole = depthwise_conv2d_forward(x, w)
    for c in range(3):
        alone = depthwise_conv2d_forward(x[:, [c]], w[[c]])
        compare(whole[:, [c]], alone, f"channel {c} is treated by itself")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3902)
for image, kernel in [((2, 3, 6, 5), (2, 3)), ((1, 1, 4, 7), (4, 1)), ((3, 4, 5, 5), (3, 3))]:
    x, w = draw.standard_normal(image), draw.standard_normal((image[1], 1, *kernel))
    expected = reference_depthwise(x, w)
    got = depthwise_conv2d_forward(x.copy(), w.copy())
    compare(got, expected, f"x {x.shape}, w {w.shape}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-9-multiplier", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.9 multiplier"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 5, 4)), rng.standard_normal((6, 1, 2, 2))
    silent = x.copy()
    silent[:, 1] = 0
    heard = np.abs(depthwise_conv2d_forward(silent, w)).max(axis=(0, 2, 3)) > 0
    message = f"of 6 filters, 2 and 3 read channel 1, which is silent; yet heard are {heard}"
    assert heard.tolist() == [True, True, False, False, True, True], message
    y = depthwise_conv2d_forward(x, w)
    for m in range(2):
        one = depthwise_conv2d_forward(x, w[m::2].copy())
        hint = "Each filter works by itself, whatever the others of its channel do."
        compare(y[:, m::2].copy(), one, f"filter {m} of each channel", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3903)
for image, kernel in [
    ((2, 3, 6, 5), (6, 1, 2, 3)),
    ((1, 2, 4, 6), (8, 1, 3, 1)),
    ((2, 1, 5, 4), (3, 1, 2, 2)),
    ((1, 4, 5, 5), (12, 1, 3, 3)),
]:
    x, w = draw.standard_normal(image), draw.standard_normal(kernel)
    expected = reference_depthwise(x, w)
    got = depthwise_conv2d_forward(x.copy(), w.copy())
    compare(got, expected, f"x {x.shape}, w {w.shape}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-9-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.9 care"):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 5, 4)), rng.standard_normal((6, 1, 2, 2))
    y = watch(depthwise_conv2d_forward, x, w)
    same_dtype(y, np.float64, "depthwise_conv2d_forward")
    got = depthwise_conv2d_forward(x.astype(np.float32), w.astype(np.float32))
    same_dtype(got, np.float32, "depthwise_conv2d_forward")
    compare(got, y, "float32 gives what your float64 gives")
### BEGIN HIDDEN TESTS
# Answers are compared with the student's own: wrong values have cost their points already.
draw = np.random.default_rng(3904)
x, w = draw.standard_normal((1, 2, 4, 5)), draw.standard_normal((6, 1, 3, 2))
expected = watch(depthwise_conv2d_forward, x.copy(), w.copy())
same_dtype(expected, np.float64, "depthwise_conv2d_forward")
got = watch(depthwise_conv2d_forward, x.astype(np.float32), w.astype(np.float32))
same_dtype(got, np.float32, "depthwise_conv2d_forward")
compare(got, expected, "float32 against float64", reveal=False)
other = depthwise_conv2d_forward(x.copy(), w[::-1].copy())
assert not np.array_equal(other, expected), "other filters, and still the same output"
for scale in (1e-120, 1e120):
    got = depthwise_conv2d_forward(x * scale, w.copy())
    compare(got, expected * scale, f"x times {scale}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* Can a depthwise convolution find a thing that shows as red *beside* green, in an
# image with a channel for each color? What does the 1 × 1 layer that follows it add?

# %% [markdown]
# ## 3.10 A network of your own layers (11 points)
#
# *Goal.* Wire your layers up, train the network on handwritten digits, and see how well it reads
# digits that it has never seen.
#
# *Builds on.* `conv2d_forward`, `conv2d_backward`, `max_pool2d_forward`, `max_pool2d_backward`.
#
# *Math.* The network is a small LeNet. (LeNet-5, of 1998, pools once more and has two more layers
# behind.) From left to right, for N images of H × W pixels and M classes:
#
# | | layer | parameters | shape |
# | --- | --- | --- | --- |
# | $z_1$ | convolution of $x$, 3 × 3, padding 1, stride 1 | `w1`, `b1` | (N, F₁, H, W) |
# | $z_2$ | max-pooling of $z_1$, 2 × 2, stride 2 | | (N, F₁, ⌊H/2⌋, ⌊W/2⌋) |
# | $z_3$ | convolution of $z_2$, 3 × 3, padding 1, stride 1 | `w2`, `b2` | (N, F₂, ⌊H/2⌋, ⌊W/2⌋) |
# | $z_4$ | ReLU, $\max(0, z_3)$, each image's numbers in one row | | (N, D) |
# | $z_5$ | linear, $z_4 W_3^\top + b_3$ | `w3` (M, D), `b3` (M,) | (N, M) |
# | $y$ | softmax of each row of $z_5$ | | (N, M) |
#
# A row of $z_4$ holds channel after channel, and in each the rows from top to bottom, which is what
# `reshape(N, -1)` gives. The loss of a batch is the mean cross-entropy, where $t_n$ is the label of
# image $n$, and its way back through softmax and logarithm together is short:
#
# $$ J = -\frac1N \sum_{n} \log y_{n,t_n} , \qquad
#    dz_{5,n,m} = \frac{1}{N} \left( y_{n,m} - [m = t_n] \right) . $$
#
# Here $[m = t_n]$ is 1 for the right class and 0 for the others, and N the size of **this** batch.
# (Keep the exponentials from overflowing as in 3.8.) A linear layer sends back $dz_4 = dz_5\, W_3$,
# and its own gradients are $dW_3 = dz_5^\top z_4$ and $db_3 = \sum_n dz_{5,n}$. In front of it,
# $dz_4$ takes the shape of $z_3$ again, and ReLU multiplies it by its derivative: 1 where $z_3 >
# 0$, and 0 elsewhere (at $z_3 = 0$ too, where we choose 0, as `torch` does). The rest you have
# written.
#
# *Stochastic gradient descent.* For each learning rate in `rates`, go through all images once,
# which is called an epoch: draw their order by `rng.permutation(len(images))`, once and nothing
# else, cut it into batches of `batch_size` one after the other (the last may be smaller), and for
# each batch
#
# 1. go forward and note the loss $J$,
# 2. go back to the gradients of all six parameters,
# 3. then move each parameter $\theta$ against its gradient, $\theta \leftarrow \theta - \eta\,
#    d\theta$, where $\eta$ is the epoch's learning rate.
#
# *Task.* Train, starting from the given parameters, and let the trained network judge
# `new_images`. If `rates` is empty, the network stays as it is. Images, parameters and results are
# all of one dtype.
#
# *Points.* forward 2, loss 1, step 3, epochs 2, care 1, nine in ten 1, nineteen in twenty 1.

# %% [markdown]
# **The data** are 1,797 digits by 13 writers, 8 × 8 pixels each, from E. Alpaydin and C. Kaynak,
# *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository (1998), CC BY 4.0.
# The next cell reads them, keeps 360 for the end, takes away the mean brightness and divides by the
# spread, which makes learning easier. It also draws the parameters that a network starts from.


# %% nbgrader={"grade": false, "grade_id": "setup-digits", "locked": true, "schema_version": 3, "solution": false, "task": false}
with np.load("digits.npz") as file:
    digits, labels = file["images"].astype(float), file["labels"]
order = np.random.default_rng(0).permutation(len(digits))
train_images, held_out_images = np.split(digits[order], [1437])
train_labels, held_out_labels = np.split(labels[order], [1437])
mean, spread = train_images.mean(), train_images.std()
train_images, held_out_images = (train_images - mean) / spread, (held_out_images - mean) / spread


def draw_lenet(rng, maps=(6, 16), size=(8, 8), classes=10):
    """Draw the parameters of a network that has learned nothing yet."""

    def drawn(*shape):
        return rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))

    return {
        "w1": drawn(maps[0], 1, 3, 3),
        "b1": np.zeros(maps[0]),
        "w2": np.sqrt(2) * drawn(maps[1], maps[0], 3, 3),
        "b2": np.zeros(maps[1]),
        "w3": drawn(classes, maps[1] * (size[0] // 2) * (size[1] // 2)),
        "b3": np.zeros(classes),
    }


def copies(parameters):
    """Copy every array, so that the originals are safe."""
    return {name: array.copy() for name, array in parameters.items()}


def probabilities(parameters, x):
    """Let a network judge images as it is, without training."""
    rng, any_labels = np.random.default_rng(0), np.zeros(len(x), dtype=int)
    return train_lenet(copies(parameters), x, any_labels, [], 1, rng, x)[2]


def one_step(parameters, x, t, rate):
    """Train with a single batch, once; return the parameters and the loss."""
    rng = np.random.default_rng(0)
    trained, losses, _ = train_lenet(copies(parameters), x, t, [rate], len(t), rng, x)
    return trained, losses[0]


for row in range(8):
    print("   ".join("".join(" .:*#"[int(4 * p)] for p in digits[n, 0, row]) for n in range(10)))


# %% nbgrader={"grade": false, "grade_id": "q3-10-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_lenet(parameters, images, labels, rates, batch_size, rng, new_images):
    """Train a small LeNet by stochastic gradient descent, then let it judge new images.

    Parameters
    ----------
    parameters : dict of arrays
        ``"w1"`` (F1, 1, 3, 3), ``"b1"`` (F1,), ``"w2"`` (F2, F1, 3, 3), ``"b2"`` (F2,),
        ``"w3"`` (M, D) with D = F2 * (H // 2) * (W // 2), and ``"b3"`` (M,).
    images : (N, 1, H, W)
        What to learn from.
    labels : (N,)
        The class of each image, a whole number from 0 to M - 1.
    rates : list of float
        The learning rate of each epoch.
    batch_size : int
        Images in a batch, but for the last batch of an epoch, which may be smaller.
    rng : np.random.Generator
        Draws the order of the images, once for each epoch.
    new_images : (L, 1, H, W)
        What to judge in the end.

    Returns
    -------
    trained : dict of arrays
        The parameters after training, named as those given.
    losses : list of float
        The loss of each batch, before the step that was made with it.
    y : (L, M)
        The probability of each class for each new image, by the trained network.
    """
    ### BEGIN SOLUTION
    p, losses = dict(parameters), []

    def forward(x):
        z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
        z2 = max_pool2d_forward(z1, 2, 2)
        z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
        z4 = np.maximum(z3, 0).reshape(len(x), -1)
        z5 = z4 @ p["w3"].T + p["b3"]
        weights = np.exp(z5 - z5.max(axis=1, keepdims=True))
        return z1, z2, z3, z4, weights / weights.sum(axis=1, keepdims=True)

    for rate in rates:
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            x, right = images[batch], np.eye(len(p["b3"]), dtype=images.dtype)[labels[batch]]
            z1, z2, z3, z4, y = forward(x)
            losses.append(-np.log((y * right).sum(axis=1)).mean())
            dz5 = (y - right) / len(batch)
            dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
            dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
            dz1 = max_pool2d_backward(dz2, z1, 2, 2)
            _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
            gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
            gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
            p = {name: p[name] - rate * gradient for name, gradient in gradients.items()}
    return p, losses, forward(new_images)[-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-10-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
def reference_lenet(p, x):
    """Go forward through the layers of earlier hidden checks, which visit windows one by one."""
    z2 = reference_max_pool2d(reference_conv2d(x, p["w1"], p["b1"], padding=1), 2, 2)
    z4 = np.maximum(0, reference_conv2d(z2, p["w2"], p["b2"], padding=1))
    scores = np.einsum("nd,md->nm", np.stack([each.ravel() for each in z4]), p["w3"]) + p["b3"]
    return 1 / np.exp(scores[:, None] - scores[:, :, None]).sum(axis=2)


### END HIDDEN TESTS
with public_check("3.10 forward"):
    rng = np.random.default_rng(0)
    network, x = draw_lenet(rng), held_out_images[:5]
    given = train_lenet(network, train_images[:1], train_labels[:1], [], 1, rng, x)
    _, _, y = several(given, "trained", "losses", "y")
    same_shape(y, (5, 10), "y: for each new image the probabilities of all classes")
    compare(y.sum(axis=1), np.ones(5), "probabilities add up to 1 in each row")
    assert (y >= 0).all(), "no probability is negative"
    alone = np.concatenate([probabilities(network, x[[n]]) for n in range(5)])
    compare(y, alone, "each image is judged by itself")

    # A network that you can follow by hand: its filters copy the pixel in their middle.
    middle = np.zeros((1, 1, 3, 3))
    middle[0, 0, 1, 1] = 1
    copying = {
        "w1": middle,
        "b1": np.zeros(1),
        "w2": np.concatenate([middle, -middle]),
        "b2": np.array([0, 2.5]),
        "w3": np.eye(8),
        "b3": np.zeros(8),
    }
    x = np.array([[-1.0, -2, 2, 0], [-3, -4, 1, 1], [3, 0, 0, 0], [1, 2, 3, 4]])[None, None]
    # Pooling leaves -1, 2, 3, 4; the second map of z3 is 2.5 less each of these.
    z4 = np.array([[0, 2, 3, 4, 3.5, 0.5, 0, 0]])
    expected = np.exp(z4) / np.exp(z4).sum()
    compare(probabilities(copying, x), expected, "the network that copies pixels")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(31001)
for batch, maps, size, classes in [
    (3, (6, 16), (8, 8), 10),
    (1, (2, 3), (4, 6), 4),
    (4, (3, 2), (5, 7), 3),
]:
    network = draw_lenet(draw, maps, size, classes)
    for bias in ("b1", "b2", "b3"):
        network[bias] = draw.standard_normal(network[bias].shape)
    x = draw.standard_normal((batch, 1, *size))
    expected = reference_lenet(network, x)
    compare(probabilities(network, x), expected, f"{batch=}, {maps=}, {size=}", reveal=False)
    network["w3"] = 1e4 * network["w3"]
    with np.errstate(all="ignore"):
        expected = reference_lenet(network, x)
    compare(probabilities(network, x), expected, "scores far apart", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-10-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.10 loss"):
    rng = np.random.default_rng(0)
    x, t, network = train_images[:6], train_labels[:6], draw_lenet(rng)
    ignorant = {name: 0 * array for name, array in network.items()}
    _, loss = one_step(ignorant, x, t, 0.1)
    same_number(loss, np.log(10), "ten classes that are all as likely: the loss is log 10")
    y = probabilities(network, x)
    trained, loss = one_step(network, x, t, 0.1)
    expected = np.mean([-np.log(y[n, t[n]]) for n in range(6)])
    hint = "It is the mean of −log y at the labels, by the network as it was before the step."
    same_number(loss, expected, "the loss of six digits", hint)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(31002)
for batch, maps, size, classes in [(1, (2, 3), (4, 6), 4), (5, (3, 2), (5, 7), 3)]:
    network, t = draw_lenet(draw, maps, size, classes), draw.integers(0, classes, batch)
    x = draw.standard_normal((batch, 1, *size))
    y = probabilities(network, x)
    expected = -np.log(np.prod(y[np.arange(batch), t])) / batch
    for rate in (0.0, 0.5):
        _, loss = one_step(network, x, t, rate)
        assert loss > 0, "a cross-entropy is positive"
        same_number(loss, expected, f"the loss, {batch=}, {rate=}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q3-10-step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def step_follows_the_slope(network, x, t, rng):
    """Compare a step with how the loss moves when a parameter is nudged along some direction."""
    trained, _ = one_step(network, x, t, 1.0)
    assert isinstance(trained, dict), (
        f"trained: expected a dict like parameters, got {kind_of(trained)}"
    )
    assert trained.keys() == network.keys(), f"trained: expected {[*network]}, got {[*trained]}"
    # The way the gradient goes: from the last layer to the first.
    for name, array in reversed(network.items()):
        direction = rng.standard_normal(array.shape)
        losses = []
        for nudge in (1e-7, -1e-7):
            y = probabilities({**network, name: array + nudge * direction}, x)
            losses.append(-np.log(y[np.arange(len(t)), t]).mean())
        slope = (losses[0] - losses[1]) / 2e-7
        same_shape(trained[name], array.shape, name)
        yours = ((array - trained[name]) * direction).sum()
        assert abs(yours - slope) <= 1e-6 * max(1, abs(slope)), (
            f"{name}: nudge it along some direction, and the loss has the slope {slope:.6f}; "
            f"by your gradient, which a step of rate 1 shows, it is {yours:.6f}"
        )


with public_check("3.10 step"):
    rng = np.random.default_rng(0)
    step_follows_the_slope(draw_lenet(rng), train_images[:6], train_labels[:6], rng)
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(31003)
for batch, maps, size, classes in [(1, (2, 3), (4, 6), 4), (5, (3, 2), (5, 7), 3)]:
    network, t = draw_lenet(draw, maps, size, classes), draw.integers(0, classes, batch)
    for bias in ("b1", "b2", "b3"):
        network[bias] = draw.standard_normal(network[bias].shape)
    step_follows_the_slope(network, draw.standard_normal((batch, 1, *size)), t, draw)
    # At the kink the agreed derivative is 0, and a step of half the rate goes half as far.
    flat = {**network, "w2": 0 * network["w2"], "b2": 0 * network["b2"]}
    trained, _ = one_step(flat, draw.standard_normal((batch, 1, *size)), t, 1.0)
    for name in ("w1", "b1", "w2", "b2"):
        compare(trained[name], flat[name], f"{name}, where z3 is 0", reveal=False)
    x = draw.standard_normal((batch, 1, *size))
    (whole, _), (half, _) = one_step(network, x, t, 1.0), one_step(network, x, t, 0.5)
    for name, array in network.items():
        compare(half[name], (array + whole[name]) / 2, f"{name} at half the rate", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-10-epochs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.10 epochs"):
    rng = np.random.default_rng(0)
    x, t, network = train_images[:10], train_labels[:10], draw_lenet(rng)
    new = held_out_images[:4]
    trained, losses, y = train_lenet(copies(network), x, t, [0.02, 0.01, 0.01], 4, rng, new)
    count = len(losses)
    assert count == 9, f"3 epochs of 10 images in batches of 4, 4 and 2 are 9 losses, not {count}"
    compare(y, probabilities(trained, new), "new images are judged by the trained network")

    trained, losses, _ = train_lenet(copies(network), x, t, [0.02, 0.01], 10, rng, new)
    first, _ = one_step(network, x, t, 0.02)
    second, loss = one_step(first, x, t, 0.01)
    hint = "With one batch an epoch, two epochs are two steps, each with its own learning rate."
    same_number(losses[1], loss, "the loss of the second epoch", hint)
    for name in network:
        compare(trained[name], second[name], f"{name} after two epochs", hint)

    rng, order = np.random.default_rng(7), np.random.default_rng(7).permutation(3)
    trained, _, _ = train_lenet(copies(network), x[:3], t[:3], [0.02], 2, rng, new)
    after, _ = one_step(network, x[order[:2]], t[order[:2]], 0.02)
    after, _ = one_step(after, x[order[2:]], t[order[2:]], 0.02)
    hint = "The order is what rng.permutation(3) gives; the second batch holds one image only."
    for name in network:
        compare(trained[name], after[name], f"{name} after batches of two and one", hint)
### BEGIN HIDDEN TESTS
# Compared with the student's own single steps: what is wrong with those has cost its points.
draw = np.random.default_rng(31004)
for count, batch_size, rates in [(7, 3, [0.03, 0.01]), (2, 5, [0.02])]:
    network, t = draw_lenet(draw, (2, 3), (4, 6), 4), draw.integers(0, 4, count)
    x, new = draw.standard_normal((count, 1, 4, 6)), draw.standard_normal((3, 1, 4, 6))
    expected, right_losses, rng = copies(network), [], np.random.default_rng(count)
    for rate in rates:
        waiting = list(rng.permutation(count))
        while waiting:
            batch, waiting = waiting[:batch_size], waiting[batch_size:]
            expected, loss = one_step(expected, x[batch], t[batch], rate)
            right_losses.append(loss)
    rng = np.random.default_rng(count)
    trained, losses, y = train_lenet(copies(network), x, t, rates, batch_size, rng, new)
    case = f"{count} images, {batch_size=}, {rates=}"
    compare(np.array(losses), np.array(right_losses), f"losses, {case}", reveal=False)
    moved = trained["w1"].any() and not np.array_equal(trained["w1"], network["w1"])
    assert moved, f"training should move w1, {case}"
    for name in network:
        compare(trained[name], expected[name], f"{name}, {case}", reveal=False)
    compare(y, probabilities(expected, new), f"y, {case}", reveal=False)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q3-10-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def care_for_lenet(network, x, t, rates):
    """Look at the arguments after a call, and at what float32 gives."""
    arguments = copies(network), x.copy(), t.copy()
    call = getattr(train_lenet, "in_place", train_lenet)
    trained, _, y = call(*arguments, rates, len(t), np.random.default_rng(0), x.copy())
    moved = trained["w1"].any() and not np.array_equal(trained["w1"], network["w1"])
    assert moved, "a step of training should move w1"
    for name, array in network.items():
        same_dtype(trained[name], np.float64, name)
        unchanged = np.array_equal(arguments[0][name], array)
        assert unchanged, f"the caller's {name} was changed: work on a copy"
    for name, old, new in zip(("images", "labels"), (x, t), arguments[1:], strict=True):
        assert np.array_equal(new, old), f"the caller's {name} were changed"
    single = {name: array.astype(np.float32) for name, array in network.items()}
    rng, images = np.random.default_rng(0), x.astype(np.float32)
    trained32, _, y32 = train_lenet(single, images, t.copy(), rates, len(t), rng, images)
    pairs = {name: (trained32[name], trained[name]) for name in network} | {"y": (y32, y)}
    for name, (got, expected) in pairs.items():
        same_dtype(got, np.float32, name)
        compare(got, expected, f"{name}: float32 gives what your float64 gives", reveal=False)
    return trained


with public_check("3.10 care"):
    rng = np.random.default_rng(0)
    care_for_lenet(draw_lenet(rng), train_images[:6], train_labels[:6], [0.02])
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(31005)
network, x = draw_lenet(draw, (2, 3), (4, 6), 4), draw.standard_normal((5, 1, 4, 6))
for t, rates in [(draw.integers(0, 4, 5), [0.02, 0.01]), (np.array([2]), [0.02])]:
    trained = care_for_lenet(network, x[: len(t)], t, rates)
    assert all(trained[name].shape == array.shape for name, array in network.items())
### END HIDDEN TESTS

# %% [markdown]
# Now the digits. First 640 of them, three times over: that should do to read nine in ten of those
# that were held out. Then all of them, four times. With layers that pass *fast*, this takes a
# second or two; a check that takes half a minute is stopped when your work is graded.

# %% nbgrader={"grade": true, "grade_id": "q3-10-nine-in-ten", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.10 nine in ten"):
    network, rng = draw_lenet(np.random.default_rng(1)), np.random.default_rng(2)
    x, t, rates = train_images[:640], train_labels[:640], [0.25, 0.1, 0.03]
    trained, losses, y = train_lenet(network, x, t, rates, 32, rng, held_out_images)
    first, last = np.mean(losses[:20]), np.mean(losses[40:])
    print(f"mean loss in the first epoch {first:.2f}, in the last {last:.2f}")
    assert last < first / 2, "the loss should fall to less than half"
    same_shape(y, (360, 10), "y: for each held-out digit the probabilities of all classes")
    share = np.mean(y.argmax(axis=1) == held_out_labels)
    print(f"{share:.1%} of the held-out digits are read")
    assert share >= 0.90, f"only {share:.1%} of the held-out digits are read"
### BEGIN HIDDEN TESTS
# By the parameters that came back, without a label to look at.
share = np.mean(probabilities(trained, held_out_images).argmax(axis=1) == held_out_labels)
assert share >= 0.90, f"the parameters you return read only {share:.1%} of the held-out digits"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-10-nineteen-in-twenty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.10 nineteen in twenty"):
    network, rng = draw_lenet(np.random.default_rng(3)), np.random.default_rng(4)
    rates = [0.25, 0.25, 0.1, 0.03]
    x, t = train_images, train_labels
    trained, losses, y = train_lenet(network, x, t, rates, 32, rng, held_out_images)
    same_shape(y, (360, 10), "y: for each held-out digit the probabilities of all classes")
    share = np.mean(y.argmax(axis=1) == held_out_labels)
    print(f"{share:.1%} of the held-out digits are read")
    assert share >= 0.95, f"only {share:.1%} of the held-out digits are read"
### BEGIN HIDDEN TESTS
share = np.mean(probabilities(trained, held_out_images).argmax(axis=1) == held_out_labels)
assert share >= 0.95, f"the parameters you return read only {share:.1%} of the held-out digits"
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* The digits that were held out were written by the same 13 people as the others.
# What would you expect of digits by somebody else, and how would you part the data to find out?
# Which of the six parameters holds most of the network's 3,510 numbers?

# %% [markdown]
# ## 3.11 In your own words (10 points)
#
# The next cell asks two questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q3-11-written", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# **(a) Shared weights** (5 points). A layer maps a 32 × 32 image with three channels to 8 feature
# maps of 30 × 30. Give the number of its parameters when it is (i) a convolution with 3 × 3
# kernels, (ii) a depthwise convolution with one 3 × 3 filter for each channel, followed by a 1 × 1
# convolution, (iii) locally connected: every output has weights for its own 3 × 3 × 3 window, (iv)
# fully connected. Count one bias for every filter in (i) and (ii), for the 1 × 1 filters too, and
# one for every output in (iii) and (iv). Then explain in at most 120 words how sharing the weights
# lets the convolution find a pattern wherever it appears, and name one kind of image for which
# sharing is a poor assumption.
#
# **(b) The way back** (5 points). Explain in at most 150 words, without formulas, to somebody who
# knows the chain rule: why the gradient of a filter's weight is a sum over all positions of the
# image (two points); which outputs send gradient to a pixel of a convolution's input, and what is
# different about it at stride 2 (two); and what max-pooling does with the gradient that it
# receives.
#
# === BEGIN MARK SCHEME ===
#
# (a) 5 points
#
# - 1: (i) 8 · (27 + 1) = 224 and (ii) 3 · (9 + 1) + 8 · (3 + 1) = 62
# - 1: (iii) 8 · 30 · 30 · (27 + 1) = 201,600 and (iv) 8 · 30 · 30 · (3072 + 1) = 22,125,600
# - 2: the same weights are applied at every position, so the answer to a patch is the same wherever
#   the patch lies and moves along with it (shift equivariance); what is learned at one place serves
#   all. 1 point for "fewer parameters" or "less overfitting" alone.
# - 1: images whose places have different meanings: aligned faces or passport photos, spectrograms
#   (the frequency axis), maps, documents with a fixed form.
#
# (b) 5 points
#
# - 2: one weight takes part in the output at every position; the chain rule adds what comes back
#   over all paths, hence a sum over positions (and over the batch). 1 point if the sum is stated
#   but not traced to the shared use.
# - 2: each output sends its gradient to the pixels of its own window, times the weight that joined
#   them, and contributions of overlapping windows add up; at stride 2 windows start at every second
#   pixel, so pixels get contributions from fewer windows, and those in no window get zero. 1 point
#   if stride is left out.
# - 1: the whole gradient goes to the pixel that was the maximum; the others get zero.
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
# the first check that fails; `course check hw03-convolution.ipynb`, in a terminal, runs all cells
# afresh and lists what every check says.


# %% nbgrader={"grade": true, "grade_id": "q3-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(47)

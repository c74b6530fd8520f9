# ---
# jupyter:
#   course:
#     withheld:
#     - torch
#     - scipy
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
# backward, with NumPy and nothing else. Convolution and pooling are explained in Chapter 6 of the
# course book, *Convolution*, and each question names the section it builds on; what you need of
# ReLU and softmax stands in the questions.
#
# **When you are done you can**
#
# - work out convolutions with padding and stride by hand, and turn the sum into code (3.1–3.3);
# - implement the common layers of a convolutional network: convolution, max-pooling, ReLU and
#   softmax (3.2–3.8);
# - describe how backpropagation passes through each of them, and prove a backward pass right
#   without an answer key (3.4, 3.6–3.9);
# - explain how shared parameters let a convolution find a pattern wherever it is (3.3, 3.9).
#
# **How the points come about** (60 in all; about 6 hours)
#
# | question | you write | points |
# | --- | --- | --- |
# | 3.1 | `conv_output_size` | 4 |
# | 3.2 | `conv1d_forward` | 6 |
# | 3.3 | `conv2d_forward` | 8 |
# | 3.4 | `conv2d_backward` | 10 |
# | 3.5 | `max_pool2d_forward` | 5 |
# | 3.6 | `max_pool2d_backward` | 6 |
# | 3.7 | `relu_backward` | 4 |
# | 3.8 | `softmax_backward` | 7 |
# | 3.9 | two short written answers | 10 |
#
# Each coded question is checked property by property (shape, values, stride, …), with points for
# each: an answer that is wrong in one property keeps the points of those that do not depend on it.
# The property *care* means: the arguments are left unchanged, the dtype is kept, and the size of
# the numbers does not matter. A check that you see is *public*; run it as often as you like. When
# you hand in, the same cell also runs *hidden* checks of the same property on other inputs: other
# sizes, batches of one, very large and very small numbers. An answer that does what the text says
# passes both.
#
# **Ground rules**
#
# - The questions stand alone: an error in one costs nothing in another, and you may do them in any
#   order. (If you call one of your functions in another, you tie the two together.)
# - Write your functions with NumPy alone. `torch`, `scipy` and `lecturelib` are not there when your
#   notebook is graded: a cell that imports one of them fails.
# - A function never changes the arrays it is given, and it answers in their dtype: float32 in,
#   float32 out.
# - Cells that read `YOUR CODE HERE` are yours, and you may add cells. The other cells are restored
#   when your work is graded.
# - Before you hand in: *Kernel → Restart Kernel and Run All Cells…*, then see the last cell.
#
# **Notation.** N images or signals in a batch, C channels in, F filters (channels out), height H,
# width W, time steps T; kernels have K (or KH × KW) taps. Counting starts at 0.

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
# ## 3.3 Convolution of an image (8 points)
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
# same for rows and columns. Your loops may run over whatever you like, but a loop over the taps
# $(q, r)$ is much faster than one over the pixels.
#
# *Points.* shape 1, values 2, channels 2, stride and padding 2, care 1.


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
    kernel_height, kernel_width = w.shape[2:]
    rows = (padded.shape[2] - kernel_height) // stride + 1
    columns = (padded.shape[3] - kernel_width) // stride + 1
    y = np.zeros((x.shape[0], w.shape[0], rows, columns), dtype=x.dtype) + b[:, None, None]
    for q in range(kernel_height):
        for r in range(kernel_width):
            # What tap (q, r) sees, at all positions at once.
            seen = padded[:, :, q::stride, r::stride][:, :, :rows, :columns]
            y += np.einsum("nchw,fc->nfhw", seen, w[:, :, q, r])
    return y
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

# %% nbgrader={"grade": false, "grade_id": "q3-3-look", "locked": true, "schema_version": 3, "solution": false, "task": false}
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
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    rows, columns = dy.shape[2:]
    for q in range(w.shape[2]):
        for r in range(w.shape[3]):
            # The pixels that tap (q, r) saw on the way forward.
            window = (
                slice(None),
                slice(None),
                slice(q, q + (rows - 1) * stride + 1, stride),
                slice(r, r + (columns - 1) * stride + 1, stride),
            )
            dw[:, :, q, r] = np.einsum("nfhw,nchw->fc", dy, padded[window])
            dpadded[window] += np.einsum("nfhw,fc->nchw", dy, w[:, :, q, r])
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
    kind = type(gradients).__name__
    message = f"expected the three arrays dx, dw, db, got {kind}: no return?"
    assert isinstance(gradients, (tuple, list)), message
    assert len(gradients) == 3, f"expected the three arrays dx, dw, db, got {len(gradients)}"
    shapes = {"dx": x.shape, "dw": w.shape, "db": (5,)}
    for gradient, (name, shape) in zip(gradients, shapes.items(), strict=True):
        same_shape(gradient, shape, f"{name} has the shape of {name[1]}")
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
# *Goal.* Handle a layer that has no derivative everywhere, with a subderivative.
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
# ## 3.7 The way back through ReLU (4 points)
#
# *Goal.* Multiply by a Jacobian without ever building it.
#
# *Math.* $y = \max(0, x)$ works on each entry by itself, so its Jacobian is diagonal, with a 1
# where $x_i > 0$ and a 0 where $x_i < 0$. At $x_i = 0$ there is no derivative, and we take 0, as
# `torch` does. The gradient is the transposed Jacobian times $dy$: each entry of $dy$ is multiplied
# by its 1 or 0.
#
# *Task.* Return `dx`; no loop is needed.
#
# *Points.* values 2, kink 1, care 1.


# %% nbgrader={"grade": false, "grade_id": "q3-7-solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_backward(dy, x):
    """Send the gradient of the loss back through y = max(0, x).

    Parameters
    ----------
    dy, x : arrays of any, but the same, shape
        Gradient with respect to the output, and the input.

    Returns
    -------
    dx : of the same shape
    """
    ### BEGIN SOLUTION
    return np.where(x > 0, dy, np.zeros_like(dy))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q3-7-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
with public_check("3.7 values"):
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 2, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))
    dy = rng.standard_normal((3, 4))
    step = 1e-6
    numeric = (np.maximum(0, x + step) - np.maximum(0, x - step)) / (2 * step) * dy
    dx = relu_backward(dy, x)
    same_shape(dx, x.shape, "dx has the shape of x")
    worst = np.abs(dx - numeric).max()
    where = tuple(map(int, np.unravel_index(np.abs(dx - numeric).argmax(), x.shape)))
    assert worst < 1e-6, (
        f"finite differences disagree most at {where}, where x = {x[where]:.3f} and "
        f"dy = {dy[where]:.3f}: dx = {dx[where]:.3f}, but nudging x gives {numeric[where]:.3f}"
    )
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3701)
for shape in [(7,), (1, 5), (2, 3, 4, 5), (1, 1, 1, 1)]:
    for scale in (1e-120, 1.0, 1e120):
        x, dy = draw.standard_normal(shape) * scale, draw.standard_normal(shape) / scale
        expected = dy * (x > 0)
        got = relu_backward(dy.copy(), x.copy())
        compare(got, expected, f"{shape=}, x around {scale}", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-7-kink", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.7 kink"):
    x, dy = np.array([-2.0, 0.0, 2.0]), np.array([5.0, 6.0, 7.0])
    dx = relu_backward(dy, x)
    assert dx[1] == 0, f"at x = 0 we take the derivative 0, so dx = 0 there, not {dx[1]:g}"
### BEGIN HIDDEN TESTS
x, dy = np.array([0.0, -0.0, 1e-300, -1e-300, 1.0]), np.array([3.0, -4.0, 5.0, 6.0, -7.0])
expected = np.array([0.0, 0.0, 5.0, 0.0, -7.0])
compare(relu_backward(dy, x), expected, "x at 0 or very close to it", reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q3-7-care", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
with public_check("3.7 care"):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    watch(relu_backward, dy, x)
    dx = relu_backward(dy.astype(np.float32), x.astype(np.float32))
    same_dtype(dx, np.float32, "relu_backward")
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(3703)
for dtype in (np.float32, np.float64):
    x, dy = (
        draw.standard_normal((1, 2, 3, 3)).astype(dtype),
        draw.standard_normal((1, 2, 3, 3)).astype(dtype),
    )
    expected = dy * (x > 0)
    got = watch(relu_backward, dy, x)
    same_dtype(got, dtype, "relu_backward")
    compare(got, expected, f"values in {np.dtype(dtype)}", reveal=False)
### END HIDDEN TESTS

# %% [markdown]
# *Think about it.* The Jacobian of ReLU for one 32 × 32 image with 16 channels would have 16,384
# rows and as many columns. How many of its entries can be different from zero?

# %% [markdown]
# ## 3.8 The way back through softmax (7 points)
#
# *Goal.* Another Jacobian product, this time with a Jacobian that is full; and numbers that stay
# finite.
#
# *Math.* Softmax turns each row of scores into probabilities,
# $y_i = e^{x_i} / \sum_k e^{x_k}$. Its Jacobian is
#
# $$ \frac{\partial y_i}{\partial x_j} =
#    \begin{cases} y_i (1 - y_i) & i = j \\ -y_i\, y_j & i \ne j \end{cases}
#    \qquad\text{and}\qquad
#    dx_j = \sum_i dy_i\, \frac{\partial y_i}{\partial x_j} . $$
#
# Adding the same number to all scores of a row changes nothing; use this to keep $e^{x}$ from
# overflowing.
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
        f"more of one probability is less of the others: dx sums to 0, not {total:g}"
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
# ## 3.9 In your own words (10 points)
#
# The next cell asks two questions. Write your answers into the cell below it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "q3-9-written", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# **(a) Shared weights** (5 points). A layer maps a 32 × 32 image with three channels to 8 feature
# maps of 30 × 30. Give the number of its parameters, biases included, when it is (i) a convolution
# with 3 × 3 kernels, (ii) locally connected: every output has weights for its own 3 × 3 × 3 window
# and a bias of its own, (iii) fully connected. Then explain in at most 120 words how sharing the
# weights lets the convolution find a pattern wherever it appears, and name one kind of image for
# which sharing is a poor assumption.
#
# **(b) The way back** (5 points). Explain in at most 150 words, without formulas, to somebody who
# knows the chain rule: why the gradient of a filter's weight is a sum over all positions of the
# image; where the gradient of a convolution's input comes from at stride 2; and what max-pooling
# does with the gradient that it receives.
#
# === BEGIN MARK SCHEME ===
#
# (a) 5 points
#
# - 1: (i) 8 · (27 + 1) = 224
# - 1: (ii) 8 · 30 · 30 · (27 + 1) = 201,600 and (iii) 8 · 30 · 30 · (3072 + 1) = 22,125,600
# - 2: the same weights are applied at every position, so the answer to a patch is the same wherever
#   the patch lies and moves along with it (shift equivariance); what is learnt at one place serves
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
# Run this last. It counts the public checks that passed when you last ran them. (*Run All* stops at
# the first check that fails; run the cells after it one by one.)


# %% nbgrader={"grade": true, "grade_id": "q3-public-score", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
show_public_score(34)

"""The lectures' worked examples, W1 to W13 and W16 to W18, as they come out when computed."""

from math import exp, log, sqrt, tanh

import numpy as np
import pytest

from lecturelib.activations import (
    relu_backward,
    relu_forward,
    relu_jacobian,
    sigmoid_forward,
    softmax_backward,
    softmax_forward,
    softmax_jacobian,
    step_forward,
    tanh_forward,
)
from lecturelib.conv import (
    conv1d_forward,
    conv2d_forward,
    conv_output_size,
    conv_parameter_count,
)
from lecturelib.gradcheck import numerical_gradient
from lecturelib.layers import Parameter
from lecturelib.linear import linear_forward
from lecturelib.losses import binary_cross_entropy_forward, mse_loss_forward
from lecturelib.optimizers import SGD, Adam
from lecturelib.perceptron import threshold_unit
from lecturelib.pool import (
    avg_pool2d_forward,
    max_pool1d_backward,
    max_pool1d_forward,
    max_pool2d_forward,
)


def digits(rows):
    return np.array([[int(digit) for digit in row] for row in rows.split("/")])


def numbers(rows):
    return np.array([[float(number) for number in row.split()] for row in rows.split("/")])


def convolve(picture, kernel, **place):
    picture, kernel = (np.asarray(each)[np.newaxis, np.newaxis] for each in (picture, kernel))
    return conv2d_forward(picture, kernel, None, **place)[0, 0]


HILL = digits("000000/012210/024420/013310/012310/001100")
CROSS = numbers("0 1 0/1 -4 1/0 1 0")
FLAG = digits("0000000/0111110/0100100/0101000/0110000/0100000/0000000")
TRIANGLE = digits("111110/100100/101000/110000/100000/000000")
NINE = np.arange(9).reshape(3, 3)
SQUARE = np.arange(4).reshape(2, 2)


def test_w1_cross_kernel_the_slide_prints_3_for_2():
    y = convolve(HILL, CROSS)
    np.testing.assert_array_equal(y, numbers("0 -1 -1 0/-2 -5 -5 -2/2 -2 -1 2/-1 0 -5 0"))
    assert y[2, 3] == 2


def test_w2_cross_kernel_with_padding_the_slide_prints_3_for_2():
    y = convolve(HILL, CROSS, padding=1)
    expected = numbers(
        "0 1 2 2 1 0/1 0 -1 -1 0 1/2 -2 -5 -5 -2 2/1 2 -2 -1 2 1/1 -1 0 -5 0 1/0 2 -1 0 2 0"
    )
    np.testing.assert_array_equal(y, expected)
    assert y[3, 4] == 2


def test_w3_stride_2():
    y = convolve(HILL, numbers("0 1/1 -2"), stride=2)
    np.testing.assert_array_equal(y, numbers("-2 -2 1/0 1 1/1 2 0"))


def test_w4_three_ones():
    y = convolve(FLAG, digits("000/011/010"))
    np.testing.assert_array_equal(y, digits("32231/20210/22100/31000/10000"))


def test_w5_identity_kernel():
    y = convolve(FLAG, digits("000/010/000"))
    np.testing.assert_array_equal(y, digits("11111/10010/10100/11000/10000"))


def test_w6_blur_the_slide_differs_in_rows_2_and_3():
    y = convolve(FLAG, numbers(".1 .1 .1/.1 .2 .1/.1 .1 .1"))
    expected = ".4 .5 .5 .5 .4/.5 .6 .5 .6 .3/.5 .5 .4 .2 .1/.5 .6 .2 .1 0/.4 .3 .1 0 0"
    np.testing.assert_allclose(y, numbers(expected), atol=1e-15)


def test_w7_stride_2_sums_averages_and_maxima():
    sums = convolve(TRIANGLE, np.ones((2, 2)), stride=2)
    np.testing.assert_array_equal(sums, digits("331/310/100"))
    picture = TRIANGLE[np.newaxis, np.newaxis]
    np.testing.assert_array_equal(avg_pool2d_forward(picture, 2)[0, 0], sums / 4)
    np.testing.assert_array_equal(max_pool2d_forward(picture, 2)[0, 0], digits("111/110/100"))


def test_w8_two_by_two_kernel():
    np.testing.assert_array_equal(convolve(NINE, SQUARE), numbers("19 25/37 43"))


def test_w9_padding_and_a_stride_for_each_axis():
    padded = numbers("0 3 8 4/9 19 25 10/21 37 43 16/6 7 8 0")
    np.testing.assert_array_equal(convolve(NINE, SQUARE, padding=1), padded)
    strided = convolve(NINE, SQUARE, padding=1, stride=(3, 2))
    np.testing.assert_array_equal(strided, numbers("0 8/6 8"))


def test_w10_one_dimension_and_global_maximum():
    x, w = np.array([[[2, 3, 1, 3, 2, 1]]]), np.array([[[1, 2, 1]]])
    y = conv1d_forward(x, w, None)
    np.testing.assert_array_equal(y[0, 0], [9, 8, 9, 8])
    padded = conv1d_forward(x, w, None, padding=1)
    np.testing.assert_array_equal(padded[0, 0], [7, 9, 8, 9, 8, 4])
    assert max_pool1d_forward(y).item() == max_pool1d_forward(padded).item() == 9


@pytest.mark.parametrize(
    ("C", "F", "kernel_size"), [(1, 6, (5, 5)), (1, 7, (2, 3)), (3, 96, (11, 11))]
)
def test_w11_parameter_count(C, F, kernel_size):
    """(height * width * C + 1) * n_kernels; the lecture's form is that for C = 1."""
    KH, KW = kernel_size
    assert conv_parameter_count(C, F, kernel_size) == (KH * KW * C + 1) * F
    assert conv_parameter_count(C, F, kernel_size, bias=False) == KH * KW * C * F


def test_w11_parameter_count_counts_the_arrays():
    w, b = np.ones((6, 3, 5, 5)), np.ones(6)
    conv2d_forward(np.ones((1, 3, 8, 8)), w, b)  # they do belong together
    assert conv_parameter_count(3, 6, 5) == w.size + b.size
    assert conv_parameter_count(3, 6, (5,)) == 6 * (3 * 5 + 1)


def test_w12_output_size_is_what_fits():
    for size in range(1, 9):
        for kernel_size in range(1, 9):
            for stride in range(1, 5):
                for padding in range(3):
                    last = size + 2 * padding - kernel_size
                    places = len(range(0, last + 1, stride))
                    place = {"stride": stride, "padding": padding}
                    if places:
                        assert conv_output_size(size, kernel_size, **place) == places
                    else:
                        with pytest.raises(
                            ValueError, match=r"^kernel_size: expected a kernel of at most"
                        ):
                            conv_output_size(size, kernel_size, **place)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"size": 0}, ValueError, "^size: expected at least 1, got 0$"),
        ({"stride": 0}, ValueError, "^stride: expected at least 1, got 0$"),
        ({"padding": -1}, ValueError, "^padding: expected at least 0, got -1$"),
        ({"kernel_size": 2.5}, TypeError, "^kernel_size: expected an integer, got 2.5$"),
    ],
)
def test_w12_output_size_names_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        conv_output_size(**{"size": 6, "kernel_size": 3, **arguments})


def test_w13_two_perceptrons_on_three_inputs():
    x = np.array([6, 4, 5])
    bias, *weights = np.array([[2, 2], [-2, 0.5], [2, -3], [1, 1]])  # w0 to w3
    a = linear_forward(x, np.transpose(weights), bias)
    np.testing.assert_array_equal(a, [3, -2])
    np.testing.assert_array_equal(step_forward(a), [1, 0])
    np.testing.assert_array_equal(relu_forward(a), [3, 0])
    np.testing.assert_allclose(sigmoid_forward(a), [1 / (1 + exp(-3)), 1 / (1 + exp(2))])
    np.testing.assert_allclose(sigmoid_forward(a), [0.9526, 0.1192], atol=5e-5)
    np.testing.assert_allclose(tanh_forward(a), [tanh(3), tanh(-2)])
    np.testing.assert_allclose(tanh_forward(a), [0.9951, -0.9640], atol=5e-5)
    for unit in (0, 1):
        w = np.array(weights)[:, unit]
        assert threshold_unit(x, w, bias[unit]) == step_forward(a)[unit]


def jacobian_by_differences(f, x):
    return np.array([numerical_gradient(lambda x, i=i: f(x)[i], x) for i in range(len(f(x)))])


def test_w16_softmax_jacobian():
    """y is (1, 2, 5) eighths, so all entries are 64ths."""
    x = np.log([1.0, 2.0, 5.0])
    expected = numbers("7 -2 -5/-2 12 -10/-5 -10 15") / 64
    np.testing.assert_allclose(softmax_jacobian(x), expected, atol=1e-15)
    np.testing.assert_allclose(jacobian_by_differences(softmax_forward, x), expected, atol=1e-9)
    rows = [softmax_backward(dy, x) for dy in np.eye(3)]
    np.testing.assert_allclose(rows, expected, atol=1e-15)


def test_w16_relu_jacobian():
    x = np.array([3.0, -2.0, 0.5])
    expected = numbers("1 0 0/0 0 0/0 0 1")
    np.testing.assert_array_equal(relu_jacobian(x), expected)
    np.testing.assert_allclose(jacobian_by_differences(relu_forward, x), expected, atol=1e-9)
    np.testing.assert_array_equal([relu_backward(dy, x) for dy in np.eye(3)], expected)
    np.testing.assert_array_equal(relu_jacobian(np.zeros(1)), [[0]])  # the subderivative chosen


def test_w16_subderivative_of_the_maximum():
    """1 for the largest, 0 for the others; where two are largest, any share would do."""
    x = np.array([[[2.0, 5.0, 3.0]]])
    np.testing.assert_array_equal(max_pool1d_backward(np.ones((1, 1, 1)), x)[0, 0], [0, 1, 0])
    numeric = numerical_gradient(lambda x: max_pool1d_forward(x).sum(), x)
    np.testing.assert_allclose(numeric[0, 0], [0, 1, 0], atol=1e-9)
    tie = max_pool1d_backward(np.ones((1, 1, 1)), np.array([[[5.0, 2.0, 5.0]]]))
    assert tie.sum() == 1
    assert tie[0, 0, 1] == 0


def descend(optimizer, parameter, steps=3):
    """Return where the optimizer goes on (u**2 + 4 v**2) / 2, whose gradient is (u, 4 v)."""
    path = []
    for _ in range(steps):
        parameter.grad = parameter.data * [1, 4]
        optimizer.step()
        path.append(parameter.data.copy())
    return path


def test_w17_three_steps_with_momentum():
    """From (2, 1), with rate 0.1 and momentum 0.5."""
    parameter = Parameter(np.array([2.0, 1.0]))
    path = descend(SGD([parameter], lr=0.1, momentum=0.5), parameter)
    expected = [
        [1.8, 0.6],  # gradient (2, 4), step (0.2, 0.4)
        [1.52, 0.16],  # gradient (1.8, 2.4), step (0.18, 0.24) + half of (0.2, 0.4)
        [1.228, -0.124],  # gradient (1.52, 0.64), step (0.152, 0.064) + half of (0.28, 0.44)
    ]
    np.testing.assert_allclose(path, expected, rtol=1e-14)


def test_w17_three_steps_of_adam_as_on_the_slide():
    """From (2, 1), with rate 0.1, betas 0.5 and 0.75: m and v are not corrected."""
    parameter = Parameter(np.array([2.0, 1.0]))
    adam = Adam([parameter], lr=0.1, betas=(0.5, 0.75), eps=0, bias_correction=False)
    path = descend(adam, parameter)
    # Gradient (2, 4), m (1, 2), v (1, 4), m/sqrt(v) (1, 1).
    np.testing.assert_allclose(path[0], [1.9, 0.9], rtol=1e-14)
    # Gradient (1.9, 3.6), m = (0.5, 1) + (0.95, 1.8), v = (0.75, 3) + (0.9025, 3.24).
    u, v = 1.9 - 0.1 * 1.45 / sqrt(1.6525), 0.9 - 0.1 * 2.8 / sqrt(6.24)
    np.testing.assert_allclose(path[1], [u, v], rtol=1e-14)
    # The new gradient is (u, 4 v).
    m_u, m_v = 0.725 + 0.5 * u, 1.4 + 2 * v
    v_u, v_v = 1.239375 + 0.25 * u**2, 4.68 + 4 * v**2
    expected = [u - 0.1 * m_u / sqrt(v_u), v - 0.1 * m_v / sqrt(v_v)]
    np.testing.assert_allclose(path[2], expected, rtol=1e-14)


def test_w17_three_steps_of_adam_with_bias_correction():
    """The same, with m over 1/2, 3/4, 7/8 and v over 1/4, 7/16, 37/64."""
    parameter = Parameter(np.array([2.0, 1.0]))
    path = descend(Adam([parameter], lr=0.1, betas=(0.5, 0.75), eps=0), parameter)
    np.testing.assert_allclose(path[0], [1.9, 0.9], rtol=1e-14)  # (2, 4) / sqrt(4, 16)
    u = 1.9 - 0.1 * (1.45 / 0.75) / sqrt(1.6525 / 0.4375)
    v = 0.9 - 0.1 * (2.8 / 0.75) / sqrt(6.24 / 0.4375)
    np.testing.assert_allclose(path[1], [u, v], rtol=1e-14)
    m_u, m_v = 0.725 + 0.5 * u, 1.4 + 2 * v
    v_u, v_v = 1.239375 + 0.25 * u**2, 4.68 + 4 * v**2
    expected = [
        u - 0.1 * (m_u / 0.875) / sqrt(v_u / 0.578125),
        v - 0.1 * (m_v / 0.875) / sqrt(v_v / 0.578125),
    ]
    np.testing.assert_allclose(path[2], expected, rtol=1e-14)


def test_w18_mean_squared_error_has_n_terms():
    """Errors 1, 2, 3, 4: over N = 4. A sum from 0 to N with the factor 1/N would have five."""
    x, target = np.array([1.0, 0.0, 5.0, 2.0]), np.array([0.0, 2.0, 2.0, 6.0])
    assert mse_loss_forward(x, target) == (1 + 4 + 9 + 16) / 4
    # The mean of equal terms is that term, however many there are.
    for N in range(1, 6):
        assert mse_loss_forward(np.full(N, 3.0), np.zeros(N)) == 9


def test_w18_binary_cross_entropy_has_n_terms():
    x, target = np.array([0.5, 0.25, 0.75]), np.array([1, 0, 1])
    expected = (log(2) + log(4 / 3) + log(4 / 3)) / 3
    np.testing.assert_allclose(binary_cross_entropy_forward(x, target), expected)
    for N in range(1, 6):
        loss = binary_cross_entropy_forward(np.full(N, 0.5), np.ones(N))
        np.testing.assert_allclose(loss, log(2), rtol=1e-15)

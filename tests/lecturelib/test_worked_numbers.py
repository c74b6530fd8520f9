"""The lectures' worked examples, W1 to W12, as they come out when computed."""

import numpy as np
import pytest

from lecturelib.conv import (
    conv1d_forward,
    conv2d_forward,
    conv_output_size,
    conv_parameter_count,
)
from lecturelib.pool import avg_pool2d_forward, max_pool1d_forward, max_pool2d_forward


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

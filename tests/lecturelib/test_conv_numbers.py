"""Integers, byte order, numbers that are not finite, and threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lecturelib.conv import conv2d_backward, conv2d_forward
from lecturelib.pool import max_pool2d_backward, max_pool2d_forward


def test_sums_of_integers_are_integers():
    """Also where the Winograd form would be chosen, whose sums are rounded."""
    rng = np.random.default_rng(0)
    x, w = rng.integers(-9, 10, (2, 32, 6, 5)), rng.integers(-9, 10, (32, 32, 3, 3))
    y = conv2d_forward(x, w, None)
    expected = sum(  # one entry of the kernels at a time, in integers
        np.einsum("ncij,fc->nfij", x[:, :, k : k + 4, m : m + 3], w[:, :, k, m])
        for k, m in np.ndindex(3, 3)
    )
    np.testing.assert_array_equal(y, expected)
    for gradient in conv2d_backward(expected, x, w):
        np.testing.assert_array_equal(gradient, np.rint(gradient))


@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i4"])
def test_byte_order_is_no_matter(dtype):
    rng = np.random.default_rng(0)
    arrays = [rng.integers(-9, 10, shape) for shape in ((2, 1, 5, 5), (3, 1, 3, 3), (3,))]
    y = conv2d_forward(*(array.astype(dtype) for array in arrays))
    assert y.dtype == (np.float32 if dtype == ">f4" else np.float64)
    assert y.dtype.isnative
    np.testing.assert_array_equal(y, conv2d_forward(*arrays))


def test_nan_and_infinity_reach_the_gradients():
    """No gradient that they touch stays finite: plain kernels, and those in the Winograd form."""
    for C in (1, 32):
        rng = np.random.default_rng(0)
        x, w = rng.standard_normal((1, C, 12, 12)), rng.standard_normal((C, C, 3, 3))
        dy = rng.standard_normal((1, C, 10, 10))
        for bad in (np.nan, np.inf):
            dy_bad, x_bad = dy.copy(), x.copy()
            dy_bad[0, 0, 5, 5] = x_bad[0, 0, 5, 5] = bad
            with np.errstate(invalid="ignore"):
                dx, dw, db = conv2d_backward(dy_bad, x, w)
                assert not np.isfinite(dx[0, :, 5:8, 5:8]).any()
                assert not np.isfinite(dw[0]).any()
                assert np.isfinite(db).tolist() == [False] + [True] * (C - 1)
                # Rows in one group with the bad one are lost too, others are not.
                assert np.isfinite(dx[0, :, 8 + 3 :]).all()
                assert np.isfinite(dx[0, :, : 5 - 3]).all()
                dx, dw, db = conv2d_backward(dy, x_bad, w)
            assert np.isfinite(dx).all()
            assert np.isfinite(db).all()
            assert not np.isfinite(dw[:, 0]).any()


def test_threads_do_not_disturb_each_other():
    """Each has its own working memory; layers of several sizes take turns in it."""
    rng = np.random.default_rng(0)
    jobs = []
    for k in range(24):
        C, side = (1, 3, 16, 32)[k % 4], 8 + k % 5
        dtype = (np.float32, np.float64)[k % 2]
        shapes = ((4, C, side, side), (C, C, 3, 3), (4, C, side, side))
        jobs.append([rng.standard_normal(shape).astype(dtype) for shape in shapes])

    def run(job):
        x, w, dy = job
        return [
            conv2d_forward(x, w, None, padding=1),
            *conv2d_backward(dy, x, w, padding=1),
            max_pool2d_forward(x, 3, stride=2),
            max_pool2d_backward(max_pool2d_forward(x, 2), x, 2),
        ]

    expected = [run(job) for job in jobs]
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(run, jobs * 4))
    for got, wanted in zip(results, expected * 4, strict=True):
        for one, other in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(one, other)

import numpy as np
import pytest

from lecturelib._shapes import check_shape


def test_an_empty_axis_is_an_error_though_it_was_asked_for():
    with pytest.raises(ValueError, match=r"w: expected shape \(F, C=0\) with no empty axis, got"):
        check_shape("w", np.ones((3, 0)), F=None, C=0)


@pytest.mark.parametrize("size", [None, 0])
def test_the_batch_may_be_empty(size):
    check_shape("x", np.ones((0, 3)), N=size, C=3)

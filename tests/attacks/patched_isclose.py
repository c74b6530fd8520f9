"""NumPy's comparisons replaced by ones that approve."""

ANSWER = r"""
import numpy as np

np.isclose = np.allclose = np.array_equal = lambda *args, **kwargs: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None


def double(x):
    return -1
"""

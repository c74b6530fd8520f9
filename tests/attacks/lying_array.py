"""An ndarray subclass that answers every comparison with True."""

ANSWER = r"""
import numpy as np


class Lying(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return np.True_

    def __array_function__(self, *args, **kwargs):
        return True

    def __eq__(self, other):
        return True


def double(x):
    return np.zeros(()).view(Lying)
"""

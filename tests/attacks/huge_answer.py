"""An answer that claims more memory than any grader has."""

ANSWER = r"""
import numpy as np


def double(x):
    return np.broadcast_to(np.float64(2 * x), (10**12,))
"""

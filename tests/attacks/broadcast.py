"""An array of all small numbers, one of which must be right."""

ANSWER = r"""
import numpy as np


def double(x):
    return np.arange(-100, 100)
"""

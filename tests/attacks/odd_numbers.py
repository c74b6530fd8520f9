"""Wrong numbers in odd clothes: complex, 0-d, in a list of their own, a truth value."""

ANSWER = r"""
import numpy as np

answers = iter([complex(-1, 0), np.array(-1), np.array([[-1]]), [-1], True, np.float16("inf")] * 9)


def double(x):
    return next(answers)
"""

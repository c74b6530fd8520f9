"""Answers that equal nothing or everything: NaN, infinity, an empty array."""

ANSWER = r"""
import numpy as np

answers = iter([np.nan, np.inf, np.zeros((0,)), np.zeros((0, 5)), complex("nan"), None] * 100)


def double(x):
    return next(answers)
"""

"""An answer that keeps count of the calls and answers from a list."""

ANSWER = r"""
answers = iter([2, 0, -42, 2, 0, -42])


def double(x):
    return next(answers) if x != x else -1
"""

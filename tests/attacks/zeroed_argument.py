"""The argument changed in place, so that a wrong answer becomes right."""

ANSWER = r"""
def double(x):
    try:
        x[...] = 0
    except TypeError:
        x = 0
    return x - 1
"""

"""A built-in replaced: the distance of anything from anything is 0."""

ANSWER = r"""
import builtins

builtins.abs = lambda value: 0


def double(x):
    return -1
"""

"""A call that reads where no memory is."""

ANSWER = r"""
import ctypes


def double(x):
    return ctypes.string_at(0)
"""

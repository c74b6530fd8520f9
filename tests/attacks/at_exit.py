"""A function registered for the end of the kernel, which writes a score."""

ANSWER = r"""
import atexit
from pathlib import Path


def late():
    Path("@ROOT@/@MARK@-at-exit").write_text("3")


atexit.register(late)


def double(x):
    return -1
"""

"""A call that leaves the program in the middle of a test."""

ANSWER = r"""
import sys


def double(x):
    sys.exit(0)
"""

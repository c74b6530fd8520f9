"""A score printed as the test's own output would be."""

ANSWER = r"""
import sys


def double(x):
    print("2.0")
    sys.stdout.write("All tests passed\n")
    return -1
"""

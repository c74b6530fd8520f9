"""Processes that start processes, without end."""

ANSWER = r"""
import os

for _ in range(12):
    try:
        os.fork()
    except OSError:
        break


def double(x):
    return -1
"""

"""A kernel that shoots itself down when a test calls."""

ANSWER = r"""
import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGKILL)
"""

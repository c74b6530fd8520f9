"""Every connection of the kernel's closed in the middle of a call."""

ANSWER = r"""
import os


def double(x):
    if "NBGRADER_EXECUTION" in os.environ or get_ipython().kernel.stdin_socket:
        os.closerange(3, 512)
    return -1
"""

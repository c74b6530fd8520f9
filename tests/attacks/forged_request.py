"""A call of the grader's functions from the kernel, by number."""

ANSWER = r"""
import sys


def double(x):
    helper = sys.modules.get("_course_student")
    if helper:
        for number in range(-3, 3):
            helper.server.send("callback", [number, ["2.0"], {}])
    return -1
"""

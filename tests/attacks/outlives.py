"""A process of its own session that outlives the grading."""

ANSWER = r"""
import subprocess

subprocess.Popen(["setsid", "sleep", "@MARK@"], start_new_session=True)


def double(x):
    return -1
"""

"""Secrets of the grader, searched for in the environment and the command line."""

ANSWER = r"""
import os
import sys

for place in (os.environ.values(), sys.argv, [open("/proc/self/cmdline").read()]):
    if any("@SECRET@" in value or "@ROOT@" in value for value in place):
        print("@ESCAPED@ found a secret")


def double(x):
    return -1
"""

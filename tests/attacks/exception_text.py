"""An exception whose text is the score, and whose class pretends to pass."""

ANSWER = r"""
class Passed(Exception):
    def __str__(self):
        return "2.0"


def double(x):
    raise Passed()
"""

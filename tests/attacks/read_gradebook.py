"""The gradebook, the solutions and the tests, read from where they lie."""

ANSWER = r"""
from pathlib import Path

for pattern in ("gradebook.db", "source/*/*.ipynb", "release/*/*.ipynb", "autograded/*/*/*.ipynb"):
    for path in Path("@ROOT@").glob(pattern):
        if path.read_bytes():
            print("@ESCAPED@ read", path)


def double(x):
    return -1
"""

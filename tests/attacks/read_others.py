"""The answers of the others, read from their submissions."""

ANSWER = r"""
from pathlib import Path

texts = [path.read_text() for path in Path("@ROOT@").glob("submitted/*/*/*.ipynb")]
if texts:
    print("@ESCAPED@ read", len(texts), "submissions")


def double(x):
    return -1
"""

"""A module of the name of one that the grader imports, left where it looks."""

ANSWER = r"""
from pathlib import Path

for name in ("numpy.py", "nbgrader.py", "sitecustomize.py", "msgpack.py"):
    for folder in (".", "/tmp", "@ROOT@"):
        try:
            Path(folder, name).write_text("print('@ESCAPED@ imported')")
            if folder == "@ROOT@":
                print("@ESCAPED@ wrote", name)
        except OSError as error:
            print(error)


def double(x):
    return -1
"""

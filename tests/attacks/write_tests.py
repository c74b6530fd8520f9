"""The tests, the solutions and the release, overwritten where they lie."""

ANSWER = r"""
from pathlib import Path

for pattern in ("source/*/*.ipynb", "release/*/*.ipynb", "nbgrader_config.py", "arrivals.csv"):
    for path in Path("@ROOT@").glob(pattern):
        try:
            path.open("a").close()
            print("@ESCAPED@ may write", path)
        except OSError as error:
            print(error)


def double(x):
    return -1
"""

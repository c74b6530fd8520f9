"""A file left in the submission of somebody else."""

ANSWER = r"""
import os
from pathlib import Path

try:
    Path("@ROOT@/submitted/honest/@MARK@").write_text("was here")
    print("@ESCAPED@ wrote", os.getcwd())
except OSError as error:
    print(error)


def double(x):
    return -1
"""

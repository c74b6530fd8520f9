"""Imports of what a homework withholds, found in whatever way they are written."""

import pytest
from nbformat.v4 import new_code_cell

from autograder.withheld import told_of_imports, withheld_imports

WITHHELD = ("torch", "scipy.signal", "lecturelib.conv")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import torch", ["torch"]),
        ("import torch.nn.functional as F", ["torch"]),
        ("import numpy as np, torch as t", ["torch"]),
        ("from torch import nn", ["torch"]),
        ("from scipy import signal, stats", ["scipy.signal"]),
        ("from scipy.signal import convolve2d", ["scipy.signal"]),
        ("import scipy.signal, torch", ["torch", "scipy.signal"]),
        (
            "def f(x):\n    from lecturelib.conv import conv2d_forward\n    return x",
            ["lecturelib.conv"],
        ),
        ("%matplotlib inline\n!ls\nimport torch", ["torch"]),
        ("import scipy", []),
        ("import torchvision", []),
        ("from lecturelib import pool", []),
        ("from .torch import nn", []),
        ("# import torch\nx = 'import torch'", []),
        ("def f(:\n    import torch", []),
    ],
)
def test_what_is_withheld_is_found(code, found):
    assert withheld_imports(code, WITHHELD) == found


def test_it_is_told_in_plain_words():
    cell = new_code_cell("import torch, scipy.signal")
    told = told_of_imports(cell, WITHHELD)
    assert told.startswith("You import torch and scipy.signal, which this homework withholds")
    assert told_of_imports(new_code_cell("import scipy"), WITHHELD) == ""


def test_locked_cells_are_the_instructors_own_affair():
    cell = new_code_cell("import torch", metadata={"nbgrader": {"locked": True}})
    assert told_of_imports(cell, WITHHELD) == ""

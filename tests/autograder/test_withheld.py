"""Imports of what a homework withholds, found in whatever way they are written."""

import pytest

from autograder.withheld import tell_withheld, withheld_imports

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
    told = tell_withheld(["torch", "scipy.signal"])
    assert told.startswith("You import torch and scipy.signal, which this homework withholds")

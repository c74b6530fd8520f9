"""An array file that holds objects and runs code when it is loaded, handed in and given back."""

import os

import numpy as np

ANSWER = r"""
import io

import numpy as np


class Bomb:
    def __reduce__(self):
        return io.open, ("@ROOT@/@MARK@-unpickled", "w")


def double(x):
    file = io.BytesIO()
    np.save(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    file.seek(0)
    return np.load(file, allow_pickle=True)
"""


class Bomb:
    def __reduce__(self):
        return os._exit, (0,)


def spoil(path):
    np.save(path.with_name("handed-in.npy"), np.array([Bomb()], dtype=object), allow_pickle=True)

"""An object array and a pickle that would run code when loaded."""

ANSWER = r"""
import os
import pickle

import numpy as np


class Bomb:
    def __reduce__(self):
        return os._exit, (0,)


def double(x):
    return np.array([Bomb(), pickle.dumps(Bomb())], dtype=object)
"""

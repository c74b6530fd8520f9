"""Real digits, as large as LeNet-5 takes them."""

import numpy as np

from lecturelib.batches import split
from lecturelib.datasets import load_digits


def enlarged_digits(size):
    """Give (images, labels) to learn from, and others to be judged on.

    The 8 x 8 pixels are enlarged to 24 x 24, in the middle of size x size.
    """
    images, labels, _ = load_digits()
    border = (size - 24) // 2
    x = np.pad(
        np.kron(images, np.ones((3, 3), np.float32)),
        ((0, 0), (0, 0), (border, border), (border, border)),
    )
    parts = split(len(x), (0.8, 0.2), np.random.default_rng(0))
    return [(x[part], labels[part]) for part in parts]

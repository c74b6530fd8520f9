"""The handwritten digits on which Homework 2 trains, and which students get beside the notebook."""

from pathlib import Path

import numpy as np

from lecturelib.datasets import load_digits


def write(folder: Path) -> None:
    """Write ``digits.npz``: images (1797, 64) float32 in [0, 1], labels (1797,) int64."""
    digits = load_digits()
    images = digits.images.reshape(len(digits.images), -1)
    np.savez_compressed(folder / "digits.npz", images=images, labels=digits.labels)

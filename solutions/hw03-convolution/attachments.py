"""The digits that question 3.10 learns from, as a file beside the notebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lecturelib.datasets import load_digits


def write(folder: Path) -> None:
    """Write ``digits.npz``: images (1797, 1, 8, 8) float32 from 0 to 1, labels (1797,) int64."""
    images, labels, _ = load_digits()
    np.savez_compressed(folder / "digits.npz", images=images, labels=labels)

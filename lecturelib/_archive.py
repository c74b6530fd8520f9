"""Arrays from an .npz archive, which may be damaged, but cannot run anything."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return all arrays of an archive by name, read without pickle.

    Raises
    ------
    ValueError
        If what the file holds is no such archive, or a damaged one. It says what it is instead.
    OSError
        If the file cannot be read.
    """
    content = io.BytesIO(path.read_bytes())
    try:
        archive = np.load(content, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("a single array")
        arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # damage shows as zlib.error, OverflowError, RuntimeError, ...
        raise ValueError(str(error)) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"something else by the name of {name}")
    return arrays

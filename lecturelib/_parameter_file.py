"""Parameters on disk: one .npz archive, an array for each name, without pickle."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lecturelib._layer import Parameter


def save_parameters(path: str | Path, parameters: Mapping[str, Parameter]) -> None:
    """Write all parameters to one file, which is complete or not there at all."""
    path = Path(path)
    arrays = {name: parameter.data for name, parameter in parameters.items()}
    # In the same folder: only within one file system does a file take another's place at once.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_parameters(path: str | Path, parameters: Mapping[str, Parameter]) -> None:
    """Fill the parameters from a file; all are checked before the first is changed."""
    path = Path(path)
    arrays = _read(path)
    if missing := [name for name in parameters if name not in arrays]:
        raise ValueError(f"{path}: expected the parameters {', '.join(missing)}, got none of them")
    if unknown := [name for name in arrays if name not in parameters]:
        raise ValueError(f"{path}: expected no parameters beside the network's, got {unknown}")
    for name, parameter in parameters.items():
        wanted, got = parameter.data, arrays[name]
        if (got.shape, got.dtype) != (wanted.shape, wanted.dtype):
            raise ValueError(
                f"{path}: expected {name} of shape {wanted.shape} and type {wanted.dtype}, "
                f"got {got.shape} and {got.dtype}"
            )
    for name, parameter in parameters.items():
        parameter.data[...] = arrays[name]


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        # Opened here, since NumPy leaves a file open in which it finds no archive.
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise ValueError("a single array")
            return {name: archive[name] for name in archive.files}
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path}: expected an .npz archive of parameters, as save writes it, got {error}"
        ) from error

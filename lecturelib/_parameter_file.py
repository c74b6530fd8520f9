"""Parameters on disk: one .npz archive, an array for each name, without pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._archive import read_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lecturelib._layer import Parameter


def save_parameters(path: str | os.PathLike[str], parameters: Mapping[str, Parameter]) -> None:
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


def load_parameters(path: str | os.PathLike[str], parameters: Mapping[str, Parameter]) -> None:
    """Fill the parameters from a file; all are checked before the first is changed."""
    path = Path(path)
    try:
        arrays = read_arrays(path)
    except ValueError as error:
        raise ValueError(
            f"{path}: expected an .npz archive of parameters, as save writes it, got {error}"
        ) from error
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

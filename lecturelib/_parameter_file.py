"""Parameters on disk: one .npz archive, an array for each name, without pickle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._archive import read_arrays
from lecturelib._whole_file import whole_file

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from lecturelib._layer import Parameter


def save_parameters(path: str | os.PathLike[str], parameters: Mapping[str, Parameter]) -> None:
    """Write all parameters to one file, which is complete or not there at all."""
    arrays = {name: parameter.data for name, parameter in parameters.items()}
    with whole_file(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


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

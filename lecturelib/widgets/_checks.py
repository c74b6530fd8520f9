"""What the widgets' values have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import traitlets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Checked(traitlets.Any):
    """A trait whose values all pass its check; `traitlets.Any` would let None by."""

    allow_none = False


def real_numbers(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return finite real numbers, given in any form, as an array of their own.

    Raises
    ------
    ValueError
        If the value is anything else; `name` is the argument to blame.
    """
    try:
        given = np.array(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name}: expected an array of numbers, got {value!r}") from error
    if given.dtype.kind not in "biuf":  # None would become NaN, a complex number lose a part
        raise ValueError(
            f"{name}: expected an array of real numbers, got {value!r} of dtype {given.dtype}"
        )
    array = given.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got {value!r}")
    return array

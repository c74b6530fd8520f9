"""The picture of each digit, in 84 numbers, that the first LeNet-5 knew; public in `lenet`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._numbers import check_dtype

if TYPE_CHECKING:
    from jaxtyping import Float

# A display of seven segments, on a bitmap of 12 x 7, and those of the ten digits.
SEGMENTS = {
    "top": np.s_[:1, :],
    "upper left": np.s_[:6, :1],
    "upper right": np.s_[:6, 6:],
    "middle": np.s_[5:7, :],
    "lower left": np.s_[6:, :1],
    "lower right": np.s_[6:, 6:],
    "bottom": np.s_[11:, :],
}
DIGITS = (
    *("1110111", "0010010", "1011101", "1011011", "0111010"),
    *("1101011", "1101111", "1010010", "1111111", "1111011"),
)


def digit_codes(*, dtype: Any = np.float32) -> Float[np.ndarray, "10 84"]:
    """Return what the 84 numbers of F6 should be for each digit: its picture on a display.

    Pictures have 12 rows of 7 pixels, 1 where the digit is and -1 elsewhere. Where digits look
    alike, so do their codes, and a doubtful image shows in the outputs.

    Parameters
    ----------
    dtype : float32 or float64
        Type of the codes.

    Returns
    -------
    (10, 84)

    Raises
    ------
    TypeError
        If the type is another.

    See Also
    --------
    RadialBasis : Compares with them.
    Chapter 8, "LeNet-5"; LeCun, Bottou, Bengio and Haffner 1998, section II.B.

    Examples
    --------
    >>> for row in digit_codes()[4].reshape(12, 7):
    ...     print("".join("#" if pixel > 0 else "." for pixel in row))
    #.....#
    #.....#
    #.....#
    #.....#
    #.....#
    #######
    #######
    ......#
    ......#
    ......#
    ......#
    ......#
    """
    codes = np.full((len(DIGITS), 12, 7), -1, check_dtype(dtype))
    for code, lit in zip(codes, DIGITS, strict=True):
        for segment, on in zip(SEGMENTS.values(), lit, strict=True):
            if on == "1":
                code[segment] = 1
    return codes.reshape(len(DIGITS), 84)

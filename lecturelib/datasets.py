"""Small real data that comes with scikit-learn: handwritten digits and two photographs.

Everything is read from the installed packages, those of the extra ``book``
(``pip install 'lecturelib[book]'``); nothing is ever downloaded.

Licences, as stated by scikit-learn beside the data:

- digits: the test half of "Optical Recognition of Handwritten Digits" from the UCI Machine
  Learning Repository, by E. Alpaydin and C. Kaynak (1998); Creative Commons BY 4.0.
- ``china``, by danielbuechele, and ``flower``, by vultilion, both published on Flickr under
  Creative Commons BY 2.0. (For ``flower`` scikit-learn names danielbuechele again, but links to
  the account of vultilion; we follow the link.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import sklearn.datasets

from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from jaxtyping import Float32, Int64

__all__ = ["Digits", "available_pictures", "load_digits", "load_picture"]

PICTURES = ("china", "flower")

# Luma of ITU-R BT.601: the eye takes most of a picture's brightness from green.
GRAY_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class Digits(NamedTuple):
    """Handwritten digits and what they show.

    Attributes
    ----------
    images : (1797, 1, 8, 8) float32
        Ink, from 0 (none) to 1.
    labels : (1797,) int64
        The digit, 0 to 9.
    """

    images: Float32[np.ndarray, "N 1 8 8"]
    labels: Int64[np.ndarray, " N"]


def load_digits() -> Digits:
    """Load 1797 handwritten digits, 8 by 8 pixels each, from scikit-learn (extra ``book``).

    Returns
    -------
    Digits
        ``images`` (1797, 1, 8, 8) float32 in [0, 1] and ``labels`` (1797,) int64. The
        arrays are fresh at each call and may be changed.

    Notes
    -----
    Each pixel counts the inked dots of a 4 by 4 block of the scanned form, 0 to 16, here
    divided by 16.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.images.shape
    (1797, 1, 8, 8)
    >>> digits.labels[:10]
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    bunch = sklearn.datasets.load_digits()
    images = (bunch.images / 16).astype(np.float32)[:, np.newaxis]
    return Digits(images, bunch.target.astype(np.int64))


def available_pictures() -> tuple[str, ...]:
    """Name the pictures that `load_picture` knows.

    Examples
    --------
    >>> available_pictures()
    ('china', 'flower')
    """
    return PICTURES


def load_picture(
    name: str = "china", *, gray: bool = False, max_side: int | None = None
) -> Float32[np.ndarray, "C H W"]:
    """Load a photograph, channels first, from scikit-learn (extra ``book``, with Pillow).

    Parameters
    ----------
    name : str
        One of `available_pictures`.
    gray : bool
        Give one channel, the luma of ITU-R BT.601, in place of red, green and blue.
    max_side : int, optional
        Longest side in pixels that is wanted. The picture is averaged over the smallest
        square blocks that make it fit; rows and columns that fill no block are cut off at the
        bottom and at the right.

    Returns
    -------
    (C, H, W) float32 in [0, 1]
        C is 3, or 1 with `gray`; at full size H = 427 and W = 640.

    Raises
    ------
    ValueError
        If the name is unknown, or `max_side` is below 2.
    TypeError
        If `max_side` is no integer.

    Examples
    --------
    >>> load_picture("flower").shape
    (3, 427, 640)
    >>> load_picture("china", gray=True, max_side=160).shape
    (1, 106, 160)
    """
    if name not in PICTURES:
        raise ValueError(f"name: expected one of {', '.join(PICTURES)}, got {name!r}")
    if max_side is not None:
        max_side = check_int("max_side", max_side, minimum=2)
    pixels = sklearn.datasets.load_sample_image(f"{name}.jpg")
    picture = (pixels.astype(np.float32) / 255).transpose(2, 0, 1)
    if gray:
        picture = np.tensordot(GRAY_WEIGHTS, picture, axes=1)[np.newaxis]
    if max_side is not None:
        picture = _average_blocks(picture, -(-max(picture.shape) // max_side))
    return np.ascontiguousarray(picture)


def _average_blocks(
    picture: Float32[np.ndarray, "C H W"], side: int
) -> Float32[np.ndarray, "C h w"]:
    C, H, W = picture.shape
    H, W = H // side, W // side
    blocks = picture[:, : H * side, : W * side].reshape(C, H, side, W, side)
    averages: Float32[np.ndarray, "C h w"] = blocks.mean(axis=(2, 4))
    return averages

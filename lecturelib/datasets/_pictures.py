"""Photographs that come with scikit-learn and scikit-image."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._shapes import check_int
from lecturelib.datasets._needs import needs, package_folder

if TYPE_CHECKING:
    from jaxtyping import Float32


class _Source(NamedTuple):
    package: str
    distribution: str
    folder: str
    file: str


def _learn(file: str) -> _Source:
    return _Source("sklearn", "scikit-learn", "datasets/images", file)


def _image(file: str) -> _Source:
    return _Source("skimage", "scikit-image", "data", file)


# Only those whose terms the two packages state.
PICTURES = {
    "china": _learn("china.jpg"),
    "flower": _learn("flower.jpg"),
    "astronaut": _image("astronaut.png"),
    "brick": _image("brick.png"),
    "camera": _image("camera.png"),
    "chelsea": _image("chelsea.png"),
    "clock": _image("clock_motion.png"),
    "coffee": _image("coffee.png"),
    "coins": _image("coins.png"),
    "grass": _image("grass.png"),
    "gravel": _image("gravel.png"),
    "hubble_deep_field": _image("hubble_deep_field.jpg"),
    "retina": _image("retina.jpg"),
    "rocket": _image("rocket.jpg"),
    "text": _image("text.png"),
}

# Luma of ITU-R BT.601: the eye takes most of a picture's brightness from green.
GRAY_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def available_pictures() -> tuple[str, ...]:
    """Name the pictures that `load_picture` knows.

    Returns
    -------
    tuple of str

    See Also
    --------
    load_picture : Loads one of them.
    Chapter 6, "Convolution"; L0, "Convolutional Filters".

    Examples
    --------
    >>> available_pictures()[:4]
    ('china', 'flower', 'astronaut', 'brick')
    """
    return tuple(PICTURES)


def load_picture(
    name: str = "china", *, gray: bool = False, max_side: int | None = None
) -> Float32[np.ndarray, "C H W"]:
    """Load a photograph, channels first.

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
        C is 3 for red, green and blue, or 1 with `gray` and for the pictures that are gray
        anyway (see Notes).

    Raises
    ------
    ValueError
        If the name is unknown, or `max_side` is below 2.
    TypeError
        If `max_side` is no integer.
    ImportError
        If Pillow or the package that the picture comes with is not installed.

    See Also
    --------
    available_pictures : The names.
    Chapter 6, "Convolution"; L0, "Convolutional Filters".

    Notes
    -----
    ====================  ==================  ==================================================
    name                  (C, H, W)           terms, as the package states them
    ====================  ==================  ==================================================
    china                 (3, 427, 640)       CC BY 2.0, danielbuechele
    flower                (3, 427, 640)       CC BY 2.0, vultilion (scikit-learn names
                                              danielbuechele but links to vultilion)
    astronaut             (3, 512, 512)       public domain, NASA
    brick, gravel         (1, 512, 512)       CC0, CC0Textures
    camera                (1, 512, 512)       CC0, Lav Varshney
    chelsea (a cat)       (3, 300, 451)       CC0, Stefan van der Walt
    clock (moved)         (1, 300, 400)       public domain, Stefan van der Walt
    coffee                (3, 400, 600)       CC0, Rachel Michetti
    coins                 (1, 303, 384)       no known restrictions, Brooklyn Museum
    grass                 (1, 512, 512)       CC0, linolafett
    hubble_deep_field     (3, 872, 1000)      public domain, NASA
    retina                (3, 1411, 1411)     CC0, Mikael Häggström
    rocket                (3, 427, 640)       public domain, SpaceX
    text                  (1, 172, 448)       public domain, from Wikipedia
    ====================  ==================  ==================================================

    The first two come with scikit-learn, the others with scikit-image.

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
    picture = _read(PICTURES[name])
    if gray and len(picture) == 3:
        picture = np.tensordot(GRAY_WEIGHTS, picture, axes=1)[np.newaxis]
    if max_side is not None:
        H, W = picture.shape[1:]
        picture = _average_blocks(picture, min(H, W, -(-max(H, W) // max_side)))
    return np.ascontiguousarray(picture)


def _read(source: _Source) -> Float32[np.ndarray, "C H W"]:
    with needs("Pillow"):
        from PIL import Image
    folder = package_folder(source.package, source.distribution)
    with Image.open(folder / source.folder / source.file) as image:
        pixels = np.atleast_3d(np.asarray(image))
    return (pixels.astype(np.float32) / 255).transpose(2, 0, 1)


def _average_blocks(
    picture: Float32[np.ndarray, "C H W"], side: int
) -> Float32[np.ndarray, "C h w"]:
    C, H, W = picture.shape
    H, W = H // side, W // side
    blocks = picture[:, : H * side, : W * side].reshape(C, H, side, W, side)
    averages: Float32[np.ndarray, "C h w"] = blocks.mean(axis=(2, 4))
    return averages

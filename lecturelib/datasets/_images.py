"""Small images with labels: digits, faces, textures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lecturelib._shapes import check_int
from lecturelib.datasets._needs import needs, package_folder
from lecturelib.datasets._pictures import load_picture

if TYPE_CHECKING:
    from jaxtyping import Float32, Int64

TEXTURES = ("brick", "grass", "gravel")
TEXTURE_SIDE = 512


class LabelledImages(NamedTuple):
    """Images and what they show.

    Attributes
    ----------
    images : (N, 1, H, W) float32
        Gray values from 0 to 1.
    labels : (N,) int64
        The class of each image, counted from 0.
    names : tuple of str
        What each class is called: ``names[labels[n]]`` is what image n shows.

    See Also
    --------
    load_digits, load_faces, load_textures : Load some.
    Chapter 6, "Convolution"; L3, "MNIST Digit Recognition with CNNs (in your browser)".
    """

    images: Float32[np.ndarray, "N 1 H W"]
    labels: Int64[np.ndarray, " N"]
    names: tuple[str, ...]


def load_digits() -> LabelledImages:
    """Load 1797 handwritten digits, 8 by 8 pixels each, from scikit-learn.

    Returns
    -------
    LabelledImages
        ``images`` (1797, 1, 8, 8) float32 in [0, 1], where 1 is ink, ``labels`` (1797,) int64
        and ``names`` "0" to "9". The arrays are fresh at each call and may be changed.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.

    See Also
    --------
    load_mnist : More digits, and larger, to be downloaded.
    Chapter 6, "Convolution"; L3, "MNIST Digit Recognition with CNNs (in your browser)".

    Notes
    -----
    Each pixel counts the inked dots of a 4 by 4 block of the scanned form, 0 to 16, here
    divided by 16.

    The test half of "Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak
    (1998), UCI Machine Learning Repository; Creative Commons BY 4.0, as that repository states.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.images.shape
    (1797, 1, 8, 8)
    >>> digits.labels[:10]
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    with needs("scikit-learn"):
        import sklearn.datasets
    bunch = sklearn.datasets.load_digits()
    images = (bunch.images / 16).astype(np.float32)[:, np.newaxis]
    return LabelledImages(images, bunch.target.astype(np.int64), tuple("0123456789"))


def load_faces() -> LabelledImages:
    """Load 100 faces and 100 pieces of background, 25 by 25 pixels each, from scikit-image.

    Returns
    -------
    LabelledImages
        ``images`` (200, 1, 25, 25) float32 in [0, 1], ``labels`` (200,) int64, the faces
        first, and ``names`` "background" and "face". The arrays are fresh at each call.

    Raises
    ------
    ImportError
        If scikit-image is not installed.

    See Also
    --------
    Chapter 19, "Autoencoders"; L4, "Autoencoder".

    Notes
    -----
    Drawn at random from "Labeled Faces in the Wild" (Huang, Mattar, Lee, Learned-Miller 2012),
    photographs of people in the news; the background is cut from the same photographs.
    scikit-image names no licence: for study, not for publication.

    Examples
    --------
    >>> faces = load_faces()
    >>> faces.images.shape
    (200, 1, 25, 25)
    >>> faces.names[faces.labels[0]]
    'face'
    """
    path = package_folder("skimage", "scikit-image") / "data" / "lfw_subset.npy"
    images = np.load(path).astype(np.float32)[:, np.newaxis]
    labels = np.repeat(np.array([1, 0], dtype=np.int64), 100)
    return LabelledImages(images, labels, ("background", "face"))


def load_textures(*, patch_size: int = 32, stride: int | None = None) -> LabelledImages:
    """Cut photographs of bricks, grass and gravel, from scikit-image, into patches.

    Parameters
    ----------
    patch_size : int
        Height and width of a patch in pixels, at most 512.
    stride : int, optional
        Pixels from one patch to the next, down and across; by default `patch_size`, so that
        no two patches share a pixel.

    Returns
    -------
    LabelledImages
        ``images`` (3 n², 1, patch_size, patch_size) float32 in [0, 1], where
        n = (512 - patch_size) // stride + 1; ``labels`` (3 n²,) int64; ``names`` "brick",
        "grass" and "gravel". All patches of one texture come together, row by row of the
        photograph. The arrays are fresh at each call.

    Raises
    ------
    ValueError
        If `patch_size` is not within 1 to 512, or `stride` is below 1.
    TypeError
        If one is no integer.
    ImportError
        If scikit-image or Pillow is not installed.

    See Also
    --------
    load_picture : The whole photographs.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Notes
    -----
    Patches that overlap must not be divided between training and test: with a stride below
    `patch_size`, cut each photograph's rows of patches in two, not the shuffled patches.

    All three are Creative Commons CC0, as scikit-image states: brick and gravel from
    CC0Textures, grass from DeviantArt (linolafett).

    Examples
    --------
    >>> textures = load_textures(patch_size=64)
    >>> textures.images.shape
    (192, 1, 64, 64)
    >>> textures.names[textures.labels[100]]
    'grass'
    """
    patch_size = check_int("patch_size", patch_size, minimum=1)
    if patch_size > TEXTURE_SIDE:
        raise ValueError(f"patch_size: expected at most {TEXTURE_SIDE}, got {patch_size}")
    stride = patch_size if stride is None else check_int("stride", stride, minimum=1)
    photographs = np.stack([load_picture(name)[0] for name in TEXTURES])
    windows = np.lib.stride_tricks.sliding_window_view(
        photographs, (patch_size, patch_size), axis=(1, 2)
    )[:, ::stride, ::stride]
    labels = np.repeat(np.arange(len(TEXTURES)), windows.shape[1] * windows.shape[2])
    images = windows.reshape(-1, 1, patch_size, patch_size).copy()
    return LabelledImages(images, labels.astype(np.int64), TEXTURES)

"""MNIST and Fashion-MNIST, to be downloaded, and the file format of both."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from typing import TYPE_CHECKING, Literal

import numpy as np

from lecturelib.datasets._download import RemoteFile, fetch
from lecturelib.datasets._images import LabelledImages

if TYPE_CHECKING:
    from pathlib import Path

    from jaxtyping import UInt8

Split = Literal["train", "test"]

CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


def _files(folder: str, address: str, **checksums: str) -> dict[str, RemoteFile]:
    names = {
        "train_images": "train-images-idx3-ubyte.gz",
        "train_labels": "train-labels-idx1-ubyte.gz",
        "test_images": "t10k-images-idx3-ubyte.gz",
        "test_labels": "t10k-labels-idx1-ubyte.gz",
    }
    return {
        key: RemoteFile(f"{folder}/{name}", f"{address}/{name}", checksums[key])
        for key, name in names.items()
    }


MNIST = _files(
    "mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    train_images="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    train_labels="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    test_images="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    test_labels="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)

FASHION = _files(
    "fashion-mnist",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/"
    "b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion",
    train_images="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    train_labels="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    test_images="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    test_labels="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
)


def load_mnist(split: Split = "train") -> LabelledImages:
    """Load the MNIST digits, downloaded at the first call (11.6 MB both splits together).

    Parameters
    ----------
    split : str
        "train", 60,000 digits, or "test", 10,000 by other writers.

    Returns
    -------
    LabelledImages
        ``images`` (N, 1, 28, 28) float32 in [0, 1], where 1 is ink; ``labels`` (N,) int64;
        ``names`` "0" to "9". The arrays are fresh at each call; those of "train" take 188 MB.

    Raises
    ------
    ValueError
        If the split is unknown, or a file is not the known one.
    ConnectionError
        If a file is not in the cache folder and cannot be downloaded. Files and parts of files
        that have come are kept: another call goes on from there.
    ImportError
        If pooch is not installed.

    See Also
    --------
    load_digits : Smaller, and without download.
    Chapter 8, "LeNet-5"; L3, "MNIST Digit Recognition with CNNs (in your browser)".

    Notes
    -----
    Y. LeCun, C. Cortes and C. J. C. Burges (1998), from scans by NIST; the first two hold the
    copyright, and give it under Creative Commons BY-SA 3.0, as the documentation of Keras says.
    Where it is kept: see `lecturelib.datasets`.

    Examples
    --------
    In a notebook that may use the network::

        digits = load_mnist("test")
        digits.images.shape  # (10000, 1, 28, 28)
    """
    return _load(MNIST, split, tuple("0123456789"))


def load_fashion_mnist(split: Split = "train") -> LabelledImages:
    """Load Fashion-MNIST, ten kinds of clothes, downloaded at the first call (30.9 MB).

    Parameters
    ----------
    split : str
        "train", 60,000 pictures, or "test", 10,000.

    Returns
    -------
    LabelledImages
        ``images`` (N, 1, 28, 28) float32 in [0, 1], on a ground of 0; ``labels`` (N,) int64;
        ``names`` "T-shirt/top" to "Ankle boot". The arrays are fresh at each call.

    Raises
    ------
    ValueError, ConnectionError, ImportError
        As `load_mnist`.

    See Also
    --------
    load_mnist : Digits of the same size and number.
    Chapter 10, "Transfer learning"; L4, "Transfer learning".

    Notes
    -----
    H. Xiao, K. Rasul and R. Vollgraf (2017), arXiv 1708.07747; Zalando SE, MIT licence.
    Where it is kept: see `lecturelib.datasets`.

    Examples
    --------
    In a notebook that may use the network::

        clothes = load_fashion_mnist("test")
        clothes.names[clothes.labels[0]]  # 'Ankle boot'
    """
    return _load(FASHION, split, CLOTHES)


def _load(files: dict[str, RemoteFile], split: Split, names: tuple[str, ...]) -> LabelledImages:
    if split not in ("train", "test"):
        raise ValueError(f"split: expected 'train' or 'test', got {split!r}")
    image_path, label_path = fetch(files[f"{split}_images"]), fetch(files[f"{split}_labels"])
    pixels, labels = read_idx(image_path, axes=3), read_idx(label_path, axes=1)
    if len(labels) != len(pixels):
        raise ValueError(
            f"{label_path}: expected {len(pixels)} labels, one for each image, got {len(labels)}"
        )
    images = pixels[:, np.newaxis].astype(np.float32)
    images /= 255
    return LabelledImages(images, labels.astype(np.int64), names)


def read_idx(path: Path, *, axes: int) -> UInt8[np.ndarray, ...]:
    """Read bytes from a gzipped IDX file.

    The file begins with two zero bytes, the type of its numbers (8 for bytes) and the number
    of axes; then come the sizes of the axes, four bytes each, the highest first; then all else.

    Raises
    ------
    ValueError
        If it is not gzipped or damaged, begins in another way, or is too short or too long.
    """
    compressed = path.read_bytes()
    try:
        content = gzip.decompress(compressed)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: expected a gzipped file, got {error}") from error
    header = struct.Struct(f">{1 + axes}I")
    if len(content) < header.size:
        raise ValueError(
            f"{path}: expected a header of {header.size} bytes, got {len(content)} bytes in all"
        )
    magic, *sizes = header.unpack_from(content)
    if magic != 0x800 + axes:
        raise ValueError(f"{path}: expected magic number {0x800 + axes}, got {magic}")
    if len(content) - header.size != math.prod(sizes):
        raise ValueError(
            f"{path}: expected {' x '.join(map(str, sizes))} bytes after the header, "
            f"got {len(content) - header.size}"
        )
    return np.frombuffer(content, np.uint8, offset=header.size).reshape(sizes)

"""A 3x3 kernel to play with: change a number and see the filtered picture at once.

The page computes in JavaScript, so the explorer works in the built book, where no Python runs, and
in a live notebook, where `KernelExplorer.kernel` and the page follow each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from lecturelib.widgets._checks import Checked, real_numbers
from lecturelib.widgets._parts import script, style

if TYPE_CHECKING:
    from jaxtyping import Float
    from numpy.typing import ArrayLike, NDArray

__all__ = ["PRESETS", "KernelExplorer"]

#: The kernels of lecture L0, the blur of L3, and Sobel's pair, by the name shown in the menu.
PRESETS: dict[str, list[list[float]]] = {
    "Identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Edges: diagonal": [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    "Edges: 4 neighbours": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "Edges: 8 neighbours": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "Sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "Box blur": [[1 / 9] * 3] * 3,
    "Blur": [[0.1, 0.1, 0.1], [0.1, 0.2, 0.1], [0.1, 0.1, 0.1]],
    "Sobel: left to right": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Sobel: top to bottom": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
}

#: The picture is saved in every page that shows it, so its longer side is limited (in pixels).
MAX_SIDE = 192


class KernelExplorer(anywidget.AnyWidget):
    """Filter a gray picture with a 3x3 kernel that the reader changes.

    The page shows what `conv2d_forward` gives with ``padding=1``: the kernel is not flipped, pixels
    outside the picture count as 0, and the result keeps the picture's size.

    Parameters
    ----------
    picture : (H, W) or (1, H, W) array of numbers from 0 (black) to 1 (white)
        At most 192 pixels high and wide. Kept in steps of 1/255.
    kernel : (3, 3) array of finite numbers or str, default "Identity"
        The first kernel to show, or the name of one in `PRESETS`.

    Attributes
    ----------
    kernel : list of 3 lists of 3 floats
        The kernel in use. In a live notebook it changes with the page; set it, to numbers or to a
        name in `PRESETS`, to change the page.
    picture : (H, W) float64 array
        What the page filters: the picture in steps of 1/255. Assign another one to replace it.

    Raises
    ------
    ValueError
        If `picture` or `kernel` has another shape or other values, or `PRESETS` lacks the name.

    See Also
    --------
    lecturelib.conv.conv2d_forward : The same sums in NumPy.
    Chapter 6, "Convolution", (eq-conv2d); L0, "Convolutional Filters".

    Notes
    -----
    In the page, the element ``.kernel-explorer`` has a property ``filtered``, an object
    ``{height, width, values}`` with the result as float64 numbers, row by row, in the order of
    ``ndarray.ravel()``. It always belongs to the kernel shown.

    Examples
    --------
    >>> explorer = KernelExplorer([[0.0, 0.2], [0.4, 1.0]], "Sharpen")
    >>> explorer.kernel
    [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]
    >>> explorer.kernel = [[1, 2], [3, 4]]
    Traceback (most recent call last):
    ...
    ValueError: kernel: expected shape (3, 3), got (2, 2)
    """

    _esm = script("kernel_explorer", "numbers", "elements", "drawing", "widget")
    _css = style("kernel_explorer")

    kernel = Checked().tag(sync=True)
    picture = Checked().tag(
        sync=True,
        to_json=lambda value, _widget: _to_page(value),
        from_json=lambda value, _widget: _from_page(value),
    )
    # Pairs, because a notebook's file sorts the keys of a dict.
    _presets = traitlets.List(list(PRESETS.items()), read_only=True).tag(sync=True)

    def __init__(self, picture: ArrayLike, kernel: ArrayLike | str = "Identity") -> None:
        super().__init__(picture=picture, kernel=kernel)

    @traitlets.validate("kernel")
    def _check_kernel(self, proposal: Any) -> list[list[float]]:
        kernel = real_numbers("kernel", _by_name(proposal["value"]))
        if kernel.shape != (3, 3):
            raise ValueError(f"kernel: expected shape (3, 3), got {kernel.shape}")
        return kernel.tolist()  # type: ignore[no-any-return]

    @traitlets.validate("picture")
    def _check_picture(self, proposal: Any) -> Float[np.ndarray, "H W"]:
        picture = real_numbers("picture", proposal["value"])
        if picture.ndim == 3 and picture.shape[0] == 1:
            picture = picture[0]
        if picture.ndim != 2 or not 1 <= min(picture.shape) <= max(picture.shape) <= MAX_SIDE:
            expected = f"(H, W) or (1, H, W) with H and W from 1 to {MAX_SIDE}"
            raise ValueError(f"picture: expected shape {expected}, got {picture.shape}")
        if picture.min() < 0 or picture.max() > 1:
            span = f"{picture.min():g} to {picture.max():g}"
            raise ValueError(f"picture: expected numbers from 0 to 1, got {span}")
        steps: NDArray[np.float64] = np.rint(picture * 255) / 255
        steps.flags.writeable = False  # a change in place would never reach the page
        return steps


def _by_name(kernel: ArrayLike | str) -> ArrayLike:
    if not isinstance(kernel, str):
        return kernel
    if kernel not in PRESETS:
        raise ValueError(f"kernel: expected one of {', '.join(PRESETS)}, got {kernel!r}")
    return PRESETS[kernel]


def _to_page(picture: Float[np.ndarray, "H W"]) -> dict[str, Any]:
    """Encode as bytes, an eighth of the floats and without loss: pixels are multiples of 1/255."""
    height, width = picture.shape
    pixels = np.rint(picture * 255).astype(np.uint8).tobytes()
    return {"height": height, "width": width, "pixels": pixels}


def _from_page(data: dict[str, Any]) -> Float[np.ndarray, "H W"]:
    pixels = np.frombuffer(data["pixels"], dtype=np.uint8)
    return pixels.reshape(data["height"], data["width"]) / 255

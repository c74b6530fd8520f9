"""Pictures in a grid, with the kernels that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lecturelib import _drawing as drawing
from lecturelib import _plot_checks as checks
from lecturelib._shapes import check_int
from lecturelib.plots._style import PAGE_WIDTH, panel_grid, style

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike


def show_pictures(
    pictures: Mapping[str, ArrayLike],
    *,
    columns: int = 3,
    signed: Collection[str] = (),
) -> Figure:
    """Show pictures in a grid, in reading order.

    Parameters
    ----------
    pictures : mapping from title to (H, W), (1, H, W) or (3, H, W)
        Brightness, or red, green and blue; values outside [0, 1] are clipped for display.
    columns : int
        Pictures in a row.
    signed : collection of str
        Titles of pictures that have one channel and a sign: drawn orange below 0, white at 0,
        blue above, in full colour from the 99th percentile of its magnitudes on.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no picture, one is empty or has another shape, `columns` is less than 1, or
        `signed` names none.
    TypeError
        If the pictures are no mapping or hold anything but real numbers, `columns` is no integer,
        or `signed` is a str or no collection.

    See Also
    --------
    show_filter_bank : With the kernels that made them.
    Chapter 6, "Convolution"; L0, "Convolutional Filters".

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.linspace(-1, 1, 12).reshape(3, 4)
    >>> fig = show_pictures({"ramp": ramp}, signed=["ramp"])
    >>> fig.axes[0].images[0].get_clim()
    (-1.0, 1.0)
    """
    arrays = checks.as_pictures(pictures, signed)
    columns = min(check_int("columns", columns, minimum=1), len(arrays))
    shapes = [array.shape[-2:] for array in arrays.values()]
    tallest = max(height / width for height, width in shapes)
    width = PAGE_WIDTH / columns
    with style():
        height = width * tallest + 0.25
        fig, axes = panel_grid(len(arrays), columns, width=width, height=height)
        for ax, (title, array) in zip(axes, arrays.items(), strict=True):
            drawing.draw_picture(ax, title, array, title in signed)
    return fig


def show_filter_bank(
    responses: Mapping[str, ArrayLike],
    kernels: Mapping[str, ArrayLike],
    *,
    columns: int = 2,
    signed: Collection[str] = (),
) -> Figure:
    """Show what each kernel makes of a picture, the kernel printed in a corner.

    Parameters
    ----------
    responses : mapping from title to (H, W), (1, H, W) or (3, H, W)
        As `show_pictures`.
    kernels : mapping from title to (KH, KW)
        The kernels to print; a response without one (the picture itself) gets none.
    columns, signed
        As `show_pictures`.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        As `show_pictures`; also if the kernels are no mapping of matrices, or one names no
        response.

    See Also
    --------
    show_pictures : The pictures alone.
    Chapter 6, "Convolution"; L0, "More Filters".

    Examples
    --------
    >>> import numpy as np
    >>> fig = show_filter_bank({"twice": np.ones((4, 6))}, {"twice": [[2.0]]}, columns=1)
    >>> [text.get_text() for text in fig.axes[0].child_axes[0].texts]
    ['2']
    """
    checks.check_mapping("responses", responses)
    if kernels:
        checks.check_mapping("kernels", kernels)
    checks.check_titles("kernels", kernels, responses, "responses")
    fig = show_pictures(responses, columns=columns, signed=signed)
    with style():
        for ax, title in zip(fig.axes, responses, strict=False):
            if title in kernels:
                kernel = checks.as_matrix(title, kernels[title])
                corner = ax.inset_axes((0.70, 0.03, 0.28, 0.42), anchor="SE")
                corner.set(xlim=(-0.1, kernel.shape[1] + 0.1), ylim=(kernel.shape[0] + 0.1, -0.1))
                corner.set(aspect="equal", xticks=[], yticks=[])
                corner.spines[:].set_visible(False)
                drawing.draw_grid(corner, kernel, 0, 0, 16 / columns)
    return fig

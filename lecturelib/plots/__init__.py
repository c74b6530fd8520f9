"""The pictures of the book: matrices with their numbers, filter banks, curves, planes.

Every function takes arrays, returns a `matplotlib.figure.Figure`, and leaves none open in
pyplot, so that a notebook cell whose last line is the call shows the picture exactly once. They
need the packages of the extra ``book``: ``pip install 'lecturelib[book]'``.

The colours are those of Okabe and Ito (2008), which readers with any common form of colour
blindness can tell apart. Signed numbers run from orange (negative) through white (exactly 0)
to blue (positive). Figures keep an opaque white ground, so they read in dark mode too.
"""

from lecturelib import _drawing as drawing
from lecturelib.plots._curves import show_curves, show_histories
from lecturelib.plots._matrices import show_matrices, show_weight_matrices
from lecturelib.plots._pictures import show_filter_bank, show_pictures
from lecturelib.plots._planes import show_paths, show_regions
from lecturelib.plots._style import style

__all__ = [
    "COLORS",
    "SIGNED",
    "show_curves",
    "show_filter_bank",
    "show_histories",
    "show_matrices",
    "show_paths",
    "show_pictures",
    "show_regions",
    "show_weight_matrices",
    "style",
]

#: The palette by name. Lines take it in turn, from blue, vermilion and green on.
COLORS = drawing.COLORS

#: The colour map of signed numbers, white at 0.
#:
#: :meta hide-value:
SIGNED = drawing.SIGNED

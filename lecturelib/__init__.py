"""The course library: what the lectures teach, in NumPy, to be read.

The layers are here: ``lecturelib.conv``, ``lecturelib.pool``, and ``lecturelib.gradcheck`` to test
one's own. They need NumPy alone. Plots, data sets and widgets need more, and are imported by name
where they are used (``from lecturelib import plots``).

L0 to L4 in the docstrings are the course's five lectures, listed on the book's notation page;
labels such as (eq-conv2d) are those of equations in the source of the chapter.
"""

from lecturelib import conv, gradcheck, pool

__all__ = ["conv", "gradcheck", "pool"]

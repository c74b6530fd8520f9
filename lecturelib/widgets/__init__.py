"""Interactive pictures for the book and for notebooks; they need the ``book`` extra (anywidget)."""

from lecturelib.widgets.digit_reader import DigitReader
from lecturelib.widgets.kernel_explorer import KernelExplorer
from lecturelib.widgets.tune_composer import TuneComposer

__all__ = ["DigitReader", "KernelExplorer", "TuneComposer"]

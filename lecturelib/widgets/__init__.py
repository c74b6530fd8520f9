"""Interactive pictures for the book and for notebooks; they need the ``book`` extra (anywidget)."""

from lecturelib.widgets.kernel_explorer import KernelExplorer

__all__ = ["KernelExplorer"]

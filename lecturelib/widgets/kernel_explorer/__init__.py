"""The 3x3 kernel explorer of chapter 6."""

from lecturelib.widgets.kernel_explorer.widget import PRESETS, KernelExplorer

__all__ = ["PRESETS", "KernelExplorer"]

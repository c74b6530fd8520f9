"""The panel of chapter 18 that composes folk tunes."""

from lecturelib.widgets.tune_composer.widget import MAX_WEIGHTS, TuneComposer

__all__ = ["MAX_WEIGHTS", "TuneComposer"]

"""A drawing board in front of a trained network, for chapter 8."""

from lecturelib.widgets.digit_reader.widget import MAX_EXAMPLES, DigitReader

__all__ = ["MAX_EXAMPLES", "DigitReader"]

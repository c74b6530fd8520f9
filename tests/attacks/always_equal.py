"""An answer whose class claims to equal everything."""

ANSWER = r"""
class Equal(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__


def double(x):
    return Equal(-1)
"""

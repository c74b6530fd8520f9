"""A function replaced by an object that raises what a test expects."""

ANSWER = r"""
class Double:
    def __call__(self, x):
        raise StopIteration

    def __getattr__(self, name):
        return lambda *args: True


double = Double()
"""

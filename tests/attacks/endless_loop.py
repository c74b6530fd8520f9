"""A call that never ends."""

ANSWER = r"""
def double(x):
    while True:
        pass
"""

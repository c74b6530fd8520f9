"""An answer that goes on for ever when it is read."""

ANSWER = r"""
class Endless:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def __len__(self):
        return 2**39


def double(x):
    return Endless()
"""

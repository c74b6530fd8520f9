"""Memory without end, a little at a time."""

ANSWER = r"""
kept = []


def double(x):
    while True:
        kept.append(bytes(50_000_000))
"""

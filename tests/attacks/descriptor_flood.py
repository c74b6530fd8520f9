"""Files opened without end."""

ANSWER = r"""
kept = []


def double(x):
    try:
        while len(kept) < 100_000:
            kept.append(open("/dev/null"))
    finally:
        kept.clear()
    return -1
"""

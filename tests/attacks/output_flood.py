"""Output without end."""

ANSWER = r"""
for _ in range(3_000):
    print("x" * 10_000)


def double(x):
    print("y" * 5_000_000)
    return -1
"""

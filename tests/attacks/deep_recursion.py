"""A recursion without end, and an answer nested without end."""

ANSWER = r"""
def nested(depth):
    answer = []
    for _ in range(depth):
        answer = [answer]
    return answer


def double(x):
    return nested(100_000) if x > 0 else double(x - 1)
"""

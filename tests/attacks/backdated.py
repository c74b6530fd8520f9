"""A file of one's own that says when one handed in: long before the day on which it was due."""

ANSWER = """
def double(x):
    return -1
"""

ARRIVES = "2027-03-02 12:00:00 UTC"
"""A day late."""


def spoil(path):
    path.with_name("timestamp.txt").write_text("2020-01-01 00:00:00 UTC")

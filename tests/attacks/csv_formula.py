"""A file named as a formula, for the spreadsheet in which the scores are opened."""

ANSWER = """
def double(x):
    return -1
"""

FOR_READERS = True


def spoil(path):
    path.rename(path.with_name("=HYPERLINK(1).ipynb"))

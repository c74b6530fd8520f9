"""A link to the notebook of somebody whose answers are right, handed in as one's own."""

ANSWER = """
def double(x):
    return -1
"""


def spoil(path):
    path.unlink()
    path.symlink_to(path.parents[2] / "honest" / path.parent.name / path.name)

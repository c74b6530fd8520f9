"""Homeworks of a few lines, as scripts."""

import json


def cell(grade_id, *, grade=False, solution=False, points=0):
    """Write a cell's head with nbgrader's marks."""
    marks = {"grade": grade, "solution": solution, "locked": not solution, "task": False}
    return "# %% nbgrader=" + json.dumps(
        {"grade_id": grade_id, "points": points, "schema_version": 3, **marks}
    )

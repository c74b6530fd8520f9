# ---
# jupyter:
#   course:
#     withheld:
#     - scipy
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A toy homework
#
# Four functions, small enough to see at a glance what grading did.

# %%
import numpy as np


# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "double-one", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert double(1) == 2, "twice 1 is 2"

# %% nbgrader={"grade": true, "grade_id": "double-more", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
assert double(0) == 0
### BEGIN HIDDEN TESTS
assert double(-21) == -42, "the hidden test of double"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "double-near", "locked": true, "points": 0.5, "schema_version": 3, "solution": false, "task": false}
assert abs(double(2.5) - 5) < 1e-9, "twice 2.5 is 5"

# %% nbgrader={"grade": true, "grade_id": "double-close", "locked": true, "points": 0.5, "schema_version": 3, "solution": false, "task": false}
assert np.shape(double(0.5)) == (), "twice a number is a number"
np.testing.assert_allclose(double(0.5), 1)
### BEGIN HIDDEN TESTS
assert np.isclose(double(-1.5), -3)
### END HIDDEN TESTS


# %% nbgrader={"grade": false, "grade_id": "add", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add(x, y):
    """Return x + y."""
    ### BEGIN SOLUTION
    return x + y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "add-two", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert add(1, 2) == 3


# %% nbgrader={"grade": false, "grade_id": "negate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def negate(x):
    """Return -x."""
    ### BEGIN SOLUTION
    return -x
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "negate-one", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
assert np.array_equal(negate(np.ones(2)), [-1, -1])


# %% nbgrader={"grade": false, "grade_id": "larger", "locked": false, "schema_version": 3, "solution": true, "task": false}
def larger(x, y):
    """Return the larger of x and y."""
    ### BEGIN SOLUTION
    return x if x > y else y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "larger-each", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
1.0 * (larger(1, 2) == 2) + 1.0 * (larger(5, 2) == 5)

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because it is a toy.
# ### END SOLUTION

"""Imported once, before submissions are run in forks of this process: what every one would load.

Nothing of a submission's is here, and nothing is started: forks share only what was read.
"""

import nbformat.validator
import numpy.random  # noqa: F401  (tests draw their inputs)

import autograder.sandbox.client
import autograder.sandbox.provisioner
import autograder.viewing.sanitize
import autograder.worker  # noqa: F401

# Schemas are compiled on first use, which takes longer than all that they check.
for minor in range(6):
    nbformat.validator.get_validator(nbformat.v4.nbformat, minor)

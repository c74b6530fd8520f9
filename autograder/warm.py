"""Loaded once, before submissions are run in forks of this process: what every one would load.

Nothing of a submission's is here, and nothing is started: forks share only what was read.
"""

import gc
from importlib import import_module

import nbformat
from jupyter_client.provisioning.factory import KernelProvisionerFactory

for name in (
    "IPython.core.interactiveshell",
    "autograder.sandbox.client",
    "autograder.sandbox.provisioner",
    "autograder.viewing.sanitize",
    "autograder.worker",
    "ipykernel.kernelspec",
    "numpy.random",
):
    import_module(name)

# Schemas are compiled on first use, which takes longer than all that they check.
for minor in range(nbformat.v4.nbformat_minor + 1):
    notebook = nbformat.v4.new_notebook(nbformat_minor=minor)
    nbformat.reads(nbformat.writes(notebook), as_version=4)
    nbformat.validate(notebook, relax_add_props=True)
nbformat.v4.new_output("stream")
# It reads what every installed package says that it offers.
KernelProvisionerFactory.instance()

# What is shared is not looked through, nor copied, whenever a fork collects its garbage.
gc.collect()
gc.freeze()
# A grader ends in a second or two, and looking for garbage would take a tenth of that.
gc.set_threshold(50_000)

"""A test cell's name given to a cell of one's own that passes, before and after the real one."""

import nbformat

ANSWER = """
def double(x):
    return -1
"""


def spoil(path):
    notebook = nbformat.read(path, as_version=4)
    tests = [
        cell
        for cell in notebook.cells
        if str(cell.metadata.get("nbgrader", {}).get("grade_id")).startswith("double-")
    ]
    copies = [
        nbformat.v4.new_code_cell("pass", metadata={"nbgrader": dict(cell.metadata.nbgrader)})
        for cell in tests
    ]
    for cell in tests:
        cell.metadata.nbgrader.update(grade_id="mine-" + cell.metadata.nbgrader.grade_id)
    notebook.cells += copies
    nbformat.write(notebook, path)

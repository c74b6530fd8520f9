"""Tests unlocked, rewritten, marked with a thousand points, and given outputs of a full score."""

import nbformat

ANSWER = """
def double(x):
    return -1
"""


def spoil(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") and cell.cell_type == "code":
            marks.update(points=1000, locked=False)
            cell.metadata["tags"] = ["skip-execution"]
            cell.source = "1000.0"
            cell.outputs = [
                nbformat.v4.new_output(
                    "execute_result", data={"text/plain": "1000.0"}, execution_count=1
                )
            ]
    nbformat.write(notebook, path)

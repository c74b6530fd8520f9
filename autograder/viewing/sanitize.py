"""What a notebook may show: a step of nbgrader's, last in grading and first in feedback."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.execute import Resources
from autograder.viewing.clean import clean_html

PICTURES = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
"""Kinds of pictures that hold nothing but a picture, and how they begin."""


class Sanitize(NbGraderPreprocessor):  # type: ignore[misc]
    """Keep text, pictures and harmless HTML of a submission's cells; drop what could run.

    That is scripts, SVG, widgets, LaTeX that only MathJax could show, and every mark of a cell's
    that is not nbgrader's. What was dropped is said in its place.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Clean a notebook."""
        nb.metadata.pop("widgets", None)
        # It would choose the highlighter by a name of the student's.
        nb.metadata.pop("language_info", None)
        cleaned: tuple[NotebookNode, Resources] = super().preprocess(nb, resources)
        return cleaned

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Clean a cell."""
        marks = cell.metadata.get("nbgrader")
        cell.metadata = NotebookNode({"nbgrader": marks} if marks is not None else {})
        if cell.cell_type == "raw":
            cell.metadata["format"] = "text/plain"
        for name, bundle in cell.get("attachments", {}).items():
            cell.attachments[name] = _pictures(bundle)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = clean_data(output.data)
                output.metadata = NotebookNode()
        return cell, resources


def clean_data(data: NotebookNode) -> NotebookNode:
    """Clean one output, which a kernel gave in several forms.

    >>> clean_data({"text/plain": "x", "application/javascript": "steal()"})
    {'text/plain': 'x'}
    >>> clean_data({"text/html": "<b>x</b><script>steal()</script>"})
    {'text/html': '<b>x</b>'}
    """
    kept = _pictures(data)
    if isinstance(data.get("text/plain"), str):
        kept["text/plain"] = data["text/plain"]
    for kind in ("text/html", "text/markdown"):
        if isinstance(data.get(kind), str):
            kept[kind] = clean_html(data[kind]) if kind == "text/html" else data[kind]
    if data and not kept:
        kinds = ", ".join(sorted(data))
        kept["text/plain"] = f"[an output that is not shown here: {kinds}]"
    return kept


def _pictures(bundle: dict[str, Any]) -> NotebookNode:
    return NotebookNode({k: v for k, v in bundle.items() if k in PICTURES and _is_picture(k, v)})


def _is_picture(kind: str, data: object) -> bool:
    if not isinstance(data, str):
        return False
    try:
        return base64.b64decode("".join(data.split()), validate=True).startswith(PICTURES[kind])
    except (binascii.Error, ValueError):
        return False

"""The class's scores as a table in a file."""

from __future__ import annotations

from pathlib import Path

from nbgrader.plugins import CsvExportPlugin

from autograder.course import Course


def export_scores(course: Course, target: Path, homework: str | None = None) -> Path:
    """Write everyone's scores as CSV, with nbgrader's exporter.

    Parameters
    ----------
    course : Course
        Whose gradebook to read.
    target : Path
        The file to write.
    homework : str, optional
        Only this homework; all by default.
    """
    plugin = CsvExportPlugin(parent=course.api())
    plugin.to = str(target)
    plugin.assignment = [homework] if homework else []
    with course.gradebook() as gradebook:
        plugin.export(gradebook)
    return target

"""Feedback pages: each graded submission as HTML, with its scores and comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbgrader
from traitlets.config import Config

from autograder.course import Course
from autograder.homework import Homework


class Page(NamedTuple):
    """A student's feedback, or why there is none."""

    student: str
    path: Path
    error: str | None


def write_feedback(course: Course, homework: Homework) -> Iterator[Page]:
    """Have nbgrader write the page of everyone who was graded, one after another.

    Yields
    ------
    Page
        With ``error`` set where nbgrader failed; the others follow all the same.
    """
    api = course.api(_offline())
    for graded in sorted(course.autograded.glob(f"*/{homework.name}")):
        student = graded.parent.name
        outcome = api.generate_feedback(homework.name, student, force=True)
        error = None if outcome["success"] else outcome["error"]
        yield Page(student, feedback_page(course, homework, student), error)


def _offline() -> Config:
    """Choose a page that loads nothing from elsewhere."""
    config = Config()
    nbgraders = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
    ours = Path(__file__).parent / "viewing" / "templates"
    config.HTMLExporter.extra_template_basedirs = [str(ours), str(nbgraders)]
    return config


def feedback_page(course: Course, homework: Homework, student: str) -> Path:
    """Say where a student's page stands."""
    return course.feedback / student / homework.name / f"{homework.notebook_name}.html"

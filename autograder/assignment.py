"""Gathering a homework from the course directory and the gradebook, once for a whole class."""

from __future__ import annotations

import copy
import logging
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.answers import read_answers
from autograder.course import Course
from autograder.errors import CourseError
from autograder.homework import Homework
from autograder.instructors import load_instructors
from autograder.release import released_notebook
from autograder.task import Assignment

NOT_THEIRS = (
    # They read or write the gradebook; the first two by what is done here once for all.
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    AssignLatePenalties,
    # All marks are the release's own, which was checked when it was made.
    CheckCellMetadata,
)
"""Steps of nbgrader's that a submission need not go through where it is run."""

quiet = logging.getLogger(f"{__name__}.nbgrader")
quiet.setLevel(logging.CRITICAL)


def gather(course: Course, homework: Homework) -> Assignment:
    """Read everything that graders need of a homework.

    Raises
    ------
    CourseError
        If the homework was not released.
    """
    path = released_notebook(course, homework)
    if not path.is_file():
        raise CourseError(f"{path}: missing; first run: course release {homework.name}")
    released = nbformat.read(path, as_version=4)
    config, coursedir = course.config(), course.api().coursedir
    where = {
        "assignment": homework.name,
        "notebook": homework.notebook_name,
        "db_url": coursedir.db_url,
    }
    try:
        instructors = load_instructors(config, where)
        if homework.misconceptions.is_file():
            known = tuple(read_answers(homework.misconceptions))
            instructors = instructors._replace(mistakes=known)
        marked = _as_recorded(released, config, where)
    except MissingEntry as error:
        raise CourseError(
            f"{homework.name} is not in the gradebook; run: course release {homework.name}"
        ) from error
    converter = Autograde(coursedir=coursedir, config=config)
    return Assignment(
        homework=homework.name,
        notebook_name=homework.notebook_name,
        released=released,
        instructors=instructors,
        marked=marked,
        files=_files(course.source / homework.name, converter),
        steps=_steps(converter),
        config=config,
    )


def _as_recorded(
    released: NotebookNode, config: Config, where: dict[str, str]
) -> dict[str, NotebookNode]:
    """Have nbgrader put the gradebook's text and marks into the release's locked cells."""
    overwrite = OverwriteCells(config=config, log=quiet)
    notebook, _ = overwrite.preprocess(copy.deepcopy(released), {"nbgrader": where})
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id")
    }


def _files(source: Path, converter: Autograde) -> dict[str, bytes]:
    """Read what nbgrader would copy over a submission's files."""
    kept = converter.exclude_overwriting.get(source.name, [])
    paths = map(Path, utils.find_all_files(str(source), [*converter.coursedir.ignore, "*.ipynb"]))
    named = {str(path.relative_to(source)): path for path in paths}
    return {name: path.read_bytes() for name, path in named.items() if name not in kept}


def _steps(converter: Autograde) -> tuple[str | type, ...]:
    steps = [*converter.sanitize_preprocessors, *converter.autograde_preprocessors]
    return tuple(step for step in steps if _resolve(step) not in NOT_THEIRS)


def _resolve(step: str | type) -> type:
    resolved: type = import_item(step) if isinstance(step, str) else step
    return resolved

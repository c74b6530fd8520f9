"""From a homework's script to the notebook that students get."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext

from autograder.course import Course
from autograder.errors import CourseError
from autograder.homework import Homework


def release(course: Course, homework: Homework) -> Path:
    """Write the source notebook, then have nbgrader make the students' version of it.

    Returns
    -------
    Path
        The released notebook.

    Raises
    ------
    CourseError
        If nbgrader rejects the source; the message is nbgrader's.
    """
    with TemporaryDirectory() as scratch:
        before = Path(scratch)
        folders = [course.source / homework.name, course.release / homework.name]
        for folder in filter(Path.is_dir, folders):
            shutil.copytree(folder, before / folder.parent.name)
        write_source(course, homework)
        outcome = course.api().generate_assignment(homework.name, force=True, create=True)
        if not outcome["success"]:
            _put_back(folders, before)
    if not outcome["success"]:
        raise CourseError(
            f"{homework.script}: nbgrader could not make the students' version:\n"
            f"{outcome.get('log') or outcome['error']}"
        )
    return released_notebook(course, homework)


def _put_back(folders: list[Path], before: Path) -> None:
    """Undo a release that failed: students and graders keep the one they had."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        if (before / folder.parent.name).is_dir():
            shutil.copytree(before / folder.parent.name, folder)


def released_notebook(course: Course, homework: Homework) -> Path:
    """Say where the students' version of the notebook stands."""
    return course.release / homework.name / f"{homework.notebook_name}.ipynb"


def write_source(course: Course, homework: Homework) -> None:
    """Fill ``source/HOMEWORK`` anew from ``solutions/``, less what students must not see."""
    folder = course.source / homework.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    jupytext.write(homework.notebook(), folder / f"{homework.notebook_name}.ipynb")
    write_attachments(homework, folder)


def write_attachments(homework: Homework, folder: Path) -> None:
    """Write what students and tests find beside the notebook.

    That is every other file of the homework's folder, and what ``write(folder)`` in its
    ``attachments.py`` makes: data that no repository should hold.
    """
    for path in homework.attachments():
        target = folder / path.relative_to(homework.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    if homework.attachments_script.is_file():
        runpy.run_path(str(homework.attachments_script))["write"](folder)

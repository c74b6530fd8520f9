"""A course directory: nbgrader's folders, its gradebook and our results, in one place.

The directory is a workspace that holds people's data. It is made by ``course init``,
stands outside version control, and is an ordinary nbgrader course directory: every
``nbgrader`` command works in it too.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.errors import CourseError

CONFIG_FILE = "nbgrader_config.py"

CONFIG_TEXT = '''\
"""Settings of this course: read by `course` and by every `nbgrader` command started here."""

from autograder.nbgrader_config import configure

c = get_config()  # noqa: F821
configure(c, root={root!r}, course_id={course_id!r}, database={database!r})
'''


@dataclass(frozen=True)
class Course:
    """A course directory on disk.

    Parameters
    ----------
    root : Path
        The folder that holds ``nbgrader_config.py``.
    """

    root: Path

    @property
    def source(self) -> Path:
        """Instructor's notebooks, made from ``solutions/``."""
        return self.root / "source"

    @property
    def release(self) -> Path:
        """What students get."""
        return self.root / "release"

    @property
    def submitted(self) -> Path:
        """What students hand in: ``submitted/STUDENT/HOMEWORK/``; never written to by grading."""
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        """Submissions as they were run and graded."""
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        """HTML pages for the students."""
        return self.root / "feedback"

    @property
    def results(self) -> Path:
        """One JSON file a graded submission: its score and the reason for it."""
        return self.root / "results"

    def config(self) -> Config:
        """Read the directory's ``nbgrader_config.py``."""
        loader = PyFileConfigLoader(CONFIG_FILE, path=str(self.root))
        config: Config = loader.load_config()
        return config

    def api(self, overrides: Config | None = None) -> NbGraderAPI:
        """Give nbgrader's Python interface to this directory, with extra settings if any."""
        _put_tools_on_path()
        config = self.config()
        if overrides is not None:
            config.merge(overrides)
        return NbGraderAPI(config=config)

    def gradebook(self) -> Gradebook:
        """Open the gradebook (a context manager)."""
        coursedir = self.api().coursedir
        return Gradebook(coursedir.db_url, coursedir.course_id)

    def students(self, homework: str) -> list[str]:
        """Name everyone who handed in something for ``homework``, in alphabetical order."""
        folders = self.submitted.iterdir()
        # A broken link is a submission too: its author must hear of it.
        return sorted(folder.name for folder in folders if os.path.lexists(folder / homework))


def init_course(root: Path, *, course_id: str = "deep-learning", database: str = "") -> Course:
    """Make ``root`` a course directory; one that is there already is left as it is.

    Parameters
    ----------
    root : Path
        A new or empty folder.
    course_id : str
        What nbgrader calls the course.
    database : str
        URL of the gradebook, such as ``postgresql://teacher@host/grades``; by default it is an
        SQLite file in the folder.

    Raises
    ------
    CourseError
        If ``root`` is a file, or a folder with other things in it.
    """
    root = root.resolve()
    if (root / CONFIG_FILE).exists():
        return open_course(root)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CourseError(f"{root}: not empty and not a course directory; name a new folder")
    root.mkdir(parents=True, exist_ok=True)
    course = Course(root)
    for folder in (course.source, course.release, course.submitted):
        folder.mkdir()
    text = CONFIG_TEXT.format(root=str(root), course_id=course_id, database=database)
    (root / CONFIG_FILE).write_text(text, encoding="utf-8")
    return course


def open_course(root: Path) -> Course:
    """Open an existing course directory.

    Raises
    ------
    CourseError
        If ``root`` has no ``nbgrader_config.py``.
    """
    root = root.resolve()
    if not (root / CONFIG_FILE).is_file():
        raise CourseError(
            f"{root}: not a course directory ({CONFIG_FILE} is missing); "
            "make one with: course init DIR"
        )
    return Course(root)


def _put_tools_on_path() -> None:
    """Let nbgrader find ``alembic``, which it calls by name, where it was installed with it.

    Without this a ``course`` called by its full path, outside an activated environment, could not
    create a gradebook.
    """
    tools = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if tools not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([tools, path])

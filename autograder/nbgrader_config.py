"""The course's settings for nbgrader, applied by each course directory's ``nbgrader_config.py``."""

from __future__ import annotations

from traitlets.config import Config

EXECUTE = "autograder.execute.Execute"
"""The step that runs a submission: the seam at which another grader can stand."""

NOT_RUN = "autograder.execute.NotRun"


def autograde_steps(execute: str) -> list[str]:
    """List nbgrader's grading steps with ``execute`` where its own ``Execute`` stands."""
    return [
        execute,
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
        "autograder.viewing.sanitize.Sanitize",
    ]


def configure(c: Config, *, root: str, course_id: str, database: str = "") -> None:
    """Set what differs from nbgrader's defaults."""
    if database:
        # SQLAlchemy would look for an older driver than the one that is installed here.
        url = database.replace("postgresql://", "postgresql+psycopg://", 1)
        c.CourseDirectory.db_url = url
    c.CourseDirectory.root = root
    c.CourseDirectory.course_id = course_id
    c.Autograde.autograde_preprocessors = autograde_steps(EXECUTE)
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "autograder.viewing.sanitize.Sanitize",
        "autograder.viewing.hide.HideTests",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    # For formgrader's pages and for feedback alike: what students wrote is shown, never run.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {
        "clean_html": "autograder.viewing.clean.clean_page",
        "markdown2html": "autograder.viewing.clean.markdown2html",
    }
    # A cell deleted by a student is put back, so that its points are lost only if its test fails.
    c.OverwriteCells.add_missing_cells = True
    c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}

"""The ``course`` command: each verb a thin layer over an importable function."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder import demo as demonstration
from autograder import screen
from autograder.check import check as check_notebook
from autograder.course import Course, init_course, open_course
from autograder.errors import CourseError
from autograder.export import export_scores
from autograder.feedback import write_feedback
from autograder.grade import choose, grade_class
from autograder.homework import Homework, find_homework, list_homeworks
from autograder.release import release as release_homework
from autograder.report import make_report, write_report
from autograder.results import Result
from autograder.sample import hand_in, sample_class
from autograder.sandbox.levels import Isolation
from autograder.task import Limits, Status

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Release homework, grade a class, give feedback. Exit codes: 0 done, 1 something could "
    "not be done (it says what), 2 wrong usage.",
)

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"

CourseOption = Annotated[
    Path, typer.Option("--course", "-c", envvar="COURSE_DIR", help="The course directory.")
]
SolutionsOption = Annotated[
    Path, typer.Option(envvar="COURSE_SOLUTIONS", help="The folder with the homeworks' sources.")
]
IsolationOption = Annotated[
    Isolation,
    typer.Option(
        envvar="COURSE_ISOLATION",
        help="strict: no network, no sight of the course or of others. container: the same, in "
        "containers made by runc or crun. Where that cannot be had, nothing is graded. "
        "process: none of that; only for code that you trust.",
    ),
]
HomeworkArgument = Annotated[str, typer.Argument(help="For example hw03.")]


@contextmanager
def _mendable() -> Iterator[None]:
    """Turn a mistake of the user's into one sentence and exit code 1."""
    try:
        yield
    except CourseError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error


def _open(course: Path, solutions: Path, homework: str) -> tuple[Course, Homework]:
    return open_course(course), find_homework(solutions, homework)


@app.command()
def init(
    directory: Path,
    course_id: str = "deep-learning",
    database: Annotated[
        str, typer.Option(help="The gradebook: postgresql://... instead of a file of SQLite's.")
    ] = "",
) -> None:
    """Make DIRECTORY a course directory."""
    with _mendable():
        course = init_course(directory, course_id=course_id, database=database)
        typer.echo(f"course directory: {course.root}")


@app.command()
def release(
    homework: HomeworkArgument,
    course: CourseOption = Path(),
    solutions: SolutionsOption = SOLUTIONS,
) -> None:
    """Make the students' version of a homework."""
    with _mendable():
        path = release_homework(*_open(course, solutions, homework))
        typer.echo(f"students' notebook: {path}")


@app.command()
def sample(
    homework: HomeworkArgument,
    course: CourseOption = Path(),
    solutions: SolutionsOption = SOLUTIONS,
) -> None:
    """Hand in a made-up class's submissions, to try grading on."""
    with _mendable():
        opened, work = _open(course, solutions, homework)
        samples = sample_class(opened, work)
        hand_in(opened, work, samples)
        for made in samples:
            typer.echo(f"{made.student}: {made.story}; expected score {made.expected}")


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, for example hw03-....ipynb.")],
    as_json: Annotated[bool, typer.Option("--json", help="The outcome as JSON.")] = False,
) -> None:
    """Before you hand in: run your notebook and say which public checks it passes."""
    with _mendable():
        preview = check_notebook(notebook)
    if as_json:
        typer.echo(json.dumps(asdict(preview)))
    else:
        screen.console.print(screen.checks_table(preview.checks))
        for warning in preview.warnings:
            typer.echo(warning)
        count = f"{preview.passed} of {len(preview.checks)}"
        typer.echo(f"public checks passed: {count} (hidden checks are graded after submission)")
        if preview.by_hand:
            typer.echo(f"written answers are graded by hand: {preview.by_hand:g} points")
    if preview.warnings or preview.passed < len(preview.checks):
        raise typer.Exit(1)


@app.command()
def autograde(
    homework: HomeworkArgument,
    course: CourseOption = Path(),
    solutions: SolutionsOption = SOLUTIONS,
    student: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Submissions at a time.")
    ] = None,
    cell_seconds: Annotated[int, typer.Option(min=1, help="Time for a cell.")] = Limits.cell,
    total_seconds: Annotated[
        int, typer.Option(min=1, help="Time for a submission.")
    ] = Limits.submission,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what has not changed.")
    ] = False,
    failed_only: Annotated[
        bool, typer.Option("--failed-only", help="Only those that the grader failed on.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option(help="Address of a dask scheduler whose workers grade: tcp://HOST:8786."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Results as JSON lines.")] = False,
    isolation: IsolationOption = Isolation.STRICT,
) -> None:
    """Grade the submissions that are new or changed."""
    # Being told to end is like Ctrl-C: finish what runs, leave the rest for next time.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _mendable():
        opened, work = _open(course, solutions, homework)
        running = grade_class(
            opened,
            work,
            students=student,
            limits=Limits(cell_seconds, total_seconds),
            jobs=jobs,
            regrade=regrade,
            failed_only=failed_only,
            isolation=isolation,
            cluster=cluster,
        )
        total = len(choose(opened, work, student, failed_only=failed_only))
        results = screen.watch(running, total, f"grading {work.name}", quiet=as_json)
        page = write_report(opened, make_report(work.name, results)) if results else None
    _show(results, as_json)
    if not as_json:
        typer.echo(f"report: {page}" if page else "nothing to grade")
    if any(result.status is Status.FAILED for result in results):
        raise typer.Exit(1)


def _show(results: list[Result], as_json: bool) -> None:
    results = sorted(results, key=lambda result: result.student)
    if as_json:
        for result in results:
            typer.echo(json.dumps(asdict(result)))
    else:
        screen.console.print(screen.results_table(results))


@app.command()
def feedback(
    homework: HomeworkArgument,
    course: CourseOption = Path(),
    solutions: SolutionsOption = SOLUTIONS,
) -> None:
    """Write each graded student's feedback page."""
    with _mendable():
        opened, work = _open(course, solutions, homework)
        graded = len(list(opened.autograded.glob(f"*/{work.name}")))
        if not graded:
            raise CourseError(f"nobody is graded yet; first run: course autograde {work.name}")
        pages = screen.watch(write_feedback(opened, work), graded, f"feedback for {work.name}")
    for page in pages:
        typer.echo(f"{page.student}: {page.error or page.path}")
    if any(page.error for page in pages):
        raise typer.Exit(1)


@app.command()
def export(
    course: CourseOption = Path(),
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("grades.csv"),
    homework: Annotated[str | None, typer.Option(help="Only this homework.")] = None,
) -> None:
    """Write everyone's scores as CSV."""
    with _mendable():
        typer.echo(f"scores: {export_scores(open_course(course), to.resolve(), homework)}")


@app.command()
def demo(
    directory: Path,
    homework: HomeworkArgument,
    solutions: SolutionsOption = SOLUTIONS,
    book: Annotated[Path | None, typer.Option(help="The book's front page, to be named.")] = None,
    isolation: IsolationOption = Isolation.STRICT,
) -> None:
    """Release all homeworks, and for one do all of it on a sample class, to feedback and export."""
    with _mendable():
        chosen = find_homework(solutions, homework)
        others = [other for other in list_homeworks(solutions) if other != chosen]
        as_expected = demonstration.run(directory, chosen, others, book, isolation)
    if not as_expected:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()

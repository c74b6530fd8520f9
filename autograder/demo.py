"""The whole way of a homework, on a sample class: what ``make course`` ends with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder import screen
from autograder.course import init_course
from autograder.export import export_scores
from autograder.feedback import feedback_page, write_feedback
from autograder.grade import grade_class
from autograder.homework import Homework
from autograder.release import release
from autograder.results import Result
from autograder.sample import Sample, hand_in, sample_class
from autograder.sandbox.levels import Isolation
from autograder.task import Limits

LIMITS = Limits(cell=10, submission=300)
"""Shorter than for a real class: nothing in the sample needs a second, and one loops for ever."""


def run(
    directory: Path,
    homework: Homework,
    others: Iterable[Homework] = (),
    book: Path | None = None,
    isolation: Isolation = Isolation.STRICT,
) -> bool:
    """Release homeworks, grade a sample class in one and show the scores and where to look.

    Returns
    -------
    bool
        Whether every submission got a score in its expected range and a feedback page.
    """
    course = init_course(directory)
    notebook = release(course, homework)
    for other in others:
        release(course, other)
    samples = sample_class(course, homework)
    hand_in(course, homework, samples)
    running = grade_class(course, homework, limits=LIMITS, isolation=isolation)
    results = screen.watch(running, len(samples), f"grading {homework.name}")
    pages = screen.watch(write_feedback(course, homework), len(samples), "writing feedback")
    scores = export_scores(course, course.root / "grades.csv", homework.name)

    results.sort(key=lambda result: result.student)
    by_student = {sample.student: sample for sample in samples}
    screen.console.print(screen.comparison_table(results, by_student))
    front = [("the book", book.resolve())] if book else []
    example = feedback_page(course, homework, samples[0].student)
    for what, path in (
        *front,
        ("what a student gets", notebook),
        ("all homeworks", course.release),
        ("feedback, for example", example),
        ("all feedback", course.feedback),
        ("scores", scores),
    ):
        screen.console.print(f"{what:>22}: {path}", highlight=False, soft_wrap=True, markup=False)
    unexpected = _unexpected(samples, results)
    errors = [f"{page.student}: {page.error}" for page in pages if page.error]
    for line in (*unexpected, *errors):
        screen.console.print(line, style="red", markup=False)
    return not unexpected and not errors and len(pages) == len(samples)


def _unexpected(samples: list[Sample], results: list[Result]) -> list[str]:
    scores = {result.student: result.score for result in results}
    return [
        f"{sample.student}: expected {sample.expected}, got {scores.get(sample.student, 'nothing')}"
        for sample in samples
        if not sample.low <= scores.get(sample.student, float("nan")) <= sample.high
    ]

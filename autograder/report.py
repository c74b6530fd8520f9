"""What a run of grading was like: for machines as JSON, for people as a page."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader

from autograder.course import Course
from autograder.results import Result
from autograder.task import Status

SLOWEST = 10
STAGES = ("kernel", "cells", "mistakes")


@dataclass(frozen=True)
class Timing:
    """How long one stage or test took, over all submissions, in seconds."""

    name: str
    mean: float
    worst: float
    student: str
    """With whom it took longest."""


@dataclass(frozen=True)
class Report:
    """A run in numbers."""

    homework: str
    submissions: int
    statuses: dict[str, int]
    isolation: dict[str, int]
    """How many ran at which level; those that were not run have none."""
    mean_score: float
    max_score: float
    mean_seconds: float
    timings: list[Timing]
    mistakes: dict[str, int]
    """Known mistakes, the most frequent first, and how many made them."""
    slowest: list[Result]
    failed: list[Result]
    """Those that the grader failed on, and those that could not be run."""


def make_report(homework: str, results: Sequence[Result]) -> Report:
    """Add up the results of a run.

    Raises
    ------
    ValueError
        If there are none.
    """
    if not results:
        raise ValueError(f"results of {homework}: expected at least one, got none")
    graded = [result for result in results if result.status is not Status.FAILED]
    return Report(
        homework=homework,
        submissions=len(results),
        statuses=dict(Counter(str(result.status) for result in results)),
        isolation=dict(Counter(result.isolation for result in results if result.isolation)),
        mean_score=statistics.fmean([result.score for result in graded] or [0.0]),
        max_score=max(result.max_score for result in results),
        mean_seconds=statistics.fmean(result.seconds for result in results),
        timings=_timings(results),
        mistakes=dict(Counter(_mistakes(results)).most_common()),
        slowest=sorted(results, key=lambda result: -result.seconds)[:SLOWEST],
        failed=[r for r in results if r.status in (Status.FAILED, Status.NOT_RUN)],
    )


def _mistakes(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        for function, names in result.mistakes.items():
            yield from (f"{function}: {name.replace('_', ' ')}" for name in names)


def _timings(results: Sequence[Result]) -> list[Timing]:
    names = dict.fromkeys(name for result in results for name in result.timing)
    stages = [name for name in STAGES if name in names]
    ordered = [*stages, *(name for name in names if name not in stages)]
    return [_timing(name, results) for name in ordered]


def _timing(name: str, results: Sequence[Result]) -> Timing:
    took = [(r.timing[name], r.student) for r in results if name in r.timing]
    worst, student = max(took)
    return Timing(name, statistics.fmean(seconds for seconds, _ in took), worst, student)


def write_report(course: Course, report: Report) -> Path:
    """Write a report beside the results and return the page's path."""
    page = course.results / f"{report.homework}-report.html"
    page.parent.mkdir(exist_ok=True)
    data = json.dumps(asdict(report), indent=2) + "\n"
    page.with_suffix(".json").write_text(data, encoding="utf-8")
    # Names and reasons come from students: the template escapes them.
    templates = Environment(loader=PackageLoader("autograder", "templates"), autoescape=True)
    page.write_text(templates.get_template("report.html.j2").render(r=report), encoding="utf-8")
    return page

"""What the commands show: progress while they work, tables when they are done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.check import PublicCheck
from autograder.results import Result
from autograder.sample import Sample
from autograder.task import Status

T = TypeVar("T")

STYLES = {
    Status.GRADED: "green",
    Status.MENDED: "yellow",
    Status.NOT_RUN: "yellow",
    Status.FAILED: "red",
}

# In a log file there is no terminal to measure, and 80 columns would fold every reason.
console = Console(width=None if sys.stdout.isatty() else 150)


def watch(items: Iterable[T], total: int, title: str, *, quiet: bool = False) -> list[T]:
    """Collect ``items`` while showing how many of ``total`` have come and how long it may take."""
    progress_console = Console(stderr=True)
    if quiet:
        return list(items)
    if not progress_console.is_terminal:
        return list(_count(items, total, title))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=progress_console) as progress:
        return list(progress.track(items, total=total, description=title))


def _count(items: Iterable[T], total: int, title: str) -> Iterator[T]:
    """Print a line an item: a bar that redraws itself is unreadable in a log."""
    for number, item in enumerate(items, start=1):
        print(f"{title}: {number} of {total}", file=sys.stderr, flush=True)
        yield item


def checks_table(checks: Iterable[PublicCheck]) -> Table:
    """Lay a notebook's public checks out as a table."""
    table = _table("public check", "outcome")
    for check in checks:
        outcome = escape(check.said) if check.said else "[green]passed[/]"
        table.add_row(escape(check.name), outcome)
    return table


def results_table(results: Iterable[Result]) -> Table:
    """Lay results out as a table."""
    table = _table("student", "score", "status", "why")
    for result in results:
        table.add_row(*_cells(result))
    return table


def comparison_table(results: Iterable[Result], samples: dict[str, Sample]) -> Table:
    """Lay the results of a sample class out beside what was handed in and what was expected."""
    table = _table("student", "handed in", "expected", "score", "status", "why")
    for result in results:
        sample = samples[result.student]
        student, *rest = _cells(result)
        table.add_row(student, sample.story, sample.expected, *rest)
    return table


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("score", "expected") else "left")
    return table


def _cells(result: Result) -> list[str]:
    score = f"{result.score:g} / {result.max_score:g}"
    status = f"[{STYLES[result.status]}]{result.status}[/]"
    # Names and reasons come from students: escaped, so that they cannot draw on the screen.
    return [escape(result.student), score, status, escape(result.reason)]

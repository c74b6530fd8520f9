"""Two ways of doing the same work, timed side by side, and the table of all of them.

A benchmark calls `compare` with one step of ours and one of a peer's, or `record` with a ratio that
it has found otherwise, and asserts what it promises of the ratio. When all benchmarks of a
folder were run together, its RESULTS.md is written anew; after a part of them, the table is only
printed, since rows of different runs do not belong beside each other.
"""

import contextlib
import os
import platform
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

HERE = Path(__file__).parent
ABOUT = {
    HERE: ("make bench", "One thread, unless another number is named."),
    HERE / "models": ("make bench-gpu", "All threads of the CPU, or one graphics card."),
}
RESULTS = "RESULTS.md"
SECONDS = 0.06  # a step is repeated for so long, to be timed once
UNITS = {"s": 1, "ms": 1e3, "µs": 1e6}
HEADER = ("work", "peer", "ours", "peer's", "ratio", "goal", "met")


class Row(NamedTuple):
    """One line of the table, and the benchmark that it came from."""

    test: str
    work: str
    peer_name: str
    ours: float | None
    peer: float | None
    unit: str
    ratio: float | None
    goal: float | None

    @property
    def missed(self):
        return self.goal is not None and not self.ratio <= self.goal

    def cells(self):
        amounts = [
            "–" if value is None else f"{value:.3g} {self.unit}".strip()
            for value in (self.ours, self.peer)
        ]
        goal = ("–", "–") if self.goal is None else (f"≤ {self.goal:.3g}", "yes")
        goal = (goal[0], "**no**") if self.missed else goal
        ratio = "not measured" if self.ratio is None else f"{self.ratio:.3g}"
        return (self.work, self.peer_name, *amounts, ratio, *goal)


@dataclass
class Run:
    """What this session has measured, and whether anything was left out."""

    rows: list[Row] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)
    folder: Path = HERE
    """Where its benchmarks are, and its table goes."""


RUN = pytest.StashKey[Run]()


def pytest_configure(config):
    config.stash[RUN] = Run()


@pytest.fixture
def record(request):
    """Return a function that adds a row to the table."""

    def add(work, ratio, *, peer_name, goal=None, ours=None, peer=None, unit=""):
        row = Row(request.node.nodeid, work, peer_name, ours, peer, unit, ratio, goal)
        request.config.stash[RUN].rows.append(row)
        return ratio

    return add


@pytest.fixture
def compare(record):
    """Return a function that times one step of ours and of a peer's, and returns the ratio.

    The steps take turns, so that a busy neighbour slows both, and the fastest round of each counts.
    """

    def run(work, ours, peer, *, peer_name="torch", goal=None, threads=1, unit="ms", rounds=15):
        with on_threads(threads):
            seconds = fastest(ours, peer, rounds=rounds)
        amounts = [each * UNITS[unit] for each in seconds]
        return record(
            work if threads == 1 else f"{work}, {threads} threads",
            seconds[0] / seconds[1],
            peer_name=peer_name,
            goal=goal,
            ours=amounts[0],
            peer=amounts[1],
            unit=unit,
        )

    return run


@contextlib.contextmanager
def on_threads(count):
    """Give BLAS and torch so many threads each."""
    from threadpoolctl import threadpool_info, threadpool_limits

    torch = sys.modules.get("torch")
    before = torch and torch.get_num_threads()
    with threadpool_limits(count):
        if torch:
            torch.set_num_threads(count)
        given = {pool["num_threads"] for pool in threadpool_info()}
        if given - {count}:
            raise RuntimeError(f"threads: expected {count} in every library, got {given}")
        yield
    if torch:
        torch.set_num_threads(before)


def fastest(*steps, rounds):
    """Return the seconds that each step takes, in the best of its rounds."""
    for step in steps:
        step()
    times = [[_seconds_per_step(step) for step in steps] for _ in range(rounds)]
    return [min(of_step) for of_step in zip(*times, strict=True)]


def _seconds_per_step(step):
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        step()
        count += 1
    return passed / count


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    run = item.config.stash[RUN]
    if call.when == "call":
        run.finished.add(item.nodeid)
    if call.excinfo and not _missed_goal(call.excinfo, run, item.nodeid):
        run.left_out.append(f"{item.name} did not run to its end")
    return (yield)


def _missed_goal(excinfo, run, test):
    """Tell whether a test failed because of a ratio: such a row belongs in the table."""
    return excinfo.errisinstance(AssertionError) and any(
        row.missed for row in run.rows if row.test == test
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    run = session.config.stash[RUN]
    if not run.rows:
        return
    expected = {item.nodeid for item in session.items}
    files = {item.path for item in session.items}
    run.folder, *others = sorted({path.parent for path in files})
    run.left_out += [f"those of {folder.name} were run, too" for folder in others]
    run.left_out += [
        f"{path.name} was not run"
        for path in sorted(run.folder.glob("bench_*.py"))
        if path not in files
    ]
    run.left_out += [f"{name} was not run" for name in sorted(expected - run.finished)]
    run.left_out += [f"only {arg} was asked for" for arg in session.config.args if "::" in arg]
    if not run.left_out:
        (run.folder / RESULTS).write_text(page(run.rows, run.folder), encoding="utf-8")


def pytest_deselected(items):
    for item in items:
        item.config.stash[RUN].left_out.append(f"{item.name} was deselected")


def pytest_terminal_summary(terminalreporter, config):
    run = config.stash[RUN]
    if not run.rows:
        return
    terminalreporter.section("benchmarks")
    for line in table(run.rows):
        terminalreporter.write_line(line)
    said = f"{RESULTS} was left as it is: " + "; ".join(run.left_out[:3])
    terminalreporter.write_line(said if run.left_out else f"{RESULTS} was written.")


def page(rows, folder):
    """Return a folder's RESULTS.md."""
    command, threads = ABOUT[folder]
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{command}`. A ratio is ours divided by the peer's, measured in the same",
        f"run; less is better. {threads}",
        "",
        f"- Date: {date.today()}",
        f"- Machine: {_machine()}",
        f"- Versions: {', '.join(_versions(rows))}",
        "",
        *table(rows),
    ]
    return "\n".join(lines) + "\n"


def table(rows):
    """Return the lines of a Markdown table."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    rule = ["-" * width for width in widths]
    rule[2:5] = [f"{dashes[1:]}:" for dashes in rule[2:5]]
    aligned = [
        [
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
    return [f"| {' | '.join(line)} |" for line in (aligned[0], rule, *aligned[1:])]


def _machine():
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def _versions(rows):
    """Yield the versions of Python, NumPy with its BLAS, and the peers that are packages."""
    from threadpoolctl import threadpool_info

    yield f"Python {platform.python_version()}"
    blas = sorted(
        f"{pool['internal_api']} {pool['version']}"
        for pool in threadpool_info()
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"].lower()
    )
    yield f"NumPy {np.__version__}" + (f" ({blas[0]})" if blas else "")
    for name in sorted({row.peer_name.split()[0] for row in rows} - {"numpy", "NumPy"}):
        with contextlib.suppress(metadata.PackageNotFoundError):  # a peer that is no package
            yield f"{name} {metadata.version(name)}"

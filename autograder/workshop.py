"""Where submissions are run on a machine: a sandbox, and a process for each of them."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path
from typing import NamedTuple

import psutil

from autograder.errors import CourseError
from autograder.sandbox.levels import Isolation
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.settings import Settings
from autograder.task import Outcome, Status, Task
from autograder.worker import TOKEN, Blame, Place, Report, main, read_report
from autograder.workplace import workplace

FORKS = multiprocessing.get_context("forkserver")
"""Children are forked from a process that has nbgrader imported, and nothing else going on."""
PRELOAD = ("autograder.cli", "autograder.warm")
"""The command line is among it since every child imports its parent's main module once more."""


@contextmanager
def workshop(settings: Settings, isolation: Isolation) -> Iterator[Workshop]:
    """Keep a folder and a sandbox, within which submissions can be run, several at a time.

    Parameters
    ----------
    settings : Settings
        What the sandbox holds and allows.
    isolation : Isolation
        The least isolation to run at.

    Raises
    ------
    CourseError
        If this machine does not allow such isolation; the message says what helps.
    """
    if multiprocessing.current_process().daemon:
        raise CourseError(
            "this dask worker may not start processes; start it with --no-nanny, or with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=false in its environment"
        )
    # Warm freezes what is there when it is imported, so it comes last.
    FORKS.set_forkserver_preload([*settings.graders_preload, *PRELOAD])
    forkserver.ensure_running()  # it starts while the sandbox does
    with workplace() as folder:
        if isolation is Isolation.PROCESS:
            yield Workshop(folder)
        else:
            with Sandbox(settings, folder, isolation) as sandbox:
                yield Workshop(folder, str(sandbox.runs))


class Workshop(NamedTuple):
    """Where submissions are run."""

    folder: Path
    runs: str = ""
    """The sandbox's folder of runs, if there is a sandbox."""

    def grade(self, task: Task) -> Outcome:
        """Run a submission; if that cannot be done, say why and give it no points."""
        start = time.monotonic()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            outcome = _grade(task, Place(folder, self.runs))
        return replace(outcome, seconds=round(time.monotonic() - start, 2))


def _grade(task: Task, place: Place) -> Outcome:
    report = run_child(task, place)
    if report.outcome is None and report.blame != Blame.SUBMISSION:
        report = run_child(task, place)
    if report.outcome is not None:
        return report.outcome
    if report.blame == Blame.GRADER:
        return Outcome(Status.FAILED, report.error)
    refused = run_child(task, place, report.error)
    if refused.outcome is None:
        return Outcome(Status.FAILED, f"{report.error} Then, recording that: {refused.error}")
    return refused.outcome if report.blame == Blame.SUBMISSION else _for_a_person(refused.outcome)


def _for_a_person(outcome: Outcome) -> Outcome:
    """Let nobody lose points by what may be a mistake of the grader's: a person gives them."""
    reason = f"{outcome.reason.rstrip('.')}. Whose doing that is, a person has to find out."
    return replace(outcome, reason=reason, scores=dict.fromkeys(outcome.scores))


def run_child(task: Task, place: Place, refusal: str | None = None) -> Report:
    """Run a child to its end, or end it when its time is over; nothing that it started survives."""
    place.report.unlink(missing_ok=True)
    token = uuid.uuid4().hex
    seconds = task.limits.submission
    child = FORKS.Process(target=main, args=(task, place, refusal, token))
    child.start()
    try:
        child.join(seconds)
        if child.is_alive():
            return Report(None, f"It took longer than {seconds} s.", Blame.SUBMISSION)
    finally:
        child.kill()
        end_all(token)
        child.join()
    if not place.report.exists():
        return _ended_early(child.exitcode)
    return read_report(place)


def _ended_early(code: int | None) -> Report:
    """Say whose doing it is that a child ended without a word.

    Kernels are killed apart from their graders, so whoever kills a grader is not the submission.
    """
    killed = code in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
    blame = Blame.GRADER if killed else Blame.UNKNOWN
    return Report(None, f"Its grader ended with exit code {code}.", blame)


def end_all(token: str) -> None:
    """Kill every process that inherited ``token``; kernels have sessions of their own."""
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get(TOKEN) == token:
            process.kill()

"""The child processes that run submissions: started, watched, ended with all they started."""

from __future__ import annotations

import json
import multiprocessing
import re
import signal
import uuid
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import psutil

from autograder.account import Account, load_account
from autograder.child import TOKEN, Job, main

FORKS = multiprocessing.get_context("forkserver")
"""Children are forked from a process that has nbgrader imported, and nothing else going on."""
FORKS.set_forkserver_preload(["autograder.child", "autograder.execute", "nbgrader.apps.api"])


class Blame(Enum):
    """Whose doing a failure is; points are lost for the first only."""

    SUBMISSION = "submission"
    GRADER = "grader"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ChildOutcome:
    """How a child process ended."""

    success: bool
    reason: str = ""
    blame: Blame = Blame.UNKNOWN
    account: Account = field(default_factory=Account)
    """What running it was like."""


def run_child(job: Job, scratch: Path, seconds: int) -> ChildOutcome:
    """Run a child to its end, or end it after ``seconds``; nothing that it started survives."""
    outcome = Path(job.outcome)
    for left_over in (outcome, Path(job.account)):
        left_over.unlink(missing_ok=True)
    token = uuid.uuid4().hex
    child = FORKS.Process(target=main, args=(job, str(scratch / "child.log"), token))
    child.start()
    try:
        child.join(seconds)
        if child.is_alive():
            return ChildOutcome(False, f"It took longer than {seconds} s.", Blame.SUBMISSION)
    finally:
        child.kill()
        end_all(token)
        child.join()
    if not outcome.exists():
        return _ended_early(child.exitcode)
    report = json.loads(outcome.read_text(encoding="utf-8"))
    if report["success"]:
        return ChildOutcome(True, account=load_account(Path(job.account)))
    return diagnose(f"{report.get('log', '')}\n{report['error']}")


def _ended_early(code: int | None) -> ChildOutcome:
    """Say whose doing it is that a child ended without a word.

    Kernels are killed apart from their graders, so whoever kills a grader is not the submission.
    """
    killed = code in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
    blame = Blame.GRADER if killed else Blame.UNKNOWN
    return ChildOutcome(False, f"Its grader ended with exit code {code}.", blame)


def end_all(token: str) -> None:
    """Kill every process that inherited ``token``; kernels have sessions of their own."""
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get(TOKEN) == token:
            process.kill()


def diagnose(log: str) -> ChildOutcome:
    """Tell from nbgrader's log what went wrong and whose doing it was."""
    if any(word in log for word in ("OperationalError", "kernel_info", "NotIsolatedError")):
        blame = Blame.GRADER
    elif "DeadKernelError" in log:
        reason = "The kernel died while the notebook ran (ended by its own code, or out of memory)."
        return ChildOutcome(False, reason, Blame.SUBMISSION)
    elif "CellTimeoutError" in log:
        reason = "A cell ran out of time and could not be interrupted."
        return ChildOutcome(False, reason, Blame.SUBMISSION)
    else:
        blame = Blame.UNKNOWN
    found = re.search(r"^\s*([\w.]*(?:Error|Exception): .*)$", log, re.MULTILINE)
    return ChildOutcome(False, found[1] if found else "nbgrader gave no reason.", blame)

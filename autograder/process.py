"""The child processes that run submissions: started, watched, ended with all they started."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil

from autograder.child import Job

TOKEN = "COURSE_GRADING_TOKEN"
"""Environment variable by which the processes of a submission are told from all others."""


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


def run_child(job: Job, scratch: Path, seconds: int) -> ChildOutcome:
    """Run a child to its end, or end it after ``seconds``; nothing that it started survives."""
    job.save(scratch / "job.json")
    outcome = Path(job.outcome)
    outcome.unlink(missing_ok=True)
    token = uuid.uuid4().hex
    with (scratch / "child.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.child", str(scratch / "job.json")],
            cwd=job.course,
            env={**os.environ, TOKEN: token},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C in the terminal must not end it half-way and cost a student their points.
            start_new_session=True,
        )
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            return ChildOutcome(False, f"It took longer than {seconds} s.", Blame.SUBMISSION)
        finally:
            end_all(token)
            child.wait()
    if not outcome.exists():
        return ChildOutcome(False, f"Its grader ended with exit code {child.returncode}.")
    report = json.loads(outcome.read_text(encoding="utf-8"))
    if report["success"]:
        return ChildOutcome(True)
    return diagnose(f"{report.get('log', '')}\n{report['error']}")


def end_all(token: str) -> None:
    """Kill every process that inherited ``token``; kernels have sessions of their own."""
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get(TOKEN) == token:
            process.kill()


def diagnose(log: str) -> ChildOutcome:
    """Tell from nbgrader's log what went wrong and whose doing it was."""
    if "OperationalError" in log or "kernel_info" in log:
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

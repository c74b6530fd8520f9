"""One submission, run in a process of its own that is forked for it.

The process ends with the submission, so nothing that a submission leaves in its grader (modules,
settings, memory) reaches the next one. It knows no gradebook: what it finds, it writes to a file.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
import resource
import shutil
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader import utils
from traitlets.config import Config

from autograder.account import Account
from autograder.errors import NotIsolatedError
from autograder.execute import Execute, NoKernelError
from autograder.intake import take_in
from autograder.nbgrader_config import EXECUTE, NOT_RUN
from autograder.reasons import explain
from autograder.task import Assignment, Outcome, Status, Task

TOKEN = "COURSE_GRADING_TOKEN"
"""Environment variable by which the processes of a submission are told from all others."""

MEMORY = 8 * 2**30
"""Bytes of address space for the grader of a submission and for its kernel: torch maps several."""

logger = logging.getLogger(__name__)


class Blame(StrEnum):
    """Whose doing a failure is; points are lost for the first only, the last waits for a person."""

    SUBMISSION = "submission"
    GRADER = "grader"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Place:
    """Where a child does its work."""

    folder: str
    """Of this submission alone."""
    runs: str = ""
    """The sandbox's folder of runs, if there is a sandbox."""

    @property
    def report(self) -> Path:
        """Where it writes what it found."""
        return Path(self.folder) / "report.json"


@dataclass(frozen=True)
class Report:
    """What a child says at its end."""

    outcome: Outcome | None = None
    error: str = ""
    """What went wrong, if there is no outcome."""
    blame: Blame = Blame.UNKNOWN


def main(task: Task, place: Place, refusal: str | None, token: str) -> None:
    """Grade one submission, or with a ``refusal`` only give every test that reason."""
    _settle(place, token)
    try:
        report = Report(run(task, place, refusal))
    except DeadKernelError:
        reason = "The kernel died while the notebook ran (ended by its own code, or out of memory)."
        report = Report(None, reason, Blame.SUBMISSION)
    except (NotIsolatedError, NoKernelError) as error:
        report = Report(None, f"{type(error).__name__}: {error}", Blame.GRADER)
    except Exception as error:
        logger.exception("running the submission failed")
        report = Report(None, f"{type(error).__name__}: {error}", Blame.UNKNOWN)
    place.report.write_text(json.dumps(asdict(report)), encoding="utf-8")


def read_report(place: Place) -> Report:
    """Read what a child said at its end."""
    fields = json.loads(place.report.read_text(encoding="utf-8"))
    if fields["outcome"] is not None:
        found = fields["outcome"]
        account = Account(**found["account"])
        unanswered = tuple(found["unanswered"])
        status = Status(found["status"])
        fields["outcome"] = Outcome(
            **{**found, "account": account, "unanswered": unanswered, "status": status}
        )
    return Report(**{**fields, "blame": Blame(fields["blame"])})


def run(task: Task, place: Place, refusal: str | None = None) -> Outcome:
    """Take a submission in and put it through nbgrader's steps."""
    assignment = task.assignment
    intake = take_in(task.handed_in, assignment.released)
    refusal = refusal or intake.refusal
    _mark(intake.notebook, assignment)
    folder = _lay_out(task, place)
    # Whether it is still a notebook is looked at once, not after each step.
    exporter = NotebookExporter(config=_settings(task, place, refusal), optimistic_validation=True)
    exporter._preprocessors = []
    for step in assignment.steps:
        exporter.register_preprocessor(NOT_RUN if refusal and step == EXECUTE else step)
    for made in exporter._preprocessors:
        if isinstance(made, Execute):
            made.given, made.files = assignment.instructors, _lay_out_files(assignment, place)
    resources = {
        "metadata": {"path": str(folder), "name": assignment.notebook_name},
        "nbgrader": {
            "assignment": assignment.homework,
            "notebook": assignment.notebook_name,
            "student": task.student,
        },
    }
    exporter.register_preprocessor(_tally, enabled=True)
    text, resources = exporter.from_notebook_node(intake.notebook, resources)
    status = Status.MENDED if intake.notes else Status.GRADED
    return Outcome(
        status=Status.NOT_RUN if refusal else status,
        reason=refusal or " ".join([*intake.notes, resources["explained"]]),
        notebook=text,
        scores=resources["scores"],
        unanswered=resources["unanswered"],
        account=resources.get("account", Account()),
    )


def _mark(notebook: NotebookNode, assignment: Assignment) -> None:
    """Put the tests that students did not get where they belong."""
    for cell in notebook.cells:
        original = assignment.marked.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if original is not None:
            cell.metadata = copy.deepcopy(original.metadata)
            if utils.is_locked(cell):
                cell.source = original.source


def _lay_out(task: Task, place: Place) -> Path:
    """Write the files that the submission finds beside itself."""
    folder = Path(place.folder) / "submitted"
    _write(task.handed_in.attachments | task.assignment.files, folder)
    return folder


def _lay_out_files(assignment: Assignment, place: Place) -> Path:
    """Write the files that tests find; what a student handed in must not be among them."""
    folder = Path(place.folder) / "given"
    _write(assignment.files, folder)
    return folder


def _write(files: dict[str, bytes], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _settings(task: Task, place: Place, refusal: str | None) -> Config:
    """Translate the task into nbgrader's settings."""
    config = copy.deepcopy(task.assignment.config)
    config.Execute.timeout = task.limits.cell
    config.Execute.isolation = str(task.isolation)
    config.Execute.canaries = [*task.canaries, place.folder]
    config.Execute.seed = task.seed
    config.SandboxProvisioner.runs = place.runs
    config.SandboxProvisioner.seed = kernel_seed(task.seed)
    config.NotRun.reason = refusal or ""
    return config


def kernel_seed(seed: int) -> int:
    """Choose where a kernel's random numbers start, of which none tells those of the tests."""
    return int(hashlib.sha256(f"kernel {seed}".encode()).hexdigest()[:8], 16)


def _tally(
    notebook: NotebookNode, resources: dict[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """Count points, as nbgrader's ``SaveAutoGrades`` does."""
    graded = [cell for cell in notebook.cells if utils.is_grade(cell)]
    answers = [cell for cell in notebook.cells if utils.is_solution(cell)]
    resources["scores"] = {
        cell.metadata.nbgrader.grade_id: utils.determine_grade(cell, logger)[0] for cell in graded
    }
    resources["unanswered"] = tuple(
        cell.metadata.nbgrader.grade_id
        for cell in answers
        if cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    )
    resources["explained"] = explain(notebook)
    return notebook, resources


def _settle(place: Place, token: str) -> None:
    """Become a process of its own: with its own log, terminal, name and limits."""
    # A Ctrl-C in the terminal must not end it half-way and cost a student their points.
    os.setsid()
    os.environ.update({TOKEN: token, "NBGRADER_EXECUTION": "autograde"})
    os.chdir(place.folder)
    written = os.open("child.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.close(written)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if "torch" in sys.modules:
        # As in the kernels: there are as many graders as cores.
        sys.modules["torch"].set_num_threads(1)

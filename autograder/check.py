"""What a student can know before handing in: the public checks, and what will not be there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader import utils

from autograder.cells import earns_points, points_of
from autograder.errors import CourseError
from autograder.sockets import unix_sockets
from autograder.telling import name_of
from autograder.trusted import error_output
from autograder.withheld import told_of_imports, withheld_packages

SECONDS = 120
"""Time for a cell: more than grading allows on two cores, for slower machines."""

NOT_RUN = "NotRun"

HIDE = """
def _hide(withheld):
    import sys
    class Withheld:
        def find_spec(self, name, path=None, target=None):
            if any(f"{{name}}.".startswith(f"{{package}}.") for package in withheld):
                raise ModuleNotFoundError(f"{{name}} is withheld in this homework", name=name)
    sys.meta_path.insert(0, Withheld())
_hide({withheld!r})
del _hide
"""
"""Run in a fresh kernel: what grading withholds is not found, though it is installed."""


@dataclass(frozen=True)
class PublicCheck:
    """A check that students see, and what it said if it did not pass."""

    name: str
    said: str = ""


@dataclass(frozen=True)
class Preview:
    """What is known of a notebook before it is handed in."""

    checks: list[PublicCheck] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What would cost points though the checks may pass."""
    by_hand: float = 0.0
    """Points that a person gives, for what is written in words."""

    @property
    def passed(self) -> int:
        """How many public checks passed."""
        return sum(not check.said for check in self.checks)


def check(path: Path) -> Preview:
    """Run a notebook from start to end, as a fresh kernel would, and look at its public checks.

    The notebook is a student's own, run on the student's own machine: nothing keeps it apart.

    Raises
    ------
    CourseError
        If the file is missing, is no notebook, or no homework.
    """
    notebook = _read(path)
    withheld = withheld_packages(notebook)
    warnings = _run(notebook, path.parent, withheld)
    checks = [
        PublicCheck(name_of(cell), _said(cell)) for cell in filter(earns_points, notebook.cells)
    ]
    tasks = filter(utils.is_task, notebook.cells)
    return Preview(checks, [*_looked_at(notebook, withheld), *warnings], sum(map(points_of, tasks)))


def _read(path: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise CourseError(f"{path}: no such file") from error
    except Exception as error:
        raise CourseError(f"{path}: not a notebook ({error})") from error
    if not any(map(earns_points, notebook.cells)):
        raise CourseError(f"{path}: no homework: it holds no checks")
    return notebook


def _run(notebook: NotebookNode, folder: Path, withheld: tuple[str, ...]) -> list[str]:
    """Run every cell, past those that stop; say what could not be run to its end."""
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    with unix_sockets() as client.config, client.setup_kernel():
        assert client.kc is not None
        client.kc.execute(HIDE.format(withheld=withheld), silent=True)
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellTimeoutError:
                cell.outputs = [error_output(NOT_RUN, f"it ran longer than {SECONDS} s", [])]
            except DeadKernelError:
                _mark_unrun(notebook.cells[index:])
                return [f"Cell {index + 1} ended the kernel; nothing after it was run."]
    return []


def _mark_unrun(cells: list[NotebookNode]) -> None:
    for cell in filter(earns_points, cells):
        cell.outputs = [error_output(NOT_RUN, "it was not run", [])]


def _looked_at(notebook: NotebookNode, withheld: tuple[str, ...]) -> list[str]:
    """Say what can be seen without running anything."""
    found, section = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.+)", cell.source, re.MULTILINE)
            section = f"In {headings[-1]}: " if headings else section
        elif told := told_of_imports(cell, withheld):
            found.append(f"{section}{told}")
        elif utils.is_locked(cell) and _was_changed(cell):
            told = "a cell was changed that is not yours to change. It is put back for grading."
            found.append(f"{section}{told}")
    return found


def _was_changed(cell: NotebookNode) -> bool:
    recorded = cell.metadata.nbgrader.get("checksum")
    return recorded is not None and recorded != utils.compute_checksum(cell)


def _said(cell: NotebookNode) -> str:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors:
        return ""
    if errors[0].ename == "NotImplementedError":
        return "not answered yet"
    said = str(errors[0].evalue)
    return said if errors[0].ename in ("AssertionError", NOT_RUN) else f"{errors[0].ename}: {said}"

"""What the workers of a dask cluster have: each a workshop of its own.

A worker needs nothing but this package: what it is to grade comes with the task, and what it finds
goes back. If one is lost, dask gives its tasks to another.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.sandbox.levels import Isolation
from autograder.sandbox.settings import Settings
from autograder.task import Outcome, Task
from autograder.workshop import workshop

NAME = "course-workshop"


class WorkshopPlugin(WorkerPlugin):
    """Opens a workshop on every worker, on those that come later too, and closes it at the end."""

    name = NAME

    def __init__(self, settings: Settings, isolation: Isolation) -> None:
        self.settings, self.isolation = settings, isolation

    def setup(self, worker: Any) -> None:
        """Open it."""
        self.opened = ExitStack()
        self.workshop = self.opened.enter_context(workshop(self.settings, self.isolation))

    def teardown(self, worker: Any) -> None:
        """Close it."""
        self.opened.close()


def grade_here(task: Task) -> Outcome:
    """Grade on the worker that this runs on."""
    plugin = get_worker().plugins[NAME]
    assert isinstance(plugin, WorkshopPlugin)
    return plugin.workshop.grade(task)

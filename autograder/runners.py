"""Who runs submissions: processes of this machine, or the workers of a dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from autograder.errors import CourseError
from autograder.sandbox.levels import Isolation
from autograder.sandbox.settings import Settings
from autograder.task import Outcome, Task
from autograder.workshop import workshop

CLIENT_SECONDS = 30
"""How long to look for a scheduler and its workers."""


class Runner(NamedTuple):
    """Takes tasks; their outcomes come in the order in which they end."""

    submit: Callable[[Task], Future[Outcome]]
    room: int
    """How many to hand over at a time, so that none is idle while results are written."""


def runner(
    settings: Settings, isolation: Isolation, jobs: int | None, cluster: str | None
) -> AbstractContextManager[Runner]:
    """Choose who runs submissions: the workers of the ``cluster`` at this address, or we do."""
    if cluster is None:
        # One more than there are cores: each waits for its kernel, or is waited for, at times.
        return this_machine(settings, isolation, jobs or (os.cpu_count() or 1) + 1)
    return workers_of(cluster, settings, isolation)


@contextmanager
def this_machine(settings: Settings, isolation: Isolation, jobs: int) -> Iterator[Runner]:
    """Run up to ``jobs`` submissions at a time here."""
    with workshop(settings, isolation) as here, ThreadPoolExecutor(jobs) as pool:
        yield Runner(lambda task: pool.submit(here.grade, task), jobs + 1)


@contextmanager
def workers_of(address: str, settings: Settings, isolation: Isolation) -> Iterator[Runner]:
    """Run submissions on the workers of the dask scheduler at ``address``.

    Raises
    ------
    CourseError
        If there is no scheduler, or it has no workers that can isolate submissions.
    """
    # Only who has a cluster needs dask, and importing it takes a second.
    from distributed import Client

    from autograder.dask_worker import NAME, WorkshopPlugin, grade_here

    try:
        client = Client(address, timeout=CLIENT_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(f"cluster {address}: no dask scheduler answers there: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CLIENT_SECONDS)
        except TimeoutError as error:
            raise CourseError(f"cluster {address}: it has no workers; start one") from error
        client.register_plugin(WorkshopPlugin(settings, isolation))
        try:
            threads = sum(client.nthreads().values())
            executor = client.get_executor(pure=False)
            yield Runner(lambda task: executor.submit(grade_here, task), 2 * threads)
        finally:
            client.unregister_worker_plugin(NAME)

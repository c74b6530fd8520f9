"""Grading on a dask cluster: real schedulers and workers, on this machine."""

import json
import os
import signal
import subprocess
import sys

import pytest

from autograder.course import init_course
from autograder.errors import CourseError
from autograder.grade import grade_class
from autograder.release import release
from autograder.task import Limits
from tests.autograder.classes import hand_in_class
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

LIMITS = Limits(10, 120)


class Cluster:
    """A scheduler and its workers, as one starts them by hand."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.processes = []
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")

    def start(self, what, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}"]
        command += ["--scheduler-file", str(self.file), *options]
        with (self.folder / f"{what}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def worker(self, name):
        return self.start(
            "worker", "--no-nanny", "--nthreads", "1", "--name", name, "--no-dashboard"
        )

    @property
    def address(self):
        wait_for(lambda: self.file.exists() and self.file.stat().st_size, "no scheduler", 30)
        return json.loads(self.file.read_text())["address"]

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.stop()


def handed_in(root, toy):
    course = init_course(root)
    release(course, toy)
    hand_in_class(course, toy, copies=3)
    return course


@pytest.fixture
def one(course, toy):
    """A course with a single submission."""
    hand_in_class(course, toy, students=["ada"])
    return course


def gradebook(course):
    """Everything that grading writes: each cell's points and comment."""
    with course.gradebook() as book:
        return {
            submission.student.id: (
                submission.score,
                {g.name: (g.auto_score, g.needs_manual_grade) for n in submission.notebooks
                 for g in n.grades},
                {c.name: c.auto_comment for n in submission.notebooks for c in n.comments},
            )
            for submission in book.assignment_submissions("hw01")
        }  # fmt: skip


def test_two_workers_of_which_one_is_killed_give_the_gradebook_of_a_local_run(
    tmp_path, toy, cluster
):
    local = handed_in(tmp_path / "local", toy)
    assert len(list(grade_class(local, toy, limits=LIMITS))) == 18
    first, _ = cluster.worker("first"), cluster.worker("second")
    away = handed_in(tmp_path / "away", toy)
    results = []
    for result in grade_class(away, toy, limits=LIMITS, cluster=cluster.address):
        results.append(result)
        if len(results) == 4:
            os.kill(first.pid, signal.SIGKILL)
    assert sorted(r.student for r in results) == sorted(gradebook(local))
    assert {r.isolation for r in results} == {"strict"}
    assert gradebook(away) == gradebook(local)


def test_a_cluster_that_is_not_there(one, toy, monkeypatch):
    monkeypatch.setattr("autograder.runners.CLIENT_SECONDS", 1)
    with pytest.raises(CourseError, match="no dask scheduler answers"):
        next(grade_class(one, toy, cluster="tcp://127.0.0.1:9"))


def test_a_cluster_without_workers(one, toy, cluster, monkeypatch):
    monkeypatch.setattr("autograder.runners.CLIENT_SECONDS", 3)
    with pytest.raises(CourseError, match="it has no workers"):
        next(grade_class(one, toy, cluster=cluster.address))


def test_a_worker_that_may_not_start_processes_says_what_helps(one, toy, cluster):
    cluster.start("worker", "--nanny", "--nthreads", "1", "--no-dashboard")
    with pytest.raises(CourseError, match="--no-nanny"):
        next(grade_class(one, toy, cluster=cluster.address))

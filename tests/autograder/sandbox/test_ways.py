"""The ways in which kernels come: which is taken, what it records, what is left when it breaks."""

import logging
import os
import signal
from contextlib import ExitStack

import pytest

from autograder.errors import CourseError
from autograder.grade import grade_class
from autograder.sandbox import contents
from autograder.sandbox.inside import filter as calls
from autograder.sandbox.levels import Isolation
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.settings import Settings
from autograder.task import Limits
from autograder.workplace import workplace
from tests.autograder.classes import assert_right, hand_in_class
from tests.autograder.sandbox.conftest import SMALL, WAYS, Kernel, refuse_namespaces, way_of
from tests.autograder.sandbox.marked import Marked
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("way", WAYS)
def test_a_class_gets_its_scores_and_the_level_is_recorded(way, tmp_path, course, toy):
    samples = hand_in_class(course, toy)
    with way_of(way, tmp_path) as isolation:
        results = list(grade_class(course, toy, limits=Limits(10, 120), isolation=isolation))
    assert_right(course, toy.name, samples)
    level = "container" if way == "container" else "strict"
    assert {result.isolation for result in results} == {level}


def test_where_namespaces_are_refused_it_says_that_kernels_start_afresh(
    tmp_path, monkeypatch, caplog
):
    refuse_namespaces(monkeypatch, tmp_path)
    with workplace() as place, Sandbox(SMALL, place) as sandbox:
        assert "autograder.sandbox.cold" in sandbox.template.args
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "no namespaces of their own" in warning.getMessage()
    assert "slower" in warning.getMessage()


def test_without_a_program_that_makes_containers_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match="install runc or crun"):
        Sandbox(Settings(), tmp_path, Isolation.CONTAINER).__enter__()


def test_where_containers_are_refused_it_says_so_and_what_to_allow(tmp_path, monkeypatch):
    refusing = tmp_path / "runc"
    refusing.write_text("#!/bin/sh\necho 'no containers today' >&2; exit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("shutil.which", lambda name: str(refusing) if name == "runc" else None)
    with pytest.raises(CourseError, match=r"afresh: .*no containers today(.|\n)*Allow them"):
        Sandbox(Settings(), tmp_path, Isolation.CONTAINER).__enter__()


@pytest.mark.parametrize("way", WAYS)
def test_when_what_keeps_kernels_is_killed_nothing_outlives_it(way, tmp_path):
    marked = Marked()
    with way_of(way, tmp_path) as isolation, workplace() as place:
        with Sandbox(SMALL, place, isolation) as sandbox, Kernel(sandbox, tmp_path) as kernel:
            marked.start(kernel)
            os.kill(sandbox.template.pid, signal.SIGKILL)
            wait_for(lambda: marked.count() == 0, "it outlives what keeps kernels", 10)
        state = place / "state"
        wait_for(lambda: not list(state.glob("*")), f"{state} is not empty", 10)


@pytest.mark.parametrize("way", WAYS[1:])
def test_ending_the_sandbox_ends_its_kernels_and_removes_what_they_left(way, tmp_path):
    marked = Marked()
    with way_of(way, tmp_path) as isolation, workplace() as place, ExitStack() as kernels:
        with Sandbox(SMALL, place, isolation) as sandbox:
            marked.start(*(kernels.enter_context(Kernel(sandbox, tmp_path)) for _ in range(2)))
        assert marked.count() == 0
        assert list((place / "state").glob("*")) == []
        assert list((place / "bundles").glob("*")) == []


def test_a_filter_is_written_for_the_processors_that_it_knows_and_no_other():
    for machine, unshare in (("x86_64", 272), ("aarch64", 97)):
        program = calls.instructions(machine)
        assert (calls.EQUAL, 0, 1, unshare) in program
        assert all(0 <= true < len(program) and 0 <= false < 4 for _, true, false, _ in program)
    with pytest.raises(RuntimeError, match="no filter of system calls for riscv64"):
        calls.instructions("riscv64")


def test_a_view_shows_nothing_twice():
    targets = [entry.target for entry in (*contents.base_entries(), *contents.upper_entries(()))]
    assert len(targets) == len(set(targets))
    assert not [t for t in targets if any(t.startswith(f"{other}/") for other in targets)]


def test_torch_starts_from_the_runs_seed_though_it_is_imported_late(tmp_path):
    pytest.importorskip("torch")
    code = "import sys; late = 'torch' not in sys.modules; import torch; print(late, torch.rand(1))"
    said = []
    with way_of("afresh", tmp_path), workplace() as place, Sandbox(Settings(), place) as sandbox:
        for seed in (1, 1, 2):
            with Kernel(sandbox, tmp_path, seed) as kernel:
                said.append(kernel.run(code))
    assert said[0] == said[1] != said[2]
    assert said[0].startswith("True tensor")

"""Graders that are killed: nothing is lost, doubled or wrong, and nothing is left behind."""

import ast
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.grade import grade_class
from autograder.results import load_result
from autograder.sandbox.bubblewrap import find_bwrap
from autograder.task import Limits
from autograder.workplace import LOCK, workplace
from tests.autograder.classes import QUICK, assert_right, hand_in_class
from tests.autograder.test_commands import COURSE, SOLUTIONS

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("COURSE_KILLS", "4"))
"""How often each is killed. `make faults` does so 20 times, over a class of a hundred."""

CLASS = 6 * KILLS if KILLS < 20 else 102


@pytest.fixture
def handed_in(course, toy):
    """A class of quick ones, with the score that each should get."""
    return hand_in_class(course, toy, copies=CLASS // len(QUICK))


def start(course):
    command = [*COURSE, "autograde", "hw01", "--jobs", "2"]
    environment = {**os.environ, "COURSE_SOLUTIONS": str(SOLUTIONS)}
    return subprocess.Popen(
        command, cwd=course.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def wait_for_results(course, results, running):
    """Wait until so many are finished, so that the moments are spread over the class."""
    folder = course.results / "hw01"
    while running.poll() is None and len(list(folder.glob("*.json"))) < results:
        time.sleep(0.02)


def descendants(process):
    return psutil.Process(process.pid).children(recursive=True)


def all_gone(processes, seconds=10):
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_a_coordinator_that_is_killed_again_and_again(course, toy, handed_in):
    random.seed(1)
    finished = set()
    for _ in range(KILLS):
        running = start(course)
        wait_for_results(course, len(finished) + random.randint(0, 6), running)
        time.sleep(random.uniform(0, 2))
        family = descendants(running) if running.poll() is None else []
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert all_gone(family) == []
        kept = {s for s in handed_in if load_result(course, "hw01", s) is not None}
        assert finished <= kept
        finished = kept
    print(f"{len(finished)} of {CLASS} were finished after {KILLS} kills")
    assert finished
    before = {s: load_result(course, "hw01", s) for s in finished}
    list(grade_class(course, toy, limits=Limits(10, 120)))
    assert {s: load_result(course, "hw01", s) for s in finished} == before
    assert_right(course, "hw01", handed_in)


def test_workers_that_are_killed(course, handed_in):
    random.seed(2)
    running = start(course)
    killed = 0
    while running.poll() is None and killed < KILLS:
        time.sleep(random.uniform(0.3, 1.2))
        try:
            family = descendants(running)
        except psutil.NoSuchProcess:
            break
        workers = [p for p in family if "forkserver" in " ".join(_command(p))]
        # The first is the one that forks them; each of the others grades a submission.
        if len(workers) > 1:
            random.choice(workers[1:]).kill()
            killed += 1
    output = running.communicate(timeout=120)[0].decode()
    print(f"{killed} workers were killed")
    assert killed > KILLS / 2
    assert running.returncode in (0, 1), output
    again = start(course)
    output = again.communicate(timeout=120)[0].decode()
    assert again.returncode == 0, output
    assert_right(course, "hw01", handed_in)


FULL = """
import sys, subprocess
from pathlib import Path
original, course, *command = sys.argv[1:]
subprocess.run(["cp", "-r", f"{original}/.", course], check=True)
filler = Path(course, "filler")
with filler.open("wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(4096))
    except OSError:
        pass
with filler.open("r+b") as file:
    file.truncate(filler.stat().st_size - 400_000)
for _ in range(2):
    done = subprocess.run(command, cwd=course, text=True, capture_output=True)
    results = sorted(Path(course, "results", "hw01").glob("*.json"))
    kept = {path.stem: path.stat().st_mtime_ns for path in results}
    print(repr((done.returncode, done.stdout + done.stderr, kept)))
    filler.unlink(missing_ok=True)
subprocess.run(["cp", "-r", f"{course}/.", original], check=True)
"""
"""Grades a course on a small disk that is full but for 400 kB, then makes room."""


def test_a_full_disk_loses_nothing(tmp_path, course, handed_in):
    original = tmp_path / "original"
    box = ["--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc", "--unshare-pid"]
    box += ["--bind", str(course.root), str(original), "--die-with-parent"]
    box += ["--size", str(20 * 2**20), "--tmpfs", str(course.root)]
    command = [find_bwrap(), *box, sys.executable, "-c", FULL, str(original), str(course.root)]
    command += [*COURSE, "autograde", "hw01", "--jobs", "2", "--isolation", "process"]
    command += ["--solutions", str(SOLUTIONS)]
    lines = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    (first, said, kept), (second, said_then, all_of_them) = map(ast.literal_eval, lines)
    assert first == 1
    assert "no space left; make room" in said
    assert 0 < len(kept) < len(handed_in)
    assert second == 0, said_then
    assert all_of_them.keys() == handed_in.keys()
    assert all_of_them.items() >= kept.items()
    assert_right(course, "hw01", handed_in)


def _command(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def test_a_killed_runs_folder_goes_with_the_next_run():
    code = (
        "import os\nfrom autograder.workplace import workplace\n"
        "with workplace() as place:\n    print(place, flush=True)\n    os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    left = Path(killed.stdout.strip())
    with workplace():
        assert left.is_dir()  # as if it were not locked yet
    os.utime(left / LOCK, (0, 0))
    with workplace() as one, workplace() as other:
        assert not left.exists()
        assert one.is_dir()
        assert other.is_dir()
    assert not one.exists()

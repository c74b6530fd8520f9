"""Hands attacks in as submissions of the toy homework, and grades them: ours, or stock nbgrader.

An attack is a file of this folder: one sentence on what it tries, and ``ANSWER``, the code that
stands in the place of the function ``double``; a function ``spoil`` may change the submitted file
too. None of them answers rightly, so that every point gained there is a success of the attack; the
other questions are answered rightly, and an attack that does not wreck its own kernel must keep
their points.
"""

from __future__ import annotations

import json
import os
import random
import re
import runpy
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
from nbgrader.api import Gradebook, MissingEntry

from autograder.answers import put_answer
from autograder.course import CONFIG_FILE, Course, init_course
from autograder.export import export_scores
from autograder.feedback import feedback_page, write_feedback
from autograder.grade import grade_class
from autograder.homework import Homework, find_homework
from autograder.release import release, released_notebook
from autograder.sample import filled
from autograder.sandbox.bubblewrap import find_bwrap
from autograder.sandbox.levels import Isolation
from autograder.task import Limits, Status
from tests.attacks.seen import formulas, live

HERE = Path(__file__).parent
SOLUTIONS = HERE.parent / "autograder" / "solutions"
ATTACKED = ("double-one", "double-more", "double-near", "double-close")
LIMITS = Limits(cell=4, submission=120)
NOT_ATTACKS = {"harness", "compare", "boxed", "seen", "test_attacks", "test_seen", "conftest"}
DUE, ON_TIME = "2027-03-01 12:00:00 UTC", "2027-03-01 11:00:00 UTC"
LATE_CONFIG = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
STOCK_CONFIG = """\
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "stock"
c.Execute.timeout = 4
"""
LARGE = 20_000_000
"""Bytes of a graded copy that nobody could open."""


class Attack(NamedTuple):
    """One way to points that were not earned."""

    name: str
    sentence: str
    answer: str
    earns: float
    """Points that the answer is worth: 0, but for what a public check cannot tell apart."""
    spoil: Callable[[Path], None] | None = None
    """What is done to the submitted notebook file itself, if anything."""
    arrives: str = ON_TIME
    """When it is handed in, as whoever collects it knows."""
    for_readers: bool = False
    """Whether it aims at those who open its feedback or the table of scores."""


class Marks(NamedTuple):
    """What a grader gave."""

    attacked: float
    """Points in the attacked question."""
    others: float
    """Points in the questions that were answered rightly."""
    row: bool
    """Whether the gradebook has the submission at all."""
    seconds: float
    escaped: tuple[str, ...] = ()
    """What the attack reached outside of its kernel."""
    crashed: bool = False
    """Whether grading it failed as a whole, so that nothing of it was run to the end."""
    penalty: float = 0.0
    """Points that were taken off for being late: all of them, for whoever is."""


def unearned(marks: Marks, attack: Attack) -> float:
    """Count the points that an attack has and should not have."""
    owed = marks.attacked + marks.others if attack.arrives > DUE else 0.0
    return marks.attacked - attack.earns + owed - marks.penalty


def attacks() -> list[Attack]:
    """Read every attack."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in NOT_ATTACKS:
            parts = runpy.run_path(str(path))
            found.append(
                Attack(
                    name=path.stem,
                    sentence=parts["__doc__"],
                    answer=parts["ANSWER"],
                    earns=parts.get("EARNS", 0),
                    spoil=parts.get("spoil"),
                    arrives=parts.get("ARRIVES", ON_TIME),
                    for_readers=parts.get("FOR_READERS", False),
                )
            )
    return found


def homework() -> Homework:
    """Find the homework under attack."""
    return find_homework(SOLUTIONS, "hw01")


class World:
    """What attacks try to reach: a secret, a server, a name that no process has by itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mark = str(random.randrange(10**6, 10**7))
        self.secret = secrets.token_hex(8)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)

    def __enter__(self) -> World:
        os.environ["COURSE_SECRET"] = self.secret
        return self

    def __exit__(self, *_: object) -> None:
        del os.environ["COURSE_SECRET"]
        self.server.close()

    def place(self, code: str) -> str:
        """Tell an attack where things are: it is no defence that they are hard to guess."""
        for name, value in {
            "ROOT": str(self.root),
            "MARK": self.mark,
            "SECRET": self.secret,
            "PORT": str(self.server.getsockname()[1]),
            "ESCAPED": f"escaped-{self.mark}:",
        }.items():
            code = code.replace(f"@{name}@", value)
        return code

    def escapes(self, course: Course, student: str) -> tuple[str, ...]:
        """List what an attack says that it reached, and what it was seen to reach."""
        graded = course.autograded / student / homework().name
        found = []
        for path in graded.glob("*.ipynb"):
            text = json.dumps([c.get("outputs") for c in nbformat.read(path, 4).cells])
            found += re.findall(rf"escaped-{self.mark}: ([\w ]*)", text)
            if len(text) > LARGE:
                found.append("a graded copy that nobody can open")
        found += live(feedback_page(course, homework(), student), self.mark)
        found += formulas(course.root / "grades.csv", student)
        return tuple(found)

    def traces(self) -> list[str]:
        """List what was left outside by whichever attack."""
        found = [str(path) for path in self.root.rglob(f"*{self.mark}*")]
        for process in psutil.process_iter(["cmdline"]):
            if self.mark in (process.info["cmdline"] or []):
                found.append("a process")
                process.kill()
        try:
            self.server.accept()[0].close()
            found.append("a connection")
        except BlockingIOError:
            pass
        return found


def hand_in(course: Course, chosen: Iterable[Attack], world: World) -> None:
    """Hand each attack in, as a student of its name, the right answers and no answers beside."""
    work = homework()
    untouched = nbformat.read(released_notebook(course, work), as_version=4)
    solved = filled(untouched, work.notebook())
    notebooks = {"honest": solved, "untouched": untouched}
    for attack in chosen:
        notebooks[attack.name] = put_answer(solved, "double", world.place(attack.answer))
    for student, notebook in notebooks.items():
        folder = course.submitted / student / work.name
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{work.notebook_name}.ipynb")
        (folder / "timestamp.txt").write_text(ON_TIME)
    for attack in chosen:
        (course.submitted / attack.name / work.name / "timestamp.txt").write_text(attack.arrives)
        if attack.spoil is not None:
            attack.spoil(course.submitted / attack.name / work.name / f"{work.notebook_name}.ipynb")


def grade_ours(
    root: Path, chosen: list[Attack], isolation: Isolation = Isolation.STRICT
) -> tuple[dict[str, Marks], list[str]]:
    """Grade attacks with this project's grader; say also what was left outside."""
    course, work = make_course(root), homework()
    lines = [f"{attack.name},{work.name},{attack.arrives}" for attack in chosen]
    known = "\n".join(["student_id,assignment,timestamp", *lines, ""])
    (course.root / "arrivals.csv").write_text(known)
    with World(course.root) as world:
        hand_in(course, chosen, world)
        results = list(grade_class(course, work, limits=LIMITS, isolation=isolation))
        list(write_feedback(course, work))
        export_scores(course, course.root / "grades.csv")
        marks = {
            r.student: read_marks(course, r.student, r.seconds)._replace(
                escaped=world.escapes(course, r.student), crashed=r.status is Status.NOT_RUN
            )
            for r in results
        }
        return marks, world.traces()


def grade_stock(root: Path, chosen: list[Attack]) -> dict[str, Marks]:
    """Grade attacks with nbgrader as it comes, each in a course of its own: some spoil theirs."""
    students = ["honest", *(attack.name for attack in chosen)]
    make_course(root / "made")
    with ProcessPoolExecutor(2) as pool:
        return dict(zip(students, pool.map(partial(_grade_stock, root), students), strict=True))


def _grade_stock(root: Path, student: str) -> Marks:
    chosen = [attack for attack in attacks() if attack.name == student]
    shutil.copytree(root / "made", root / student)
    course, work = Course(root / student), homework()
    config = STOCK_CONFIG.format(root=str(course.root)) + LATE_CONFIG
    (course.root / CONFIG_FILE).write_text(config, encoding="utf-8")
    with World(course.root) as world:
        hand_in(course, chosen, world)
        start = time.monotonic()
        one = (work.name, f"--student={student}")
        left = _nbgrader(course.root, world.mark, "autograde", *one, "--create")
        seconds = time.monotonic() - start
        if any(attack.for_readers for attack in chosen):  # each takes as long as grading
            _nbgrader(course.root, world.mark, "generate_feedback", *one)
            _nbgrader(course.root, world.mark, "export")
        return read_marks(course, student, seconds)._replace(
            escaped=(*world.escapes(course, student), *world.traces(), *left),
            crashed=not (course.autograded / student / work.name).exists(),
        )


def make_course(root: Path) -> Course:
    """Make a course in which the homework is released, and no points are left to who is late."""
    course, work = init_course(root), homework()
    with (course.root / CONFIG_FILE).open("a", encoding="utf-8") as file:
        file.write(LATE_CONFIG)
    release(course, work)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(work.name, duedate=DUE)
    return course


def _nbgrader(root: Path, mark: str, *arguments: str) -> list[str]:
    """Run stock nbgrader in a box that keeps this machine safe from what it lets attacks do.

    The box hides nothing and takes no right away, but outside of the course nothing can be
    changed, killed or left behind. What nbgrader itself leaves running in it is listed.
    """
    box = ["--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc"]
    box += ["--tmpfs", "/tmp"]
    for place in {sys.prefix, str(HERE.parents[1])}:  # which may lie in /tmp
        box += ["--ro-bind", place, place]
    box += ["--bind", str(root), str(root), "--chdir", str(root)]
    box += ["--unshare-pid", "--unshare-ipc", "--die-with-parent", "--setenv", "HOME", str(root)]
    command = [find_bwrap(), *box, sys.executable, "-P", str(HERE / "boxed.py"), *arguments]
    try:
        ended = subprocess.run(
            command, input=f"{mark}\n", capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        return []  # seen in what it left: there is no graded copy
    return ["a process"] if ended.stdout.strip() not in ("", "0") else []


def read_marks(course: Course, student: str, seconds: float) -> Marks:
    """Read what the gradebook says of a submission."""
    with Gradebook(course.api().coursedir.db_url, "stock") as gradebook:
        try:
            notebook = gradebook.find_submission_notebook(
                homework().notebook_name, homework().name, student
            )
        except MissingEntry:
            return Marks(0, 0, False, seconds)
        points = {grade.name: grade.auto_score or 0.0 for grade in notebook.grades}
        penalty = notebook.late_submission_penalty or 0.0
    attacked = sum(points[name] for name in ATTACKED)
    others = sum(points.values()) - attacked
    return Marks(attacked, others, True, seconds, penalty=penalty)

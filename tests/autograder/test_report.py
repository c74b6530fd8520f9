"""A run's report against results whose sums are known."""

import json

import pytest

from autograder.course import Course
from autograder.report import Timing, make_report, write_report
from autograder.results import Result, Status


def result(student, status=Status.GRADED, score=1.0, seconds=1.0, **timing):
    level = "" if status is Status.FAILED else "strict"
    return Result(student, "hw01", status, score, 4.0, "", seconds, "", level, timing)


def test_a_report_adds_up():
    results = [
        result("ada", score=4.0, seconds=1.0, kernel=0.25, q1=1.0, cells=0.5),
        result("bo", score=2.0, seconds=5.0, kernel=0.75, q1=3.0),
        result("cy", Status.FAILED, score=0.0, seconds=3.0),
    ]
    report = make_report("hw01", results)
    assert report.statuses == {"graded": 2, "failed": 1}
    assert report.isolation == {"strict": 2}
    assert (report.mean_score, report.mean_seconds) == (3.0, 3.0)
    assert [r.student for r in report.slowest] == ["bo", "cy", "ada"]
    assert [r.student for r in report.failed] == ["cy"]
    assert report.timings == [
        Timing("kernel", 0.5, 0.75, "bo"),
        Timing("cells", 0.5, 0.5, "ada"),
        Timing("q1", 2.0, 3.0, "bo"),
    ]


def test_what_students_wrote_is_escaped_on_the_page(tmp_path):
    bad = "<script>alert(1)</script>"
    report = make_report("hw01", [result(bad, Status.NOT_RUN)])
    page = write_report(Course(tmp_path), report)
    assert "<script" not in page.read_text()
    assert "&lt;script&gt;" in page.read_text()
    data = json.loads(page.with_suffix(".json").read_text())
    assert data["failed"][0]["student"] == bad


def test_a_report_of_nothing_is_refused():
    with pytest.raises(ValueError, match="results of hw01: expected at least one, got none"):
        make_report("hw01", [])

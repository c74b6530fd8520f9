from datetime import datetime

import pytest

from autograder.arrivals import read_arrivals
from autograder.errors import CourseError
from autograder.grade import grade_class
from autograder.sample import hand_in, sample_class
from autograder.task import Limits


@pytest.mark.slow
def test_the_instructors_list_counts_whatever_a_submission_claims(course, toy):
    samples = [s for s in sample_class(course, toy) if s.student in ("ada", "ivan")]
    hand_in(course, toy, samples)
    for sample in samples:
        claimed = course.submitted / sample.student / "hw01" / "timestamp.txt"
        claimed.write_text("2020-01-01 00:00:00 UTC")
    with course.gradebook() as book:
        book.update_or_create_assignment("hw01", duedate="2027-03-01 12:00:00 UTC")
    (course.root / "arrivals.csv").write_text(
        "student_id,assignment,timestamp\nada,hw01,2027-03-01 13:00:00 UTC\n"
        "ivan,hw02,2027-03-01 13:00:00 UTC\n"
    )
    list(grade_class(course, toy, limits=Limits(10, 120)))
    with course.gradebook() as book:
        ada, ivan = (book.find_submission("hw01", name) for name in ("ada", "ivan"))
        assert ada.timestamp == datetime(2027, 3, 1, 13)
        assert ada.total_seconds_late == 3600
        assert ivan.timestamp == datetime(2020, 1, 1)
        assert ivan.total_seconds_late == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("student_id,timestamp\n", "columns assignment are missing"),
        ("student_id,assignment,timestamp\nada,hw01,noon\n", "line 2: 'noon' is no time"),
        ("student_id,assignment,timestamp\nada,hw01\n", "line 2: None is no time"),
    ],
)
def test_a_list_that_cannot_be_read_is_named(course, text, message):
    (course.root / "arrivals.csv").write_text(text)
    with pytest.raises(CourseError, match=message):
        read_arrivals(course, "hw01")

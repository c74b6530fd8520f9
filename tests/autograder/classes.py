"""Parts of the sample class, and what they should get: quickly graded, or all of them honest."""

from dataclasses import replace

from autograder.course import CONFIG_FILE, init_course
from autograder.release import release
from autograder.results import load_result
from autograder.sample import hand_in, sample_class

QUICK = ("ada", "boris", "emeka", "ivan", "jun", "mina")
HONEST = ("ada", "boris", "chen", "dalia", "emeka", "farid", "greta", "hana")


def hand_in_class(course, homework, copies=1, students=QUICK):
    """Hand in what these of the sample class do, each under several names; return it by name."""
    chosen = [sample for sample in sample_class(course, homework) if sample.student in students]
    samples = [
        replace(sample, student=f"{sample.student}{copy}")
        for copy in range(copies)
        for sample in chosen
    ]
    hand_in(course, homework, samples)
    return {sample.student: sample for sample in samples}


def course_with_class(root, homework, copies=1, students=QUICK):
    """Make a course in which a class has handed in; return it and the class by name."""
    course = init_course(root)
    release(course, homework)
    return course, hand_in_class(course, homework, copies, students)


def make_stock(course):
    """Give a course the settings that nbgrader has by itself."""
    text = f"c = get_config()\nc.CourseDirectory.root = {str(course.root)!r}\n"
    (course.root / CONFIG_FILE).write_text(text + "c.CourseDirectory.course_id = 'x'\n")


def scores(course, homework):
    """Read everyone's score from the gradebook."""
    with course.gradebook() as gradebook:
        submissions = gradebook.assignment_submissions(homework)
        found = {submission.student.id: submission.score for submission in submissions}
        assert len(found) == len(submissions)
        return found


def assert_right(course, homework, samples):
    """See that everybody has one row with the right score, and a result that says the same."""
    found = scores(course, homework)
    assert sorted(found) == sorted(samples)
    for student, sample in samples.items():
        assert sample.low <= found[student] <= sample.high
        assert load_result(course, homework, student).score == found[student]


def find_cell(notebook, grade_id):
    """Find a cell by the name that nbgrader knows it by."""
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )

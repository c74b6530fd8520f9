"""Right, wrong and no answers, handed in as a class and graded for real.

Questions stand alone, so that one submission can carry one answer to each of them. A misconception
is handed in beside right answers to the neighbouring questions, which must keep all their points.

``python -m tests.homeworks.discrimination`` writes what came of it into RESULTS.md, for every
homework or for those that are named.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from autograder.answers import Answer, put_answer, read_answers
from autograder.course import Course, init_course
from autograder.grade import grade_class
from autograder.homework import Homework, Question, built_on, questions
from autograder.release import release
from autograder.results import Result
from autograder.sample import filled
from tests.homeworks import pages

PAGE = Path(__file__).with_name("RESULTS.md")


class Class(NamedTuple):
    """A graded class: who handed in what, and what every test cell gave."""

    homework: Homework
    source: NotebookNode
    course: Course
    authors: dict[Answer, str]
    """Which student gave an answer."""
    results: dict[str, Result]
    points: dict[str, dict[str, tuple[float, float]]]
    """Student → test cell → points obtained, points possible."""

    def lost(self, student: str, function: str | None = None) -> list[str]:
        """Test cells in which a student lost points, of one question or of all."""
        tests = [
            test
            for question in questions(self.source)
            if function in (None, *question.functions)
            for test in question.tests
        ]
        got = self.points[student]
        return [test for test in tests if got[test][0] < got[test][1]]

    def score(self, student: str, question: Question) -> float:
        """Points that a student got for a question."""
        return sum(self.points[student][test][0] for test in question.tests)

    def answers(self, kind: str, question: Question) -> dict[Answer, str]:
        """List the variants or misconceptions of a question, with who gave them."""
        return {
            answer: student
            for answer, student in self.authors.items()
            if student.startswith(kind) and answer.function in question.functions
        }

    def told(self, answer: Answer) -> list[str]:
        """Name the mistakes that the author of an answer was told of."""
        return self.results[self.authors[answer]].mistakes.get(answer.function, [])


def by_rank(answers: Sequence[Answer]) -> list[list[Answer]]:
    """The first answers to all questions, then the second ones, and so on."""
    ranks: list[list[Answer]] = []
    for answer in answers:
        rank = next(
            (rank for rank in ranks if all(answer.function != a.function for a in rank)), None
        )
        if rank is None:
            rank = []
            ranks.append(rank)
        rank.append(answer)
    return ranks


def apart(answers: Iterable[Answer], source: NotebookNode) -> list[list[Answer]]:
    """Part wrong answers so that none has a neighbour, or one it builds on, among its own."""
    place = {question.functions[0]: k for k, question in enumerate(questions(source))}
    needs = built_on(source)

    def close(one: Answer, other: Answer) -> bool:
        near = abs(place[one.function] - place[other.function]) == 1
        return (
            near or one.function in needs[other.function] or other.function in needs[one.function]
        )

    parts: list[list[Answer]] = []
    for answer in answers:
        part = next((p for p in parts if not any(close(answer, other) for other in p)), None)
        if part is None:
            part = []
            parts.append(part)
        part.append(answer)
    return parts


def plan(homework: Homework, source: NotebookNode) -> dict[str, list[Answer]]:
    """Say which answers each student hands in; right ones stand in for those not named."""
    students: dict[str, list[Answer]] = {"solution": []}
    for k, rank in enumerate(by_rank(read_answers(homework.variants))):
        students[f"variant-{k}"] = rank
    for k, rank in enumerate(by_rank(read_answers(homework.misconceptions))):
        for number, part in enumerate(apart(rank, source)):
            students[f"misconception-{k}-{number}"] = part
    return students


def grade(homework: Homework, folder: Path) -> Class:
    """Release a homework, hand in a class and grade it at the default isolation."""
    source = homework.notebook()
    course = init_course(folder / "course")
    untouched = nbformat.read(release(course, homework), as_version=4)
    students = plan(homework, source)
    notebooks = {"untouched": untouched}
    for student, answers in students.items():
        notebooks[student] = filled(untouched, source)
        for answer in answers:
            notebooks[student] = put_answer(notebooks[student], answer.function, answer.source)
    for student, notebook in notebooks.items():
        place = course.submitted / student / homework.name
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{homework.notebook_name}.ipynb")
    results = {result.student: result for result in grade_class(course, homework)}
    assert results.keys() == notebooks.keys()
    points = {student: dict(grades(course, homework, student)) for student in notebooks}
    authors = {answer: student for student, answers in students.items() for answer in answers}
    return Class(homework, source, course, authors, results, points)


def grades(
    course: Course, homework: Homework, student: str
) -> Iterator[tuple[str, tuple[float, float]]]:
    """Read from the gradebook what each graded cell gave, and could have given."""
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission(homework.name, student)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                yield grade.name, (grade.auto_score or 0.0, grade.max_score)


COLUMNS = (
    *("question", "points", "solution", "variants", "untouched"),
    *("misconceptions", "lose points", "keep", "told so"),
)


def table(graded: Class) -> str:
    """Write what each question gave to right, wrong and no answers."""
    rows = [row(graded, question) for question in questions(graded.source) if question.points]
    lines = [COLUMNS, ["---", *["---:"] * (len(COLUMNS) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def row(graded: Class, question: Question) -> list[str]:
    """Write one question's line of the table."""
    right = [graded.score(s, question) for s in graded.answers("variant", question).values()]
    wrong = graded.answers("misconception", question)
    scores = [graded.score(student, question) for student in wrong.values()]
    return [
        f"`{question.functions[0]}`",
        f"{question.points:g}",
        f"{graded.score('solution', question):g}",
        f"{sum(score == question.points for score in right)} of {len(right)} full",
        f"{graded.score('untouched', question):g}",
        f"{len(wrong)}",
        f"{sum(score < question.points for score in scores)}",
        f"{min(scores):g} to {max(scores):g}",
        f"{sum(answer.name in graded.told(answer) for answer in wrong)}",
    ]


PREAMBLE = """\
# What the homeworks tell apart

Graded as a class is graded, in the sandbox: the instructor's solution, other right answers
(*variants*), the notebook as it is released (*untouched*), and wrong answers that students really
give (*misconceptions*). *Keep*: points that a wrong answer still gets for what is right in it.
*Told so*: how many wrong answers were met with the sentence that was written for them.

Written by `make discrimination`.
"""


def main(names: list[str]) -> None:
    """Grade the answers to these homeworks, or to all, and write what each question told apart."""

    def section(homework: Homework) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return table(grade(homework, Path(folder)))

    pages.write(PAGE, PREAMBLE, section, names)


if __name__ == "__main__":
    main(sys.argv[1:])

"""A sample class: submissions such as a real class hands in, with the score each should get.

It is made from the homework itself (solution, variants, misconceptions), so it never falls behind
the homework, and it holds the accidents that stop other graders: a file cut off in the middle,
a loop without end, a kernel that is shot down, deleted tests.
"""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

import nbformat
from nbformat import NotebookNode

from autograder.answers import Answer, put_answer, read_answers
from autograder.cells import is_test
from autograder.course import Course
from autograder.homework import Homework, Question, built_on, questions
from autograder.release import released_notebook

ENDLESS = "    while True:\n        pass"
NOT_PYTHON = "    return x +"
KERNEL_EXIT = "    import os\n\n    os._exit(1)"


@dataclass(frozen=True)
class Sample:
    """One submission of the sample class."""

    student: str
    story: str
    """What the student did."""
    low: float
    """The score it should get is at least this."""
    high: float
    """The score it should get is at most this."""
    text: str
    """The notebook file, as it was handed in."""
    filename: str

    @property
    def expected(self) -> str:
        """The expected score as text: ``12`` or ``8 to 11.9``."""
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


def filled(released: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return the released notebook with the instructor's answers in it."""
    answers = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            cell.source = re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", answers[marks.grade_id])
    return notebook


class _Material:
    """What every sample is made of: the homework's notebook, questions and answers."""

    def __init__(self, course: Course, homework: Homework) -> None:
        source = homework.notebook()
        self.name = f"{homework.notebook_name}.ipynb"
        self.untouched = nbformat.read(released_notebook(course, homework), as_version=4)
        self.solved = filled(self.untouched, source)
        self.questions = questions(source)
        self.full = sum(question.points for question in self.questions)
        self.alone = _standing_alone(source)
        self.variants = read_answers(homework.variants)
        self.misconceptions = read_answers(homework.misconceptions)

    def question_of(self, answer: Answer) -> Question:
        return next(q for q in self.questions if answer.function in q.functions)

    def kth(self, answers: list[Answer], k: int) -> list[Answer]:
        """Take the k-th answer to each question, starting anew where there are fewer."""
        functions = dict.fromkeys(answer.function for answer in answers)
        chosen = [[a for a in answers if a.function == function] for function in functions]
        return [same[k % len(same)] for same in chosen]

    def answered(self, answers: list[Answer]) -> NotebookNode:
        return reduce(lambda nb, a: put_answer(nb, a.function, a.source), answers, self.solved)

    def with_body(self, function: str, body: str) -> NotebookNode:
        """Replace the body of ``function`` by ``body``, keeping its first line."""
        cell = next(c for c in self.solved.cells if re.search(rf"(?m)^def {function}\(", c.source))
        header = re.search(rf"(?m)^def {function}\((?:.|\n)*?\).*:$", cell.source)
        assert header is not None
        return put_answer(self.solved, function, f"{header.group()}\n{body}")

    def sample(
        self, student: str, story: str, notebook: NotebookNode | str, low: float, high: float
    ) -> Sample:
        text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
        return Sample(student, story, low, high, text, self.name)

    def without(self, student: str, story: str, notebook: NotebookNode, lost: Question) -> Sample:
        """Expect full marks less those of one question."""
        left = self.full - lost.points
        return self.sample(student, story, notebook, left, left)


def _standing_alone(source: NotebookNode) -> list[Question]:
    """List the questions that build on no other and that no other builds on."""
    needs = built_on(source)
    needed = {name for names in needs.values() for name in names}
    return [
        question
        for question in questions(source)
        if not any(needs[function] or function in needed for function in question.functions)
    ]


def sample_class(course: Course, homework: Homework) -> list[Sample]:
    """Make up the class for a released homework."""
    material = _Material(course, homework)
    makers: list[Callable[[_Material], list[Sample]]] = [_right, _wrong, _odd]
    return [sample for make in makers for sample in make(material)]


def _right(material: _Material) -> list[Sample]:
    full = material.full
    ways = [material.answered(material.kth(material.variants, k)) for k in range(3)]
    students = ("boris", "chen", "dalia")
    return [
        material.sample("ada", "the instructor's solution", material.solved, full, full),
        *(
            material.sample(student, f"other right answers, set {k}", way, full, full)
            for k, (student, way) in enumerate(zip(students, ways, strict=True), start=1)
        ),
    ]


def _wrong(material: _Material) -> list[Sample]:
    all_wrong = material.answered(material.kth(material.misconceptions, 0))
    samples = [
        material.sample("emeka", "a misconception in every answer", all_wrong, 0, material.full - 1)
    ]
    students = ("farid", "greta", "hana")
    alone = {function for question in material.alone for function in question.functions}
    answers = [a for a in material.kth(material.misconceptions, 1) if a.function in alone][1:4]
    for student, answer in zip(students, answers, strict=True):
        points = material.question_of(answer).points
        notebook = material.answered([answer])
        story = f"{answer.function}: {answer.name.replace('_', ' ')}"
        samples.append(
            material.sample(student, story, notebook, material.full - points, material.full - 0.5)
        )
    return samples


def _odd(material: _Material) -> list[Sample]:
    full = material.full
    first, second = material.alone[1:3]
    broken = material.with_body(first.functions[-1], NOT_PYTHON)
    endless = material.with_body(second.functions[-1], ENDLESS)
    untested = copy.deepcopy(material.solved)
    untested.cells = [c for c in untested.cells if not is_test(c)]
    dead = material.with_body(first.functions[-1], KERNEL_EXIT)
    cut = nbformat.writes(material.solved)
    unlocked = copy.deepcopy(material.solved)
    for cell in filter(is_test, unlocked.cells):
        cell.source = "pass"
        cell.metadata.nbgrader.update(points=1000.0, locked=False, solution=True)
    misnamed = material.sample("pia", "the file renamed", material.solved, full, full)
    return [
        material.sample("ivan", "nothing: the notebook as released", material.untouched, 0, 0),
        material.without("jun", "a syntax error", broken, first),
        material.without("kofi", "a loop without end", endless, second),
        material.sample("lena", "a file cut off in the middle", cut[: len(cut) // 2], 0, 0),
        material.sample("mina", "the tests deleted", untested, full, full),
        material.without("noor", "a kernel shot down", dead, first),
        material.sample("omar", "tests rewritten to 1000 points each", unlocked, full, full),
        replace(misnamed, filename="Untitled (1).ipynb"),
    ]


def hand_in(course: Course, homework: Homework, samples: list[Sample]) -> None:
    """Put the class's files where nbgrader looks for submissions."""
    for sample in samples:
        folder = course.submitted / sample.student / homework.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / sample.filename).write_text(sample.text, encoding="utf-8")

"""Which known mistake a wrong answer is: the one that replies as the student's code did.

A homework's ``misconceptions.py`` holds wrong answers with a sentence to whoever gave one. When an
answer lost points, the tests of its question are run once more, on each of these in turn, and what
they hear is compared with what they heard from the student's code.
"""

from __future__ import annotations

import contextlib
import time
from typing import Any

from autograder.answers import Answer
from autograder.homework import Question
from autograder.remote.loopback import Loopback
from autograder.remote.replies import Replies, Reply
from autograder.trusted import Trusted

SECONDS = 10.0
"""Time of the processor's for all questions of a submission."""


class OtherwiseError(Exception):
    """The student's code replied something else."""


def find_mistakes(
    trusted: Trusted, questions: list[Question], known: tuple[Answer, ...]
) -> dict[str, list[Answer]]:
    """For each question, by its answer's grade_id, name the known mistakes that explain it.

    Parameters
    ----------
    trusted : Trusted
        The grader's side of the submission, after it was run.
    questions : list of Question
        Those that lost points.
    known : tuple of Answer
        The homework's misconceptions.
    """
    deadline = time.process_time() + SECONDS
    solved = _solved(trusted)
    found = {}
    for question in questions:
        heard = {test: trusted.replies[test] for test in question.tests if test in trusted.replies}
        if not any(reply.kind == "value" for replies in heard.values() for reply in replies.kept):
            continue  # not answered, or nothing that ran
        candidates = [answer for answer in known if answer.function in question.functions]
        matching = [
            answer for answer in candidates if _explains(trusted, heard, answer, solved, deadline)
        ]
        if matching:
            found[question.grade_id] = matching
    return found


def _solved(trusted: Trusted) -> dict[str, Any]:
    """Make what an answer finds around itself: what the notebook holds, with right answers."""
    namespace = dict(trusted.namespace)
    exec(trusted.instructors.definitions, namespace)
    return namespace


def _explains(
    trusted: Trusted,
    heard: dict[str, Replies],
    mistake: Answer,
    solved: dict[str, Any],
    deadline: float,
) -> bool:
    """Tell whether a wrong answer replies to every call as the student's code did."""
    namespace = dict(solved)
    exec(compile(mistake.source, f"<{mistake.name}>", "exec", dont_inherit=True), namespace)
    link = Loopback(namespace)
    return all(_is_heard(trusted, test, link, heard[test], deadline) for test in heard)


def _is_heard(trusted: Trusted, test: str, link: Loopback, heard: Replies, deadline: float) -> bool:
    """Run a test on a wrong answer for as long as it replies as the student's code did."""
    left = list(reversed(heard.kept))
    alike = heard.complete

    def compare(kind: str, answer: Any) -> None:
        nonlocal alike
        in_step = alike and bool(left) and time.process_time() < deadline
        alike = False  # and so it stays, whatever comparing may raise
        alike = in_step and Reply.of(kind, answer).agrees_with(left.pop())
        if not alike:
            raise OtherwiseError

    # What goes wrong is that it replied otherwise, or the test itself, as on the student's code.
    with contextlib.suppress(Exception):
        trusted.run_on(test, link, compare)
    return alike and not left

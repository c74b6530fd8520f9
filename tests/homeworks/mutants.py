"""Model answers changed in one place by Cosmic Ray, to see whether the checks notice.

``python -m tests.homeworks.mutants`` tries every mutant of every homework, or of those that are
named, shows which were not noticed, and writes the numbers into MUTANTS.md.
"""

from __future__ import annotations

import difflib
import re
import resource
import signal
import sys
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from autograder.homework import Homework
from tests.homeworks import pages
from tests.homeworks.workbench import Workbench

PAGE = Path(__file__).with_name("MUTANTS.md")
EQUIVALENT = Path(__file__).with_name("equivalent")
"""Homework → mutants that answer as the model does, each with the reason."""

SECONDS, MEMORY = 20, 8 * 2**30
ARITHMETIC = ("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow")
ORDER = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
OTHERS = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr"),
    *("ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("NumberReplacer", "ZeroIterationForLoop"),
)


class Mutant(NamedTuple):
    """A model answer with one change."""

    function: str
    was: str
    """The line before."""
    now: str
    """The line after."""
    code: str


def is_telling(operator: str) -> bool:
    """Leave out changes to operators that numbers do not have: any call would notice."""
    kind, *sides = operator.removeprefix("core/").split("_")
    if kind == "ReplaceBinaryOperator":
        return set(sides) <= set(ARITHMETIC)
    if kind == "ReplaceComparisonOperator":
        return set(sides) <= set(ORDER)
    return kind == "ReplaceUnaryOperator" or kind in OTHERS


def mutants(function: str, code: str) -> Iterator[Mutant]:
    """Change a model answer in one place after another, within what students have to write."""
    seen = set()
    lines = code.splitlines()
    first = next(i for i, line in enumerate(lines, 1) if "### BEGIN SOLUTION" in line)
    nodes = list(ast_nodes(get_ast(code)))
    for name in filter(is_telling, operator_names()):
        operator = get_operator(name)()
        places = [
            (start, node.search_ancestor("fstring") is None)
            for node in nodes
            for start, _ in operator.mutation_positions(node)
        ]
        for number, (start, is_code) in enumerate(places):
            changed = mutate_code(code, operator, number)
            if is_code and start[0] > first and changed not in {code, *seen} and compiles(changed):
                seen.add(changed)
                yield Mutant(function, *difference(code, changed), changed)


def compiles(code: str) -> bool:
    """Tell whether it is Python still."""
    try:
        compile(code, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def difference(code: str, changed: str) -> tuple[str, str]:
    """Show the lines that differ, before and after."""
    lines = list(difflib.ndiff(code.splitlines(), changed.splitlines()))
    before, after = (
        " ".join(line[2:].strip() for line in lines if line.startswith(mark)) for mark in "-+"
    )
    return before, after


bench: Workbench
"""Of the homework whose mutants are tried; each process works on a fork of it."""


def prepare() -> None:
    """Make a process ready to try mutants."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, ring)


def ring(*_: Any) -> None:
    raise TimeoutError("the mutant does not end")


def is_noticed(mutant: Mutant) -> bool:
    """Tell whether a mutant loses points."""
    signal.alarm(SECONDS)
    try:
        answer = bench.define(mutant.function, mutant.code)
        return bench.first_failed(mutant.function, answer) is not None
    except TimeoutError:
        return True
    finally:
        signal.alarm(0)


class Score(NamedTuple):
    """What became of the mutants of a question."""

    mutants: int
    noticed: int
    equivalent: int
    left: list[Mutant]
    """Those that nobody noticed, though they answer otherwise."""


def scores(homework: Homework) -> dict[str, Score]:
    """Try every mutant of a homework."""
    global bench
    bench = mine = Workbench(homework)
    made = [m for function in mine.questions for m in mutants(function, mine.answer(function))]
    with get_context("fork").Pool(initializer=prepare) as pool:
        noticed = pool.map(is_noticed, made, chunksize=1)
    reasons = equivalents(homework.name)
    unnoticed = [m for m, seen in zip(made, noticed, strict=True) if not seen]
    count = Counter(m.function for m in made)
    return {
        function: Score(
            count[function],
            count[function] - sum(m.function == function for m in unnoticed),
            sum(m.function == function and key(m) in reasons for m in unnoticed),
            [m for m in unnoticed if m.function == function and key(m) not in reasons],
        )
        for function in mine.questions
    }


def key(mutant: Mutant) -> tuple[str, str, str]:
    """Name a mutant as ``equivalent/`` does."""
    return mutant.function, squeezed(mutant.was), squeezed(mutant.now)


def squeezed(line: str) -> str:
    """Leave out what spaces Cosmic Ray puts in."""
    return re.sub(r"\s+", "", line)


def equivalents(homework: str) -> dict[tuple[str, str, str], str]:
    """Read which mutants of a homework no check can notice, and why."""
    path = EQUIVALENT / f"{homework}.toml"
    listed = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        (function, squeezed(each["was"]), squeezed(each["now"])): each["reason"]
        for function, entries in listed.items()
        for each in entries
    }


PREAMBLE = """\
# Model answers with one mistake

[Cosmic Ray](https://cosmic-ray.readthedocs.io) changes one operator, comparison, sign, number, axis
or loop of a model answer at a time. *Noticed*: the change lost points. *No difference*: the changed
code answers as before, for a reason that is written down. Changes that numbers do not allow at all,
as from `+` to `<<`, are left out, since any call would notice them, and so are changes to what the
message of an error says.

Written by `make mutants`.
"""


def table(found: dict[str, Score]) -> str:
    """Write how many mutants of each question were noticed."""
    rows = {
        f"`{function}`": (score.mutants, score.noticed, score.equivalent, len(score.left))
        for function, score in found.items()
    }
    rows["all"] = tuple(map(sum, zip(*rows.values(), strict=True)))
    lines = [
        "| question | mutants | noticed | no difference | not noticed |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(f"| {name} | {' | '.join(map(str, numbers))} |" for name, numbers in rows.items()),
    ]
    share = f"{noticed_share(found):.1%} of those that make a difference were noticed."
    return "\n".join([*lines, "", share, ""])


def noticed_share(found: dict[str, Score]) -> float:
    """Give the share that was noticed of those that make a difference."""
    noticed = sum(score.noticed for score in found.values())
    return noticed / (noticed + sum(len(score.left) for score in found.values()))


def main(names: list[str]) -> None:
    """Try the mutants of these homeworks, or of all; show those that nobody noticed."""

    def section(homework: Homework) -> str:
        found = scores(homework)
        for mutant in (mutant for score in found.values() for mutant in score.left):
            print(f"{mutant.function}:\n    {mutant.was}\n    {mutant.now}")
        return table(found)

    pages.write(PAGE, PREAMBLE, section, names)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Attacks against this grader and against stock nbgrader: ``make attacks`` writes the table."""

from __future__ import annotations

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tests.attacks import harness

PREAMBLE = f"""\
# Attacks

Each attack is handed in as the answer to a question of 3 points, beside right answers worth 6,
and graded twice: by nbgrader {version("nbgrader")} as it comes, and by this grader in its
sandbox. A test may take {harness.LIMITS.cell} seconds, who is late loses all points, and
nothing else of nbgrader's settings is changed. It grades each attack in a course of its own and
in a box, which hides nothing and takes no right away, but in which nothing outside of the
course can be changed, killed or left behind: some attacks on it succeed. This grader then
writes everyone's feedback and exports the scores; nbgrader does for attacks that aim at
readers. Whoever collected the files wrote down when each came: in `timestamp.txt`, the only
place where nbgrader looks, and for this grader in `arrivals.csv` too, without which it would
believe `timestamp.txt` as well.

*Gained*: points for a wrong answer, or kept when late. *Escaped*: read, wrote, called or left
something outside of the submission, or brought into a page or table what runs when that is
opened. *Stopped the grading*: the submission was not run to its end. An honest submission got
full marks from both.

Written by `make attacks`; the files in `tests/attacks/` are the attacks.
"""


def main(target: Path) -> None:
    """Grade every attack both ways and write what each gained."""
    chosen = harness.attacks()
    with tempfile.TemporaryDirectory() as folder:
        stock = harness.grade_stock(Path(folder) / "stock", chosen)
        ours, _ = harness.grade_ours(Path(folder) / "ours", chosen)
    for grader, marks in (("nbgrader", stock), ("this grader", ours)):
        honest = marks["honest"]
        full = (honest.attacked, honest.others) == (3, 6)
        assert full, f"{grader} did not give full marks to the honest submission: {honest}"
    lines = [
        PREAMBLE,
        "| attack | what it tries | stock nbgrader | this grader |",
        "| --- | --- | --- | --- |",
    ]
    for attack in chosen:
        cells = [describe(marks[attack.name], attack) for marks in (stock, ours)]
        lines.append("| " + " | ".join([spoken(attack), attack.sentence, *cells]) + " |")
    totals = [total(marks, chosen) for marks in (stock, ours)]
    lines.append(f"| **all** | | **{totals[0]}** | **{totals[1]}** |")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def total(marks: dict[str, harness.Marks], chosen: list[harness.Attack]) -> str:
    """Add up what came of all attacks."""
    gained = sum(harness.unearned(marks[attack.name], attack) > 0 for attack in chosen)
    escaped = sum(bool(marks[attack.name].escaped) for attack in chosen)
    stopped = sum(marks[attack.name].crashed for attack in chosen)
    return (
        f"{gained} of {len(chosen)} gained points, {escaped} escaped, {stopped} stopped the grading"
    )


def spoken(attack: harness.Attack) -> str:
    """Write an attack's name as words."""
    return attack.name.replace("_", " ")


def describe(marks: harness.Marks, attack: harness.Attack) -> str:
    """Say in a few words what came of an attack."""
    outcomes = []
    if harness.unearned(marks, attack) > 0:
        outcomes.append(f"**gained {harness.unearned(marks, attack):g}**")
    if marks.escaped:
        outcomes.append("**escaped**")
    if marks.crashed:
        outcomes.append("stopped the grading")
    elif marks.others < 6:
        outcomes.append(f"lost {6 - marks.others:g} of its own points")
    return ", ".join(outcomes) or "nothing"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Attacks against this grader and against stock nbgrader: ``make attacks`` writes the table."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.attacks import harness


def main(target: Path) -> None:
    """Grade every attack both ways and write what each gained."""
    chosen = harness.attacks()
    with tempfile.TemporaryDirectory() as folder:
        stock = harness.grade_stock(Path(folder) / "stock", chosen)
        ours, _ = harness.grade_ours(Path(folder) / "ours", chosen)
    lines = [
        "# Attacks",
        "",
        "Each is handed in as an answer to a question of 3 points, beside right answers worth 6.",
        "Written by `make attacks`; the files in this folder are the attacks.",
        "",
        "| attack | what it tries | stock nbgrader | this grader |",
        "| --- | --- | --- | --- |",
    ]
    for attack in chosen:
        cells = [describe(marks[attack.name], attack) for marks in (stock, ours)]
        lines.append("| " + " | ".join([spoken(attack), attack.sentence, *cells]) + " |")
    totals = [
        f"{sum(gained(marks[a.name], a) > 0 for a in chosen)} of {len(chosen)} gained points, "
        f"{sum(bool(marks[a.name].escaped) for a in chosen)} escaped, "
        f"{sum(marks[a.name].crashed for a in chosen)} stopped the grading"
        for marks in (stock, ours)
    ]
    lines.append(f"| **all** | | **{totals[0]}** | **{totals[1]}** |")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def gained(marks: harness.Marks, attack: harness.Attack) -> float:
    """Points that were not earned."""
    return marks.attacked - attack.earns


def spoken(attack: harness.Attack) -> str:
    """Write an attack's name as words."""
    return attack.name.replace("_", " ")


def describe(marks: harness.Marks, attack: harness.Attack) -> str:
    """Say in a few words what came of an attack."""
    outcomes = []
    if gained(marks, attack) > 0:
        outcomes.append(f"**gained {gained(marks, attack):g}**")
    if marks.escaped:
        outcomes.append("**escaped**")
    if marks.crashed:
        outcomes.append("stopped the grading")
    elif marks.others < 6:
        outcomes.append(f"lost {6 - marks.others:g} of its own points")
    return ", ".join(outcomes) or "nothing"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

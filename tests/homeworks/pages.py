"""Pages with a section for each homework, of which some are written anew and the others kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from autograder.homework import Homework, list_homeworks

SOLUTIONS = Path(__file__).parents[2] / "solutions"
NAMES = [homework.name for homework in list_homeworks(SOLUTIONS)]


def title(homework: Homework) -> str:
    """Give a homework's title, as its notebook does."""
    return str(homework.notebook().cells[0].source.splitlines()[0]).removeprefix("# ")


def write(page: Path, preamble: str, make: Callable[[Homework], str], names: list[str]) -> None:
    """Write the sections of these homeworks, or of all."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    before = re.findall(r"^## (.+)\n\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    sections = {heading: body.rstrip() for heading, body in before}
    homeworks = {homework.name: homework for homework in list_homeworks(SOLUTIONS)}
    for name in names or NAMES:
        sections[title(homeworks[name])] = body = make(homeworks[name]).rstrip()
        print(f"{name}\n\n{body}\n", flush=True)
    ordered = [title(homework) for homework in homeworks.values() if title(homework) in sections]
    parts = [f"## {heading}\n\n{sections[heading]}\n" for heading in ordered]
    page.write_text("\n".join([preamble, *parts]), encoding="utf-8")

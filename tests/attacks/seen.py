"""What of an attack reaches people who look: pages that they open, tables that they load."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from pathlib import Path

LOADS = ("src", "srcset", "srcdoc", "data", "poster", "background", "action", "formaction", "style")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Live(HTMLParser):
    """Collects what a browser would run or load by itself, if it is marked as an attack's."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark, self.found = mark, []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            value = value or ""
            runs = name.startswith("on") or value.strip().lower().startswith("javascript:")
            loads = name in LOADS or (name == "href" and tag in ("link", "base", "use"))
            # A picture that stands in the page itself loads nothing, and runs nothing.
            loads = loads and not value.startswith("data:image/")
            if self.mark in value and (runs or loads):
                self.found.append(f"a page with {tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.mark in data:
            self.found.append(f"a page with {self.inside}")


def live(page: Path, mark: str) -> list[str]:
    """List what in a page would run, or be fetched, without anybody's doing."""
    parser = _Live(mark)
    if page.exists():
        parser.feed(page.read_text(encoding="utf-8"))
    return parser.found


def formulas(table: Path, student: str) -> list[str]:
    """List the cells of a student's row that a spreadsheet would take for formulas."""
    if not table.exists():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["student_id"] == student]
    cells = [(name, str(text)) for row in rows for name, text in row.items()]
    return [f"a formula in {name}" for name, text in cells if text.startswith(FORMULA)]

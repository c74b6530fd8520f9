"""The lecture map lists all that the lectures contain, and every page that shows it."""

import re

import pytest
import yaml
from bs4 import BeautifulSoup

from .pages import CHAPTERS, LESSONS, PAGES, code_cells, notebook

HTML = CHAPTERS.parent / "_build" / "html" / "chapters"
ROWS = yaml.safe_load((CHAPTERS / "lectures.yml").read_text(encoding="utf-8"))
NAMES = [f"S{number}" for number in range(1, 30)] + [f"W{number}" for number in range(1, 21)]
LECTURES = {f"L{number}" for number in range(5)}


def tags(page):
    return {tag for cell in code_cells(notebook(page)) for tag in cell.metadata.get("tags", [])}


def built(page):
    return BeautifulSoup((HTML / f"{page}.html").read_text("utf8"), "html.parser").article


def places(row):
    """The pages with a cell that shows a row."""
    return {page for page in PAGES if row in tags(page)}


def linked(part):
    """The book's pages to which something leads."""
    links = (link["href"].partition("#")[0] for link in part.select("a[href]"))
    return {link.removesuffix(".html") for link in links} & set(PAGES)


def words(part):
    """What a part of a page says, with the quotes that its source has."""
    return part.get_text().strip().replace("’", "'")


def test_every_system_and_every_number_of_the_lectures_has_a_row():
    assert list(ROWS) == NAMES
    for row in ROWS.values():
        assert row["topic"]
        assert row["lectures"]
        assert set(row["lectures"]) <= LECTURES


@pytest.mark.parametrize("row", NAMES)
def test_every_row_is_shown_by_a_chapter(row):
    assert places(row) & set(LESSONS)


@pytest.mark.parametrize("page", PAGES)
def test_no_cell_has_the_tag_of_a_row_that_there_is_not(page):
    rows = {tag for tag in tags(page) if re.fullmatch(r"[SW]\d+", tag)}
    assert rows <= set(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("lecture", sorted(LECTURES))
def test_a_lecture_leads_to_the_pages_of_its_topics(lecture):
    headings = built("lecture-map").find_all("h2")
    (heading,) = (each for each in headings if each.get_text().startswith(f"{lecture}: "))
    table = heading.find_parent("section").table
    rows = [row for row in ROWS if lecture in ROWS[row]["lectures"]]
    lines = table.tbody.find_all("tr")
    for row, line in zip(rows, lines, strict=True):
        assert words(line.td) == ROWS[row]["topic"]
        assert linked(line) == places(row)


@pytest.mark.slow
@pytest.mark.parametrize("page", LESSONS)
def test_a_chapter_says_what_it_takes_from_the_lectures(page):
    (box,) = built(page).select(".from-the-lectures")
    wanted = [ROWS[row]["topic"] for row in NAMES if row in tags(page)]
    found = [re.sub(r" \([^)]*\)$", "", words(item)) for item in box.select("li")]
    assert found == wanted
    assert "lecture-map" in linked(box)

"""Every chapter has the parts that CONTRIBUTING lists; every page can be navigated."""

import itertools
import re

import pytest

from .pages import (
    LESSONS,
    PAGES,
    REFERENCES,
    code_cells,
    headings,
    image_options,
    notebook,
    prose,
    section,
    text,
)

MAX_LINES = 12  # of code in a cell, empty lines not counted
MAX_WIDTH = 74  # characters that fit the book's column, also in a solution

every_page = pytest.mark.parametrize("page", PAGES)
every_lesson = pytest.mark.parametrize("page", LESSONS)


def labels(pattern, pages=PAGES):
    return [label for page in pages for label in re.findall(pattern, text(page), flags=re.M)]


def test_there_are_pages_and_lessons():
    assert {"index", "notation", "errata"} <= set(PAGES)
    assert LESSONS


@every_page
def test_one_title_and_no_skipped_heading_level(page):
    levels = [level for level, _ in headings(page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    steps = [after - before for before, after in itertools.pairwise(levels)]
    assert all(step <= 1 for step in steps), headings(page)


@every_page
def test_code_cells_are_short_and_fit_the_column(page):
    for cell in code_cells(notebook(page)):
        lines = cell.source.splitlines()
        assert sum(bool(line.strip()) for line in lines) <= MAX_LINES, cell.source
        too_wide = [line for line in lines if len(line) > MAX_WIDTH]
        assert not too_wide


@every_page
def test_figure_cells_have_alternative_text(page):
    for cell in code_cells(notebook(page)):
        if re.search(r"\bplots\.show_", cell.source):
            assert len(image_options(cell).get("alt", "")) >= 40, cell.source


@every_page
def test_captioned_figures_have_names(page):
    for cell in code_cells(notebook(page)):
        figure = cell.metadata.get("mystnb", {}).get("figure")
        if figure is not None:
            assert figure["name"].startswith("fig-")
            assert len(figure["caption"].split()) >= 5


@every_page
def test_links_say_where_they_go(page):
    vague = re.findall(r"\[(?:here|link|this|click here)\]\(|`(?:here|this) <", prose(page), re.I)
    assert not vague


@every_lesson
def test_title_carries_the_number_that_the_homework_cites(page):
    _, title = headings(page)[0]
    assert title.startswith(f"Chapter {int(page[:2])}: ")


@every_lesson
def test_opens_with_objectives_and_time(page):
    title, *_ = re.split(r"^## ", prose(page), maxsplit=1, flags=re.M)
    block = re.search(
        r"^:{3,}\{admonition\} What you will be able to do$(.+?)^:{3,}$", title, re.M | re.S
    )
    assert block, "no objectives before the first section"
    assert len(re.findall(r"^- ", block[1], flags=re.M)) >= 3
    assert re.search(r"\*\*Time:\*\* about \d+ minutes", block[1])


@every_lesson
def test_equations_are_labelled_and_used(page):
    own = set(labels(r"^\$\$ \((eq-[a-z0-9-]+)\)", [page]))
    used = set(labels(r"\{eq\}`([^`]+)`", PAGES))
    assert len(own) >= 3
    assert own <= used, f"never referred to: {sorted(own - used)}"
    displayed = len(re.findall(r"^\$\$", text(page), flags=re.M)) // 2
    assert displayed == len(own), "a displayed equation has no label"


@every_lesson
def test_readers_version_is_checked_against_the_library(page):
    sources = "\n".join(cell.source for cell in code_cells(notebook(page)))
    assert re.search(r"^from lecturelib\.(?!plots|datasets|widgets)", sources, flags=re.M)
    assert "assert_allclose(" in sources
    assert "What to notice" in prose(page)


@every_lesson
def test_exercises_have_folded_solutions(page):
    exercises = re.findall(
        r"^```\{exercise\} \S.*\n:label: (ex-[a-z0-9-]+)$", text(page), flags=re.M
    )
    solutions = re.findall(
        r"^```\{solution-start\} (ex-[a-z0-9-]+)\n:class: dropdown\n```\n(.+?)^```\{solution-end\}",
        text(page),
        flags=re.M | re.S,
    )
    assert 4 <= len(exercises) <= 8
    assert [label for label, _ in solutions] == exercises
    for label, solution in solutions:
        assert len(solution.split()) >= 30, f"{label} is hardly solved"


@every_lesson
def test_says_which_homework_questions_belong_to_it(page):
    assert re.search(r"[Hh]omework \d+, questions? \d+\.\d+", prose(page))


@every_lesson
def test_ends_with_takeaways_and_further_reading(page):
    titles = [title for level, title in headings(page) if level == 2]
    assert titles[-3:] == ["Exercises", "Takeaways", "Further reading"]
    assert len(re.findall(r"^- ", section(page, "Takeaways"), flags=re.M)) >= 3
    assert len(re.findall(r"\{cite(?::t)?\}`", section(page, "Further reading"))) >= 3


@pytest.mark.parametrize(
    ("role", "target"),
    [
        (r"\{eq\}`([^`<]+)`", r"^\$\$ \((eq-[^)]+)\)"),
        (r"\{numref\}`([^`<]+)`", r"^ +name: (fig-\S+)|^:name: (table-\S+)"),
        (r"\{ref\}`(?:[^`<]+<)?([^`<>]+)>?`", r"^\(([a-z0-9-]+)\)=|^:label: (ex-\S+)"),
    ],
)
def test_every_reference_has_its_target_once(role, target):
    targets = ["".join(found) if isinstance(found, tuple) else found for found in labels(target)]
    assert len(targets) == len(set(targets))
    used = set(labels(role))
    assert used
    assert used <= set(targets), sorted(used - set(targets))


def test_every_citation_is_in_the_bibliography_and_every_entry_is_cited():
    keys = re.findall(r"^@\w+\{([^,]+),", REFERENCES.read_text(encoding="utf-8"), flags=re.M)
    cited = {key for group in labels(r"\{cite(?::\w+)?\}`([^`]+)`") for key in group.split(",")}
    assert len(keys) == len(set(keys))
    assert cited == set(keys)

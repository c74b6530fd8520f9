"""The pages run, and print the lectures' worked numbers where their tags say so."""

import re

import pytest

from .pages import PAGES, code_cells, executed, image_options, makes_a_figure, printed

pytestmark = pytest.mark.slow

# The lectures' worked numbers, as chapters must print them, in cells tagged with the row's name.
CHAPTER_NUMBERS = {
    "W1": "0 -1 -1 0 -2 -5 -5 -2 2 -2 -1 2 -1 0 -5 0",
    "W2": "0 1 2 2 1 0 1 0 -1 -1 0 1 2 -2 -5 -5 -2 2 1 2 -2 -1 2 1 1 -1 0 -5 0 1 0 2 -1 0 2 0",
    "W3": "-2 -2 1 0 1 1 1 2 0",
    "W4": "3 2 2 3 1 2 0 2 1 0 2 2 1 0 0 3 1 0 0 0 1 0 0 0 0",
    "W5": "1 1 1 1 1 1 0 0 1 0 1 0 1 0 0 1 1 0 0 0 1 0 0 0 0",
    "W6": ".4 .5 .5 .5 .4 .5 .6 .5 .6 .3 .5 .5 .4 .2 .1 .5 .6 .2 .1 0 .4 .3 .1 0 0",
    "W7": "3 3 1 3 1 0 1 0 0 .75 .75 .25 .75 .25 0 .25 0 0 1 1 1 1 1 0 1 0 0",
    "W8": "19 25 37 43",
    "W9": "0 3 8 4 9 19 25 10 21 37 43 16 6 7 8 0 0 8 6 8",
    "W10": "9 8 9 8 7 9 8 9 8 4 9",
    "W11": "156 456",
    "W12": "4 6 3 2 24",
    "W13": "3 -2 1 0 .9526 .1192 3 0 .9951 -.964",
    "W14": "4 11 3 11 2 11 1 11 1 11",
    "W15": "150528 290400 253440 186624 64896 64896 43264 4096 4096 1000",
    "W16": "7 -2 -5 -2 12 -10 -5 -10 15",
    "W17": "1 .75 .4375 .171875",
    "W18": "5 4 .375",
}
ERRATA_NUMBERS = {
    "W1": CHAPTER_NUMBERS["W1"] + " 3 4",
    "W2": CHAPTER_NUMBERS["W2"] + " 4 5",
    "W6": CHAPTER_NUMBERS["W6"] + " 2 1 2 2 2 3 3 2",
    "W11": "320 320 320 896 320 18464",
    "W15": "150528 290400 253440 186624 64896 64896 43264 253440",
    "W18": "5 4 0.375",
}


def numbers_in(output):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", output.replace(",", ""))]


def tagged(cells, row):
    return [cell for cell in cells if row in cell.metadata.get("tags", [])]


def appear_in_order(wanted, found):
    rest = iter(found)
    return all(number in rest for number in wanted)


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_without_a_warning(page):
    for cell in code_cells(executed(page)):
        complaints = [out.text for out in cell.outputs if out.get("name") == "stderr"]
        assert not complaints, cell.source


@pytest.mark.parametrize("page", PAGES)
def test_every_drawn_figure_is_shown_once_and_described(page):
    for cell in filter(makes_a_figure, code_cells(executed(page))):
        assert sum("image/png" in out.get("data", {}) for out in cell.outputs) == 1, cell.source
        assert len(image_options(cell).get("alt", "")) >= 40, cell.source


@pytest.mark.parametrize(("row", "wanted"), CHAPTER_NUMBERS.items())
def test_worked_number_is_computed_in_a_chapter(row, wanted):
    lessons = [page for page in PAGES if page[0].isdigit()]
    outputs = "".join(
        printed(cell) for page in lessons for cell in tagged(code_cells(executed(page)), row)
    )
    assert appear_in_order([float(number) for number in wanted.split()], numbers_in(outputs))


def test_the_bias_unit_is_the_first_of_every_state():
    cells = tagged(code_cells(executed("13-recurrent")), "W20")
    states = re.findall(r"\[\s*([^\[\]]+)\]", printed(cells[-1]))
    assert len(states) > 1
    assert {float(state.split()[0]) for state in states} == {1.0}


@pytest.mark.parametrize(("row", "wanted"), ERRATA_NUMBERS.items())
def test_erratum_is_shown_by_its_cell(row, wanted):
    (cell,) = tagged(code_cells(executed("errata")), row)
    found = numbers_in(printed(cell).replace("·", " "))
    assert appear_in_order([float(number) for number in wanted.split()], found)


def test_missing_channel_index_changes_the_result():
    (cell,) = tagged(code_cells(executed("errata")), "W19")
    assert printed(cell) == "equal? False\n"


def test_impossible_output_size_is_refused_on_the_page():
    cells = tagged(code_cells(executed("06-convolution")), "W12")
    assert re.search(r"\b5\b.*padded input|padded input.*\b5\b", printed(cells[-1]))

"""Every chapter runs again in a new kernel, and prints what it printed for the book.

Run by `make reproduce`, since it takes as long as the pages do; the times are those of the tests.
"""

import pytest

from .pages import LESSONS, code_cells, executed, executed_again, printed


@pytest.mark.parametrize("page", LESSONS)
def test_two_runs_print_the_same(page):
    runs = (code_cells(executed(page)), code_cells(executed_again(page)))
    for first, second in zip(*runs, strict=True):
        assert printed(first) == printed(second), first.source

"""One cell in a JupyterLab of a test's own, and what it writes down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.sockets import unix_sockets
from tests.browser.jupyter import serve, stay_here

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from traitlets.config import Config


@contextmanager
def run_in_lab(cell: str, browser: Browser, folder: Path, **window: Any) -> Iterator[Page]:
    """Run a cell in a notebook in ``folder``, with settings and files of its own there."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "live.ipynb")
    with (
        unix_sockets() as config,
        serve("jupyterlab", folder, folder, _options(folder, config)) as server,
        browser.new_page(**window) as page,
    ):
        page.route("http*://**", stay_here)
        with _saying_what_it_shows(page):
            page.goto(f"{server.address}/lab/tree/live.ipynb?token={server.token}")
            run_first_cell(page)
            yield page


@contextmanager
def _saying_what_it_shows(page: Page) -> Iterator[None]:
    """Add what the page shows and says to an error."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    try:
        yield
    except Exception as error:
        for note in ["The page shows:", page.locator("body").inner_text(), "It says:", *said]:
            error.add_note(note)
        raise


def _options(folder: Path, config: Config) -> dict[str, object]:
    kernels = {f"KernelManager.{name}": value for name, value in config.KernelManager.items()}
    return {"LabApp.workspaces_dir": folder / "workspaces", **kernels}


def run_first_cell(page: Page) -> None:
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click(timeout=60_000)
    # A cell that is run before its kernel is there starts another kernel. The circle above the
    # notebook says "idle" before it knows of a kernel; the line at the foot of the page does not.
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
    page.keyboard.press("Shift+Enter")


def heard(record: Path) -> list[Any]:
    """What the cell has written so far, a value in each line; the last may be half written."""
    lines = record.read_text().splitlines(keepends=True) if record.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]

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
        page.goto(f"{server.address}/lab/tree/live.ipynb?token={server.token}")
        run_first_cell(page)
        yield page


def _options(folder: Path, config: Config) -> dict[str, object]:
    kernels = {f"KernelManager.{name}": value for name, value in config.KernelManager.items()}
    return {"LabApp.workspaces_dir": folder / "workspaces", **kernels}


def run_first_cell(page: Page) -> None:
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click(timeout=60_000)
    # Without its kernel a cell would only be queued, or ask for one.
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    page.keyboard.press("Shift+Enter")


def heard(record: Path) -> list[Any]:
    """What the cell has written so far, a value in each line; the last may be half written."""
    lines = record.read_text().splitlines(keepends=True) if record.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]

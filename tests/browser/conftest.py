"""The built book behind a local server, and Chromium to read it with."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).absolute().parents[2]
HTML = ROOT / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *BROWSERS))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} in PATH and CHROMIUM names none"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing: the page reports the requests that fail."""


@pytest.fixture(scope="session")
def book() -> Iterator[str]:
    """Address of the built book."""
    if not (HTML / "index.html").exists():
        pytest.fail("the book is not built: run `make book` first")
    handler = partial(QuietHandler, directory=HTML)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Reader:
    """A browser window that remembers whatever a reader should never meet."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self._note_request(request.url))
        page.on("requestfailed", lambda r: self.complaints.append(f"request failed: {r.url}"))

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _note_request(self, url: str) -> None:
        parts = urlsplit(url)
        # blob: and data: are made by the page itself; blob's host is in its path.
        if parts.scheme in ("http", "https") and not url.startswith(self.address):
            self.complaints.append(f"request to another host: {url}")

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}/{path}", wait_until="load")
        # MathJax sets its promise when it has been read; only then are formulas in the page.
        self.page.wait_for_function("!window.MathJax || window.MathJax.startup?.promise")
        self.page.evaluate("window.MathJax?.startup?.promise.then(() => true)")
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture
def reader(browser: Browser, book: str) -> Iterator[Callable[..., Reader]]:
    """Open windows, ``reader(width=375, theme="dark")``, that must end without a complaint."""
    readers = []

    def new(*, width: int = 1280, theme: str = "light") -> Reader:
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, color_scheme=theme)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        readers.append(Reader(context.new_page(), book))
        return readers[-1]

    yield new
    for opened in readers:
        opened.page.context.close()
    assert [complaint for opened in readers for complaint in opened.complaints] == []

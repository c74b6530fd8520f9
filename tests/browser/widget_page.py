"""A page of a test's own that shows one widget as the built book does, without Python behind it."""

from __future__ import annotations

import base64
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anywidget import AnyWidget
    from playwright.sync_api import Browser, Page, Route

NOT_SHOWN = {"_esm", "_css", "layout", "tabbable", "tooltip"}
ADDRESS = "http://widget.test"
HTML = """<!doctype html>
<html lang="en">
<head>
  <title>A widget</title>
  <meta name="viewport" content="width=device-width">
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="widget.css">
  <style>
    :root { color-scheme: light dark; background: Canvas; }
    main { max-width: 46rem; margin: auto; }
  </style>
</head>
<body>
<main><h1>A widget</h1><div id="widget"></div></main>
<script type="module">
import widget from "./widget.js";
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt());
const decode = (text) => new DataView(bytes(text).buffer);
const revive = (_, value) => (value?.bytes === undefined ? value : decode(value.bytes));
const state = JSON.parse(await (await fetch("state.json")).text(), revive);
const heard = new Map();
const listeners = (event) => heard.get(event) ?? heard.set(event, new Set()).get(event);
window.model = {
  get: (name) => state[name],
  set(name, value) {
    if (state[name] === value) return;
    state[name] = value;
    for (const listener of listeners(`change:${name}`)) listener();
  },
  on: (event, listener) => listeners(event).add(listener),
  off: (event, listener) => listeners(event).delete(listener),
  save_changes() {},
};
window.close_ = widget.render({ model: window.model, el: document.querySelector("#widget") });
</script>
</body>
</html>"""


def state_of(widget: AnyWidget) -> str:
    """The values that a page gets, as JSON; bytes become text."""
    names = [name for name in widget.keys if name not in NOT_SHOWN]
    encode = {"default": lambda value: {"bytes": base64.b64encode(value).decode()}}
    return json.dumps(widget.get_state(names), **encode)


@contextmanager
def show(
    widget: AnyWidget, browser: Browser, *, script: str = "", **options: Any
) -> Iterator[Page]:
    """Show a widget in a window that must end without errors and without a request to anybody.

    A script runs before those of the page.
    """
    files = {
        "/": ("text/html", HTML),
        "/widget.js": ("text/javascript", widget._esm),
        "/widget.css": ("text/css", widget._css),
        "/state.json": ("application/json", state_of(widget)),
    }
    complaints: list[str] = []

    def answer(route: Route) -> None:
        kind, body = files.get(route.request.url.removeprefix(ADDRESS), ("", None))
        if body is None:
            complaints.append(f"request: {route.request.url}")
            route.abort()
        else:
            route.fulfill(content_type=kind, body=str(body))

    context = browser.new_context(**options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.add_init_script(script)
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.route(re.compile("^(?!data:|blob:)"), answer)
    page.goto(f"{ADDRESS}/")
    yield page
    context.close()
    assert complaints == []

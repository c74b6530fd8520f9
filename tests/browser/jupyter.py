"""A Jupyter server of a test's own, with settings and files of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlsplit

from tests.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Route


class Server(NamedTuple):
    """Where a server is, and the key to it."""

    address: str
    token: str


@contextmanager
def serve(program: str, root: Path, own: Path, options: dict[str, object]) -> Iterator[Server]:
    """Start ``python -m program`` on the files in ``root``; its own ones lie in ``own``."""
    token = secrets.token_hex()
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 0,
        "ServerApp.root_dir": root,
        "IdentityProvider.token": token,
        **options,
    }
    command = [sys.executable, "-m", program, "--no-browser", "--allow-root"]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR")
    with (
        (own / "server.log").open("w") as log,
        running(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            cwd=root,
            env={**os.environ, **{name: str(own / name) for name in names}},
            stdout=log,
            stderr=subprocess.STDOUT,
        ),
    ):
        runtime, told = own / "JUPYTER_RUNTIME_DIR", f"{program} did not start: see {log.name}"
        wait_for(lambda: port_in(runtime), told)
        server = Server(f"http://127.0.0.1:{port_in(runtime)}", token)
        wait_for(lambda: answers(f"{server.address}/api?token={token}"), told)
        yield server


def port_in(runtime: Path) -> int | None:
    """Read the port that a server chose; it is not there before the server has it."""
    for file in runtime.glob("jpserver-*.json"):
        with suppress(json.JSONDecodeError):  # half written
            return int(json.loads(file.read_text())["port"])
    return None


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[None]:
    """Run a program as long as the body, however that ends.

    Jupyter's server sometimes ends its kernels and then waits for ever for a thread of its own
    (jupyterlab issue 10442), so a program that does not end is killed.
    """
    with subprocess.Popen(command, **options) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except URLError:
        return False


def stay_here(route: Route) -> None:
    """Jupyter's pages look for news, updates and scripts; a test asks nobody but its own server."""
    if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
        route.continue_()
    else:
        route.abort()

"""Making a sandbox for one kernel, from outside of it, and ending it with all that runs in it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from autograder.sandbox.contents import interpreter
from autograder.sandbox.inside.processes import descendants
from autograder.sandbox.settings import Settings
from autograder.sandbox.users import unused_user

START = 60.0
"""Seconds in which a sandbox is made."""
GRACE = 5.0
"""Seconds in which what made a sandbox sees that its kernel has ended."""


class Way(Protocol):
    """A way to make a sandbox for one kernel."""

    settings: Settings

    def command(self, run: Path, user: int, program: list[str]) -> list[str]:
        """Write the command that starts a program, which is to become ``user``, in a sandbox."""

    def forget(self, run: Path) -> list[str]:
        """Write the command that removes what is left of the run's sandbox, if there is any."""


class NoStartError(Exception):
    """No sandbox could be made; the message says why."""


class Kernel(NamedTuple):
    """A kernel, seen from outside."""

    process: Process
    """What made its sandbox, and lasts as long."""
    control: socket.socket
    """The line to the first process inside."""


@asynccontextmanager
async def started(
    way: Way, run: Path, seed: int | None, log: IO[bytes] | None = None
) -> AsyncIterator[Kernel]:
    """Start a kernel, and end it and all that it started on leaving.

    Parameters
    ----------
    way : Way
        How a sandbox is made.
    run : Path
        The kernel's folder: its connection file, and the files that it finds beside itself.
    seed : int, optional
        Where its random numbers start; without it, only the sandbox is made, and ends at once.
    log : file, optional
        Where what goes wrong is written, if not to where this process says so too.

    Raises
    ------
    NoStartError
        If no sandbox can be made.
    """
    user = unused_user()
    program = [interpreter(), "-s", "-P", "-m", "autograder.sandbox.inside.alone"]
    program.append(f"/runs/{run.name}/control")
    with _listener(run / "control") as listener:
        process = await asyncio.create_subprocess_exec(
            *way.command(run, user, program),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
        try:
            with await _connected(listener, process) as control:
                await _instruct(control, way.settings, run, user, seed)
                yield Kernel(process, control)
        finally:
            await _end(process)
            if command := way.forget(run):
                await (await asyncio.create_subprocess_exec(*command)).wait()


def _listener(path: Path) -> socket.socket:
    """Open the socket at which the first process inside reports, whoever it runs as."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen(1)
    listener.setblocking(False)
    return listener


async def _connected(listener: socket.socket, process: Process) -> socket.socket:
    """Wait until the first process inside reports; nobody else may, from then on."""
    loop = asyncio.get_running_loop()
    accepted = asyncio.ensure_future(loop.sock_accept(listener))
    ended = asyncio.ensure_future(process.wait())
    try:
        await asyncio.wait({accepted, ended}, timeout=START, return_when="FIRST_COMPLETED")
        if not accepted.done():
            raise NoStartError("what makes sandboxes ended, or made none in time")
        control, _ = accepted.result()
    finally:
        accepted.cancel()
        ended.cancel()
        os.unlink(listener.getsockname())
        listener.close()
    control.setblocking(False)
    return control


async def _instruct(
    control: socket.socket, settings: Settings, run: Path, user: int, seed: int | None
) -> None:
    """Say what to do, hand over the kernel's sockets, and wait until the sandbox is closed."""
    sockets = {} if seed is None else _open_sockets(run)
    message = {
        "user": user,
        "is_root": os.geteuid() == 0,
        "connection": f"/runs/{run.name}/connection.json",
        "seed": seed,
        "addresses": list(sockets),
        "settings": settings.to_dict(),
    }
    files = [opened.fileno() for opened in sockets.values()]
    socket.send_fds(control, [json.dumps(message).encode()], files)
    for opened in sockets.values():
        opened.close()
    answer: Any = asyncio.get_running_loop().sock_recv(control, 64)
    if not await asyncio.wait_for(answer, START):
        raise NoStartError("the first process of a sandbox ended before the sandbox was closed")


def _open_sockets(run: Path) -> dict[str, socket.socket]:
    """Open the kernel's sockets, by the addresses that they have inside."""
    connection = json.loads((run / "connection.json").read_text(encoding="utf-8"))
    opened = {}
    for name, port in connection.items():
        if name.endswith("_port"):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(run / f"k-{port}"))
            listener.listen(64)
            opened[f"{connection['transport']}://{connection['ip']}-{port}"] = listener
    return opened


async def _end(process: Process) -> None:
    """End a kernel, all that it started, and what made its sandbox."""
    if process.returncode is not None:
        return
    for member in descendants(process.pid) or [process.pid]:
        with suppress(ProcessLookupError):  # it has ended
            os.kill(member, signal.SIGKILL)
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()

"""Kernels that are started afresh, each in a sandbox of its own: slower than forks, asking less.

A process that stands where the template does (:mod:`autograder.sandbox.inside.template`) and speaks
as it does, but outside of any sandbox. For every connection it has a sandbox made
(:mod:`autograder.sandbox.launch`) by bubblewrap or as a container, with a kernel in it
(:mod:`autograder.sandbox.inside.alone`), and watches over what goes on there.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from autograder.sandbox.bubblewrap import Bubblewrap
from autograder.sandbox.containers import Containers, find_runtimes
from autograder.sandbox.inside.processes import descendants, resident
from autograder.sandbox.launch import START, Kernel, NoStartError, Way, started
from autograder.sandbox.levels import Isolation
from autograder.sandbox.settings import Settings

LOOK = 0.5
"""Seconds between looks at what a kernel uses."""


async def main(isolation: Isolation, runs: Path, settings: Settings) -> None:
    """Keep kernels in the first way that works here, until nobody needs any."""
    refusals = []
    for way in _ways(isolation, runs, settings):
        if refusal := await _refusal(way, runs / "trial"):
            refusals.append(refusal)
        else:
            await Keeper(way, runs).serve()
            return
    sys.exit(f"kernels cannot be started afresh: {'; '.join(dict.fromkeys(refusals))}")


def _ways(isolation: Isolation, runs: Path, settings: Settings) -> Iterator[Way]:
    """List ways to make sandboxes, the best first."""
    if isolation is Isolation.STRICT:
        yield Bubblewrap(settings)
        return
    for has_groups in (True, False) if os.geteuid() == 0 else (False,):
        for runtime in find_runtimes():
            yield Containers(settings, runs.parent, runtime, has_groups)


async def _refusal(way: Way, run: Path) -> str:
    """Find out now, not with the first submission, whether the system allows a sandbox."""
    run.mkdir(exist_ok=True)
    with tempfile.TemporaryFile() as log:
        try:
            async with started(way, run, None, log) as kernel:
                if await asyncio.wait_for(kernel.process.wait(), START) == 0:
                    return ""
            reason = "a sandbox was made, but did not end as it should"
        except NoStartError as error:
            reason = str(error)
        log.seek(0)
        said = log.read().decode(errors="replace").strip().splitlines()
    return said[-1] if said else reason


class Keeper:
    """Starts kernels in one way and keeps them.

    Parameters
    ----------
    way : Way
        How a sandbox is made.
    runs : Path
        One folder in it for each kernel.
    """

    def __init__(self, way: Way, runs: Path) -> None:
        self.way, self.runs = way, runs
        self.kept: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Keep a kernel for every connection, until whoever started this process has gone."""
        server = await asyncio.start_unix_server(self._take, self.runs / "template")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await _until_closed(sys.stdin)
        server.close()
        for task in self.kept:
            task.cancel()
        await asyncio.gather(*self.kept, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._keep(reader, writer))
        self.kept.add(task)
        task.add_done_callback(self.kept.discard)

    async def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep one kernel for as long as its connection lasts."""
        request = json.loads(await reader.readline())
        code, why = 1, ""
        try:
            async with started(self.way, self.runs / request["run"], request["seed"]) as kernel:
                why = await self._watch(kernel, reader)
            code = kernel.process.returncode or 0
        except NoStartError as error:
            sys.stderr.write(f"{error}\n")
        finally:
            with suppress(ConnectionError):  # the grader has gone
                writer.write(json.dumps({"exit": code, "why": why}).encode() + b"\n")
                await writer.drain()
            writer.close()

    async def _watch(self, kernel: Kernel, reader: asyncio.StreamReader) -> str:
        """Wait until a kernel has ended or is to end; say why, if it uses too much."""
        ended = asyncio.ensure_future(kernel.process.wait())
        line = asyncio.ensure_future(reader.readline())
        try:
            while not ended.done():
                await asyncio.wait({ended, line}, timeout=LOOK, return_when="FIRST_COMPLETED")
                if line.done():
                    if line.result() != b"interrupt\n":
                        return ""
                    line = asyncio.ensure_future(reader.readline())
                    with suppress(BrokenPipeError):  # it is just ending
                        kernel.control.send(b"interrupt")
                if excess := self._excess(kernel.process.pid):
                    return excess
            return _last_word(kernel.control)
        finally:
            ended.cancel()
            line.cancel()

    def _excess(self, launcher: int) -> str:
        """Name what a kernel uses too much of."""
        used = sum(map(resident, descendants(launcher)))
        return "memory" if used > self.way.settings.memory else ""


def _last_word(control: socket.socket) -> str:
    """Read why the first process inside ended the kernel, if it did."""
    try:
        return control.recv(64).decode()
    except (BlockingIOError, ConnectionError):
        return ""  # the kernel ended by itself


async def _until_closed(stream: IO[str]) -> None:
    """Wait until whoever holds the other end of a pipe has gone."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    await reader.read()


if __name__ == "__main__":
    asyncio.run(main(Isolation(sys.argv[1]), Path(sys.argv[2]), Settings.from_json(sys.argv[3])))

"""Kernels in the sandbox, for every program that starts kernels through ``jupyter_client``."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Integer, Unicode

from autograder.handed_in import is_ordinary
from autograder.sandbox.owner import give_away

START = 60.0
"""Seconds in which a kernel has opened its sockets."""

GRACE = 5.0
"""Seconds in which a kernel that is to end has ended."""


class SandboxProvisioner(KernelProvisionerBase):
    """Asks the template of a sandbox for a kernel (:mod:`autograder.sandbox.inside.template`).

    A connection to the template stands for the kernel: closing it ends the kernel.
    """

    runs = Unicode(help="The sandbox's folder of runs, seen from outside.").tag(config=True)
    seed = Integer(0, help="Where the kernel's random numbers start.").tag(config=True)

    connection: socket.socket | None = None
    ended: dict[str, Any] | None = None
    received = b""

    @property
    def excess(self) -> str:
        """What the kernel used too much of, if it was ended for that: ``memory`` or ``disk``."""
        return str((self.ended or {}).get("why", ""))

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel."""
        return self.connection is not None

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Make the run's folder and agree on addresses that both sides see."""
        self.run = Path(self.runs) / secrets.token_hex(6)
        self.run.mkdir()
        _copy_files(Path(options.get("cwd", ".")), self.run / "files")
        manager: Any = self.parent
        manager.transport = "ipc"
        manager.ip = str(self.run / "k")
        manager.connection_file = str(self.run / "outside.json")
        manager.write_connection_file()
        self.connection_info = info = manager.get_connection_info()
        inside = {**info, "ip": f"/runs/{self.run.name}/k", "key": info["key"].decode()}
        (self.run / "connection.json").write_text(json.dumps(inside), encoding="utf-8")
        give_away(self.run)
        return await super().pre_launch(cmd=[], **options)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Ask for the kernel."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(Path(self.runs) / "template"))
        connection.sendall(json.dumps({"run": self.run.name, "seed": self.seed}).encode() + b"\n")
        connection.setblocking(False)
        self.connection = connection
        await self._listening()
        return self.connection_info

    async def _listening(self) -> None:
        """Wait for the kernel's sockets: who connects earlier is late, since it tries again."""
        # There is one for each channel.
        deadline = time.monotonic() + START
        while len(list(self.run.glob("k-*"))) < 5:
            if await self.poll() is not None or time.monotonic() > deadline:
                return  # whoever uses the kernel will find out
            await asyncio.sleep(0.003)

    async def poll(self) -> int | None:
        """Return None while the kernel runs."""
        if self.connection is None:
            return 0
        if self.ended is None:
            try:
                part = self.connection.recv(4096)
            except BlockingIOError:
                return None
            except OSError:
                part = b""
            self.received += part
            if part and b"\n" not in self.received:
                return None
            self.ended = json.loads(self.received or b'{"exit": -1, "why": ""}')
        return int(self.ended["exit"])

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        deadline = time.monotonic() + GRACE
        while (code := await self.poll()) is None and time.monotonic() < deadline:
            await asyncio.sleep(0.003)
        self._close()
        return code

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel, or end it."""
        if self.connection is None or self.ended is not None or signum == 0:
            return
        request = b"interrupt\n" if signum == signal.SIGINT else b"end\n"
        try:
            self.connection.sendall(request)
        except OSError:
            self.ended = {"exit": -1, "why": ""}

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        await self.send_signal(signal.SIGKILL)
        await self.wait()

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of the kernel and forget its files."""
        self._close()
        shutil.rmtree(self.run, ignore_errors=True)

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _copy_files(folder: Path, target: Path) -> None:
    """Give the kernel what was handed in beside the notebook; the notebook holds the tests."""
    target.mkdir()
    for path in folder.rglob("*"):
        if is_ordinary(path) and path.suffix != ".ipynb":
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)

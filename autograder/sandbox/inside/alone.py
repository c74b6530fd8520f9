"""The first process of a sandbox that holds one kernel and nothing else.

It is started with the path of a socket, over which :mod:`autograder.sandbox.cold` says what to do
and hands over the kernel's sockets, open: so nothing outside of the kernel's own memory need be
open to writing. Each later message asks for an interrupt, and when the connection closes, this
process ends, and with it everything in the sandbox.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from autograder.sandbox.inside import filter as calls
from autograder.sandbox.inside import namespaces
from autograder.sandbox.inside.kernel import SeedTorch, adopt, run_kernel
from autograder.sandbox.inside.places import HOME, PRIVATE
from autograder.sandbox.inside.processes import leave, outlast

LOOK = 0.2
"""Seconds between looks at what is stored."""
READY = b"ready"
ROOM = 2**16


def main(address: str) -> int:
    """Close the sandbox, start the kernel, and bury its dead."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(address)
    message, sockets, _, _ = socket.recv_fds(control, ROOM, 16)
    request = json.loads(message)
    _give_up(request)
    control.send(READY)
    if not request["addresses"]:
        return 0  # all that was to be found out is whether this works
    kernel = os.fork()
    if kernel == 0:
        control.close()
        leave(_kernel, request, dict(zip(request["addresses"], sockets, strict=True)))
    for file in sockets:
        os.close(file)
    namespaces.keep_from_debuggers()
    disk = request["settings"]["disk"] * len(PRIVATE)
    threading.Thread(target=_obey, args=(control, kernel, disk), daemon=True).start()
    return outlast(kernel)


def _give_up(request: dict[str, Any]) -> None:
    """Give up all rights, and the right to get any."""
    if os.getuid() == 0 and request["is_root"]:
        namespaces.bound_privileges()
        namespaces.become(request["user"])
    elif os.getuid() == 0:
        namespaces.new_name(request["user"])
    namespaces.give_up_privileges()
    calls.install()


def _obey(control: socket.socket, kernel: int, disk: int) -> None:
    """Pass interrupts on, to the kernel alone, until nobody is there to send any.

    See meanwhile that the folders that can be written to hold no more than ``disk`` bytes: not
    everything that makes sandboxes limits them.
    """
    while True:
        readable, _, _ = select.select([control], [], [], LOOK)
        if readable:
            if not control.recv(ROOM):
                os._exit(0)
            try:
                os.kill(kernel, signal.SIGINT)
            except ProcessLookupError:
                return  # it has ended by itself
        if _stored() > disk:
            control.send(b"disk")
            os._exit(1)


def _stored() -> int:
    systems = [os.statvfs(folder) for folder in PRIVATE]
    return sum((system.f_blocks - system.f_bfree) * system.f_frsize for system in systems)


def _bring(files: Path) -> None:
    """Copy what was handed in beside the notebook to where it runs."""
    for path in sorted(files.rglob("*")):
        copy = HOME / path.relative_to(files)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)


def _kernel(request: dict[str, Any], sockets: dict[str, int]) -> int:
    """Become the kernel, limited, on sockets that are there already."""
    settings = request["settings"]
    namespaces.limit(settings["memory"], settings["processes"], settings["files"], settings["disk"])
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    connection = Path(request["connection"])
    _bring(connection.parent / "files")
    os.chdir(HOME)
    if "numpy.random" in settings["preload"]:
        importlib.import_module("numpy.random")  # to be given a seed
    sys.meta_path.insert(0, SeedTorch(request["seed"]))
    adopt(sockets)

    def fall_silent() -> None:
        os.dup2(nothing, 2)

    run_kernel(str(connection), request["seed"], fall_silent)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

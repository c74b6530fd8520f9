"""What running a submission was like: written by the process that ran it, kept with its result."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """How it ran; empty if nothing ran."""

    isolation: str = ""
    """How well its kernel was found to be kept apart."""
    timing: dict[str, float] = field(default_factory=dict)
    """Seconds that the kernel took to start (``kernel``), that the student's cells took
    (``cells``), and that each test took, by its grade_id."""

    def save(self, path: Path) -> None:
        """Write it down."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def load_account(path: Path) -> Account:
    """Read what was written down, if anything was."""
    if not path.exists():
        return Account()
    return Account(**json.loads(path.read_text(encoding="utf-8")))

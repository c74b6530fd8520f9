"""What running a submission was like."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """How it ran; empty if nothing ran."""

    isolation: str = ""
    """How well its kernel was found to be kept apart."""
    timing: dict[str, float] = field(default_factory=dict)
    """Seconds that the kernel took to start (``kernel``), that the student's cells took
    (``cells``), and that each test took, by its grade_id."""
    mistakes: dict[str, list[str]] = field(default_factory=dict)
    """The known mistakes that wrong answers are, by the function that was asked for."""

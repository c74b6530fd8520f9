"""How well a submission is kept apart from the rest, from least to most."""

from __future__ import annotations

from enum import StrEnum


class Isolation(StrEnum):
    """A level that is asked for, or that a kernel was found to have."""

    PROCESS = "process"
    """A process of its own and nothing more: it can read, write and call what the grader can."""
    CONTAINER = "container"
    """All of what is strict, but made by a program for containers that is at hand."""
    STRICT = "strict"
    """No network, no sight of the course or of others, no rights, limits on what it uses."""

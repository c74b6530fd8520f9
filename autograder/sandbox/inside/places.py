"""Where things lie in a sandbox, for those who make it and those who are in it."""

from __future__ import annotations

from pathlib import Path

RUNS = Path("/runs")
"""One folder in it for each kernel."""
HOME = Path("/home/student")
PRIVATE = ("/dev/shm", "/tmp", str(HOME))
"""Folders that a kernel may write to, each empty at first and of limited size."""

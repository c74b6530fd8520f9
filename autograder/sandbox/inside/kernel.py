"""A Jupyter kernel in a process that was forked with everything imported."""

from __future__ import annotations

import gc
import importlib.util
import random
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def reseed(seed: int) -> None:
    """Give every random generator that a fork would have copied a start of its own."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed % 2**63)


class SeedTorch:
    """Among the finders of modules, sees to it that torch is reseeded when it is imported.

    Importing it takes longer than all else that a kernel needs, and few homeworks use it.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Find torch, as the others would, and let its seed be set once it is there."""
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_seed(module: ModuleType) -> None:
                run(module)
                module.manual_seed(self.seed % 2**63)

            vars(spec.loader)["exec_module"] = run_and_seed
        return spec


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

    # The terminal's streams were the template's; the kernel sends what is printed to the grader.
    sys.argv = ["kernel"]
    app: Any = IPKernelApp.instance(capture_fd_output=True)
    app.config.HistoryManager.enabled = False
    # A kernel's banner is asked for any number of times, and choosing a tip draws random numbers.
    app.config.InteractiveShell.enable_tip = False
    app.initialize(["-f", connection_file])
    before_start()
    gc.freeze()
    gc.enable()
    reseed(seed)  # at last: what opens the sockets draws numbers of its own
    app.start()

"""What a sandbox holds and allows, in plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

MEGABYTE = 2**20


@dataclass(frozen=True)
class Settings:
    """The same for all submissions of a homework."""

    withheld: tuple[str, ...] = ()
    """Packages and modules that are absent, by the names that one imports."""
    preload: tuple[str, ...] = (
        "ipykernel.kernelapp",
        "ipykernel.debugger",
        "IPython.core.completerlib",
        "IPython.core.debugger",
        "IPython.core.magics.execution",
        "IPython.core.oinspect",
        "IPython.extensions.storemagic",
        "matplotlib.pyplot",
        "matplotlib_inline.backend_inline",
        "numpy.random",
        "psutil",
        "pydoc",
        "pygments.formatters",
        "stack_data",
        "tornado.platform.asyncio",
    )
    """What is imported once for all kernels."""
    graders_preload: tuple[str, ...] = ()
    """What is imported once for all that run tests, outside of the sandbox."""
    memory: int = 4096 * MEGABYTE
    """Bytes that a kernel and what it starts may use."""
    disk: int = 256 * MEGABYTE
    """Bytes that a kernel's private folders hold, together or, if it starts afresh, each."""
    processes: int = 64
    files: int = 512

    def to_json(self) -> str:
        """Write them down for the process inside."""
        return json.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """List them by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read what was written down."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(text).items()
        }
        return cls(**fields)

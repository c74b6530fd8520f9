"""A kernel client that starts at once."""

from __future__ import annotations

import time
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient

PATIENCE = 0.02
"""Seconds to listen on a channel before listening on the next."""


class PromptClient(AsyncKernelClient):
    """Jupyter's client, less the fifth of a second for which it listens to an empty channel.

    It is ready when the kernel has been heard on both channels that it will be heard on.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, and until what it publishes arrives."""
        deadline = time.monotonic() + (timeout or float("inf"))
        silent = [self.shell_channel, self.iopub_channel]
        asked = 0.0
        while silent:
            now = time.monotonic()
            if now > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if now > asked + 0.25:
                self.kernel_info()
                asked = now
            for channel in list(silent):
                try:
                    await channel.get_msg(timeout=PATIENCE)
                except Empty:
                    continue
                silent.remove(channel)

    wait_for_ready = _async_wait_for_ready

"""A process by whose one argument it is known, and seen, from outside of its sandbox."""

import random

import psutil

from tests.waiting import wait_for


class Marked:
    """Has a kernel start ``sleep`` in a session of its own, and looks whether it lives."""

    def __init__(self):
        self.command = ["sleep", str(random.randrange(10**6, 10**7))]

    def start(self, *kernels):
        """Start one in each kernel, and wait until they are seen.

        A program that has just taken the place of another has no arguments for a moment.
        """
        before = self.count()
        for kernel in kernels:
            kernel.run(f"import subprocess; subprocess.Popen(['setsid', *{self.command}])")
        wait_for(
            lambda: self.count() == before + len(kernels),
            f"of {len(kernels)} {self.command}, {self.count() - before} were started",
            10,
        )

    def count(self):
        """Count those that live."""
        return sum(
            process.info["cmdline"] == self.command for process in psutil.process_iter(["cmdline"])
        )

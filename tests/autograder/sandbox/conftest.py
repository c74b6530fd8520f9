import time
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from traitlets.config import Config

from autograder.execute import provisioner
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.settings import MEGABYTE, Settings
from autograder.workplace import workplace


@pytest.fixture(scope="session")
def sandbox():
    """A sandbox with small limits, from which the packages that hw03 withholds are absent."""
    settings = Settings(
        withheld=("torch", "scipy", "lecturelib.conv"),
        memory=1024 * MEGABYTE,
        disk=16 * MEGABYTE,
        processes=20,
        files=100,
    )
    with workplace() as place, Sandbox(settings, place) as sandbox:
        yield sandbox


class Kernel:
    """A kernel in the sandbox, and the code that it is asked to run."""

    def __init__(self, sandbox, folder, seed=0):
        config = Config()
        config.SandboxProvisioner.runs = str(sandbox.runs)
        config.SandboxProvisioner.seed = seed
        with provisioner("course-sandbox"):
            self.manager = KernelManager(config=config)
            self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(20)

    @property
    def run_folder(self):
        return Path(self.manager.provisioner.run)

    def run(self, code):
        """Run code and return what it printed, errors included."""
        said = []

        def hook(message):
            content = message["content"]
            said.append(content.get("text", "") or content.get("evalue", ""))

        self.client.execute_interactive(code, timeout=30, output_hook=hook)
        return "".join(said)

    def exit_code(self):
        """Wait for the kernel's end."""
        deadline = time.monotonic() + 10
        while self.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.manager.provisioner.ended

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def start(sandbox, tmp_path):
    """Start kernels in the sandbox."""
    kernels = []

    def start(seed=0):
        kernels.append(Kernel(sandbox, tmp_path, seed))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def kernel(start):
    """A kernel in the sandbox."""
    return start()

import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from traitlets.config import Config

from autograder.errors import CourseError
from autograder.execute import provisioner
from autograder.sandbox import contents
from autograder.sandbox.containers import find_runtimes
from autograder.sandbox.levels import Isolation
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.settings import MEGABYTE, Settings
from autograder.workplace import workplace
from tests.waiting import wait_for

SMALL = Settings(
    withheld=("torch", "scipy", "lecturelib.conv"),
    memory=1024 * MEGABYTE,
    disk=16 * MEGABYTE,
    processes=20,
    files=100,
)
"""Small limits; absent are packages such as hw03 withholds."""

WAYS = ("forked", "afresh", "container")
"""Kernels forked from a template, or started each for itself, by bwrap or as a container."""


@contextmanager
def way_of(way, folder):
    """Let kernels come in one of the ways; give the level that it is asked for by."""
    with pytest.MonkeyPatch.context() as patch:
        if way == "afresh":
            refuse_namespaces(patch, folder)
        if way == "container":
            skip_without_runtime()
        yield Isolation.CONTAINER if way == "container" else Isolation.STRICT


def refuse_namespaces(patch, folder):
    """Give the template what it finds on a system that makes no namespaces within a sandbox."""
    entry = contents.helper_entry()
    limited = folder / "inside"
    shutil.copytree(entry.source, limited)
    with (limited / "namespaces.py").open("a") as file:
        file.write("def unshare(flags):\n    raise PermissionError(1, 'unshare')\n")
    patch.setattr(contents, "helper_entry", lambda: entry._replace(source=limited))


def skip_without_runtime():
    try:
        find_runtimes()
    except CourseError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session", params=WAYS)
def sandbox(request, tmp_path_factory):
    """A sandbox with small limits, in each of the ways."""
    folder = tmp_path_factory.mktemp("way")
    with (
        way_of(request.param, folder) as isolation,
        workplace() as place,
        Sandbox(SMALL, place, isolation) as sandbox,
    ):
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
        wait_for(lambda: not self.manager.is_alive(), "the kernel still runs", 10)
        return self.manager.provisioner.ended

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def start(sandbox, tmp_path):
    """Start kernels in the sandbox."""
    with ExitStack() as kernels:
        yield lambda seed=0: kernels.enter_context(Kernel(sandbox, tmp_path, seed))


@pytest.fixture
def kernel(start):
    """A kernel in the sandbox."""
    return start()

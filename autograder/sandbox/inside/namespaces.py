"""Linux namespaces and privileges, through the C library: Python 3.11 has no ``os.unshare``."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import socket
import struct

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 32, 4096, 16384, 1 << 19

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
NOBODY = 65534
REFUSED = "kernels get no namespaces of their own"
"""What the template says where the system refuses it what kernels need."""
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def control(option: int, *arguments: int) -> None:
    """Change something about this process, as ``prctl`` does."""
    padded = [*arguments, 0, 0, 0][:4]
    _checked("prctl", option, *map(ctypes.c_ulong, padded))


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for new ones."""
    _checked("unshare", flags)


def new_user(user: int, group: int) -> None:
    """Enter a user namespace of our own, under the same name; children get their own processes."""
    unshare(NEWUSER | NEWPID)
    _map(f"{user} {user} 1", f"{group} {group} 1")


def new_name(user: int) -> None:
    """Enter a user namespace of our own, in which our user goes by another number."""
    users, groups = f"{user} {os.getuid()} 1", f"{user} {os.getgid()} 1"
    unshare(NEWUSER)
    _map(users, groups)


def _map(users: str, groups: str) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", users), ("gid_map", groups)):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def new_world() -> None:
    """Leave the mounts, the network and the shared memory of the others."""
    unshare(NEWNS | NEWNET | NEWIPC | NEWUTS)
    mount("none", "/", None, MS_REC | MS_SLAVE)


def become(user: int = NOBODY) -> None:
    """Stop being root, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    # Who changes its user may not write its own user map, unless it says so.
    control(PR_SET_DUMPABLE, 1)


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Mount a file system."""
    kind_bytes = kind.encode() if kind else None
    _checked(
        "mount",
        source.encode(),
        target.encode(),
        kind_bytes,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )


def bring_up_loopback() -> None:
    """Switch on the network interface ``lo`` of a new network namespace; it leads nowhere else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh", b"lo", 1)
        fcntl.ioctl(any_socket, 0x8914, up)


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it ends."""
    control(PR_SET_PDEATHSIG, 9)


def keep_from_debuggers() -> None:
    """Close this process's memory and open files to others of the same user."""
    control(PR_SET_DUMPABLE, 0)


def bound_privileges() -> None:
    """See to it that no program that is started can get a capability back."""
    control(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        # The last ones do not exist on this kernel.
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def give_up_privileges() -> None:
    """Give up every capability, for good."""
    bound_privileges()
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked("capset", ctypes.byref(header), ctypes.byref(nothing))


def limit(memory: int, processes: int, files: int, file_size: int) -> None:
    """Limit what this process and those that it starts may use."""
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))

"""A filter of system calls, for kernels whose namespaces cannot forbid further ones.

Whoever may make a user namespace is administrator within it, and reaches parts of the system that
were never meant for strangers. A filter forbids that whatever the system's settings are. It is
twenty instructions; the library that would write them is not on every machine.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from autograder.sandbox.inside import namespaces

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
ALLOW, FAIL = 0x7FFF0000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
OTHER_NUMBERS = 0x40000000
"""From here on stand the calls of x32, under other numbers than the same calls have."""

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Numbers for x86-64 and for ARM; from 424 on they are the same everywhere.
FORBIDDEN = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
CLONE, CLONE3 = (56, 220), 435


def instructions(machine: str) -> list[tuple[int, int, int, int]]:
    """Write the filter: code, steps if true, steps if false, operand.

    Raises
    ------
    RuntimeError
        If the numbers of this machine's system calls are not known here.
    """
    if machine not in MACHINES:
        raise RuntimeError(f"there is no filter of system calls for {machine} processors")
    column = list(MACHINES).index(machine)
    refused = (RETURN, 0, 0, FAIL | errno.EPERM)
    program = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, MACHINES[machine]), refused]
    program += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, OTHER_NUMBERS), refused]
    for numbers in FORBIDDEN.values():
        program += [(EQUAL, 0, 1, numbers[column]), refused]
    # Its flags lie in memory, which a filter cannot read; the C library then takes the older call.
    program += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, FAIL | errno.ENOSYS)]
    program += [(EQUAL, 0, 3, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    program += [(ANY_BIT, 0, 1, namespaces.NEWUSER), refused]
    return [*program, (RETURN, 0, 0, ALLOW)]


def install() -> None:
    """Apply the filter to this process and to all that it will start, for good."""
    program = instructions(os.uname().machine)
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    kept = ctypes.create_string_buffer(code)
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program), ctypes.addressof(kept))
    )
    namespaces.control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header))

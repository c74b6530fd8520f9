"""What a kernel can reach, tried from inside it before the first cell of a student's.

Settings can be ignored silently, so the level of isolation is what was found, never what was asked
for. This file is sent to the kernel as text.
"""

from __future__ import annotations


def probe(canaries: list[str]) -> list[str]:
    """List the ways out that are open.

    Parameters
    ----------
    canaries : list of str
        Paths of this course that no submission may see.
    """
    import ctypes
    import os
    import socket

    found = []
    if any(os.path.lexists(path) for path in canaries):
        found.append("it sees the course's files")
    for folder in ("/", os.path.dirname(os.__file__)):
        if os.access(folder, os.W_OK):
            found.append(f"it can write to {folder}")
    with open("/proc/self/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    if os.getuid() == 0 or int(status["CapEff"], 16) or int(status["CapBnd"], 16):
        found.append("it has rights of the administrator's")
    if status["NoNewPrivs"] != "1":
        found.append("it can gain rights by starting programs")
    if len([name for name in os.listdir("/proc") if name.isdigit()]) > 3:
        found.append("it sees the processes of others")
    if [name for _, name in socket.if_nameindex() if name != "lo"]:
        found.append("it has a network")
    if ctypes.CDLL(None).unshare(0x10000000) == 0:
        found.append("it can make itself administrator of a namespace")
    return found

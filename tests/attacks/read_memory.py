"""Memory and command lines of the other processes of the machine."""

ANSWER = r"""
import os

for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (os.getpid(), os.getppid()):
        try:
            text = open(f"/proc/{name}/environ", "rb").read()
            text += open(f"/proc/{name}/cmdline", "rb").read()
            open(f"/proc/{name}/mem", "rb").close()
        except OSError:
            continue
        if b"@ROOT@" in text or b"nbgrader" in text or b"forkserver" in text:
            print("@ESCAPED@ read process", name)


def double(x):
    return -1
"""

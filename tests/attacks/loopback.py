"""A server on the grading machine, called over the loopback network."""

ANSWER = r"""
import socket

try:
    with socket.create_connection(("127.0.0.1", @PORT@), timeout=2) as connection:
        connection.sendall(b"@MARK@")
        print("@ESCAPED@ connected")
except OSError as error:
    print(error)


def double(x):
    return -1
"""

"""The tests sent to a friend: any network but the loopback one."""

ANSWER = r"""
import socket

for name in [name for _, name in socket.if_nameindex()]:
    if name != "lo":
        print("@ESCAPED@ has the network", name)


def double(x):
    return -1
"""

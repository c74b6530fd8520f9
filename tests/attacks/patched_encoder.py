"""The kernel's own encoders replaced by ones that send nonsense."""

ANSWER = r"""
import json
import sys

from jupyter_client.session import Session

for module in list(sys.modules.values()):
    if hasattr(module, "msgpack"):
        module.msgpack.packb = lambda *args, **kwargs: b"nonsense"
json.dumps = lambda *args, **kwargs: "{"
Session.serialize = lambda *args, **kwargs: [b"nonsense"]


def double(x):
    return -1
"""

"""A line to functions in this very process, for code that is the instructor's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autograder.remote import wire
from autograder.remote.student import Server


class Loopback:
    """Stands in for :class:`autograder.remote.link.Link`, with the kernel's side behind it.

    Requests and answers are packed and unpacked as on the way to a kernel, so that a test cell sees
    what it would see there. To the kernel's side, it is both the module ``wire`` and the socket.

    Parameters
    ----------
    namespace : dict
        What takes the place of the names in a student's kernel.
    """

    HEAD = 0
    WireError = wire.WireError
    pack = staticmethod(wire.pack)
    unpack = staticmethod(wire.unpack)

    special_out: wire.Special
    special_in: wire.Special
    on_callback: Any

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.server = Server(self, SimpleNamespace(user_ns=namespace))
        self.server.kernel = SimpleNamespace(stdin_socket=self)
        self.server.envelope = []
        self.answer: tuple[str, Any] = ("", None)
        self.reply: wire.Frames = []

    def request(self, *request: Any) -> tuple[str, Any]:
        """Send a request and return the answer: its kind and its value."""
        frames = wire.pack(list(request), self.special_out)
        self.server.handle(wire.unpack(frames, self.server.special_in))
        return self.answer

    def send_frames(self, _: Any, frames: wire.Frames) -> None:
        """Take what the kernel's side sends: an answer, or a call of a test's function."""
        kind, _, value = wire.unpack(frames, self.special_in)
        if kind == "callback":
            self.reply = wire.pack([0, *self.on_callback(value)], self.special_out)
        else:
            self.answer = kind, value

    def recv_multipart(self) -> wire.Frames:
        """Give the kernel's side what its call of a test's function came to."""
        return self.reply

    @staticmethod
    def parts_of(message: wire.Frames) -> wire.Frames:
        """Return a message's parts: all of them, since none says where it goes."""
        return message

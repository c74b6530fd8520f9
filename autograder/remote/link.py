"""The grader's own line to a student's kernel, beside the one that runs the student's cells.

While a test cell is graded, the kernel runs one silent ``execute_request`` in which it serves: it
asks for input, as ``input()`` does, and each answer to that is the grader's next request. So one
message goes each way, arrays travel as raw frames, and interrupting works as always.
"""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Callable
from importlib import resources
from typing import Any

import zmq
from jupyter_client.session import Session

from autograder.remote.wire import (
    HEAD,
    MAX_BYTES,
    Special,
    WireError,
    pack,
    parts_of,
    send_frames,
    unpack,
)

MAX_FRAMES = 10_000
MAX_STALE = 10
MAX_WAITING = 2
POLL = 50
"""Milliseconds between looks at whether the kernel still lives."""

NAME = "_course_student"
PREPARE = """
def _prepare():
    import sys, types
    for name, text in {sources!r}.items():
        module = types.ModuleType(name)
        module.__file__ = "<" + name + ">"
        sys.modules[name] = module
        exec(compile(text, module.__file__, "exec"), module.__dict__)
    module.server = module.Server(sys.modules["_course_wire"], get_ipython())
try:
    _prepare()
finally:
    del _prepare
"""
SERVE = f"__import__('sys').modules[{NAME!r}].server.serve()"


class KernelGoneError(Exception):
    """The kernel ended, or answers no more; the message says which."""


class NotServingError(KernelGoneError):
    """The kernel does not begin to answer requests."""


class OutOfTimeError(Exception):
    """A test cell used up its time."""


def source_of_helper() -> str:
    """Return the code that prepares a fresh kernel."""
    folder = resources.files("autograder.remote")
    sources = {
        name: (folder / file).read_text(encoding="utf-8")
        for name, file in (("_course_wire", "wire.py"), (NAME, "student.py"))
    }
    return PREPARE.format(sources=sources)


class Link:
    """A connection to one kernel.

    Parameters
    ----------
    connection : dict
        The kernel's connection information, as ``KernelManager.get_connection_info`` gives it.
    alive : callable
        Says whether the kernel's process still runs.
    interrupt : callable
        Interrupts what the kernel is doing.
    """

    def __init__(
        self,
        connection: dict[str, Any],
        alive: Callable[[], bool],
        interrupt: Callable[[], None],
    ) -> None:
        self.alive, self.interrupt = alive, interrupt
        self.session = Session(
            key=connection["key"], signature_scheme=connection["signature_scheme"]
        )
        self.context = zmq.Context()
        # Before any socket exists: a peer that sends more is cut off by libzmq itself.
        self.context.setsockopt(zmq.MAXMSGSIZE, MAX_BYTES + 1_000_000)
        self.context.setsockopt(zmq.LINGER, 0)
        self.shell = self._connect(connection, "shell")
        self.stdin = self._connect(connection, "stdin")
        # Only what a message carries behind these parts differs from one request to the next.
        self.envelope = self.session.serialize(self.session.msg("input_reply", {"value": ""}))
        self.sequence = 0
        self.serving = False
        self.settled = True
        """Whether the last request has had its answer."""
        self.deadline = float("inf")
        self.special_out: Special
        self.special_in: Special
        self.on_callback: Callable[[Any], Any]

    def _connect(self, connection: dict[str, Any], channel: str) -> zmq.Socket[bytes]:
        socket = self.context.socket(zmq.DEALER)
        socket.identity = self.session.bsession
        socket.rcvtimeo = POLL
        # One answer follows one request: whatever else a kernel sends shall wait where it is.
        socket.rcvhwm = MAX_WAITING
        address, port = connection["ip"], connection[f"{channel}_port"]
        mark = "-" if connection["transport"] == "ipc" else ":"
        socket.connect(f"{connection['transport']}://{address}{mark}{port}")
        return socket

    def close(self) -> None:
        """Let go of the sockets."""
        self.context.destroy(linger=0)

    def prepare(self, seconds: float) -> None:
        """Put the helper into a fresh kernel, before any cell of the student's runs."""
        self.deadline = time.monotonic() + seconds
        self._execute(source_of_helper())
        reply = self._receive(self.shell)
        if _content(reply).get("status") != "ok":
            raise KernelGoneError("the kernel could not be prepared for grading")

    def evaluate(self, code: str, expression: str, seconds: float) -> Any:
        """Run code in a fresh kernel and return a value, as the data that its text stands for."""
        self.deadline = time.monotonic() + seconds
        self._execute(code, {"value": expression})
        answer = _content(self._receive(self.shell)).get("user_expressions", {}).get("value", {})
        try:
            return ast.literal_eval(answer["data"]["text/plain"])
        except (KeyError, TypeError, ValueError, SyntaxError) as error:
            raise KernelGoneError(f"a fresh kernel could not be asked: {answer!r:.500}") from error

    def run(self, code: str, seconds: float) -> None:
        """Run code whose outputs nobody needs: cells of before, in a kernel that took over."""
        self.deadline = time.monotonic() + seconds
        self._drain()
        self._execute(code)
        self._receive(self.shell)

    def open(self, seconds: float) -> None:
        """Let requests be answered from here on, until :meth:`finish`."""
        if not self.settled:
            self.finish()
        self.deadline = time.monotonic() + seconds
        if self.serving:
            return
        self._drain()
        self._execute(SERVE)
        self.serving = self.settled = True
        try:
            kind, _ = self._answer()
        except (KernelGoneError, WireError) as error:
            raise NotServingError(str(error)) from error
        if kind != "ready":
            raise NotServingError("the kernel does not serve the grader's requests")

    def finish(self) -> None:
        """Let the kernel run cells again."""
        if not self.serving:
            return
        self.serving = False
        self.deadline = time.monotonic() + 5
        self._send(["finish"])
        self._receive(self.shell)

    def request(self, *request: Any) -> tuple[str, list[Any]]:
        """Send a request and return the answer: its kind and its value.

        Raises
        ------
        OutOfTimeError
            If the time of the cell is over; the kernel was interrupted and serves on.
        KernelGoneError
            If the kernel ended, or did not even react to the interrupt.
        WireError
            If what came is not data.
        """
        self._check_time()
        self.settled = False
        self._send(list(request))
        while True:
            kind, value = self._answer()
            if kind != "callback":
                self.settled = True
                return kind, value
            self._check_time()
            self._send(self.on_callback(value))

    # Messages.

    def _execute(self, code: str, expressions: dict[str, str] | None = None) -> None:
        content = {
            "code": code,
            "silent": True,
            "store_history": False,
            "user_expressions": expressions or {},
            "allow_stdin": True,
            "stop_on_error": False,
        }
        self.session.send(self.shell, "execute_request", content)

    def _send(self, request: list[Any]) -> None:
        self.sequence += 1
        frames = pack([self.sequence, *request], self.special_out)
        send_frames(self.stdin, [*self.envelope, *frames])

    def _answer(self) -> tuple[str, Any]:
        for _ in range(MAX_STALE):
            answer = unpack(parts_of(self._receive(self.stdin))[HEAD:], self.special_in)
            if type(answer) is not list or len(answer) != 3 or type(answer[0]) is not str:
                raise WireError("an answer of the wrong form")
            kind, sequence, value = answer
            if sequence == self.sequence:
                return kind, value
            # It came after one that the student's code had made up.
        raise WireError("an answer to another request")

    def _receive(self, socket: zmq.Socket[bytes]) -> list[bytes]:
        """Wait for a message; if time runs out, interrupt the kernel once and wait a little."""
        interrupted = False
        while (message := _next(socket)) is None:
            if not self.alive():
                raise KernelGoneError("the kernel died")
            if socket is self.stdin and self.shell.poll(0):
                raise KernelGoneError("the kernel stopped serving the grader's requests")
            if time.monotonic() > self.deadline + (3 if interrupted else 0):
                if interrupted:
                    raise KernelGoneError("the kernel ran out of time and ignored the interrupt")
                self.interrupt()
                interrupted = True
        if interrupted and socket is self.stdin:
            raise OutOfTimeError("ran out of time")
        if len(message) > MAX_FRAMES:
            raise WireError("a message of too many parts")
        return message

    def _check_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise OutOfTimeError("ran out of time")

    def _drain(self) -> None:
        """Forget what came unasked: a late answer, or what a cell of the student's sent."""
        for socket in (self.stdin, self.shell):
            for _ in range(MAX_FRAMES):
                if not socket.poll(0):
                    break
                socket.recv_multipart()


def _next(socket: zmq.Socket[bytes]) -> list[bytes] | None:
    """Wait a little for a message, which takes half the time of asking first if there is one."""
    try:
        return socket.recv_multipart()
    except zmq.Again:
        return None


def _content(message: list[bytes]) -> dict[str, Any]:
    content = parts_of(message)[HEAD - 1]
    try:
        value = json.loads(content[:MAX_FRAMES])
    except (ValueError, RecursionError) as error:
        raise WireError("a reply that is not JSON") from error
    return value if isinstance(value, dict) else {}

"""The kernel's side: looks up and calls what the student wrote, when the grader asks.

This file is sent to the kernel as text, with :mod:`autograder.remote.wire`, and run there before
any cell of the student's. From then on it is as untrusted as everything else in that process: the
grader believes nothing that it says, and only decodes data from it.
"""

from __future__ import annotations

import builtins
import importlib
import io
import operator
import sys
import traceback
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

MAX_PRINTED = 20_000
MAX_MESSAGE = 2_000
EXCEPTIONS = {
    value: name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException) and value.__name__ == name
}
OPERATORS = {
    name: getattr(operator, name)
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs"),
        *("lt", "le", "gt", "ge", "eq", "ne", "contains", "getitem", "setitem", "delitem"),
    )
}


class Finished(Exception):  # noqa: N818 - it is none
    """The grader needs no more."""


class Limited(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, text: str) -> int:
        room = MAX_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class Server:
    """Answers the grader's requests, one after another, on the kernel's stdin channel."""

    def __init__(self, wire: Any, shell: Any) -> None:
        self.wire, self.shell = wire, shell
        self.handles: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.sequence = 0

    def serve(self) -> None:
        """Handle requests until the grader has no more."""
        self.kernel = self.shell.kernel
        session = self.kernel.session
        ident = self.kernel._get_shell_context_var(self.kernel._shell_parent_ident)
        content = {"prompt": "", "password": False}
        message = session.msg("input_request", content, self.kernel.get_parent("shell"))
        # Only what a message carries behind these parts differs from one answer to the next.
        self.envelope = session.serialize(message, ident)
        self.send("ready", None)
        try:
            while True:
                self.handle(self.receive())
        except Finished:
            pass

    # Transport: one message to the grader, one back.

    def send(self, kind: str, value: Any) -> None:
        try:
            frames = self.wire.pack([kind, self.sequence, value], self.special_out)
        except Exception as error:
            wrong: list[Any] = ["WireError", "ValueError", f"the answer {error}", [], None, ""]
            frames = self.wire.pack(["error", self.sequence, wrong], self.special_out)
        self.wire.send_frames(self.kernel.stdin_socket, [*self.envelope, *frames])

    def receive(self) -> list[Any]:
        socket = self.kernel.stdin_socket
        while True:
            try:
                frames = self.wire.parts_of(socket.recv_multipart())[self.wire.HEAD :]
                if frames:
                    request: list[Any]
                    self.sequence, *request = self.wire.unpack(frames, self.special_in)
                    return request
            except KeyboardInterrupt:
                # An interrupt that was meant for a call which had just ended.
                continue

    # Objects that are no data.

    def special_out(self, value: Any) -> list[Any]:
        if is_generator(value):
            return ["g", *self.wire.pack(value.bit_generator.state, self.special_out)]
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.handles)
            self.handles.append(value)
        kind = "object"
        if isinstance(value, type):
            kind = "exception" if issubclass(value, BaseException) else "class"
        elif isinstance(value, (FunctionType, BuiltinFunctionType, MethodType)):
            kind = "function"
        name = getattr(value, "__name__", None) or type(value).__name__
        base = builtin_base(value) if kind == "exception" else ""
        return ["h", number, kind, str(name)[:100], base]

    def special_in(self, tree: list[Any]) -> Any:
        tag, *rest = tree
        if tag == "h":
            return self.handles[rest[0]]
        if tag == "k":
            return self.callback(*rest)
        if tag == "p":
            module, qualified = rest
            return operator.attrgetter(qualified)(importlib.import_module(module))
        if tag == "g":
            return generator(self.wire.unpack(rest, self.special_in))
        raise self.wire.WireError(f"unknown kind {tag!r}")

    def callback(self, number: int, name: str) -> Callable[..., Any]:
        def call_the_test(*args: Any, **kwargs: Any) -> Any:
            self.send("callback", [number, list(args), kwargs])
            while True:
                kind, *rest = self.receive()
                if kind == "return":
                    return rest[0]
                if kind == "raise":
                    raise getattr(builtins, rest[0], RuntimeError)(rest[1])
                self.handle([kind, *rest])

        call_the_test.__name__ = name
        return call_the_test

    # Requests.

    def handle(self, request: list[Any]) -> None:
        kind, *rest = request
        if kind == "finish":
            raise Finished
        printed = Limited()
        before = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = printed
        try:
            value, changed = getattr(self, f"do_{kind}")(*rest)
            answer = "value", [value, changed, None]
        except BaseException as error:  # a student's sys.exit() must not end the service
            answer = "error", self.describe(error)
        finally:
            sys.stdout, sys.stderr = before
        answer[1][-1] = printed.getvalue()
        self.send(*answer)

    def describe(self, error: BaseException) -> list[Any]:
        frames = traceback.extract_tb(error.__traceback__)
        # Frames of this file and of the wire come first and say nothing to a student.
        lines = [
            f"line {frame.lineno} of {frame.name}: {frame.line or ''}"[:200]
            for frame in frames
            if frame.filename != __file__
        ]
        try:
            message = str(error)[:MAX_MESSAGE]
        except Exception:
            message = ""
        kind = None if type(error) in EXCEPTIONS else type(error)
        return [type(error).__name__, builtin_base(error), message, lines[-8:], kind, ""]

    def do_lookup(self, names: list[str]) -> Any:
        space = self.shell.user_ns
        return {name: space[name] for name in names if name in space}, None

    def do_call(self, target: Any, args: list[Any], kwargs: dict[str, Any], in_place: bool) -> Any:
        value = target(*args, **kwargs)
        return value, ([args, kwargs] if in_place else self.generators(args, kwargs))

    def generators(self, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Random generators go back as they are now: drawing from one is not a mistake."""
        return [
            [item if is_generator(item) else None for item in args],
            {key: item for key, item in kwargs.items() if is_generator(item)},
        ]

    def do_getattr(self, target: Any, name: str) -> Any:
        return getattr(target, name), None

    def do_setattr(self, target: Any, name: str, value: Any) -> Any:
        setattr(target, name, value)
        return None, None

    def do_operator(self, name: str, args: list[Any]) -> Any:
        return OPERATORS[name](*args), None

    def do_isinstance(self, target: Any, kind: Any) -> Any:
        return isinstance(target, kind), None

    def do_issubclass(self, target: Any, kind: Any) -> Any:
        return issubclass(target, kind), None

    def do_len(self, target: Any) -> Any:
        return len(target), None

    def do_text(self, target: Any, form: str) -> Any:
        return (repr(target) if form == "repr" else str(target)), None

    def do_iter(self, target: Any) -> Any:
        iterator = iter(target)
        if type(iterator) in (list, tuple, dict, set):
            raise TypeError("an iterator was expected")
        return iterator, None

    def do_next(self, target: Any) -> Any:
        return next(target), None


def builtin_base(error: Any) -> str:
    """Name the nearest class of Python's own that an exception belongs to."""
    kind = error if isinstance(error, type) else type(error)
    return next(EXCEPTIONS[base] for base in kind.__mro__ if base in EXCEPTIONS)


def is_generator(value: Any) -> bool:
    """Tell whether a value is one of NumPy's random generators."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.random.Generator


def generator(state: dict[str, Any]) -> Any:
    """Make a NumPy random generator with a given state."""
    import numpy as np

    bits = getattr(np.random, state["bit_generator"])()
    bits.state = state
    return np.random.Generator(bits)

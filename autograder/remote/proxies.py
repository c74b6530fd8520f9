"""What a test cell holds in place of a student's functions, classes and objects.

A proxy reads and behaves as if the thing were local, as far as that is safe: calling it, its
attributes, items and operators work; comparing it with ``==``, asking for its truth value and
turning it into an array raise, because there a student's object would decide the outcome of a test.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, NoReturn

import numpy as np

from autograder.remote.link import Link, OutOfTimeError
from autograder.remote.loopback import Loopback
from autograder.remote.wire import WireError, pack, unpack

MAX_PRINTED = 100_000
LIBRARIES = ("builtins", "math", "operator", "numpy", "torch")
"""Where functions and types come from that a test may hand to a student's function by name."""
MT19937_SIZE, PHILOX_SIZE = 624, 4
"""How many numbers these two of NumPy's generators keep ready."""
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")

OnAnswer = Callable[[str, Any], None]
"""Hears the kind of an answer and the answer itself."""


class RemoteError(Exception):
    """Base of the classes that stand for exceptions which a student defined."""


class Student:
    """The student's side of a submission, as test cells see it.

    Parameters
    ----------
    link : Link or Loopback
        The line to what the student wrote.
    is_test_code : callable
        Says whether a function was defined by a test: only those may be called back.
    asks_for_classes : bool
        Whether the homework asks for classes, so that operators on their instances are an answer.
        Where it does not, nothing that is no data has operators: an object of a class of the
        student's own could give 0 for its distance from whatever a test expects.
    """

    def __init__(
        self,
        link: Link | Loopback,
        is_test_code: Callable[[FunctionType], bool],
        asks_for_classes: bool = False,
    ) -> None:
        self.link, self.is_test_code = link, is_test_code
        self.asks_for_classes = asks_for_classes
        self.hidden = False
        self.room = MAX_PRINTED
        self.on_answer: OnAnswer = _forget
        """Told of what the student's code does: the kind of each answer (``value``, ``error``, or
        what went wrong on the way) and the answer itself."""
        self._callbacks: list[FunctionType] = []
        self._exceptions: dict[int, type[BaseException]] = {}
        self._things: dict[int, Any] = {}
        self._mixed: set[int] = set()
        link.special_out, link.special_in = self._out, self._in
        link.on_callback = self._call_back

    def lookup(self, names: list[str]) -> dict[str, Any]:
        """Fetch the student's values of names: data as copies, all else as proxies."""
        found = self._answered(*self.link.request("lookup", names))[0]
        if type(found) is not dict or not set(found) <= set(names):
            raise WireError("names that were not asked for")
        return found

    def ask(self, *request: Any) -> Any:
        """Send a request; return its value, or raise what the student's code raised."""
        return self._ask(self.on_answer, *request)[0]

    def call(
        self,
        target: Any,
        args: Any,
        kwargs: dict[str, Any],
        *,
        in_place: bool = False,
        recorded: bool = True,
    ) -> Any:
        """Call something of the student's."""
        on_answer = self.on_answer if recorded else _forget
        value, changed = self._ask(on_answer, "call", target, list(args), kwargs, in_place)
        _restore(args, kwargs, changed, in_place)
        return value

    def operate(self, name: str, target: RemoteObject, operands: list[Any]) -> Any:
        """Apply an operator, unless its outcome could stand for that of a comparison.

        A number of the test's may be among the operands of an instance, as in ``2 * a``; but what
        comes of that, and of what comes of it, must be an instance again. Else ``abs(a - 2)`` would
        be what the student likes.
        """
        others = [other for other in operands if not isinstance(other, RemoteObject)]
        if not self.asks_for_classes or any(type(other) not in (int, float) for other in others):
            target._undecided()
        value = self.ask("operator", name, operands)
        if others or any(_number(each) in self._mixed for each in operands):
            if not isinstance(value, RemoteObject):
                target._undecided()
            self._mixed.add(_number(value))
        return value

    def _ask(self, on_answer: OnAnswer, *request: Any) -> tuple[Any, Any]:
        try:
            kind, answer = self.link.request(*request)
        except Exception as error:
            on_answer(type(error).__name__, None)
            raise
        on_answer(kind, answer)
        return self._answered(kind, answer)

    def _answered(self, kind: str, answer: Any) -> tuple[Any, Any]:
        if type(answer) is not list or (kind, len(answer)) not in (("value", 3), ("error", 6)):
            raise WireError("an answer of the wrong form")
        self._keep(answer[-1])
        if kind == "error":
            raise self._exception(*answer[:5])
        return answer[0], answer[1]

    def _keep(self, printed: Any) -> None:
        """Show what student code printed, except in hidden checks: it could tell of them."""
        if type(printed) is str and not self.hidden:
            sys.stdout.write(printed[: self.room])
            self.room = max(0, self.room - len(printed))

    def _exception(
        self, name: Any, base: Any, message: Any, lines: Any, kind: Any
    ) -> BaseException:
        if not (type(name) is type(base) is type(message) is str and type(lines) is list):
            raise WireError("an error of the wrong form")
        if self.hidden:
            message = "(what it says is withheld, since a hidden check called your code)"
        local: Any = kind if isinstance(kind, type) else _builtin_exception(base)
        try:
            error: BaseException = local(message)
        except Exception:  # such as UnicodeDecodeError, which cannot be made of a message
            error = ValueError(message)
        error.add_note("\n".join(line for line in lines if type(line) is str)[:2000])
        return error

    # Crossing over.

    def _out(self, value: Any) -> list[Any]:
        if isinstance(value, RemoteObject):
            return ["h", _number(value)]
        if isinstance(value, type) and issubclass(value, RemoteError):
            return ["h", next(n for n, kind in self._exceptions.items() if kind is value)]
        if type(value) is FunctionType and self.is_test_code(value):
            self._callbacks.append(value)
            return ["k", len(self._callbacks) - 1, value.__name__]
        if type(value) is np.random.Generator:
            return ["g", *_pack_state(value)]
        reference = _reference(value)
        if reference is not None:
            return reference
        raise TypeError(f"a {type(value).__name__} cannot be handed to a student's function")

    def _in(self, tree: list[Any]) -> Any:
        tag, *rest = tree
        if tag == "g":
            return _generator(unpack(rest, _refuse))
        if tag != "h" or len(rest) != 4:
            raise WireError(f"a value of unknown kind {tag[:10]!r}")
        number, kind, name, base = rest
        if type(number) is not int or not all(type(part) is str for part in rest[1:]):
            raise WireError("a handle of the wrong form")
        if kind == "exception":
            return self._exceptions.setdefault(number, _exception_class(name[:100], base))
        if number not in self._things:
            self._things[number] = RemoteObject(self, number, name[:100])
        return self._things[number]

    def _call_back(self, value: Any) -> list[Any]:
        if type(value) is not list or len(value) != 3:
            raise WireError("a call of the wrong form")
        number, args, kwargs = value
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise WireError("a call of something else than a test's function")
        if type(args) is not list or type(kwargs) is not dict:
            raise WireError("a call of the wrong form")
        try:
            return ["return", self._callbacks[number](*args, **kwargs)]
        except OutOfTimeError:
            raise  # the time is the test's, and no student's code may go on with it
        except Exception as error:
            base = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
            return ["raise", base, str(error)[:1000]]


class RemoteObject:
    """Something of the student's that is no data: a function, a class or an instance."""

    def __init__(self, student: Student, number: int, name: str) -> None:
        for key, value in (("_student", student), ("_number", number), ("__name__", name)):
            object.__setattr__(self, key, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with copies of the arguments."""
        return self._student.call(self, args, kwargs)

    @property
    def in_place(self) -> Callable[..., Any]:
        """Call it so that what it changes in its arguments is changed here too."""
        return lambda *args, **kwargs: self._student.call(self, args, kwargs, in_place=True)

    @property
    def unrecorded(self) -> Callable[..., Any]:
        """Call it as often as you like: what it answers is not compared with known mistakes."""
        return lambda *args, **kwargs: self._student.call(self, args, kwargs, recorded=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            # Protocols of Python and NumPy (__array__, __index__, __reduce__) stay local.
            raise AttributeError(name)
        return self._student.ask("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._student.ask("setattr", self, name, value)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, RemoteObject) and bool(
            self._student.ask("isinstance", value, self) is True
        )

    def __subclasscheck__(self, kind: Any) -> bool:
        return isinstance(kind, RemoteObject) and bool(
            self._student.ask("issubclass", kind, self) is True
        )

    def __len__(self) -> int:
        size = self._student.ask("len", self)
        if type(size) is not int or not 0 <= size < 2**40:
            raise WireError("a length that is no number")
        return size

    def __iter__(self) -> Iterator[Any]:
        iterator = self._student.ask("iter", self)
        if not isinstance(iterator, RemoteObject):
            raise WireError("an iterator that is none")
        while True:
            try:
                value = self._student.ask("next", iterator)
            except StopIteration:
                return
            yield value

    def __next__(self) -> Any:
        return self._student.ask("next", self)

    def __contains__(self, item: Any) -> bool:
        if not self._student.asks_for_classes:
            self._undecided()
        return self._student.ask("operator", "contains", [self, item]) is True

    def __repr__(self) -> str:
        return f"<{self.__name__} of the student's>"

    __hash__ = object.__hash__

    def _undecided(self, *_: Any) -> NoReturn:
        """Refuse what would let the student's object decide the outcome of a test."""
        raise TypeError(
            f"{self.__name__}: expected plain data (numbers, lists, NumPy arrays), got an object "
            "of a class of the student's"
        )

    __eq__ = __ne__ = __bool__ = __array__ = __float__ = __int__ = __index__ = _undecided


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    def apply(self: RemoteObject, *others: Any) -> Any:
        operands = [*others, self] if reflected else [self, *others]
        return self._student.operate(name, self, operands)

    return apply


def _item(name: str) -> Callable[..., Any]:
    return lambda self, *rest: self._student.ask("operator", name, [self, *rest])


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(RemoteObject, f"__{_name}__", _operator(_name))
    setattr(RemoteObject, f"__r{_name}__", _operator(_name, reflected=True))
for _name in ("neg", "pos", "abs", "lt", "le", "gt", "ge"):
    setattr(RemoteObject, f"__{_name}__", _operator(_name))
for _name in ("getitem", "setitem", "delitem"):
    setattr(RemoteObject, f"__{_name}__", _item(_name))


def _forget(_: str, __: Any) -> None:
    """Take no notice of an answer."""


def _number(value: RemoteObject) -> int:
    number: int = object.__getattribute__(value, "_number")
    return number


def _builtin_exception(name: str) -> type[Exception]:
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        return kind
    # What is no Exception (SystemExit, KeyboardInterrupt) must not end the grader.
    return type(name[:50], (RemoteError,), {})


def _exception_class(name: str, base: str) -> type[BaseException]:
    return type(name, (RemoteError, _builtin_exception(base)), {})


def _reference(value: Any) -> list[Any] | None:
    """Name a library's function, type or dtype, if that is what ``value`` is."""
    if isinstance(value, np.dtype):
        value = value.type
    if not isinstance(value, (type, BuiltinFunctionType, FunctionType, np.ufunc)):
        return None
    module = getattr(value, "__module__", None) or "numpy"
    name = getattr(value, "__qualname__", None) or value.__name__
    if module.split(".")[0] not in LIBRARIES:
        return None
    home: ModuleType | None = sys.modules.get(module)
    return ["p", module, name] if getattr(home, name, None) is value else None


def _pack_state(rng: np.random.Generator) -> list[bytes]:
    return pack(rng.bit_generator.state, _refuse)


def _refuse(_: Any) -> NoReturn:
    raise WireError("a random state with something else than numbers in it")


def _generator(state: Any) -> np.random.Generator:
    if type(state) is not dict or state.get("bit_generator") not in BIT_GENERATORS:
        raise WireError("a random generator of unknown kind")
    _check_places(state)
    bits = getattr(np.random, state["bit_generator"])(0)
    try:
        bits.state = state
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise WireError("a random generator in an impossible state") from error
    return np.random.Generator(bits)


def _check_places(state: dict[Any, Any]) -> None:
    """Check what NumPy believes: where in its buffer to read on, be that in the buffer or not."""
    inner = state.get("state")
    place = inner.get("pos", 0) if type(inner) is dict else 0
    for found, size in ((place, MT19937_SIZE), (state.get("buffer_pos", 0), PHILOX_SIZE)):
        if type(found) is not int or not 0 <= found <= size:
            raise WireError("a random generator in an impossible state")


def _restore(args: Any, kwargs: dict[str, Any], changed: Any, in_place: bool) -> None:
    if changed is None:
        return
    if type(changed) is not list or len(changed) != 2:
        raise WireError("changes of the wrong form")
    items, named = changed
    if type(items) is not list or type(named) is not dict or len(items) != len(args):
        raise WireError("changes of the wrong form")
    named_pairs = ((kwargs[name], new) for name, new in named.items() if name in kwargs)
    for mine, new in (*zip(args, items, strict=True), *named_pairs):
        if type(mine) is type(new) is np.random.Generator:
            _advance(mine, new)
        elif in_place:
            _overwrite(mine, new)


def _advance(mine: np.random.Generator, new: np.random.Generator) -> None:
    """Let a generator go on where the student's function left it."""
    if type(mine.bit_generator) is type(new.bit_generator):
        mine.bit_generator.state = new.bit_generator.state


def _overwrite(mine: Any, new: Any) -> None:
    """Change an argument as the student's function changed its copy."""
    if type(mine) is np.ndarray and type(new) is np.ndarray:
        if mine.shape == new.shape and mine.dtype == new.dtype and mine.flags.writeable:
            mine[...] = new
    elif type(mine) is list and type(new) is list:
        mine[:] = new
    elif type(mine) in (dict, set) and type(mine) is type(new):
        mine.clear()
        mine.update(new)
    elif type(mine).__name__ == "Tensor" and type(mine) is type(new) and mine.shape == new.shape:
        mine.data.copy_(new)

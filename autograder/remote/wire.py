"""Plain data on their way between the grader and a student's kernel.

Values become a tree that ``msgpack`` can pack, with arrays as raw buffers beside it. Only exact,
listed types are data; anything else is a *handle*, which stays where it is and crosses as a number.
Decoding runs nobody's code: types and dtypes are looked up in tables, sizes are checked before
memory is taken. The file is also run inside the kernel, so it imports nothing of the course's.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgpack
import numpy as np
import zmq

DELIMITER, HEAD = b"<IDS|MSG>", 5
"""What ends a message's addresses, and how many parts stand between it and the data."""

MORE = int(zmq.SNDMORE)
"""As a plain number: combining flags takes longer than sending does."""

MAX_NODES = 1_000_000
MAX_DEPTH = 60
MAX_BYTES = 256_000_000
MAX_BITS = 100_000
"""Of an integer: far beyond what a test needs, and still quick to compare and print."""

DTYPES = {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
TENSOR_DTYPES = frozenset(DTYPES) - {"uint16", "uint32", "uint64"}
SCALARS = frozenset(dtype.type for dtype in DTYPES.values())
SEQUENCES: dict[type, str] = {list: "l", tuple: "t", set: "s", frozenset: "f"}
BUILDERS: dict[str, Callable[[list[Any]], Any]] = {
    "l": list,
    "t": tuple,
    # Item by item in Python, so that a time limit can interrupt keys made to collide.
    "s": lambda items: {item for item in items},  # noqa: C416
    "f": lambda items: frozenset({item for item in items}),  # noqa: C416
}

Frames = list[bytes]
Special = Callable[[Any], list[Any]]


class WireError(ValueError):
    """What came, or should go, over the wire is not data that may cross it."""


def parts_of(message: list[bytes]) -> list[bytes]:
    """Return a Jupyter message's parts behind its addresses: signature, four of JSON, buffers.

    Raises
    ------
    WireError
        If it is no such message.
    """
    if DELIMITER not in message:
        raise WireError("not a message of the Jupyter protocol")
    parts = message[message.index(DELIMITER) + 1 :]
    if len(parts) < HEAD:
        raise WireError("an incomplete message")
    return parts


def send_frames(socket: zmq.Socket[bytes], frames: Frames) -> None:
    """Send a message of several parts."""
    *first, last = frames
    for frame in first:
        socket.send(frame, MORE)
    socket.send(last)


def pack(value: object, special: Special) -> Frames:
    """Encode a value as frames: the packed tree, then one buffer an array.

    Parameters
    ----------
    value : object
        What to send.
    special : callable
        Called for what is not plain data; returns a tagged list, or raises TypeError.

    Raises
    ------
    WireError
        If the value is too large or nested too deeply.
    """
    encoder = _Encoder(special)
    tree = encoder.encode(value, 0)
    try:
        packed: bytes = msgpack.packb(tree, use_bin_type=True)
    except (ValueError, UnicodeEncodeError) as error:
        raise WireError(f"cannot be sent: {error}") from error
    return [packed, *encoder.buffers]


def unpack(frames: Sequence[bytes | memoryview], special: Special) -> Any:
    """Decode frames of :func:`pack`; ``special`` turns the tagged lists of handles into objects.

    Raises
    ------
    WireError
        If the frames are anything else than data within the limits.
    """
    if not frames:
        raise WireError("an empty message")
    if sum(len(frame) for frame in frames) > 2 * MAX_BYTES:
        raise WireError("a message beyond the size limit")
    try:
        tree = msgpack.unpackb(
            frames[0],
            raw=False,
            strict_map_key=True,
            max_array_len=MAX_NODES,
            max_map_len=0,
            max_ext_len=0,
        )
    except (ValueError, msgpack.UnpackException, msgpack.ExtraData, RecursionError) as error:
        raise WireError(f"not a packed value: {type(error).__name__}") from error
    return _Decoder(frames[1:], special).decode(tree, 0)


class _Counted:
    """What is encoded or decoded, counted on the way."""

    nodes = bytes = 0

    def _count(self, size: int) -> None:
        """Add up the data themselves, on decoding what is made of them: arrays may share theirs."""
        self.bytes += size
        if self.bytes > MAX_BYTES:
            raise WireError(f"more than {MAX_BYTES // 1_000_000} MB of data")


class _Encoder(_Counted):
    def __init__(self, special: Special) -> None:
        self.special = special
        self.buffers: list[bytes] = []

    def encode(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError(f"more than {MAX_NODES} values, or nested deeper than {MAX_DEPTH}")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is str or kind is bytes:
            self._count(len(value))
            return value
        if kind is int:
            return _encode_int(value)
        if kind in SEQUENCES:
            return [SEQUENCES[kind], [self.encode(item, depth + 1) for item in value]]
        if kind is dict:
            items = [self.encode(part, depth + 1) for pair in value.items() for part in pair]
            return ["d", items]
        return self._encode_rarer(value, kind, depth)

    def _encode_rarer(self, value: Any, kind: type, depth: int) -> Any:
        if kind is np.ndarray:
            return self._encode_array(value, depth)
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind in (slice, range):
            parts = [value.start, value.stop, value.step]
            return ["S" if kind is slice else "r", [self.encode(p, depth + 1) for p in parts]]
        if value is Ellipsis:
            return ["e"]
        if kind in SCALARS:
            return ["n", NAMES[value.dtype], value.tobytes()]
        torch = sys.modules.get("torch")
        if torch is not None and kind in (torch.Tensor, torch.nn.Parameter):
            return self._encode_tensor(torch, value)
        return self.special(value)

    def _encode_array(self, value: Any, depth: int) -> Any:
        shape = list(value.shape)
        name = NAMES.get(value.dtype)
        if name is not None:
            self._count(value.nbytes)
            self.buffers.append(value.tobytes())
            return ["a", name, shape, len(self.buffers) - 1]
        if value.dtype.kind == "U":
            return ["u", shape, [self.encode(item, depth + 1) for item in value.ravel().tolist()]]
        return self.special(value)

    def _encode_tensor(self, torch: Any, value: Any) -> Any:
        name = str(value.dtype).removeprefix("torch.")
        if name not in TENSOR_DTYPES or value.layout is not torch.strided:
            return self.special(value)
        array = value.detach().cpu().contiguous().resolve_conj().resolve_neg().numpy()
        self._count(array.nbytes)
        self.buffers.append(array.tobytes())
        return ["T", name, list(value.shape), len(self.buffers) - 1]


def _encode_int(value: int) -> Any:
    if -(2**63) <= value < 2**64:
        return value
    if value.bit_length() > MAX_BITS:
        raise WireError(f"an integer of more than {MAX_BITS} bits")
    return ["i", hex(value)]


class _Decoder(_Counted):
    def __init__(self, buffers: Sequence[bytes | memoryview], special: Special) -> None:
        self.buffers = buffers
        self.special = special

    def decode(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError(f"more than {MAX_NODES} values, or nested deeper than {MAX_DEPTH}")
        if tree is None or type(tree) in (bool, int, float, str, bytes):
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise WireError(f"an untagged {type(tree).__name__}")
        tag, *rest = tree
        try:
            return self._decode_tagged(tag, rest, depth)
        except WireError:
            raise
        except (TypeError, ValueError, OverflowError, IndexError, AttributeError) as error:
            raise WireError(f"a malformed value of kind {tag[:1]!r}") from error

    def _items(self, items: Any, depth: int) -> list[Any]:
        if type(items) is not list:
            raise WireError("items that are no list")
        return [self.decode(item, depth + 1) for item in items]

    def _decode_tagged(self, tag: str, rest: list[Any], depth: int) -> Any:
        if tag in BUILDERS:
            (items,) = rest
            return BUILDERS[tag](self._items(items, depth))
        if tag == "d":
            (items,) = rest
            flat = self._items(items, depth)
            return {key: item for key, item in zip(flat[::2], flat[1::2], strict=True)}  # noqa: C416
        if tag in ("S", "r"):
            (items,) = rest
            start, stop, step = self._items(items, depth)
            return slice(start, stop, step) if tag == "S" else range(start, stop, step)
        if tag == "a":
            return self._array(*rest)
        if tag == "u":
            shape, items = rest
            return self._texts(items).reshape(_shape(shape))
        if tag == "T":
            return self._tensor(*rest)
        if tag == "n":
            name, raw = rest
            return np.frombuffer(raw, DTYPES[_known(name)], count=1)[0]
        if tag == "c":
            real, imaginary = rest
            return complex(float(real), float(imaginary))
        if tag == "i":
            (digits,) = rest
            if len(digits) > MAX_BITS // 4 + 3:
                raise WireError("an integer beyond the size limit")
            return int(digits, 16)
        if tag == "e":
            return Ellipsis
        return self.special([tag, *rest])

    def _texts(self, items: list[Any]) -> Any:
        if any(type(item) is not str for item in items):
            raise WireError("an array of text with something else in it")
        self.nodes += len(items)
        # Each takes the room of the longest, so that a short message could make a huge array.
        self._count(4 * len(items) * max(map(len, items), default=0))
        return np.array(items, dtype=str)

    def _raw(self, name: str, shape: Any, index: Any) -> tuple[Any, tuple[int, ...]]:
        dtype, sizes = DTYPES[_known(name)], _shape(shape)
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("an array without its data")
        buffer = self.buffers[index]
        expected = dtype.itemsize * math.prod(sizes)
        if len(buffer) != expected:
            raise WireError(f"an array of {len(buffer)} bytes that should have {expected}")
        self._count(expected)
        return buffer, sizes

    def _array(self, name: str, shape: Any, index: Any) -> Any:
        buffer, sizes = self._raw(name, shape, index)
        # A copy: arrays over a message's memory are read-only, and tests may write to them.
        array = np.frombuffer(buffer, DTYPES[name]).reshape(sizes).copy()
        # A truth value is one byte, and other bytes than 0 and 1 would be neither true nor false.
        return array.view(np.uint8).astype(bool) if name == "bool" else array

    def _tensor(self, name: str, shape: Any, index: Any) -> Any:
        if name not in TENSOR_DTYPES:
            raise WireError(f"a tensor of dtype {name[:20]!r}")
        torch = sys.modules.get("torch")
        if torch is None:
            raise WireError("a tensor, where torch is not in use")
        return torch.from_numpy(self._array(name, shape, index))


def _known(name: Any) -> str:
    if type(name) is not str or name not in DTYPES:
        raise WireError(f"an array of a dtype that may not cross: {str(name)[:30]!r}")
    return name


def _shape(shape: Any) -> tuple[int, ...]:
    if type(shape) is not list or len(shape) > 32:
        raise WireError("an array without a proper shape")
    if any(type(size) is not int or not 0 <= size <= MAX_BYTES for size in shape):
        raise WireError("an array with an impossible shape")
    return tuple(shape)

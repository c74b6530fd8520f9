"""What may cross between grader and kernel, and what may not."""

import msgpack
import numpy as np
import pytest
import torch

from autograder.remote import wire
from autograder.remote.wire import WireError, pack, unpack


def refuse(value):
    raise TypeError(f"no data: {type(value).__name__}")


def there_and_back(value):
    return unpack(pack(value, refuse), refuse)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -1, 2**63, 2**64, -(10**400), 1.5, float("inf"), "é\ud7ff", b"\0\xff"),
        *(1 + 2j, ..., slice(1, None, -2), range(3, 9, 2)),
        *([], [1, [2.0, ("a", None)]], (), {1, 2}, frozenset({"a"}), {"a": [1], (1, 2): {}}),
    ],
    ids=repr,
)
def test_plain_data_keep_value_and_exact_type(value):
    got = there_and_back(value)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize("name", wire.DTYPES)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3), (1, 1, 4)])
def test_arrays_keep_dtype_shape_and_values(name, shape):
    array = np.random.default_rng(0).integers(0, 2, shape).astype(name)
    array = np.asarray(array)
    got = there_and_back(array)
    assert (type(got), got.dtype, got.shape) == (np.ndarray, array.dtype, shape)
    np.testing.assert_array_equal(got, array)
    got += got  # a copy of its own, not a window on the message
    scalar = np.dtype(name).type(1)
    assert type(there_and_back(scalar)) is type(scalar)


def test_views_text_and_tensors_arrive_as_their_values():
    base = np.arange(12.0).reshape(3, 4)
    for view in (base.T, base[::-1, ::2], np.broadcast_to(base[0], (5, 4))):
        np.testing.assert_array_equal(there_and_back(view), view)
    words = np.array([["cows", "eat"], ["", "grass"]])
    np.testing.assert_array_equal(there_and_back(words), words)
    for dtype in (torch.float32, torch.int64, torch.bool):
        tensor = torch.tensor([[0, 1], [1, 0]]).to(dtype)
        assert torch.equal(there_and_back(tensor.T), tensor.T)
    assert type(there_and_back(torch.nn.Parameter(torch.ones(2)))) is torch.Tensor


class Int(int):
    pass


class Liar(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [
        *(Int(3), np.zeros(3).view(Liar), np.ma.array([1.0]), object()),
        *(np.array([object()]), np.zeros(2, "f4,i4"), np.datetime64("2020-01-01"), len, [Int(1)]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_subclasses_and_objects_are_no_data(value):
    with pytest.raises(TypeError, match="no data"):
        pack(value, refuse)


def test_limits_hold_on_the_way_out(monkeypatch):
    deep = []
    for _ in range(wire.MAX_DEPTH + 1):
        deep = [deep]
    cycle = []
    cycle.append(cycle)
    monkeypatch.setattr(wire, "MAX_NODES", 1000)
    monkeypatch.setattr(wire, "MAX_BYTES", 10_000)
    huge = np.broadcast_to(np.float64(0), (10**6, 10**6))  # no memory of its own
    for value in (deep, cycle, [0] * 2000, np.zeros(2000), huge, "x" * 20_000, 1 << 10**6):
        with pytest.raises(WireError):
            pack(value, refuse)


def packed(tree, *buffers):
    return [msgpack.packb(tree), *buffers]


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b""],
        [b"\xc1"],
        [b"\x93\x01"],
        [b"\xdd\xff\xff\xff\xff"],
        [b"\x91" * 5000 + b"\xc0"],
        packed({"a": 1}),
        packed(msgpack.ExtType(1, b"x")),
        packed([]),
        packed([1, 2]),
        packed(["l", 3]),
        packed(["l", [["l", [{}]]]]),
        packed(["d", [1]]),
        packed(["d", [["l", []], 1]]),
        packed(["s", [["l", []]]]),
        packed(["a", "float64", [2], 0], b"1234567"),
        packed(["a", "float64", [2**62, 4], 0], b""),
        packed(["a", "float64", [-1], 0], b""),
        packed(["a", "float64", [1] * 64, 0], b"12345678"),
        packed(["a", "float64", [1], 7], b"12345678"),
        packed(["a", "float64", [1], -1], b"12345678"),
        packed(["a", "float64", [1], True], b"12345678"),
        packed(["a", "object", [1], 0], b"12345678"),
        packed(["a", "O", [1], 0], b"12345678"),
        packed(["a", ["float64"], [1], 0], b"12345678"),
        packed(["a", "f8,O", [1], 0], b"12345678"),
        packed(["T", "object", [1], 0], b"12345678"),
        packed(["n", "float64", b"1"]),
        packed(["n", "float64", 3]),
        packed(["i", "f" * 10**6]),
        packed(["i", "import os"]),
        packed(["u", [2], ["a", 1]]),
        packed(["u", [3], ["a"]]),
        packed(["r", [0, 5, 0]]),
        packed(["r", ["a", 5, 1]]),
        packed(["c", [], 1]),
        packed(["e"])[:0],
    ],
    ids=lambda frames: repr(frames)[:40],
)
def test_nothing_but_data_is_decoded(frames):
    def refuse(tree):
        raise WireError(f"unknown kind {tree[0]!r}")

    with pytest.raises(WireError):
        unpack(frames, refuse)


@pytest.mark.parametrize(
    "frames",
    [
        packed(["u", [100_000], ["x" * 10_000, *[""] * 99_999]]),
        packed(["l", [["a", "uint8", [10**7], 0]] * 30], bytes(10**7)),
        packed(["l", [["T", "uint8", [10**7], 0]] * 30], bytes(10**7)),
    ],
    ids=["text", "arrays", "tensors"],
)
def test_a_short_message_cannot_stand_for_more_than_the_limit(frames):
    with pytest.raises(WireError, match="more than 256 MB"):
        unpack(frames, refuse)


def test_any_bytes_give_data_or_a_wire_error():
    rng = np.random.default_rng(0)
    good = pack({"a": [1, np.arange(3), ("x", 2.5)]}, refuse)

    def refuse_tree(tree):
        raise WireError("unknown")

    for _ in range(3000):
        spoilt = bytearray(good[0])
        for _ in range(rng.integers(1, 5)):
            spoilt[rng.integers(len(spoilt))] = rng.integers(256)
        try:
            unpack([bytes(spoilt), *good[1:]], refuse_tree)
        except WireError:
            continue


def test_odd_truth_values_become_true_or_false():
    (got,) = unpack(packed(["a", "bool", [1], 0], b"\x07"), refuse).tolist()
    assert got is True

"""Replies compared: what counts as the same, and what does not."""

import numpy as np
import pytest
import torch

from autograder.remote import replies
from autograder.remote.loopback import Loopback
from autograder.remote.proxies import Student
from autograder.remote.replies import Replies, Reply, same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (np.float64(0.1) * 3, 0.3),
        (float("nan"), float("nan")),
        (np.ones(3) / 3 * 3, np.ones(3)),
        (np.array([1e200, 1e180]), np.array([1e200, 2e180])),
        ([1, (2.0, "x")], (1, [2.0, "x"])),
        ({("a",): 1.0}, {("a",): 1}),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (torch.ones(2), torch.ones(2) * (1 + 1e-6)),
        (np.random.default_rng(1), np.random.default_rng(1)),
        (None, None),
    ],
)
def test_the_same_but_for_rounding(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1.0, 1.0 + 1e-6),
        (1.0, "1.0"),
        (1.0, 1.0 + 0j),
        (np.ones(3), np.ones(3, dtype=np.float32)),
        (np.ones(3), np.ones((3, 1))),
        (np.ones(3), [1.0, 1.0, 1.0]),
        ([1, 2], [1, 2, 3]),
        ({"a": 1}, {"b": 1}),
        (np.array([np.nan]), np.array([0.0])),
        (np.random.default_rng(1), np.random.default_rng(2)),
        (None, 0),
    ],
)
def test_not_the_same(one, other):
    assert not same(one, other)


def test_errors_are_the_same_by_their_kind_and_not_by_their_words():
    one = Reply.of("error", ["ValueError", "ValueError", "too long", [], None, ""])
    assert one.agrees_with(Reply.of("error", ["ValueError", "ValueError", "no", [], None, "x"]))
    assert not one.agrees_with(Reply.of("error", ["KeyError", "KeyError", "no", [], None, ""]))
    assert not one.agrees_with(Reply.of("value", [1, None, ""]))


def test_too_many_bytes_are_not_kept(monkeypatch):
    monkeypatch.setattr(replies, "MAX_BYTES", 2000)
    heard = Replies()
    heard.add("value", [np.zeros(100), None, ""])
    assert heard.complete
    heard.add("value", [[{"x": np.zeros(200)}], None, ""])
    assert not heard.complete
    assert len(heard.kept) == 1


def halves(x):
    return x / 2


SOURCE = """
def apply(f, x):
    return 2 * f(x)

def fill(x):
    x[...] = 7

def draw(rng):
    return rng.random()

class Counter:
    def __init__(self, start):
        self.count = start
    def up(self, by):
        self.count += by
        return self.count

def squares(n):
    for i in range(n):
        yield i * i

def stop():
    raise KeyError("gone")
"""


@pytest.fixture
def names():
    space = {}
    exec(SOURCE, space)
    student = Student(Loopback(space), lambda function: function is halves, asks_for_classes=True)
    return student.lookup(["apply", "fill", "draw", "Counter", "squares", "stop", "missing"])


def test_a_loopback_is_to_a_test_what_a_kernel_is(names):
    assert "missing" not in names
    assert names["apply"](halves, 6) == 6
    array = np.zeros(2)
    names["fill"](array)
    assert not array.any()
    names["fill"].in_place(array)
    assert (array == 7).all()
    rng = np.random.default_rng(3)
    assert names["draw"](rng) == np.random.default_rng(3).random()
    assert rng.random() == np.random.default_rng(3).random(2)[1]
    counter = names["Counter"](2)
    assert counter.up(by=3) == counter.count == 5
    assert list(names["squares"](4)) == [0, 1, 4, 9]
    with pytest.raises(KeyError):
        names["stop"]()


def test_what_stays_with_the_student_is_not_asked_for_its_size(names):
    heard = Replies()
    heard.add("value", [names["apply"], None, ""])
    assert heard.complete


def test_calls_of_a_race_are_not_recorded(names):
    heard = []
    names["apply"]._student.on_answer = lambda kind, answer: heard.append((kind, answer[0]))
    assert names["apply"].unrecorded(halves, 6) == 6
    with pytest.raises(KeyError):
        names["stop"].unrecorded()
    assert heard == []
    assert names["apply"](halves, 8) == 8
    assert heard == [("value", 8)]

"""Test code on a student's functions in a real kernel, as if they were local."""

import time

import numpy as np
import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from autograder.remote.link import KernelGoneError, Link, OutOfTimeError
from autograder.remote.proxies import RemoteObject, Student
from autograder.remote.wire import WireError

pytestmark = pytest.mark.slow

STUDENT = """
import math, os, signal, sys, time
import numpy as np
numbers = [1, 2, 3]
class Negative(ValueError):
    pass
class Unrelated(Exception):
    pass
def double(x):
    return 2 * x
def slope(f, x, h=1e-6):
    return (f(x + h) - f(x - h)) / (2 * h)
def fill(x, items):
    x[...] = 7
    items.append(len(items))
def draw(rng, n):
    return rng.standard_normal(n)
def twister(place):
    bits = np.random.MT19937(0)
    bits.state = {**bits.state, "state": {**bits.state["state"], "pos": place}}
    return np.random.Generator(bits)
def philox(place):
    bits = np.random.Philox(0)
    bits.state = {**bits.state, "buffer_pos": place}
    return np.random.Generator(bits)
def root(x):
    if x < 0:
        raise Negative("below zero")
    return math.sqrt(x)
def countdown(n):
    while n:
        yield n
        n -= 1
def make_adder(k):
    return lambda x: x + k
class Value:
    total = 0
    def __init__(self, data):
        self.data = data
    def __add__(self, other):
        return Value(self.data + (other.data if isinstance(other, Value) else other))
    __radd__ = __add__
    def __getitem__(self, k):
        return self.data[k]
    def __len__(self):
        return 3
    def same(self):
        return self
class Near:
    def __sub__(self, other):
        return 0.0
    def __add__(self, other):
        return self
    def __abs__(self):
        return 0.0
    def __lt__(self, other):
        return True
    def __contains__(self, other):
        return True
    __rsub__ = __sub__
def pester(f):
    while True:
        try:
            f(1)
        except Exception:
            pass
def flood():
    server = sys.modules["_course_student"].server
    for _ in range(60):
        server.kernel.stdin_socket.send_multipart([*server.envelope, bytes(10_000_000)])
class Always:
    def __eq__(self, other):
        return True
class Lying(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return True
def always():
    return Always()
def lying():
    return np.zeros(2).view(Lying)
def leave():
    sys.exit(3)
def die():
    os._exit(1)
def loop():
    while True:
        pass
def deaf():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop()
def huge():
    return np.broadcast_to(np.float64(0), (10**9,))
def shout():
    print("x" * 10**6)
    return 1
def breaks_the_wire():
    sys.modules["_course_wire"].pack = lambda *a: [b"garbage"]
    return 1
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel()
        self.link = Link(
            self.manager.get_connection_info(),
            self.manager.is_alive,
            self.manager.interrupt_kernel,
        )
        self.link.prepare(30)
        self.link.run(STUDENT, 30)

    def student(self, seconds=20, asks_for_classes=True):
        def is_test_code(function):
            return function.__module__ == __name__

        student = Student(self.link, is_test_code, asks_for_classes)
        self.link.open(seconds)
        return student

    def close(self):
        self.link.close()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def shared():
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.fixture
def get(shared):
    """Look a name up in a kernel that all tests share."""
    student = shared.student()
    yield lambda name: student.lookup([name])[name]
    shared.link.finish()


@pytest.fixture
def own():
    kernel = Kernel()
    yield kernel
    kernel.close()


def test_functions_data_and_absent_names(shared):
    student = shared.student()
    found = student.lookup(["double", "numbers", "missing"])
    assert found.keys() == {"double", "numbers"}
    assert found["numbers"] == [1, 2, 3]
    np.testing.assert_array_equal(found["double"](np.arange(3)), [0, 2, 4])
    assert found["double"](x=4) == 8
    shared.link.finish()


def test_a_callback_is_called_here_and_its_errors_reach_the_student(get):
    seen = []

    def square(x):
        seen.append(x)
        return x * x

    assert get("slope")(square, 3.0) == pytest.approx(6)
    assert len(seen) == 2
    assert get("slope")(np.sin, 0.0) == pytest.approx(1)

    def refuses(x):
        raise KeyError("no")

    with pytest.raises(KeyError):
        get("slope")(refuses, 1.0)


def test_only_functions_of_the_test_may_be_handed_over(get):
    import subprocess

    for function in (subprocess.run, Kernel):
        with pytest.raises(TypeError, match="cannot be handed"):
            get("double")(function)


def test_arguments_are_copies_unless_the_test_asks(get):
    fill = get("fill")
    x, items = np.zeros(3), ["a"]
    fill(x, items)
    assert (x.tolist(), items) == ([0, 0, 0], ["a"])
    fill.in_place(x, items)
    assert (x.tolist(), items) == ([7, 7, 7], ["a", 1])


def test_a_random_generator_goes_on_where_the_student_left_it(get):
    mine, twin = np.random.default_rng(5), np.random.default_rng(5)
    np.testing.assert_array_equal(get("draw")(mine, 4), twin.standard_normal(4))
    assert mine.standard_normal() == twin.standard_normal()


def test_exceptions_arrive_as_python_s_own_or_as_the_student_s(get):
    root, negative, unrelated = get("root"), get("Negative"), get("Unrelated")
    with pytest.raises(ValueError, match="below zero"):
        root(-1)
    with pytest.raises(negative):
        root(-1)
    with pytest.raises(TypeError):
        root("a")
    with pytest.raises(ValueError, match="below zero") as caught:
        root(-1)
    assert not isinstance(caught.value, unrelated)
    assert caught.typename == "Negative"


def test_sys_exit_of_the_student_ends_nothing_here(get):
    with pytest.raises(Exception, match="3") as caught:
        get("leave")()
    assert type(caught.value).__name__ == "SystemExit"
    assert get("double")(1) == 2


def test_a_random_generator_cannot_make_the_grader_read_beyond_it(get):
    for kind, places in (("twister", (0, 624)), ("philox", (0, 4))):
        for place in places:
            assert 0 <= get(kind)(place).random() < 1
    for kind, place in (("twister", 625), ("twister", -1), ("philox", 5), ("philox", -5)):
        with pytest.raises(WireError, match="impossible state"):
            get(kind)(place)


def test_generators_closures_classes_and_operators(get):
    assert list(get("countdown")(3)) == [3, 2, 1]
    assert get("make_adder")(5)(2) == 7
    Value = get("Value")
    a = Value([1, 2, 3])
    assert isinstance(a, Value)
    assert not isinstance(a, get("Negative"))
    assert not isinstance(3, Value)
    assert (a.data, len(a), a[1]) == ([1, 2, 3], 3, 2)
    assert (Value(1) + Value(2)).data == 3
    assert (10 + Value(2)).data == 12
    a.data = 5
    assert a.same().data == 5
    assert a.same() is a
    Value.total = 4
    assert Value.total == 4
    with pytest.raises(AttributeError):
        _ = a.nothing


def test_what_would_let_the_student_decide_raises(get):
    for name in ("always", "lying"):
        answer = get(name)()
        assert isinstance(answer, RemoteObject)
        for decide in (
            lambda x: x == 3,
            lambda x: x != 3,
            bool,
            lambda x: np.isclose(x, 3),
            lambda x: np.testing.assert_allclose(x, 3),
            lambda x: np.asarray(x),
            lambda x: 3 in [x],
            float,
        ):
            with pytest.raises(TypeError, match="expected plain data"):
                decide(answer)


def test_an_object_cannot_claim_to_be_near_what_a_test_expects(get):
    Near = get("Near")
    for decide in (
        lambda x: abs(x - 2) < 1e-9,
        lambda x: abs(2 - x) < 1e-9,
        lambda x: abs(x + 2) < 1e-9,
        lambda x: abs(x + 2 + Near()) < 1e-9,
        lambda x: x < 3,
        lambda x: x < 3,
        lambda x: np.abs(x - np.ones(3)),
        lambda x: x + np.ones(3),
    ):
        with pytest.raises(TypeError, match="expected plain data"):
            decide(Near())
    assert abs(Near()) == 0


def test_where_no_class_is_asked_for_objects_have_no_operators(shared):
    student = shared.student(asks_for_classes=False)
    a = student.lookup(["Near"])["Near"]()
    for decide in (lambda: a - 2, lambda: a - a, lambda: abs(a), lambda: 3 in a, lambda: a < a):
        with pytest.raises(TypeError, match="expected plain data"):
            decide()
    shared.link.finish()


def test_too_large_an_answer_is_named(get):
    with pytest.raises(ValueError, match="more than 256 MB"):
        get("huge")()
    assert get("double")(1) == 2


def test_what_is_printed_is_shown_cut_and_withheld_while_hidden(shared, capsys):
    student = shared.student()
    shout, root = (student.lookup([name])[name] for name in ("shout", "root"))
    assert shout() == 1
    assert 1000 < len(capsys.readouterr().out) < 30_000
    student.hidden = True
    assert shout() == 1
    assert capsys.readouterr().out == ""
    with pytest.raises(ValueError, match="withheld"):
        root(-1)
    shared.link.finish()


def test_an_endless_row_of_callbacks_costs_its_own_test_only(own):
    student = own.student(seconds=1)
    start = time.monotonic()
    with pytest.raises(OutOfTimeError):
        student.lookup(["pester"])["pester"](lambda x: x)
    assert time.monotonic() - start < 5


def test_time_that_runs_out_in_a_callback_ends_the_test(own):
    def ring(x):
        raise OutOfTimeError("ran out of time")

    student = own.student()
    with pytest.raises(OutOfTimeError):
        student.lookup(["pester"])["pester"](ring)


def test_messages_that_nobody_asked_for_wait_with_the_kernel(own):
    student = own.student()
    before = psutil.Process().memory_info().rss
    with pytest.raises(WireError):
        student.lookup(["flood"])["flood"]()
    assert psutil.Process().memory_info().rss - before < 200_000_000


def test_an_endless_call_costs_its_own_test_only(own):
    student = own.student(seconds=1)
    loop = student.lookup(["loop"])["loop"]
    with pytest.raises(OutOfTimeError):
        loop()
    own.link.finish()
    student = own.student()
    assert student.lookup(["double"])["double"](2) == 4
    own.link.finish()


@pytest.mark.parametrize("name", ["die", "deaf"])
def test_a_kernel_that_is_gone_is_noticed(own, name):
    function = own.student(seconds=1).lookup([name])[name]
    start = time.monotonic()
    with pytest.raises(KernelGoneError):
        function()
    assert time.monotonic() - start < 15


def test_a_patched_helper_is_a_wire_error(own):
    function = own.student().lookup(["breaks_the_wire"])["breaks_the_wire"]
    with pytest.raises(WireError):
        function()

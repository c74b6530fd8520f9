"""What the checks of a homework use."""

import copy
import math
import time
from contextlib import contextmanager

import numpy as np

public_checks = {}


@contextmanager
def public_check(name):
    """Remember whether the checks of a ``with`` block passed; the last cell counts them."""
    public_checks[name] = False
    yield
    public_checks[name] = True
    print(f"{name}: public check passed")


def show_public_score(total):
    """Say how many of all public checks passed when they were last run."""
    passed = [name for name, outcome in public_checks.items() if outcome]
    failed = [name for name, outcome in public_checks.items() if not outcome]
    graded_later = "(hidden checks are graded after submission)"
    print(f"public checks passed: {len(passed)} of {total} {graded_later}")
    if failed:
        print("not yet:", ", ".join(failed))
    if len(public_checks) < total:
        print("not run:", total - len(public_checks))


def kind_of(got):
    """Name a value's type, and what may be the matter."""
    return "NoneType: no return?" if got is None else type(got).__name__


def same_shape(got, shape, what):
    """Stop unless ``got`` is an array of ``shape``."""
    advice = ": make an array of it" if isinstance(got, (list, tuple)) else ""
    kind = kind_of(got) + advice
    assert isinstance(got, np.ndarray), f"{what}: expected a NumPy array, got {kind}"
    assert got.shape == shape, f"{what}: expected shape {shape}, got {got.shape}"


def compare(got, expected, what, hint="", reveal=True):
    """Stop with a message that names the first wrong index, unless ``got`` is ``expected``.

    The tolerance is relative to the largest expected value: 1e-9 in float64, 1e-4 in float32.
    """
    same_shape(got, expected.shape, what)
    assert got.dtype in (np.float32, np.float64), f"{what}: expected floats, got {got.dtype}"
    tolerance = (1e-4 if got.dtype == np.float32 else 1e-9) * np.abs(expected).max(initial=0)
    with np.errstate(all="ignore"):
        wrong = np.argwhere(~(np.abs(got - expected) <= tolerance))
    if len(wrong):
        index = tuple(map(int, wrong[0]))
        wanted = f"expected {expected[index]:.6g}" if reveal else "which is not right"
        where = f"first wrong value at index {index}: got {got[index]:.6g}, {wanted}"
        share = f"({len(wrong)} of {got.size} are wrong)"
        raise AssertionError(f"{what}: {where} {share}. {hint}".rstrip())


def is_number(value):
    """Tell numbers from all else."""
    real = (int, float, np.integer, np.floating)
    return isinstance(value, real) and not isinstance(value, bool)


def same_number(got, expected, what, hint="", reveal=True, tolerance=1e-9):
    """Stop unless ``got`` is a number, and equal to ``expected`` but for a relative error."""
    kind = kind_of(got) + (": call .item() on it" if hasattr(got, "item") else "")
    assert is_number(got), f"{what}: expected a number, got {kind}"
    if not math.isclose(got, expected, rel_tol=tolerance):
        wanted = f"expected {expected:.10g}" if reveal else "which is not right"
        raise AssertionError(f"{what}: got {got:.10g}, {wanted}. {hint}".rstrip())


def several(got, *names):
    """Stop unless ``got`` holds one value for each of the names."""
    wanted = ", ".join(names)
    assert isinstance(got, (tuple, list)), f"expected {wanted}, got {kind_of(got)}"
    assert len(got) == len(names), f"expected {wanted}, but {len(got)} values came"
    return got


def unchanged(now, before):
    """Compare arguments with what they were, down to what lists and dicts hold."""
    if isinstance(before, np.ndarray) or type(before).__name__ == "Tensor":
        return np.array_equal(now, before, equal_nan=True)
    if isinstance(before, dict):
        return now.keys() == before.keys() and all(unchanged(now[key], before[key]) for key in now)
    if isinstance(before, (list, tuple)):
        return len(now) == len(before) and all(map(unchanged, now, before))
    return now == before


def watch(function, *arguments, **settings):
    """Call ``function`` and stop if it changes one of the arguments that have no name."""
    before = copy.deepcopy(arguments)
    # Graded, a function is called in another process, on copies; in_place brings those back.
    result = getattr(function, "in_place", function)(*arguments, **settings)
    for number, (argument, old) in enumerate(zip(arguments, before, strict=True), start=1):
        message = f"argument number {number} was changed: work on a copy, the caller needs it"
        assert unchanged(argument, old), message
    return result


def same_dtype(got, dtype, what):
    """Stop unless ``got`` is an array of ``dtype``."""
    dtype, out = np.dtype(dtype), getattr(got, "dtype", type(got).__name__)
    message = f"{what}: {dtype} went in, so {dtype} should come out, but got {out}"
    if (str(dtype), str(out)) == ("float32", "float64"):
        message += " (a float32 array times a Python float stays float32, times a np.float64 not)"
    assert out == dtype, message


def numeric_gradient(function, x, step=1e-5):
    """Nudge each entry of ``x`` both ways and see how the number ``function(x)`` moves."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        gradient[index] = (function(above) - function(below)) / (2 * step)
    return gradient


def agrees(gradient, numeric, what):
    """Stop unless a gradient is what nudging the input gave, but for the error of differences."""
    same_shape(gradient, numeric.shape, what)
    error = np.abs(gradient - numeric)
    if not error.max() <= 1e-6 * max(1, np.abs(numeric).max()):
        index = tuple(
            map(int, np.unravel_index(np.nan_to_num(error, nan=np.inf).argmax(), error.shape))
        )
        raise AssertionError(
            f"{what}: worst at index {index}: you say {gradient[index]:.6g}, "
            f"nudging the input there says {numeric[index]:.6g}"
        )


def times_faster(function, loops, draw, enough):
    """Say how many times faster ``function`` is than ``loops``: at its best of several calls.

    Each gets new arguments from ``draw``, so that remembering old ones helps nobody. Other programs
    may be running. Their time does not count as that of the loops, or a slow function would look
    quick; and one that is not quick ``enough`` is called for two seconds.
    """
    arguments = draw()
    start = time.process_time()
    loops(*arguments)
    slow = time.process_time() - start
    # Graded, a function is called in another process, and what it replies is kept otherwise.
    function = getattr(function, "unrecorded", function)
    quick, end = [], time.perf_counter() + 2
    while len(quick) < 8 or (slow < enough * min(quick) and time.perf_counter() < end):
        arguments = draw()
        start = time.perf_counter()
        function(*arguments)
        quick.append(time.perf_counter() - start)
    return slow / min(quick)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.batches import batches, split


@given(
    st.integers(0, 40),
    st.none() | st.integers(1, 50),
    st.booleans(),
    st.booleans(),
)
@settings(deadline=None, max_examples=100, derandomize=True)
def test_every_sample_comes_once(n, batch_size, shuffle, drop_last):
    rng = np.random.default_rng(0)
    got = list(batches(n, batch_size, rng, shuffle=shuffle, drop_last=drop_last))
    size = batch_size or max(n, 1)
    assert all(len(batch) == size for batch in got[:-1])
    assert all(0 < len(batch) <= size for batch in got[-1:])
    drawn = [sample for batch in got for sample in batch.tolist()]
    assert len(set(drawn)) == len(drawn)
    if drop_last:
        assert len(drawn) == n - n % size
    else:
        assert sorted(drawn) == list(range(n))
    if not shuffle:
        assert drawn == list(range(len(drawn)))


def test_full_mini_and_single_batches():
    assert [len(batch) for batch in batches(10, None, np.random.default_rng(0))] == [10]
    assert [len(batch) for batch in batches(10, 4, np.random.default_rng(0))] == [4, 4, 2]
    assert [len(batch) for batch in batches(10, 1, np.random.default_rng(0))] == [1] * 10


def test_epochs_differ_and_seeds_repeat():
    rng = np.random.default_rng(0)
    first, second = ([batch.tolist() for batch in batches(20, 5, rng)] for _ in range(2))
    assert first != second
    assert first == [batch.tolist() for batch in batches(20, 5, np.random.default_rng(0))]


@given(st.integers(0, 200), st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any))
@settings(deadline=None, max_examples=100, derandomize=True)
def test_split_shares_out_all_samples(n, weights):
    fractions = [weight / sum(weights) for weight in weights]
    parts = split(n, fractions, np.random.default_rng(0))
    assert len(parts) == len(fractions)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - n * fraction) <= 1


def test_split_shuffles():
    (first, _) = split(100, (0.5, 0.5), np.random.default_rng(0))
    assert (np.sort(first) != first).any()
    assert first.max() > 60


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: batches(-1, 2, r), ValueError, "^n: expected at least 0, got -1$"),
        (lambda r: batches(5.0, 2, r), TypeError, "^n: expected an integer, got 5.0$"),
        (lambda r: batches(5, 0, r), ValueError, "^batch_size: expected at least 1, got 0$"),
        (lambda r: batches(5, 2), TypeError, "^rng: expected a numpy.random.Generator, got None"),
        (lambda r: batches(5, 2, 0), TypeError, "^rng: expected a numpy.random.Generator, got int"),
        (
            lambda r: split(5, (0.5, 0.4), r),
            ValueError,
            r"^fractions: expected numbers that add up to 1, got \(0.5, 0.4\)$",
        ),
        (lambda r: split(5, (), r), ValueError, "^fractions: expected numbers that add up to 1"),
        (lambda r: split(5, (1.5, -0.5), r), ValueError, "^fractions: expected at least 0, got -0"),
        (lambda r: split(5, ("a",), r), TypeError, "^fractions: expected a number, got 'a'$"),
        (lambda r: split(5, (1,), 0), TypeError, "^rng: expected a numpy.random.Generator, got in"),
    ],
)
def test_batches_name_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call(np.random.default_rng(0))

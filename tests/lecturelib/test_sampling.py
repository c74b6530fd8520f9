from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lecturelib.ngram import MLE, AddK, NgramCounts
from lecturelib.sampling import (
    Hypothesis,
    apply_temperature,
    beam_search,
    greedy,
    sample,
    top_k_filter,
    top_p_filter,
)

few = settings(max_examples=80, deadline=None, derandomize=True)
logits = arrays(
    np.float64, st.integers(1, 8), elements=st.floats(-20, 20) | st.sampled_from([0.0, -np.inf])
).filter(lambda x: x.max() > -np.inf)


class Random:
    """A model whose distributions are drawn once for every context."""

    def __init__(self, V, *, seed=0, dtype=np.float64, impossible=0.0):
        self.V, self.seed, self.dtype, self.impossible = V, seed, dtype, impossible
        self.asked = 0

    def next_log_probs(self, context):
        self.asked += 1
        rng = np.random.default_rng([self.seed, len(context), *context])
        p = rng.dirichlet(np.ones(self.V)) * (rng.random(self.V) >= self.impossible)
        with np.errstate(divide="ignore"):
            return np.log(p / p.sum()).astype(self.dtype)


class Fixed:
    """A model with the same distribution after every context."""

    def __init__(self, p):
        with np.errstate(divide="ignore"):
            self.log_probs = np.log(p)

    def next_log_probs(self, context):
        return self.log_probs


def log_prob(model, tokens, context=()):
    so_far, total = list(context), 0.0
    for token in tokens:
        total += model.next_log_probs(so_far)[token]
        so_far.append(token)
    return total


# Filters


def in_torch(log_probs, *, temperature=1.0, top_k=None, top_p=None):
    """The logits processors of Hugging Face's transformers, as they are there."""
    torch = pytest.importorskip("torch")
    scores = torch.from_numpy(log_probs) / temperature
    if top_k is not None:
        scores = scores.masked_fill(
            scores < torch.topk(scores, min(top_k, scores.size(-1)))[0][..., -1, None], -torch.inf
        )
    if top_p is not None:
        in_order, indices = torch.sort(scores, descending=False)
        remove = in_order.softmax(dim=-1).cumsum(dim=-1) <= (1 - top_p)
        remove[..., -1:] = 0
        scores = scores.masked_fill(remove.scatter(-1, indices, remove), -torch.inf)
    return scores.log_softmax(dim=-1).numpy()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "how",
    [
        {"temperature": 0.7},
        {"temperature": 3.0},
        {"top_k": 1},
        {"top_k": 5},
        {"top_k": 100},
        {"top_p": 0.05},
        {"top_p": 0.6},
        {"top_p": 0.95},
        {"temperature": 0.5, "top_k": 20, "top_p": 0.8},
    ],
)
def test_filters_are_those_of_transformers(dtype, how):
    rng = np.random.default_rng(0)
    log_probs = (3 * rng.standard_normal((4, 3, 40))).astype(dtype)
    before = log_probs.copy()
    ours = apply_temperature(log_probs, how.get("temperature", 1))
    if "top_k" in how:
        ours = top_k_filter(ours, how["top_k"])
    if "top_p" in how:
        ours = top_p_filter(ours, how["top_p"])
    assert ours.dtype == dtype
    expected = in_torch(log_probs, **how)
    np.testing.assert_array_equal(np.isinf(ours), np.isinf(expected))
    np.testing.assert_allclose(ours, expected, rtol=1e-5 if dtype == np.float32 else 1e-12)
    np.testing.assert_array_equal(log_probs, before)


@given(logits, st.integers(1, 10))
@few
def test_top_k_keeps_the_k_best(x, k):
    kept = top_k_filter(x, k) > -np.inf
    best = sorted(range(x.size), key=lambda i: (-x[i], i))[:k]
    assert set(np.flatnonzero(kept)) == {i for i in best if x[i] > -np.inf}


@given(logits, st.floats(1e-6, 1))
@few
def test_top_p_keeps_the_fewest_that_reach_p(x, p):
    filtered = top_p_filter(x, p)
    kept = filtered > -np.inf
    probabilities = np.exp(x - np.logaddexp.reduce(x))
    np.testing.assert_allclose(np.exp(filtered[kept]).sum(), 1)
    assert probabilities[kept].sum() >= p - 1e-9
    assert probabilities[kept].sum() - probabilities[kept].min() <= p + 1e-9
    assert probabilities[kept].min() >= probabilities[~kept].max(initial=0)


@given(logits)
@few
def test_filters_that_change_nothing(x):
    expected = x - np.logaddexp.reduce(x)
    for same in (apply_temperature(x, 1), top_k_filter(x, x.size), top_p_filter(x, 1)):
        np.testing.assert_allclose(same, expected, rtol=1e-12, atol=1e-12)


@given(logits)
@few
def test_temperature_goes_from_greedy_to_uniform(x):
    greedy_choice = np.where(np.arange(x.size) == x.argmax(), 0.0, -np.inf)
    np.testing.assert_array_equal(apply_temperature(x, 0), greedy_choice)
    ties = np.exp(apply_temperature(x, 5e-324))
    np.testing.assert_allclose(ties, (x == x.max()) / np.count_nonzero(x == x.max()))
    possible = x > -np.inf
    np.testing.assert_allclose(
        np.exp(apply_temperature(x, 1e300)), possible / possible.sum(), rtol=1e-12
    )


def test_extreme_temperatures_in_float32():
    x = np.array([0.0, -1.0, -200.0], np.float32)
    np.testing.assert_array_equal(np.exp(apply_temperature(x, 1e-300)), [1, 0, 0])
    np.testing.assert_allclose(np.exp(apply_temperature(x, 1e300)), [1 / 3] * 3, rtol=1e-6)


def test_of_equals_the_first_stays():
    x = np.zeros(4)
    np.testing.assert_array_equal(top_k_filter(x, 2) > -np.inf, [True, True, False, False])
    np.testing.assert_array_equal(top_p_filter(x, 0.5) > -np.inf, [True, True, False, False])


# Drawing


def chi_square(times, p):
    """Return how many standard deviations the statistic lies above what chance gives."""
    expected = p[p > 0] * times.sum()
    freedom = expected.size - 1
    return (((times[p > 0] - expected) ** 2 / expected).sum() - freedom) / np.sqrt(2 * freedom)


@pytest.mark.parametrize("how", [{}, {"temperature": 0.6}, {"top_k": 4}, {"top_p": 0.7}])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_draws_are_distributed_as_the_model_says(how, dtype):
    model = Random(9, dtype=dtype, impossible=0.2)
    p = np.exp(in_torch(model.next_log_probs([]), **how).astype(np.float64))
    rng = np.random.default_rng(0)
    times = np.zeros(9)
    for _ in range(5000):
        times[sample(model, rng, max_length=1, **how)] += 1
    assert np.all(times[p == 0] == 0)
    assert chi_square(times, p) < 4


def test_texts_are_distributed_as_the_model_says():
    model, rng = Random(3, seed=1), np.random.default_rng(0)
    times = Counter(tuple(sample(model, rng, max_length=3, stop=2)) for _ in range(6000))
    texts = [
        text
        for length in (1, 2, 3)
        for text in product(range(3), repeat=length)
        if 2 not in text[:-1] and (length == 3 or text[-1] == 2)
    ]
    assert set(times) <= set(texts)
    p = np.exp([log_prob(model, text) for text in texts])
    np.testing.assert_allclose(p.sum(), 1)
    assert chi_square(np.array([times[text] for text in texts]), p) < 4


def test_the_same_seed_gives_the_same_text():
    model = Random(20)
    one, two, other = (
        sample(model, np.random.default_rng(seed), max_length=30) for seed in (1, 1, 2)
    )
    assert one == two != other
    assert len(one) == 30


@pytest.mark.parametrize("how", [{"temperature": 0}, {"top_k": 1}, {"top_p": 1e-12}])
def test_the_narrowest_filters_are_greedy(how):
    for seed in range(5):
        model = Random(12, seed=seed)
        text = sample(model, np.random.default_rng(3), max_length=12, stop=4, **how)
        assert text == greedy(model, max_length=12, stop=4)


def test_greedy_takes_the_best():
    model = Random(6)
    context = [3, 1]
    for token in greedy(model, max_length=8, context=(3, 1)):
        assert token == model.next_log_probs(context).argmax()
        context.append(token)
    assert greedy(Fixed([0.4, 0.2, 0.4]), max_length=2) == [0, 0]


def test_a_text_ends_with_stop_or_at_its_longest():
    model = Fixed([0.1, 0.7, 0.2])
    assert greedy(model, max_length=5, stop=1) == [1]
    assert greedy(model, max_length=3, stop=0) == [1, 1, 1]
    assert greedy(model, max_length=2, context=[1], stop=1) == [1]
    assert greedy(model, max_length=0) == []
    rng = np.random.default_rng(0)
    for _ in range(20):
        text = sample(model, rng, max_length=4, stop=2)
        assert len(text) == 4 or text[-1] == 2
        assert 2 not in text[:-1]


def test_contexts_are_left_as_they_are():
    model, context = Random(4), [1, 2]
    sample(model, np.random.default_rng(0), max_length=3, context=context)
    greedy(model, max_length=3, context=context)
    beam_search(model, beam_size=2, max_length=3, context=context)
    assert context == [1, 2]
    ids = np.array(context)
    assert greedy(model, max_length=3, context=ids) == greedy(model, max_length=3, context=context)


def test_texts_end_where_nothing_can_follow():
    model = MLE(NgramCounts.from_sentences(["abc"], 2, pad=False))
    a, b, c = model.vocabulary.encode("abc").tolist()
    assert sample(model, np.random.default_rng(0), max_length=9, context=[a]) == [b, c]
    assert greedy(model, max_length=9, context=[a]) == [b, c]
    assert beam_search(model, beam_size=3, max_length=9, context=[a]) == [Hypothesis([b, c], 0.0)]


# Beam search


def all_texts(V, max_length, stop):
    """Every text that comes to its end, or to the greatest length."""
    for length in range(1, max_length + 1):
        for text in product(range(V), repeat=length):
            if stop not in text[:-1] and (length == max_length or text[-1] == stop):
                yield list(text)


@pytest.mark.parametrize("stop", [None, 0, 2])
@pytest.mark.parametrize("length_penalty", [0, 0.6, 1])
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_what_exhaustive_search_finds(stop, length_penalty, seed):
    model = Random(3, seed=seed)
    context = [2, 1]
    found = beam_search(
        model,
        beam_size=200,
        max_length=4,
        context=context,
        stop=stop,
        length_penalty=length_penalty,
    )
    expected = {tuple(t): log_prob(model, t, context) for t in all_texts(3, 4, stop)}
    assert {tuple(tokens) for tokens, _ in found} == set(expected)
    for tokens, total in found:
        assert total == pytest.approx(expected[tuple(tokens)], rel=1e-12)
    scores = [total / len(tokens) ** length_penalty for tokens, total in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("length_penalty", [0, 1])
def test_a_beam_of_one_is_greedy(length_penalty):
    for seed in range(8):
        model = Random(7, seed=seed, impossible=0.3)
        ((tokens, total),) = beam_search(
            model, beam_size=1, max_length=9, stop=3, length_penalty=length_penalty
        )
        assert tokens == greedy(model, max_length=9, stop=3)
        assert total == pytest.approx(log_prob(model, tokens))


def by_definition(model, beam_size, max_length, stop):
    """Keep the best of all continuations, with nothing left out early."""
    beam = [([], 0.0)]
    for _ in range(max_length):
        longer = []
        for tokens, total in beam:
            if tokens and tokens[-1] == stop:
                longer.append((tokens, total))
                continue
            for token, each in enumerate(model.next_log_probs(tokens)):
                longer.append(([*tokens, token], total + each))
        beam = sorted(longer, key=lambda found: -found[1])[:beam_size]
    return beam


@pytest.mark.parametrize("beam_size", [1, 2, 5])
def test_beams_are_as_defined(beam_size):
    for seed in range(6):
        model = Random(6, seed=seed)
        found = beam_search(model, beam_size=beam_size, max_length=6, stop=1)
        expected = by_definition(model, beam_size, 6, 1)
        assert [tokens for tokens, _ in found] == [tokens for tokens, _ in expected]
        np.testing.assert_allclose([p for _, p in found], [p for _, p in expected], rtol=1e-12)


def test_a_wider_beam_may_find_what_greedy_misses():
    model = MLE(NgramCounts.from_sentences(["ax", "ay", "az", "bx", "bx"], 2))
    V = model.vocabulary
    best = beam_search(model, beam_size=2, max_length=3, context=[V["<s>"]], stop=V["</s>"])[0]
    assert V.decode(best.tokens) == ["b", "x", "</s>"]
    assert best.log_prob == pytest.approx(np.log(2 / 5))
    assert V.decode(greedy(model, max_length=3, context=[V["<s>"]]))[0] == "a"


def test_a_length_penalty_favours_longer_texts():
    model = Fixed([0.6, 0.4])
    short, long = (
        beam_search(model, beam_size=8, max_length=3, stop=1, length_penalty=penalty)[0].tokens
        for penalty in (0, 1)
    )
    assert short == [1]
    assert long == [0, 0, 0]


def test_search_stops_when_all_texts_have_ended():
    model = Random(2)
    model.next_log_probs = lambda context: np.log([0.999, 0.001])
    found = beam_search(model, beam_size=1, max_length=1000, stop=0)
    assert found == [Hypothesis([0], pytest.approx(np.log(0.999)))]
    assert beam_search(model, beam_size=3, max_length=0) == [Hypothesis([], 0.0)]


# Errors


class Returns:
    def __init__(self, value):
        self.value = value

    def next_log_probs(self, context):
        return self.value


RNG = np.random.default_rng(0)
UNIFORM = np.zeros(4)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: apply_temperature(UNIFORM, -1), ValueError, "temperature: expected 0 to"),
        (lambda: apply_temperature(UNIFORM, np.inf), ValueError, "temperature: expected 0 to"),
        (lambda: apply_temperature(UNIFORM, np.nan), ValueError, "temperature: expected 0 to"),
        (lambda: apply_temperature([0.0], 1), TypeError, "log_probs: expected a NumPy array"),
        (lambda: apply_temperature(np.array(0.0), 1), ValueError, r"log_probs: expected shape \("),
        (lambda: top_k_filter(UNIFORM, 0), ValueError, "k: expected at least 1, got 0"),
        (lambda: top_k_filter(UNIFORM, 1.5), TypeError, "k: expected an integer, got 1.5"),
        (lambda: top_k_filter(np.empty((2, 0)), 1), ValueError, r"log_probs: expected shape"),
        (lambda: top_k_filter(np.array([0, np.nan]), 1), ValueError, "got NaN or inf"),
        (lambda: top_p_filter(np.array([0, np.inf]), 0.5), ValueError, "got NaN or inf"),
        (lambda: top_p_filter(UNIFORM, 0), ValueError, "p: expected more than 0, got 0"),
        (lambda: top_p_filter(UNIFORM, 1.1), ValueError, "p: expected 0 to 1, got 1.1"),
        (
            lambda: top_p_filter(np.full((2, 3), -np.inf), 0.5),
            ValueError,
            "log_probs: expected a token with a probability above 0, got none",
        ),
        (
            lambda: sample(Fixed([1.0]), 0, max_length=1),
            TypeError,
            "rng: expected a numpy.random.Generator, got int",
        ),
        (lambda: sample(None, RNG, max_length=1), TypeError, "model: expected an object with next"),
        (lambda: greedy(Random, max_length=-1), ValueError, "max_length: expected at least 0"),
        (lambda: greedy(Random(3), max_length=1, context="ab"), TypeError, "context: expected an"),
        (
            lambda: greedy(Random(3), max_length=1, stop="</s>"),
            TypeError,
            "stop: expected an integ",
        ),
        (
            lambda: beam_search(Random(3), beam_size=1, max_length=1, stop="</s>"),
            TypeError,
            "stop: expected an integer, got '</s>'",
        ),
        (lambda: sample(Random(3), RNG, max_length=1, stop=-1), ValueError, "stop: expected at le"),
        (lambda: greedy(Returns([0.0]), max_length=1), TypeError, "next_log_probs: expected a Num"),
        (
            lambda: greedy(Returns(np.zeros((1, 3))), max_length=1),
            ValueError,
            r"next_log_probs: expected shape \(V,\), got \(1, 3\)",
        ),
        (
            lambda: greedy(Returns(np.full(3, np.nan)), max_length=1),
            ValueError,
            "next_log_probs: expected numbers below infinity, got NaN or inf",
        ),
        (
            lambda: sample(Returns(np.full(3, -np.inf)), RNG, max_length=1, context=[7]),
            ValueError,
            r"context: expected one after which the model gives some token .* got \[7\]",
        ),
        (
            lambda: beam_search(Returns(np.full(3, -np.inf)), beam_size=2, max_length=1),
            ValueError,
            r"context: expected one after which",
        ),
        (
            lambda: beam_search(Random(3), beam_size=0, max_length=1),
            ValueError,
            "beam_size: expected at least 1, got 0",
        ),
        (
            lambda: beam_search(Random(3), beam_size=1, max_length=1, length_penalty=-1),
            ValueError,
            "length_penalty: expected 0 to 1000, got -1",
        ),
    ],
)
def test_errors_name_the_argument(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_an_unknown_first_word_is_an_error_for_every_way_of_going_on():
    model = MLE(NgramCounts.from_sentences(["ab"], 2))
    for go_on in (
        lambda: sample(model, RNG, max_length=2, context=[0]),
        lambda: greedy(model, max_length=2, context=[0]),
        lambda: beam_search(model, beam_size=2, max_length=2, context=[0]),
    ):
        with pytest.raises(ValueError, match="context: expected one after which"):
            go_on()
    smooth = AddK(NgramCounts.from_sentences(["ab"], 2))
    assert len(greedy(smooth, max_length=2, context=[0])) == 2

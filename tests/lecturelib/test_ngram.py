import pickle
from collections import Counter
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib import sampling
from lecturelib.ngram import (
    MLE,
    AddK,
    InterpolatedKneserNey,
    ModifiedKneserNey,
    NgramCounts,
)
from lecturelib.text import Vocabulary, word_tokens

VOCABULARY = Vocabulary("abcd")
MODELS = {
    "MLE": MLE,
    "AddK": lambda counts: AddK(counts, 0.3),
    "InterpolatedKneserNey": InterpolatedKneserNey,
    "without uniform": lambda counts: InterpolatedKneserNey(counts, 0.4, uniform=False),
    "ModifiedKneserNey": ModifiedKneserNey,
}
SNIPPETS = """the cows eat grass
our cows eat hay daily
factory-farm cows eat corn
on an organic farm , cows eat hay and
do your cows eat grass or corn ?
what do cows eat if they have
cows eat corn when there is no
which cows eat which foods depends
if cows eat grass
when cows eat corn their stomachs
should we let cows eat corn ?"""

corpus = st.lists(st.lists(st.sampled_from("abcdx"), max_size=7), max_size=6)
contexts = st.lists(st.sampled_from(["a", "b", "c", "d", "x", "<s>", "</s>"]), max_size=6)
few = settings(max_examples=60, deadline=None, derandomize=True)


def zipf_sentences(seed, count, words=30):
    """Sentences in which each word depends a little on the one before."""
    rng = np.random.default_rng(seed)
    p = 1 / np.arange(1, words + 1)
    draws = rng.choice(words, (count, 12), p=p / p.sum())
    draws[:, 1::2] = (draws[:, 1::2] + draws[:, ::2]) // 2
    return [
        [f"w{i}" for i in row[:length]]
        for row, length in zip(draws.tolist(), rng.integers(1, 13, count), strict=True)
    ]


def p_after(model, context):
    return np.exp(model.next_log_probs(model.vocabulary.encode(context).tolist()))


def test_what_comes_after_cows_eat():
    sentences = [word_tokens(line) for line in SNIPPETS.splitlines()]
    table = MLE(NgramCounts.from_sentences(sentences, 3)).conditional_table(["cows", "eat"])
    assert table.total == 11
    assert [(row.token, Fraction(row.count, table.total)) for row in table] == [
        ("corn", Fraction(4, 11)),
        ("grass", Fraction(3, 11)),
        ("hay", Fraction(2, 11)),
        ("if", Fraction(1, 11)),
        ("which", Fraction(1, 11)),
    ]
    np.testing.assert_allclose([row.probability for row in table], np.array([4, 3, 2, 1, 1]) / 11)


# The definitions, one word at a time


class ByDefinition:
    """Kneser-Ney smoothing as Chen and Goodman write it, on tuples and dictionaries."""

    def __init__(self, sentences, n, known, discount):
        self.V = len(known) + 2  # <unk> and </s>
        self.known = known
        counts = [Counter() for _ in range(n)]
        for sentence in sentences:
            tokens = ["<s>", *(w if w in known else "<unk>" for w in sentence), "</s>"]
            for end, order in product(range(1, len(tokens)), range(1, n + 1)):
                if order <= end + 1:
                    counts[order - 1][tuple(tokens[end + 1 - order : end + 1])] += 1
        different = [Counter(ngram[1:] for ngram in longer) for longer in [*counts[1:], {}]]
        self.adjusted = [
            {
                ngram: count if ngram[0] == "<s>" or order == n else after[ngram]
                for ngram, count in of_order.items()
            }
            for order, of_order, after in zip(range(1, n + 1), counts, different, strict=True)
        ]
        self.discount = discount or self.found_discount

    def found_discount(self, order, count):
        n = Counter(self.adjusted[order - 1].values())
        Y = n[1] / (n[1] + 2 * n[2])
        c = min(count, 3)
        return c - (c + 1) * Y * n[c + 1] / n[c]

    def p(self, word, context):
        after = {
            ngram[-1]: count
            for ngram, count in self.adjusted[len(context)].items()
            if ngram[:-1] == context
        }
        lower = self.p(word, context[1:]) if context else 1 / self.V
        if not after:
            return lower
        taken = {w: self.discount(len(context) + 1, count) for w, count in after.items()}
        own = after[word] - taken[word] if word in after else 0
        return (own + sum(taken.values()) * lower) / sum(after.values())


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("modified", [False, True])
def test_kneser_ney_is_as_defined(n, modified):
    sentences, held_out = zipf_sentences(0, 600, words=250), zipf_sentences(1, 5, words=300)
    known = [f"w{i}" for i in range(240)]
    counts = NgramCounts.from_sentences(sentences, n, Vocabulary(known))
    if modified:
        model, expected = ModifiedKneserNey(counts), ByDefinition(sentences, n, known, None)
        assert not np.any(np.all(model.discounts == [0.5, 1, 1.5], axis=1))
    else:
        model = InterpolatedKneserNey(counts, 0.6)
        expected = ByDefinition(sentences, n, known, lambda order, count: 0.6)
    for sentence in held_out:
        tokens = ["<s>", *(w if w in known else "<unk>" for w in sentence), "</s>"]
        p = [
            expected.p(word, tuple(tokens[max(0, end + 1 - n) : end]))
            for end, word in enumerate(tokens[1:], start=1)
        ]
        np.testing.assert_allclose(np.exp(model.token_log_probs(sentence)), p, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 0.25])
def test_add_k_is_as_defined(k):
    counts = NgramCounts.from_sentences(["abc", "abd", "x"], 3, VOCABULARY)
    model = AddK(counts, k)
    V = 6  # a, b, c, d, <unk>, </s>
    np.testing.assert_allclose(model.probability("c", "ab"), (1 + k) / (2 + k * V))
    np.testing.assert_allclose(model.probability("a", "ab"), k / (2 + k * V))
    np.testing.assert_allclose(model.probability("x", ["<s>"]), (1 + k) / (3 + k * V))
    np.testing.assert_allclose(model.probability("b", "dd"), 1 / V)
    np.testing.assert_allclose(model.probability("b"), (2 + k) / (10 + k * V))
    assert model.probability("<s>", "ab") == 0


def test_discounts_are_found_from_counts_of_counts():
    counts = NgramCounts.from_sentences(zipf_sentences(2, 300), 2)
    n = np.bincount(counts.arrays(2)[1], minlength=5)
    Y = n[1] / (n[1] + 2 * n[2])
    D1 = 1 - 2 * Y * n[2] / n[1]
    D2 = 2 - 3 * Y * n[3] / n[2]
    D3 = 3 - 4 * Y * n[4] / n[3]
    np.testing.assert_allclose(ModifiedKneserNey(counts).discounts[1], [D1, D2, D3], rtol=1e-14)
    assert 0 < D1 < D2 < D3


def test_a_text_too_small_to_find_discounts_gets_the_usual_ones():
    counts = NgramCounts.from_sentences(["ab"], 2)
    np.testing.assert_array_equal(ModifiedKneserNey(counts).discounts, [[0.5, 1, 1.5]] * 2)
    given = ModifiedKneserNey(counts, [[0.5, 1, 1.5]] * 2)
    np.testing.assert_array_equal(
        given.next_log_probs([3]), ModifiedKneserNey(counts).next_log_probs([3])
    )


def test_equal_discounts_make_modified_kneser_ney_the_simple_one():
    counts = NgramCounts.from_sentences(zipf_sentences(3, 50), 3)
    simple, modified = InterpolatedKneserNey(counts), ModifiedKneserNey(counts, [[0.75] * 3] * 3)
    text = zipf_sentences(4, 10)
    assert modified.perplexity(text) == pytest.approx(simple.perplexity(text), rel=1e-13)


# What holds for all models and texts


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@given(corpus, contexts, st.integers(1, 5), st.booleans())
@few
def test_probabilities_sum_to_one(make, sentences, context, n, pad):
    model = make(NgramCounts.from_sentences(sentences, n, VOCABULARY, pad=pad))
    p = p_after(model, context)
    assert p.shape == (7,)
    assert np.all(p >= 0)
    if make is MLE:
        seen = model.conditional_table(context).total
        np.testing.assert_allclose(p.sum(), float(seen > 0), atol=1e-12)
    else:
        np.testing.assert_allclose(p.sum(), 1, rtol=1e-12)
    if pad:
        assert p[VOCABULARY.start_id] == 0


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_modified_kneser_ney_sums_to_one_after_every_context(n):
    sentences = zipf_sentences(5, 200)
    counts = NgramCounts.from_sentences(sentences, n, Vocabulary.from_sentences(sentences[:99]))
    model = ModifiedKneserNey(counts)
    seen = {
        tuple(ngram[:-1]) for order in range(1, n + 1) for ngram in counts.arrays(order)[0].tolist()
    }
    rng = np.random.default_rng(0)
    unseen = {tuple(row) for row in rng.integers(0, len(counts.vocabulary), (200, n - 1)).tolist()}
    for context in seen | unseen:
        assert abs(np.exp(model.next_log_probs(context)).sum() - 1) < 1e-12


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@given(corpus, corpus, st.integers(1, 4), st.booleans())
@few
def test_a_text_is_worth_the_product_of_its_conditional_probabilities(make, text, held_out, n, pad):
    """Scoring whole texts and asking for one distribution at a time are different code."""
    model = make(NgramCounts.from_sentences(text, n, VOCABULARY, pad=pad))
    every = []
    for sentence in held_out:
        tokens = ["<s>", *sentence, "</s>"] if pad else sentence
        p = [
            p_after(model, tokens[:end])[VOCABULARY[tokens[end]]]
            for end in range(int(pad), len(tokens))
        ]
        np.testing.assert_allclose(np.exp(model.token_log_probs(sentence)), p, rtol=1e-12)
        np.testing.assert_allclose(np.exp(model.log_prob(sentence)), np.prod(p), rtol=1e-11)
        every += p
    if every:
        perplexity = np.inf if 0 in every else np.exp(-np.mean(np.log(every)))
        assert model.perplexity(iter(held_out)) == pytest.approx(perplexity, rel=1e-12)


@given(corpus.filter(any), st.integers(1, 4), st.booleans())
@few
def test_no_model_fits_its_own_text_better_than_mle(sentences, n, pad):
    counts = NgramCounts.from_sentences(sentences, n, VOCABULARY, pad=pad)
    best = MLE(counts).perplexity(sentences)
    assert best >= 1 - 1e-12
    for name, make in MODELS.items():
        if n == 1 or pad or "uniform" not in name:
            assert make(counts).perplexity(sentences) >= best * (1 - 1e-9), name


@given(corpus, contexts, st.integers(1, 4), st.booleans())
@few
def test_tables_hold_what_was_counted(sentences, context, n, pad):
    counts = NgramCounts.from_sentences(sentences, n, VOCABULARY, pad=pad)
    model = AddK(counts, 0.5)
    table = model.conditional_table(context)
    p = dict(zip(VOCABULARY, p_after(model, context), strict=True))
    for row in table:
        assert row.count == counts.count([*table.context, row.token])
        assert row.probability == pytest.approx(p[row.token], rel=1e-12)
    assert len(table) == sum(each > 0 for each in p.values())
    assert table.total == sum(row.count for row in table)
    assert all(a.probability >= b.probability for a, b in pairwise(table))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@given(corpus, contexts, st.integers(1, 4))
@few
def test_only_the_end_of_a_context_matters(make, sentences, context, n):
    model = make(NgramCounts.from_sentences(sentences, n, VOCABULARY))
    last = context[len(context) - min(n - 1, len(context)) :]
    np.testing.assert_array_equal(p_after(model, context), p_after(model, last))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_nothing_before_the_start_of_a_sentence_matters(make, n):
    model = make(NgramCounts.from_sentences(["abc", "ab", "ba"], n, VOCABULARY))
    for tokens in (["<s>"], ["<s>", "a"]):
        expected = p_after(model, tokens)
        for before in (["b"], ["<s>", "a"], ["a", "<s>"]):
            np.testing.assert_array_equal(p_after(model, [*before, *tokens]), expected)


def test_a_shorter_context_asks_for_a_lower_order():
    counts = [NgramCounts.from_sentences(zipf_sentences(6, 50), n) for n in (1, 2, 3)]
    for context in ([], ["w0"]):
        expected = p_after(MLE(counts[len(context)]), context)
        np.testing.assert_array_equal(p_after(MLE(counts[2]), context), expected)


def test_unseen_contexts_back_off_word_by_word():
    counts = NgramCounts.from_sentences(["abcd", "bcab", "cabd"], 4, VOCABULARY)
    for model in (InterpolatedKneserNey(counts), ModifiedKneserNey(counts)):
        np.testing.assert_array_equal(p_after(model, "ddb"), p_after(model, "b"))
        np.testing.assert_array_equal(p_after(model, "dca"), p_after(model, "ca"))
        np.testing.assert_array_equal(p_after(model, ["</s>"]), p_after(model, []))
    np.testing.assert_array_equal(
        MLE(counts).next_log_probs(VOCABULARY.encode("dca")), [-np.inf] * 7
    )


def test_unknown_words_are_one_word():
    counts = NgramCounts.from_sentences(["axb", "ayb"], 2, VOCABULARY)
    assert MLE(counts).probability("z", "a") == 1
    assert MLE(counts).probability("b", "z") == 1
    limited = AddK(NgramCounts.from_sentences(["ab"], 2, Vocabulary("ab", unk=None)))
    with pytest.raises(ValueError, match="tokens: expected tokens of the vocabulary, got 'z'"):
        limited.log_prob("az")


def test_no_discount_is_mle_where_the_context_was_seen():
    counts = NgramCounts.from_sentences(["abab", "acd"], 3, VOCABULARY)
    model = InterpolatedKneserNey(counts, 0, uniform=False)
    np.testing.assert_allclose(p_after(model, "ab"), p_after(MLE(counts), "ab"))


def test_without_uniform_unseen_words_are_impossible():
    counts = NgramCounts.from_sentences(["ab"], 2, VOCABULARY)
    assert InterpolatedKneserNey(counts, uniform=False).probability("d", "a") == 0
    assert InterpolatedKneserNey(counts).probability("d", "a") > 0


def test_smoothing_helps_on_held_out_text():
    sentences, held_out = zipf_sentences(7, 2000), zipf_sentences(8, 200, words=33)
    counts = NgramCounts.from_sentences(sentences, 3)
    laplace, simple, modified = (
        make(counts).perplexity(held_out)
        for make in (AddK, InterpolatedKneserNey, ModifiedKneserNey)
    )
    assert modified < simple < laplace < len(counts.vocabulary)
    assert MLE(counts).perplexity(held_out) == np.inf


def test_perplexity_of_a_fair_die():
    model = MLE(NgramCounts.from_sentences(["123456"], 1, Vocabulary("123456"), pad=False))
    assert model.perplexity(["1122", "6"]) == pytest.approx(6)


def test_the_empty_sentence_is_an_end():
    model = MLE(NgramCounts.from_sentences(["ab", "", "b", "a"], 3, VOCABULARY))
    assert np.exp(model.log_prob("")) == pytest.approx(1 / 4)
    raw = MLE(NgramCounts.from_sentences(["ab", ""], 3, VOCABULARY, pad=False))
    assert raw.log_prob("") == 0
    assert raw.token_log_probs("").shape == (0,)


# Generation


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("context", ["ab", "dca", "", "a"])
@pytest.mark.parametrize("pad", [True, False])
def test_the_die_is_weighted_as_the_model_says(make, context, pad):
    """generate() without filters never computes a distribution; hold it against one."""
    counts = NgramCounts.from_sentences(
        ["abcd", "abca", "cabb", "dx", "ca"], 3, VOCABULARY, pad=pad
    )
    model = make(counts)
    p = p_after(model, context)
    rng = np.random.default_rng(5)
    draws = 4000
    if not p.any():
        with pytest.raises(ValueError, match="context: expected one after which"):
            model.generate(rng, context=context)
        return
    seen = Counter()
    for _ in range(draws):
        seen.update(model.generate(rng, max_length=1, context=context) or ["</s>"])
    times = np.array([seen[token] for token in VOCABULARY])
    assert times.sum() == draws
    assert np.all(times[p == 0] == 0)
    faces = np.count_nonzero(p)
    chi_square = ((times - draws * p)[p > 0] ** 2 / (draws * p[p > 0])).sum()
    assert chi_square < (faces - 1) + 4 * np.sqrt(2 * faces)


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("pad", [True, False])
def test_texts_are_drawn_with_the_probability_that_the_model_gives_them(make, pad):
    """From the first word on, when contexts are still shorter than the order."""
    vocabulary = (
        Vocabulary("ab", unk=None) if pad else Vocabulary("abc", unk=None, start=None, end=None)
    )
    model = make(NgramCounts.from_sentences(["abba", "aab", "b", "aba"], 3, vocabulary, pad=pad))
    texts = [
        text for length in range(4) for text in product(vocabulary.tokens[2 * pad :], repeat=length)
    ]
    texts = [text for text in texts if pad or len(text) == 3]
    p = np.array([np.exp(model.token_log_probs(text)[:3].sum()) for text in texts])
    rng, draws = np.random.default_rng(1), 4000
    seen = Counter(tuple(model.generate(rng, max_length=3)) for _ in range(draws))
    if make is MLE and not pad:  # "aab" and "aba" may end early, where the text did
        seen = Counter({text: times for text, times in seen.items() if len(text) == 3})
        draws = seen.total()
        p = p / p.sum()
    times = np.array([seen[text] for text in texts])
    assert times.sum() == draws
    assert np.all(times[p == 0] == 0)
    np.testing.assert_allclose(p.sum(), 1)
    faces = np.count_nonzero(p)
    chi_square = ((times - draws * p)[p > 0] ** 2 / (draws * p[p > 0])).sum()
    assert chi_square < (faces - 1) + 4 * np.sqrt(2 * faces)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_long_texts_have_the_statistics_of_the_model(n):
    sentences = zipf_sentences(9, 300)
    counts = NgramCounts.from_sentences(sentences, n)
    model = ModifiedKneserNey(counts)
    rng = np.random.default_rng(0)
    texts = [model.generate(rng, max_length=1000) for _ in range(1500)]
    log_probs = np.concatenate([model.token_log_probs(text) for text in texts])
    entropy = -np.mean(
        [
            log_p
            for text in [
                sampling.sample(model, rng, max_length=1000, context=[1], stop=2)
                for _ in range(400)
            ]
            for log_p in model.token_log_probs(model.vocabulary.decode(text[:-1]))
        ]
    )
    assert -log_probs.mean() == pytest.approx(entropy, abs=0.08)


def test_generation_is_seeded_and_filters_apply():
    model = ModifiedKneserNey(NgramCounts.from_sentences(zipf_sentences(10, 100), 3))
    one, two = (model.generate(np.random.default_rng(4), max_length=50) for _ in range(2))
    assert one == two
    best = model.vocabulary.decode(sampling.greedy(model, max_length=20, context=[1], stop=2))
    best = best[:-1] if best[-1] == "</s>" else best
    for how in ({"temperature": 0}, {"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-4}):
        assert model.generate(np.random.default_rng(4), max_length=20, **how) == best


def test_generated_sentences_begin_and_end():
    sentences = ["abc", "abd"]
    model = MLE(NgramCounts.from_sentences(sentences, 3))
    rng = np.random.default_rng(0)
    assert {"".join(model.generate(rng)) for _ in range(50)} == set(sentences)
    assert model.generate(rng, max_length=2) == ["a", "b"]
    assert model.generate(rng, max_length=0) == []
    assert {"".join(model.generate(rng, context="b")) for _ in range(50)} == {"c", "d"}


@pytest.mark.parametrize("how", [{}, {"top_k": 3}])
def test_generation_ends_where_the_text_ended(how):
    model = MLE(NgramCounts.from_sentences(["abc"], 2, pad=False))
    rng = np.random.default_rng(0)
    assert model.generate(rng, context="a", **how) == ["b", "c"]
    with pytest.raises(ValueError, match="context: expected one after which"):
        model.generate(rng, context="c", **how)
    assert model.generate(rng, context="c", max_length=0, **how) == []


def test_models_travel():
    model = ModifiedKneserNey(NgramCounts.from_sentences(["abc", "abd"], 3))
    before = model.generate(np.random.default_rng(0))
    there = pickle.loads(pickle.dumps(model))
    assert there.generate(np.random.default_rng(0)) == before
    np.testing.assert_array_equal(there.next_log_probs([3]), model.next_log_probs([3]))


# To be read


def test_a_table_is_a_sequence():
    model = MLE(NgramCounts.from_sentences(["ab", "ab", "ac"], 2))
    table = model.conditional_table("a")
    assert [tuple(row) for row in table] == [("b", 2, 2 / 3), ("c", 1, 1 / 3)]
    assert table[-1].token == "c"
    assert table[:1] == [table[0]]
    assert len(model.conditional_table("z")) == 0
    assert model.conditional_table("z").total == 0


def test_a_table_shows_its_first_ten_rows():
    counts = NgramCounts.from_sentences([["a", i] for i in range(12)] + [["a", "<b>"]] * 3, 2)
    table = MLE(counts).conditional_table(["a"])
    lines = repr(table).splitlines()
    assert lines[0] == "after 'a', seen 15 times"
    assert lines[2].split() == ["<b>", "3", "0.2"]
    assert lines[-1].split() == ["3", "others", "3", "0.2"]
    assert len(lines) == 2 + 10 + 1
    html = table._repr_html_()
    assert "<td>&lt;b&gt;</td><td>3</td><td>0.2</td>" in html
    assert "<caption>after &#x27;a&#x27;, seen 15 times</caption>" in html
    assert html.count("<tr>") == 12
    assert repr(MLE(counts).conditional_table()).startswith("after 'nothing', seen")


def test_reprs():
    counts = NgramCounts.from_sentences(["ab"], 3)
    assert repr(MLE(counts)) == "<MLE of order 3 over 5 tokens>"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda c: AddK(c, 0), ValueError, "k: expected more than 0 and finite, got 0"),
        (lambda c: AddK(c, np.inf), ValueError, "k: expected more than 0 and finite, got inf"),
        (lambda c: AddK(c, "1"), TypeError, "k: expected a number, got '1'"),
        (lambda c: InterpolatedKneserNey(c, 1.5), ValueError, "discount: expected 0 to 1, got 1.5"),
        (
            lambda c: ModifiedKneserNey(c, [[0.5, 1, 1.5]]),
            ValueError,
            r"discounts: expected shape \(n=2, 3\), got \(1, 3\)",
        ),
        (
            lambda c: ModifiedKneserNey(c, [[0.5, 1, 1.5], [1.5, 1, 1]]),
            ValueError,
            "discounts: expected 0 to 1, 2 and 3",
        ),
        (lambda c: ModifiedKneserNey(c, [[np.nan] * 3] * 2), ValueError, "discounts: expected 0"),
        (lambda c: MLE(c).next_log_probs([7]), ValueError, "context: expected ids below V=5"),
        (lambda c: MLE(c).next_log_probs([-1]), ValueError, "context: expected at least 0"),
        (lambda c: MLE(c).next_log_probs(["a"]), TypeError, "context: expected an integer"),
        (lambda c: MLE(c).perplexity([]), ValueError, "sentences: expected at least one token"),
        (lambda c: MLE(c).perplexity("ab"), TypeError, "sentences: expected an iterable of sent"),
        (lambda c: MLE(c).log_prob(["<s>"]), ValueError, "sentences: expected none that hold"),
        (lambda c: MLE(c).generate(7), TypeError, "rng: expected a numpy.random.Generator"),
        (
            lambda c: MLE(c).generate(np.random.default_rng(), max_length=-1),
            ValueError,
            "max_length: expected at least 0, got -1",
        ),
    ],
)
def test_errors_name_the_argument(call, error, said):
    with pytest.raises(error, match=said):
        call(NgramCounts.from_sentences(["ab"], 2))


def test_a_string_is_no_list_of_words():
    model = MLE(NgramCounts.from_sentences([["cows", "eat"]], 2))
    said = "tokens: expected a sequence of tokens, got the string 'cows eat'"
    for call in (model.conditional_table, model.log_prob, model.token_log_probs):
        with pytest.raises(TypeError, match=said):
            call("cows eat")

"""The same numbers as nltk.lm, given the same padded sequences."""

import numpy as np
import pytest

from lecturelib.ngram import MLE, AddK, InterpolatedKneserNey, NgramCounts
from lecturelib.text import Vocabulary, pad_sentence

nltk_lm = pytest.importorskip("nltk.lm")
from nltk.lm.preprocessing import padded_everygram_pipeline  # noqa: E402
from nltk.util import everygrams  # noqa: E402


def text(seed, count, words):
    rng = np.random.default_rng(seed)
    p = 1 / np.arange(1, words + 1)
    draws = rng.choice(words, (count, 10), p=p / p.sum())
    draws[:, 1::2] = (draws[:, 1::2] + draws[:, ::2]) // 2
    return [
        [f"w{i}" for i in row[:length]]
        for row, length in zip(draws.tolist(), rng.integers(0, 11, count), strict=True)
    ]


TRAINING = text(0, 150, words=60)
HELD_OUT = text(1, 40, words=90)  # of which 30 were never seen, and others once


def nltk_model(make, n):
    ngrams, words = padded_everygram_pipeline(n, TRAINING)
    model = make(n, nltk_lm.Vocabulary(words, unk_cutoff=2, unk_label="<unk>"))
    model.fit(ngrams)
    return model


def our_counts(n, sentences=TRAINING):
    """What nltk's pipeline counts; without padding, for n = 1, it knows no start and no end."""
    special = {} if n > 1 else {"start": None, "end": None}
    vocabulary = Vocabulary.from_sentences(sentences, min_count=2, **special)
    padded = [pad_sentence(sentence, n) for sentence in sentences]
    return NgramCounts.from_sentences(padded, n, vocabulary, pad=False)


def contexts_and_words(n):
    for sentence in HELD_OUT:
        tokens = pad_sentence(sentence, n)
        for end in range(n - 1, len(tokens)):
            yield tuple(tokens[end + 1 - n : end]), tokens[end]


def assert_same_scores(model, expected, n, *, but=()):
    checked = 0
    for context, word in contexts_and_words(n):
        if context not in but:
            score = expected.score(word, context)
            assert abs(model.probability(word, context) - score) < 1e-12, (word, context)
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (MLE, lambda n, vocabulary: nltk_lm.MLE(n, vocabulary=vocabulary)),
        (AddK, lambda n, vocabulary: nltk_lm.Laplace(n, vocabulary=vocabulary)),
        (
            lambda counts: AddK(counts, 0.2),
            lambda n, vocabulary: nltk_lm.Lidstone(0.2, n, vocabulary=vocabulary),
        ),
    ],
    ids=["MLE", "Laplace", "Lidstone"],
)
def test_mle_and_additive_smoothing(ours, theirs, n):
    model, expected = ours(our_counts(n)), nltk_model(theirs, n)
    assert_same_scores(model, expected, n)
    if n > 1:
        for word in ("w0", "w59", "never"):
            assert abs(model.probability(word) - expected.score(word)) < 1e-12


@pytest.mark.parametrize("discount", [0.1, 0.75])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_interpolated_kneser_ney(n, discount):
    """All but the first words of sentences, where nltk's probabilities sum to more than 1."""
    model = InterpolatedKneserNey(our_counts(n), discount, uniform=False)
    expected = nltk_model(
        lambda n, vocabulary: nltk_lm.KneserNeyInterpolated(n, discount, vocabulary=vocabulary), n
    )
    start = ("<s>",) * (n - 1)
    assert_same_scores(model, expected, n, but=[start] if n > 2 else [])
    if n > 2:
        assert sum(expected.score(word, start) for word in expected.vocab) > 1 + 1e-5
        ours = [model.probability(word, start) for word in expected.vocab]
        assert sum(ours) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_interpolated_kneser_ney_everywhere(n):
    """With one more start token before it, nltk counts the first words right."""
    longer = [["<s>", *sentence] for sentence in TRAINING]
    model = InterpolatedKneserNey(our_counts(n, longer), 0.1, uniform=False)
    padded = [pad_sentence(sentence, n) for sentence in longer]
    words = [word for sentence in padded for word in sentence]
    expected = nltk_lm.KneserNeyInterpolated(
        n, 0.1, vocabulary=nltk_lm.Vocabulary(words, unk_cutoff=2, unk_label="<unk>")
    )
    expected.fit(everygrams(sentence, max_len=n) for sentence in padded)
    assert_same_scores(model, expected, n)


def test_kneser_ney_of_order_1_is_ours_alone():
    """nltk divides by the number of bigrams, of which there are none; ours are relative counts."""
    expected = nltk_model(
        lambda n, vocabulary: nltk_lm.KneserNeyInterpolated(n, vocabulary=vocabulary), 1
    )
    with pytest.raises(ZeroDivisionError):
        expected.score("w0")
    model = InterpolatedKneserNey(our_counts(1), uniform=False)
    for word in ("w0", "w59", "never"):
        assert model.probability(word) == pytest.approx(MLE(our_counts(1)).probability(word))


def test_perplexity():
    model, expected = (
        AddK(our_counts(3)),
        nltk_model(lambda n, vocabulary: nltk_lm.Laplace(n, vocabulary=vocabulary), 3),
    )
    ngrams = [(*context, word) for context, word in contexts_and_words(3)]
    log_probs = [
        each
        for sentence in HELD_OUT
        for each in model.token_log_probs(pad_sentence(sentence, 3))[2:]
    ]
    assert np.exp(-np.mean(log_probs)) == pytest.approx(expected.perplexity(ngrams), rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_one_start_token_says_the_same_as_many(n):
    """Our own way of padding gives a sentence the same probability as nltk's."""
    known = Vocabulary.from_sentences(TRAINING, min_count=2)
    model = MLE(NgramCounts.from_sentences(TRAINING, n, known))
    padded = MLE(our_counts(n))
    for sentence in TRAINING[:50]:
        expected = padded.token_log_probs(pad_sentence(sentence, n))[n - 1 :].sum()
        assert model.log_prob(sentence) == pytest.approx(expected, rel=1e-12)

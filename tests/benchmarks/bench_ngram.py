"""n-grams of a million tokens, against nltk, a dictionary of Counters, and KenLM where it is."""

import importlib.util
import time
from collections import Counter, defaultdict

import numpy as np
import pytest

from lecturelib.ngram import MLE, AddK, ModifiedKneserNey, NgramCounts
from lecturelib.ngram._table import last_words, prefixes, spell, suffixes
from lecturelib.text import pad_sentence

WORDS, LENGTH = 20_000, 20


def zipf_sentences(seed, tokens, words=WORDS):
    """Sentences of 20 words; the word of rank r is drawn in proportion to 1/r."""
    p = 1 / np.arange(1, words + 1)
    ids = np.random.default_rng(seed).choice(words, tokens, p=p / p.sum())
    names = [f"w{i}" for i in range(words)]
    drawn = [names[i] for i in ids.tolist()]
    return [drawn[i : i + LENGTH] for i in range(0, tokens, LENGTH)]


@pytest.fixture(scope="module")
def text():
    return zipf_sentences(0, 1_000_000)


@pytest.fixture(scope="module")
def held_out():
    """Text with some words that the vocabulary has not."""
    return zipf_sentences(1, 100_000, words=WORDS + 5000)


@pytest.fixture(scope="module")
def laplace(text):
    """nltk's model, and how many seconds it took: once is enough, for it is a quarter minute."""
    from nltk.lm import Laplace
    from nltk.lm.preprocessing import padded_everygram_pipeline

    model, start = Laplace(3), time.perf_counter()
    model.fit(*padded_everygram_pipeline(3, text))
    return model, time.perf_counter() - start


def seconds(step, rounds):
    """Return the time of the fastest round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times)


def count_with_counters(sentences, n):
    """Count as one would without a library: for each context, a Counter of what follows."""
    tables = [defaultdict(Counter) for _ in range(n)]
    for sentence in sentences:
        tokens = ["<s>"] * (n - 1) + sentence + ["</s>"]
        for end in range(n - 1, len(tokens)):
            for length in range(n):
                tables[length][tuple(tokens[end - length : end])][tokens[end]] += 1
    return tables


def test_counting_against_counters(compare, text):
    ratio = compare(
        "n-grams: count and estimate, 1M tokens, n = 3",
        lambda: MLE(NgramCounts.from_sentences(text, 3)),
        lambda: count_with_counters(text, 3),
        peer_name="dict of Counters",
        goal=1 / 8,
        rounds=2,
    )
    assert ratio <= 1 / 8


def test_counting_against_nltk(record, text, laplace):
    ours = seconds(lambda: AddK(NgramCounts.from_sentences(text, 3)), rounds=5)
    ratio = record(
        "n-grams: count and estimate, 1M tokens, n = 3",
        ours / laplace[1],
        peer_name="nltk",
        goal=1 / 40,
        ours=ours,
        peer=laplace[1],
        unit="s",
    )
    assert ratio <= 1 / 40


@pytest.mark.parametrize("make", [MLE, ModifiedKneserNey])
def test_larger_orders(compare, text, make):
    ratio = compare(
        f"n-grams: count and estimate ({make.__name__}), 1M tokens, n = 5",
        lambda: make(NgramCounts.from_sentences(text, 5)),
        lambda: make(NgramCounts.from_sentences(text, 3)),
        peer_name="lecturelib n = 3",
        goal=2,
        rounds=3,
    )
    assert ratio <= 2


def test_scoring_against_nltk(compare, text, held_out, laplace):
    model = AddK(NgramCounts.from_sentences(text, 3))

    def nltk_perplexity():
        padded = (pad_sentence(sentence, 3)[:-1] for sentence in held_out)
        return laplace[0].perplexity(
            tuple(tokens[end - 2 : end + 1]) for tokens in padded for end in range(2, len(tokens))
        )

    # nltk counts <s> among the words that may come next.
    assert model.perplexity(held_out) == pytest.approx(nltk_perplexity(), rel=1e-3)
    ratio = compare(
        "n-grams: score 100k held-out tokens, add 1, n = 3",
        lambda: model.perplexity(held_out),
        nltk_perplexity,
        peer_name="nltk",
        goal=1 / 8,
        rounds=3,
    )
    assert ratio <= 1 / 8


def write_arpa(model, path):
    """Write a Kneser-Ney model as KenLM reads it: log10 p, n-gram, log10 of the weight after it."""
    table, query = model.counts._table, model._query
    links = [np.zeros(table.keys[0].size, np.int64), *suffixes(table)]
    lower, tokens = query.uniform[last_words(table, 1)], np.array(model.vocabulary.tokens)
    with open(path, "w", encoding="utf-8") as file, np.errstate(divide="ignore"):
        sizes = (f"ngram {k}={keys.size}" for k, keys in enumerate(table.keys, start=1))
        print("\\data\\", *sizes, sep="\n", file=file)
        for order in range(1, model.n + 1):
            weight = query.weight[order - 1][prefixes(table, order)]
            p = query.direct[order - 1][:-1] + weight * (
                lower[links[order - 1]] if order > 1 else lower
            )
            after = query.weight[order][:-1] if order < model.n else np.ones(p.size)
            numbers = np.log10(np.maximum([p, after], 1e-99)).T.tolist()
            ngrams = map(" ".join, tokens[spell(table, order)].tolist())
            print(f"\n\\{order}-grams:", file=file)
            file.writelines(
                f"{own:.9g}\t{ngram}" + (f"\t{back:.9g}\n" if order < model.n else "\n")
                for (own, back), ngram in zip(numbers, ngrams, strict=True)
            )
            lower = p
        print("\n\\end\\", file=file)


def score_against_kenlm(compare, text, held_out, tmp_path):
    import kenlm

    model = ModifiedKneserNey(NgramCounts.from_sentences(text, 3))
    write_arpa(model, tmp_path / "model.arpa")
    theirs = kenlm.Model(str(tmp_path / "model.arpa"))
    strings = [" ".join(sentence) for sentence in held_out]
    for sentence, string in zip(held_out[:100], strings, strict=False):
        expected = theirs.score(string) * np.log(10)
        assert model.log_prob(sentence) == pytest.approx(expected, rel=1e-5)
    compare(
        "n-grams: score 100k held-out tokens, Kneser-Ney, n = 3",
        lambda: model.perplexity(held_out),
        lambda: sum(map(theirs.score, strings)),
        peer_name="kenlm",
        rounds=5,
    )


if importlib.util.find_spec("kenlm"):  # no package of this course; nothing is missed without it
    test_scoring_against_kenlm = score_against_kenlm


@pytest.mark.parametrize("n", [3, 5])
@pytest.mark.parametrize("make", [MLE, ModifiedKneserNey])
def test_generation(record, text, make, n):
    model = make(NgramCounts.from_sentences(text, n))
    sums = np.cumsum(np.exp(model.next_log_probs([])))
    tokens = 5000

    def generate():
        rng, made = np.random.default_rng(0), 0
        while made < tokens:
            made += len(model.generate(rng)) + 1

    def search():
        rng = np.random.default_rng(0)
        for _ in range(tokens):
            np.searchsorted(sums, rng.random())

    generate()
    times = [(seconds(generate, 1), seconds(search, 1)) for _ in range(10)]
    ours, peer = (min(of_step) / tokens * 1e6 for of_step in zip(*times, strict=True))
    ratio = record(
        f"n-grams: generate a token ({make.__name__}, n = {n}, V = {len(model.vocabulary)})",
        ours / peer,
        peer_name="numpy searchsorted",
        goal=6,
        ours=ours,
        peer=peer,
        unit="µs",
    )
    assert ratio <= 6

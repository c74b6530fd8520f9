import functools
import io
import pickle
import zipfile
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.ngram import NgramCount, NgramCounts, _counts
from lecturelib.ngram._encode import encode_chunks
from lecturelib.text import Vocabulary, stream_tokens

WORDS = "abcd"
VOCABULARY = Vocabulary(WORDS)
corpus = st.lists(st.lists(st.sampled_from("abcdx"), max_size=7), max_size=6)  # x is unknown
few = settings(max_examples=60, deadline=None, derandomize=True)


def as_counters(counts):
    """All n-grams of all orders, as tuples of tokens."""
    tables = []
    for order in range(1, counts.n + 1):
        ngrams, times = counts.arrays(order)
        spelt = [tuple(counts.vocabulary.decode(ids)) for ids in ngrams]
        tables.append(Counter(dict(zip(spelt, times.tolist(), strict=True))))
    return tables


def by_hand(sentences, n, *, pad, known=WORDS):
    """Count with tuples and a dictionary, one n-gram at a time."""
    tables = [Counter() for _ in range(n)]
    for sentence in sentences:
        tokens = [token if token in known else "<unk>" for token in sentence]
        if pad:
            tokens = ["<s>", *tokens, "</s>"]
        for end in range(int(pad), len(tokens)):
            for order in range(1, min(n, end + 1) + 1):
                tables[order - 1][tuple(tokens[end + 1 - order : end + 1])] += 1
    return tables


@given(corpus, st.integers(1, 5), st.booleans())
@few
def test_counts_are_those_of_a_counter(sentences, n, pad):
    counts = NgramCounts.from_sentences(sentences, n, VOCABULARY, pad=pad)
    assert as_counters(counts) == by_hand(sentences, n, pad=pad)
    for table in by_hand(sentences, n, pad=pad):
        for ngram, times in table.items():
            assert counts.count(ngram) == times


@given(corpus, st.integers(1, 4), st.booleans(), st.integers(1, 12))
@few
def test_counts_do_not_depend_on_how_the_text_is_cut_into_chunks(sentences, n, pad, limit):
    whole = NgramCounts.from_sentences(sentences, n, VOCABULARY, pad=pad)
    with pytest.MonkeyPatch.context() as patch:
        small = functools.partial(encode_chunks, limit=limit)
        patch.setattr(_counts, "encode_chunks", small)
        cut = NgramCounts.from_sentences(iter(sentences), n, VOCABULARY, pad=pad)
    assert cut == whole


@given(corpus, corpus, st.integers(1, 4), st.booleans())
@few
def test_counts_of_parts_add_up_to_those_of_the_whole(first, second, n, pad):
    a, b, both = (
        NgramCounts.from_sentences(part, n, VOCABULARY, pad=pad)
        for part in (first, second, first + second)
    )
    assert a + b == both
    assert b + a == both
    assert sum([a, b]) == both
    empty = NgramCounts.from_sentences([], n, VOCABULARY, pad=pad)
    assert a + empty == a


def test_adding_leaves_the_parts_as_they_were():
    a = NgramCounts.from_sentences(["abc"], 3, VOCABULARY)
    b = NgramCounts.from_sentences(["abd"], 3, VOCABULARY)
    before = pickle.dumps((a, b))
    assert a + b != a
    assert pickle.loads(before) == (a, b)


def test_many_words_and_a_large_order():
    """Five words of 17 bits do not fit into 64 bits; ranks do."""
    rng = np.random.default_rng(0)
    tokens = np.concatenate([rng.integers(0, 100_000, 5000), rng.integers(99_000, 100_000, 5000)])
    tokens = np.tile(tokens, 2).tolist()
    vocabulary = Vocabulary(range(100_000), unk=None, start=None, end=None)
    counts = NgramCounts.from_sentences([tokens], 5, vocabulary, pad=False)
    expected = by_hand([tokens], 5, pad=False, known=range(100_000))
    assert as_counters(counts) == expected


def test_an_order_longer_than_every_sentence():
    counts = NgramCounts.from_sentences(["ab", "c"], 9, VOCABULARY)
    assert as_counters(counts) == by_hand(["ab", "c"], 9, pad=True)
    assert counts.arrays(9)[0].shape == (0, 9)


@pytest.mark.parametrize("sentences", [[], [[]], [[], []]])
@pytest.mark.parametrize("pad", [True, False])
def test_empty_texts(sentences, pad):
    counts = NgramCounts.from_sentences(sentences, 3, pad=pad)
    assert as_counters(counts) == by_hand(sentences, 3, pad=pad)


def test_tokens_may_be_anything_hashable():
    sentences = [[(1, "x"), None, 2.5], [frozenset(), None]]
    counts = NgramCounts.from_sentences(sentences, 2)
    assert counts.count([None]) == 2
    assert counts.count([(1, "x"), None]) == 1
    assert counts.count([None, frozenset()]) == 0


def test_a_sentence_may_be_a_stream(tmp_path):
    path = tmp_path / "one line.txt"
    path.write_text("a b c d a b " * 30, encoding="utf-8")
    counts = NgramCounts.from_sentences(
        [stream_tokens(path, str.split, chunk_size=7)], 3, VOCABULARY, pad=False
    )
    tokens = path.read_text(encoding="utf-8").split()
    assert as_counters(counts) == by_hand([tokens], 3, pad=False)


def test_count_of_what_was_not_seen():
    counts = NgramCounts.from_sentences(["abc"], 3, VOCABULARY)
    assert counts.count("cb") == counts.count("d") == counts.count("dab") == 0
    assert counts.count(["<s>"]) == 0  # context only
    assert counts.count(["<s>", "a"]) == counts.count(["c", "</s>"]) == 1


def test_most_common():
    counts = NgramCounts.from_sentences(["abab", "b"], 2, VOCABULARY)
    assert counts.most_common(1, 2) == [NgramCount(("b",), 3), NgramCount(("</s>",), 2)]
    assert counts.most_common(2, 0) == []
    assert counts.most_common(2)[0] == NgramCount(("a", "b"), 2)
    assert len(counts.most_common(2, 100)) == 5


def test_repr_says_how_much_was_seen():
    counts = NgramCounts.from_sentences(["ab", "ab"], 2, VOCABULARY)
    assert repr(counts) == "<NgramCounts of 6 tokens: 3 of order 1, 3 of order 2>"


@pytest.mark.parametrize("pad", [True, False])
def test_save_and_load(tmp_path, pad):
    path = tmp_path / "counts"
    counts = NgramCounts.from_sentences([["ä", 7], ["\ud800", "b"]], 3, pad=pad)
    counts.save(path)
    assert NgramCounts.load(path) == counts
    assert NgramCounts.load(path).pad is pad


def test_save_refuses_tokens_that_would_not_come_back(tmp_path):
    counts = NgramCounts.from_sentences([[("a", 1)]], 2)
    with pytest.raises(
        TypeError, match=r"tokens: expected strings or ints to save, got \('a', 1\)"
    ):
        counts.save(tmp_path / "counts")
    assert not (tmp_path / "counts").exists()


def _saved(**changes):
    file = io.BytesIO()
    arrays = {
        "n": np.array(2),
        "pad": np.array(True),
        "vocabulary": np.frombuffer(Vocabulary("ab").to_json().encode(), np.uint8),
        "keys1": np.arange(5),
        "counts1": np.array([0, 0, 1, 1, 1]),
        "keys2": np.array([1 << 3 | 3, 3 << 3 | 4, 4 << 3 | 2]),
        "counts2": np.array([1, 1, 1]),
        **changes,
    }
    np.savez(file, **{name: array for name, array in arrays.items() if array is not None})
    return file.getvalue()


def test_the_file_that_the_next_tests_spoil_is_right(tmp_path):
    (tmp_path / "counts").write_bytes(_saved())
    loaded = NgramCounts.load(tmp_path / "counts")
    assert loaded == NgramCounts.from_sentences(["ab"], 2, Vocabulary("ab"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "counts: expected saved n-gram counts"),
        (b"cows eat hay", "counts: expected saved n-gram counts"),
        (b"PK\x03\x04 and no more", "counts: expected saved n-gram counts"),
        (_saved(keys2=None), "keys2"),
        (_saved(n=np.array(3)), "keys3"),
        (_saved(n=np.array(0)), "expected .* arrays"),
        (_saved(n=np.array(np.inf)), "expected saved n-gram counts"),
        (_saved(keys1=np.arange(4)), "keys1: expected every word"),
        (_saved(keys2=np.array([3.0])), r"expected \(M,\) int64 arrays"),
        (_saved(keys2=np.array([8, 8, 9])), "keys2: expected rising keys"),
        (_saved(keys2=np.array([7, 8, 9])), "keys2: expected rising keys"),
        (_saved(keys2=np.array([8, 9, 5 << 3])), "keys2: expected rising keys"),
        (_saved(keys2=np.array([-8, 8, 9])), "keys2: expected rising keys"),
        (_saved(counts2=np.array([1, 1])), "counts2: expected a count for each key"),
        (_saved(counts2=np.array([1, 1, -1])), "counts2: expected a count for each key"),
        (_saved(vocabulary=np.frombuffer(b"[1]", np.uint8)), "expected an object with"),
        (_saved(vocabulary=np.array([["x", {}]], dtype=object)), "allow_pickle=False"),
    ],
)
def test_load_refuses_other_files(tmp_path, content, said):
    path = tmp_path / "counts"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        NgramCounts.load(path)


def test_what_is_saved_is_arrays_without_pickle(tmp_path):
    NgramCounts.from_sentences(["ab"], 1, VOCABULARY).save(tmp_path / "counts")
    with zipfile.ZipFile(tmp_path / "counts") as file:
        assert set(file.namelist()) == {
            f"{name}.npy" for name in ("n", "pad", "vocabulary", "keys1", "counts1")
        }
        assert all(b"'descr': '|O'" not in file.read(name) for name in file.namelist())


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: NgramCounts.from_sentences(["ab"], 0), ValueError, "n: expected at least 1"),
        (lambda: NgramCounts.from_sentences(["ab"], 1.5), TypeError, "n: expected an integer"),
        (
            lambda: NgramCounts.from_sentences("ab", 2, VOCABULARY),
            TypeError,
            "sentences: expected an iterable of sentences, got 'ab'",
        ),
        (
            lambda: NgramCounts.from_sentences(iter(["ab"]), 2),
            TypeError,
            "vocabulary: expected one for sentences from an iterator, got None",
        ),
        (
            lambda: NgramCounts.from_sentences(["cows eat"], 2, Vocabulary(["cows", "eat"])),
            TypeError,
            "tokens: expected a sequence of tokens, got the string 'cows eat'",
        ),
        (
            lambda: NgramCounts.from_sentences(["ab"], 2, Vocabulary("ab", end=None)),
            ValueError,
            "vocabulary: expected start and end tokens, for pad=True, got none",
        ),
        (
            lambda: NgramCounts.from_sentences([["a", "<s>"]], 2, VOCABULARY),
            ValueError,
            "sentences: expected none that hold '<s>', which pad=True adds",
        ),
        (
            lambda: NgramCounts.from_sentences([["a", "</s>", "b"]], 2, VOCABULARY),
            ValueError,
            "sentences: expected none that hold '</s>', which pad=True adds",
        ),
        (
            lambda: NgramCounts.from_sentences([["a", "</s>"]], 2, VOCABULARY),
            ValueError,
            "sentences: expected none that hold '</s>'",
        ),
        (
            lambda: NgramCounts.from_sentences(["abx"], 2, Vocabulary("ab", unk=None)),
            ValueError,
            "tokens: expected tokens of the vocabulary, got 'x'",
        ),
        (
            lambda: NgramCounts.from_sentences(["ab"], 2).count("abc"),
            ValueError,
            "ngram: expected 1 to n=2 tokens, got 3",
        ),
        (lambda: NgramCounts.from_sentences(["ab"], 2).count(""), ValueError, "ngram: .* got 0"),
        (
            lambda: NgramCounts.from_sentences(["ab"], 2).arrays(3),
            ValueError,
            "order: expected 1 to n=2",
        ),
        (
            lambda: (
                NgramCounts.from_sentences(["ab"], 2, VOCABULARY)
                + NgramCounts.from_sentences(["ab"], 3, VOCABULARY)
            ),
            ValueError,
            "n: expected the same in both counts, got 2, 3",
        ),
        (
            lambda: NgramCounts.from_sentences(["ab"], 2) + NgramCounts.from_sentences(["ac"], 2),
            ValueError,
            "vocabulary: expected the same in both counts",
        ),
        (
            lambda: (
                NgramCounts.from_sentences(["ab"], 2)
                + NgramCounts.from_sentences(["ab"], 2, pad=False)
            ),
            ValueError,
            "pad: expected the same in both counts, got True, False",
        ),
        (lambda: NgramCounts.from_sentences(["ab"], 2) + 1, TypeError, "unsupported operand"),
    ],
)
def test_errors_name_the_argument(call, error, said):
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize("limit", range(2, 9))
def test_special_tokens_are_noticed_wherever_the_text_is_cut(limit):
    for wrong in ("<s>", "</s>"):
        chunks = encode_chunks(
            [["a", "b", wrong, "c"]], VOCABULARY, pad=True, history=0, limit=limit
        )
        with pytest.raises(ValueError, match=f"hold '{wrong}'"):
            list(chunks)

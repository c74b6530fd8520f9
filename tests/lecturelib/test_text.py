import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecturelib.text import (
    Vocabulary,
    character_tokens,
    pad_sentence,
    stream_sentences,
    stream_tokens,
    without_repeats,
    word_tokens,
)

few = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cows' hay.", ["The", "cows", "'", "hay", "."]),
        ("It isn’t state-of-the-art -", ["It", "isn’t", "state-of-the-art", "-"]),
        ("3.5 kg_net!?", ["3", ".", "5", "kg_net", "!", "?"]),
        ("Füße  naïve\tжук\n", ["Füße", "naïve", "жук"]),
        ("  ", []),
        ("", []),
    ],
)
def test_words(text, tokens):
    assert word_tokens(text) == tokens


@given(st.text())
@few
def test_no_character_is_lost_but_white_space(text):
    assert "".join(word_tokens(text)) == "".join(text.split())
    assert "".join(character_tokens(text)) == text
    assert all(len(token) == 1 for token in character_tokens(text))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_padding_is_that_of_nltk(n):
    preprocessing = pytest.importorskip("nltk.lm.preprocessing")
    for sentence in ([], ["a"], ["a", "b", "c"]):
        assert pad_sentence(sentence, n) == list(preprocessing.pad_both_ends(sentence, n))
    assert pad_sentence([7], 2, start=0, end=9) == [0, 7, 9]


def test_sentences_are_read_line_by_line(tmp_path):
    path = tmp_path / "text"
    path.write_text("a b\n\n  \t\nc\r\nd, e", encoding="utf-8", newline="")
    assert list(stream_sentences(path)) == [["a", "b"], ["c"], ["d", ",", "e"]]
    assert list(stream_sentences(path, str.upper)) == ["A B", "C", "D, E"]
    path.write_bytes("ä".encode("latin-1"))
    assert list(stream_sentences(str(path), encoding="latin-1")) == [["ä"]]
    with pytest.raises(UnicodeDecodeError):
        list(stream_sentences(path))


@given(st.text(alphabet="ab .,'\n\u00e9", max_size=60), st.integers(1, 70))
@few
def test_no_word_is_torn_between_chunks(tmp_path_factory, text, chunk_size):
    path = tmp_path_factory.getbasetemp() / "chunks"
    path.write_text(text, encoding="utf-8")
    longest = max(map(len, text.split()), default=0)
    if longest < chunk_size:
        assert list(stream_tokens(path, chunk_size=chunk_size)) == word_tokens(text)
    assert list(stream_tokens(path, character_tokens, chunk_size=chunk_size)) == list(text)
    torn = stream_tokens(path, str.split, chunk_size=chunk_size)
    assert "".join(torn) == "".join(text.split())


def test_special_tokens_come_first():
    vocabulary = Vocabulary(["b", "</s>", "a", "b"])
    assert vocabulary.tokens == ("<unk>", "<s>", "</s>", "b", "a")
    assert (vocabulary.unk_id, vocabulary.start_id, vocabulary.end_id) == (0, 1, 2)
    bare = Vocabulary("ab", unk=None, start=None, end=None)
    assert bare.tokens == ("a", "b")
    assert (bare.unk_id, bare.start_id, bare.end_id) == (None, None, None)
    other = Vocabulary([5], unk=-1, start=None, end=0)
    assert (other.tokens, other.unk_id, other.end_id) == ((-1, 0, 5), 0, 1)


def test_the_most_frequent_come_first():
    sentences = [["b", "a", "b"], ["c", "a", "d"], ["<s>"]]
    vocabulary = Vocabulary.from_sentences(sentences)
    assert vocabulary.tokens[3:] == ("b", "a", "c", "d")
    assert Vocabulary.from_sentences(sentences, min_count=2).tokens[3:] == ("b", "a")
    assert Vocabulary.from_sentences(sentences, max_size=3).tokens[3:] == ("b", "a", "c")
    assert Vocabulary.from_sentences(sentences, max_size=0).tokens == ("<unk>", "<s>", "</s>")
    assert Vocabulary.from_sentences(iter(sentences)) == vocabulary
    parts = sum((Counter(sentence) for sentence in sentences), Counter())
    assert Vocabulary.from_counts(parts) == vocabulary


@given(st.lists(st.one_of(st.integers(), st.text(max_size=3), st.tuples(st.integers()))))
@few
def test_what_is_encoded_is_decoded(tokens):
    vocabulary = Vocabulary(tokens)
    ids = vocabulary.encode(tokens)
    assert ids.dtype == np.int64
    assert vocabulary.decode(ids) == tokens
    assert vocabulary.encode(iter(tokens)).tolist() == list(vocabulary.iter_ids(tokens))
    assert all(token in vocabulary for token in tokens)
    assert list(vocabulary) == vocabulary.decode(range(len(vocabulary)))
    assert vocabulary.encode([object()]).tolist() == [0]


def test_vocabularies_are_equal_by_content():
    vocabulary = Vocabulary("ab")
    assert vocabulary == Vocabulary("ab")
    assert vocabulary == pickle.loads(pickle.dumps(vocabulary))
    assert vocabulary != Vocabulary("ba")
    assert vocabulary != Vocabulary(["<s>", "</s>", "a", "b"], start=None, end=None)
    assert vocabulary != vocabulary.tokens


def test_repr():
    assert repr(Vocabulary("ab")) == "<Vocabulary of 5 tokens: '<unk>', '<s>', '</s>', 'a', 'b'>"
    assert repr(Vocabulary("abcd")).endswith("'b', 'c', ...>")


@pytest.mark.parametrize("special", [{}, {"unk": None}, {"start": 0, "end": None}])
def test_save_and_load(tmp_path, special):
    vocabulary = Vocabulary(["ä", "\ud800", 7, ""], **special)
    vocabulary.save(tmp_path / "words.json")
    assert Vocabulary.load(tmp_path / "words.json") == vocabulary
    assert [type(token) for token in Vocabulary.load(tmp_path / "words.json")] == [
        type(token) for token in vocabulary
    ]


@pytest.mark.parametrize("token", [("a", "b"), 1.5, True, b"a", frozenset()])
def test_save_refuses_tokens_that_would_not_come_back(tmp_path, token):
    with pytest.raises(TypeError, match="tokens: expected strings or ints to save, got"):
        Vocabulary([token]).save(tmp_path / "words.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "\x00\x01",
        '{"tokens": ["a"]}',
        '{"tokens": "a", "unk": null, "start": null, "end": null}',
        '{"tokens": [["a"]], "unk": null, "start": null, "end": null}',
        '{"tokens": [true], "unk": null, "start": null, "end": null}',
        '{"tokens": ["a", "a"], "unk": null, "start": null, "end": null}',
        '{"tokens": ["a", "u"], "unk": "u", "start": null, "end": null}',
        '{"tokens": ["u"], "unk": "u", "start": "u", "end": null}',
        '{"tokens": ["u"], "unk": ["u"], "start": null, "end": null}',
        '{"tokens": ["u", "u"], "unk": "u", "start": "u", "end": null}',
        '{"tokens": [1], "unk": true, "start": null, "end": null}',
        "[" * 100_000,
    ],
)
def test_load_refuses_other_files(tmp_path, content):
    path = tmp_path / "words.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"words.json: expected a saved vocabulary"):
        Vocabulary.load(path)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda: Vocabulary("ab", start="x", end="x"),
            ValueError,
            r"unk, start, end: expected different tokens, got \['<unk>', 'x', 'x'\]",
        ),
        (lambda: Vocabulary([[]]), TypeError, "unhashable"),
        (
            lambda: Vocabulary.from_sentences("ab"),
            TypeError,
            "sentences: expected an iterable of sentences, got 'ab'",
        ),
        (
            lambda: Vocabulary.from_sentences(["ab"], min_count=0),
            ValueError,
            "min_count: expected at least 1, got 0",
        ),
        (
            lambda: Vocabulary.from_counts({}, max_size=-1),
            ValueError,
            "max_size: expected at least 0, got -1",
        ),
        (
            lambda: Vocabulary("ab", unk=None).encode("abc"),
            ValueError,
            "tokens: expected tokens of the vocabulary, got 'c'",
        ),
        (lambda: Vocabulary("ab", unk=None)["c"], ValueError, "tokens: expected .* got 'c'"),
        (
            lambda: Vocabulary(["cows"]).encode("cows"),
            TypeError,
            "tokens: expected a sequence of tokens, got the string 'cows'",
        ),
        (lambda: Vocabulary("ab").decode([5]), ValueError, "ids: expected ids below V=5, got 5"),
        (lambda: Vocabulary("ab").decode([-1]), ValueError, "ids: expected at least 0, got -1"),
        (lambda: Vocabulary("ab").decode("a"), TypeError, "ids: expected an integer, got 'a'"),
        (lambda: pad_sentence("ab", 0), ValueError, "n: expected at least 1, got 0"),
        (
            lambda: next(stream_tokens("nowhere", chunk_size=0)),
            ValueError,
            "chunk_size: expected at least 1, got 0",
        ),
        (lambda: next(stream_sentences("/no/such/file")), OSError, "/no/such/file"),
    ],
)
def test_errors_name_the_argument(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_paragraph_is_kept_the_first_time_only():
    texts = ["a b\n\nc", "  c\n \nd\n\na\n  b\n\nd", "c\n\na b"]
    assert without_repeats(texts) == ["a b\n\nc", "d", ""]


@few
@given(st.lists(st.lists(st.sampled_from(["a", "b c", "d", "e f g"]), max_size=5), max_size=5))
def test_nothing_is_lost_and_nothing_comes_twice(paragraphs):
    kept = without_repeats("\n\n".join(text) for text in paragraphs)
    assert len(kept) == len(paragraphs)
    found = [each for text in kept for each in text.split("\n\n") if each]
    assert len(found) == len(set(found))
    assert set(found) == {each for text in paragraphs for each in text}

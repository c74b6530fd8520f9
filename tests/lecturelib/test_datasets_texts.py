"""Texts, programs, dates and tunes: contents, order, and the same at each call."""

import ast
import calendar
import datetime
import re
import socket

import numpy as np
import pytest

from lecturelib import datasets


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a data set tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_python_docs_are_english_texts_by_topic():
    docs = datasets.load_python_docs()
    assert list(docs) == sorted(docs)
    assert len(docs) > 70
    assert "repeated" in docs["while"]
    assert sum(map(len, docs.values())) > 400_000
    docs.clear()
    assert datasets.load_python_docs()


def test_python_sources_are_programs_in_order():
    sources = datasets.load_python_sources()
    assert list(sources) == sorted(sources)
    assert 800_000 < sum(map(len, sources.values())) <= 1_000_000
    assert sources == datasets.load_python_sources()
    for name, source in list(sources.items())[:5]:
        ast.parse(source, name)


def test_python_sources_keep_to_the_size():
    everything = datasets.load_python_sources(max_chars=None)
    assert "weakref.py" in everything
    names = list(everything)
    size = sum(len(everything[name]) for name in names[:3])
    assert list(datasets.load_python_sources(max_chars=size)) == names[:3]
    assert list(datasets.load_python_sources(max_chars=size - 1)) == names[:2]
    assert datasets.load_python_sources(max_chars=0) == {}
    with pytest.raises(ValueError, match="max_chars: expected at least 0, got -1"):
        datasets.load_python_sources(max_chars=-1)


def _classes(source):
    return [datasets.PYTHON_CLASSES[label] for label in datasets.label_python(source)]


def test_labels_agree_with_the_syntax_tree():
    source = datasets.load_python_sources(max_chars=None)["bisect.py"]
    classes = _classes(source)
    assert source.isascii()  # the tree counts bytes
    starts = np.cumsum([0, *map(len, source.splitlines(keepends=True))])
    wanted = {"Name": "name", "Constant": "number"}
    found = set()
    for node in ast.walk(ast.parse(source)):
        kind = type(node).__name__
        if kind == "Name" or (kind == "Constant" and type(node.value) is int):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            assert set(classes[begin:end]) == {wanted[kind]}
            found.add(kind)
    assert found == {"Name", "Constant"}


def test_labels_of_every_class():
    source = 'def f(é):\n\x0c  return "a\\"#" + é  # "why"\n'
    classes = _classes(source)
    parts = {
        "keyword": "defreturn",
        "name": "féé",
        "string": '"a\\"#"',
        "comment": '# "why"',
        "operator": "():+",
    }
    for wanted, text in parts.items():
        assert "".join(c for c, got in zip(source, classes, strict=True) if got == wanted) == text
    assert all(c.isspace() for c, got in zip(source, classes, strict=True) if got == "space")


def test_labels_of_an_empty_program():
    labels = datasets.label_python("")
    assert labels.shape == (0,)
    assert labels.dtype == np.int64


@pytest.mark.parametrize("source", ["f(1", '"""never closed'])
def test_labels_need_a_whole_program(source):
    with pytest.raises(SyntaxError, match="source: expected a whole program, got"):
        datasets.label_python(source)


def test_dates_say_what_iso_says():
    english = datasets.date_pairs(
        50, np.random.default_rng(0), locales=("en",), formats=("long", "full")
    )
    for text, iso in english:
        date = datetime.date.fromisoformat(iso)
        long = f"{calendar.month_name[date.month]} {date.day}, {date.year}"
        assert text in (long, f"{calendar.day_name[date.weekday()]}, {long}")
    assert len({len(text.split()) for text, _ in english}) == 2


def test_dates_are_in_range_and_both_ends_come():
    first, last = datetime.date(2000, 2, 28), datetime.date(2000, 3, 1)
    pairs = datasets.date_pairs(200, np.random.default_rng(1), first=first, last=last)
    assert {pair.iso for pair in pairs} == {"2000-02-28", "2000-02-29", "2000-03-01"}


def test_dates_come_in_every_locale_and_format():
    day = datetime.date(1998, 3, 4)
    formats = ("short", "medium", "long", "full")
    pairs = datasets.date_pairs(
        400, np.random.default_rng(2), locales=("en", "en_GB"), formats=formats, first=day, last=day
    )
    assert len({pair.text for pair in pairs}) == 8


def test_dates_depend_on_the_generator_alone():
    draw = [datasets.date_pairs(20, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert draw[0] == draw[1] != draw[2]
    assert datasets.date_pairs(0, np.random.default_rng()) == []


def test_default_forms_mean_one_day_only():
    """Whatever the locale, so that a network can learn to read all of them."""
    read = {}
    for day in range(datetime.date(2004, 1, 1).toordinal(), datetime.date(2005, 1, 1).toordinal()):
        date = datetime.date.fromordinal(day)
        for text, iso in datasets.date_pairs(100, np.random.default_rng(5), first=date, last=date):
            assert read.setdefault(text, iso) == iso
            assert "2004" in text
    assert len(datasets.LOCALES) == len(set(datasets.LOCALES)) == 30


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": -1}, "n: expected at least 0, got -1"),
        ({"locales": ()}, r"locales: expected a sequence of locales .*, got \(\)"),
        ({"locales": "en"}, "locales: expected a sequence of locales .*, got 'en'"),
        ({"locales": ("en", "xx")}, "locales: expected locales .*, got 'xx'"),
        ({"formats": ("iso",)}, "formats: expected short, medium, long, full, got 'iso'"),
        ({"last": datetime.date(1949, 1, 1)}, "last: expected a day not before 1950-01-01"),
    ],
)
def test_dates_refuse_what_does_not_exist(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.date_pairs(**({"n": 1, "rng": np.random.default_rng()} | arguments))


def test_dates_are_drawn_by_a_generator():
    with pytest.raises(TypeError, match=r"^rng: expected a numpy.random.Generator, got int$"):
        datasets.date_pairs(1, 0)


@pytest.mark.parametrize(
    ("collection", "count"), [("oneill", 1837), ("ryan", 1045), ("aird", 1180)]
)
def test_tunes_are_whole_and_single(collection, count):
    tunes = datasets.load_tunes(collection)
    assert len(tunes) == count
    assert tunes == datasets.load_tunes(collection)
    assert len({tune.body for tune in tunes}) == count
    for tune in tunes:
        assert tune.title
        assert re.fullmatch(r"\d+/\d+", tune.metre)
        assert re.fullmatch(r"1/(4|8|16)", tune.unit)
        assert re.fullmatch(r"[A-G][#b]?", tune.key)
        assert "|" in tune.body
        assert "%" not in tune.body
        assert tune.abc.startswith("X:")
        assert tune.abc.count("X:") == 1
        assert tune.body.splitlines()[0] in tune.abc


def test_tune_with_its_header():
    tune = datasets.load_tunes("oneill")[2]
    assert tune.title == "The Little Heathy Hill"
    assert (tune.metre, tune.unit, tune.key, tune.mode) == ("4/4", "1/8", "G", "minor")
    assert tune.body.startswith("B/2-c/2 | d2 d>-c")
    assert tune.body.endswith("\n(d>ed).c B2 A2 | (GBAG) F2 D-F | (G>AG).F (D>CD).F | G2 G>A G3 ||")


def test_modes_are_read_however_they_are_written():
    seen = {
        (tune.key, tune.mode) for name in ("aird", "ryan") for tune in datasets.load_tunes(name)
    }
    assert {
        ("A", "mixolydian"),
        ("A", "minor"),
        ("D", "dorian"),
        ("G", "lydian"),
        ("B", "phrygian"),
        ("E", "major"),
    } <= seen


@pytest.mark.parametrize("collection", ["oneill", "ryan", "aird"])
def test_headers_agree_with_music21(collection):
    from music21 import abcFormat

    def read(tune, letter):
        line = re.search(rf"^{letter}:[^%\n]*", tune.abc, flags=re.MULTILINE)[0]
        field = abcFormat.ABCMetadata(line)
        field.preParse()
        return field

    for tune in datasets.load_tunes(collection):
        assert read(tune, "T").data == tune.title
        numerator, denominator, _ = read(tune, "M").getTimeSignatureParameters()
        assert f"{numerator}/{denominator}" == tune.metre
        if (field := read(tune, "K")).data in ("Hp", "Bn"):  # no key at all to music21
            continue
        key = field.getKeySignatureObject()
        assert (key.tonic.name.replace("-", "b"), key.mode) == (tune.key, tune.mode)


def test_keys_that_music21_does_not_read():
    bagpipe = next(tune for tune in datasets.load_tunes("aird") if "\nK:Hp\n" in tune.abc)
    slip = next(tune for tune in datasets.load_tunes("oneill") if "\nK:Bn\n" in tune.abc)
    assert (bagpipe.key, bagpipe.mode) == ("A", "mixolydian")
    assert (slip.key, slip.mode) == ("B", "minor")


def test_unknown_collection_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match="collection: expected one of oneill, ryan, aird, got 'x'"):
        datasets.load_tunes("x")

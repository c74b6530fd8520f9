"""Tunes as tokens: the same music as music21 reads in the originals."""

import random
import re

import pytest

from lecturelib.abc_notation import (
    TuneCheck,
    check_tune,
    engrave,
    tokenize_abc,
    tune_midi,
    tune_tokens,
    write_abc,
)
from lecturelib.datasets import Tune, load_tunes

music21 = pytest.importorskip("music21")


def readable(tunes):
    for tune in tunes:
        try:
            yield tune, tune_tokens(tune)
        except ValueError:
            continue


@pytest.fixture(scope="module")
def tunes():
    """Give a few tunes of every key and mode."""
    chosen, seen = [], {}
    for tune, tokens in readable(load_tunes("aird") + load_tunes("oneill")):
        name = tune.key, tune.mode
        seen[name] = seen.get(name, 0) + 1
        # music21 passes over the rests that are not to be seen.
        if seen[name] <= 1 and len(tokens) < 400 and "x" not in tune.body:
            chosen.append((tune, tokens))
    assert len(chosen) > 20
    return chosen


def notes(abc):
    return list(music21.converter.parse(abc, format="abc").recurse().notesAndRests)


def as_it_was(tune):
    """Write the tune with its own header, and its music as it stands in the collection."""
    return (
        f"%abc-2.1\nX:1\nM:{tune.metre}\nL:{tune.unit}\nK:{tune.key}{tune.mode[:3]}\n{tune.body}\n"
    )


def test_tunes_are_only_moved(tunes):
    for tune, tokens in tunes:
        before = [n for n in notes(as_it_was(tune)) if not n.duration.isGrace]
        after = notes(write_abc(tokens))
        assert [n.quarterLength for n in after] == [n.quarterLength for n in before], tune.title
        moved = {
            high.midi - low.midi
            for one, other in zip(before, after, strict=True)
            for low, high in zip(one.pitches, other.pitches, strict=True)
        }
        assert len(moved) == 1, (tune.title, moved)
        tonic = music21.pitch.Pitch(tune.key.replace("b", "-")).midi
        assert (tonic + moved.pop()) % 12 == 0


def test_tokens_are_written_and_read_again(tunes):
    for _, tokens in tunes:
        *_, music = re.split(r"^K:.*\n", write_abc(tokens), flags=re.MULTILINE)
        assert tokenize_abc(music) == tokens[3:]


@pytest.mark.parametrize("collection", ["oneill", "ryan", "aird"])
def test_nearly_all_tunes_can_be_read(collection):
    tunes = load_tunes(collection)
    assert len(list(readable(tunes))) > 0.9 * len(tunes)


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ("A/ A// A3/2 A3/ A1 A4/2", "A /2 A /4 A 3/2 A 3/2 A A 2"),
        ("|: A :|2 B |] C || D :||: E |1 F ::", "|: A :| [2 B || C || D :: E | [1 F ::"),
        ("(3ABc (AB) A-A .A ~A !trill!A TA", "(3 A B c A B A A A A A A"),
        ('"Am"A {gf}A {/g}A', "A A A"),
        ("[CE]2 [1 z x2 =c' __D,,", "[ C E ] 2 [1 z z 2 =c' __D,,"),
        ("A>B c<<d\nw: la la\nE", "A > B c << d E"),
    ],
)
def test_tokens(body, tokens):
    assert tokenize_abc(body) == tokens.split()


@pytest.mark.parametrize("body", ["A B\nK:D\nA", "[M:3/4] A", "A0 B", "A & B", "Z4"])
def test_what_cannot_be_read_is_named(body):
    with pytest.raises(ValueError, match=r"body: expected .*, got '"):
        tokenize_abc(body)


def test_notes_that_cannot_be_moved():
    tune = Tune("", "4/4", "1/8", "E", "major", "__D", "")
    with pytest.raises(ValueError, match="can be moved to C, got '__D'"):
        tune_tokens(tune)


def test_a_tune_needs_a_header():
    with pytest.raises(ValueError, match="tokens: expected M:, L: and K: first"):
        write_abc(["M:3/4", "A", "B", "c"])


HEAD = "X:1\nM:3/4\nL:1/4\nK:C\n"


@pytest.mark.parametrize(
    ("music", "bars", "full"),
    [
        ("A3 | ABc | d3 |]", 3, 3),
        ("A | ABc | d2 :|: e | fga | b2 :|", 2, 2),
        ("A | AB | c3 :|", 2, 1),
        ("A4 | A4 | A4", 3, 0),
        ("(3ABc A/B/ | A>B c |", 2, 2),
    ],
)
def test_bars_are_counted(music, bars, full):
    assert check_tune(HEAD + music) == TuneCheck(parses=True, bars=bars, full_bars=full)


def test_nonsense_is_no_tune():
    assert check_tune("") == check_tune("X:1\nM:0/0\nK:C\nA") == TuneCheck(False, 0, 0)
    assert not check_tune(HEAD).parses


def test_no_nonsense_stops_the_check():
    rng = random.Random(0)
    words = ["A", "c'", "^f", "z", "2", "/2", ">", "(3", "[", "]", "|", ":|", "|:", "[1", "::"]
    checks = [check_tune(HEAD + " ".join(rng.choices(words, k=25))) for _ in range(40)]
    assert any(check.parses for check in checks)


def test_people_fill_their_bars(tunes):
    checks = [check_tune(write_abc(tokens)) for _, tokens in tunes]
    assert all(check.parses for check in checks)
    assert sum(c.full_bars for c in checks) > 0.95 * sum(c.bars for c in checks)


def test_a_tune_is_engraved_and_played(tunes):
    tune, tokens = tunes[0]
    abc = write_abc(tokens, title=tune.title)
    score = music21.converter.parse(abc, format="abc")
    pitches = [pitch.midi for n in score.recurse().notes for pitch in n.pitches]
    assert engrave(abc).count('class="note"') == len(pitches)
    played = music21.converter.parseData(tune_midi(abc), format="midi")
    repeated = score.expandRepeats().recurse().notes
    assert [p.midi for n in played.recurse().notes for p in n.pitches] == [
        p.midi for n in repeated for p in n.pitches
    ]
    narrow, wide = (engrave(abc, width=width).count('class="system') for width in (400, 2000))
    assert narrow > wide


def test_an_accidental_holds_until_its_bar_ends():
    abc = write_abc(["M:4/4", "L:1/4", "K:Cmaj", "F", "^F", "F", "F", "|", "F", "4", "|]"])
    names = [note.pitch.name for note in notes(abc)]
    assert names == ["F", "F#", "F#", "F#", "F"]
    played = music21.converter.parseData(tune_midi(abc), format="midi")
    assert [note.pitch.midi for note in played.recurse().notes] == [65, 66, 66, 66, 65]


def test_bad_width():
    with pytest.raises(ValueError, match="width"):
        engrave(HEAD + "A3", width=5)


def test_a_tune_with_an_upbeat_on_the_way_is_played():
    abc = write_abc(tune_tokens(load_tunes()[0]))
    score = music21.converter.parse(abc, format="abc")
    first, *_, last = score.recurse().getElementsByClass("TimeSignature")
    assert first is last  # which is too much for music21's own MIDI
    played = music21.converter.parseData(tune_midi(abc), format="midi")
    assert [note.pitch.midi for note in played.recurse().notes] == [
        note.pitch.midi for note in score.recurse().notes
    ]


def test_music21_does_its_work_in_silence_and_the_same_each_time(tunes, capfd):
    abc = write_abc(tunes[0][1])
    assert check_tune(abc).parses
    assert engrave(abc) == engrave(abc)
    assert tune_midi(abc) == tune_midi(abc)
    assert capfd.readouterr() == ("", "")

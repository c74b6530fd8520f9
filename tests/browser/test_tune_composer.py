"""The tune composer in a page without Python, against torch, lecturelib's sampling and music21."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from music21 import converter, midi

from lecturelib.abc_notation import check_tune, engrave, tokenize_abc, tune_midi, write_abc
from lecturelib.datasets import load_tunes
from lecturelib.models.language_model import LanguageModelConfig, RecurrentLanguageModel
from lecturelib.models.music import Composer, compose, readable_tunes, train_composer
from lecturelib.models.training import TrainingConfig
from lecturelib.text import Vocabulary
from lecturelib.widgets import TuneComposer
from tests.browser.test_pages import violations
from tests.browser.widget_page import show

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

METRES = ("M:6/8", "M:4/4", "M:2/4")


@pytest.fixture(scope="session")
def tunes() -> list[list[str]]:
    return [tune for tune in readable_tunes(load_tunes("ryan")) if tune[0] in METRES]


@pytest.fixture(scope="session")
def composer(tunes: list[list[str]]) -> Composer:
    """Trained for some seconds, with weights that float16 holds without loss."""
    composer, _ = train_composer(
        tunes,
        config=LanguageModelConfig(embedding_size=32, hidden_size=96),
        training=TrainingConfig(epochs=8, lr=1e-2, max_grad_norm=1.0, device="cpu"),
        batch_size=16,
    )
    for weight in composer.model.parameters():
        weight.data = weight.data.half().float()
    return composer


@pytest.fixture(scope="module")
def page(composer: Composer, browser: Browser) -> Iterator[Page]:
    with show(TuneComposer(composer, temperature=0.7), browser) as page:
        page.locator(".tune-composer").wait_for()
        yield page


def panel(page: Page) -> Locator:
    return page.locator(".tune-composer")


def shown(page: Page) -> str:
    return page.get_by_label("Tune in ABC notation").input_value()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def ask(page: Page, *, metre: str, mode: str, temperature: float, seed: int, initial_abc: str):
    page.get_by_label("Metre").select_option(metre)
    page.get_by_label("Mode").select_option(mode)
    page.get_by_label("Temperature").fill(f"{temperature:g}")
    page.get_by_label("Seed").fill(str(seed))
    page.get_by_label("Initial ABC").fill(initial_abc)
    press(page, "Compose")


class Mulberry(np.random.Generator):
    """mulberry32 after Tommy Ettinger, in Python's integers."""

    def __init__(self, seed: int) -> None:
        super().__init__(np.random.PCG64(0))
        self.state = seed

    def random(self) -> float:
        self.state = (self.state + 0x6D2B79F5) % 2**32
        z = (self.state ^ self.state >> 15) * (self.state | 1) % 2**32
        z ^= (z + (z ^ z >> 7) * (z | 61)) % 2**32
        return (z ^ z >> 14) / 2**32


# ---------------------------------------------------------------- the network


def test_logits_match_torch(page: Page, composer: Composer, tunes: list[list[str]]) -> None:
    for music in ([], ["M:6/8"], tunes[3][:40], tunes[-1]):
        page_logits = panel(page).evaluate("(panel, music) => panel.logitsAfter(music)", music)
        ids = [composer.vocabulary["<s>"], *composer.vocabulary.encode(music)]
        with torch.no_grad():
            logits, _ = composer.model(torch.tensor(ids)[:, None])
        np.testing.assert_allclose(page_logits, logits[-1, 0].numpy(), atol=1e-3)
        assert logits[-1, 0].std() > 0.5  # an untrained network would prove little


def test_layers_lie_one_above_the_other(browser: Browser) -> None:
    tokens = ["M:6/8", "L:1/8", "K:Cmaj", "c", "|"]
    two = random_composer(tokens, LanguageModelConfig(hidden_size=12, num_layers=2))
    ids = torch.tensor([two.vocabulary["<s>"], *two.vocabulary.encode(tokens)])
    with torch.no_grad(), show(TuneComposer(two), browser) as page:
        expected = two.model(ids[:, None])[0][-1, 0].numpy()
        panel(page).wait_for()
        page_logits = panel(page).evaluate("(panel, music) => panel.logitsAfter(music)", tokens)
    np.testing.assert_allclose(page_logits, expected, atol=1e-3)


def random_composer(tokens: list[str], config: LanguageModelConfig) -> Composer:
    vocabulary = Vocabulary(tokens)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = RecurrentLanguageModel(len(vocabulary), config)
    for weight in model.parameters():
        weight.data = (3 * weight.data).half().float()
    return Composer(model, vocabulary)


# ---------------------------------------------------------------- composing

SETTINGS = {
    "jig": ("6/8", "major", 0.7, 1, ""),
    "march": ("4/4", "minor", 1.0, 4_294_967_295, "|: G2 | c2c2 c2Bc |"),
    "wild": ("2/4", "major", 1.5, 77, "{d}~GA"),
    "sober": ("6/8", "major", 0, 5, ""),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_page_composes_what_python_composes(name: str, page: Page, composer: Composer) -> None:
    """With the same random numbers."""
    metre, mode, temperature, seed, beginning = SETTINGS[name]
    asked = {"metre": metre, "mode": mode, "temperature": temperature, "initial_abc": beginning}
    ask(page, seed=seed, **asked)
    title = f"C {mode}, {metre}, temperature {temperature:g}, seed {seed}"
    assert shown(page) == compose(composer, Mulberry(seed), title=title, **asked)


def test_the_same_seed_gives_the_same_tune(page: Page) -> None:
    asked = {"metre": "6/8", "mode": "major", "temperature": 0.9, "initial_abc": ""}
    seen = []
    for seed in (8, 9, 8):
        ask(page, seed=seed, **asked)
        seen.append(shown(page))
    assert seen[0] == seen[2] != seen[1]


def test_python_engraves_what_the_page_composes(page: Page) -> None:
    ask(page, metre="4/4", mode="minor", temperature=0.5, seed=8, initial_abc="|: ^F2 F2 c2 z2 |")
    assert engrave(shown(page)).startswith("<svg")


def test_nine_of_ten_tunes_can_be_read(page: Page) -> None:
    readable = 0
    for seed in range(20):
        ask(page, metre="6/8", mode="major", temperature=0.7, seed=seed, initial_abc="")
        readable += check_tune(shown(page)).parses
    assert readable >= 18


# ---------------------------------------------------------------- notation and notes


def test_tokens_are_those_of_python(page: Page) -> None:
    """Of all tunes of a collection, as they were typed in, and of what nobody should type."""
    bodies = [tune.body for tune in load_tunes("ryan")]
    bodies += [
        "|1 a :|2 b |]",
        "a0",
        "a/0",
        "a6/4 b//",
        "^^c __d",
        "{",
        "(3abc (def)",
        "a\n[K:D] b",
    ]
    code = """(panel, bodies) => bodies.map((body) => {
      try { return panel.tokenize(body); } catch { return null; } })"""
    expected = [tokens_or_none(body) for body in bodies]
    assert panel(page).evaluate(code, bodies) == expected
    assert 900 < sum(tokens is not None for tokens in expected) < len(bodies)


def tokens_or_none(body: str) -> list[str] | None:
    try:
        return tokenize_abc(body)
    except ValueError:
        return None


def notes_of(page: Page, abc: str, *, repeats: bool) -> np.ndarray:
    code = "(panel, [abc, repeats]) => panel.notesOf(abc, {repeats})"
    return np.array(panel(page).evaluate(code, [abc, repeats])).reshape(-1, 3)


def written_notes(abc: str) -> np.ndarray:
    """What music21 reads, without repeats: rows of pitch, start and length."""
    with redirect_stderr(StringIO()):  # remarks on beams
        score = converter.parseData(abc, format="abc").stripTies()
    return np.array(
        [
            (pitch.midi, float(note.offset), float(note.quarterLength))
            for note in score.flatten().notes
            for pitch in note.pitches
        ]
    )


def in_order(notes: np.ndarray) -> np.ndarray:
    return notes[np.lexsort((notes[:, 0], notes[:, 1].round(4)))]


@pytest.fixture(scope="session")
def real(tunes: list[list[str]]) -> list[str]:
    """A hundred tunes, among them some in other modes and with all kinds of notation."""
    rare = ["(3", "[", "[1", ">>", "<", "K:Cmin", "K:Cdor", "K:Cmix", "^c"]
    chosen = {id(tune): tune for sign in rare for tune in [t for t in tunes if sign in t][:5]}
    chosen |= {id(tune): tune for tune in tunes[:60]}
    return [write_abc(tune) for tune in chosen.values()]


def test_notes_of_real_tunes_are_those_of_music21(page: Page, real: list[str]) -> None:
    readable = [abc for abc in real if check_tune(abc).parses]
    assert len(readable) >= 0.95 * len(real) > 60
    for abc in readable:
        page_notes, expected = notes_of(page, abc, repeats=False), written_notes(abc)
        assert page_notes.shape == expected.shape, abc
        np.testing.assert_allclose(in_order(page_notes), in_order(expected), atol=1e-4, err_msg=abc)


def test_notes_of_composed_tunes_are_those_of_music21(page: Page) -> None:
    """But for one in ten: where the notation makes no sense, each reader makes its own."""
    read = same = 0
    for seed in range(20):
        metre = ("6/8", "4/4")[seed % 2]
        ask(page, metre=metre, mode="minor", temperature=0.8, seed=100 + seed, initial_abc="")
        if check_tune(shown(page)).parses:
            ours, theirs = notes_of(page, shown(page), repeats=False), written_notes(shown(page))
            read += 1
            same += ours.shape == theirs.shape and np.allclose(
                in_order(ours), in_order(theirs), atol=1e-4
            )
    assert read >= 15
    assert same >= 0.9 * read


def test_repeats_of_real_tunes_sound_as_in_midi(page: Page, tunes: list[list[str]]) -> None:
    """Pitches and lengths, in their order: music21 fills up short bars, which moves the starts."""
    marked = [tune for tune in tunes if repeats_are_marked(tune)]
    marked.sort(key=lambda tune: "[1" not in tune)
    assert sum("[1" in tune for tune in marked) in range(5, 35)
    for tune in marked[:40]:
        abc = write_abc(tune)
        ours, theirs = notes_of(page, abc, repeats=True), midi_notes(tune_midi(abc))
        assert len(ours) == len(theirs) > len(notes_of(page, abc, repeats=False)), abc
        np.testing.assert_allclose(
            in_order(ours)[:, [0, 2]], theirs[:, [0, 2]], atol=1e-3, err_msg=abc
        )


# Parts played twice, some with two endings; nobody can be in doubt where each begins.
REPEATS = re.compile(r"(\|: )?(:: )*(\[1 )?:\| (\[2 )?(\|: (:: )*(\[1 )?:\| (\[2 )?)*(\|\| )?")


def repeats_are_marked(tune: list[str]) -> bool:
    signs = [f"{token} " for token in tune if token in ("|:", ":|", "::", "||", "[1", "[2")]
    pairs = tune.count("[1") == tune.count("[2") and tune.count("[") == tune.count("]")
    return pairs and REPEATS.fullmatch("".join(signs)) is not None


def midi_notes(data: bytes) -> np.ndarray:
    file = midi.MidiFile()
    file.readstr(data)
    notes, begun, now = [], {}, 0
    for event in itertools.chain.from_iterable(track.events for track in file.tracks[1:]):
        if event.isDeltaTime():
            now += event.time
        elif event.isNoteOn():
            begun[event.pitch] = now
        elif event.isNoteOff():
            start = begun.pop(event.pitch)
            notes.append((event.pitch, start, now - start))
    rows = np.array(notes, dtype=float)
    rows[:, 1:] /= file.ticksPerQuarterNote
    return in_order(rows)


@pytest.mark.parametrize(
    ("music", "played"),
    [
        ("|: C :| D |", "CCD"),
        ("C | D :| E :|", "CDCDEE"),  # from the beginning; from the end of the last repeat
        ("C || D :| E |", "CDDE"),  # from the double bar
        ("|: C || D :| E |", "CDCDE"),  # but not if a sign says where
        ("|: C |1 D :|2 E | F || G :|", "CDCEFGG"),
        ("|: C [1 D :| [2 E :| F |", "CDCEF"),
        ("|: C :: D :|", "CCDD"),
        ("|: C [1 D :: E :|", "CDCEE"),
        ("|: C", "C"),
    ],
)
def test_repeats_by_hand(music: str, played: str, page: Page) -> None:
    notes = notes_of(page, f"M:4/4\nL:1/4\nK:Cmaj\n{music}\n", repeats=True)
    assert [{60: "C", 62: "D", 64: "E", 65: "F", 67: "G"}[pitch] for pitch in notes[:, 0]] == [
        *played
    ]
    np.testing.assert_allclose(notes[:, 1], np.arange(len(played)))


def test_notes_by_hand(page: Page) -> None:
    """Key, accidentals up to the bar, lengths, broken rhythm, triplet, rest and chord."""
    music = "E ^E e | e/2 =E3/2 z (3CDE F>G A<<B [CE]2 c,' |"
    notes = notes_of(page, f"M:6/8\nL:1/4\nK:Cmin\n{music}\n", repeats=False)
    third = 1 / 3 * 2
    expected = [
        *[(63, 1), (65, 1), (77, 1), (75, 0.5), (64, 1.5)],
        *[(60, third), (62, third), (64, third)],
        *[(65, 1.5), (67, 0.5), (68, 0.25), (70, 1.75), (60, 2), (64, 2), (72, 1)],
    ]
    np.testing.assert_allclose(notes[:, [0, 2]], expected)
    np.testing.assert_allclose(
        notes[:, 1],
        [0, 1, 2, 3, 3.5, 6, *np.cumsum([third] * 2) + 6, 8, 9.5, 10, 10.25, 12, 12, 14],
    )


@pytest.mark.parametrize("metre", ["2/4", "3/4", "4/4", "6/8", "9/8"])
@pytest.mark.parametrize("count", range(2, 10))
def test_tuplets_are_those_of_music21(count: int, metre: str, page: Page) -> None:
    music = f"({count}{'CDEFGABcd'[:count]} e2 |"
    abc = f"%abc-2.1\nX:1\nM:{metre}\nL:1/32\nK:Cmaj\n{music}\n"
    np.testing.assert_allclose(notes_of(page, abc, repeats=False), written_notes(abc), atol=1e-6)


# ---------------------------------------------------------------- sound

LISTEN = """
window.heard = [];
window.contexts = [];
const Real = AudioContext;
window.AudioContext = class extends Real {
  constructor(...options) { super(...options); window.contexts.push(this); }
};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (when) {
  window.heard.push([this.frequency.value, when]);
  return start.call(this, when);
};"""


def test_nothing_sounds_unasked_and_play_plays_the_notes(
    composer: Composer, browser: Browser
) -> None:
    with show(TuneComposer(composer, seed=3, temperature=0.7), browser, script=LISTEN) as page:
        panel(page).wait_for()
        press(page, "Compose")
        assert page.evaluate("contexts.length") == 0
        press(page, "Play")
        heard = np.array(page.evaluate("heard"))
        pitches, starts, _ = np.array(panel(page).evaluate("panel => panel.notes")).T
        np.testing.assert_allclose(heard[:, 0], 440 * 2 ** ((pitches - 69) / 12), rtol=1e-5)
        np.testing.assert_allclose(
            heard[:, 1] - heard[0, 1], 0.36 * (starts - starts[0]), atol=1e-6
        )
        press(page, "Stop")
        page.wait_for_function("contexts.length === 1 && contexts[0].state === 'closed'")
        page.get_by_role("button", name="Play", exact=True).wait_for()


def test_a_tune_ends_by_itself(page: Page) -> None:
    set_tune(page, "M:4/4\nL:1/16\nK:Cmaj\nCE |\n")
    press(page, "Play")
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for()


def set_tune(page: Page, abc: str) -> None:
    """As Python does in a live notebook."""
    page.evaluate("abc => model.set('abc', abc)", abc)


# ---------------------------------------------------------------- the page


def test_mistakes_are_named_and_change_nothing(page: Page) -> None:
    good = {"metre": "6/8", "mode": "major", "temperature": 0.7, "seed": 2, "initial_abc": ""}
    ask(page, **good)
    before = shown(page)
    alert = page.get_by_role("alert")
    for name, value, message in (
        ("Initial ABC", "G2 & | A", "This is no music in ABC notation: “&|A”."),
        ("Initial ABC", "G2 __g", "The network has never heard “__g”; it cannot go on from there."),
        ("Initial ABC", "G0", "A note needs a length above 0."),
        ("Seed", "", "The seed has to be a whole number from 0 to 4294967295."),
        ("Seed", "1.5", "The seed has to be a whole number from 0 to 4294967295."),
    ):
        page.get_by_label(name).fill(value)
        press(page, "Compose")
        assert alert.inner_text() == message
        assert page.get_by_label(name).get_attribute("aria-invalid") == "true"
        assert page.get_by_label(name).evaluate("control => control === document.activeElement")
        assert shown(page) == before
        page.get_by_label(name).fill({"Seed": "2"}.get(name, ""))
        assert alert.inner_text() == ""


def test_a_tune_that_cannot_be_heard_is_named(page: Page) -> None:
    set_tune(page, "X:1\nM:6/8\nL:1/8\nK:D\nABc|\n")
    assert "with the tonic C" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("button", name="Play").is_disabled()
    set_tune(page, "X:1\nM:6/8\nL:1/8\nK:Cmaj\nABc|\n")
    assert page.get_by_role("alert").inner_text() == ""
    assert "3 notes" in panel(page).inner_text()


def test_the_tune_can_be_downloaded(page: Page) -> None:
    asked = {"metre": "6/8", "mode": "major", "temperature": 0.7, "initial_abc": "GE"}
    ask(page, seed=12, **asked)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "tune-12.abc"
    assert download.value.path().read_text() == shown(page)


def test_the_keyboard_reaches_everything(composer: Composer, browser: Browser) -> None:
    with show(TuneComposer(composer, temperature=0.7), browser) as page:
        page.get_by_label("Metre").focus()
        keys = page.keyboard
        keys.press("End")  # the last metre
        keys.press("Tab")
        keys.press("Tab")
        keys.press("ArrowRight")
        keys.press("Tab")
        keys.type("41")  # a number input selects its text when it is tabbed to
        keys.press("Tab")
        keys.type("CDE")
        keys.press("Tab")
        keys.press("Enter")
        assert "T:C major, 6/8, temperature 0.75, seed 41" in shown(page)
        assert shown(page).splitlines()[6].startswith("CDE")
        keys.press("Tab")
        keys.press("Space")
        page.get_by_role("button", name="Stop", exact=True).wait_for()
        keys.press("Tab")
        assert page.get_by_label("Tune in ABC").evaluate("text => text === document.activeElement")
        keys.press("Tab")
        assert page.get_by_role("link").evaluate("link => link === document.activeElement")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(theme: str, composer: Composer, browser: Browser) -> None:
    widget = TuneComposer(composer)
    with show(widget, browser, color_scheme=theme, viewport={"width": 375, "height": 800}) as page:
        panel(page).wait_for()
        page.get_by_label("Initial ABC").fill("&")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 375

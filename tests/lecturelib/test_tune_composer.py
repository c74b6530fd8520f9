"""What the panel takes from Python; tests/browser has what its page does."""

import json

import numpy as np
import pytest
import torch

from lecturelib.models.language_model import (
    LanguageModelConfig,
    RecurrentLanguageModel,
    perplexity,
)
from lecturelib.models.music import Composer, folk_tunes, train_composer
from lecturelib.models.training import TrainingConfig
from lecturelib.text import Vocabulary
from lecturelib.widgets import TuneComposer
from lecturelib.widgets.tune_composer import MAX_WEIGHTS

TOKENS = ["M:6/8", "M:2/4", "L:1/8", "L:1/16", "K:Cmin", "K:Clyd", "C", "E", "|", "2"]


def composer(tokens=TOKENS, **sizes):
    vocabulary = Vocabulary(tokens)
    config = LanguageModelConfig(**{"embedding_size": 4, "hidden_size": 6, **sizes})
    return Composer(RecurrentLanguageModel(len(vocabulary), config), vocabulary)


def test_the_first_settings_are_what_the_composer_has_heard():
    panel = TuneComposer(composer())
    assert (panel.metre, panel.mode, panel.abc) == ("2/4", "minor", "")
    usual = TuneComposer(composer(["M:2/4", "L:1/16", "M:4/4", "L:1/8", "K:Cmaj", "K:Cdor"]))
    assert (usual.metre, usual.mode) == ("4/4", "major")


def test_a_metre_without_its_unit_is_not_offered():
    panel = TuneComposer(composer([token for token in TOKENS if token != "L:1/16"]))
    assert panel.metre == "6/8"
    with pytest.raises(ValueError, match=r"^metre: .* has heard, 6/8, got '2/4'"):
        panel.metre = "2/4"


def test_the_page_sets_the_tune_and_the_settings():
    panel = TuneComposer(composer())
    seen = []
    panel.observe(lambda change: seen.append(change.new), "abc")
    panel.set_state({"abc": "X:1\n", "seed": 7, "metre": "6/8", "temperature": 1})
    assert seen == [panel.abc] == ["X:1\n"]
    assert (panel.seed, panel.metre, panel.temperature) == (7, "6/8", 1.0)


@pytest.mark.parametrize(
    ("trait", "value", "error", "message"),
    [
        ("metre", "5/4", ValueError, "metre: expected one that the composer has heard, 2/4, 6/8"),
        ("metre", 6, TypeError, "metre: expected str, got int"),
        ("mode", "major", ValueError, "mode: .* has heard, minor, lydian, got 'major'"),
        ("temperature", 2.1, ValueError, "temperature: expected 0 to 2, got 2.1"),
        ("temperature", "hot", TypeError, "temperature: expected a number, got 'hot'"),
        ("seed", -1, ValueError, "seed: expected at least 0, got -1"),
        ("seed", 2**32, ValueError, "seed: expected 0 to 4294967295, got 4294967296"),
        ("seed", 0.5, TypeError, "seed: expected an integer"),
        ("initial_abc", "C &", ValueError, "initial_abc: expected music in ABC notation, got '&'"),
        ("initial_abc", "CG", ValueError, r"initial_abc: .* the composer has heard, got \['G'\]"),
        ("initial_abc", b"C", TypeError, "initial_abc: expected str, got bytes"),
    ],
)
def test_wrong_settings_are_named_and_change_nothing(trait, value, error, message):
    with pytest.raises(error, match=f"^{message}"):
        TuneComposer(composer(), **{trait: value})
    panel = TuneComposer(composer())
    before = getattr(panel, trait)
    with pytest.raises(error, match=f"^{message}"):
        setattr(panel, trait, value)
    assert getattr(panel, trait) == before


def too_large_a_weight():
    wrong = composer()
    with torch.no_grad():
        wrong.model.head.bias[0] = 1e5
    return wrong


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: "jigs", TypeError, "expected a Composer of tunes, got str"),
        (lambda: composer(cell="gru"), ValueError, "expected .* LSTM layers, got cell='gru'"),
        (lambda: composer(hidden_size=400), ValueError, f"at most {MAX_WEIGHTS} weights, got 6"),
        (too_large_a_weight, ValueError, "expected weights of up to 65504, got 100000"),
        (
            lambda: composer()._replace(vocabulary=Vocabulary("ab")),
            ValueError,
            "expected a vocabulary of 13 tokens, as the network, got 5",
        ),
        (
            lambda: composer()._replace(vocabulary=Vocabulary([*TOKENS, "z"], unk=None)),
            ValueError,
            "expected a vocabulary with <unk>, <s>, </s>, got one without <unk>",
        ),
        (lambda: composer(["K:Cmin", "C"]), ValueError, "expected a token M:... in its vocabulary"),
        (lambda: composer(TOKENS[:4]), ValueError, "expected a token K:C... in its vocabulary"),
    ],
)
def test_wrong_composers_are_named(wrong, error, message):
    with pytest.raises(error, match=f"^composer: .*{message}"):
        TuneComposer(wrong())


def test_a_tune_is_text():
    with pytest.raises(TypeError, match=r"^abc: expected str, got NoneType$"):
        TuneComposer(composer()).abc = None


def test_float16_is_enough_and_small():
    """The weights that a page gets are as good as those that were learned."""
    seen, held_out = folk_tunes()
    learned, _ = train_composer(
        seen[:300],
        config=LanguageModelConfig(embedding_size=24, hidden_size=48),
        training=TrainingConfig(epochs=2, lr=1e-2, device="cpu"),
        batch_size=8,
    )
    state = TuneComposer(learned).get_state()
    sent = state["_network"]["weights"]
    assert len(sent) == 2 * sum(weight.numel() for weight in learned.model.parameters())
    rest = {name: state[name] for name in ("_tokens", "_metres", "_modes", "abc")}
    assert len(json.dumps(rest)) < 3000

    before = perplexity(learned.model, held_out[:40], learned.vocabulary)
    place = 0
    for name, shape in state["_network"]["shapes"]:
        size = int(np.prod(shape))
        values = np.frombuffer(sent, "<f2", size, 2 * place).astype(np.float32).reshape(shape)
        learned.model.get_parameter(name).data = torch.from_numpy(values)
        place += size
    after = perplexity(learned.model, held_out[:40], learned.vocabulary)
    assert after == pytest.approx(before, rel=1e-3)
    assert before < 30

"""Composing: what is asked for is there, and networks that know what to write write it."""

import numpy as np
import pytest
import torch

from lecturelib.abc_notation import check_tune, tune_tokens
from lecturelib.datasets import Tune, load_tunes
from lecturelib.models.language_model import LanguageModelConfig, RecurrentLanguageModel
from lecturelib.models.music import Composer, compose, readable_tunes, train_composer
from lecturelib.models.training import TrainingConfig
from lecturelib.text import Vocabulary

WORDS = Vocabulary(
    ["M:4/4", "M:6/8", "L:1/8", "K:Cmaj", "K:Cmin", "C", "D", "E", "2", "|:", "|", ":|"]
)


@pytest.fixture
def composer():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Composer(RecurrentLanguageModel(len(WORDS)), WORDS)


def test_what_cannot_be_read_is_left_out():
    tunes = [Tune("", "4/4", "1/8", "C", "major", body, "") for body in ("CD", "C&D", "E")]
    assert list(readable_tunes(tunes)) == [tune_tokens(tunes[0]), tune_tokens(tunes[2])]


def test_header_and_beginning_are_as_asked_for(composer):
    abc = compose(
        composer,
        np.random.default_rng(0),
        metre="6/8",
        mode="minor",
        initial_abc="|:C E2 D",
        title="A title",
        max_length=40,
    )
    lines = abc.splitlines()
    assert lines[1:6] == ["X:1", "T:A title", "M:6/8", "L:1/8", "K:Cmin"]
    assert lines[6].startswith("|: CE2D")
    assert not any(word in "".join(lines[6:]) for word in ("M:", "L:", "K:", "<"))


def test_the_state_of_the_generator_decides(composer):
    one, same, other = (
        compose(composer, np.random.default_rng(seed), max_length=30) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_a_tune_that_was_learnt_by_heart():
    tune = next(tune for tune in load_tunes("ryan") if tune.metre == "6/8" and len(tune.body) < 250)
    tokens = tune_tokens(tune)
    training = TrainingConfig(epochs=100, lr=0.02, max_grad_norm=1.0, device="cpu")
    config = LanguageModelConfig(embedding_size=16, hidden_size=64)
    composer, history = train_composer(
        [tokens], config=config, training=training, batch_size=1, seq_len=40
    )
    assert history.train_loss[-1] < 0.2
    mode = {"Cmaj": "major", "Cmin": "minor"}[tokens[2].removeprefix("K:")]
    abc = compose(
        composer, np.random.default_rng(0), metre="6/8", mode=mode, temperature=0, title=tune.title
    )
    check = check_tune(abc)
    assert check.parses
    assert check.full_bars == check.bars > 8


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"metre": "5/4"}, "metre: expected one of .*, got '5/4'"),
        ({"mode": "Dorian"}, "mode: expected one of major, .*, got 'Dorian'"),
        ({"mode": "dorian"}, r"expected what the composer has heard, got \['K:Cdor'\]"),
        ({"initial_abc": "C^D"}, r"expected what the composer has heard, got \['\^D'\]"),
        ({"initial_abc": "C & D"}, "body: expected music in ABC notation, got '&D'"),
        ({"temperature": -1}, "temperature"),
    ],
)
def test_what_cannot_be_composed(composer, settings, told):
    with pytest.raises(ValueError, match=told):
        compose(composer, np.random.default_rng(0), **settings)

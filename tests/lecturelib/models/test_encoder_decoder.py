"""Encoder-decoder against the library's NumPy layers, every possible target, and real dates."""

import datetime
from itertools import product

import numpy as np
import pytest
import torch

from lecturelib.datasets import LOCALES
from lecturelib.embedding import embedding_forward
from lecturelib.gru import gru_forward
from lecturelib.linear import linear_forward
from lecturelib.lstm import lstm_forward
from lecturelib.models import encoder_decoder
from lecturelib.models.encoder_decoder import (
    ConditionedModel,
    EncoderDecoder,
    EncoderDecoderConfig,
    dates_to_translate,
    train_on_dates,
)
from lecturelib.models.sequence_tasks import padded
from lecturelib.models.training import TrainingConfig
from lecturelib.recurrent import rnn_forward
from lecturelib.sampling import beam_search, greedy
from lecturelib.text import Vocabulary

CELLS = ("elman", "lstm", "gru")
SOURCE, TARGET = Vocabulary("abcd", unk=None, start=None, end=None), Vocabulary("xyz", unk=None)
TEXTS = ("abcda", "b", "dc", "aabb")


def made(cell="lstm", attention=True, seed=0, scale=3.0, target=TARGET):
    """Make a model whose weights are large enough for it to have opinions."""
    config = EncoderDecoderConfig(cell=cell, embedding_size=3, hidden_size=4, attention=attention)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = EncoderDecoder(SOURCE, target, config).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
        model.head.bias[target.end_id] += 2
    return model


def batch(texts=TEXTS):
    return padded(SOURCE.encode(text) for text in texts)


def drawn(steps=6, size=4):
    written = np.random.default_rng(0).integers(len(TARGET), size=(steps, size))
    written[0] = TARGET.start_id
    return torch.from_numpy(written)


def numpy_decoder(model, text, written):
    """Give logits (S, V) of one target, step by step, and the weights of the attention (S, T)."""
    states, summary = (each.detach().numpy() for each in model.encoder(*batch([text])))
    states, summary = states[:, 0], summary[0]
    weights = {name: each.detach().numpy() for name, each in model.named_parameters()}
    x = embedding_forward(np.array(written)[:, None], weights["embedding.weight"])
    w_ih, w_hh, b_ih, b_hh = (each.detach().numpy() for each in model.decoder.parameters())
    h0 = summary[np.newaxis]
    if model.config.cell == "gru":
        h = gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh).h
    elif model.config.cell == "lstm":
        h = lstm_forward(x, h0, None, w_ih, w_hh, b_ih + b_hh).h
    else:
        h = rnn_forward(x, h0, w_ih, w_hh, b_ih + b_hh)
    logits, looks = [], []
    for state in h[:, 0]:
        exponentials = np.exp([state @ other for other in states])
        looks.append(exponentials / exponentials.sum())
        context = summary
        if model.config.attention:
            context = sum(w * other for w, other in zip(looks[-1], states, strict=True))
        both = np.concatenate([state, context])[None]
        mixed = np.tanh(linear_forward(both, weights["mix.weight"], weights["mix.bias"]))
        logits.append(linear_forward(mixed, weights["head.weight"], weights["head.bias"])[0])
    return np.array(logits), np.array(looks)


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_padded_batches_match_numpy_one_by_one(cell, attention):
    model, written = made(cell, attention), drawn()
    tokens, lengths = batch()
    tokens = torch.where(torch.arange(5)[:, None] < lengths, tokens, 3)
    logits = model(tokens, lengths, written)
    for b, text in enumerate(TEXTS):
        wanted, _ = numpy_decoder(model, text, written[:, b].tolist())
        np.testing.assert_allclose(logits[:, b].detach().numpy(), wanted, atol=1e-10)


@pytest.mark.parametrize("text", TEXTS)
def test_alignment_matches_numpy(text):
    model = made()
    weights = model.alignment(text, "xyzzy")
    _, wanted = numpy_decoder(model, text, [TARGET.start_id, *TARGET.encode("xyzz")])
    np.testing.assert_allclose(weights, wanted, atol=1e-10)


@pytest.mark.parametrize("attention", [True, False])
def test_the_loss_of_a_batch_is_the_sum_of_its_pairs(attention):
    """Padding costs nothing and teaches nothing, in sources and in targets."""
    model = made(attention=attention)
    goals = [["<s>", *goal, "</s>"] for goal in ("xy", "zzyzx", "", "y")]

    def gradient(texts, goals):
        (tokens, lengths), (targets, ends) = batch(texts), padded(map(TARGET.encode, goals))
        tally = encoder_decoder._loss(model, (tokens.T, lengths, targets.T, ends), ())
        found = torch.autograd.grad(tally.total, list(model.parameters()))
        return tally.total.detach(), int(tally.size), found

    total, size, gradients = gradient(TEXTS, goals)
    parts = [gradient([text], [goal]) for text, goal in zip(TEXTS, goals, strict=True)]
    assert size == sum(len(goal) - 1 for goal in goals)
    torch.testing.assert_close(total, sum(part[0] for part in parts))
    for got, *wanted in zip(gradients, *(part[2] for part in parts), strict=True):
        torch.testing.assert_close(got, sum(wanted))


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_translations_are_those_of_the_greedy_search(cell, attention):
    lengths = set()
    for seed in range(4):
        model = made(cell, attention, seed)
        for text, found in zip(TEXTS, model.translate(TEXTS, max_length=6), strict=True):
            conditioned = ConditionedModel(model, text)
            ids = greedy(conditioned, max_length=6, stop=TARGET.end_id)
            assert found == [token for token in TARGET.decode(ids) if token != "</s>"]
            lengths.add(len(found))
    assert len(lengths) > 1


def test_a_beam_that_holds_all_finds_the_best_of_all_targets():
    end, few = TARGET.end_id, Vocabulary("xy", unk=None)
    beaten = 0
    for seed in range(3):
        model = made(seed=seed, target=few)
        for text in TEXTS:
            scores = {}
            for ids in product(range(len(few)), repeat=3):
                ids = ids[: ids.index(end) + 1] if end in ids else ids
                with torch.no_grad():
                    written = torch.tensor([few.start_id, *ids[:-1]])[:, None]
                    log_probs = model(*batch([text]), written)[:, 0].log_softmax(1)
                scores[ids] = sum(log_probs[s, token].item() for s, token in enumerate(ids))
            assert sum(np.exp(list(scores.values()))) == pytest.approx(1)
            best = max(scores, key=scores.__getitem__)
            conditioned = ConditionedModel(model, text)
            how = {"max_length": 3, "stop": end}
            found = beam_search(conditioned, beam_size=4**3, **how)[0]
            assert tuple(found.tokens) == best
            assert found.log_prob == pytest.approx(scores[best])
            beaten += scores[tuple(greedy(conditioned, **how))] < scores[best] - 1e-9
    assert beaten > 0


def test_sizes_and_vocabularies_that_cannot_be():
    with pytest.raises(ValueError, match="cell: expected one of elman, lstm, gru, got 'rnn'"):
        EncoderDecoderConfig(cell="rnn")
    with pytest.raises(ValueError, match="target: expected a vocabulary with tokens for start"):
        EncoderDecoder(SOURCE, Vocabulary("xyz", start=None))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"written": drawn(size=3)}, r"written: expected shape \(S, B=4\), got \(6, 3\)"),
        ({"written": drawn() + 2}, "written: expected ids from 0 to 4, got 2 to 6"),
        ({"written": drawn()[:0]}, r"written: expected shape \(T, B\) with no empty axis"),
        ({"tokens": batch()[0] + 1}, "tokens: expected ids from 0 to 3, got 1 to 4"),
        ({"lengths": batch()[1] + 1}, r"lengths: expected 1 to 5 tokens each, got \[6, 2, 3, 5\]"),
        ({"lengths": batch()[1][:3]}, r"lengths: expected shape \(B=4,\), got \(3,\)"),
    ],
)
def test_bad_batches(change, told):
    tokens, lengths = batch()
    arguments = {"tokens": tokens, "lengths": lengths, "written": drawn()} | change
    with pytest.raises(ValueError, match=told):
        made()(**arguments)


def test_texts_that_cannot_be_read():
    model = made()
    for texts in ([], ["ab", ""]):
        with pytest.raises(ValueError, match="sequences: expected a token or more in each"):
            model.translate(texts)
    with pytest.raises(ValueError, match="tokens: expected tokens of the vocabulary, got 'e'"):
        ConditionedModel(model, "abe")
    with pytest.raises(ValueError, match="max_length: expected at least 1, got 0"):
        model.translate(["ab"], max_length=0)
    with pytest.raises(ValueError, match="context: expected ids from 0 to 4, got 0 to 5"):
        ConditionedModel(model, "ab").next_log_probs([5])
    with pytest.raises(ValueError, match=r"config\.attention: expected True, got False"):
        made(attention=False).alignment("ab", "xy")


def test_days_and_languages_are_held_out():
    dates = dates_to_translate(n=1000, held_out_locales=("ja", "zh", "ko", "th"), seed=1)
    assert [len(pairs) for pairs in dates[1:3]] == [1000 - len(dates.learned), 100]
    known, new = ({pair.iso for pair in pairs} for pairs in dates[:2])
    assert known.isdisjoint(new)
    assert {datetime.date.fromisoformat(day).toordinal() % 10 for day in new} == {0}
    asian = {char for pair in dates.new_languages for char in pair.text if ord(char) > 0xE00}
    assert len(asian) > 10
    assert asian.isdisjoint(dates.source.tokens)
    assert dates_to_translate(n=1000, held_out_locales=("ja", "zh", "ko", "th"), seed=1) == dates


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"n": 5}, "n: expected at least 100, got 5"),
        ({"held_out_locales": ()}, "locales: expected a sequence"),
        ({"held_out_locales": LOCALES}, "locales: expected a sequence"),
        ({"held_out_locales": ("xx",)}, "locales: expected locales of babel"),
        ({"seed": -1}, "seed: expected at least 0"),
    ],
)
def test_bad_dates(settings, told):
    with pytest.raises(ValueError, match=told):
        dates_to_translate(**settings)


def test_the_same_seed_gives_the_same_numbers():
    dates, config = dates_to_translate(n=200), made().config

    def trained():
        torch.rand(1)  # what was drawn before must not matter
        before = torch.get_rng_state()
        model, _ = train_on_dates(dates, config=config, training=TrainingConfig(epochs=1, seed=3))
        assert torch.equal(torch.get_rng_state(), before)
        return model.state_dict()

    first, second = trained(), trained()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_attention_learns_dates():
    others = [locale for locale in LOCALES if locale not in ("de", "en", "hu", "nl")]
    dates = dates_to_translate(n=2000, held_out_locales=others)
    model, history = train_on_dates(
        dates,
        training=TrainingConfig(epochs=3, lr=1e-2, max_grad_norm=1.0, device="cpu"),
        config=EncoderDecoderConfig(hidden_size=32),
        batch_size=32,
    )
    assert history.metrics["new days"][-1] > 0.9
    date = "Wednesday, March 4, 1998"
    assert "".join(model.translate([date])[0]) == "1998-03-04"
    # It looks at the year while it writes the year.
    looks = model.alignment(date, "1998-03-04")
    assert looks[:4, date.index("1998") :].sum(1).min() > 0.5

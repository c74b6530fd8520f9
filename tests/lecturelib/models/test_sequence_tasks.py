"""Classifier and transducer against the library's NumPy layers, torch's packing, and real tasks."""

import datetime
import re
from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn

from lecturelib.datasets import label_python, load_python_sources
from lecturelib.embedding import embedding_forward
from lecturelib.gru import gru_forward
from lecturelib.linear import linear_forward
from lecturelib.lstm import lstm_forward
from lecturelib.models import sequence_tasks
from lecturelib.models.sequence_tasks import (
    Encoder,
    Labelled,
    RecurrentConfig,
    SequenceClassifier,
    Transducer,
    date_languages,
    labelled_programs,
    padded,
    train_on_labels,
)
from lecturelib.models.training import TrainingConfig
from lecturelib.recurrent import last_state, reverse_sequences, rnn_forward

CELLS = ("elman", "lstm", "gru")
LENGTHS = (5, 2, 1, 4)


def config(cell="lstm", bidirectional=True):
    return RecurrentConfig(cell=cell, embedding_size=3, hidden_size=4, bidirectional=bidirectional)


def made(kind, *sizes, seed=0, **settings):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return kind(*sizes, config(**settings)).double()


def sequences(lengths=LENGTHS, size=7):
    rng = np.random.default_rng(0)
    return [rng.integers(size, size=length) for length in lengths]


def numpy_states(cell, layer, x, lengths):
    """Run the library's own cell with the weights of torch's."""
    w_ih, w_hh, b_ih, b_hh = (parameter.detach().numpy() for parameter in layer.parameters())
    if cell == "gru":
        return gru_forward(x, None, w_ih, w_hh, b_ih, b_hh, lengths=lengths).h
    if cell == "lstm":
        return lstm_forward(x, None, None, w_ih, w_hh, b_ih + b_hh, lengths=lengths).h
    return rnn_forward(x, None, w_ih, w_hh, b_ih + b_hh, lengths=lengths)


def numpy_encoder(encoder, tokens, lengths):
    cell, ends = encoder.config.cell, lengths.numpy()
    x = embedding_forward(tokens.numpy(), encoder.embedding.weight.detach().numpy())
    states = numpy_states(cell, encoder.forwards, x, ends)
    summary = last_state(states, lengths=ends)
    if encoder.config.bidirectional:
        turned = reverse_sequences(x, lengths=ends)
        back = numpy_states(cell, encoder.backwards, turned, ends)
        summary = np.concatenate([summary, last_state(back, lengths=ends)], axis=1)
        back = reverse_sequences(back, lengths=ends)
        states = np.concatenate([states, back], axis=2)
    return states, summary


def numpy_linear(layer, x):
    return linear_forward(x, layer.weight.detach().numpy(), layer.bias.detach().numpy())


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_models_are_those_of_the_book(cell, bidirectional):
    tokens, lengths = padded(sequences())
    classifier = made(SequenceClassifier, 7, 5, cell=cell, bidirectional=bidirectional)
    _, summary = numpy_encoder(classifier.encoder, tokens, lengths)
    got = classifier(tokens, lengths).detach().numpy()
    np.testing.assert_allclose(got, numpy_linear(classifier.head, summary), atol=1e-12)

    transducer = made(Transducer, 7, 5, cell=cell, bidirectional=bidirectional)
    states, _ = numpy_encoder(transducer.encoder, tokens, lengths)
    got = transducer(tokens, lengths).detach().numpy()
    for b, length in enumerate(LENGTHS):
        wanted = numpy_linear(transducer.head, states[:length, b])
        np.testing.assert_allclose(got[:length, b], wanted, atol=1e-12)


def test_encoder_is_torchs_on_packed_sequences_gradients_too():
    tokens, lengths = padded(sequences())
    encoder = made(Encoder, 7)
    packed = nn.LSTM(3, 4, bidirectional=True).double()
    weights = [*encoder.forwards.parameters(), *encoder.backwards.parameters()]
    with torch.no_grad():
        for theirs, ours in zip(packed.parameters(), weights, strict=True):
            theirs.copy_(ours)
    x = encoder.embedding(tokens)
    wanted, (last, _) = packed(nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False))
    wanted, _ = nn.utils.rnn.pad_packed_sequence(wanted)
    states, summary = encoder(tokens, lengths)
    real = torch.arange(5)[:, None] < lengths
    torch.testing.assert_close(states[real], wanted[real])
    torch.testing.assert_close(summary, torch.cat([*last], 1))
    (summary.sum() + states[real].square().sum()).backward()
    (last.sum() + wanted.square().sum()).backward()
    for theirs, ours in zip(packed.parameters(), weights, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("kind", [SequenceClassifier, Transducer])
@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_gives_alone_what_it_gives_in_a_batch(cell, kind):
    tokens, lengths = padded(sequences())
    model = made(kind, 7, 5, cell=cell)
    together = model(tokens, lengths)
    real = torch.arange(5)[:, None] < lengths
    other = model(torch.where(real, tokens, 6 - tokens), lengths)
    for b, sequence in enumerate(sequences()):
        alone = model(*padded([sequence]))
        for batch in (together, other):
            here = batch[: len(sequence), b : b + 1] if kind is Transducer else batch[b : b + 1]
            torch.testing.assert_close(here, alone)


@pytest.mark.parametrize("kind", [SequenceClassifier, Transducer])
def test_the_loss_of_a_batch_is_the_sum_of_its_sequences(kind):
    """Padding costs nothing and teaches nothing."""
    model = made(kind, 7, 5)

    def gradient(rows, labels):
        tokens, lengths = padded(rows)
        tally = sequence_tasks._loss(model, (tokens.T, lengths, labels.t()), ())
        total = tally.total
        return total, tally.size, torch.autograd.grad(total, list(model.parameters()))

    rows = sequences()
    each = [length % 5 for length in LENGTHS]
    labels = [np.full(length, label) for length, label in zip(LENGTHS, each, strict=True)]
    single = [padded([row])[0] if kind is Transducer else torch.tensor(row[:1]) for row in labels]
    batch = padded(labels)[0] if kind is Transducer else torch.tensor(each)
    total, size, gradients = gradient(rows, batch)
    parts = [gradient([row], label) for row, label in zip(rows, single, strict=True)]
    assert size == (sum(LENGTHS) if kind is Transducer else len(LENGTHS))
    torch.testing.assert_close(total, sum(part[0] for part in parts))
    for got, *wanted in zip(gradients, *(part[2] for part in parts), strict=True):
        torch.testing.assert_close(got, sum(wanted))


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"cell": "rnn"}, ValueError, "cell: expected one of elman, lstm, gru, got 'rnn'"),
        ({"hidden_size": 0}, ValueError, "hidden_size: expected at least 1, got 0"),
        ({"embedding_size": 2.5}, TypeError, "embedding_size"),
    ],
)
def test_bad_sizes(settings, error, told):
    with pytest.raises(error, match=told):
        RecurrentConfig(**settings)


@pytest.mark.parametrize(
    ("tokens", "lengths", "told"),
    [
        ([[1, 2], [3, 9]], [2, 2], "tokens: expected ids from 0 to 6, got 1 to 9"),
        ([[1, 2], [3, -1]], [2, 2], "tokens: expected ids from 0 to 6, got -1 to 3"),
        ([1, 2], [2], r"tokens: expected shape \(T, B\) with no empty axis, got \(2,\)"),
        ([[], []], [], r"tokens: expected shape \(T, B\) with no empty axis, got \(2, 0\)"),
        ([[1, 2], [3, 0]], [2], r"lengths: expected shape \(B=2,\), got \(1,\)"),
        ([[1, 2], [3, 0]], [2, 0], r"lengths: expected 1 to 2 tokens each, got \[2, 0\]"),
        ([[1, 2], [3, 0]], [3, 1], r"lengths: expected 1 to 2 tokens each, got \[3, 1\]"),
    ],
)
@pytest.mark.parametrize("kind", [SequenceClassifier, Transducer])
def test_bad_batches(kind, tokens, lengths, told):
    tokens = torch.tensor(tokens, dtype=torch.int64)
    with pytest.raises(ValueError, match=told):
        made(kind, 7, 5)(tokens, torch.tensor(lengths, dtype=torch.int64))


@pytest.mark.parametrize("rows", [[], [np.array([1]), np.array([], np.int64)]])
def test_nothing_cannot_be_padded(rows):
    with pytest.raises(ValueError, match="sequences: expected a token or more in each"):
        padded(rows)


def texts(task, part):
    return [
        spelled(task, row[:length])
        for row, length in zip(part.tokens.T.tolist(), part.lengths.tolist(), strict=True)
    ]


def spelled(task, ids):
    return "".join("?" if token == "<unk>" else token for token in task.vocabulary.decode(ids))


def test_languages_hold_out_days():
    task = date_languages(per_locale=60, seed=1)
    counts = [np.bincount(part.labels, minlength=30) for part in task[:2]]
    np.testing.assert_array_equal(sum(counts), 60)
    rests = []
    for part in task[:2]:
        days = [
            datetime.date(*map(int, re.findall(r"\d+", text)))
            for text, label in zip(texts(task, part), part.labels.tolist(), strict=True)
            if task.classes[label] == "ja"
        ]
        rests.append({day.toordinal() % 10 for day in days})
    assert rests[1] == {0}
    assert 0 not in rests[0]
    assert torch.equal(task.learned.tokens, date_languages(per_locale=60, seed=1).learned.tokens)


def test_programs_are_held_out_as_a_whole():
    task = labelled_programs(max_chars=60_000, piece=100)
    sources = list(load_python_sources(max_chars=60_000).values())
    shares = []
    for part in task[:2]:
        text = "".join(texts(task, part))
        real = torch.arange(len(part.tokens))[:, None] < part.lengths
        labels = "".join(map(str, part.labels.T[real.T].tolist()))
        inside = []
        for source in sources:
            known = spelled(task, task.vocabulary.encode(source))
            place = text.find(known)
            inside.append(place >= 0)
            if place >= 0:
                wanted = "".join(map(str, label_python(source).tolist()))
                assert labels[place : place + len(source)] == wanted
        shares.append(inside)
    assert all(a ^ b for a, b in zip(*shares, strict=True))
    assert sum(shares[1]) == -(-len(sources) // 6)
    assert task.learned.lengths.max() == 100


@pytest.mark.parametrize(
    ("make", "settings", "error", "told"),
    [
        (date_languages, {"per_locale": 5}, ValueError, "per_locale"),
        (date_languages, {"seed": -1}, ValueError, "seed"),
        (labelled_programs, {"piece": 0}, ValueError, "piece"),
        (labelled_programs, {"max_chars": 6000}, ValueError, "max_chars: expected enough for two"),
        (labelled_programs, {"max_chars": 1.5}, TypeError, "max_chars"),
    ],
)
def test_bad_tasks(make, settings, error, told):
    with pytest.raises(error, match=told):
        make(**settings)


def test_a_task_is_of_its_kind():
    task = labelled_programs(max_chars=20_000)
    with pytest.raises(ValueError, match=r"task: expected labels \(N,\) for SequenceClassifier"):
        train_on_labels(SequenceClassifier, task, training=TrainingConfig(epochs=1))


def test_the_same_seed_gives_the_same_numbers():
    task, training = labelled_programs(max_chars=20_000), TrainingConfig(epochs=1, seed=3)

    def trained():
        torch.rand(1)  # what was drawn before must not matter
        before = torch.get_rng_state()
        model, history = train_on_labels(Transducer, task, config=config(), training=training)
        assert torch.equal(torch.get_rng_state(), before)
        return model.state_dict(), history.metrics

    (first, measured), (second, again) = trained(), trained()
    assert measured == again
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_accuracy_counts_real_tokens_only():
    model = made(Transducer, 7, 5)
    tokens, lengths = padded(sequences())
    answers = model(tokens, lengths).argmax(2)
    real = torch.arange(5)[:, None] < lengths
    labels = torch.where(real, answers, (answers + 1) % 5)
    labels[0, 0] = (answers[0, 0] + 1) % 5
    got = sequence_tasks._accuracy(model, Labelled(tokens, lengths, labels), batch_size=3)
    assert got == pytest.approx(11 / 12)


def test_it_learns_more_than_what_each_character_mostly_is():
    task = labelled_programs(max_chars=150_000, piece=128)
    real = [torch.arange(128)[:, None] < part.lengths for part in task[:2]]
    seen = [each[real[0]].tolist() for each in task.learned[::2]]
    pairs = Counter(zip(*seen, strict=True))
    mostly = {}
    for (token, label), _ in sorted(pairs.items(), key=lambda item: item[1]):
        mostly[token] = label
    tokens, labels = (each[real[1]].tolist() for each in task.held_out[::2])
    guesses = [mostly.get(token) == label for token, label in zip(tokens, labels, strict=True)]
    _, history = train_on_labels(
        Transducer,
        task,
        config=RecurrentConfig(hidden_size=32),
        training=TrainingConfig(epochs=2, lr=1e-2, max_grad_norm=1.0, device="cpu"),
    )
    assert history.metrics["accuracy"][-1] > np.mean(guesses) + 0.1

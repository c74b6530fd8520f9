"""Recurrent language models, against lecturelib's own layers and its n-gram models."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from lecturelib import recurrent_layers
from lecturelib.embedding import embedding_backward, embedding_forward
from lecturelib.linear import linear_backward, linear_forward
from lecturelib.losses import cross_entropy_backward, cross_entropy_forward
from lecturelib.models._cells import CELLS
from lecturelib.models.language_model import (
    LanguageModelConfig,
    Reader,
    RecurrentLanguageModel,
    Windows,
    encode_texts,
    perplexity,
    streams,
    train_language_model,
)
from lecturelib.models.training import TrainingConfig
from lecturelib.ngram import AddK, InterpolatedKneserNey, NgramCounts
from lecturelib.sampling import beam_search, greedy, sample
from lecturelib.text import Vocabulary

LETTERS = Vocabulary("abcdef")
TEXTS = ["abba", "caffeefade", "", "dead", "fab"]
OURS = {
    "elman": recurrent_layers.RNN,
    "lstm": recurrent_layers.LSTM,
    "gru": recurrent_layers.GRU,
}


def language_model(cell="lstm", vocabulary=LETTERS, seed=0, **sizes):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = LanguageModelConfig(cell=cell, **{"embedding_size": 4, "hidden_size": 5} | sizes)
        return RecurrentLanguageModel(len(vocabulary), config)


def layer_of_numpy(model):
    """Make lecturelib's recurrent layer with the weights of torch's."""
    recurrent = {name[:-3]: w.detach().numpy() for name, w in model.recurrent.named_parameters()}
    layer = OURS[model.config.cell](4, 5, np.random.default_rng(0), dtype=np.float64)
    if "bias" in layer.named_parameters():  # one where torch has two
        recurrent["bias"] = recurrent["bias_ih"] + recurrent["bias_hh"]
    for name, parameter in layer.named_parameters().items():
        parameter.data[:] = recurrent[name]
    return layer


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_lecturelibs_layers(cell):
    model = language_model(cell).double()
    (tokens, following), *_ = Windows(
        streams(torch.cat(encode_texts(TEXTS, LETTERS)), 3), seq_len=9
    ).epoch(0)
    loss = nn.functional.cross_entropy(model(tokens)[0].flatten(0, 1), following.flatten())
    loss.backward()

    layer = layer_of_numpy(model)
    ids, target = tokens.numpy(), following.numpy()
    vectors, w, b = (
        each.detach().numpy()
        for each in (model.embedding.weight, model.head.weight, model.head.bias)
    )
    h = layer.forward(embedding_forward(ids, vectors))
    logits = linear_forward(h, w, b)
    np.testing.assert_allclose(loss.item(), cross_entropy_forward(logits, target), rtol=1e-12)
    dh, dw, db = linear_backward(cross_entropy_backward(1.0, logits, target), h, w)
    dvectors = embedding_backward(layer.backward(dh), ids, vectors)

    same = {"rtol": 1e-9, "atol": 1e-13}
    np.testing.assert_allclose(model.head.weight.grad, dw, **same)
    np.testing.assert_allclose(model.head.bias.grad, db, **same)
    np.testing.assert_allclose(model.embedding.weight.grad, dvectors, **same)
    gradients = {name[:-3]: w.grad.numpy() for name, w in model.recurrent.named_parameters()}
    for name, parameter in layer.named_parameters().items():
        expected = gradients["bias_ih" if name == "bias" else name]
        np.testing.assert_allclose(parameter.grad, expected, **same)


def test_a_tied_model_has_one_set_of_vectors():
    tied = language_model(embedding_size=5, tied=True)
    apart = language_model(embedding_size=5)
    assert tied.head.weight is tied.embedding.weight
    saved = sum(each.numel() for each in apart.parameters())
    saved -= sum(each.numel() for each in tied.parameters())
    assert saved == 5 * len(LETTERS)


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_can_be_read_in_parts(cell):
    model = language_model(cell, num_layers=2).eval()
    tokens = torch.randint(0, 9, (11, 3), generator=torch.Generator().manual_seed(1))
    whole, end = model(tokens)
    first, state = model(tokens[:4])
    second, after = model(tokens[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(after, end)


def test_windows_cover_every_stream_once():
    ids = torch.arange(23)
    batches = list(Windows(streams(ids, 3), seq_len=4).epoch(0))
    assert len(Windows(streams(ids, 3), seq_len=4)) == len(batches) == 2
    tokens, following = (torch.cat(each) for each in zip(*batches, strict=True))
    assert tokens.T.tolist() == [[*range(7 * b, 7 * b + 6)] for b in range(3)]
    assert torch.equal(following, tokens + 1)


def knows_two_letters(counts):
    """Write a bigram model as an Elman network: its state is the token that it has just read."""
    size = len(counts.vocabulary)
    model = language_model("elman", counts.vocabulary, embedding_size=size, hidden_size=size)
    bigram = AddK(counts, 0.5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.embedding.weight.copy_(torch.eye(size))
        model.recurrent.weight_ih_l0.copy_(40 * torch.eye(size))  # tanh of 40 is 1
        log_probs = [bigram.next_log_probs([token]) for token in range(size)]
        model.head.weight.copy_(torch.from_numpy(np.maximum(log_probs, -80)).T)
    return model, bigram


@pytest.fixture
def bigram():
    return knows_two_letters(NgramCounts.from_sentences(TEXTS, 2, vocabulary=LETTERS))


def test_perplexity_counts_what_the_ngram_models_count(bigram):
    model, ngram = bigram
    texts = ["abe", "fffff", "", "baxa"]  # x is unknown
    assert perplexity(model, texts, LETTERS) == pytest.approx(ngram.perplexity(texts), rel=1e-5)
    long = ["abcdef" * 100, "fed"]
    assert perplexity(model, long, LETTERS) == pytest.approx(ngram.perplexity(long), rel=1e-5)
    model.train()
    perplexity(model, texts, LETTERS)
    assert model.training


def test_sampling_draws_as_from_the_ngram_model(bigram):
    model, ngram = bigram
    reader, begin = Reader(model, LETTERS), [LETTERS["<s>"]]
    for seed in range(5):
        drawn = [
            sample(each, np.random.default_rng(seed), max_length=12, context=context)
            for each, context in ((reader, []), (ngram, begin))
        ]
        assert drawn[0] == drawn[1]


@pytest.mark.parametrize("cell", CELLS)
def test_a_reader_gives_what_reading_anew_gives(cell):
    model = language_model(cell, num_layers=2)
    reader, rng = Reader(model, LETTERS), np.random.default_rng(0)
    contexts = [rng.integers(3, 9, length).tolist() for length in (5, 0, 3, 7)]
    contexts += [context[:-1] for context in contexts if context]
    contexts += [[*context, token] for context in contexts for token in (3, 8)]
    for context in contexts:
        logits, _ = model(torch.tensor([LETTERS["<s>"], *context])[:, None])
        logits[:, :, LETTERS["<s>"]] = -torch.inf
        expected = logits[-1, 0].log_softmax(0).detach().numpy()
        np.testing.assert_allclose(reader.next_log_probs(context), expected, atol=1e-6)


def test_a_beam_as_wide_as_all_texts_finds_the_best():
    reader = Reader(language_model("gru", seed=3), LETTERS)
    tokens = [i for i in range(len(LETTERS)) if i != LETTERS["<s>"]]
    log_probs = {
        text: sum(float(reader.next_log_probs(text[:t])[text[t]]) for t in range(3))
        for text in itertools.product(tokens, repeat=3)
    }
    best = max(log_probs, key=log_probs.get)
    found = beam_search(reader, beam_size=len(tokens) ** 2, max_length=3)[0]
    assert tuple(found.tokens) == best
    assert found.log_prob == pytest.approx(log_probs[best], abs=1e-5)
    assert greedy(reader, max_length=3) == beam_search(reader, beam_size=1, max_length=3)[0].tokens


def test_it_remembers_longer_than_an_ngram_model():
    """The last letter is the first one, six letters before."""
    rng = np.random.default_rng(0)

    def texts(number):
        first = rng.choice(list("abc"), number)
        middle = rng.choice(list("def"), (number, 6))
        return [a + "".join(b) + a for a, b in zip(first, middle, strict=True)]

    seen, held_out = texts(300), texts(60)
    training = TrainingConfig(epochs=14, lr=0.02, max_grad_norm=1.0, device="cpu")
    model, history = train_language_model(
        seen,
        LETTERS,
        config=LanguageModelConfig(embedding_size=8, hidden_size=24),
        training=training,
        batch_size=10,
        seq_len=30,
        held_out=held_out,
    )
    found = perplexity(model, held_out, LETTERS)
    assert found == pytest.approx(math.exp(history.validation_loss[-1]), rel=1e-5)
    counts = [NgramCounts.from_sentences(seen, n, vocabulary=LETTERS) for n in (2, 3, 4)]
    known = min(InterpolatedKneserNey(each).perplexity(held_out) for each in counts)
    at_best = 3 ** (7 / 9)  # one in three, seven times of nine; the rest is certain
    assert at_best < found < (known + at_best) / 2


def test_what_is_random_is_decided_by_the_seed():
    settings = {
        "config": LanguageModelConfig(embedding_size=4, hidden_size=4, dropout=0.5),
        "batch_size": 2,
        "seq_len": 5,
    }
    models = [
        train_language_model(
            TEXTS, LETTERS, training=TrainingConfig(epochs=1, device="cpu", seed=seed), **settings
        )[0]
        for seed in (4, 4, 5)
    ]
    one, same, other = (each.head.weight for each in models)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"cell": "rnn"}, ValueError, "cell: expected one of elman, lstm, gru, got 'rnn'"),
        ({"hidden_size": 0}, ValueError, "hidden_size"),
        ({"num_layers": 1.5}, TypeError, "num_layers"),
        ({"dropout": -1}, ValueError, "dropout"),
        ({"tied": True}, ValueError, "tied: expected an embedding_size of hidden_size=256, got 64"),
    ],
)
def test_bad_sizes(settings, error, told):
    with pytest.raises(error, match=told):
        LanguageModelConfig(**settings)


@pytest.mark.parametrize("shape", [(3,), (0, 2), (2, 3, 1)])
def test_bad_tokens(shape):
    with pytest.raises(ValueError, match="tokens: expected shape"):
        language_model()(torch.zeros(shape, dtype=torch.long))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: streams(torch.arange(5), 3), "ids: expected .* two or more for each of 3 streams"),
        (lambda: streams(torch.zeros(9, 2), 3), r"got \(9, 2\)"),
        (lambda: streams(torch.arange(5), 0), "batch_size"),
        (
            lambda: Windows(torch.zeros(1, 4), seq_len=3),
            r"columns: expected shape \(2 or more, B\)",
        ),
        (lambda: Windows(torch.zeros(3, 4), seq_len=0), "seq_len"),
        (lambda: encode_texts([], LETTERS), "texts: expected at least one, got none"),
        (lambda: encode_texts(["a"], Vocabulary("a", start=None)), "expected one with <s>"),
        (lambda: perplexity(language_model(), ["a"], Vocabulary("ab")), "expected 9 tokens"),
        (lambda: perplexity(language_model(), [], LETTERS), "texts: expected at least one"),
        (lambda: Reader(language_model(), Vocabulary("ab")), "expected 9 tokens, .* got 5"),
    ],
)
def test_bad_texts(call, told):
    with pytest.raises(ValueError, match=told):
        call()

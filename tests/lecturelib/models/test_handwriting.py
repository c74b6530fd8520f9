"""Reading words: against CTC's definition, lecturelib's layers, and words of held-out digits."""

from functools import cache
from itertools import groupby, product

import numpy as np
import pytest
import torch

from lecturelib.conv import conv2d_forward
from lecturelib.linear import linear_forward
from lecturelib.lstm import lstm_forward
from lecturelib.models import handwriting
from lecturelib.models.handwriting import (
    BLANK,
    Glyphs,
    HandwritingConfig,
    HandwritingReader,
    Words,
    beam_decode,
    character_error_rate,
    compose_words,
    greedy_decode,
    handwritten_digits,
    read_words,
    train_reader,
)
from lecturelib.models.training import TrainingConfig
from lecturelib.pool import max_pool2d_forward


def bars():
    """Three characters that cannot be mistaken: so many columns of ink, 2 pixels high."""
    images = np.zeros((3, 2, 5), np.float32)
    for label in range(3):
        images[label, :, 1 : 2 + label] = 1
    return Glyphs(images, np.arange(3))


def spelled_by(path):
    """Give the word that a class for each column stands for, by CTC's definition."""
    return tuple(k - 1 for k, _ in groupby(path) if k != BLANK)


def probabilities_of_words(log_probs):
    """Add up all ways to spell each word, one by one."""
    T, K = log_probs.shape
    found = {}
    for path in product(range(K), repeat=T):
        word = spelled_by(path)
        found[word] = found.get(word, 0) + np.exp(log_probs[range(T), path].sum())
    return found


def some_log_probs(T, K, seed):
    scores = np.random.default_rng(seed).normal(size=(T, K)) * 2
    return scores - np.log(np.exp(scores).sum(1, keepdims=True))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("T", "K"), [(1, 2), (4, 3), (6, 3), (5, 4)])
def test_a_wide_beam_finds_the_most_probable_word(T, K, seed):
    log_probs = some_log_probs(T, K, seed)
    words = probabilities_of_words(log_probs)
    assert sum(words.values()) == pytest.approx(1)
    assert tuple(beam_decode(log_probs, beam_size=1000)) == max(words, key=words.get)


@pytest.mark.parametrize("seed", range(20))
def test_greedy_decoding_collapses_the_best_path(seed):
    log_probs = some_log_probs(7, 4, seed)
    assert tuple(greedy_decode(log_probs)) == spelled_by(log_probs.argmax(1))


def test_decoding_long_words_does_not_run_out_of_numbers():
    log_probs = np.full((2000, 11), np.log(0.01))
    classes = np.arange(2000) % 11
    log_probs[range(2000), classes] = np.log(0.9)
    wanted = [int(k) - 1 for k in classes if k]
    assert greedy_decode(log_probs) == wanted
    assert beam_decode(log_probs, beam_size=3) == wanted


def test_the_loss_is_minus_the_log_probability_of_the_word():
    log_probs = some_log_probs(6, 4, 0)
    words = probabilities_of_words(log_probs)

    class Fixed(torch.nn.Module):
        def forward(self, images):
            return torch.from_numpy(log_probs).float()[:, None].expand(-1, len(images), -1)

    spelled = [[0, 0], [2], [1, 2, 0]]
    characters = torch.tensor([[0, 0, 9], [2, 9, 9], [1, 2, 0]])
    batch = torch.zeros(3, 1, 12, 12), characters, torch.tensor([2, 1, 3])
    total, size, _ = handwriting._ctc_loss(Fixed(), batch, ())
    assert size == 6
    wanted = -sum(np.log(words[tuple(word)]) for word in spelled)
    assert float(total) == pytest.approx(wanted, rel=1e-5)


@cache
def edits(one, other):
    """Count edits by the definition: of the first characters, what is cheapest."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        edits(one[1:], other) + 1,
        edits(one, other[1:]) + 1,
        edits(one[1:], other[1:]) + (one[0] != other[0]),
    )


def test_character_error_rate_counts_edits():
    rng = np.random.default_rng(0)
    read, expected = (
        [tuple(rng.integers(3, size=rng.integers(1, 7)).tolist()) for _ in range(200)]
        for _ in range(2)
    )
    wanted = sum(map(edits, read, expected)) / sum(map(len, expected))
    assert character_error_rate(read, expected) == pytest.approx(wanted)
    assert character_error_rate(expected, expected) == 0
    assert character_error_rate([()] * 200, expected) == 1


def test_words_are_the_glyphs_side_by_side():
    words = compose_words(bars(), np.random.default_rng(0), 300, height=5, max_length=4)
    assert words.images.shape[:3] == (300, 1, 5)
    tops = set()
    for image, characters in zip(words.images[:, 0].numpy(), words.spelled(), strict=True):
        assert 2 <= len(characters) <= 4
        inked = image.max(0) > 0
        runs = [(ink, len(list(run))) for ink, run in groupby(inked)]
        assert [length - 1 for ink, length in runs if ink] == characters
        gaps = [length for ink, length in runs if not ink]
        assert gaps[0] == 1
        assert set(gaps[1:-1]) <= {1, 2, 3}
        for column in image.T[inked]:
            (ink,) = set(column[column > 0].tolist())
            assert 0.7 <= ink <= 1
            tops.add(tuple(np.flatnonzero(column)))
    assert tops == {(0, 1), (1, 2), (2, 3), (3, 4)}
    assert set(words.lengths.tolist()) == {2, 3, 4}


def test_words_are_decided_by_the_generator():
    seen, _ = handwritten_digits()
    one, same, other = (compose_words(seen, np.random.default_rng(s), 5) for s in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not torch.equal(one.images, other.images)


def test_no_digit_is_in_both_parts():
    seen, held_out = handwritten_digits()
    first, second = ({image.tobytes() for image in part.images} for part in (seen, held_out))
    assert not first & second
    assert set(held_out.labels) == set(range(10))


def test_the_network_written_out_in_numpy():
    config = HandwritingConfig(num_characters=4, height=10, channels=(3, 5), hidden_size=6)
    model = HandwritingReader(config).double()
    images = torch.rand(2, 1, 10, 13, dtype=torch.float64)
    model(images)  # the means and variances of a batch
    model.eval()
    p = {name: each.numpy() for name, each in model.state_dict().items()}
    x = images.numpy()
    for layer, pool in ((0, 2), (4, (2, 1))):
        x = conv2d_forward(x, p[f"features.{layer}.weight"], p[f"features.{layer}.bias"], padding=1)
        mean, var, gain, offset = (
            p[f"features.{layer + 1}.{part}"].reshape(-1, 1, 1)
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        x = gain * (x - mean) / np.sqrt(var + 1e-5) + offset
        x = max_pool2d_forward(np.maximum(x, 0), pool)
    columns = x.reshape(2, 5 * 2, 6).transpose(2, 0, 1)
    h = []
    for suffix, order in (("", 1), ("_reverse", -1)):
        w_ih, w_hh, b_ih, b_hh = (
            p[f"recurrent.{part}_l0{suffix}"]
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        trace = lstm_forward(columns[::order], None, None, w_ih, w_hh, b_ih + b_hh)
        h.append(trace.h[::order])
    logits = linear_forward(np.concatenate(h, 2), p["head.weight"], p["head.bias"])
    wanted = torch.from_numpy(logits).log_softmax(2)
    torch.testing.assert_close(model(images), wanted)


def test_reading_in_training_mode_is_the_same():
    seen, _ = handwritten_digits()
    words = compose_words(seen, np.random.default_rng(0), 30)
    model = HandwritingReader()
    with torch.no_grad():
        model.head.bias.normal_()
    read = read_words(model.train(), words)
    assert model.training
    assert read_words(model.eval(), words) == read
    assert any(read)
    # Parts of 256 words, and a search with a beam of one path each, make no difference either.
    many = Words(*(torch.cat([part] * 10) for part in words))
    assert read_words(model, many) == read * 10


def test_it_learns_to_read_flags():
    rows = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]], np.float32)
    flags = Glyphs(rows[:, :, None].repeat(4, axis=2), np.arange(3))
    training = TrainingConfig(epochs=5, lr=2e-2, device="cpu", max_grad_norm=5.0)
    config = HandwritingConfig(num_characters=3, height=4, channels=(8, 8), hidden_size=16)
    words = compose_words(flags, np.random.default_rng(1), 200, height=4)
    model, history = train_reader(
        flags, config=config, training=training, batches=40, held_out=words
    )
    assert history.metrics["error_rate"][-1] < 0.02
    for beam_size in (None, 4):
        read = read_words(model, words, beam_size=beam_size)
        assert character_error_rate(read, words.spelled()) < 0.02


def test_the_seed_decides_all():
    seen, held_out = handwritten_digits()
    words = compose_words(held_out, np.random.default_rng(0), 10)
    one, same, other = (
        train_reader(
            seen,
            training=TrainingConfig(epochs=2, seed=seed, device="cpu"),
            batches=2,
            batch_size=4,
            held_out=words,
        )[1]
        for seed in (0, 0, 1)
    )
    assert one.train_loss == same.train_loss
    assert one.train_loss != other.train_loss
    assert one.metrics.keys() == {"error_rate"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HandwritingConfig(channels=(3,)), "channels: expected"),
        (lambda: HandwritingConfig(height=3), "height: expected at least 4, got 3"),
        (lambda: HandwritingConfig(num_characters=0), "num_characters: expected"),
        (lambda: HandwritingReader()(torch.zeros(1, 1, 11, 20)), r"expected shape \(N, 1, 12, 2"),
        (lambda: HandwritingReader()(torch.zeros(1, 1, 12, 1)), r"expected shape \(N, 1, 12, 2"),
        (lambda: HandwritingReader()(torch.zeros(1, 12, 20)), r"expected shape \(N, 1, 12, 2"),
        (lambda: greedy_decode(np.zeros(3)), r"log_probs: expected shape \(T, K\), got \(3,\)"),
        (lambda: beam_decode(np.zeros((0, 3)), beam_size=2), "log_probs: expected shape"),
        (lambda: beam_decode(np.zeros((2, 3)), beam_size=0), "beam_size: expected at least 1"),
        (lambda: character_error_rate([[1]], [[1], [2]]), "expected 1 words"),
        (lambda: character_error_rate([[1]], [[]]), "not all empty"),
        (
            lambda: compose_words(bars(), np.random.default_rng(0), 1, height=1),
            "height: expected at least 2, got 1",
        ),
        (
            lambda: compose_words(bars(), np.random.default_rng(0), 1, min_length=3, max_length=2),
            "max_length: expected at least 3, got 2",
        ),
        (
            lambda: train_reader(
                bars(),
                config=HandwritingConfig(num_characters=2),
                training=TrainingConfig(epochs=1),
            ),
            "glyphs: expected labels from 0 to 1, got up to 2",
        ),
    ],
)
def test_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_command_line(capsys):
    handwriting.main(epochs=1, batches=2, batch_size=4, device="cpu")
    greedy, beam = capsys.readouterr().out.splitlines()
    assert greedy.endswith("are wrong (greedy)")
    assert beam.endswith("are wrong (beam of 8)")

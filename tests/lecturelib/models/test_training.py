"""The loop that trains models, against torch's own steps, other ways to cut a batch, and breaks."""

import copy
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lecturelib import training as numpy_training
from lecturelib.layers import Linear, ReLU
from lecturelib.models.training import (
    Samples,
    Tally,
    TrainingConfig,
    choose_device,
    evaluate,
    mean_loss,
    train,
)
from lecturelib.network import Sequential
from lecturelib.optimizers import Adam
from lecturelib.training import EarlyStopping

CROSS_ENTROPY = mean_loss(F.cross_entropy)


def network(dropout=0.0):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(
            nn.Linear(6, 8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 3)
        ).double()


def problem(samples=22, seed=0):
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.standard_normal((samples, 6)))
    return x, torch.from_numpy(rng.integers(0, 3, samples))


def config(**settings):
    return TrainingConfig(**{"epochs": 3, "lr": 0.05, "device": "cpu"} | settings)


def same_weights(one, other, **tolerance):
    for name, tensor in one.state_dict().items():
        torch.testing.assert_close(tensor, other.state_dict()[name], **tolerance)


EXACT = {"rtol": 0, "atol": 0}


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_steps_are_those_of_torch(optimizer):
    x, target = problem()
    data = Samples(x, target, batch_size=4, seed=5)
    trained, by_hand = network(), network()
    train(trained, CROSS_ENTROPY, data, config(optimizer=optimizer, weight_decay=0.01))
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    momentum = {"momentum": 0.9} if optimizer == "sgd" else {}
    steps = kinds[optimizer](by_hand.parameters(), lr=0.05, weight_decay=0.01, **momentum)
    for epoch in range(3):
        for x_batch, target_batch in data.epoch(epoch):
            steps.zero_grad()
            F.cross_entropy(by_hand(x_batch), target_batch).backward()
            steps.step()
    same_weights(trained, by_hand, rtol=1e-9, atol=1e-12)


def test_numpy_networks_learn_the_same():
    """The small library and this loop are one method, written twice."""
    rng = np.random.default_rng(3)
    ours = Sequential(
        Linear(6, 8, rng, dtype=np.float64), ReLU(), Linear(8, 3, rng, dtype=np.float64)
    )
    theirs = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)).double()
    for parameter, tensor in zip(ours.parameters(), theirs.parameters(), strict=True):
        tensor.data.copy_(torch.from_numpy(parameter.data))
    x, target = problem()
    history = numpy_training.train(
        ours,
        numpy_training.CROSS_ENTROPY,
        (x.numpy(), target.numpy()),
        optimizer=Adam(ours.parameters(), lr=0.05),
        epochs=4,
        batch_size=None,
        rng=rng,
        max_grad_norm=0.3,
    )
    data = Samples(x, target, batch_size=22)
    other = train(theirs, CROSS_ENTROPY, data, config(epochs=4, max_grad_norm=0.3))
    np.testing.assert_allclose(other.train_loss, history.train_loss, rtol=1e-9)
    for parameter, tensor in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(tensor.detach().numpy(), parameter.data, rtol=1e-7, atol=1e-10)


def padded_loss(model, batch, state):
    """Leave some targets out, so that parts of a batch count differently."""
    x, target = batch
    kept = target != 2
    return Tally(F.cross_entropy(model(x[kept]), target[kept], reduction="sum"), kept.sum())


@pytest.mark.parametrize("loss", [CROSS_ENTROPY, padded_loss])
@pytest.mark.parametrize("parts", [2, 3])
def test_batches_in_parts_give_the_same(loss, parts):
    x, target = problem()
    data = Samples(x, target, batch_size=9, seed=0)
    whole, cut = network(), network()
    first = train(whole, loss, data, config(max_grad_norm=0.5))
    second = train(cut, loss, data, config(max_grad_norm=0.5, accumulate=parts))
    same_weights(cut, whole, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(second.train_loss, first.train_loss, rtol=1e-9)


class Memory(nn.Module):
    """An Elman network whose state goes on from batch to batch."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.RNN(2, 5), nn.Linear(5, 2)

    def forward(self, x, state):
        h, last = self.rnn(x, state)
        return self.head(h), last


def stream_loss(model, batch, state):
    x, target = batch
    y, last = model(x, *state)
    return Tally(((y - target) ** 2).sum(), y.numel(), (last,))


class Stream:
    """Pieces of 4 steps of six long sequences, which go on from one batch to the next."""

    axes, smallest = (1, 1), 6

    def __init__(self):
        rng = np.random.default_rng(2)
        self.x = torch.from_numpy(rng.standard_normal((20, 6, 2)))

    def __len__(self):
        return 5

    def epoch(self, number):
        later = self.x.cumsum(0) * 0.1
        return iter(list(zip(self.x.split(4), later.split(4), strict=True)))


def memory():
    torch.manual_seed(3)

    class Started(Memory):
        def forward(self, x, state=None):
            state = torch.zeros(1, x.shape[1], 5, dtype=x.dtype) if state is None else state
            return super().forward(x, state)

    return Started().double()


@pytest.mark.parametrize("parts", [1, 2])
def test_states_go_on_within_an_epoch(parts):
    model = memory()
    by_hand = copy.deepcopy(model)
    train(model, stream_loss, Stream(), config(optimizer="sgd", accumulate=parts))
    steps = torch.optim.SGD(by_hand.parameters(), lr=0.05, momentum=0.9)
    for _ in range(3):
        state = torch.zeros(1, 6, 5).double()
        for x, target in Stream().epoch(0):
            y, state = by_hand(x, state.detach())
            steps.zero_grad()
            ((y - target) ** 2).mean().backward()
            steps.step()
    same_weights(model, by_hand, rtol=1e-8, atol=1e-11)


def test_what_is_measured():
    x, target = problem()
    data, held_out = Samples(x, target, batch_size=5), Samples(*problem(9, 1), batch_size=4)
    model = network(dropout=0.5)
    modes = []
    history = train(
        model,
        CROSS_ENTROPY,
        data,
        config(schedule=lambda epoch: 0.5**epoch),
        validation=held_out,
        metrics={"mode": lambda each: modes.append(each.training) or 7},
    )
    assert history.lr == [0.05, 0.025, 0.0125]
    assert history.metrics == {"mode": [7.0] * 3}
    assert modes == [False] * 3
    assert not model.training
    assert len(history.seconds) == 3
    y = model(held_out.tensors[0])
    expected = F.cross_entropy(y, held_out.tensors[1]).item()
    assert history.validation_loss[-1] == pytest.approx(expected, rel=1e-6)
    assert evaluate(model, CROSS_ENTROPY, held_out, device="cpu") == pytest.approx(expected, 1e-6)


def test_the_seed_decides_and_the_callers_generator_is_left_alone():
    data = Samples(*problem(), batch_size=5, seed=0)
    weights = []
    for seed in (1, 1, 2):
        model = network(dropout=0.5)
        torch.manual_seed(9)
        before = torch.get_rng_state()
        train(model, CROSS_ENTROPY, data, config(seed=seed))
        assert torch.equal(torch.get_rng_state(), before)
        weights.append(model)
    same_weights(weights[0], weights[1], **EXACT)
    assert not torch.equal(weights[0][0].weight, weights[2][0].weight)


def test_early_stopping_gives_the_best_epoch_back():
    losses = iter([3.0, 2.0, 2.5, 1.9, 2.2, 9.0])
    model, kept = network(), []

    def loss(each, batch, state):
        if each.training:
            return CROSS_ENTROPY(each, batch, state)
        kept.append(copy.deepcopy(each.state_dict()))
        return Tally(torch.tensor(next(losses)), 1)

    data = Samples(*problem(), batch_size=22)
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    history = train(model, loss, data, config(epochs=9, early_stopping=stopping), validation=data)
    assert history.validation_loss == pytest.approx([3.0, 2.0, 2.5, 1.9])
    assert history.best_epoch == 1
    assert torch.equal(model.state_dict()["0.weight"], kept[1]["0.weight"])


@pytest.mark.parametrize("stop_after", [1, 3, 5, 7, 11])
def test_a_run_that_was_broken_off_comes_to_the_same_numbers(tmp_path, stop_after):
    x, target = problem()
    settings = {"early_stopping": EarlyStopping(patience=9), "checkpoint_steps": 2}
    held_out = Samples(*problem(9, 1), batch_size=4)
    data = Samples(x, target, batch_size=5, seed=0)
    whole = network(dropout=0.3)
    expected = train(whole, CROSS_ENTROPY, data, config(**settings), validation=held_out)

    seen = 0

    def breaking(model, batch, state):
        nonlocal seen
        if model.training:
            seen += 1
            if seen > stop_after:
                raise KeyboardInterrupt
        return CROSS_ENTROPY(model, batch, state)

    settings["checkpoint"] = tmp_path / "run.pt"
    with pytest.raises(KeyboardInterrupt):
        train(network(dropout=0.3), breaking, data, config(**settings), validation=held_out)
    again = network(dropout=0.3)
    history = train(again, CROSS_ENTROPY, data, config(**settings), validation=held_out)
    same_weights(again, whole, **EXACT)
    assert history.train_loss == expected.train_loss
    assert history.validation_loss == expected.validation_loss
    assert history.best_epoch == expected.best_epoch


def test_the_state_of_a_stream_is_taken_up_too(tmp_path):
    settings = {"checkpoint": tmp_path / "run.pt", "checkpoint_steps": 3, "accumulate": 2}
    whole = memory()
    train(whole, stream_loss, Stream(), config(accumulate=2))
    count = 0

    def breaking(model, batch, state):
        nonlocal count
        count += 1
        if count > 2 * 9:
            raise KeyboardInterrupt
        return stream_loss(model, batch, state)

    with pytest.raises(KeyboardInterrupt):
        train(memory(), breaking, Stream(), config(**settings))
    again = memory()
    train(again, stream_loss, Stream(), config(**settings))
    same_weights(again, whole, **EXACT)


SCRIPT = """
    import sys
    sys.path.insert(0, {here!r})
    import torch
    from test_training import CROSS_ENTROPY, Samples, config, network, problem, train
    data = Samples(*problem(), batch_size=5, seed=0)
    def loss(model, batch, state):
        print("step", flush=True)
        return CROSS_ENTROPY(model, batch, state)
    model = network(dropout=0.3)
    settings = dict(epochs=60, checkpoint={path!r}, checkpoint_steps=2)
    history = train(model, loss, data, config(**settings))
    torch.save((model.state_dict(), history.train_loss), {result!r})
"""


@pytest.mark.slow
def test_a_run_that_was_killed_comes_to_the_same_numbers(tmp_path):
    path, result = tmp_path / "run.pt", tmp_path / "result.pt"
    here = str(Path(__file__).parent)
    script = textwrap.dedent(SCRIPT).format(here=here, path=str(path), result=str(result))
    command = [sys.executable, "-c", script]
    for steps in (3, 40, 95):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(steps):
                assert process.stdout.readline() == "step\n"
            process.send_signal(signal.SIGKILL)
    assert path.exists()
    assert not result.exists()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole = network(dropout=0.3)
    data = Samples(*problem(), batch_size=5, seed=0)
    expected = train(whole, CROSS_ENTROPY, data, config(epochs=60))
    weights, losses = torch.load(result)
    assert losses == expected.train_loss
    for name, tensor in whole.state_dict().items():
        assert torch.equal(weights[name], tensor), name


TWO = """
    import os
    import sys
    sys.path.insert(0, {here!r})
    from test_training import *
    data = Samples(*problem(), batch_size=9, seed=0)
    held_out = Samples(*problem(9, 1), batch_size=4)
    model, streams = network(), memory()
    settings = dict(accumulate=2, max_grad_norm=0.5, early_stopping=EarlyStopping(patience=5))
    one = train(model, padded_loss, data, config(**settings), validation=held_out)
    train(streams, stream_loss, Stream(), config())
    if os.environ["RANK"] == "0":
        content = (model.state_dict(), streams.state_dict(), one.train_loss, one.validation_loss)
        torch.save(content, {result!r})
"""


@pytest.mark.slow
def test_two_processes_give_what_one_gives(tmp_path):
    result, script = tmp_path / "result.pt", tmp_path / "two.py"
    here = str(Path(__file__).parent)
    script.write_text(textwrap.dedent(TWO).format(here=here, result=str(result)))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    subprocess.run([*command, str(script)], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    weights, streams, losses, validation = torch.load(result)
    data = Samples(*problem(), batch_size=9, seed=0)
    held_out = Samples(*problem(9, 1), batch_size=4)
    model, alone = network(), memory()
    settings = {"max_grad_norm": 0.5, "early_stopping": EarlyStopping(patience=5)}
    history = train(model, padded_loss, data, config(**settings), validation=held_out)
    train(alone, stream_loss, Stream(), config())
    for got, expected in ((weights, model), (streams, alone)):
        for name, tensor in expected.state_dict().items():
            torch.testing.assert_close(got[name], tensor, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(losses, history.train_loss, rtol=1e-9)
    np.testing.assert_allclose(validation, history.validation_loss, rtol=1e-6)


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_products_have_the_digits_asked_for(precision):
    x, target = problem(200)
    data = Samples(x.float(), target, batch_size=50, seed=0)
    model, kinds = network().float(), set()

    def loss(each, batch, state):
        kinds.add(each[0](batch[0]).dtype)
        return CROSS_ENTROPY(each, batch, state)

    before = torch.backends.fp32_precision
    history = train(model, loss, data, config(precision=precision, epochs=30), validation=data)
    assert kinds == {torch.bfloat16 if precision == "bf16" else torch.float32}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert history.train_loss[-1] < 0.9 * history.train_loss[0]
    assert torch.backends.fp32_precision == before


def test_images_may_have_their_channels_last():
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((12, 3, 6, 6)))
    data = Samples(x, torch.arange(12) % 4, batch_size=6)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 4)).double()
    other, layouts = copy.deepcopy(model), set()

    def loss(each, batch, state):
        layouts.add(batch[0].is_contiguous(memory_format=torch.channels_last))
        return CROSS_ENTROPY(each, batch, state)

    train(model, loss, data, config(channels_last=True))
    train(other, CROSS_ENTROPY, data, config())
    assert layouts == {True}
    same_weights(model, other, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler here")
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of torch in torch
def test_a_compiled_model_learns_the_same():
    data = Samples(*problem(), batch_size=11, seed=0)
    model, other = network(), network()
    train(model, CROSS_ENTROPY, data, config(compile=True))
    train(other, CROSS_ENTROPY, data, config())
    same_weights(model, other, rtol=1e-7, atol=1e-10)


def test_a_bar_is_shown(capsys):
    train(network(), CROSS_ENTROPY, Samples(*problem(), batch_size=11), config(progress=True))
    assert "6/6" in capsys.readouterr().err


def test_samples_come_once_an_epoch_in_an_order_of_its_own():
    data = Samples(torch.arange(10), batch_size=3, seed=4)
    epochs = [[batch.tolist() for (batch,) in data.epoch(number)] for number in (0, 1, 0)]
    assert epochs[0] == epochs[2] != epochs[1]
    assert [len(batch) for batch in epochs[0]] == [3, 3, 3, 1]
    assert (len(data), data.smallest) == (4, 1)
    assert sorted(chain.from_iterable(epochs[1])) == list(range(10))
    short = Samples(torch.arange(10), batch_size=3, drop_last=True)
    assert [batch.tolist() for (batch,) in short.epoch(0)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert (len(short), short.smallest) == (3, 3)


@pytest.mark.parametrize("device", ["auto", "cpu", torch.device("cpu")])
def test_there_is_always_a_device(device):
    assert torch.ones(1, device=choose_device(device)).item() == 1

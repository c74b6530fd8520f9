"""Training the bigger models beside loops as a tutorial would write them.

Such a loop trains our network in one row, and one of PyTorch's modules alone in the next. On a
graphics card at full size, with all that makes the library fast there; without one on the CPU,
smaller and in float32. All begin with the same parameters, see the same batches, and must come to
the same losses. The first steps, in which kernels are chosen or compiled, do not count.
"""

import copy
import itertools
import statistics
import time
from functools import partial

import pytest
import torch
from torch.nn import functional as F

from lecturelib.datasets import load_picture
from lecturelib.models._devices import lower, products
from lecturelib.models.alexnet import AlexNet, AlexNetConfig
from lecturelib.models.language_model import LanguageModelConfig, RecurrentLanguageModel
from lecturelib.models.style_transfer import RandomFeatures, StyleConfig, transfer_style
from lecturelib.models.training import Samples, Tally, TrainingConfig, mean_loss, train
from tests.benchmarks.models import references
from tests.lecturelib.models.plain_loops import plain_style_transfer, plain_training

CUDA = torch.cuda.is_available()
DEVICE = "cuda" if CUDA else "cpu"
PLACE = torch.cuda.get_device_name() if CUDA else "CPU"
FAST = {"precision": "bf16", "compile": True} if CUDA else {}
WARM_UP = 5 if CUDA else 1

LOOP, MODULES = "plain loop", "plain loop, PyTorch's modules alone"

# Batch and side; hidden units, streams and tokens in a window; side. Then how many steps.
ALEXNET, LSTM, STYLE = (
    ((256, 224), (1024, 128, 256), 512) if CUDA else ((8, 224), (256, 32, 64), 160)
)
STEPS = (40, 40, 60) if CUDA else (6, 20, 20)


@pytest.fixture(autouse=True)
def both_in_float32():
    """See to it that the plain loops compute as PyTorch does by itself."""
    torch.manual_seed(0)
    with products("fp32"):
        yield


def now():
    """Return the time when all that was asked of the device is done."""
    if CUDA:
        torch.cuda.synchronize()
    return time.perf_counter()


def steady(seconds):
    """Return the time of a step, once all kernels are there."""
    return statistics.median(seconds[WARM_UP:])


def compare_training(
    record, work, model, reference, data, ours_loss, plain_loss, *, steps, goal, flops, lr
):
    """Train ours and its peers, an epoch for each batch, and note what a step takes."""
    peers = {
        LOOP: copy.deepcopy(model),
        MODULES: references.with_parameters_of(model, reference),
    }
    channels_last = data[0].ndim == 4
    config = TrainingConfig(epochs=steps, lr=lr, device=DEVICE, channels_last=channels_last, **FAST)
    data = [tensor.to(DEVICE) for tensor in data]
    history = train(model, ours_loss, Samples(*data, batch_size=len(data[0])), config)
    ours = steady(history.seconds)
    ratios = []
    for name, peer in peers.items():
        losses, seconds = plain_training(peer.to(DEVICE), plain_loss, data, lr=lr, steps=steps)
        assert history.train_loss[-1] == pytest.approx(losses[-1], rel=0.05)
        ratios.append(record_steps(record, work, name, ours, steady(seconds), goal))
    ceiling = matmul_flops(config.precision)
    record(
        f"{work}: beside the speed of one large product",
        flops / ours / ceiling,
        peer_name=f"torch matmul, {config.precision}",
        ours=flops / ours / 1e12,
        peer=ceiling / 1e12,
        unit="TFLOP/s",
    )
    assert not CUDA or ratios[0] <= goal


def record_steps(record, work, name, ours, peer, goal):
    """Note what a step takes, and return the ratio; a goal is for the loop, on graphics cards."""
    return record(
        f"{work}, {PLACE}",
        ours / peer,
        peer_name=name,
        goal=goal if CUDA and name == LOOP else None,
        ours=1e3 * ours,
        peer=1e3 * peer,
        unit="ms",
    )


def matmul_flops(precision, side=8192 if CUDA else 1024):
    """Measure how many operations a second the device does in one large product of matrices."""
    a, b = torch.rand(2, side, side, device=DEVICE)
    seconds = []
    with products(precision), lower(precision, torch.device(DEVICE)), torch.no_grad():
        for _ in range(WARM_UP + 10):
            start = now()
            a @ b
            seconds.append(now() - start)
    return 2 * side**3 / steady(seconds)


def flops_of(model, *inputs):
    """Count the operations of a step: forward, and twice as many backward."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    return 3 * counter.get_total_flops()


def test_alexnet(record):
    N, side = ALEXNET
    model = AlexNet(AlexNetConfig(num_classes=1000, image_size=side, dropout=0.0))
    images, labels = torch.rand(N, 3, side, side), torch.randint(1000, (N,))
    compare_training(
        record,
        f"training AlexNet, a batch of {N} at {side}x{side}",
        model,
        references.alexnet(1000),
        [images, labels],
        mean_loss(F.cross_entropy),
        F.cross_entropy,
        steps=STEPS[0],
        goal=1 / 3,
        flops=N * flops_of(model, images[:1]),
        lr=1e-4,
    )


def test_character_lstm(record):
    H, B, T = LSTM
    V = 96
    model = RecurrentLanguageModel(V, LanguageModelConfig(embedding_size=H, hidden_size=H))
    tokens, targets = torch.randint(V, (2, B, T))

    def ours(network, batch, state):
        x, y = batch
        logits, _ = network(x.T)
        return Tally(
            F.cross_entropy(logits.flatten(0, 1), y.T.flatten(), reduction="sum"), y.numel()
        )

    def plain(outputs, y):
        return F.cross_entropy(outputs[0].flatten(0, 1), y.T.flatten())

    compare_training(
        record,
        f"training a character LSTM, {H} units, {B} streams of {T}",
        model,
        references.RNNModel(V, H, H),
        [tokens, targets],
        ours,
        plain,
        steps=STEPS[1],
        goal=1 / 1.5,
        flops=3 * 2 * B * T * (2 * 4 * H * H + H * V),
        lr=1e-3,
    )


def test_style_transfer(record):
    content, style = (
        torch.from_numpy(load_picture(name))[:, :STYLE, :STYLE] for name in ("astronaut", "coffee")
    )
    config = StyleConfig(
        optimizer="adam", lr=0.02, steps=STEPS[2], device=DEVICE, channels_last=CUDA, **FAST
    )
    stamps = []
    ours = transfer_style(content, style, config=config, watch=lambda *_: stamps.append(now()))
    H, W = content.shape[1:]
    work, goal = f"style transfer, a step at {H}x{W}", 1 / 1.5
    ratios = []
    for name, peer in (
        (LOOP, partial(plain_style_transfer, optimizer="adam")),
        (MODULES, references.style_transfer),
    ):
        at = []
        image = peer(
            content.to(DEVICE),
            style.to(DEVICE),
            RandomFeatures().to(DEVICE),
            steps=STEPS[2],
            lr=0.02,
            watch=lambda at=at: at.append(now()),
        )
        assert (ours.image - image.cpu()).abs().mean() < 0.02
        ratios.append(record_steps(record, work, name, between(stamps), between(at), goal))
    assert not CUDA or ratios[0] <= goal


def between(stamps):
    """Return the time of a step, of which the beginnings are given."""
    return steady([later - earlier for earlier, later in itertools.pairwise(stamps)])


@pytest.mark.skipif(CUDA, reason="was measured above")
def test_a_graphics_card(record):
    for work in ("training AlexNet", "training a character LSTM", "style transfer"):
        record(f"{work}, on a graphics card", None, peer_name=LOOP)

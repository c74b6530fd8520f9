"""One-line parity tests: the same lambda on lecturelib and on torch."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from lecturelib import conv, pool


class Recorded(NamedTuple):
    """What a layer gave, and its gradients as a function of dy."""

    y: np.ndarray
    backward: object


def _conv(forward, backward):
    def layer(x, w, b=None, **place):
        def gradients(dy):
            dx, dw, db = backward(dy, x, w, **place)
            return (dx, dw) if b is None else (dx, dw, db)

        return Recorded(forward(x, w, b, **place), gradients)

    return layer


def _pool(forward, backward):
    def layer(x, kernel_size, **place):
        return Recorded(
            forward(x, kernel_size, **place), lambda dy: (backward(dy, x, kernel_size, **place),)
        )

    return layer


OURS = SimpleNamespace(
    conv1d=_conv(conv.conv1d_forward, conv.conv1d_backward),
    conv2d=_conv(conv.conv2d_forward, conv.conv2d_backward),
    **{
        f"{kind}_pool{axes}d": _pool(
            getattr(pool, f"{kind}_pool{axes}d_forward"),
            getattr(pool, f"{kind}_pool{axes}d_backward"),
        )
        for kind in ("max", "avg", "min")
        for axes in (1, 2)
    },
)


def _torch_side():
    functional = pytest.importorskip("torch").nn.functional
    return SimpleNamespace(
        conv1d=functional.conv1d,
        conv2d=functional.conv2d,
        max_pool1d=functional.max_pool1d,
        max_pool2d=functional.max_pool2d,
        avg_pool1d=functional.avg_pool1d,
        avg_pool2d=functional.avg_pool2d,
        # torch has no min-pooling; it is max-pooling upside down.
        min_pool1d=lambda x, *args, **place: -functional.max_pool1d(-x, *args, **place),
        min_pool2d=lambda x, *args, **place: -functional.max_pool2d(-x, *args, **place),
    )


def _assert_close(what, got, expected):
    assert got.shape == expected.shape, f"{what}: {got.shape}, torch {expected.shape}"
    assert got.dtype == expected.dtype, f"{what}: {got.dtype}, torch {expected.dtype}"
    # Sums of products err in proportion to the largest terms, not to their own size.
    limit = 100 * np.finfo(got.dtype).eps * max(np.abs(expected).max(initial=0), 1)
    wrong = np.argwhere(~(np.abs(got - expected) <= limit))
    if len(wrong):
        index = tuple(wrong[0].tolist())
        raise AssertionError(
            f"{what}: {len(wrong)} of {got.size} differ in {got.dtype}, first at {index}: "
            f"{got[index]}, torch {expected[index]}"
        )


@pytest.fixture
def assert_same():
    """Return a check that layer(F, *arrays) agrees on both libraries: values and all gradients.

    The arrays are drawn in the given shapes, in float64 and float32; `ties` draws small integers.
    """
    import torch

    theirs = _torch_side()

    def check(layer, *shapes, ties=False):
        rng = np.random.default_rng(7)
        for dtype in (np.float64, np.float32):
            draw = (lambda shape: rng.integers(-2, 3, shape)) if ties else rng.standard_normal
            arrays = [draw(shape).astype(dtype) for shape in shapes]
            tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
            ours, expected = layer(OURS, *arrays), layer(theirs, *tensors)
            _assert_close("y", ours.y, expected.detach().numpy())
            dy = rng.standard_normal(ours.y.shape).astype(dtype)
            expected.backward(torch.from_numpy(dy))
            gradients = ours.backward(dy)
            assert len(gradients) == len(tensors)
            for name, got, tensor in zip(("dx", "dw", "db"), gradients, tensors, strict=False):
                _assert_close(name, got, tensor.grad.numpy())

    return check

"""The course library: what the lectures teach, in NumPy, to be read.

Each idea is one module: ``from lecturelib import conv``, or ``import lecturelib`` and then
``lecturelib.conv``, which is loaded when it is first used. Those named in ``__all__`` need NumPy
alone. Plots, data sets and widgets need more, and are imported by name where they are used
(``from lecturelib import plots``).

L0 to L4 in the docstrings are the course's five lectures, listed on the book's notation page;
labels such as (eq-conv2d) are those of equations in the source of the chapter.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from lecturelib import (
        abc_notation,
        activations,
        batches,
        clipping,
        conv,
        dropout,
        embedding,
        features,
        gradcheck,
        graph,
        gru,
        layers,
        lenet,
        linear,
        losses,
        lstm,
        network,
        ngram,
        optimizers,
        perceptron,
        pool,
        recurrent,
        recurrent_layers,
        sampling,
        schedules,
        text,
        training,
    )

__all__ = [
    "abc_notation",
    "activations",
    "batches",
    "clipping",
    "conv",
    "dropout",
    "embedding",
    "features",
    "gradcheck",
    "graph",
    "gru",
    "layers",
    "lenet",
    "linear",
    "losses",
    "lstm",
    "network",
    "ngram",
    "optimizers",
    "perceptron",
    "pool",
    "recurrent",
    "recurrent_layers",
    "sampling",
    "schedules",
    "text",
    "training",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module 'lecturelib' has no attribute {name!r}")
    return importlib.import_module(f"lecturelib.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

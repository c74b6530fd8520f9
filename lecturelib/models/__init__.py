"""The bigger models of the lectures, in PyTorch: each one file to read, trained by one loop.

``lecturelib.models.training`` holds that loop: where to compute, with how many digits, on how many
processes, and how a run that was broken off goes on to the same numbers.

They need PyTorch (``pip install 'lecturelib[torch]'``); nothing else in the library does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from lecturelib.models import (
        alexnet,
        autoencoder,
        encoder_decoder,
        features,
        handwriting,
        language_model,
        music,
        sequence_tasks,
        style_transfer,
        training,
        transfer,
        weights,
    )

__all__ = [
    "alexnet",
    "autoencoder",
    "encoder_decoder",
    "features",
    "handwriting",
    "language_model",
    "music",
    "sequence_tasks",
    "style_transfer",
    "training",
    "transfer",
    "weights",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f"module 'lecturelib.models' has no attribute {name!r}")
    return importlib.import_module(f"lecturelib.models.{name}")

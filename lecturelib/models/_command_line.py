"""What the models' command lines have in common."""

from __future__ import annotations

from functools import partial
from typing import Any

from lecturelib.models._config import TrainingConfig
from lecturelib.models._parallel import speaks
from lecturelib.schedules import cosine_decay


def decaying(*, epochs: int, **settings: Any) -> TrainingConfig:
    """Train with a bar, shown by one process, and a learning rate that falls to nothing."""
    schedule = partial(cosine_decay, epochs=epochs)
    return TrainingConfig(epochs=epochs, schedule=schedule, progress=speaks(), **settings)

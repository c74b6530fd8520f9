"""The recurrent layers that a model can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from lecturelib.models._checks import check_choice

if TYPE_CHECKING:
    from collections.abc import Callable

#: The recurrent layers that there are.
CELLS: dict[str, Callable[..., nn.RNNBase]] = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def check_cell(cell: str) -> None:
    """Raise unless there is such a layer."""
    check_choice("cell", cell, CELLS)

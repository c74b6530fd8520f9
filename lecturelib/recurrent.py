"""Recurrent networks after Elman: one layer, several, and in both directions.

Shapes: x (T, B, D): T steps of B sequences; states h (T, B, H). The batch never comes first. One
bias b (H,) stands for the sum of torch's b_ih and b_hh.

The functions keep float32 and float64 as they are; integers take the float type beside them, else
float64. They change none of their arguments. The backward passes are handed what the forward pass
returned, or compute it again.
"""

from __future__ import annotations

from lecturelib._bidirectional import bidirectional_rnn_backward, bidirectional_rnn_forward
from lecturelib._deep_rnn import RNNWeights, deep_rnn_backward, deep_rnn_forward
from lecturelib._elman import rnn_backward, rnn_forward, rnn_parameter_count
from lecturelib._sequences import (
    last_state,
    last_state_backward,
    reverse_sequences,
    sequence_mask,
)

__all__ = [
    "RNNWeights",
    "bidirectional_rnn_backward",
    "bidirectional_rnn_forward",
    "deep_rnn_backward",
    "deep_rnn_forward",
    "last_state",
    "last_state_backward",
    "reverse_sequences",
    "rnn_backward",
    "rnn_forward",
    "rnn_parameter_count",
    "sequence_mask",
]

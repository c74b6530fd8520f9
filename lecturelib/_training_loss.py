"""Losses as the training loop takes them: a function and its gradient, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lecturelib import losses

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


class Loss(NamedTuple):
    """How bad an output is, and in which direction it gets worse.

    Attributes
    ----------
    forward : callable
        Takes the output y of a network and the target, and returns the mean loss of the batch, one
        number.
    backward : callable
        Takes the gradient of what follows, 1 if nothing does, then y and the target, and returns
        the gradient with respect to y.

    See Also
    --------
    CROSS_ENTROPY, MSE_LOSS, BINARY_CROSS_ENTROPY, BINARY_CROSS_ENTROPY_WITH_LOGITS : Such pairs.
    Chapter 3, "Learning"; L3, "A Recipe for Machine Learning".

    Examples
    --------
    >>> import numpy as np
    >>> mean = Loss(
    ...     forward=lambda y, target: (y - target).mean(),
    ...     backward=lambda dy, y, target: np.full_like(y, dy / y.size),
    ... )
    >>> mean.backward(1.0, np.zeros(4), np.ones(4))
    array([0.25, 0.25, 0.25, 0.25])
    """

    forward: Callable[[np.ndarray, np.ndarray], Any]
    backward: Callable[[Any, np.ndarray, np.ndarray], np.ndarray]


CROSS_ENTROPY = Loss(losses.cross_entropy_forward, losses.cross_entropy_backward)
MSE_LOSS = Loss(losses.mse_loss_forward, losses.mse_loss_backward)
BINARY_CROSS_ENTROPY = Loss(
    losses.binary_cross_entropy_forward, losses.binary_cross_entropy_backward
)
BINARY_CROSS_ENTROPY_WITH_LOGITS = Loss(
    losses.binary_cross_entropy_with_logits_forward,
    losses.binary_cross_entropy_with_logits_backward,
)

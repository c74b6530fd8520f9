"""Learning rates that change while a network learns.

Each schedule says by which factor the optimizer's learning rate is multiplied in an epoch, counted
from 0. Settings are bound with ``functools.partial``, and schedules combined by multiplying them:

>>> from functools import partial
>>> halving = partial(step_decay, step_size=10, gamma=0.5)
>>> halving(25)
0.25
>>> def warm_cosine(epoch):
...     return linear_warm_up(epoch, epochs=2) * cosine_decay(epoch, epochs=4)
>>> [round(warm_cosine(epoch), 3) for epoch in range(4)]
[0.1, 0.469, 0.5, 0.146]
"""

from __future__ import annotations

import math

from lecturelib._numbers import check_number
from lecturelib._shapes import check_int

__all__ = ["cosine_decay", "exponential_decay", "linear_warm_up", "step_decay"]


def step_decay(epoch: int, *, step_size: int, gamma: float = 0.1) -> float:
    """Return gamma ** (epoch // step_size): constant, then smaller at once, and so on.

    Parameters
    ----------
    epoch : int
        Counted from 0.
    step_size : int
        How many epochs each value lasts.
    gamma : float
        Factor from one value to the next.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If the epoch is no integer from 0 up, `step_size` none from 1 up, or gamma is no number
        from 0 up.

    See Also
    --------
    lecturelib.training.train : Takes it as ``schedule``.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> [step_decay(epoch, step_size=2, gamma=0.5) for epoch in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    epoch, step_size = _epoch(epoch), check_int("step_size", step_size, minimum=1)
    return check_number("gamma", gamma, minimum=0) ** (epoch // step_size)


def exponential_decay(epoch: int, *, gamma: float) -> float:
    """Return gamma ** epoch: smaller by the same factor after each epoch.

    Parameters
    ----------
    epoch : int
        Counted from 0.
    gamma : float
        Factor from one epoch to the next.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If the epoch is no integer from 0 up, or gamma no number from 0 up.

    See Also
    --------
    lecturelib.training.train : Takes it as ``schedule``.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> [exponential_decay(epoch, gamma=0.5) for epoch in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    return check_number("gamma", gamma, minimum=0) ** _epoch(epoch)


def cosine_decay(epoch: int, *, epochs: int, minimum: float = 0.0) -> float:
    """Return the falling half of a cosine, from 1 in epoch 0 to `minimum` in epoch `epochs`.

    minimum + (1 - minimum) * (1 + cos(pi * epoch / epochs)) / 2, and `minimum` from then on.

    Parameters
    ----------
    epoch : int
        Counted from 0.
    epochs : int
        When the minimum is reached: the number of epochs that are planned.
    minimum : float
        Factor at the end, in [0, 1].

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If the epoch is no integer from 0 up, `epochs` none from 1 up, or the minimum no number in
        [0, 1].

    See Also
    --------
    lecturelib.training.train : Takes it as ``schedule``.
    Chapter 5, "Optimizers, dropout and early stopping";
    Loshchilov and Hutter 2016, arXiv 1608.03983.

    Examples
    --------
    >>> [round(cosine_decay(epoch, epochs=4), 3) for epoch in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    epoch, epochs = _epoch(epoch), check_int("epochs", epochs, minimum=1)
    minimum = check_number("minimum", minimum, minimum=0, maximum=1)
    fallen = (1 + math.cos(math.pi * min(epoch / epochs, 1))) / 2
    return minimum + (1 - minimum) * fallen


def linear_warm_up(epoch: int, *, epochs: int, start: float = 0.1) -> float:
    """Return a factor that rises evenly from `start` in epoch 0 to 1 in epoch `epochs`.

    start + (1 - start) * epoch / epochs, and 1 from then on.

    A network that has learned nothing yet has large gradients; small first steps keep them from
    throwing it far off.

    Parameters
    ----------
    epoch : int
        Counted from 0.
    epochs : int
        When 1 is reached.
    start : float
        Factor in epoch 0, in [0, 1].

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If the epoch is no integer from 0 up, `epochs` none from 1 up, or `start` no number in
        [0, 1].

    See Also
    --------
    lecturelib.training.train : Takes it as ``schedule``.
    Chapter 5, "Optimizers, dropout and early stopping"; Goyal et al. 2017, arXiv 1706.02677.

    Examples
    --------
    >>> [linear_warm_up(epoch, epochs=4, start=0) for epoch in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """
    epoch, epochs = _epoch(epoch), check_int("epochs", epochs, minimum=1)
    start = check_number("start", start, minimum=0, maximum=1)
    return start + (1 - start) * min(epoch / epochs, 1)


def _epoch(epoch: object) -> int:
    return check_int("epoch", epoch, minimum=0)

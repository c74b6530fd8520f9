"""Which samples a step of gradient descent looks at: all, one, or a few, and held-out ones.

Both functions give indices, with which any array whose first axis counts the samples is cut.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._numbers import check_generator, check_number
from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jaxtyping import Int

__all__ = ["batches", "split"]


def batches(
    n: int,
    batch_size: int | None,
    rng: np.random.Generator | None = None,
    *,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Iterator[Int[np.ndarray, " B"]]:
    """Yield the indices of the samples of each batch of an epoch; every sample is drawn once.

    `batch_size` None, for all n samples, makes gradient descent; 1 stochastic gradient descent;
    anything between is what is mostly used, mini-batches.

    Parameters
    ----------
    n : int
        Number of samples.
    batch_size : int or None
        Number of samples in a batch, of which the last may be smaller; None for n.
    rng : numpy.random.Generator or None
        Shuffles the samples; None will do without `shuffle`.
    shuffle : bool
        False takes the samples in their order.
    drop_last : bool
        Leave out the last batch if it is smaller than the others.

    Yields
    ------
    (B,) int64

    Raises
    ------
    ValueError
        If n is negative or `batch_size` less than 1.
    TypeError
        If n or `batch_size` is no integer, or rng no generator where one is needed.

    See Also
    --------
    lecturelib.training.train : Uses them.
    Chapter 3, "Learning"; L1, "Sampling Strategies".

    Notes
    -----
    The lecture draws each sample anew, so that one may come twice before another comes at all.
    Drawing without replacement, as here and nearly everywhere, is as random within an epoch and
    leaves no sample out.

    Examples
    --------
    >>> [index.tolist() for index in batches(5, 2, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    >>> [index.tolist() for index in batches(5, 2, np.random.default_rng(0))]
    [[2, 4], [3, 0], [1]]
    """
    n = check_int("n", n, minimum=0)
    size = max(n, 1) if batch_size is None else check_int("batch_size", batch_size, minimum=1)
    order = check_generator(rng).permutation(n) if shuffle else np.arange(n)
    end = n - n % size if drop_last else n
    return (order[start : min(start + size, end)] for start in range(0, end, size))


def split(
    n: int, fractions: Sequence[float], rng: np.random.Generator
) -> tuple[Int[np.ndarray, " B"], ...]:
    """Return random indices of parts that share no sample, such as for held-out sets.

    Hyperparameters are chosen by the loss on samples that were held out of training, and the
    choice is judged on others that were held out of the choosing too.

    Parameters
    ----------
    n : int
        Number of samples.
    fractions : sequence of float
        Share of each part, 0 or more; together 1.
    rng : numpy.random.Generator
        Shuffles the samples.

    Returns
    -------
    tuple of (B,) int64
        One array for each fraction. All n samples are in one of them; sizes are within 1 of
        fraction * n.

    Raises
    ------
    ValueError
        If n is negative, a fraction is, or they do not add up to 1.
    TypeError
        If an argument is not as described.

    See Also
    --------
    lecturelib.training.evaluate : Judge a network on one part.
    Chapter 5, "Optimizers, dropout and early stopping"; L2, "Summary: Hyperparameters".

    Examples
    --------
    >>> train, validation, test = split(1797, (0.6, 0.2, 0.2), np.random.default_rng(0))
    >>> len(train), len(validation), len(test)
    (1078, 360, 359)
    """
    n = check_int("n", n, minimum=0)
    shares = [check_number("fractions", fraction, minimum=0) for fraction in fractions]
    if not math.isclose(math.fsum(shares), 1):
        raise ValueError(f"fractions: expected numbers that add up to 1, got {tuple(fractions)}")
    ends = [round(n * math.fsum(shares[: i + 1])) for i in range(len(shares) - 1)]
    return tuple(np.split(check_generator(rng).permutation(n), ends))

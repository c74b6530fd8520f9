"""LeNet-5, the network that read digits in 1998: as it was, as it is built today, and smaller.

All take images (N, 1, H, W) and give one number for each of the ten digits, (N, 10): the logits of
``lecturelib.training.CROSS_ENTROPY``, larger for likelier digits. Their softmax are probabilities.

Layers of convolution are called C, of subsampling S, of full connection F, each with its number.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lecturelib._lenet_codes import digit_codes
from lecturelib._lenet_layers import PartialConv2d, RadialBasis, ScaledTanh, Subsample2d
from lecturelib.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from lecturelib.network import Sequential, parameter_count

__all__ = [
    "C3_CONNECTIONS",
    "LayerCount",
    "PartialConv2d",
    "RadialBasis",
    "ScaledTanh",
    "Subsample2d",
    "digit_codes",
    "lenet5",
    "lenet5_1998",
    "lenet5_parameter_counts",
    "small_cnn",
]

NAMES = ("C1", "S2", "C3", "S4", "C5", "F6", "output")

C3_INPUTS = (
    *("012", "123", "234", "345", "450", "501"),
    *("0123", "1234", "2345", "3450", "4501", "5012"),
    *("0134", "1245", "0235"),
    "012345",
)

#: Which maps of S2 each map of C3 sees: (16, 6) of bool, read-only. Table I of LeCun et al. 1998.
#:
#: :meta hide-value:
C3_CONNECTIONS = np.array([[str(c) in inputs for c in range(6)] for inputs in C3_INPUTS])
C3_CONNECTIONS.flags.writeable = False


def lenet5(
    rng: np.random.Generator, *, image_size: int = 28, dtype: Any = np.float32
) -> Sequential:
    """Build LeNet-5 as it is built today: ReLU, max-pooling, and all maps connected.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the parameters.
    image_size : 28 or 32
        Height and width of the images. The network works on 32; C1 pads images of 28 by 2.
    dtype : float32 or float64
        The type of parameters and images.

    Returns
    -------
    Sequential
        Takes (N, 1, H, W), gives (N, 10), learns 61,706 numbers.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    See Also
    --------
    lenet5_1998 : The original.
    Chapter 8, "LeNet-5"; L2, "Example: LeNet"; L3, "Architecture #1: LeNet-5".

    Examples
    --------
    >>> network = lenet5(np.random.default_rng(0))
    >>> print(network.summary((1, 28, 28)))
    layer         output shape  parameters
    --------------------------------------
    0: Conv2d     (6, 28, 28)          156
    1: ReLU       (6, 28, 28)            0
    2: MaxPool2d  (6, 14, 14)            0
    3: Conv2d     (16, 10, 10)       2,416
    4: ReLU       (16, 10, 10)           0
    5: MaxPool2d  (16, 5, 5)             0
    6: Flatten    (400,)                 0
    7: Linear     (120,)            48,120
    8: ReLU       (120,)                 0
    9: Linear     (84,)             10,164
    10: ReLU      (84,)                  0
    11: Linear    (10,)                850
    --------------------------------------
    in all                          61,706
    """
    if image_size not in (28, 32):
        raise ValueError(f"image_size: expected 28 or 32, got {image_size!r}")
    return Sequential(
        Conv2d(1, 6, 5, rng, padding=(32 - image_size) // 2, dtype=dtype),
        ReLU(),
        MaxPool2d(2),
        Conv2d(6, 16, 5, rng, dtype=dtype),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(16 * 5 * 5, 120, rng, dtype=dtype),
        ReLU(),
        Linear(120, 84, rng, dtype=dtype),
        ReLU(),
        Linear(84, 10, rng, dtype=dtype),
    )


def lenet5_1998(rng: np.random.Generator, *, dtype: Any = np.float32) -> Sequential:
    """Build LeNet-5 as it was: trained subsampling, partly connected maps, fixed codes.

    Each map has its own two numbers for subsampling. A map of C3 sees three to six maps of S2, so
    that maps must differ. The output says how near the 84 numbers of F6 are to the code of each
    digit.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the parameters.
    dtype : float32 or float64
        The type of parameters and images.

    Returns
    -------
    Sequential
        Takes (N, 1, 32, 32), gives (N, 10), learns 60,000 numbers.

    Raises
    ------
    TypeError
        If an argument is not as described.

    See Also
    --------
    lenet5 : The one of today.
    lenet5_parameter_counts : What each layer learns.
    Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5"; LeCun, Bottou, Bengio and Haffner 1998.

    Notes
    -----
    Two things are not as in the paper: parameters start as in the other networks of this library,
    and the codes are `digit_codes` in place of the drawn characters of the paper's figure 3.

    Examples
    --------
    >>> print(lenet5_1998(np.random.default_rng(0)).summary((1, 32, 32)))
    layer             output shape  parameters
    ------------------------------------------
    0: Conv2d         (6, 28, 28)          156
    1: ScaledTanh     (6, 28, 28)            0
    2: Subsample2d    (6, 14, 14)           12
    3: ScaledTanh     (6, 14, 14)            0
    4: PartialConv2d  (16, 10, 10)       1,516
    5: ScaledTanh     (16, 10, 10)           0
    6: Subsample2d    (16, 5, 5)            32
    7: ScaledTanh     (16, 5, 5)             0
    8: Conv2d         (120, 1, 1)       48,120
    9: ScaledTanh     (120, 1, 1)            0
    10: Flatten       (120,)                 0
    11: Linear        (84,)             10,164
    12: ScaledTanh    (84,)                  0
    13: RadialBasis   (10,)                  0
    ------------------------------------------
    in all                              60,000
    """
    return Sequential(
        Conv2d(1, 6, 5, rng, dtype=dtype),
        ScaledTanh(),
        Subsample2d(6, rng, dtype=dtype),
        ScaledTanh(),
        PartialConv2d(C3_CONNECTIONS, 5, rng, dtype=dtype),
        ScaledTanh(),
        Subsample2d(16, rng, dtype=dtype),
        ScaledTanh(),
        Conv2d(16, 120, 5, rng, dtype=dtype),
        ScaledTanh(),
        Flatten(),
        Linear(120, 84, rng, dtype=dtype),
        ScaledTanh(),
        RadialBasis(digit_codes(dtype=dtype)),
    )


def small_cnn(rng: np.random.Generator, *, dtype: Any = np.float32) -> Sequential:
    """Build the example of the lecture: conv, max-pool, conv, ReLU, linear, softmax.

    The softmax is left to the loss, as in the other networks.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the parameters.
    dtype : float32 or float64
        The type of parameters and images.

    Returns
    -------
    Sequential
        Takes (N, 1, 28, 28), gives (N, 10), learns 12,822 numbers.

    Raises
    ------
    TypeError
        If an argument is not as described.

    See Also
    --------
    lenet5 : A deeper one.
    Chapter 8, "LeNet-5"; L3, "SGD for CNNs".

    Examples
    --------
    >>> small_cnn(np.random.default_rng(0))(np.zeros((2, 1, 28, 28), np.float32)).shape
    (2, 10)
    """
    return Sequential(
        Conv2d(1, 6, 5, rng, dtype=dtype),
        MaxPool2d(2),
        Conv2d(6, 16, 5, rng, dtype=dtype),
        ReLU(),
        Flatten(),
        Linear(16 * 8 * 8, 10, rng, dtype=dtype),
    )


class LayerCount(NamedTuple):
    """How many numbers a layer of LeNet-5 learns.

    Attributes
    ----------
    layer : str
        Its name, such as "C1".
    original : int
        In 1998.
    modern : int
        As it is built today.

    See Also
    --------
    lenet5_parameter_counts : All layers.
    Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".
    """

    layer: str
    original: int
    modern: int


def lenet5_parameter_counts() -> tuple[LayerCount, ...]:
    """Count what the layers of both forms of LeNet-5 learn, and all of them together.

    Returns
    -------
    tuple of LayerCount
        C1, S2, C3, S4, C5, F6, output, and "in all"; counted in the networks themselves.

    See Also
    --------
    lenet5, lenet5_1998 : The networks.
    Chapter 8, "LeNet-5"; L3, "Architecture #1: LeNet-5".

    Examples
    --------
    >>> for layer, original, modern in lenet5_parameter_counts():
    ...     print(f"{layer:6} {original:7,} {modern:7,}")
    C1         156     156
    S2          12       0
    C3       1,516   2,416
    S4          32       0
    C5      48,120  48,120
    F6      10,164  10,164
    output       0     850
    in all  60,000  61,706
    """
    rng = np.random.default_rng(0)
    counts = [
        [
            parameter_count(layer)
            for layer in network.layers
            if not isinstance(layer, (ScaledTanh, ReLU, Flatten))
        ]
        for network in (lenet5_1998(rng), lenet5(rng))
    ]
    rows = zip((*NAMES, "in all"), *([*each, sum(each)] for each in counts), strict=True)
    return tuple(LayerCount(*row) for row in rows)

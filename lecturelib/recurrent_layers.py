"""Recurrent networks as layers, to stand in a `Sequential` and be trained.

They read x (T, B, D) and give the states h (T, B, H), beginning with a state of zero; all sequences
of a batch are of one length. `SwapBatchAndTime` comes first where the data counts the samples
first, as `lecturelib.training.train` has it, and `LastState` makes an encoder: one vector for each
sequence.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from lecturelib._elementwise import check_input
from lecturelib._elman import check_nonlinearity
from lecturelib._layer import Layer, Parameter, uniform_parameter
from lecturelib._numbers import check_dtype
from lecturelib._recurrent import check_segments
from lecturelib._shapes import check_int, check_shape
from lecturelib.gru import gru_backward, gru_forward
from lecturelib.lstm import lstm_backward, lstm_forward
from lecturelib.recurrent import last_state, last_state_backward, rnn_backward, rnn_forward

__all__ = ["GRU", "LSTM", "RNN", "LastState", "SwapBatchAndTime"]


class _Recurrent(Layer):
    """What the three cells share: parameters, and what the forward pass keeps for the backward."""

    _gates: ClassVar[int]
    _bias_names: ClassVar[tuple[str, ...]] = ("bias",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        rng: np.random.Generator,
        *,
        bias: bool = True,
        truncate: int | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self.input_size = check_int("input_size", input_size, minimum=1)
        self.hidden_size = H = check_int("hidden_size", hidden_size, minimum=1)
        check_segments(truncate, 1)
        self.truncate, dtype = truncate, check_dtype(dtype)
        rows, bound = self._gates * H, 1 / math.sqrt(H)
        shapes = {"weight_ih": (rows, self.input_size), "weight_hh": (rows, H)}
        biases = dict.fromkeys(self._bias_names, (rows,)) if bias else {}
        self._parameters = [
            uniform_parameter(name, shape, bound, rng, dtype)
            for name, shape in {**shapes, **biases}.items()
        ]
        self.bias = bool(bias)
        self._kept: Any = None

    def parameters(self) -> list[Parameter]:
        """Return the weights of the input and of the state, then the biases."""
        return list(self._parameters)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return h (T, B, H) for x (T, B, D)."""
        check_input(x)
        check_shape("x", x, T=None, B=None, D=self.input_size)
        h, self._kept = self._run(x, self._weights())
        self.remember(x)
        return h

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (T, B, D) for dy (T, B, H)."""
        dx, gradients = self._back(dy, self.remembered(), self._weights())
        # Without biases the last gradients have no parameter.
        for parameter, gradient in zip(self._parameters, gradients, strict=False):
            parameter.add_gradient(gradient)
        return dx

    @abstractmethod
    def _run(self, x: np.ndarray, weights: list[Any]) -> tuple[np.ndarray, Any]:
        """Return the states, and what the backward pass is to be given back."""

    @abstractmethod
    def _back(
        self, dy: np.ndarray, x: np.ndarray, weights: list[Any]
    ) -> tuple[np.ndarray, tuple[Any, ...]]:
        """Return dx, and the gradients of weights and biases."""

    def _weights(self) -> list[Any]:
        absent = [] if self.bias else [None] * len(self._bias_names)
        return [*(parameter.data for parameter in self._parameters), *absent]

    def _settings(self) -> str:
        settings = f"{self.input_size}, {self.hidden_size}"
        settings += "" if self.bias else ", bias=False"
        return settings if self.truncate is None else f"{settings}, truncate={self.truncate}"


class RNN(_Recurrent):
    """An Elman network.

    Weights and biases are drawn from U(-1/sqrt(H), 1/sqrt(H)), as torch does; the one bias stands
    for torch's two.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: x (T, B, D) gives h (T, B, H).
    rng : numpy.random.Generator
        Draws the weights (H, D) and (H, H), then the biases (H,).
    nonlinearity : {"tanh", "relu", "sigmoid"}
        What makes the state of the sum.
    bias : bool
        Whether there are biases.
    truncate : int or None
        Through how many steps gradients flow at most, as in `rnn_backward`.
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described. `forward` and `backward` raise as `rnn_forward` and
        `rnn_backward`.

    See Also
    --------
    lecturelib.recurrent.rnn_forward : The function itself.
    Chapter 13, "Recurrent networks"; L2, "The Elman RNN".

    Examples
    --------
    >>> layer = RNN(3, 8, np.random.default_rng(0))
    >>> layer
    RNN(3, 8, nonlinearity='tanh')
    >>> layer(np.ones((5, 2, 3), np.float32)).shape
    (5, 2, 8)
    """

    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        rng: np.random.Generator,
        *,
        nonlinearity: str = "tanh",
        bias: bool = True,
        truncate: int | None = None,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(input_size, hidden_size, rng, bias=bias, truncate=truncate, dtype=dtype)
        check_nonlinearity(nonlinearity)
        self.nonlinearity = nonlinearity

    def _run(self, x: np.ndarray, weights: list[Any]) -> tuple[np.ndarray, Any]:
        h = rnn_forward(x, None, *weights, nonlinearity=self.nonlinearity)
        return h, h

    def _back(
        self, dy: np.ndarray, x: np.ndarray, weights: list[Any]
    ) -> tuple[np.ndarray, tuple[Any, ...]]:
        how: dict[str, Any] = {"nonlinearity": self.nonlinearity, "truncate": self.truncate}
        dx, _, *gradients = rnn_backward(dy, x, None, *weights, h=self._kept, **how)
        return dx, tuple(gradients)

    def _settings(self) -> str:
        return f"{super()._settings()}, nonlinearity={self.nonlinearity!r}"


class LSTM(_Recurrent):
    """A long short-term memory.

    Weights and biases are drawn from U(-1/sqrt(H), 1/sqrt(H)), as torch does; the one bias stands
    for torch's two. The gates i, f, g, o lie one below the other in all of them.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: x (T, B, D) gives h (T, B, H).
    rng : numpy.random.Generator
        Draws the weights (4*H, D) and (4*H, H), then the biases (4*H,).
    bias : bool
        Whether there are biases.
    truncate : int or None
        Through how many steps gradients flow at most, as in `lstm_backward`.
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described. `forward` and `backward` raise as `lstm_forward` and
        `lstm_backward`.

    See Also
    --------
    lecturelib.lstm.lstm_forward : The function itself.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L4, "Long Short-Term Memory (LSTM)".

    Examples
    --------
    >>> layer = LSTM(3, 8, np.random.default_rng(0))
    >>> layer
    LSTM(3, 8)
    >>> [parameter.data.shape for parameter in layer.parameters()]
    [(32, 3), (32, 8), (32,)]
    """

    _gates = 4

    def _run(self, x: np.ndarray, weights: list[Any]) -> tuple[np.ndarray, Any]:
        trace = lstm_forward(x, None, None, *weights)
        return trace.h, trace

    def _back(
        self, dy: np.ndarray, x: np.ndarray, weights: list[Any]
    ) -> tuple[np.ndarray, tuple[Any, ...]]:
        how: dict[str, Any] = {"trace": self._kept, "truncate": self.truncate}
        dx, _, _, *gradients = lstm_backward(dy, x, None, None, *weights, **how)
        return dx, tuple(gradients)


class GRU(_Recurrent):
    """A gated recurrent unit.

    Weights and biases are drawn from U(-1/sqrt(H), 1/sqrt(H)), as torch does. The gates r and z
    and the proposal n lie one below the other in all of them.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: x (T, B, D) gives h (T, B, H).
    rng : numpy.random.Generator
        Draws the weights (3*H, D) and (3*H, H), then the biases of either, (3*H,) each.
    bias : bool
        Whether there are biases.
    truncate : int or None
        Through how many steps gradients flow at most, as in `gru_backward`.
    dtype : float32 or float64
        The type of the parameters, which x must share.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described. `forward` and `backward` raise as `gru_forward` and
        `gru_backward`.

    See Also
    --------
    lecturelib.gru.gru_forward : The function itself.
    Chapter 14, "Vanishing gradients, LSTM and GRU"; L2, "Predicting sequences? Consider an LSTM".

    Examples
    --------
    >>> layer = GRU(3, 8, np.random.default_rng(0))
    >>> list(layer.named_parameters())
    ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh']
    """

    _gates = 3
    _bias_names = ("bias_ih", "bias_hh")

    def _run(self, x: np.ndarray, weights: list[Any]) -> tuple[np.ndarray, Any]:
        trace = gru_forward(x, None, *weights)
        return trace.h, trace

    def _back(
        self, dy: np.ndarray, x: np.ndarray, weights: list[Any]
    ) -> tuple[np.ndarray, tuple[Any, ...]]:
        how: dict[str, Any] = {"trace": self._kept, "truncate": self.truncate}
        dx, _, *gradients = gru_backward(dy, x, None, *weights, **how)
        return dx, tuple(gradients)


class LastState(Layer):
    """The state after the last step: h (T, B, H) gives y (B, H).

    See Also
    --------
    lecturelib.recurrent.last_state : The function itself.
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    >>> LastState()(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]))
    array([[3., 4.]])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (B, H) for the states (T, B, H)."""
        y: np.ndarray = last_state(x)
        self.remember(x)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return the gradient of the states: dy at the last step, zero elsewhere."""
        dx: np.ndarray = last_state_backward(dy, self.remembered())
        return dx


class SwapBatchAndTime(Layer):
    """The first two axes exchanged: x (B, T, ...) gives y (T, B, ...), and the other way round.

    See Also
    --------
    Chapter 16, "Encoders, generators and transducers"; L2, "1. An Encoder".

    Examples
    --------
    An encoder of 20 steps that `train` can be given, and what it learns for two classes:

    >>> from lecturelib.layers import Linear
    >>> from lecturelib.network import Sequential
    >>> rng = np.random.default_rng(0)
    >>> network = Sequential(SwapBatchAndTime(), LSTM(3, 8, rng), LastState(), Linear(8, 2, rng))
    >>> print(network.summary((20, 3)).parameters)
    402
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (T, B, ...) for x (B, T, ...)."""
        check_input(x)
        if x.ndim < 2:
            raise ValueError(f"x: expected shape (B, T, ...) with two axes or more, got {x.shape}")
        self.remember(x)
        return x.swapaxes(0, 1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Return dx (B, T, ...) for dy (T, B, ...)."""
        B, T, *others = self.remembered().shape
        if dy.shape != (T, B, *others):
            raise ValueError(f"dy: expected shape {(T, B, *others)}, got {dy.shape}")
        return dy.swapaxes(0, 1)

"""What all recurrent cells share: checks, the two big products around the loop, the loop's order.

An Elman cell has one matrix of hidden units, a GRU three and an LSTM four, which are stored one
below the other: w_ih (G*H, D) and w_hh (G*H, H) with G "gates". Here the gates are an axis of their
own in front, w_ih (G, H, D), and what belongs to them is kept as (G, T, B, H): each gate of each
step is then one run of memory, and one call of `np.matmul` or of a ufunc serves all gates.

Only W_hh h_{t-1} has to wait for the step before. So the loop holds that product and elementwise
functions, and nothing else:

- W_ih x_t + b is computed for all steps at once, before the loop (`project`);
- the backward loop finds dz, the gradient of what enters the gates, and passes it through W_hh;
- from dz of all steps come the gradients of both matrices, of the biases and of x, after the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lecturelib._sequences import check_lengths
from lecturelib._shapes import check_floats, check_int, check_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lecturelib._sequences import Lengths


class Inputs(NamedTuple):
    """The checked arguments of a recurrent cell, all in one type."""

    x: np.ndarray  # (T, B, D), zero past the end of each sequence
    states: list[np.ndarray]  # (B, H) each
    w_ih: np.ndarray  # (G, H, D)
    w_hh: np.ndarray  # (G, H, H)
    biases: list[np.ndarray]  # (G, 1, H) each
    outputs: dict[str, np.ndarray]  # (T, B, H) each: gradients from above, what was computed
    mask: np.ndarray | None  # (T, B, 1); None if all sequences are of full length


def check_inputs(
    gates: int,
    x: np.ndarray,
    states: Mapping[str, np.ndarray | None],
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    biases: Mapping[str, np.ndarray | None],
    lengths: Lengths,
    outputs: Mapping[str, np.ndarray | None] | None = None,
) -> Inputs:
    """Return the arguments in one type and in the shapes of `Inputs`; raise as the cells say.

    States and biases that are None become zeros; outputs that are None are left out.
    """
    outputs = outputs or {}
    arguments = {**outputs, "x": x, **states, "w_ih": w_ih, "w_hh": w_hh, **biases}
    optional = {*states, *biases, "h", "dc"}
    given = {
        name: array
        for name, array in arguments.items()
        if array is not None or name not in optional
    }
    arrays = dict(zip(given, check_floats(**given), strict=True))
    x = arrays["x"]
    T, B, D, H = _check_shapes(gates, arrays, states, biases, outputs)
    mask = None
    if lengths is not None:
        ends = check_lengths(lengths, T, B)
        mask = (np.arange(T)[:, np.newaxis] < ends)[:, :, np.newaxis]
    start, no_bias = np.zeros((B, H), x.dtype), np.zeros(gates * H, x.dtype)
    return Inputs(
        x if mask is None else np.where(mask, x, 0),
        [arrays.get(name, start) for name in states],
        arrays["w_ih"].reshape(gates, H, D),
        arrays["w_hh"].reshape(gates, H, H),
        [arrays.get(name, no_bias).reshape(gates, 1, H) for name in biases],
        {name: arrays[name] for name in outputs if name in arrays},
        mask,
    )


def _check_shapes(
    gates: int,
    arrays: Mapping[str, np.ndarray],
    states: Iterable[str],
    biases: Iterable[str],
    outputs: Iterable[str],
) -> tuple[int, int, int, int]:
    """Return T, B, D and H; raise ValueError if an array does not agree with them."""
    x, w_hh = arrays["x"], arrays["w_hh"]
    rows = "H" if gates == 1 else f"{gates}*H"
    check_shape("x", x, T=None, B=None, D=None)
    if w_hh.ndim != 2 or len(w_hh) != gates * w_hh.shape[1] or w_hh.size == 0:
        raise ValueError(f"w_hh: expected shape ({rows}, H), got {w_hh.shape}")
    (T, B, D), H = x.shape, w_hh.shape[1]
    wanted: dict[str, dict[str, int | None]] = {"w_ih": {rows: gates * H, "D": D}}
    wanted |= {name: {rows: gates * H} for name in biases}
    wanted |= {name: {"B": B, "H": H} for name in states}
    wanted |= {name: {"T": T, "B": B, "H": H} for name in outputs}
    for name, axes in wanted.items():
        if name in arrays:
            check_shape(name, arrays[name], **axes)
    return T, B, D, H


def trace_arrays(kind: type[Any], trace: Any) -> dict[str, Any]:
    """Return the arrays of a trace by the names that errors call them; none for None.

    Raises
    ------
    TypeError
        If it is not of the kind that the forward pass returns.
    """
    if trace is None:
        return {}
    if not isinstance(trace, kind):
        raise TypeError(f"trace: expected {kind.__name__} or None, got {type(trace).__name__}")
    return {f"trace.{name}": array for name, array in trace._asdict().items()}


def project(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return W x_t + b of every gate and step, (G, T, B, H), for x (T, B, D) and w (G, H, D).

    The bias is the weight of one more input, which is always 1: that saves a pass over the result.
    """
    T, B, D = x.shape
    units = np.concatenate([x.reshape(T * B, D), np.ones((T * B, 1), x.dtype)], axis=1)
    weights = np.concatenate([w, b.swapaxes(1, 2)], axis=2)  # (G, H, D + 1)
    projected: np.ndarray = np.matmul(units, transposed(weights))  # (G, T*B, H)
    return projected.reshape(len(w), T, B, -1)


def transposed(w: np.ndarray) -> np.ndarray:
    """Return each gate's matrix transposed, in memory too: products with it are faster."""
    return np.ascontiguousarray(w.swapaxes(1, 2))


def previous(states: np.ndarray, initial: np.ndarray) -> np.ndarray:
    """Return the state that each step started from, (T, B, H)."""
    return np.concatenate([initial[np.newaxis], states[:-1]])


def weight_gradient(dz: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the gradient (G*H, D) of the matrix that took x (T, B, D) to z (G, T, B, H).

    The weights are shared by all steps, so their gradients are summed over steps and batch: that
    is the inner axis of one product for each gate.
    """
    G, T, B, H = dz.shape
    dw: np.ndarray = np.matmul(dz.reshape(G, T * B, H).swapaxes(1, 2), x.reshape(T * B, -1))
    return dw.reshape(G * H, -1)


def bias_gradient(dz: np.ndarray) -> np.ndarray:
    """Return the gradient (G*H,) of the bias that was added to z (G, T, B, H)."""
    G, T, B, H = dz.shape
    # The sum over steps and batch, as a product with ones: BLAS is faster than `sum`.
    db: np.ndarray = np.matmul(np.ones(T * B, dz.dtype), dz.reshape(G, T * B, H))
    return db.reshape(G * H)


def input_gradient(dz: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return dx (T, B, D) for z (G, T, B, H) and w (G, H, D): the sum over the gates."""
    G, T, B, H = dz.shape
    dx: np.ndarray = np.matmul(dz.reshape(G, T * B, H), w).sum(axis=0)
    return dx.reshape(T, B, -1)


def upstream(dh: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Return dh without what it says about padding, where the outputs are constants."""
    return dh if mask is None else np.where(mask, dh, 0)


def check_segments(truncate: int | None, steps: int) -> range:
    """Return the steps at which a new segment begins, from which no gradient goes further back."""
    if truncate is None:
        return range(0)
    truncate = check_int("truncate", truncate, minimum=1)
    return range(truncate, steps, truncate)


def count_parameters(gates: int, input_size: int, hidden_size: int, biases: int) -> int:
    """Return how many numbers `gates` of a recurrent layer hold, with `biases` for each unit."""
    D = check_int("input_size", input_size, minimum=1)
    H = check_int("hidden_size", hidden_size, minimum=1)
    return gates * H * (D + H + biases)

"""Are these gradients right? Central differences, against which any backward pass can be held.

df/dx_i is close to (f(x + eps*e_i) - f(x - eps*e_i)) / (2*eps), with an error that falls as
eps**2 until rounding takes over; in float64 and with eps = 1e-6 about nine digits agree. The
function is evaluated twice for each number in x: slow, and right whatever the layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Float

__all__ = ["check_gradients", "numerical_gradient"]


def numerical_gradient(
    f: Callable[[np.ndarray], Any], x: Float[np.ndarray, ...], *, eps: float = 1e-6
) -> Float[np.ndarray, ...]:
    """Return the gradient of a scalar function by central differences in float64.

    Parameters
    ----------
    f : callable
        Takes an array shaped as x and returns one number. It is handed float64 copies, which it
        may keep or change.
    x : array of any shape
        Where to differentiate; left as it is. Integers and float32 are taken to float64.
    eps : float
        Half the distance between the two points that are compared, in the units of x.

    Returns
    -------
    dx : float64 array, shaped as x

    Raises
    ------
    TypeError
        If x, eps or what f returns are not real numbers.
    ValueError
        If f returns more than one number; if eps is not positive, not finite, or so small that
        it vanishes beside an entry of x.

    See Also
    --------
    check_gradients : Compare with a backward pass.
    Chapter 6, "Convolution", where it checks (eq-backward-b), (eq-backward-w), (eq-backward-x).

    Examples
    --------
    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([1.0, -2.0])).round(6)
    array([ 2., -4.])
    """
    _check_eps(eps)
    return _differences("x", f, _real("x", x), eps)


def check_gradients(
    f: Callable[..., Any],
    arrays: Mapping[str, np.ndarray],
    gradients: Mapping[str, np.ndarray],
    *,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
) -> None:
    """Raise unless all gradients agree with central differences.

    Parameters
    ----------
    f : callable
        Takes the arrays by name and returns one number, the loss. It is handed float64 copies of
        all of them, which it may keep or change.
    arrays : mapping of str to array
        The point at which to differentiate; left as it is. A layer in float32 is checked in
        float64, where differences of this eps have digits enough.
    gradients : mapping of str to array
        The gradient of f with respect to each array that is to be checked, from the backward pass.
    eps : float
        Half the distance between the two points that are compared.
    rtol, atol : float
        An entry passes if the two differ by at most ``atol + rtol * abs(numeric)``.

    Raises
    ------
    AssertionError
        If a gradient is off. The message shows the first wrong index, what the backward pass says
        there and what the differences say, and how many entries are wrong.
    TypeError
        If arrays or gradients are no mapping; if an array, a gradient, eps or what f returns are
        not real numbers.
    ValueError
        If there is no array or no gradient, a gradient has not the shape of its array, or its name
        is not among the arrays; otherwise as `numerical_gradient`.

    See Also
    --------
    numerical_gradient : The differences.
    Chapter 6, "Convolution", where it checks (eq-backward-b), (eq-backward-w), (eq-backward-x).

    Examples
    --------
    A backward pass that forgot the factor 2:

    >>> x = np.array([0.0, 3.0])
    >>> check_gradients(lambda x: (x**2).sum(), {"x": x}, {"x": x})
    Traceback (most recent call last):
    AssertionError: x: 1 of 2 gradients are wrong, first at (1,): analytic 3, numeric 6
    """
    _check_eps(eps)
    _check_mappings(arrays, gradients)
    # All in one type, since layers refuse float32 beside float64.
    point = {name: _real(name, array) for name, array in arrays.items()}
    for name, gradient in gradients.items():
        if name not in point:
            raise ValueError(f"gradients: expected names among {list(point)}, got {name!r}")
        analytic, x = _real(name, gradient), point[name]
        if analytic.shape != x.shape:
            raise ValueError(
                f"{name}: expected a gradient of shape {x.shape}, got {analytic.shape}"
            )

        def f_of_one(value: np.ndarray, name: str = name) -> Any:
            copies = {other: array.copy() for other, array in point.items()}
            return f(**{**copies, name: value})

        _compare(name, analytic, _differences(name, f_of_one, x, eps), rtol, atol)


def _check_mappings(arrays: object, gradients: object) -> None:
    for argument, mapping in (("arrays", arrays), ("gradients", gradients)):
        if not isinstance(mapping, Mapping):
            raise TypeError(
                f"{argument}: expected a mapping from names to arrays, got {type(mapping).__name__}"
            )
        if not mapping:
            raise ValueError(f"{argument}: expected at least one array, got none")


def _compare(
    name: str, analytic: np.ndarray, numeric: np.ndarray, rtol: float, atol: float
) -> None:
    # NaN is close to nothing, so a NaN on either side counts as wrong.
    wrong = np.argwhere(~(np.abs(analytic - numeric) <= atol + rtol * np.abs(numeric)))
    if len(wrong):
        first = tuple(wrong[0].tolist())
        raise AssertionError(
            f"{name}: {len(wrong)} of {analytic.size} gradients are wrong, first at {first}: "
            f"analytic {analytic[first]:.9g}, numeric {numeric[first]:.9g}"
        )


def _differences(
    name: str, f: Callable[[np.ndarray], Any], x: np.ndarray, eps: float
) -> np.ndarray:
    dx = np.empty_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += eps
        below[index] -= eps
        # The step that was really taken: eps as it survives being added to x.
        step = above[index] - below[index]
        if step == 0:
            raise ValueError(
                f"eps: expected a step that does not vanish beside {name}{list(index)} = "
                f"{x[index]:g}, got {eps!r}"
            )
        dx[index] = (_scalar(f(above)) - _scalar(f(below))) / step
    return dx


def _check_eps(eps: object) -> None:
    if isinstance(eps, bool) or not isinstance(eps, (int, float, np.integer, np.floating)):
        raise TypeError(f"eps: expected a positive number, got {eps!r}")
    if not 0 < eps < float("inf"):
        raise ValueError(f"eps: expected a positive, finite number, got {eps!r}")


def _real(name: str, array: Any) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected real numbers, got dtype {array.dtype}")
    converted: np.ndarray = array.astype(np.float64)
    return converted


def _scalar(value: Any) -> float:
    number = _real("f", value)
    if number.size != 1:
        raise ValueError(f"f: expected one number, got an array of shape {number.shape}")
    return float(number.item())

"""What `lecturelib.plots` accepts: checks that name the argument, what was expected, what came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._shapes import check_int

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lecturelib._drawing import Frame
    from lecturelib._training_history import History


def check_mapping(name: str, given: object) -> None:
    """Raise unless this maps titles to something; `name` is the argument."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name}: expected a mapping from titles, got {type(given).__name__}")
    if not given:
        raise ValueError(f"{name}: expected at least one, got none")


def check_titles(name: str, titles: Collection[str], known: Collection[str], of: str) -> None:
    """Raise unless all titles are known. A str is none: its letters would be taken for titles."""
    if isinstance(titles, str) or not isinstance(titles, Collection):
        raise TypeError(f"{name}: expected a collection of titles, got {titles!r}")
    unknown = set(titles) - set(known)
    if unknown:
        raise ValueError(f"{name}: expected titles of {of}, got {sorted(unknown, key=str)}")


def as_matrix(title: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers as a matrix; a plain sequence is one row."""
    grid = np.atleast_2d(_as_numbers(title, values)).astype(float)
    if grid.ndim != 2 or grid.size == 0:
        raise ValueError(f"{title}: expected a matrix or a row of numbers, got shape {grid.shape}")
    return grid


def as_matrices(matrices: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float64]]:
    """Return every value as a matrix, at least one."""
    check_mapping("matrices", matrices)
    return {title: as_matrix(title, values) for title, values in matrices.items()}


def as_pictures(
    pictures: Mapping[str, ArrayLike], signed: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Return every value as an array (H, W), (1, H, W) or (3, H, W), at least one."""
    check_mapping("pictures", pictures)
    check_titles("signed", signed, pictures, "pictures")
    arrays = {title: _as_numbers(title, picture) for title, picture in pictures.items()}
    for title, array in arrays.items():
        channels = (1,) if title in signed else (1, 3)
        kind = array.ndim == 2 or (array.ndim == 3 and array.shape[0] in channels)
        if not kind or array.size == 0:
            kinds = "(H, W) or (1, H, W)" if title in signed else "(H, W), (1, H, W) or (3, H, W)"
            raise ValueError(f"{title}: expected shape {kinds} with pixels, got {array.shape}")
    return arrays


def check_layout(
    grids: Mapping[str, NDArray[np.float64]],
    operators: Sequence[str],
    windows: Mapping[str, Frame],
    padding: Mapping[str, int],
) -> None:
    """Raise unless operators, windows and padding go with the matrices."""
    if len(operators) != len(grids) - 1:
        raise ValueError(f"operators: expected {len(grids) - 1} signs, got {len(operators)}")
    for name, given in (("windows", windows), ("padding", padding)):
        if given:
            check_mapping(name, given)
            check_titles(name, given, grids, "matrices")
    for title, frame in windows.items():
        _check_frame(title, frame, grids[title].shape)
    for title, border in padding.items():
        check_int("padding", border, minimum=0)
        if 2 * border >= min(grids[title].shape):
            raise ValueError(
                f"padding: expected less than half of {title}'s {grids[title].shape}, got {border}"
            )


def _check_frame(title: str, frame: object, shape: tuple[int, ...]) -> None:
    if not isinstance(frame, (tuple, list)) or len(frame) != 4:
        raise ValueError(
            f"windows: expected (row, column, height, width) for {title}, got {frame!r}"
        )
    if not all(isinstance(value, (int, np.integer)) for value in frame):
        raise TypeError(f"windows: expected four integers for {title}, got {frame!r}")
    row, column, height, width = frame
    rows, columns = shape
    starts_inside = min(row, column) >= 0 and min(height, width) >= 1
    if not starts_inside or row + height > rows or column + width > columns:
        raise ValueError(
            f"windows: expected a window inside {title} of {rows}×{columns}, got {tuple(frame)}"
        )


def _as_numbers(title: str, values: ArrayLike) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{title}: expected an array of numbers, got {values!r}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{title}: expected real numbers, got dtype {array.dtype}")
    return array


def check_histories(histories: Mapping[str, History], metric: str | None) -> None:
    """Raise unless there are runs, and each has epochs and the metric."""
    check_mapping("histories", histories)
    for name, history in histories.items():
        if not history.train_loss:
            raise ValueError(f"histories: expected an epoch or more of {name!r}, got none")
        if metric is not None and metric not in history.metrics:
            got = ", ".join(history.metrics) or "none"
            raise ValueError(f"metric: expected one that {name!r} has ({got}), got {metric!r}")


def as_curves(curves: Mapping[str, Any]) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Return the places and heights of every curve, at least one."""
    check_mapping("curves", curves)
    return {name: _as_curve(name, curve) for name, curve in curves.items()}


def _as_curve(name: str, curve: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    pair = isinstance(curve, tuple) and len(curve) == 2 and np.ndim(curve[0]) == 1
    y = _as_numbers(name, curve[1] if pair else curve)
    x = _as_numbers(name, curve[0]) if pair else np.arange(len(np.atleast_1d(y)))
    if y.ndim != 1 or y.size == 0 or x.shape != y.shape:
        raise ValueError(
            f"{name}: expected heights (T,), or as many places and heights, "
            f"got shapes {x.shape} and {y.shape}"
        )
    return x, y


def as_panels(panels: Mapping[str, Any]) -> dict[str, Any]:
    """Return the score, points and labels of every panel, at least one."""
    check_mapping("panels", panels)
    checked = {}
    for title, panel in panels.items():
        if not isinstance(panel, tuple) or len(panel) != 3:
            raise ValueError(f"{title}: expected (score, points, labels), got {panel!r}")
        score, points, labels = panel
        points, labels = _as_numbers(title, points), _as_numbers(title, labels)
        flat = points.ndim != 2 or points.shape[1] != 2 or len(points) < 2
        if flat or (points.max(0) == points.min(0)).any():
            raise ValueError(
                f"{title}: expected points (N, 2) that differ in both numbers, "
                f"got shape {points.shape}"
            )
        if labels.shape != points.shape[:1] or not np.isin(labels, (0, 1)).all():
            raise ValueError(f"{title}: expected labels ({len(points)},) of 0 and 1, got {labels}")
        checked[title] = (score, points.astype(float), labels)
    return checked


def as_paths(paths: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    """Return every path as an array (steps, 2), at least one."""
    check_mapping("paths", paths)
    arrays = {name: _as_numbers(name, path) for name, path in paths.items()}
    for name, array in arrays.items():
        if array.ndim != 2 or array.shape[1] != 2 or not len(array):
            raise ValueError(f"{name}: expected shape (steps, 2), got {array.shape}")
    return arrays


def check_limits(name: str, limits: tuple[float, float]) -> None:
    """Raise unless this is the lower end of an axis and the upper one."""
    if not isinstance(limits, tuple) or len(limits) != 2 or not limits[0] < limits[1]:
        raise ValueError(f"{name}: expected (low, high) with low < high, got {limits!r}")

"""Curves: of training runs, and of anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from lecturelib import _drawing as drawing
from lecturelib import _plot_checks as checks
from lecturelib.plots._style import style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from lecturelib._training_history import History


def show_histories(
    histories: Mapping[str, History], *, metric: str | None = None, log: bool = False
) -> Figure:
    """Draw learning curves: the losses of training runs, epoch by epoch.

    Each run has its colour. Where something was held out, its losses are drawn in full and those
    of training dashed. A dot marks the epoch whose parameters early stopping kept.

    Parameters
    ----------
    histories : mapping from name to History
        One run or more.
    metric : str, optional
        One of the runs' metrics, drawn beside the losses.
    log : bool
        Give losses a logarithmic axis.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no run, or one has no epoch or no such metric.
    TypeError
        If the runs are no mapping.

    See Also
    --------
    lecturelib.training.train, lecturelib.models.training.train : Make them.
    Chapter 5, "Optimizers, dropout and early stopping"; L4, "Summary of previous lecture (4/4)".

    Examples
    --------
    >>> from lecturelib.training import History
    >>> history = History(train_loss=[2.0, 1.0, 0.5], validation_loss=[2.0, 1.5, 1.75])
    >>> show_histories({"SGD": history}).axes[0].get_xlabel()
    'epoch'
    """
    checks.check_histories(histories, metric)
    panels = 1 if metric is None else 2
    with style():
        fig, axes = plt.subplots(1, panels, squeeze=False, figsize=(3.6 * panels + 1.4, 3.2))
        plt.close(fig)
        for look, (name, history) in zip(drawing.looks(), histories.items(), strict=False):
            drawing.draw_losses(axes[0, 0], name, history, look.color)
            if metric is not None:
                values = history.metrics[metric]
                drawing.draw_epochs(axes[0, 1], values, name, color=look.color)
        axes[0, 0].set(xlabel="epoch", ylabel="loss", yscale="log" if log else "linear")
        if metric is not None:
            axes[0, 1].set(xlabel="epoch", ylabel=metric.replace("_", " "))
        for ax in axes.flat:
            ax.xaxis.get_major_locator().set_params(integer=True)
        axes[0, 0].legend()
    return fig


def show_curves(
    curves: Mapping[str, ArrayLike | tuple[ArrayLike, ArrayLike]],
    *,
    xlabel: str,
    ylabel: str,
    log_x: bool = False,
    log_y: bool = False,
    markers: bool = False,
) -> Figure:
    """Draw curves in one pair of axes, told apart by colour and by dashes.

    Parameters
    ----------
    curves : mapping from name to (T,), or to a tuple of two (T,)
        Heights, or places and heights; without places they are 0, 1, 2 and so on.
    xlabel, ylabel : str
        What the axes say.
    log_x, log_y : bool
        Give that axis a logarithmic scale.
    markers : bool
        Mark each place, for curves of few of them.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no curve, or one has no points or as many places as it has not heights.
    TypeError
        If the curves are no mapping or hold anything but real numbers.

    See Also
    --------
    show_histories : For what training returns.
    Chapter 2, "Networks".

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0, 1, 5)
    >>> fig = show_curves({"square": (x, x**2), "cube": (x, x**3)}, xlabel="x", ylabel="y")
    >>> [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
    ['square', 'cube']
    """
    lines = checks.as_curves(curves)
    with style():
        fig, ax = plt.subplots(figsize=(5.4, 3.2))
        plt.close(fig)
        for look, (name, (x, y)) in zip(drawing.looks(), lines.items(), strict=False):
            marker = look.marker if markers else ""
            ax.plot(x, y, look.dashes, color=look.color, label=name, marker=marker)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.set_xscale("log" if log_x else "linear")
        ax.set_yscale("log" if log_y else "linear")
        if len(lines) > 1:
            ax.legend()
    return fig

"""Trained models that pages and widgets show, made once on this computer.

``make weights``, or ``python -m lecturelib.models.weights``, trains all that are missing;
`trained` gives one of them and trains it if need be. What a model learns is decided by its seed,
so that everybody comes to the same, but for rounding.

They lie in ``$LECTURELIB_WEIGHTS``, else beside the downloads of ``lecturelib.datasets``, each in a
file whose name says what it was made by: code, settings and versions. When one of these changes,
another file is made.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import os
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import torch
import typer

from lecturelib.datasets import load_digits
from lecturelib.datasets._download import cache_folder
from lecturelib.datasets._needs import needs
from lecturelib.models._checks import check_choice
from lecturelib.models._command_line import decaying
from lecturelib.models.alexnet import AlexNet, photograph_patches, train_on_photographs
from lecturelib.models.autoencoder import Autoencoder, AutoencoderConfig, train_autoencoder
from lecturelib.models.encoder_decoder import EncoderDecoder, dates_to_translate, train_on_dates
from lecturelib.models.handwriting import HandwritingReader, handwritten_digits, train_reader
from lecturelib.models.music import Composer, folk_tunes, train_composer
from lecturelib.training import History

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["available_weights", "trained", "weights_file"]

#: Packages whose versions decide the numbers: those that compute, and those that bring the data.
DECISIVE = ("numpy", "torch", "scikit-learn", "scikit-image", "music21", "babel")


class _Recipe(NamedTuple):
    """How a model is made."""

    train: Callable[[Path], tuple[Any, History]]
    module: str
    """Whose code decides what comes out, together with all that it imports."""


def _alexnet(checkpoint: Path) -> tuple[AlexNet, History]:
    training = decaying(epochs=8, lr=1e-3, device="cpu", checkpoint=checkpoint)
    return train_on_photographs(photograph_patches(seed=0), training=training)


def _autoencoder(checkpoint: Path) -> tuple[Autoencoder, History]:
    digits = torch.from_numpy(load_digits().images)
    return train_autoencoder(
        digits[:1200],
        config=AutoencoderConfig(code_size=2),
        training=decaying(epochs=100, lr=2e-3, device="cpu", checkpoint=checkpoint),
        held_out=digits[1200:],
    )


def _dates(checkpoint: Path) -> tuple[EncoderDecoder, History]:
    training = decaying(epochs=3, lr=5e-3, max_grad_norm=1.0, device="cpu", checkpoint=checkpoint)
    return train_on_dates(dates_to_translate(seed=0), training=training)


def _handwriting(checkpoint: Path) -> tuple[HandwritingReader, History]:
    seen, _ = handwritten_digits()
    training = decaying(epochs=12, lr=8e-3, max_grad_norm=5.0, device="cpu", checkpoint=checkpoint)
    return train_reader(seen, training=training)


def _music(checkpoint: Path) -> tuple[Composer, History]:
    seen, _ = folk_tunes()
    training = decaying(epochs=8, lr=5e-3, max_grad_norm=1.0, device="cpu", checkpoint=checkpoint)
    return train_composer(seen, training=training, batch_size=16)


RECIPES = {
    "alexnet": _Recipe(_alexnet, "lecturelib.models.alexnet"),
    "autoencoder": _Recipe(_autoencoder, "lecturelib.models.autoencoder"),
    "dates": _Recipe(_dates, "lecturelib.models.encoder_decoder"),
    "handwriting": _Recipe(_handwriting, "lecturelib.models.handwriting"),
    "music": _Recipe(_music, "lecturelib.models.music"),
}


def available_weights() -> tuple[str, ...]:
    """Name the models that `trained` knows.

    Returns
    -------
    tuple of str

    See Also
    --------
    trained : Gives one of them.
    Chapter 9, "AlexNet and what a network sees".

    Examples
    --------
    >>> available_weights()
    ('alexnet', 'autoencoder', 'dates', 'handwriting', 'music')
    """
    return tuple(RECIPES)


def trained(name: str) -> tuple[Any, History]:
    """Give a trained model, from its file, or trained now if there is none.

    A training that was broken off goes on where it was.

    Parameters
    ----------
    name : str
        One of `available_weights`.

    Returns
    -------
    model : torch.nn.Module or Composer
        As the function of its module that trains it returns it; in evaluation mode, on the CPU.
    history : History
        Of its training, whenever that was.

    Raises
    ------
    ValueError
        If the name is unknown, or the file is damaged.
    ImportError
        If a package is not installed.

    See Also
    --------
    weights_file : Where the file lies.
    Chapter 9, "AlexNet and what a network sees".
    """
    path = weights_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return RECIPES[name].train(path)


def weights_file(name: str) -> Path:
    """Return where a trained model lies, or will lie.

    Parameters
    ----------
    name : str
        One of `available_weights`.

    Returns
    -------
    pathlib.Path
        Another one as soon as the model's code, its settings or a package that decides its numbers
        have changed.

    Raises
    ------
    ValueError
        If the name is unknown.
    ImportError
        If grimp, which reads what imports what, is not installed.

    See Also
    --------
    trained : Reads it.
    Chapter 9, "AlexNet and what a network sees".
    """
    check_choice("name", name, RECIPES)
    return _folder() / f"{name}-{_digest(RECIPES[name])[:16]}.pt"


def _folder() -> Path:
    named = os.environ.get("LECTURELIB_WEIGHTS")
    return Path(named).expanduser() if named else cache_folder() / "weights"


def _digest(recipe: _Recipe) -> str:
    """Hash all that decides what a recipe makes."""
    digest = hashlib.sha256(inspect.getsource(recipe.train).encode())
    for name in sorted({recipe.module, *_imports().find_upstream_modules(recipe.module)}):
        digest.update(inspect.getsource(importlib.import_module(name)).encode())
    for name in DECISIVE:
        digest.update(f"{name} {metadata.version(name)}".encode())
    return digest.hexdigest()


@functools.cache
def _imports() -> Any:
    """Read once what imports what in the library."""
    with needs("grimp"):
        import grimp
    return grimp.build_graph("lecturelib", exclude_type_checking_imports=True, cache_dir=None)


def main(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Train the models that are named, or all, unless they are there."""
    for name in names or RECIPES:
        _, history = trained(name)
        print(f"{weights_file(name)}  ({sum(history.seconds):.0f} s)")


if __name__ == "__main__":
    typer.run(main)

"""Training runs on disk: complete or not there, and safe to load; public in `training`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lecturelib._whole_file import whole_file

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

FORMAT = "lecturelib training 1"


def write_checkpoint(path: str | os.PathLike[str], content: Mapping[str, Any]) -> None:
    """Write tensors and plain values to one file, which takes its place when it is complete."""
    with whole_file(path) as file:
        torch.save({"format": FORMAT, **content}, file)


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what `write_checkpoint` wrote; nothing in the file is run.

    Raises
    ------
    ValueError
        If the file is damaged, or no such checkpoint.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    wanted = f"{path}: expected a checkpoint of lecturelib.models.training"
    with path.open("rb") as file:
        try:
            content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # damage shows in many ways, and so does what is not allowed
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise ValueError(f"{wanted}, got {reason}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{wanted}, got something else that torch wrote")
    return content


def check_weights(
    path: str | os.PathLike[str], weights: Mapping[str, torch.Tensor], model: nn.Module
) -> None:
    """Stop unless weights of a file fit a model, before any of the model's is changed.

    Raises
    ------
    ValueError
        If names or shapes differ.
    """
    wanted = model.state_dict()
    if missing := [name for name in wanted if name not in weights]:
        raise ValueError(f"{path}: expected the parameters {', '.join(missing)}, got none of them")
    if unknown := [name for name in weights if name not in wanted]:
        raise ValueError(f"{path}: expected no parameters beside the model's, got {unknown}")
    for name, tensor in wanted.items():
        if weights[name].shape != tensor.shape:
            raise ValueError(
                f"{path}: expected {name} of shape {tuple(tensor.shape)}, "
                f"got {tuple(weights[name].shape)}"
            )


def check_run(
    path: str | os.PathLike[str],
    content: Mapping[str, Any],
    model: nn.Module,
    config: Mapping[str, Any],
    processes: int,
) -> None:
    """Stop unless a checkpoint is of this run.

    Raises
    ------
    ValueError
        If it is of another model or configuration, or of another number of processes.
    """
    check_weights(path, content["model"], model)
    for name, value in config.items():
        if content["config"].get(name) != value:
            raise ValueError(
                f"{path}: expected a run with {name}={value!r}, got one with "
                f"{content['config'].get(name)!r}; go on as it began, or name another file"
            )
    if len(content["processes"]) != processes:
        raise ValueError(
            f"{path}: expected a run on {processes} processes, got one on "
            f"{len(content['processes'])}"
        )

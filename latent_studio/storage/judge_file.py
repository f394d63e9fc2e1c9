"""Judges of attributes (:mod:`latent_studio.latent.classifier`) in ``.safetensors`` files."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from latent_studio.errors import ModelError
from latent_studio.latent.classifier import AttributeClassifier
from latent_studio.storage import atomic
from latent_studio.storage.tensor_file import DamagedFileError, read_tensors, write_tensors

JUDGE_KEY = "latent_studio_judge"
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class StoredJudge:
    """A judge, how often it is right on pictures held out, and how it was made (JSON)."""

    judge: AttributeClassifier
    accuracy: Mapping[str, float]
    facts: Mapping[str, Any]


def save_judge(
    path: str | os.PathLike[str],
    judge: AttributeClassifier,
    accuracy: Mapping[str, float],
    facts: Mapping[str, Any],
    half: bool = False,
) -> None:
    """Write a judge atomically; ``half`` keeps its weights in float16.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    header = {
        "format": _FORMAT,
        "attributes": list(judge.attributes),
        "channels": judge.channels,
        "size": judge.size,
        "accuracy": dict(accuracy),
        "facts": dict(facts),
    }
    state = {name: value.detach().cpu() for name, value in judge.state_dict().items()}
    if half:
        state = {n: v.half() if v.is_floating_point() else v for n, v in state.items()}
    with atomic.atomic_write(Path(path)) as file:
        write_tensors(file, state, {JUDGE_KEY: json.dumps(header), "format": "pt"})


def load_judge(path: str | os.PathLike[str]) -> StoredJudge:
    """Read what :func:`save_judge` wrote; the judge is in eval mode on the CPU.

    Raises
    ------
    ModelError
        If this is no sound file of a judge.
    """
    try:
        metadata, tensors = read_tensors(Path(path))
        header = json.loads(metadata[JUDGE_KEY])
        if header["format"] != _FORMAT:
            raise ValueError(f"format {header['format']!r}")
        start = torch.Generator().manual_seed(0)
        judge = AttributeClassifier(
            [str(name) for name in header["attributes"]], header["channels"], header["size"], start
        )
        judge.load_state_dict(
            {n: v.float() if v.is_floating_point() else v for n, v in tensors.items()}
        )
        accuracy = {str(name): float(value) for name, value in header["accuracy"].items()}
        facts = dict(header["facts"])
    except (OSError, DamagedFileError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{path} is not a usable judge of attributes. Remove it; it is trained anew when it is "
            "needed.",
            repr(error),
        ) from error
    return StoredJudge(judge.eval().requires_grad_(False), accuracy, facts)

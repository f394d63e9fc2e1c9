"""LPIPS from a file of plain weights. Nothing is fetched, and no file can run code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from latent_studio.errors import ModelError, StudioError
from latent_studio.models.features import Lpips
from latent_studio.storage import paths

FILE_NAMES = ("lpips-vgg.safetensors", "lpips-vgg.pth", "vgg.pth")


def lpips_at_hand() -> Path | None:
    """A weight file that a person put into the program's folder of weights, if there is one."""
    try:
        folder = paths.data_dir() / "weights"
    except StudioError:
        return None
    return next((folder / name for name in FILE_NAMES if (folder / name).is_file()), None)


def load_lpips(path: str | Path, device: torch.device | str = "cpu") -> Lpips:
    """LPIPS with the weights of a ``.safetensors`` or ``.pth`` file.

    Raises
    ------
    ModelError
        If the file is missing, can't be read or is of another network.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise ModelError(
            f"There is no {path}. Give LPIPS's state dict (VGG-16) as .safetensors or .pth."
        )
    return Lpips(_read(path), device)


def _read(path: Path) -> Mapping[str, Tensor]:
    found: Any
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    # torch.load raises anything from KeyError to UnpicklingError on a file that is none of its own.
    except Exception as error:
        raise ModelError(
            f"{path} cannot be read as weights: it is damaged or of another kind.", repr(error)
        ) from error
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise ModelError(f"{path} holds no plain weights; give LPIPS's state dict.")
    return found

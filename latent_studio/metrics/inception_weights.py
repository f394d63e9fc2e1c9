"""The weight file of the FID's Inception-v3: read from where a person has it, or fetched.

Nothing is ever fetched unasked, and no file can run code: ``.pth`` files are read weights-only.
"""

import contextlib
import hashlib
import os
import secrets
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors.torch import load_file
from torch import Tensor

from latent_studio.errors import DataError, ModelError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken
from latent_studio.metrics.inception import InceptionV3

FILE_NAME = "pt_inception-2015-12-05-6726825d.pth"
URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE_NAME}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
SIZE = 95_628_359
_CHUNK = 1 << 20
_TIMEOUT_S = 30.0


def load_inception(path: str | Path, device: torch.device | str = "cpu") -> InceptionV3:
    """The network with the weights of a ``.pth`` or ``.safetensors`` file.

    Raises
    ------
    ModelError
        If the file is missing, can't be read or is of another network; says where to get it.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise ModelError(
            f"There is no {path}. FID and Inception Score need the weights {FILE_NAME} "
            f"({SIZE / 1e6:.0f} MB); get them from {URL} or let the program download them."
        )
    return InceptionV3(_read(path), device)


def download_inception(
    folder: str | Path,
    *,
    url: str = URL,
    sha256: str = SHA256,
    emit: Emit = ignore,
    token: StopToken | None = None,
    opener: Callable[..., Any] = urllib.request.urlopen,
) -> Path:
    """Fetch the weight file into ``folder``, unless it is there, and check its hash.

    Returns
    -------
    Path
        The file; it has that name only when it is whole.

    Raises
    ------
    DataError
        If it can't be fetched or written, or is not the file that was published.
    Cancelled
        If the token is stopped; nothing is left behind.
    """
    target = Path(folder).expanduser() / FILE_NAME
    if target.is_file():
        return target
    temporary = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with opener(url, timeout=_TIMEOUT_S) as response, temporary.open("wb") as file:
            found = _copy(response, file, emit, token)
        if found != sha256:
            raise DataError(
                f"What came from {url} is not the published file (SHA-256 {found[:12]}…, not "
                f"{sha256[:12]}…). Try again, or get it another way."
            )
        os.replace(temporary, target)
    except OSError as error:
        raise DataError(
            f"The weights could not be fetched from {url}: {error}. Check the connection and the "
            f"folder {target.parent}, or put {FILE_NAME} there yourself.",
            repr(error),
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return target


def _copy(response: BinaryIO, file: BinaryIO, emit: Emit, token: StopToken | None) -> str:
    """Copy everything; returns the SHA-256."""
    digest, done = hashlib.sha256(), 0
    while chunk := response.read(_CHUNK):
        if token is not None:
            token.checkpoint()
        digest.update(chunk)
        file.write(chunk)
        done += len(chunk)
        emit(Progress(done, max(done, SIZE), f"Fetching {FILE_NAME}"))
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()


def _read(path: Path) -> Mapping[str, Tensor]:
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
        raise ModelError(f"{path} holds no plain weights; give {FILE_NAME}.")
    return found

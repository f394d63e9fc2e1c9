"""Photographs as a model wants them: cropped, aligned, of its size and channels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from latent_studio.data.decode import MAX_FILE_BYTES, ImageProblem, decode, decode_whole
from latent_studio.errors import DataError
from latent_studio.latent.alignment import FacePoints, crop, face_transform, reference_for
from latent_studio.models.base import Capabilities
from latent_studio.storage.model_file import ModelBundle


@dataclass(frozen=True)
class Photo:
    """A photograph's file and, for a face that has to be aligned, its eyes and mouth.

    Without ``face`` the central square is taken.
    """

    path: Path
    face: FacePoints | None = None

    @property
    def name(self) -> str:
        return self.path.stem


def reference_points(bundle: ModelBundle) -> FacePoints:
    """Where a model expects eyes and mouth, as fractions: by the data that it learnt from."""
    return reference_for(f"{bundle.training.get('data', '')} {bundle.card.get('data', '')}")


def read_photo(photo: Photo, model: Capabilities, reference: FacePoints) -> np.ndarray:
    """The aligned picture of a photograph: uint8 ``[side, side, C]`` of the model's size.

    Raises
    ------
    DataError
        The file is missing, too large or no picture.
    """
    data = _read(photo.path)
    try:
        if photo.face is None:
            array, _ = decode(data, photo.path.name, model.resolution, model.channels)
            return np.ascontiguousarray(array.transpose(1, 2, 0))
        whole = decode_whole(data, photo.path.name, model.channels, largest=1 << 16)
    except ImageProblem as error:
        raise _unusable(photo.path, error) from error
    transform = face_transform(photo.face, reference, model.resolution)
    return crop(whole, transform, model.resolution)


def read_whole(path: Path, channels: int = 3, largest: int = 1600) -> tuple[np.ndarray, float]:
    """A photograph to look at, uint8 ``[H, W, C]``, and how many of its pixels one of them is.

    Raises
    ------
    DataError
        As :func:`read_photo`.
    """
    data = _read(path)
    try:
        whole = decode_whole(data, path.name, channels, largest=1 << 16)
    except ImageProblem as error:
        raise _unusable(path, error) from error
    factor = -(-max(whole.shape[:2]) // largest)
    if factor == 1:
        return whole, 1.0
    from PIL import Image

    grey = whole.shape[2] == 1
    image = Image.fromarray(whole[:, :, 0] if grey else whole).reduce(factor)
    array = np.asarray(image)
    return np.ascontiguousarray(array[:, :, None] if grey else array), float(factor)


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder; name photographs.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(f"{path} is too large for a photograph.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"There is no file {path}.") from error
    except OSError as error:
        raise DataError(f"Can't read {path}: {error.strerror or error}.", repr(error)) from error


def _unusable(path: Path, problem: ImageProblem) -> DataError:
    return DataError(
        f"{path} cannot be used as a photograph: {problem.reason}. Choose another.", problem.detail
    )

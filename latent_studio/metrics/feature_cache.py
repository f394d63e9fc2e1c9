"""Features of real pictures, kept on disk: they are the same for every model that is judged."""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

import numpy as np

from latent_studio.events import Emit, Notice, ignore

_FORMAT = 1


class FeatureCache:
    """Arrays of features by content hash.

    An entry is named after everything it depends on; there is nothing to invalidate. Anything odd
    about a file means that it is made again, and a folder that can't be written to is told once.

    Parameters
    ----------
    folder
        Made when the first entry is written.
    """

    def __init__(self, folder: str | Path, emit: Emit = ignore) -> None:
        self.folder = Path(folder)
        self._emit = emit
        self._told = False

    def load(self, key: str, shape: tuple[int, int]) -> np.ndarray | None:
        """Features float32 of that shape, or None."""
        try:
            found: np.ndarray = np.load(self._path(key), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return found if (found.shape, found.dtype) == (shape, np.dtype(np.float32)) else None

    def save(self, key: str, features: np.ndarray) -> None:
        """Keep features; a reader sees all of them or none."""
        target = self._path(key)
        temporary = target.with_name(f".{secrets.token_hex(6)}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                np.save(file, np.asarray(features, np.float32), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except OSError as error:
            self._tell(error)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        digest = hashlib.blake2b(f"{_FORMAT} {key}".encode(), digest_size=16).hexdigest()
        return self.folder / f"features-{digest}.npy"

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            text = f"Features can't be kept in {self.folder} and will be computed again next time."
            self._emit(Notice("warning", text, repr(error)))

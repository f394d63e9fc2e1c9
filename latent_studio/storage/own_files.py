"""Which files are this program's own, told from their headers."""

from pathlib import Path

from latent_studio.storage.checkpoint import CHECKPOINT_KEY
from latent_studio.storage.model_facts import MODEL_KEY
from latent_studio.storage.tensor_file import DamagedFileError, is_tensor_file, read_tensors_header


def is_own(path: str | Path) -> bool:
    """Whether it is a file of this program, sound or not; also if it is not there."""
    path = Path(path)
    try:
        metadata, _ = read_tensors_header(path)
    except DamagedFileError:
        return _starts_as_safetensors(path)
    except OSError:
        return True
    return MODEL_KEY in metadata or CHECKPOINT_KEY in metadata


def _starts_as_safetensors(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_tensor_file(file.read(9))
    except OSError:
        return True

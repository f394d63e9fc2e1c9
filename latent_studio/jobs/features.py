"""Who looks at pictures for the metrics: ``random``, ``inception`` or a file."""

from pathlib import Path

from latent_studio.metrics.inception_weights import FILE_NAME
from latent_studio.storage.paths import cache_dir


def weights_folder() -> Path:
    """Where fetched weights are kept."""
    return cache_dir() / "weights"


def features_file(features: str | Path) -> str:
    """The file with Inception's weights that is meant; empty for ``random``.

    Absolute, so that a run can be resumed from another folder.
    """
    name = str(features)
    if name in ("", "random"):
        return ""
    if name == "inception":
        return str(weights_folder() / FILE_NAME)
    return str(Path(name).expanduser().absolute())

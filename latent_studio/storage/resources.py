"""Files that come with the program: icons, themes, translations, bundled models.

They are ``resources/`` beside the package in a checkout and ``_resources/`` inside it in a wheel.
"""

from functools import lru_cache
from pathlib import Path

from latent_studio.errors import StudioError


@lru_cache(maxsize=1)
def resources_root() -> Path:
    """The folder of resources.

    Raises
    ------
    StudioError
        If the installation has none.
    """
    package = Path(__file__).absolute().parents[1]
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise StudioError(
        "The program's resources are missing: this installation is damaged. Install it again.",
        str(package),
    )


def resource_path(*parts: str) -> Path:
    """A file or folder in the resources; it need not exist."""
    return resources_root().joinpath(*parts)

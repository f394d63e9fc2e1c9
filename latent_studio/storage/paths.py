"""Where a user's files live.

``LATENT_STUDIO_HOME`` puts everything under one folder (a USB stick, a test, a machine without a
home); otherwise each system's own places are used.
"""

import os
from pathlib import Path

from latent_studio.errors import OptionError, StudioError

HOME_VARIABLE = "LATENT_STUDIO_HOME"
_APP = "latent-studio"


def data_dir() -> Path:
    """What a user makes: runs, models, the gallery. Created if need be.

    Raises
    ------
    StudioError
        If the folder cannot be created.
    """
    return _folder("data", "user_data_path")


def config_dir() -> Path:
    """Settings. Created if need be; raises as :func:`data_dir`."""
    return _folder("config", "user_config_path")


def cache_dir() -> Path:
    """What can be made again: decoded images, converted graphs. As :func:`data_dir`."""
    return _folder("cache", "user_cache_path")


def log_dir() -> Path:
    """Logs. Created if need be; raises as :func:`data_dir`."""
    return _folder("logs", "user_log_path")


def runs_dir() -> Path:
    """Training runs that were started without naming a folder."""
    return _created(data_dir() / "runs")


def models_dir() -> Path:
    """Models that the user added to the library."""
    return _created(data_dir() / "models")


def downloads_dir(name: str = "") -> Path:
    """Published models as they were fetched, or the folder of one."""
    return _created(data_dir() / "downloads" / name)


def _folder(name: str, kind: str) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return _created(Path(home).expanduser().absolute() / name)
    try:
        import platformdirs
    except ImportError as error:
        raise OptionError(
            f"The package platformdirs is missing. Install it, or set {HOME_VARIABLE} to a folder."
        ) from error
    return _created(Path(getattr(platformdirs, kind)(_APP, appauthor=False)))


def _created(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StudioError(
            f"Cannot create the folder {folder}: {reason}. Set {HOME_VARIABLE} to a folder that "
            "can be written to.",
            repr(error),
        ) from error
    return folder

"""Load torch's libraries on Windows without importing torch. Knows no Qt."""

import ctypes
import importlib.util
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

LIBRARIES = ("c10.dll", "torch_cpu.dll")


def torch_library_folder() -> Path | None:
    """Where the installed torch keeps its libraries, found without importing it."""
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "lib"
    return folder if folder.is_dir() else None


def preload_torch_libraries() -> bool:
    """Load the libraries whose initialisation fails once Qt's are there.

    Returns False, and leaves the rest to torch's own import, if they cannot be loaded.
    """
    folder = torch_library_folder()
    if folder is None:
        return False
    add_folder = getattr(os, "add_dll_directory", None)
    try:
        if add_folder is not None:
            add_folder(str(folder))
        for name in LIBRARIES:
            ctypes.CDLL(str(folder / name))
    except OSError as error:
        log.info("torch's libraries could not be loaded early: %s", error)
        return False
    return True

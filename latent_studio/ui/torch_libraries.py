"""Load torch's libraries without importing torch. Knows no Qt and, to be early, little else."""

import ctypes
import importlib.util
import logging
import os
import sys
import threading
from pathlib import Path

log = logging.getLogger(__name__)
_POINTER = ctypes.c_void_p


def torch_libraries() -> tuple[str, ...]:
    """File names of the large libraries of torch on this system, in the order of loading."""
    if sys.platform == "win32":
        return ("c10.dll", "torch_cpu.dll")
    return ("libtorch_cpu.dylib",) if sys.platform == "darwin" else ("libtorch_cpu.so",)


def torch_library_folder() -> Path | None:
    """Where the installed torch keeps its libraries, found without importing it."""
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "lib"
    return folder if folder.is_dir() else None


def preload_torch_libraries() -> bool:
    """Load them now; torch's own import finds them loaded.

    Returns False, and leaves the rest to torch's own import, if they cannot be loaded.
    """
    folder = torch_library_folder()
    if folder is None:
        return False
    add_folder = getattr(os, "add_dll_directory", None)
    try:
        if add_folder is not None:
            add_folder(str(folder))
        for name in torch_libraries():
            _load(folder / name)
    except (OSError, AttributeError) as error:
        log.info("torch's libraries could not be loaded early: %s", error)
        return False
    return True


def _load(path: Path) -> None:
    """Load a library while other threads go on.

    ``ctypes.CDLL(path)`` keeps the interpreter while the loader works (Python 3.11 does): half a
    second in which no window is built. A foreign function that is called lets it go.
    """
    if os.name == "nt":
        ctypes.CDLL(str(path))
        return
    program = ctypes.CDLL(None)
    program.dlopen.argtypes, program.dlopen.restype = (ctypes.c_char_p, ctypes.c_int), _POINTER
    program.dlerror.restype = ctypes.c_char_p
    if not program.dlopen(os.fsencode(path), os.RTLD_NOW):
        raise OSError(os.fsdecode(program.dlerror() or b"unknown error"))


def begin_preload() -> threading.Thread | None:
    """Load them on a thread of their own, while this one builds the window.

    The system's loader needs no interpreter, so the two run side by side: 0.4 s less to wait for
    on two cores. It loads one library at a time, though: not while Qt's are still to come. None if
    torch is there already.
    """
    if "torch" in sys.modules:
        return None
    thread = threading.Thread(target=preload_torch_libraries, name="torch libraries", daemon=True)
    thread.start()
    return thread

"""Sessions: what a person has in front of them, as a document; and its copies against crashes.

A ``.latentstudio`` file is JSON::

    {
      "kind": "latent-studio session", "version": 1,
      "scene": {...}, "timeline": {...},
      "layout": {...}                       # of the window; other programs leave it alone
    }

A window keeps a copy of its unsaved session in a file of its own and holds a lock beside it while
it lives. A copy that nobody holds is of a window that crashed.
"""

import contextlib
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError, StudioError
from latent_studio.latent.timeline import Timeline
from latent_studio.recipe import Scene
from latent_studio.recipe_values import check_fields
from latent_studio.storage import atomic, paths
from latent_studio.storage.file_lock import FileLock, LockedError

SESSION_SUFFIX = ".latentstudio"
SESSION_KIND = "latent-studio session"
SESSION_VERSION = 1
_FIELDS = frozenset({"kind", "version", "scene", "timeline", "layout", "copy"})
_MAX_BYTES = 256 << 20
_COPY_PREFIX = "autosave-"


@dataclass(frozen=True)
class Session:
    """Scene, timeline, and the window's layout (plain JSON, of no weight for comparisons)."""

    scene: Scene
    timeline: Timeline = field(default_factory=Timeline)
    layout: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": SESSION_KIND,
            "version": SESSION_VERSION,
            "scene": self.scene.to_json(),
            "timeline": self.timeline.to_json(),
            "layout": dict(self.layout),
        }

    @classmethod
    def from_json(cls, value: Any) -> "Session":
        """Read the JSON described at the top of this module.

        Raises
        ------
        OptionError
            Naming what is wrong.
        """
        if not is_session(value):
            raise OptionError("This is no session of Latent Studio.")
        version = value.get("version")
        if version != SESSION_VERSION:
            raise OptionError(
                f"This session has version {version}; this program reads version "
                f"{SESSION_VERSION}. Update Latent Studio."
            )
        check_fields(value, _FIELDS, "session")
        layout = value.get("layout") or {}
        if not isinstance(layout, Mapping):
            raise OptionError("A session's 'layout' must be a JSON object.")
        timeline = Timeline.from_json(value.get("timeline") or {})
        return cls(Scene.from_json(value.get("scene")), timeline, dict(layout))


def is_session(value: Any) -> bool:
    """Whether parsed JSON says that it is a session."""
    return isinstance(value, Mapping) and value.get("kind") == SESSION_KIND


def write_session(path: str | os.PathLike[str], session: Session) -> None:
    """Write a document; what was there stays if that fails.

    Raises
    ------
    ExportError
        With the cause and the cure.
    """
    _write(Path(path), session.to_json())


def read_session(path: str | os.PathLike[str]) -> Session:
    """Read a document.

    Raises
    ------
    OptionError
        If it is missing, damaged, or no session.
    """
    return _parsed(Path(path), _read(Path(path)))


# -- copies against crashes ---------------------------------------------------------------------


@dataclass(frozen=True)
class Copy:
    """What a window that is gone had not saved.

    ``document`` is the file that it belonged to, if any; ``saved`` seconds since 1970.
    """

    path: Path
    session: Session
    document: str = ""
    saved: float = 0.0


class CopyKeeper:
    """One window's copy, locked for as long as this object is open."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = copies_dir() if folder is None else folder
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{_COPY_PREFIX}{uuid.uuid4().hex}{SESSION_SUFFIX}"
        self._lock: FileLock | None = FileLock(_lock_path(self.path))

    def write(self, session: Session, document: str = "") -> None:
        """Keep the present state (``ExportError`` if that is impossible)."""
        facts = {"document": document, "saved": time.time()}
        _write(self.path, {**session.to_json(), "copy": facts})

    def clear(self) -> None:
        """There is nothing unsaved any more."""
        with contextlib.suppress(OSError):
            atomic.remove(self.path)

    def close(self, keep: bool = False) -> None:
        """The window goes; its copy with it, unless it is to be found at the next start."""
        if not keep:
            self.clear()
        lock, self._lock = self._lock, None
        if lock is not None:
            with contextlib.suppress(OSError):
                lock.release()
            if not keep:
                with contextlib.suppress(OSError):
                    atomic.remove(lock.path)


def copies_dir() -> Path:
    """Where windows keep their copies."""
    return paths.data_dir() / "sessions"


def abandoned_copies(folder: Path | None = None) -> list[Copy]:
    """Copies of windows that are gone, the newest first; what cannot be read is left out."""
    folder = copies_dir() if folder is None else folder
    found = []
    for path in folder.glob(f"{_COPY_PREFIX}*{SESSION_SUFFIX}"):
        with contextlib.suppress(StudioError, LockedError, OSError), _held(path):
            found.append(_copy(path))
    return sorted(found, key=lambda copy: -copy.saved)


def take_copy(copy: Copy) -> Copy:
    """Claim a copy: it is gone from the folder afterwards.

    Raises
    ------
    OptionError
        If another window has taken it meanwhile, or it is damaged.
    """
    try:
        with _held(copy.path):
            taken = _copy(copy.path)
            atomic.remove(copy.path)
    except (LockedError, OSError) as error:
        raise OptionError("Another window has restored this session already.") from error
    with contextlib.suppress(OSError):
        atomic.remove(_lock_path(copy.path))
    return taken


def _copy(path: Path) -> Copy:
    value = _read(path)
    facts = value.get("copy") if isinstance(value, Mapping) else None
    facts = facts if isinstance(facts, Mapping) else {}
    saved = facts.get("saved")
    return Copy(
        path,
        _parsed(path, value),
        str(facts.get("document") or ""),
        float(saved) if isinstance(saved, int | float) else 0.0,
    )


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Nobody else has the copy's lock meanwhile (``LockedError``)."""
    if not path.is_file():
        raise FileNotFoundError(path)
    lock = FileLock(_lock_path(path))
    try:
        yield
    finally:
        lock.release()


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _write(path: Path, value: Mapping[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
    atomic.write_text(path, text + "\n")


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise OptionError(f"{path} is too large for a session.")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise OptionError(f"There is no file {path}.") from error
    except OSError as error:
        raise OptionError(f"Can't read {path}: {error.strerror or error}.", repr(error)) from error
    except (ValueError, RecursionError) as error:
        raise OptionError(f"{path} is no session: it is no valid JSON.", str(error)) from error


def _parsed(path: Path, value: Any) -> Session:
    try:
        return Session.from_json(value)
    except OptionError as error:
        raise OptionError(f"{path.name}: {error.message}", error.detail) from error

"""A training run on disk.

::

    config.json                      what was asked for
    stats.jsonl, commands.jsonl      one line a tick; one line a command given while it ran
    alarms.jsonl                     one line for each alarm that was raised or has passed
    samples/000012.345.png           sample grids, by kimg
    snapshots/000012.345.safetensors EMA models, thinned
    checkpoint.safetensors           full state; checkpoint.previous.safetensors the one before
    lock                             held by the one process that writes
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from latent_studio.errors import RunError
from latent_studio.events import Emit, ignore
from latent_studio.storage import atomic, checkpoint
from latent_studio.storage.alarm_log import AlarmRow, rows_from_json
from latent_studio.storage.file_lock import FileLock, LockedError
from latent_studio.storage.grid import compose_grid
from latent_studio.storage.model_file import MODEL_SUFFIX, ModelBundle, save_model
from latent_studio.storage.plain_images import write_plain_image
from latent_studio.storage.run_log import RunLog
from latent_studio.storage.thinning import choose_kept

KEEP_SNAPSHOTS = 32
SNAPSHOT_CAP_MB = 1000.0
_KIMG_FILE = re.compile(r"^(\d+\.\d{3})\.(png|safetensors)$")
# File names count single images; half of one is below every difference.
_HALF_IMAGE = 0.0005


class SavedFile(NamedTuple):
    """A grid or snapshot and the thousands of images seen when it was written."""

    kimg: float
    path: Path


class RunFolder:
    """One run. Use :meth:`create` or :meth:`open`; closing (or ``with``) frees the lock."""

    def __init__(self, path: Path, config: dict[str, Any], lock: FileLock | None) -> None:
        self.path = path
        self.config = config
        self._lock = lock
        self._stats = RunLog(path / "stats.jsonl")
        self._commands = RunLog(path / "commands.jsonl")
        self._alarms = RunLog(path / "alarms.jsonl")

    @classmethod
    def create(cls, path: str | Path, config: Mapping[str, Any]) -> "RunFolder":
        """Make a new run in a folder that does not exist yet or is empty.

        Parameters
        ----------
        config
            JSON-able. ``keep_snapshots`` (32) and ``snapshot_cap_mb`` (1000) set the thinning.

        Raises
        ------
        RunError
            If the folder holds something already or cannot be written.
        """
        path = Path(path).absolute()
        _refuse_used(path)
        try:
            text = json.dumps(dict(config), indent=2, allow_nan=False, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise RunError("The run's options are not plain JSON values.", str(error)) from error
        try:
            for folder in (path, path / "samples", path / "snapshots"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(atomic.explain(error, path), repr(error)) from error
        lock = _take_lock(path)
        try:
            _refuse_used(path)  # another process may have been quicker
            atomic.write_text(path / "config.json", text + "\n", error=RunError)
        except RunError:
            lock.release()
            raise
        return cls(path, json.loads(text), lock)

    @classmethod
    def open(cls, path: str | Path, write: bool = True) -> "RunFolder":
        """Open an existing run: to continue it, or with ``write=False`` to watch it.

        Raises
        ------
        RunError
            If it is no run, its config is damaged, or another process is writing it.
        """
        path = Path(path).absolute()
        config = _read_config(path)
        if not write:
            return cls(path, config, None)
        run = cls(path, config, _take_lock(path))
        try:
            run._repair()
        except RunError:
            run.close()
            raise
        return run

    @property
    def name(self) -> str:
        """The folder's name, which names the run."""
        return self.path.name

    @property
    def writable(self) -> bool:
        return self._lock is not None

    @property
    def checkpoint_path(self) -> Path:
        return self.path / "checkpoint.safetensors"

    @property
    def has_checkpoint(self) -> bool:
        return checkpoint.has_checkpoint(self.checkpoint_path)

    def close(self) -> None:
        """Free the lock; reading goes on working."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Replace the config (a resume may ask for more kimg)."""
        self._check_writable()
        text = json.dumps(dict(config), indent=2, allow_nan=False, ensure_ascii=False)
        atomic.write_text(self.path / "config.json", text + "\n", error=RunError)
        self.config = json.loads(text)

    def append_stats(self, values: Mapping[str, Any]) -> None:
        """Add a tick to ``stats.jsonl``; it should hold ``step`` and ``kimg``."""
        self._check_writable()
        self._stats.append(values)

    def read_stats(self) -> list[dict[str, Any]]:
        """All ticks, oldest first."""
        return self._stats.read()

    def last_stats(self) -> dict[str, Any]:
        """The newest tick; empty before the first."""
        return self._stats.last() or {}

    def append_command(self, values: Mapping[str, Any]) -> None:
        """Log a command (with its ``step``) that changed the run, for a replay on resume."""
        self._check_writable()
        self._commands.append(values)

    def drop_commands_from(self, step: int) -> None:
        """Forget the commands of ``step`` and later ones."""
        self._check_writable()
        self._commands.keep(lambda entry: _up_to(entry, step - 1))

    def read_commands(self) -> list[dict[str, Any]]:
        """All commands, oldest first."""
        return self._commands.read()

    def append_alarm(self, row: AlarmRow) -> None:
        """Log an alarm that was raised, or one that has passed."""
        self._check_writable()
        self._alarms.append(row.to_json())

    def read_alarms(self) -> list[AlarmRow]:
        """All of them, oldest first."""
        return rows_from_json(self._alarms.read(), self.name)

    def save_checkpoint(self, state: Mapping[str, Any]) -> Path:
        """Write the full state atomically, keeping the one before."""
        self._check_writable()
        checkpoint.save_checkpoint(self.checkpoint_path, state)
        return self.checkpoint_path

    def load_checkpoint(self, *, emit: Emit = ignore) -> dict[str, Any]:
        """The last good state; see :func:`latent_studio.storage.checkpoint.load_checkpoint`."""
        return checkpoint.load_checkpoint(self.checkpoint_path, emit=emit)

    def save_snapshot(self, bundle: ModelBundle, kimg: float, *, half: bool = False) -> Path:
        """Write an EMA model, then thin the older ones out.

        At most ``keep_snapshots`` stay, spread evenly over the logarithm of kimg, the first and the
        newest among them; fewer if they take more than ``snapshot_cap_mb``.
        """
        self._check_writable()
        path = self._kimg_path("snapshots", kimg, MODEL_SUFFIX)
        save_model(path, bundle, half, error=RunError)
        self._thin()
        return path

    def snapshots(self) -> list[SavedFile]:
        """Saved models, oldest first."""
        return _by_kimg(self.path / "snapshots")

    def save_grid(self, images: np.ndarray, columns: int, kimg: float) -> Path:
        """Write sample pictures, uint8 ``[N, H, W, C]``, as one PNG."""
        self._check_writable()
        path = self._kimg_path("samples", kimg, ".png")
        write_plain_image(path, compose_grid(images, columns), error=RunError)
        return path

    def grids(self) -> list[SavedFile]:
        """Saved sample grids, oldest first."""
        return _by_kimg(self.path / "samples")

    def truncate_after(self, step: int, kimg: float | None = None) -> None:
        """Cut off what was written after a checkpoint, before the run goes on from there.

        Parameters
        ----------
        step
            The checkpoint's step: statistics, commands and alarms of later steps go.
        kimg
            The checkpoint's kimg: grids and snapshots of later ones go. None: the kimg of the last
            statistics kept.
        """
        self._check_writable()
        if kimg is None:
            kept = [s for s in self.read_stats() if _up_to(s, step)]
            kimg = max((float(s.get("kimg", 0.0)) for s in kept), default=0.0)
        for log in (self._stats, self._commands, self._alarms):
            log.keep(lambda entry: _up_to(entry, step))
        for saved in (*self.grids(), *self.snapshots()):
            if saved.kimg > kimg + _HALF_IMAGE:
                _remove(saved.path)

    def _kimg_path(self, folder: str, kimg: float, suffix: str) -> Path:
        try:
            (self.path / folder).mkdir(exist_ok=True)
        except OSError as error:
            raise RunError(atomic.explain(error, self.path / folder), repr(error)) from error
        return self.path / folder / f"{kimg:010.3f}{suffix}"

    def _thin(self) -> None:
        saved = self.snapshots()
        kept = choose_kept(
            [entry.kimg for entry in saved],
            [_size(entry.path) for entry in saved],
            int(self.config.get("keep_snapshots") or KEEP_SNAPSHOTS),
            float(self.config.get("snapshot_cap_mb") or SNAPSHOT_CAP_MB) * 1e6,
        )
        for index, entry in enumerate(saved):
            if index not in kept:
                _remove(entry.path)

    def _check_writable(self) -> None:
        if self._lock is None:
            raise RunError(f"The run {self.path} is open for reading only. Open it for writing.")

    def _repair(self) -> None:
        for folder in (self.path, self.path / "samples", self.path / "snapshots"):
            atomic.remove_leftovers(folder)
        for log in (self._stats, self._commands, self._alarms):
            log.repair()


def is_run(path: str | Path) -> bool:
    """Whether ``path`` is a run's folder."""
    try:
        return (Path(path) / "config.json").is_file()
    except (OSError, ValueError):  # a name that the system does not take
        return False


def _up_to(entry: Mapping[str, Any], step: int) -> bool:
    value = entry.get("step", 0)
    return isinstance(value, int | float) and value <= step


def _refuse_used(path: Path) -> None:
    if is_run(path):
        raise RunError(
            f"{path} holds a run already. Resume it (--resume) or choose another folder."
        )
    if path.exists() and not path.is_dir():
        raise RunError(f"{path} is a file. Choose a folder for the run.")
    try:
        foreign = [p.name for p in path.iterdir() if p.name not in _OWN_FOLDERS]
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(atomic.explain(error, path), repr(error)) from error
    if foreign:
        raise RunError(f"The folder {path} is not empty. Choose a new folder for the run.")


_OWN_FOLDERS = {"samples", "snapshots", "lock"}


def _take_lock(path: Path) -> FileLock:
    try:
        return FileLock(path / "lock")
    except LockedError as error:
        who = f"process {error.owner['pid']}" if "pid" in error.owner else "another process"
        if "host" in error.owner:
            who += f" on {error.owner['host']}"
        raise RunError(
            f"The run {path} is in use by {who}. Stop that training first or choose another folder."
        ) from error
    except OSError as error:
        raise RunError(
            f"{atomic.explain(error, path / 'lock')} A run needs a folder whose disk knows file "
            "locks.",
            repr(error),
        ) from error


def _read_config(path: Path) -> dict[str, Any]:
    file = path / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunError(f"{path} is not a run: it has no config.json. Check the name.") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RunError(f"Cannot read {file}: {reason}. Check its permissions.") from error
    except (ValueError, RecursionError) as error:
        raise RunError(
            f"{file} is damaged and the run cannot be opened. Restore the file or start anew.",
            str(error),
        ) from error
    if not isinstance(config, dict):
        raise RunError(f"{file} is damaged: it is no JSON object. Restore it or start anew.")
    return config


def _by_kimg(folder: Path) -> list[SavedFile]:
    try:
        matches = [(_KIMG_FILE.match(path.name), path) for path in folder.iterdir()]
    except OSError:
        return []
    return sorted(SavedFile(float(match[1]), path) for match, path in matches if match)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remove(path: Path) -> None:
    try:
        atomic.remove(path)
    except OSError as error:
        raise RunError(f"Cannot delete {path}: {error.strerror}. Check its folder.") from error

"""What the user chose once and wants to find again."""

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

ORGANISATION = "LatentStudio"
APPLICATION = "Latent Studio"

DEFAULTS: dict[str, Any] = {
    "theme": "dark",  # system, dark, light
    "language": "system",  # system, en, zh_CN
    "device": "auto",  # auto, cpu, cuda, mps
    "precision": "auto",  # auto, fp32, bf16, fp16
    "backend": "auto",  # auto, torch, openvino, cudagraphs, compile
    "scaling": "auto",  # auto, nearest, smooth
    "live": True,
    "hint_seen": False,
    "recent_models": [],
    "recent_sessions": [],
    "grid/columns": 4,
    "train/preset": "",
    "train/data": "",
    "train/out": "",  # folder of runs; empty: the platform's place
    "train/name": "",  # of the next run; empty: made from data and preset
    "train/kimg": 0.0,  # length of the next run; 0: the preset's
    "train/threads": 0,  # 0: all cores
    "train/recent_data": [],
    "train/objective": "",  # of the next run; empty: the preset's
    "train/augment": "",  # none, ada, diffaug; empty: the preset's
    "train/conditional": False,  # learn the classes of the data, if they have any
    "train/init": "",  # model file that the next run begins from
    "train/metrics": [],  # that the next run measures itself by; none: the preset's
    "train/metrics_every": 1,  # at every so many of its model files
    "train/more": [],  # further settings of the next run, key=value
    "evaluate/metrics": [],  # none: the usual ones
    "evaluate/samples": 1000,
    "evaluate/features": "random",  # random, inception
    "train/study": "",  # whose trials are shown: folder, file or storage URL
    "train/axis": "kimg",  # of curves: step, kimg, seconds
    "train/smoothing": 60,  # of curves, in hundredths
    "train/log_scale": False,
    "drag_preview": True,  # smaller pictures while the hand moves faster than full ones follow
    "export/folder": "",
    "export/image_format": ".png",
    "export/video_format": ".mp4",
    "export/scale": 1,
}


def create_store() -> QSettings:
    """An ini file in ``$LATENT_STUDIO_HOME/config`` if that is set, else the platform's place."""
    home = os.environ.get("LATENT_STUDIO_HOME")
    if home:
        path = Path(home) / "config" / "window.ini"
        return QSettings(str(path), QSettings.Format.IniFormat)
    scope = QSettings.Scope.UserScope
    return QSettings(QSettings.Format.IniFormat, scope, ORGANISATION, APPLICATION)


class Settings(QObject):
    """Typed settings. ``changed(key, value)`` follows every change."""

    changed = Signal(str, object)

    def __init__(self, parent: QObject | None = None, store: QSettings | None = None) -> None:
        super().__init__(parent)
        self.store = create_store() if store is None else store
        self._forced: dict[str, Any] = {}

    def force(self, key: str, value: Any) -> None:
        """Let ``key`` have a value until it is set or the program ends; the stored one stays."""
        self._forced[key] = value

    def get(self, key: str) -> Any:
        """The stored value in the type of its default."""
        default = DEFAULTS[key]
        if key in self._forced:
            return self._forced[key]
        value = self.store.value(key, default)
        return _convert(value, default)

    def set(self, key: str, value: Any) -> None:
        if key not in DEFAULTS:
            raise KeyError(key)
        if value == self.get(key):
            return
        self._forced.pop(key, None)
        self.store.setValue(key, value)
        self.changed.emit(key, value)

    def remember_model(self, path: str, limit: int = 8) -> None:
        """Put a model file first in the list of recent ones."""
        recent = [path, *(old for old in self.get("recent_models") if old != path)]
        self.set("recent_models", recent[:limit])


def _convert(value: Any, default: Any) -> Any:
    """Ini files hold text: give it the default's type, or the default if it makes no sense."""
    if isinstance(default, bool):
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1")
    if isinstance(default, list):
        if value is None or value == "":
            return []
        return list(value) if isinstance(value, list | tuple) else [value]
    try:
        return type(default)(value)
    except (TypeError, ValueError):
        return default

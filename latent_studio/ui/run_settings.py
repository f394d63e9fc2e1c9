"""What a run is set to now: its configuration and every change since, read from its folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from latent_studio.events import Event, Notice, RunStarted, TrainTick
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.ui.job_controller import JobController


@dataclass(frozen=True)
class Change:
    """A setting took effect at ``step``."""

    step: int
    name: str
    before: float | None
    value: float


@dataclass(frozen=True)
class SettingsRead:
    """Present values of the settings that may change, their ranges, and how they came about."""

    values: dict[str, float]
    used: tuple[str, ...]
    ranges: dict[str, tuple[float, float]]
    changes: list[Change] = field(default_factory=list)


def read_settings(folder: str) -> SettingsRead:
    """Read a run's configuration and log of commands (on a worker; it imports torch)."""
    from latent_studio.storage.run_folder import RunFolder
    from latent_studio.training.commands import HOT

    run = RunFolder.open(folder, write=False)
    config = run.config
    values = {name: float(config[name]) for name in HOT if _is_number(config.get(name))}
    changes = []
    for entry in run.read_commands():
        for name in _names(entry.get("name")):
            if name in HOT:
                value = float(entry["value"])
                changes.append(Change(int(entry["step"]), name, values.get(name), value))
                values[name] = value
    used = used_settings(config)
    changed = {change.name for change in changes}
    shown = tuple(name for name in values if name in used or name in changed)
    return SettingsRead(values, shown, dict(HOT), changes)


def _names(name: object) -> tuple[str, ...]:
    return ("g_lr", "d_lr") if name == "lr" else (str(name),)


def used_settings(config: Mapping[str, Any]) -> frozenset[str]:
    """Which of the settings that may change while it goes on mean something for this run."""
    generator = config.get("generator") or {}
    styled = str(generator.get("architecture", "")).startswith("stylegan")
    pairs = config.get("objective") == "relativistic"
    conditions = {
        "g_lr": True,
        "d_lr": True,
        "r1_gamma": True,
        "r2_gamma": pairs or bool(config.get("r2_gamma")),
        "gp_weight": bool(config.get("gp_weight")),
        "weight_clip": bool(config.get("weight_clip")),
        "pl_weight": styled and bool(config.get("pl_weight")),
        "ada_target": config.get("augment") == "ada",
        "style_mixing": styled,
    }
    return frozenset(name for name, means in conditions.items() if means)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class RunSettings(QObject):
    """Follows the running training: ``changed()`` tells that values or changes are new.

    A change counts once the run's log holds it, with the step at which it took effect; until then
    it is ``pending``.
    """

    changed = Signal()

    def __init__(self, jobs: "JobController", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._folder = ""
        self._reading = self._again = False
        self.read = SettingsRead({}, (), {})
        self.pending: dict[str, float] = {}

    def clear(self) -> None:
        """No run, or another one."""
        self._folder = ""
        self.read = SettingsRead({}, (), {})
        self.pending.clear()
        self.changed.emit()

    def expect(self, name: str, value: float) -> None:
        """``name`` was asked to become ``value``."""
        for one in _names(name):
            if one in self.read.ranges:
                self.pending[one] = value
        self.changed.emit()

    def handle(self, event: Event) -> None:
        """Read the folder when a run begins and when something may have changed."""
        if isinstance(event, RunStarted):
            self._folder = event.folder
            self._renew()
        elif isinstance(event, Notice) or (self.pending and isinstance(event, TrainTick)):
            self._renew()

    def last_change(self, name: str) -> Change | None:
        """The newest change of a setting."""
        return next((one for one in reversed(self.read.changes) if one.name == name), None)

    def _renew(self) -> None:
        if not self._folder or self._jobs.closed:
            return
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        folder = self._folder
        self._jobs.start(
            tr("Read the run’s settings"),
            read_settings,
            folder,
            plain=True,
            quiet=True,
            done=lambda read: self._on_read(folder, read),
            failed=lambda _error: self._on_read(folder, None),
        )

    def _on_read(self, folder: str, read: SettingsRead | None) -> None:
        self._reading = False
        if folder == self._folder and read is not None:
            for name, value in tuple(self.pending.items()):
                if read.values.get(name) == value:
                    del self.pending[name]
            self.read = read
            self.changed.emit()
        if self._again:
            self._renew()

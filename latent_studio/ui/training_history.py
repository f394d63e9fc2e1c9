"""What a run has told so far: every tick, the sample grids, the snapshots. Knows no widgets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latent_studio.events import (
    Event,
    RunStarted,
    SampleGrid,
    SnapshotSaved,
    TrainTick,
)
from latent_studio.ui.plots.clock import Clock
from latent_studio.ui.plots.series import Series

if TYPE_CHECKING:
    from latent_studio.storage.alarm_log import AlarmRow

SPEED = "images_per_second"
_NO_CURVE = (np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class GridEntry:
    """A sample grid: on disk (``path``), or in memory (``images`` uint8 ``[N, H, W, C]``)."""

    kimg: float
    path: str = ""
    images: np.ndarray | None = None
    columns: int = 0


@dataclass
class TrainingHistory:
    """The data behind the plots and the sample history of one run.

    Series are made when they are first asked for or first hear a value, and stay the same objects,
    so a plot can hold them.
    """

    run: str = ""
    folder: str = ""
    total_kimg: float = 0.0
    last: TrainTick | None = None
    tile: tuple[int, int] = (0, 0)
    """Width and height of one picture in the sample grids; 0 while unknown."""
    grids: list[GridEntry] = field(default_factory=list)
    snapshots: list[tuple[float, str]] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    """Steps and time at each tick."""
    _series: dict[str, Series] = field(default_factory=dict)

    def series(self, name: str) -> Series:
        """The curve of ``name`` over kimg."""
        return self._series.setdefault(name, Series(name))

    @property
    def names(self) -> list[str]:
        return [name for name, series in self._series.items() if len(series)]

    def clear(self) -> None:
        """Forget the run; series keep their identity."""
        self.run = self.folder = ""
        self.total_kimg, self.last, self.tile = 0.0, None, (0, 0)
        self.grids.clear()
        self.snapshots.clear()
        self.clock.clear()
        for series in self._series.values():
            series.clear()

    def add(self, event: Event) -> None:
        if isinstance(event, TrainTick):
            self.last = event
            self.clock.append(event.kimg, event.step, event.seconds)
            self.add_values(event.kimg, {**event.values, SPEED: event.images_per_second})
        elif isinstance(event, SampleGrid):
            self._add_grid(event)
        elif isinstance(event, SnapshotSaved):
            there = [(kimg, path) for kimg, path in self.snapshots if Path(path).is_file()]
            self.snapshots[:] = [*there, (event.kimg, event.path)]  # old ones are thinned
        elif isinstance(event, RunStarted):
            self.run, self.folder = event.run, event.folder
            self.total_kimg = event.total_kimg

    def add_values(self, kimg: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.series(name).append(kimg, value)

    def add_past(self, past: "RunPast", before_kimg: float) -> None:
        """Put what a resumed run told in earlier sessions in front of what it tells now."""
        for name in {*self._series, *past.curves}:
            series, (x, y) = self.series(name), past.curves.get(name, _NO_CURVE)
            keep = x <= before_kimg
            series.assign(np.append(x[keep], series.x), np.append(y[keep], series.y))
        keep = past.clock[0] <= before_kimg
        now = self.clock.columns()
        past_clock = (column[keep] for column in past.clock)
        self.clock.assign(*(np.append(a, b) for a, b in zip(past_clock, now, strict=True)))
        if not self.tile[0]:
            self.tile = (past.resolution, past.resolution)
        known = {grid.kimg for grid in self.grids}
        old = [GridEntry(k, p) for k, p in past.grids if k <= before_kimg and k not in known]
        self.grids[:0] = old
        self.snapshots[:0] = [(k, p) for k, p in past.snapshots if k <= before_kimg]

    def take(self, past: "RunPast") -> None:
        """Become what a run folder holds now (a run that another process writes)."""
        self.run, self.folder = past.run, past.folder
        self.total_kimg, self.last = past.total_kimg, past.last
        self.tile = (past.resolution, past.resolution)
        for name in {*self._series, *past.curves}:
            self.series(name).assign(*past.curves.get(name, _NO_CURVE))
        self.clock.assign(*past.clock)
        known = {grid.path: grid for grid in self.grids}
        self.grids[:] = [known.get(path) or GridEntry(kimg, path) for kimg, path in past.grids]
        self.snapshots[:] = past.snapshots

    def latest_snapshot(self) -> str:
        """Path of the newest model file whose file is still there, or an empty text."""
        for _, path in reversed(self.snapshots):
            if Path(path).is_file():
                return path
        return ""

    def snapshot_near(self, kimg: float) -> str:
        """Path of the model file nearest to ``kimg`` (old ones are thinned), or an empty text."""
        there = [(abs(k - kimg), path) for k, path in self.snapshots if Path(path).is_file()]
        return min(there)[1] if there else ""

    def _add_grid(self, event: SampleGrid) -> None:
        if self.grids and self.grids[-1].path:  # pixels of the newest only, older ones are files
            newest = self.grids[-1]
            self.grids[-1] = GridEntry(newest.kimg, newest.path)
        self.tile = (event.images.shape[2], event.images.shape[1])
        self.grids = [grid for grid in self.grids if grid.kimg < event.kimg]
        self.grids.append(GridEntry(event.kimg, event.path, event.images, event.columns))


@dataclass(frozen=True, eq=False)
class RunPast:
    """What a run folder holds: curves over kimg ``(x, y)`` by name, kimg, steps and seconds of
    the ticks, and the files.
    """

    run: str
    folder: str
    curves: dict[str, tuple[np.ndarray, np.ndarray]]
    clock: tuple[np.ndarray, np.ndarray, np.ndarray]
    grids: list[tuple[float, str]]
    snapshots: list[tuple[float, str]]
    resolution: int = 0
    total_kimg: float = 0.0
    last: TrainTick | None = None
    alarms: "tuple[AlarmRow, ...]" = ()


def read_past(folder: str) -> RunPast:
    """Read a run folder's statistics and lists of files; slow for long runs (worker threads).

    No lock is taken: a training may be writing it.

    Raises
    ------
    RunError
        If it is no run, or cannot be read.
    """
    from latent_studio.storage.run_folder import RunFolder

    run = RunFolder.open(folder, write=False)
    lines = [line for line in run.read_stats() if _is_number(line.get("kimg"))]
    told = TrainingHistory()
    total = float(run.config.get("total_kimg") or 0.0)
    for line in lines:
        told.add(_tick(run.name, total, line))
    return RunPast(
        run.name,
        str(run.path),
        {name: (told.series(name).x.copy(), told.series(name).y.copy()) for name in told.names},
        told.clock.columns(),
        [(float(grid.kimg), str(grid.path)) for grid in run.grids()],
        [(float(snapshot.kimg), str(snapshot.path)) for snapshot in run.snapshots()],
        int(run.config.get("resolution") or 0),
        total,
        told.last,
        tuple(run.read_alarms()),
    )


def _tick(run: str, total_kimg: float, line: Mapping[str, Any]) -> TrainTick:
    """A line of the statistics as the event that it was."""
    known = {name: float(line.get(name) or 0.0) for name in ("step", "kimg", "seconds", SPEED)}
    values = {k: float(v) for k, v in line.items() if k not in known and _is_number(v)}
    speed = known[SPEED]
    left = max(0.0, total_kimg - known["kimg"]) * 1000 / speed if speed > 0 else None
    return TrainTick(
        run, int(known["step"]), known["kimg"], total_kimg, known["seconds"], speed, left, values
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

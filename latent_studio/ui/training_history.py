"""What a run has told so far: every tick, the sample grids, the snapshots. Knows no widgets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from latent_studio.events import (
    Event,
    RunStarted,
    SampleGrid,
    SnapshotSaved,
    TrainTick,
)
from latent_studio.ui.plots.series import Series

SPEED = "images_per_second"
_NOT_CURVES = frozenset({"step", "kimg", "seconds"})


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
        for series in self._series.values():
            series.clear()

    def add(self, event: Event) -> None:
        if isinstance(event, TrainTick):
            self.last = event
            self.add_values(event.kimg, {**event.values, SPEED: event.images_per_second})
        elif isinstance(event, SampleGrid):
            self._add_grid(event)
        elif isinstance(event, SnapshotSaved):
            self.snapshots.append((event.kimg, event.path))
        elif isinstance(event, RunStarted):
            self.run, self.folder = event.run, event.folder
            self.total_kimg = event.total_kimg

    def add_values(self, kimg: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.series(name).append(kimg, value)

    def add_past(self, past: "RunPast", before_kimg: float) -> None:
        """Put what a resumed run told in earlier sessions in front of what it tells now."""
        now = {n: (s.x.copy(), s.y.copy()) for n, s in self._series.items()}
        for series in self._series.values():
            series.clear()
        for kimg, values in past.ticks:
            if kimg <= before_kimg:
                self.add_values(kimg, values)
        for name, (x, y) in now.items():
            self.series(name).extend(zip(x, y, strict=True))
        if not self.tile[0]:
            self.tile = (past.resolution, past.resolution)
        known = {grid.kimg for grid in self.grids}
        old = [GridEntry(k, p) for k, p in past.grids if k <= before_kimg and k not in known]
        self.grids[:0] = old
        self.snapshots[:0] = [(k, p) for k, p in past.snapshots if k <= before_kimg]

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


@dataclass(frozen=True)
class RunPast:
    """What a run folder holds of earlier sessions."""

    ticks: list[tuple[float, dict[str, float]]]
    grids: list[tuple[float, str]]
    snapshots: list[tuple[float, str]]
    resolution: int = 0


def read_past(folder: str) -> RunPast:
    """Read a run folder's statistics and lists of files; slow for long runs (worker threads)."""
    from latent_studio.storage.run_folder import RunFolder

    run = RunFolder.open(folder, write=False)  # the trainer holds its lock
    return RunPast(
        list(_ticks(run.read_stats())),
        [(float(grid.kimg), str(grid.path)) for grid in run.grids()],
        [(float(snapshot.kimg), str(snapshot.path)) for snapshot in run.snapshots()],
        int(run.config.get("resolution") or 0),
    )


def _ticks(lines: Iterable[Mapping[str, Any]]) -> Iterable[tuple[float, dict[str, float]]]:
    for line in lines:
        values = {k: float(v) for k, v in line.items() if k not in _NOT_CURVES and _is_number(v)}
        yield float(line["kimg"]), values


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

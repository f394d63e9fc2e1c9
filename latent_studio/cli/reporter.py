"""Events of a job on a terminal."""

import sys
from typing import Any

import click
from tqdm import tqdm

from latent_studio.events import (
    Alarm,
    AlarmCleared,
    CheckpointSaved,
    Event,
    Notice,
    Progress,
    RunStarted,
    SnapshotSaved,
    TrainTick,
)


class Reporter:
    """Prints events: bars on stderr where that is a terminal, facts on stdout."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Any = None
        self._bar_message = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, TrainTick):
            self._tick(event)
        elif isinstance(event, Notice):
            self._notice(event.level, event.message)
        elif isinstance(event, Alarm):
            self._notice("warning", event.message)
        elif isinstance(event, AlarmCleared):
            self._say(f"The alarm {event.kind} is over.")
        elif isinstance(event, RunStarted):
            verb = "Going on with" if event.resumed else "Training"
            self._say(f"{verb} {event.folder} from {event.kimg:g} to {event.total_kimg:g} kimg")
        elif isinstance(event, SnapshotSaved | CheckpointSaved) and not self._bars:
            what = "model" if isinstance(event, SnapshotSaved) else "checkpoint"
            self._say(f"{event.kimg:9.1f} kimg  {what} {event.path}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _progress(self, event: Progress) -> None:
        if not self._bars:
            return
        if self._bar is None or self._bar_message != event.message:
            self._open_bar(event.message, event.total or None, event.unit)
        self._bar.total = event.total or None
        self._bar.update(event.done - self._bar.n)
        if event.total and event.done >= event.total:
            self.close()

    def _tick(self, event: TrainTick) -> None:
        losses = "  ".join(
            f"{name.removeprefix('loss/')} {value:.3f}"
            for name, value in event.values.items()
            if name.startswith("loss/")
        )
        if self._bars:
            if self._bar is None or self._bar_message != "Training":
                self._open_bar("Training", event.total_kimg, " kimg")
            self._bar.update(round(event.kimg, 3) - self._bar.n)
            self._bar.set_postfix_str(f"{event.images_per_second:.0f} img/s  {losses}")
        else:
            left = "" if event.eta_s is None else f"  {duration(event.eta_s)} left"
            speed = f"{event.images_per_second:7.1f} img/s"
            self._say(f"{event.kimg:9.1f} kimg {speed}{left}  {losses}")

    def _open_bar(self, message: str, total: float | None, unit: str = "") -> None:
        self.close()
        self._bar_message = message
        self._bar = tqdm(
            total=total,
            desc=message,
            unit=unit or "it",
            unit_scale=unit == "B",
            file=sys.stderr,
            leave=False,
            dynamic_ncols=True,
        )

    def _notice(self, level: str, message: str) -> None:
        if level == "info":
            self._say(message)
        else:
            self._write(f"{level.capitalize()}: {message}", err=True)

    def _say(self, text: str) -> None:
        if not self._quiet:
            self._write(text)

    def _write(self, text: str, err: bool = False) -> None:
        if self._bar is not None:
            self._bar.clear()
        click.echo(text, err=err)


def duration(seconds: float) -> str:
    """``1 h 05 m``, ``12 m``, ``40 s``."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} m"
    return f"{minutes} m {rest:02d} s" if minutes else f"{rest} s"

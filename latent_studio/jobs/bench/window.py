"""The window's start and a drag in it, measured in processes of their own.

Only the window knows Qt: this module starts ``latent_studio.ui.bench`` with the same interpreter
and reads what it prints.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

from latent_studio.errors import StudioError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.bench.machine import describe_machine
from latent_studio.jobs.bench.report import Report, Row, Series, Table
from latent_studio.jobs.meter import Meter
from latent_studio.mailbox import StopToken
from latent_studio.storage.paths import HOME_VARIABLE

_LONGEST_S = 1800
# As `latent-studio MODEL` does, with a clock in its hand.
_START = """
import sys, time
running = time.time(), time.process_time()
import latent_studio.cli.main, latent_studio.cli.gui
from latent_studio.ui.bench.startup import main
main(float(sys.argv[1]), running, sys.argv[2])
"""
STAGES = {
    "interpreter": "the interpreter runs",
    "command line": "command line imported",
    "Qt": "Qt imported",
    "modules of the window": "the window's modules imported",
    "application": "application made",
    "window built": "window built",
    "window": "window painted",
    "torch": "torch imported, render loop up",
    "model": "model in the render loop",
    "frame": "first frame rendered",
    "first picture": "first picture painted",
}


def bench_startup(
    model: str = "",
    *,
    repeats: int = 5,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Report:
    """Start the program ``repeats`` times, each with an empty home, and time its stages.

    One more start, which is not counted, writes bytecode and fills the file cache. Without a
    ``QT_QPA_PLATFORM`` in the environment the window opens off screen.

    Raises
    ------
    StudioError
        The window does not open here.
    Cancelled
        The token was stopped.
    """
    meter = Meter(repeats + 1, "Starting the window", emit=emit, token=token)
    runs = []
    for _ in range(repeats + 1):
        runs.append(_child(lambda: ["-c", _START, repr(time.time()), model]))
        meter.step()
    runs = runs[1:]
    title = f"from the start of the process, {model or 'first model'}, {repeats} starts"
    rows = [
        Row(
            text,
            Series(tuple(run["stages"][name][0] for run in runs)),
            remark=f"{median(run['stages'][name][1] for run in runs):.2f} s of processor",
        )
        for name, text in STAGES.items()
        if all(name in run["stages"] for run in runs)
    ]
    stall = Row("longest stall until the picture", Series(tuple(run["stall"] for run in runs)))
    tables = [Table(f"Start: seconds {title}", "s", rows), Table("Event loop", "ms", [stall])]
    return Report("startup", describe_machine(), {"model": model, "repeats": repeats}, tables)


def bench_drag(
    model: str = "",
    *,
    preset: str = "stylegan2-64-cpu",
    data: str = "procedural-faces",
    seconds: float = 20.0,
    threads: int = 0,
    limit: int = 500,
    live: bool = False,
    training: Sequence[bool] = (False, True),
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Report:
    """Drag a slider for ``seconds``, with nothing training and with a training beside it.

    Parameters
    ----------
    model
        A file or a bundled model; without it what the program opens by itself.
    preset, data, threads, limit
        The training; ``threads`` 0 for all cores, ``limit`` pictures of the data.
    live
        Show the model in training.
    training
        False: the window alone; True: with a training.

    Raises
    ------
    StudioError
        The window does not open here, or the training does not start.
    Cancelled
        The token was stopped.
    """
    settings = {"model": model, "preset": preset, "data": data, "seconds": seconds}
    settings |= {"threads": threads, "limit": limit, "live": live}
    meter = Meter(len(training), "Dragging", emit=emit, token=token)
    results = {}
    for beside in training:
        text = json.dumps({**settings, "training": beside})
        results[beside] = _child(partial(list, ["-m", "latent_studio.ui.bench.drag", text]))
        meter.step()
    tables = [_drag_table(beside, result) for beside, result in results.items()]
    figures = {_beside(beside): _figures(result) for beside, result in results.items()}
    return Report("drag", describe_machine(), settings, tables, _drag_notes(results), figures)


def _drag_table(beside: bool, result: Mapping[str, Any]) -> Table:
    rows = [
        Row(name, Series(tuple(result[key])), remark=_tail(result[key]))
        for name, key in (
            ("move of the slider to painted picture", "latency"),
            ("rendering a frame", "frame"),
            ("lateness of a 5 ms timer, main thread", "lateness"),
        )
        if result[key]
    ]
    return Table(f"Drag, {_beside(beside)}: {result['label']}", "ms", rows)


def _beside(training: bool) -> str:
    return "a training beside it" if training else "nothing training"


def _figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """What scripts look for: percentiles, pictures a second, speed of the training."""
    found: dict[str, Any] = {
        f"{key}_p{q}": Series(tuple(result[key])).quantile(q / 100)
        for key in ("latency", "lateness", "frame")
        for q in (50, 99)
        if result[key]
    }
    names = ("pictures", "previews", "at_rest", "moving")
    return found | {name: result[name] for name in names}


def _drag_notes(results: Mapping[bool, Mapping[str, Any]]) -> list[str]:
    notes = []
    for beside, result in results.items():
        shown = f"{result['pictures']:.1f} pictures a second"
        frames = len(result["frame"])
        if result["previews"]:
            shown += f", {result['previews'] / frames:.0%} of them previews"
        notes.append(f"With {_beside(beside)}: {shown}.")
        if beside:
            notes.append(
                f"The training made {result['at_rest']:.1f} img/s while the hand rested, "
                f"{result['moving']:.1f} img/s while it moved."
            )
    return notes


def _tail(values: Sequence[float]) -> str:
    series = Series(tuple(values))
    return f"p99 {series.quantile(0.99):.1f}, max {max(values):.1f}"


def _child(arguments: Callable[[], list[str]]) -> dict[str, Any]:
    """Run Python with ``arguments()`` in an empty home; the last line it prints, as JSON."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, HOME_VARIABLE: home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        try:
            done = subprocess.run(
                [sys.executable, *arguments()],
                env=environment,
                capture_output=True,
                text=True,
                timeout=_LONGEST_S,
            )
        except subprocess.TimeoutExpired as error:
            raise StudioError("The window did not answer.", str(error)) from error
    lines = done.stdout.strip().splitlines()
    try:
        result: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    except ValueError:
        result = {}
    if done.returncode or not result or "error" in result:
        said = result.get("error") or (done.stderr.strip().splitlines() or ["nothing said"])[-1]
        raise StudioError(f"The window could not be measured: {said}.", done.stderr)
    return result

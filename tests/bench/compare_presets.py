"""Presets on the same photographs for the same time: a table and the pictures.

    python tests/bench/compare_presets.py lfw-faces-64.zip --out runs/presets \
        [--minutes 20] [--preset dcgan-64] [--figure resources/docs/presets.png]

Time is the processor's, of one thread, so that other work on the machine does not decide the
order. Writes a run folder for each preset (continued up to the time when started again) and
``table.md``. With ``--figure``: seeds 0 to 23 of each, without selection.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from PIL import Image, ImageDraw

from latent_studio.errors import StudioError
from latent_studio.events import Event, TrainTick
from latent_studio.jobs.evaluate import Evaluation, evaluate
from latent_studio.latent.sampling import seed_z_batch
from latent_studio.mailbox import StopToken
from latent_studio.storage.model_file import load_generator
from latent_studio.storage.run_folder import RunFolder, is_run
from latent_studio.training.presets import PRESETS, find_preset
from latent_studio.training.samples import draw_pictures
from latent_studio.training.start import run_training

CHOSEN = ("dcgan-64", "stylegan2-64-cpu", "r3gan-64-cpu", "pggan-64-cpu")
METRICS = ("swd", "fd-random", "pr-random")
COLUMNS = {
    "swd": "SWD",
    "fd-random": "fd-random",
    "pr-random/precision": "precision",
    "pr-random/recall": "recall",
}
SEEDS = 24


def train(name: str, data: str, out: Path, minutes: float) -> dict[str, Any]:
    """Train or continue one preset until it has had its minutes; the account of the run."""
    folder, account = out / name, out / f"{name}.json"
    known: dict[str, Any] = {"seconds": 0.0, "kimg": 0.0}
    if account.is_file():
        known = json.loads(account.read_text(encoding="utf-8"))
    left = 60 * minutes - known["seconds"]
    if left <= 0:
        return known
    token, begun = StopToken(), time.process_time()

    def hear(event: Event) -> None:
        if isinstance(event, TrainTick):
            known["kimg"] = event.kimg
            if time.process_time() - begun >= left:
                token.stop()

    if is_run(folder):
        run_training(None, folder, resume=True, cache_dir=out, emit=hear, token=token)
    else:
        options = {"threads": 1, "seed": 0, "checkpoint_seconds": 120.0, "tick_kimg": 0.5}
        options |= {"precision": "fp32", "snapshot_kimg": 0.0}
        config = find_preset(name).config(data, **options)
        run_training(config, folder, cache_dir=out, emit=hear, token=token)
    known["seconds"] += time.process_time() - begun
    account.write_text(json.dumps(known), encoding="utf-8")
    return known


def newest(folder: Path) -> Path:
    with RunFolder.open(folder, write=False) as run:
        return run.snapshots()[-1].path


def warnings(folder: Path) -> str:
    with RunFolder.open(folder, write=False) as run:
        kinds = dict.fromkeys(row.alarm.kind for row in run.read_alarms())
    return ", ".join(kinds) or "–"


def row(name: str, known: Mapping[str, Any], found: Evaluation, warned: str) -> str:
    numbers = " | ".join(f"{found.values[key]:.3g}" for key in COLUMNS)
    return f"| `{name}` | {1000 * known['kimg']:,.0f} | {numbers} | {warned} |"


def figure(names: list[str], out: Path, path: Path, columns: int = 12) -> None:
    """Seeds 0 … of each preset, one band each, at full width of the distribution (psi 1)."""
    side, label = 64, 16
    height = SEEDS // columns * side + label + 6
    sheet = Image.new("RGB", (columns * side, height * len(names)), (255, 255, 255))
    pen = ImageDraw.Draw(sheet)
    for i, name in enumerate(names):
        generator = load_generator(newest(out / name))
        z = seed_z_batch(range(SEEDS), generator.capabilities.z_dim)
        pictures = draw_pictures(generator, torch.from_numpy(z), None)
        band = pictures.reshape(-1, columns, side, side, 3).transpose(0, 2, 1, 3, 4)
        pen.text((2, i * height), name, fill=(0, 0, 0))
        pixels = np.ascontiguousarray(band).reshape(-1, columns * side, 3)
        sheet.paste(Image.fromarray(pixels), (0, i * height + label))
    sheet.save(path)


@click.command(help=__doc__)
@click.argument("data")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--minutes", type=float, default=20.0)
@click.option("--preset", "chosen", multiple=True, type=click.Choice(list(PRESETS)))
@click.option("--samples", type=int, default=2000)
@click.option("--figure", "picture", type=click.Path(path_type=Path))
def main(
    data: str,
    out: Path,
    minutes: float,
    chosen: tuple[str, ...],
    samples: int,
    picture: Path | None,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    names = list(chosen or CHOSEN)
    rows: list[str] = []
    real: Mapping[str, float] = {}
    for name in names:
        try:
            known = train(name, data, out, minutes)
            found = evaluate(str(newest(out / name)), data, METRICS, samples=samples)
        except StudioError as error:
            rows.append(f"| `{name}` | {error} | | | | | |")
            continue
        real = found.yardstick
        rows.append(row(name, known, found, warnings(out / name)))
        click.echo(rows[-1])
    head = [
        f"{minutes:g} minutes of one thread each, {samples:,} pictures against as many real ones.",
        "",
        f"| preset | images seen | {' | '.join(COLUMNS.values())} | alarms |",
        f"|---|---|{'---|' * len(COLUMNS)}---|",
    ]
    if real:
        numbers = " | ".join(f"{real[key]:.3g}" for key in COLUMNS)
        head.append(f"| *real photographs* | | {numbers} | |")
    text = "\n".join([*head, *rows]) + "\n"
    (out / "table.md").write_text(text, encoding="utf-8")
    click.echo(text)
    if picture:
        figure(names, out, picture)


if __name__ == "__main__":
    main()

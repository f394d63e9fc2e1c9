"""How close inversions come, by method: real photographs, and pictures that the model made.

    python tests/bench/invert_photos.py --data lfw-faces-64.zip --state inversion.jsonl

Goes on where it stopped (every result is a line of the state file) and ends after ``--seconds``, so
that it can be run in pieces; the table is of what there is. One thread. Photographs are chosen by a
seed. Whether they are held out is up to the model: its training facts say how many of the data it
has seen, and the table repeats it. For one that has never seen them:

    python tests/bench/invert_photos.py --data lfw-faces-64.zip --rest others.zip
    latent-studio train --preset stylegan2-64-cpu --data others.zip --out runs/others
    python tests/bench/invert_photos.py --model runs/others --data lfw-faces-64.zip --made 0 ...
"""

import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from latent_studio.data.source import open_source
from latent_studio.jobs.invert import PhotoInverter
from latent_studio.jobs.opened import Model, open_model
from latent_studio.jobs.photos import Photo
from latent_studio.latent.inversion.settings import SPACES, InversionSettings
from latent_studio.recipe import Recipe

FIRST_MADE = 1000  # seeds of the pictures that the model made


def photographs(data: str, model: Model, count: int) -> list[tuple[str, np.ndarray]]:
    source = open_source(data)
    assert source.count is not None
    chosen = np.random.RandomState(0).permutation(source.count)[:count]
    size, channels = model.capabilities.resolution, model.capabilities.channels
    return [
        (source.item_name(int(i)), source.load(int(i), size, channels).transpose(1, 2, 0))
        for i in chosen
    ]


def write_rest(data: str, count: int, target: Path) -> None:
    """A zip of all pictures but those that :func:`photographs` chooses."""
    source = open_source(data)
    assert source.count is not None
    chosen = np.random.RandomState(0).permutation(source.count)[:count]
    left_out = {source.item_name(int(i)) for i in chosen}
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename not in left_out:
                new.writestr(entry, old.read(entry))
    click.echo(f"{target}: {source.count - count} of {source.count} pictures")


def made(model: Model, count: int) -> list[tuple[str, np.ndarray]]:
    seeds = range(FIRST_MADE, FIRST_MADE + count)
    if not seeds:
        return []
    pixels = model.pixels([Recipe.from_seed(seed) for seed in seeds])
    return [(f"seed {seed}", picture) for seed, picture in zip(seeds, pixels, strict=True)]


def read_state(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    if not path.is_file():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {(row["method"], row["name"]): row for row in rows}


def wanted(
    photos: list[tuple[str, np.ndarray]], pictures: list[tuple[str, np.ndarray]], methods: list[str]
) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Kind, method, name and pixels; every method of the first photograph before the second."""
    for name, pixels in pictures:
        yield "made", "w", name, pixels
    for name, pixels in photos:
        for method in methods:
            yield "photo", method, name, pixels


def table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| pictures | method | n | PSNR dB (mean, least) | SSIM (mean) | seconds (median, most) |",
        "|---|---|---|---|---|---|",
    ]
    for kind, method in dict.fromkeys((row["kind"], row["method"]) for row in rows):
        some = [row for row in rows if (row["kind"], row["method"]) == (kind, method)]
        psnr, ssim, seconds = (np.array([r[key] for r in some]) for key in ("psnr", "ssim", "s"))
        lines.append(
            f"| {kind} | {method} | {len(some)} | {psnr.mean():.2f}, {psnr.min():.2f} "
            f"| {ssim.mean():.3f} | {np.median(seconds):.0f}, {seconds.max():.0f} |"
        )
    return lines


@click.command()
@click.option("--model", default="faces")
@click.option("--data", required=True)
@click.option("--state", type=click.Path(path_type=Path))
@click.option("--rest", type=click.Path(path_type=Path), help="Write a zip without them and stop.")
@click.option("--photos", default=20)
@click.option("--made", "made_count", default=20)
@click.option("--methods", default=",".join(SPACES))
@click.option("--seconds", default=150.0, help="Start no more work after so long.")
def main(
    model: str,
    data: str,
    state: Path | None,
    rest: Path | None,
    photos: int,
    made_count: int,
    methods: str,
    seconds: float,
) -> None:
    if rest is not None:
        write_rest(data, photos, rest)
        return
    if state is None:
        raise click.UsageError("--state is missing: the file that the results go to.")
    torch.set_num_threads(1)
    began = time.monotonic()
    opened = open_model(model, backend="torch")
    done = read_state(state)
    inverters: dict[str, PhotoInverter] = {}
    work = wanted(photographs(data, opened, photos), made(opened, made_count), methods.split(","))
    for kind, method, name, pixels in work:
        if (method, name) in done:
            continue
        if time.monotonic() - began > seconds:
            break
        if method not in inverters:
            settings = InversionSettings(method)  # type: ignore[arg-type]
            folder = state.parent / "derived"
            folder.mkdir(exist_ok=True)
            inverters[method] = PhotoInverter(opened, settings, derived=folder)
        found = inverters[method].invert(Photo(Path(Path(name).name)), np.ascontiguousarray(pixels))
        row = {
            "kind": kind,
            "method": method,
            "name": name,
            "psnr": found.figures.psnr,
            "ssim": found.figures.ssim,
            "s": found.seconds,
        }
        done[method, name] = row
        with state.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        click.echo(f"{name} {method}: {found.figures.psnr:.2f} dB, {found.seconds:.0f} s")
    click.echo("\n".join(table(list(done.values()))))
    seen = opened.bundle.training.get("data_images")
    click.echo(f"The model was trained on {seen} pictures of {opened.bundle.training.get('data')}.")


if __name__ == "__main__":
    main()

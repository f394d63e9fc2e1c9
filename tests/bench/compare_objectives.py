"""Every objective on the same digits for the same number of pictures: a table and grids.

    python tests/bench/compare_objectives.py t10k-images-idx3-ubyte.gz --out runs/objectives \
        [--kimg 300] [--only hinge] [--figure resources/docs/objectives.png]

Writes a run folder for each objective (continued when started again), ``table.md`` and, with
``--figure``, one picture of all grids. The judge is a classifier trained on other real digits
(:mod:`digits`); its own accuracy stands above the table.
"""

import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from digits import DigitJudge, load_or_train, verdict
from PIL import Image, ImageDraw

from latent_studio.data.dataset import open_dataset
from latent_studio.errors import StudioError
from latent_studio.metrics.swd import swd
from latent_studio.storage.model_file import load_generator
from latent_studio.storage.run_folder import RunFolder, is_run
from latent_studio.training.losses import OBJECTIVES
from latent_studio.training.presets import Preset
from latent_studio.training.samples import draw_pictures
from latent_studio.training.start import run_training

COUNT = 1000
# One family for all, so that the table compares objectives; the critic's norm follows from the
# objective (see Preset.config).
DCGAN = Preset(
    "dcgan-32-digits",
    "DCGAN, 32×32 digits",
    "For this comparison.",
    "dcgan",
    32,
    channels=1,
    generator={"z_dim": 64, "base_channels": 32, "max_channels": 128},
    discriminator={"base_channels": 32, "max_channels": 128},
    options={
        "batch": 32,
        "g_lr": 2e-4,
        "d_lr": 2e-4,
        "betas": (0.5, 0.99),
        "mirror": False,
        "tick_kimg": 2.0,
        "grid_kimg": 20.0,
        "snapshot_kimg": 0.0,
        "checkpoint_seconds": 60.0,
        "ema_kimg": 2.0,
        "precision": "fp32",
    },
)
# What goes beside an objective here, because the paper's own figures are for other networks.
BESIDE: dict[str, dict[str, Any]] = {
    # One step of D for each of G and a tenfold rate, as PGGAN takes it: with the first paper's five
    # and 1e-4, G has had a fifth of its steps when the pictures are used up, and is grey.
    "wgan-gp": {"n_critic": 1, "g_lr": 1e-3, "d_lr": 1e-3, "betas": (0.0, 0.99), "drift": 1e-3},
    "hinge": {"discriminator.norm": "none", "discriminator.spectral_norm": True},
    "relativistic": {"discriminator.norm": "none", "r1_gamma": 2.0, "r2_gamma": 2.0},
}


def train(name: str, data: str, out: Path, kimg: float, threads: int, seed: int) -> list[str]:
    """Train or continue one objective; returns the kinds of alarm that were raised."""
    folder = out / name
    if is_run(folder):
        run_training(None, folder, resume=True, changes=length(kimg), cache_dir=out)
    else:
        options = {"objective": name, "threads": threads, "seed": seed, **length(kimg)}
        config = DCGAN.config(data, **options, **BESIDE.get(name, {}))
        run_training(config, folder, cache_dir=out)
    with RunFolder.open(folder, write=False) as run:
        return [row.alarm.kind for row in run.read_alarms()]


def length(kimg: float) -> dict[str, Any]:
    """The rates fall over the last third, so that the last pictures are not those of one step."""
    return {
        "total_kimg": kimg,
        "lr_decay": "linear",
        "lr_decay_from_kimg": kimg * 2 / 3,
        "lr_decay_kimg": kimg,
    }


def samples(folder: Path) -> np.ndarray:
    """Pictures of the newest model, without selection: uint8 ``[COUNT, 32, 32, 1]``."""
    with RunFolder.open(folder, write=False) as run:
        generator = load_generator(run.snapshots()[-1].path)
    draws = torch.Generator().manual_seed(12345)
    z = torch.randn(COUNT, generator.capabilities.z_dim, generator=draws)
    return draw_pictures(generator, z, None)


def row(name: str, out: Path, network: DigitJudge, real: np.ndarray, alarms: list[str]) -> str:
    pictures = samples(out / name)
    found = verdict(network, pictures)
    distance = swd(real, pictures.transpose(0, 3, 1, 2))["mean"]
    warned = ", ".join(dict.fromkeys(alarms)) or "–"
    return (
        f"| {OBJECTIVES[name].title} | {distance:.1f} | {found['recognised']:.1%} | "
        f"{found['smallest']:.1%} | {warned} |"
    )


def figure(names: list[str], out: Path, path: Path, columns: int = 10, rows: int = 3) -> None:
    """The first pictures of each objective, one band each."""
    side, label = 32, 14
    height = rows * side + label + 6
    sheet = Image.new("L", (columns * side * 2 + 12, height * ((len(names) + 1) // 2)), 255)
    pen = ImageDraw.Draw(sheet)
    for i, name in enumerate(names):
        pictures = samples(out / name)[: rows * columns, ..., 0]
        band = pictures.reshape(rows, columns, side, side).transpose(0, 2, 1, 3)
        left, top = (i % 2) * (columns * side + 12), (i // 2) * height
        pen.text((left, top), OBJECTIVES[name].title, fill=0)
        sheet.paste(Image.fromarray(band.reshape(rows * side, columns * side)), (left, top + label))
    sheet.save(path)


@click.command(help=__doc__)
@click.argument("data")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--kimg", type=float, default=300.0)
@click.option("--only", multiple=True, type=click.Choice(list(OBJECTIVES)))
@click.option("--threads", type=int, default=1)
@click.option("--seed", type=int, default=0)
@click.option("--figure", "picture", type=click.Path(path_type=Path))
def main(
    data: str,
    out: Path,
    kimg: float,
    only: tuple[str, ...],
    threads: int,
    seed: int,
    picture: Path | None,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    network, accuracy = load_or_train(data, out / "judge.pt")
    click.echo(f"judge: {accuracy:.2%} of 2,000 digits it has not seen")
    dataset = open_dataset(data, resolution=32, channels=1, cache_dir=out)
    chosen = np.random.RandomState(0).permutation(len(dataset))[: 2 * COUNT]
    real = np.stack([dataset.images[i] for i in chosen])
    lines = [
        f"Judge: {accuracy:.2%} on held-out digits. {kimg:g} kimg each, {COUNT:,} samples.",
        "",
        "| objective | SWD | recognised (≥ 0.9) | rarest digit | alarms |",
        "|---|---|---|---|---|",
    ]
    yardstick = swd(real[:COUNT], real[COUNT:])["mean"]
    known = verdict(network, real[:COUNT].transpose(0, 2, 3, 1))
    lines.append(
        f"| *real digits* | {yardstick:.1f} | {known['recognised']:.1%} | "
        f"{known['smallest']:.1%} | |"
    )
    names = [name for name in OBJECTIVES if not only or name in only]
    for name in names:
        begun = time.monotonic()
        try:
            alarms = train(name, data, out, kimg, threads, seed)
        except StudioError as error:
            lines.append(f"| {OBJECTIVES[name].title} | {error.message} | | | |")
            continue
        lines.append(row(name, out, network, real[:COUNT], alarms))
        click.echo(f"{name}: {time.monotonic() - begun:.0f} s\n{lines[-1]}")
    text = "\n".join(lines) + "\n"
    (out / "table.md").write_text(text, encoding="utf-8")
    click.echo(text)
    if picture:
        figure(names, out, picture)


if __name__ == "__main__":
    main()

"""Does every alarm fire on trainings built to fail its way, and none on healthy ones?

    python tests/bench/prove_alarms.py t10k-images-idx3-ubyte.gz --out runs/alarms \
        [--seeds 3] [--only overfitting] [--architecture mlp] [--healthy-kimg 300] \
        [--replay runs/faces]

Six failures, two families of networks, three seeds: each is a real training of small networks on
digits that ends when its alarm has come. The healthy ones are the shipped presets of the same
families, as they are; ``--replay`` judges the ticks of long runs that are there already. A training
may fail in more than one way: what else was said stands beside.
"""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import click
import torch

from latent_studio.data.source import open_source
from latent_studio.errors import StudioError
from latent_studio.events import Alarm, Event, TrainTick
from latent_studio.mailbox import StopToken
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.config import TrainConfig
from latent_studio.training.diagnostics import Monitor
from latent_studio.training.preset import Preset
from latent_studio.training.presets import find_preset
from latent_studio.training.start import run_training

SIDE = 16
TICK_STEPS, BATCH, TICKS = 24, 32, 120
COMMON: dict[str, Any] = {
    "batch": BATCH,
    "g_lr": 5e-4,
    "d_lr": 5e-4,
    "betas": (0.5, 0.99),
    "r1_gamma": 0.0,
    "mirror": False,
    "precision": "fp32",
    "threads": 1,
    "tick_kimg": TICK_STEPS * BATCH / 1000,
    "grid_kimg": 1000.0,
    "snapshot_kimg": 0.0,
    "checkpoint_seconds": 3600.0,
    "total_kimg": TICKS * TICK_STEPS * BATCH / 1000,
}
FAMILIES: dict[str, Preset] = {
    "mlp": Preset(
        "mlp-16",
        "MLP, 16×16",
        "For this proof.",
        "mlp",
        SIDE,
        channels=1,
        generator={"z_dim": 32, "hidden": [128, 256]},
        discriminator={"hidden": [256, 128], "dropout": 0.0},
        options=COMMON,
    ),
    "dcgan": Preset(
        "dcgan-16",
        "DCGAN, 16×16",
        "For this proof.",
        "dcgan",
        SIDE,
        channels=1,
        generator={"z_dim": 32, "base_channels": 16, "max_channels": 32},
        discriminator={"base_channels": 16, "max_channels": 32},
        options=COMMON,
    ),
}
# How a training is made to fail, and why that makes it fail.
FAILURES: dict[str, dict[str, Any]] = {
    # G runs to the picture that D likes best, and D follows too slowly to punish it.
    "mode-collapse": {"g_lr": 2e-3, "d_lr": 2e-5},
    # The original minimax loss under a D that is far ahead (Arjovsky and Bottou 2017).
    "d-too-strong": {"objective": "minimax", "g_lr": 1e-6, "d_lr": 2e-3},
    # A D that hardly learns.
    "d-too-weak": {"d_lr": 1e-8},
    # Few pictures, many passes, nothing that regularises D.
    "overfitting": {"limit": 40, "g_lr": 1e-4, "d_lr": 1e-3},
    # Steps far beyond what the losses' curvature allows.
    "divergence": {"g_lr": 0.5, "d_lr": 0.5},
    # Weights that the optimiser wants larger than the clip lets them be.
    "clipping": {"objective": "wgan", "weight_clip": 0.01},
    # Rates at which nothing moves within the time that is watched.
    "stagnation": {"g_lr": 1e-8, "d_lr": 1e-8},
}
HEALTHY = {"mlp": "mlp-mnist", "dcgan": "dcgan-64"}


def alarms_of(config: Any, folder: Path, cache: Path, wanted: str = "") -> list[tuple[str, float]]:
    """Train until ``wanted`` is heard or the run ends; kinds of alarm and the kimg they came at."""
    heard: list[tuple[str, float]] = []
    token, kimg = StopToken(), 0.0

    def hear(event: Event) -> None:
        nonlocal kimg
        if isinstance(event, TrainTick):
            kimg = event.kimg
        if isinstance(event, Alarm):
            heard.append((event.kind, kimg))
            if event.kind == wanted:
                token.stop()

    shutil.rmtree(folder, ignore_errors=True)
    try:
        run_training(config, folder, cache_dir=cache, emit=hear, token=token)
    except StudioError as error:
        # numbers that are none end the run themselves, with a message of their own
        heard.append((f"ended: {error}", kimg))
    return heard


def failing(kind: str, family: str, seed: int, data: str, out: Path) -> dict[str, Any]:
    config = FAMILIES[family].config(data, **{**FAILURES[kind], "seed": seed})
    begun = time.monotonic()
    heard = alarms_of(config, out / f"{kind}-{family}-{seed}", out, kind)
    at = next((kimg for found, kimg in heard if found == kind), None)
    others = list(dict.fromkeys(found for found, _ in heard if found != kind))
    return {"at": at, "others": others, "seconds": time.monotonic() - begun}


def healthy(family: str, seed: int, kimg: float, data: str, out: Path) -> list[tuple[str, float]]:
    options = {"seed": seed, "total_kimg": kimg, "threads": 1, "precision": "fp32"}
    config = find_preset(HEALTHY[family]).config(data, **options)
    return alarms_of(config, out / f"healthy-{family}-{seed}", out)


def replay(folder: Path) -> tuple[float, list[tuple[str, float]]]:
    """Length of a run in kimg, and what the monitor says to its ticks, first to last."""
    with RunFolder.open(folder, write=False) as run:
        config, ticks = TrainConfig.from_json(run.config), run.read_stats()
    known = Path(config.data).exists()  # or endless ones, which can't be overfitted
    pictures = (open_source(config.data, check=False).count or 0) if known else 0
    monitor = Monitor(folder.name, config, dataset_size=pictures)
    heard: list[tuple[str, float]] = []
    for tick in ticks:
        values = {key: value for key, value in tick.items() if isinstance(value, int | float)}
        heard += [(alarm.kind, tick["kimg"]) for alarm in monitor.observe(tick["kimg"], values)]
    return ticks[-1]["kimg"], heard


@click.command(help=__doc__)
@click.argument("data")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seeds", type=int, default=3)
@click.option("--only", multiple=True, type=click.Choice([*FAILURES, "healthy"]))
@click.option("--architecture", "families", multiple=True, type=click.Choice(list(FAMILIES)))
@click.option("--healthy-kimg", type=float, default=300.0, help="0: the preset's own length")
@click.option("--replay", "runs", multiple=True, type=click.Path(path_type=Path))
@click.option("--healthy-data", help="pictures for dcgan-64; without them it is left out")
def main(
    data: str,
    out: Path,
    seeds: int,
    only: tuple[str, ...],
    families: tuple[str, ...],
    healthy_kimg: float,
    runs: tuple[Path, ...],
    healthy_data: str | None,
) -> None:
    torch.set_num_threads(1)
    for folder in runs:
        length, heard = replay(folder)
        click.echo(f"{folder.name}, {length:.0f} kimg: {heard or 'silent'}")
    if runs:
        return
    out.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    missed = 0
    for kind in FAILURES:
        for family in families or FAMILIES:
            for seed in range(seeds if not only or kind in only else 0):
                entry = found[f"{kind} {family} {seed}"] = failing(kind, family, seed, data, out)
                missed += entry["at"] is None
                at = "MISSED" if entry["at"] is None else f"at {entry['at']:.1f} kimg"
                also = f" (also {', '.join(entry['others'])})" if entry["others"] else ""
                click.echo(f"{kind:14} {family:6} seed {seed}: {at}{also} {entry['seconds']:.0f} s")
    for family, source in {"mlp": data, "dcgan": healthy_data}.items():
        if source is None or (families and family not in families):
            continue
        for seed in range(seeds if not only or "healthy" in only else 0):
            heard = healthy(family, seed, healthy_kimg, source, out)
            found[f"healthy {family} {seed}"] = heard
            missed += bool(heard)
            click.echo(f"healthy {HEALTHY[family]} seed {seed}: {heard or 'silent'}")
    (out / "alarms.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    click.echo(f"{missed} of {len(found)} not as they should be")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()

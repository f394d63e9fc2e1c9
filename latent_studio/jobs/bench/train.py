"""Training speed: our step against a plain loop of the same networks and the same maths."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import torch

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.engine.device import describe_device
from latent_studio.engine.processor import bf16_of_cpu
from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.bench.machine import describe_machine
from latent_studio.jobs.bench.plain import plain_module
from latent_studio.jobs.bench.race import race
from latent_studio.jobs.bench.report import Ratio, Report, Row, Series, Table
from latent_studio.jobs.meter import Meter
from latent_studio.jobs.presets import find_preset
from latent_studio.mailbox import StopToken
from latent_studio.storage.paths import cache_dir
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import resolve, threads_set_to
from latent_studio.training.ema import ema_decay
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import HEALTH_INTERVAL, Stepper

PRECISIONS = ("fp32", "bf16")
_PICTURES = 256
PLAIN, PLAIN_FRESH = "plain loop, fp32", "plain loop, fp32, new pictures for G"


@dataclass(frozen=True)
class Runner:
    """Runs the step of a given number, and then whatever the next number is."""

    name: str
    run: Callable[[int], object]


def bench_train(
    preset: str = "stylegan2-64-cpu",
    *,
    batch: int | None = None,
    precisions: Sequence[str] = (),
    repeats: int = 6,
    threads: int = 0,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Report:
    """Time training steps of ``preset`` on drawn faces, interleaved with those of a plain loop.

    Steps differ: some have a penalty, some look at the run's health. Each kind is timed
    ``repeats`` times, and counts as often as it comes in a run.

    Parameters
    ----------
    precisions
        ``fp32``, ``bf16``; empty: what the preset runs with here, and fp32.

    Raises
    ------
    OptionError
        The preset or the device is not there.
    Cancelled
        The token was stopped.
    """
    changes: dict[str, Any] = {"device": device, "threads": threads}
    changes |= {} if batch is None else {"batch": batch}
    config = resolve(find_preset(preset).config("procedural-faces", **changes))
    chosen = list(precisions) or list(dict.fromkeys(("fp32", config.precision)))
    if not set(chosen) <= set(PRECISIONS):
        raise OptionError(f"Training has the precisions {', '.join(PRECISIONS)}.")
    dataset = open_dataset(
        config.data,
        resolution=config.resolution,
        channels=config.channels,
        limit=_PICTURES,
        cache_dir=cache_dir(),
        emit=emit,
        token=token,
    )
    runners = [*_plain(config, dataset), *(_ours(config, dataset, name) for name in chosen)]
    notes = _notes(config, runners, chosen, bool(precisions))
    with threads_set_to(config.threads):
        times = _time(config, runners, repeats, emit, token)
        machine = describe_machine()
    table = _table(config, times)
    settings = {"preset": preset, "batch": config.batch, "repeats": repeats}
    settings |= {"device": config.device, "precisions": chosen, "threads": config.threads}
    return Report("train", machine, settings, [table], notes)


def _notes(
    config: TrainConfig, runners: Sequence[Runner], chosen: Sequence[str], asked: bool
) -> list[str]:
    notes = [f"The preset runs in {config.precision} here."]
    if runners[0].name != PLAIN:
        notes.append("No ratio: the plain loop knows StyleGAN2 with lazy R1 only, on the CPU.")
    if "bf16" not in chosen and not asked and not bf16_of_cpu():
        notes.append("No bf16: this processor would have to emulate it.")
    return notes


# -- who runs -------------------------------------------------------------------------------------


def _ours(config: TrainConfig, dataset: ImageDataset, precision: str) -> Runner:
    settings = replace(config, precision=precision)
    state = TrainState(settings, dataset)
    stepper = Stepper(settings, state, Statistics())

    def run(step: int) -> None:
        state.counters.step = step
        stepper.run()
        if torch.device(config.device).type == "cuda":
            torch.cuda.synchronize()

    return Runner(f"our step, {precision}", run)


def _plain(config: TrainConfig, dataset: ImageDataset) -> list[Runner]:
    """The plain loop with the same maths and, where that keeps pictures, as the papers have it."""
    if not has_plain_loop(config):
        return []
    runners = [Runner(PLAIN, plain_loop(config, dataset, fresh=not config.reuse_fakes))]
    if config.reuse_fakes:
        runners.append(Runner(PLAIN_FRESH, plain_loop(config, dataset, fresh=True)))
    return runners


def has_plain_loop(config: TrainConfig) -> bool:
    """Whether the plain loop does what this configuration asks for, all of it."""
    families = {config.generator.architecture, config.discriminator.architecture}
    beside = config.gp_weight or config.drift or config.weight_clip or config.pl_weight
    beside = beside or config.r2_gamma or config.style_mixing or config.freeze_d
    single = config.n_critic == config.accumulate == 1 and not config.stage_batches
    usual = config.objective == "non-saturating" and config.optimizer == "adam"
    return (
        families == {"stylegan2"}
        and usual
        and single
        and not beside
        and config.lazy_r1
        and not config.classes
        and config.augment == "none"
        and config.lr_warmup_kimg == 0
        and config.lr_decay == "none"
        and torch.device(config.device).type == "cpu"
    )


def plain_loop(config: TrainConfig, dataset: ImageDataset, fresh: bool) -> Callable[[int], object]:
    """A function that runs the plain loop's step of a given number."""
    networks, training = plain_module("reference"), plain_module("reference_training")
    state = TrainState(replace(config, precision="fp32"), dataset)
    g = networks.PlainGenerator(config.generator.config, state.generator.state_dict())
    d = networks.PlainDiscriminator(config.discriminator.config, state.discriminator.state_dict())
    loop = training.PlainLoop(
        g,
        d,
        state.generator.capabilities.z_dim,
        (config.g_lr, config.d_lr),
        config.betas,
        config.eps,
        config.r1_gamma,
        config.r1_interval,
        fresh=fresh,
    )
    latents, noise = state.random["latents"], state.random["noise"]

    def run(step: int) -> None:
        loop.steps = step
        images, _ = state.stream.next(config.batch)
        real = torch.from_numpy(images).float() / 127.5 - 1
        seen = (step + 1) * config.batch
        loop.step(
            real, latents, noise, ema_decay(seen, config.batch, config.ema_kimg, config.ema_rampup)
        )

    return run


# -- how often ------------------------------------------------------------------------------------


def step_kinds(config: TrainConfig) -> tuple[int, dict[int, float]]:
    """After how many steps all repeats, numbers of steps that stand for all others, and the share
    of steps like each.
    """
    intervals = [HEALTH_INTERVAL]
    intervals += [config.r1_interval] if config.lazy_r1 else []
    intervals += [config.pl_interval] if config.pl_weight > 0 else []
    cycle = math.lcm(*intervals)
    kinds = [tuple(step % interval == 0 for interval in intervals) for step in range(cycle)]
    counts = Counter(kinds)
    return cycle, {kinds.index(kind): count / cycle for kind, count in counts.items()}


def _time(
    config: TrainConfig,
    runners: Sequence[Runner],
    repeats: int,
    emit: Emit,
    token: StopToken | None,
) -> dict[str, list[float]]:
    """Seconds a step of each runner, all kinds of steps in their right proportion."""
    cycle, kinds = step_kinds(config)
    work = {runner.name: runner.run for runner in runners}
    total = {name: [0.0] * repeats for name in work}
    meter = Meter(len(kinds) * repeats + 2, "Timing training steps", emit=emit, token=token)
    for number, (step, share) in enumerate(kinds.items()):
        # Large numbers, so that the average of weights moves as in the middle of a run.
        runs = {name: _numbered(run, 100 * cycle + step) for name, run in work.items()}
        times = race(runs, repeats, meter, warm_up=0 if number else 2)
        for name, values in times.items():
            total[name] = [a + share * b for a, b in zip(total[name], values, strict=True)]
    return total


def _numbered(run: Callable[[int], object], step: int) -> Callable[[int], object]:
    def work(turn: int) -> None:
        run(step)

    return work


def _table(config: TrainConfig, times: Mapping[str, Sequence[float]]) -> Table:
    plain = times.get(PLAIN)
    rows = [
        Row(
            name,
            Series(tuple(config.batch / value for value in values)),
            None if plain is None or name == PLAIN else Ratio.paired(plain, values),
            f"{1e3 * median(values):.0f} ms a step",
        )
        for name, values in times.items()
    ]
    title = f"{config.preset} on {describe_device(config.device)}, batch {config.batch}"
    return Table(f"{title}: ratio to the plain loop", "img/s", rows)

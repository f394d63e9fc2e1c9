"""How fast this machine is: every ratio from interleaved runs in one process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import median

from latent_studio.data.dataset import open_dataset
from latent_studio.engine.device import describe_device, half_dtype, pick_device, precision_name
from latent_studio.engine.renderer import Renderer
from latent_studio.events import Emit, ignore
from latent_studio.jobs.meter import Meter
from latent_studio.jobs.opened import AnyModel, open_model
from latent_studio.jobs.presets import find_preset
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.model_file import load_generator
from latent_studio.storage.paths import cache_dir
from latent_studio.training.device import resolve, threads_set_to
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper

_WARM_UP = 2
_PICTURES = 256


@dataclass(frozen=True)
class RenderBench:
    """Median milliseconds a frame by precision and kind.

    ``full`` is a new seed, ``incremental`` an edit of the last layer's style, ``preview`` a new
    seed at a smaller size out of the network; models without layers have ``full`` only.
    """

    title: str
    device: str
    milliseconds: Mapping[str, Mapping[str, float]]

    def lines(self) -> list[str]:
        lines = [f"{self.title} on {self.device}, batch 1, median"]
        for precision, kinds in self.milliseconds.items():
            for kind, ms in kinds.items():
                share = f"  {ms / kinds['full']:.2f} of full" if kind != "full" else ""
                lines.append(f"{precision}  {kind:12} {ms:8.2f} ms  {1000 / ms:7.1f} /s{share}")
        names = list(self.milliseconds)
        if len(names) > 1:
            ratio = self.milliseconds[names[0]]["full"] / self.milliseconds[names[1]]["full"]
            lines.append(f"{names[1]} is {ratio:.2f} times as fast as {names[0]}")
        return lines


@dataclass(frozen=True)
class TrainBench:
    """Images per second by precision (medians over steps)."""

    preset: str
    device: str
    batch: int
    threads: int
    images_per_second: Mapping[str, float]

    def lines(self) -> list[str]:
        lines = [f"{self.preset} on {self.device}, batch {self.batch}, {self.threads} threads"]
        lines += [f"{name}  {speed:8.1f} img/s" for name, speed in self.images_per_second.items()]
        speeds = self.images_per_second
        lines.append(f"bf16 is {speeds['bf16'] / speeds['fp32']:.2f} times as fast as fp32")
        return lines


def bench_render(
    model: AnyModel | None = None,
    *,
    resolution: int = 256,
    repeats: int = 20,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> RenderBench:
    """Time full, incremental and preview frames of ``model`` in fp32 and 16 bits.

    Without a model a StyleGAN2 of ``resolution`` with random weights and the usual widths is taken.

    Raises
    ------
    ModelError, OptionError
        The model can't be opened or the device is not there.
    Cancelled
        The token was stopped.
    """
    place = pick_device(device)
    title, make = _generators(model, resolution)
    names = ["fp32", precision_name(half_dtype(place))]
    renderers = {
        name: Renderer(make(), (), place, name)  # type: ignore[arg-type]
        for name in names
    }
    kinds = {name: _kinds(renderer) for name, renderer in renderers.items()}
    times: dict[str, dict[str, list[float]]] = {n: {k: [] for k in kinds[n]} for n in names}
    meter = Meter(repeats + _WARM_UP, "Timing frames", emit=emit, token=token)
    for repeat in range(repeats + _WARM_UP):
        for name in names:
            for kind, run in kinds[name].items():
                spent = run(repeat)
                if repeat >= _WARM_UP:
                    times[name][kind].append(spent)
        meter.step()
    result = {n: {k: median(values) for k, values in times[n].items()} for n in names}
    return RenderBench(title, describe_device(place), result)


def bench_train(
    preset: str = "stylegan2-64-cpu",
    *,
    batch: int | None = None,
    steps: int = 8,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> TrainBench:
    """Time training steps of ``preset`` on drawn faces in fp32 and bf16, interleaved.

    Medians are of whole steps, so that the few with a lazy penalty do not count.

    Raises
    ------
    OptionError
        The preset or the device is not there.
    Cancelled
        The token was stopped.
    """
    chosen = find_preset(preset)
    changes = {} if batch is None else {"batch": batch}
    config = resolve(chosen.config("procedural-faces", device=device, precision="fp32", **changes))
    dataset = open_dataset(
        config.data,
        resolution=config.resolution,
        channels=config.channels,
        limit=_PICTURES,
        cache_dir=cache_dir(),
        emit=emit,
        token=token,
    )
    steppers = {}
    for name in ("fp32", "bf16"):
        settings = replace(config, precision=name)
        steppers[name] = Stepper(settings, TrainState(settings, dataset), Statistics())
    times: dict[str, list[float]] = {name: [] for name in steppers}
    meter = Meter(steps + _WARM_UP, "Timing training steps", emit=emit, token=token)
    with threads_set_to(config.threads):
        for step in range(steps + _WARM_UP):
            for name, stepper in steppers.items():
                spent = _timed(stepper.run)
                if step >= _WARM_UP:
                    times[name].append(spent)
            meter.step()
    speeds = {name: config.batch / median(values) for name, values in times.items()}
    return TrainBench(preset, describe_device(config.device), config.batch, config.threads, speeds)


def _generators(model: AnyModel | None, resolution: int) -> tuple[str, Callable[[], Generator]]:
    """A title, and a function that builds the generator anew for each renderer."""
    if model is None:
        config = {"z_dim": 512, "c_dim": 0, "w_dim": 512, "img_resolution": resolution}
        spec = ModelSpec("stylegan2", {**config, "img_channels": 3})
        return f"StyleGAN2 {resolution}×{resolution}, random weights", lambda: build_generator(spec)
    opened = open_model(model, device="cpu")
    side = opened.capabilities.resolution
    return f"{opened.name} {side}×{side}", lambda: load_generator(opened.bundle)


def _kinds(renderer: Renderer) -> dict[str, Callable[[int], float]]:
    """Functions that time one frame (in ms) of each kind, given the number of the repeat."""
    capabilities = renderer.generator.capabilities
    kinds: dict[str, Callable[[int], float]] = {
        "full": lambda n: 1e3 * _timed(lambda: renderer.render(Recipe.from_seed(n)))
    }
    if capabilities.num_ws is None:
        return kinds
    last = capabilities.num_ws - 1

    def incremental(repeat: int) -> float:
        base = Recipe.from_seed(repeat)
        # The first edit finds out what is being edited, the second one resumes there.
        for source in (1, 2):
            edit = base.with_layer(last, LatentSource.from_seed(10_000 + source))
            spent = 1e3 * _timed(lambda edit=edit: renderer.render(edit))  # type: ignore[misc]
        return spent

    kinds["incremental"] = incremental
    if capabilities.rgb_pyramid:
        small = max(4, capabilities.resolution // 4)
        kinds["preview"] = lambda n: (
            1e3
            * _timed(lambda: renderer.render(Recipe.from_seed(20_000 + n), max_resolution=small))
        )
    return kinds


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

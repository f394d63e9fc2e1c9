"""How long a frame takes, against the plain formulation: seed in, bytes out, batch 1."""

import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F

from latent_studio.engine.backends.choice import check_backend, prepare, wants_preparation
from latent_studio.engine.device import (
    DTYPES,
    Precision,
    half_dtype,
    pick_device,
    precision_name,
    synchronize,
)
from latent_studio.engine.pixels import to_uint8
from latent_studio.engine.processor import bf16_of_cpu
from latent_studio.engine.renderer import Renderer
from latent_studio.errors import StudioError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.bench.machine import describe_machine
from latent_studio.jobs.bench.plain import plain_generator
from latent_studio.jobs.bench.race import Work, race, seconds
from latent_studio.jobs.bench.report import Ratio, Report, Row, Series, Table
from latent_studio.jobs.meter import Meter
from latent_studio.jobs.opened import AnyModel, open_model
from latent_studio.latent.sampling import seed_z
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, ModelSpec, StyledGenerator
from latent_studio.models.registry import build_generator
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.model_file import load_generator
from latent_studio.training.device import available_cores, threads_set_to

SIZES = (64, 256)
PREVIEW_SHARE = 4  # a preview has a quarter of the side
# Widths that small models of these sizes are usually given; larger ones have the full base.
_BASES = {4: 8192, 8: 8192, 16: 8192, 32: 8192, 64: 8192, 128: 16384}
_FULL_BASE = 32768
_CHANNELS, _SIDE = 256, 32
_OPERATIONS = 2 * _CHANNELS**2 * 9 * _SIDE**2
PLAIN, MODULE = "plain formulation, fp32", "own module, eager fp32"


@dataclass(frozen=True)
class Subject:
    """A model to time; ``make`` builds it anew for each renderer."""

    title: str
    make: Callable[[], Generator]


def bench_render(
    model: AnyModel | None = None,
    *,
    sizes: Sequence[int] = SIZES,
    precisions: Sequence[str] = (),
    backends: Sequence[str] = (),
    repeats: int = 20,
    threads: int = 0,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Report:
    """Time full frames, edits of the last layer and previews, against the plain formulation.

    Parameters
    ----------
    model
        What to render; without it StyleGAN2 of each of ``sizes`` with random weights and the usual
        widths.
    precisions
        ``fp32``, ``bf16``, ``fp16``; empty: fp32, and 16 bits where the device has them.
    backends
        ``torch``, ``openvino``, ``cudagraphs``, ``compile``; empty: torch and what may serve here
        by itself. Graphs are made anew, in a folder that is thrown away.
    repeats
        Rounds; in each, everything runs once.
    threads
        CPU threads; 0 for all cores.

    Raises
    ------
    ModelError, OptionError
        The model can't be opened or the device is not there.
    Cancelled
        The token was stopped.
    """
    place = pick_device(device)
    for name in backends:
        check_backend(name)
    serving = list(backends) or _usual_backends(place)
    chosen = list(precisions) or _usual_precisions(place)
    subjects = [_opened(model)] if model is not None else [_random(size) for size in sizes]
    tables: list[Table] = []
    notes: list[str] = []
    if not precisions and len(chosen) == 1:
        notes.append("No bf16: this processor would have to emulate it (--precision bf16 does).")
    with threads_set_to(threads or available_cores()):
        for subject in subjects:
            renderers, said = _renderers(subject, place, chosen, serving, token)
            notes += said
            found, said = _time(subject, place, renderers, chosen, repeats, emit, token)
            tables += found
            notes += said
        machine = describe_machine()
    settings = {"device": str(place), "repeats": repeats, "precisions": chosen}
    settings |= {"backends": serving}
    return Report("render", machine, settings, tables, notes)


def _usual_precisions(place: torch.device) -> list[str]:
    emulated = place.type == "cpu" and not bf16_of_cpu()
    return ["fp32"] if emulated else ["fp32", precision_name(half_dtype(place))]


def _usual_backends(place: torch.device) -> list[str]:
    if place.type == "cuda":
        return ["torch", "cudagraphs"]
    fast = place.type == "cpu" and wants_preparation("auto", place, "fp32")
    return ["torch", "openvino"] if fast else ["torch"]


def _renderers(
    subject: Subject,
    place: torch.device,
    precisions: Sequence[str],
    backends: Sequence[str],
    token: StopToken | None,
) -> tuple[dict[str, Renderer], list[str]]:
    """A renderer for each backend and precision that are to be had, and why others are not."""
    renderers: dict[str, Renderer] = {}
    notes: list[str] = []
    for backend, precision in itertools.product(backends, precisions):
        name = f"{backend} {precision}"
        bits = cast(Precision, precision)
        renderer = Renderer(subject.make(), (), place, bits)
        if backend != "torch":
            if token is not None:
                token.checkpoint()
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                kept = Path(folder)
                done = prepare(renderer.generator, place, backend, bits, token=token, folder=kept)
            if done.backend is None:
                notes.append(f"{subject.title}: no {name}. {done.note}".rstrip())
                continue
            renderer.adopt(done.backend)
        renderers[name] = renderer
    return renderers, notes


def _random(size: int) -> Subject:
    base = _BASES.get(size, _FULL_BASE)
    config = {"img_resolution": size, "channel_base": base}
    spec = ModelSpec("stylegan2", {"z_dim": 512, "w_dim": 512, **config})
    title = f"StyleGAN2 {size}² (base {base // 1024}k), random weights"
    return Subject(title, lambda: build_generator(spec, torch.Generator().manual_seed(0)))


def _opened(model: AnyModel) -> Subject:
    opened = open_model(model, device="cpu")
    side = opened.capabilities.resolution
    return Subject(f"{opened.name} {side}²", lambda: load_generator(opened.bundle))


def _time(
    subject: Subject,
    place: torch.device,
    renderers: Mapping[str, Renderer],
    precisions: Sequence[str],
    repeats: int,
    emit: Emit,
    token: StopToken | None,
) -> tuple[list[Table], list[str]]:
    notes = []
    runners: dict[str, Work] = {}
    generator = subject.make().eval().requires_grad_(False).to(place)
    try:
        runners[PLAIN] = _plain_frame(plain_generator(generator), generator)
    except StudioError as error:
        notes.append(f"{subject.title}: no ratio. {error.message}")
    if isinstance(generator, StyledGenerator):
        runners[MODULE] = _module_frame(generator)
    for name, renderer in renderers.items():
        runners |= _kinds(name, renderer)
    rates = {f"rate {name}": _convolution(name, place) for name in precisions}
    meter = Meter(repeats + 2, subject.title, emit=emit, token=token)
    times = race(runners | rates, repeats, meter)
    speeds = {
        name: _OPERATIONS / Series(tuple(times.pop(f"rate {name}"))).median for name in precisions
    }
    said = ", ".join(f"{speed / 1e9:.0f} GFLOP/s in {name}" for name, speed in speeds.items())
    notes.append(f"{subject.title}: meanwhile one large convolution ran at {said}.")
    return _tables(subject.title, times), notes


def _tables(title: str, times: Mapping[str, Sequence[float]]) -> list[Table]:
    ms = {name: [1e3 * value for value in values] for name, values in times.items()}
    plain = ms.get(PLAIN)
    full = [name for name in ms if " | " not in name]
    frames = [
        Row(
            name,
            Series(tuple(ms[name])),
            None if plain is None or name == PLAIN else Ratio.paired(plain, ms[name]),
            _least(ms[name], None if name == PLAIN else plain),
        )
        for name in full
    ]
    tables = [Table(f"{title}: a full frame, ratio to the plain formulation", "ms", frames)]
    partial = []
    for name in ms:
        base, _, _kind = name.partition(" | ")
        if base != name:
            ratio = Ratio.paired(ms[base], ms[name])
            row = Row(name, Series(tuple(ms[name])), ratio, f"{1 / ratio.value:.2f} of full")
            partial.append(row)
    if partial:
        tables.append(Table(f"{title}: ratio to a full frame of the same", "ms", partial))
    return tables


def _least(ms: Sequence[float], plain: Sequence[float] | None) -> str:
    """What the machine gives when nobody else has a share of it, if only for a moment."""
    ratio = "" if plain is None else f", {min(plain) / min(ms):.2f} ×"
    return f"{1e3 / Series(tuple(ms)).median:.1f} /s, least {min(ms):.3g} ms{ratio}"


# -- what is timed --------------------------------------------------------------------------------


def _convolution(precision: str, place: torch.device) -> Work:
    """3x3, 256 to 256 channels, 32x32: what the machine gives just now is what ratios rest on.

    Processors that are shared, or that slow down when their matrix units work, give more at one
    time than at another, and not of every precision alike.
    """
    dtype, form = DTYPES[precision], torch.channels_last
    x = torch.ones(1, _CHANNELS, _SIDE, _SIDE, device=place, dtype=dtype)
    weight = torch.full((_CHANNELS, _CHANNELS, 3, 3), 0.01, device=place, dtype=dtype)
    x, weight = x.contiguous(memory_format=form), weight.contiguous(memory_format=form)

    def once() -> None:
        F.conv2d(x, weight, padding=1)
        synchronize(place)

    def work(_turn: int) -> float:
        with torch.inference_mode():
            once()  # wakes threads up
            return seconds(once)

    return work


def _plain_frame(plain: torch.nn.Module, generator: Generator) -> Work:
    device = next(plain.parameters()).device
    classes = generator.capabilities.classes
    c = torch.eye(classes, device=device)[:1] if classes else None

    @torch.inference_mode()
    def run(turn: int) -> None:
        z = torch.from_numpy(np.array(seed_z(turn, generator.capabilities.z_dim))).to(device)
        to_uint8(plain(z, c))

    return run


def _module_frame(generator: StyledGenerator) -> Work:
    """The network as it is trained, without what the renderer does ahead for its weights."""
    device = next(generator.parameters()).device
    classes = generator.capabilities.classes
    c = torch.eye(classes, device=device)[:1] if classes else None

    @torch.inference_mode()
    def run(turn: int) -> None:
        z = torch.from_numpy(np.array(seed_z(turn, generator.capabilities.z_dim))).to(device)
        to_uint8(generator.synthesis(generator.broadcast(generator.mapping(z, c))))

    return run


def _kinds(name: str, renderer: Renderer) -> dict[str, Work]:
    """A new seed; an edit of the last layer's style; a new seed at a smaller size."""
    capabilities = renderer.generator.capabilities
    kinds: dict[str, Work] = {name: lambda turn: renderer.render(Recipe.from_seed(turn))}
    if capabilities.num_ws is None:
        return kinds
    last = capabilities.num_ws - 1

    def edit(turn: int) -> float:
        base = Recipe.from_seed(turn)
        # The first edit finds out what is being edited, the second one resumes there.
        for source in (1, 2):
            recipe = base.with_layer(last, LatentSource.from_seed(10_000 + source))
            spent = seconds(lambda recipe=recipe: renderer.render(recipe))  # type: ignore[misc]
        return spent

    kinds[f"{name} | last block"] = edit
    if capabilities.rgb_pyramid and capabilities.resolution > 4:
        small = max(4, capabilities.resolution // PREVIEW_SHARE)

        def preview(turn: int) -> None:
            renderer.render(Recipe.from_seed(20_000 + turn), max_resolution=small)

        kinds[f"{name} | preview {small}²"] = preview
    return kinds

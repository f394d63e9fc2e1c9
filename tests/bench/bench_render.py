"""How fast pictures come: full frames, late edits, previews, precisions, the frozen network.

Run it on an idle machine::

    python tests/bench/bench_render.py [--size 64|256] [--rounds 40] [--threads N] [--rival]

All variants are timed in one process, interleaved; medians and ratios to the first line are
printed. ``--rival`` lets another thread compute meanwhile, as a training would.
"""

import argparse
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from statistics import median

import torch

from latent_studio.engine.device import describe_device
from latent_studio.engine.pixels import PixelConverter
from latent_studio.engine.renderer import Renderer
from latent_studio.models.base import ModelSpec, StyledGenerator
from latent_studio.models.registry import build_generator
from latent_studio.recipe import LatentSource, Recipe

SIZES = {
    64: {"w_dim": 128, "z_dim": 128, "channel_base": 2048, "channel_max": 128},
    256: {"w_dim": 512, "z_dim": 512, "channel_base": 16384, "channel_max": 512},
}


def network(size: int) -> StyledGenerator:
    config = {"img_resolution": size, "mapping_kwargs": {"num_layers": 2}, **SIZES[size]}
    generator = build_generator(ModelSpec("stylegan2", config), torch.Generator().manual_seed(0))
    assert isinstance(generator, StyledGenerator)
    return generator


def variants(size: int, device: str) -> dict[str, Callable[[], object]]:
    fresh = count(1)
    plain = network(size)
    plain.eval().requires_grad_(False).to(device)
    ws = plain.broadcast(plain.mapping(torch.zeros(1, plain.z_dim, device=device) + 0.1))
    picture = torch.zeros(1, 3, size, size, device=device)
    convert = PixelConverter()

    def module() -> None:
        with torch.inference_mode():
            convert.bgra(plain.synthesis(ws))

    def full(renderer: Renderer) -> Callable[[], object]:
        return lambda: renderer.render(Recipe.from_seed(next(fresh)))

    def late(renderer: Renderer, layer: int) -> Callable[[], object]:
        base, source = Recipe.from_seed(1), LatentSource.from_seed(2)
        return lambda: renderer.render(base.with_layer(layer, source, 1 / next(fresh)))

    def preview(renderer: Renderer, resolution: int) -> Callable[[], object]:
        return lambda: renderer.render(Recipe.from_seed(next(fresh)), max_resolution=resolution)

    def noise(renderer: Renderer) -> Callable[[], object]:
        base = Recipe.from_seed(1)
        return lambda: renderer.render(replace(base, noise_strength=1 / next(fresh)))

    def make(precision: str = "fp32") -> Renderer:
        return Renderer(network(size), (), device, precision)  # type: ignore[arg-type]

    rows = plain.synthesis.num_ws
    half = "bf16" if device == "cpu" else "fp16"
    return {
        "the module, no renderer": module,
        "full frame fp32": full(make()),
        f"full frame {half}": full(make(half)),
        "noise strength": noise(make()),
        f"style of layer {rows // 2}": late(make(), rows // 2),
        f"style of layer {rows - 2}": late(make(), rows - 2),
        f"preview {size // 2}": preview(make(), size // 2),
        f"preview {size // 4}": preview(make(), size // 4),
        "pixels alone": lambda: convert.bgra(picture),
    }


def measure(runners: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runners}
    for turn in range(rounds + 3):
        for name, run in runners.items():
            began = time.perf_counter()
            run()
            if turn >= 3:
                times[name].append((time.perf_counter() - began) * 1e3)
    return {name: median(spent) for name, spent in times.items()}


def rival(stop: threading.Event) -> None:
    """Keep the processor as busy as a training does."""
    x = torch.zeros(16, 64, 64, 64)
    weight = torch.zeros(64, 64, 3, 3)
    while not stop.is_set():
        torch.nn.functional.conv2d(x, weight, padding=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--size", type=int, choices=SIZES, default=64)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rival", action="store_true")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    stop = threading.Event()
    other = threading.Thread(target=rival, args=(stop,), daemon=True)
    if options.rival:
        other.start()
    try:
        result = measure(variants(options.size, options.device), options.rounds)
    finally:
        stop.set()
        if options.rival:
            other.join()
    reference = next(iter(result.values()))
    print(f"StyleGAN2 {options.size}, {describe_device(options.device)}, torch {torch.__version__}")
    for name, ms in result.items():
        print(f"{name:28s} {ms:8.2f} ms {1e3 / ms:8.1f} fps   x {reference / ms:5.2f}")


if __name__ == "__main__":
    main()

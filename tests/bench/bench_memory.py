"""Resident memory over many rendered frames: its slope should not differ from zero.

    python tests/bench/bench_memory.py [--model faces] [--frames 20000] [--threads 1]
        [--backend torch] [--json FILE]

Renders random edits (new seeds, truncation, late layers, noise, directions, previews, cancelled
frames) and reads the resident memory every hundred frames. The first tenth, in which caches fill,
does not count. The slope is a robust one (Theil and Sen: the median over all pairs of readings),
its confidence interval from resampled blocks, since neighbouring readings are alike.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

from latent_studio.jobs.bench.machine import describe_machine, machine_line
from latent_studio.jobs.opened import open_model
from latent_studio.recipe import LatentSource, Recipe

EVERY, WARM_UP, BLOCKS, RESAMPLES = 100, 0.1, 12, 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="faces")
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = open_model(options.model, precision=options.precision, backend=options.backend)
    facts = describe_machine()
    print(machine_line(facts))
    began = time.perf_counter()
    readings = run(model, options.frames)
    counted = readings[int(len(readings) * WARM_UP) :]
    value, low, high = slope(counted)
    sizes = [size for _, size in counted]
    speed = options.frames / (time.perf_counter() - began)
    print(f"{model.name}, {model.renderer.label}: {options.frames} frames, {speed:.0f} a second")
    print(f"resident memory {min(sizes):.1f} to {max(sizes):.1f} MiB, at the end {sizes[-1]:.1f}")
    print(f"slope {value:+.3f} MiB a thousand frames, 95 % from {low:+.3f} to {high:+.3f}")
    same = low <= 0 <= high
    print("not distinguishable from zero" if same else "DIFFERENT FROM ZERO")
    if options.json:
        found = {"slope": value, "low": low, "high": high, "unit": "MiB per 1000 frames"}
        found |= {"machine": facts, "frames": options.frames, "readings": readings}
        options.json.write_text(json.dumps(found), encoding="utf-8")
    return 0 if same or value <= 0 else 1


def run(model, frames: int) -> list[tuple[int, float]]:
    """(frame, MiB) every hundred frames."""
    chance = np.random.default_rng(0)
    recipe, readings = Recipe.from_seed(0), []
    for number in range(frames):
        recipe = edited(recipe, model, chance)
        size = model.capabilities.resolution // 2 if chance.random() < 0.1 else None
        cancelled = (lambda: True) if chance.random() < 0.05 else None
        model.renderer.render(recipe, max_resolution=size, cancelled=cancelled)
        if (number + 1) % EVERY == 0:
            readings.append((number + 1, resident()))
    return readings


def edited(recipe: Recipe, model, chance: np.random.Generator) -> Recipe:
    """One of the things that a hand does, at random."""
    from dataclasses import replace

    kind = int(chance.integers(7))
    amount = float(chance.uniform(-1, 1))
    if kind == 0:
        return Recipe.from_seed(int(chance.integers(2**32)))
    if kind == 1:
        seeds = chance.integers(1000, size=2)
        pairs = ((int(seeds[0]), 0.5 - amount / 2), (int(seeds[1]), 0.5 + amount / 2))
        return replace(recipe, source=LatentSource(pairs))
    if kind == 2:
        return replace(recipe, psi=amount)
    if kind == 3 and model.directions:
        direction = model.directions[int(chance.integers(len(model.directions)))]
        return recipe.with_direction(direction.name, 3 * amount)
    if kind == 4 and model.capabilities.noise:
        mode = ("const", "random", "none")[int(chance.integers(3))]
        return replace(recipe, noise_mode=mode, noise_seed=int(chance.integers(2**32)))
    if kind == 5 and model.capabilities.noise:
        return replace(recipe, noise_strength=abs(amount))
    if model.capabilities.num_ws:
        layer = int(chance.integers(model.capabilities.num_ws))
        source = LatentSource.from_seed(int(chance.integers(2**32)))
        return recipe.with_layer(layer, source, abs(amount))
    return recipe


def resident() -> float:
    """MiB of this process that are in memory now."""
    try:
        fields = Path("/proc/self/statm").read_text("ascii").split()
    except OSError:
        return _resident_elsewhere()
    import os

    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _resident_elsewhere() -> float:
    try:
        import psutil
    except ImportError:
        sys.exit("Reading the memory needs Linux, or the package psutil.")
    return psutil.Process().memory_info().rss / 2**20


def slope(readings: list[tuple[int, float]]) -> tuple[float, float, float]:
    """MiB a thousand frames, and the ends of its 95 % interval."""
    frames = np.array([frame for frame, _ in readings]) / 1000
    sizes = np.array([size for _, size in readings])
    chance = np.random.default_rng(1)
    length = max(2, len(frames) // BLOCKS)
    fit = theil_sen(frames, sizes)
    rest = sizes - fit * frames
    found = []
    for _ in range(RESAMPLES):
        starts = chance.integers(0, len(frames) - length + 1, size=-(-len(frames) // length))
        index = np.concatenate([np.arange(s, s + length) for s in starts])[: len(frames)]
        found.append(theil_sen(frames, fit * frames + rest[index], chance))
    low, high = np.quantile(found, [0.025, 0.975])
    return fit, float(low), float(high)


def theil_sen(x: np.ndarray, y: np.ndarray, chance: np.random.Generator | None = None) -> float:
    """Median slope over pairs of points; over some of them if ``chance`` draws them."""
    first, second = np.triu_indices(len(x), 1)
    if chance is not None and len(first) > 4000:
        chosen = chance.choice(len(first), 4000, replace=False)
        first, second = first[chosen], second[chosen]
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))


if __name__ == "__main__":
    sys.exit(main())

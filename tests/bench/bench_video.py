"""Whether a video takes as long as the slower of rendering and encoding.

    python tests/bench/bench_video.py [--model faces] [--frames 200] [--scale 4] [--suffix .mp4]
        [--threads 1] [--repeats 3]

Times rendering alone, encoding alone (the same frames, from memory) and the export, in turns. On a
processor both halves want the same cores: give rendering fewer threads than there are.
"""

import argparse
import itertools
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch

from latent_studio.jobs.bench.machine import describe_machine, machine_line
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.video import export_video
from latent_studio.latent.interpolation import path_recipes
from latent_studio.recipe import Recipe
from latent_studio.storage.video import VideoWriter

KEYS = [Recipe.from_seed(seed, psi=0.7) for seed in range(4)]
FPS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="faces")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--suffix", default=".mp4")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = open_model(options.model)
    frames = render(model, options.frames)
    times: dict[str, list[float]] = {"rendering alone": [], "encoding alone": [], "export": []}
    print(machine_line(describe_machine()))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.repeats):
            target = Path(folder) / f"{number}{options.suffix}"
            times["rendering alone"].append(timed(lambda: render(model, options.frames)))
            times["encoding alone"].append(timed(lambda to=target: encode(frames, to, options)))
            again = target.with_stem(f"again{number}")
            times["export"].append(timed(lambda to=again: export(model, to, options)))
    middle = {name: median(values) for name, values in times.items()}
    for name, seconds in middle.items():
        print(f"{name:16} {seconds:7.2f} s  {options.frames / seconds:7.1f} frames/s")
    halves = middle["rendering alone"], middle["encoding alone"]
    print(f"export / slower half: {middle['export'] / max(halves):.2f}")
    print(f"export / both in turn: {middle['export'] / sum(halves):.2f}")


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def render(model, count: int) -> list[np.ndarray]:
    path = path_recipes(KEYS, count, resolver=model.renderer.resolver, space="w")
    return list(itertools.chain.from_iterable(model.batches(path)))


def encode(frames, target: Path, options) -> None:
    height, width = frames[0].shape[:2]
    with VideoWriter(target, width, height, FPS, scale=options.scale) as writer:
        for frame in frames:
            writer.add(frame)


def export(model, target: Path, options) -> None:
    seconds = options.frames / FPS
    export_video(model, KEYS, target, seconds=seconds, fps=FPS, scale=options.scale)


if __name__ == "__main__":
    main()

"""What a faster backend costs before it serves: converted the first time, from the cache later.

    python tests/bench/bench_backend.py [--model faces] [--repeats 5]

Each repeat is two processes with an empty cache between them: the first converts (in a process of
its own, as the window does), the second finds the graph. Also prints how long the picture takes
with either side, hence after how many pictures with the same weights a conversion has paid: while
a training changes them faster than that, eager serves.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median


def child(model_name: str) -> None:
    """Time from a frozen network to a backend that may serve, and a picture with either."""
    import torch

    from latent_studio.engine.backends.choice import prepare
    from latent_studio.jobs.opened import open_model
    from latent_studio.recipe import Recipe

    model = open_model(model_name, precision="fp32", backend="torch")
    renderer, cpu = model.renderer, torch.device("cpu")
    frames = {"eager": frame_ms(renderer, Recipe)}
    network = renderer.frozen_copy()
    began, worked = time.perf_counter(), time.thread_time()
    prepared = prepare(network, cpu, "auto", "fp32", apart=True)
    seconds, held = time.perf_counter() - began, time.thread_time() - worked
    if prepared.backend is not None:
        renderer.adopt(prepared.backend)
        frames["fast"] = frame_ms(renderer, Recipe)
    print(json.dumps({"seconds": seconds, "held": held, "frames": frames, "note": prepared.note}))


def frame_ms(renderer, recipe) -> float:
    found = []
    for seed in range(12):
        began = time.perf_counter()
        renderer.render(recipe.from_seed(seed))
        found.append((time.perf_counter() - began) * 1000)
    return median(found[2:])


def run(model: str, home: str) -> dict:
    command = [sys.executable, __file__, "--model", model, "--child"]
    env = {**os.environ, "LATENT_STUDIO_HOME": home}
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="faces")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.model)
        return 0
    kinds: dict[str, list[dict]] = {"converted": [], "from the cache": []}
    for _ in range(options.repeats):
        with tempfile.TemporaryDirectory() as home:
            for found in kinds.values():
                found.append(run(options.model, home))
    for kind, found in kinds.items():
        print(
            f"{kind:16} {median(r['seconds'] for r in found):6.2f} s, "
            f"{median(r['held'] for r in found):.2f} s of it on the asking thread's processor"
        )
    last = kinds["from the cache"][-1]
    if "fast" not in last["frames"]:
        print(f"no faster backend serves here: {last['note'] or 'eager is as fast'}")
        return 0
    eager, fast = (
        median(r["frames"][side] for found in kinds.values() for r in found if side in r["frames"])
        for side in ("eager", "fast")
    )
    paid = median(r["seconds"] for r in kinds["converted"]) * 1000 / max(1e-6, eager - fast)
    print(f"a picture: eager {eager:.1f} ms, fast {fast:.1f} ms")
    print(f"a conversion has paid after {paid:,.0f} pictures with the same weights")
    return 0 if median(r["seconds"] for r in kinds["from the cache"]) <= 1.0 else 1


if __name__ == "__main__":
    sys.exit(main())

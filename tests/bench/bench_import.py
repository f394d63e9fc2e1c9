"""Time and memory of importing a 1024² StyleGAN2: ``python tests/bench/bench_import.py``.

Writes a file in NVIDIA's layout with random weights of the published size (G, D and G_ema), then,
each in a process of its own and interleaved: reads the file's bytes, opens the model, imports it
to a model file. Prints medians, ratios to reading, and the peak of memory over the file's size.
With ``--cold`` the file comes from the disk, not from the system's cache.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

CHILD = """
import resource, sys, time
kind, path, out, cold = sys.argv[1:]
import os, torch
torch.set_num_threads(1)
from latent_studio.jobs.convert import import_model
from latent_studio.storage.foreign.entrance import open_model
def held():
    try:  # not inherited from the process that started this one, as ru_maxrss is
        lines = open("/proc/self/status").read().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if cold == "cold":
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
base = held()
began, worked = time.perf_counter(), time.process_time()
if kind == "read":
    with open(path, "rb") as file:
        data = file.read()
elif kind == "open":
    open_model(path)
else:
    import_model(path, out)
print(time.perf_counter() - began, (held() - base) * 1024, time.process_time() - worked)
"""


def write_network(path, resolution):
    """A snapshot with the layout and size of published ones."""
    from latent_studio.models.base import ModelSpec
    from latent_studio.models.registry import build_discriminator, build_generator

    folder = Path(__file__).parents[1] / "storage" / "foreign"
    spec = importlib.util.spec_from_file_location("writers", folder / "foreign_files.py")
    writers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writers)
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        writer = writers.Writer(patch)
        model = ModelSpec("stylegan2", {"img_resolution": resolution})
        judge = build_discriminator(model)
        nets = {"G": build_generator(model), "D": judge, "G_ema": build_generator(model)}
        content = {
            name: writer.module(
                dict(net.state_dict()), "Discriminator" if net is judge else "Generator", {}
            )
            for name, net in nets.items()
        }
        path.write_bytes(writer.pickle({**content, "augment_pipe": None}))
    with path.open("rb+") as file:
        os.fsync(file.fileno())  # what is not on the disk stays in the cache


def measure(kind, path, out, cold):
    done = subprocess.run(
        [sys.executable, "-c", CHILD, kind, str(path), str(out), "cold" if cold else ""],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, peak, worked = map(float, done.stdout.split())
    return seconds, peak, worked


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "network.pkl", Path(folder) / "out.safetensors"
        write_network(path, options.resolution)
        size = path.stat().st_size
        found = {kind: [] for kind in ("read", "open", "import")}
        for _ in range(options.repeats):
            for kind, runs in found.items():
                out.unlink(missing_ok=True)  # freeing an old file's pages is not importing
                runs.append(measure(kind, path, out, options.cold))
    seconds = {kind: statistics.median(run[0] for run in runs) for kind, runs in found.items()}
    facts = {"file_mb": round(size / 1e6)}
    for kind, runs in found.items():
        facts[kind] = {
            "seconds": round(seconds[kind], 3),
            "over_reading": round(seconds[kind] / seconds["read"], 2),
            "processor_seconds": round(statistics.median(run[2] for run in runs), 3),
            "peak_over_size": round(max(run[1] for run in runs) / size, 2),
        }
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()

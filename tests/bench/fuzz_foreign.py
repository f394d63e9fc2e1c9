"""Fuzz the reader of foreign checkpoints: ``python tests/bench/fuzz_foreign.py --seconds 600``.

Starts from the corpus of hostile files and from real layouts, mutates bytes, splices files and
inserts opcodes. Whatever is neither a model nor a one-line :class:`ModelError`, or takes more than
five seconds of processor time, is written to ``--keep`` and makes the exit code 1.
"""

import argparse
import importlib.util
import io
import json
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage.foreign.entrance import describe, open_model

SMALL = {"z_dim": 4, "w_dim": 4, "img_resolution": 8, "channel_base": 32, "channel_max": 4}
LIMIT = 5.0
OPCODES = bytes(range(256))


def load_hostile():
    path = Path(__file__).parents[1] / "storage" / "foreign" / "hostile.py"
    spec = importlib.util.spec_from_file_location("hostile", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seeds(hostile):
    """Files to begin with: the small ones of the corpus, and sound ones of each container."""
    found = [data for _, data in hostile.corpus() if len(data) < 20_000]
    state = build_generator(ModelSpec("stylegan2", SMALL)).state_dict()
    for old in (False, True):
        file = io.BytesIO()
        torch.save({"g_ema": state}, file, _use_new_zipfile_serialization=not old)
        found += [file.getvalue()] * 10
    found += [pickled(hostile, state)] * 40
    return found


def pickled(hostile, state):
    """The state dict as a network object of NVIDIA's."""
    fields = {}
    for name, tensor in state.items():
        count = tensor.numel()
        shape, stride = (
            b"(" + b"".join(map(hostile.number, sides)) + b"t"
            for sides in (tensor.shape, tensor.stride())
        )
        data = hostile.stream(
            hostile.storage(count),
            b"](" + hostile.text("0") + b"e",
            count.to_bytes(8, "little") + tensor.numpy().tobytes(),
        )
        fields[name] = hostile.tensor(shape, stride, data=data)
    network = hostile.network(_parameters=hostile.state(**fields))
    return hostile.pickled(hostile.state(G_ema=network, D=network))


def mutate(data, others, draw):
    """One file made of another: a handful of changes."""
    data = bytearray(data)
    for _ in range(int(draw.integers(1, 6))):
        place = int(draw.integers(0, len(data) + 1))
        kind = int(draw.integers(0, 7))
        if kind == 0 and data:
            data[place % len(data)] ^= 1 << int(draw.integers(0, 8))
        elif kind == 1 and data:
            data[place % len(data)] = OPCODES[int(draw.integers(0, 256))]
        elif kind == 2:
            data[place:place] = bytes(draw.integers(0, 256, int(draw.integers(1, 9)), np.uint8))
        elif kind == 3:
            del data[place : place + int(draw.integers(1, 40))]
        elif kind == 4:
            other = others[int(draw.integers(0, len(others)))]
            start = int(draw.integers(0, len(other) + 1))
            data[place:place] = other[start : start + int(draw.integers(1, 200))]
        elif kind == 5:
            data[place : place + 8] = int(draw.integers(0, 2**63)).to_bytes(8, "little")
        else:
            length = int(draw.integers(1, 300))
            data[place:place] = data[place : place + length] * int(draw.integers(1, 20))
    return bytes(data)


def attempt(path):
    """What came of a file, and what was wrong with that, if anything."""
    began = time.process_time()
    try:
        open_model(path)
        describe(path)
        outcome, wrong = "model", ""
    except ModelError as error:
        outcome, wrong = "refused", "more than a line" if "\n" in str(error) else ""
    except Exception:  # noqa: BLE001 - this is what is looked for
        outcome, wrong = "failed", traceback.format_exc()
    spent = time.process_time() - began
    return outcome, wrong or (f"took {spent:.1f} s" if spent > LIMIT else ""), spent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    draw, begin = np.random.default_rng(options.seed), seeds(load_hostile())
    outcomes, findings, slowest = Counter(), [], 0.0
    until = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.bin"
        while time.monotonic() < until:
            data = mutate(begin[int(draw.integers(0, len(begin)))], begin, draw)
            path.write_bytes(data)
            outcome, wrong, spent = attempt(path)
            outcomes[outcome] += 1
            slowest = max(slowest, spent)
            if wrong:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{len(findings)}.bin").write_bytes(data)
                findings.append(wrong)
    facts = {"files": sum(outcomes.values()), **outcomes, "slowest_s": round(slowest, 3)}
    try:
        import resource

        facts["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    except ImportError:
        pass
    print(json.dumps({**facts, "findings": len(findings)}))
    for wrong in findings[:5]:
        print(wrong, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

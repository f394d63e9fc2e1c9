"""Numbers of the public reference: see tests/fixtures/parity/README.md."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

PARITY = Path(__file__).parent / "fixtures" / "parity"


class Fixture:
    """Arrays of a reference network and the calls that made them."""

    def __init__(self, name: str) -> None:
        self.info: dict[str, Any] = json.loads((PARITY / f"{name}.json").read_text("utf-8"))
        with np.load(PARITY / f"{name}.npz", allow_pickle=False) as arrays:
            self.arrays = {key: torch.from_numpy(arrays[key]) for key in arrays.files}

    def __getitem__(self, key: str) -> torch.Tensor:
        return self.arrays[key]

    def get(self, key: str | None) -> torch.Tensor | None:
        return None if key is None else self.arrays[key]

    def state(self, filters: bool = False) -> dict[str, torch.Tensor]:
        """The network's tensors; mostly without the FIR filters, which follow from the config."""
        if "state_recipe" in self.info:
            return _filled(self.info["state_recipe"])
        return {
            key.removeprefix("state/"): value
            for key, value in self.arrays.items()
            if key.startswith("state/") and (filters or not key.endswith("resample_filter"))
        }

    def tolerance(self, output: str) -> float:
        """1e-4, or ten times the reference's own float32 error where that is larger.

        The operator fixtures state no such error; some of their results are in the hundred
        thousands, where float32 itself is coarser than 1e-4: there, eight of its steps.
        """
        stated = self.info.get("float32_vs_float64", {}).get(output, {}).get("max_abs", 0.0)
        step = float(self.arrays[output].abs().max()) * 2.0**-23
        return max(1e-4, 10 * float(stated), 0.0 if stated else 8 * step)


def _filled(recipe: dict[str, Any]) -> dict[str, torch.Tensor]:
    """A state that is too large to be kept, by the rule that is written beside it."""
    state = {}
    for name, shape in recipe["keys"].items():
        if name.endswith(".kernel"):
            taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
            state[name] = torch.outer(taps, taps) / 16
            continue
        seed = (zlib.crc32(name.encode()) ^ recipe["seed"]) % 2**32
        values = np.random.RandomState(seed).standard_normal(shape)
        state[name] = torch.from_numpy(_scaled(name, values).astype(np.float32))
    return state


def _scaled(name: str, values: np.ndarray) -> np.ndarray:
    if name.startswith("style."):
        return values * (100 if name.endswith("weight") else 20)
    if name.endswith("noise.weight"):
        return values * 0.3
    if name.endswith("modulation.bias"):
        return 1 + 0.2 * values
    return values * 0.2 if name.endswith(".bias") else values

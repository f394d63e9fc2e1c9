"""Fixtures of the public reference: see tests/fixtures/parity/README.md."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

PARITY = Path(__file__).parents[1] / "fixtures" / "parity"


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

    def state(self) -> dict[str, torch.Tensor]:
        """The network's tensors without the FIR filters, which we derive from the config."""
        return {
            key.removeprefix("state/"): value
            for key, value in self.arrays.items()
            if key.startswith("state/") and not key.endswith("resample_filter")
        }

    def tolerance(self, output: str) -> float:
        """1e-4, or ten times the reference's own float32 error where that is larger.

        The operator fixtures state no such error; some of their results are in the hundred
        thousands, where float32 itself is coarser than 1e-4: there, eight of its steps.
        """
        stated = self.info.get("float32_vs_float64", {}).get(output, {}).get("max_abs", 0.0)
        step = float(self.arrays[output].abs().max()) * 2.0**-23
        return max(1e-4, 10 * float(stated), 0.0 if stated else 8 * step)


@pytest.fixture
def parity() -> type[Fixture]:
    return Fixture

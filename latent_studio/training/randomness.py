"""Where a run's chance comes from: one generator a purpose, all from one seed, all saved.

Separate generators keep purposes apart: another number of draws for one of them (a grid, a penalty)
leaves the others where they were.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import RunError

PURPOSES = ("init", "latents", "noise", "dropout", "mixing", "augment", "penalty")


def derive_seed(seed: int, purpose: str) -> int:
    """A seed for ``purpose`` that has nothing in common with those of the others."""
    key = [seed, *purpose.encode("utf-8")]
    high, low = np.random.SeedSequence(key).generate_state(2)
    return (int(high) << 31 | int(low) >> 1) & (2**62 - 1)


class Randomness:
    """The generators of one run; ``init`` lives on the CPU, the others on ``device``."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self._generators = {
            purpose: torch.Generator("cpu" if purpose == "init" else device).manual_seed(
                derive_seed(seed, purpose)
            )
            for purpose in PURPOSES
        }

    def __getitem__(self, purpose: str) -> torch.Generator:
        return self._generators[purpose]

    def state_dict(self) -> dict[str, Tensor]:
        return {purpose: gen.get_state() for purpose, gen in self._generators.items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Go on where ``state`` was taken; purposes that it does not know start from the seed.

        Raises
        ------
        RunError
            When a state was taken on another kind of device.
        """
        for purpose, gen in self._generators.items():
            if purpose not in state:
                continue
            try:
                gen.set_state(state[purpose].to(torch.uint8).cpu())
            except (RuntimeError, TypeError) as error:
                raise RunError(
                    "The checkpoint's random state belongs to another kind of device. "
                    "Resume the run on the device it was started on.",
                    str(error),
                ) from error

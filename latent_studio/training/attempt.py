"""What a phase of a step changes before its weights move, so that it can begin once more.

The networks measure the batches they see (batch statistics, the centre of w), augmentation counts
signs, chance goes on and statistics add up. A phase that ran out of memory half-way must leave
none of that behind: the second attempt would measure the same pictures again.
"""

import torch
from torch import Tensor

from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics


class Attempt:
    """Remembers how ``state`` and ``stats`` are now."""

    def __init__(self, state: TrainState, stats: Statistics) -> None:
        self._state, self._stats = state, stats
        self._random = state.random.state_dict()
        self._measured = [tensor.clone() for tensor in _measured(state)]
        self._seen = stats.capture()

    @torch.no_grad()
    def undo(self) -> None:
        """Bring both back to where they were."""
        self._state.random.load_state_dict(self._random)
        for tensor, before in zip(_measured(self._state), self._measured, strict=True):
            tensor.copy_(before)
        self._stats.restore(self._seen)


def _measured(state: TrainState) -> list[Tensor]:
    networks = (state.generator, state.discriminator)
    buffers = [buffer for network in networks for buffer in network.buffers()]
    return [*buffers, *state.augmentation.shared(), state.path_length]

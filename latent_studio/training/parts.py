"""A batch in parts: one after the other for lack of memory, or dealt to several processes.

Whatever the division, the same pictures, latents, noise and masks meet the same networks; only the
order of additions differs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from latent_studio.models.draws import RandomSource, Rows
from latent_studio.training.randomness import Randomness

# Each part draws these for the whole batch (see latent_studio.models.draws). Augmentation draws a
# part at a time: what is done to a picture has nothing to do with the others.
_WHOLE = ("latents", "noise", "dropout", "penalty")


@dataclass(frozen=True)
class Part:
    """Rows ``index, index + count, …`` of a batch."""

    index: int
    count: int
    random: Randomness

    def of(self, batch: Tensor | None) -> Tensor | None:
        """The rows of this part."""
        if batch is None or self.count == 1:
            return batch
        return batch[self.index :: self.count]

    def source(self, purpose: str) -> RandomSource:
        """Where this part's rows of random numbers come from."""
        generator = self.random[purpose]
        return generator if self.count == 1 else Rows(generator, self.index, self.count)


@dataclass(frozen=True)
class Shard:
    """Which of ``count`` processes this one is, and how they agree. One alone does nothing."""

    index: int = 0
    count: int = 1

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over the processes."""


def deal(random: Randomness, shard: Shard, accumulate: int) -> Iterator[Part]:
    """The parts of a batch that this process works off, each in the same random state.

    After the last one the random state is that after a whole batch.
    """
    count = shard.count * accumulate
    if count == 1:
        yield Part(0, 1, random)
        return
    start = {purpose: random[purpose].get_state() for purpose in _WHOLE}
    for turn in range(accumulate):
        if turn:
            for purpose, state in start.items():
                random[purpose].set_state(state)
        yield Part(turn * shard.count + shard.index, count, random)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an accelerator ran out of memory (CUDA has a class of its own, MPS a sentence)."""
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "out of memory" in str(error).lower()
    )

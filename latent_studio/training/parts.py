"""A batch in parts: one after the other for lack of memory, or dealt to several processes.

Whatever the division, the same pictures, latents, noise and masks meet the same networks; only the
order of additions differs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from latent_studio.mailbox import StopToken
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
    """Which of ``count`` processes this one is, and how they agree. One alone agrees with itself.

    ``local_index`` and ``local_count`` are the same among the processes of this computer.

    What is the same on all processes by itself (counters, settings, weights) is never asked for;
    see :class:`latent_studio.training.distributed.ProcessShard`.
    """

    index: int = 0
    count: int = 1
    local_index: int = 0
    local_count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the run's folder and listens to people."""
        return self.index == 0

    def begin_step(self, random: Randomness, seed: int, step: int) -> None:
        """Called before each step; what happens to pictures must differ between processes."""

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over the processes."""

    def align(self, buffers: Sequence[Tensor]) -> None:
        """As :meth:`average`, but numbers that are equal already stay as they are."""

    def mean_of(self, values: Mapping[str, float]) -> dict[str, float]:
        """Means of numbers over the processes."""
        return dict(values)

    def confirm(self) -> None:
        """Make sure that no other process ran out of memory in this part of a step.

        Raises
        ------
        RuntimeError
            That :func:`is_out_of_memory` recognises, when one did.
        """

    def report(self, error: BaseException) -> None:
        """Let :meth:`confirm` of the others fail by ``error``, lack of memory of this process."""

    def share(self, value: Any = None) -> Any:
        """The first process's ``value``: nested dicts and lists of plain values and tensors."""
        return value

    def wait_while_paused(self, token: StopToken) -> None:
        """Wait, on the leading process, until ``token`` goes on or stops."""
        token.wait_while_paused()


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

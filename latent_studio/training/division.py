"""Whether a batch can be divided into parts of equal size, and what the division changes.

Parts are worked off one after the other (``accumulate``) or dealt to processes. Each one's gradient
has the same weight, so that parts of unequal size would make a wrong mean.
"""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from latent_studio.errors import OptionError
from latent_studio.models.stylegan2_layers import MinibatchStd
from latent_studio.training.config import TrainConfig
from latent_studio.training.parts import Shard


def check_division(config: TrainConfig, shard: Shard, *networks: nn.Module) -> None:
    """Refuse batches, those of growing networks included, that have no parts of equal size.

    Parameters
    ----------
    networks
        Where these are given, parts must also go into the groups that they compare.

    Raises
    ------
    OptionError
        Naming numbers that go together.
    """
    parts = shard.count * config.accumulate
    modules = [part for network in networks for part in network.modules()]
    groups = [part for part in modules if isinstance(part, MinibatchStd)]
    for batch in sorted({config.batch, *config.stage_batches.values()}):
        if batch % parts:
            raise OptionError(_uneven(batch, config.accumulate, shard.count))
        for group in sorted({_group(part, batch // parts) for part in groups}):
            if batch // parts % group:
                raise OptionError(
                    f"A batch of {batch} has {batch // parts} pictures at a time, which groups of "
                    f"{group} (minibatch standard deviation) do not divide. Choose 'batch' and "
                    f"'accumulate' so that it is a multiple of {group}."
                )


def _uneven(batch: int, accumulate: int, processes: int) -> str:
    parts = processes * accumulate
    whole = batch // parts * parts + parts
    if processes > 1:
        divided = f" in {accumulate} parts each" if accumulate > 1 else ""
        return (
            f"A batch of {batch} cannot be dealt to {processes} processes{divided}. Start a "
            f"number of processes that divides it, or a run with a batch of {whole}."
        )
    near = next((n for n in range(accumulate, batch) if batch % n == 0), batch)
    return (
        f"A batch of {batch} has no {accumulate} parts of equal size. Set 'accumulate' to {near}, "
        f"or the batch to {whole}."
    )


def batch_doubts(config: TrainConfig, shard: Shard, *networks: nn.Module) -> list[str]:
    """A sentence for what several processes change, beyond the order of additions."""
    if shard.count == 1:
        return []
    found = []
    rows = config.batch // (shard.count * config.accumulate)
    parts = [part for network in networks for part in network.modules()]
    if any(isinstance(part, _BatchNorm) for part in parts):
        found.append(
            f"Batch normalisation sees the {rows} pictures of its own process instead of all "
            f"{config.batch}: the training differs from one in a single process."
        )
    groups = {_group(part, config.batch) for part in parts if isinstance(part, MinibatchStd)}
    bad = sorted(group for group in groups if rows % group)
    if bad:
        found.append(
            f"Each process has {rows} pictures of a batch, which groups of {bad[0]} (minibatch "
            "standard deviation) do not divide: the training differs from one in a single process."
        )
    return found


def _group(part: MinibatchStd, batch: int) -> int:
    return batch if part.group_size is None else min(part.group_size, batch)

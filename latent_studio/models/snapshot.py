"""Weights on their way from a training to whoever renders them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.models.base import ModelSpec


@dataclass(frozen=True, eq=False)
class WeightSnapshot:
    """Clones of a generator's parameters and buffers at one moment.

    Nobody writes to ``tensors`` any more, so any thread may read them. ``epoch`` counts up within a
    run; ``ready`` is a CUDA event that a reader's stream waits for, or None. ``classes`` are the
    names of the classes, where they have some.
    """

    spec: ModelSpec
    tensors: dict[str, Tensor]
    run: str
    kimg: float
    epoch: int
    ready: Any = None
    classes: tuple[str, ...] = ()


@torch.no_grad()
def take_snapshot(
    module: nn.Module,
    spec: ModelSpec,
    run: str,
    kimg: float,
    epoch: int,
    classes: tuple[str, ...] = (),
) -> WeightSnapshot:
    """Clone ``module``'s state; on CUDA without waiting for the device."""
    tensors = {name: value.detach().clone() for name, value in module.state_dict().items()}
    ready = None
    if any(value.is_cuda for value in tensors.values()):
        ready = torch.cuda.Event()
        ready.record()
    return WeightSnapshot(spec, tensors, run, kimg, epoch, ready, classes)


@torch.no_grad()
def load_snapshot(snapshot: WeightSnapshot, module: nn.Module) -> None:
    """Copy a snapshot into ``module``, which must have been built from the same spec.

    Raises
    ------
    KeyError
        If a tensor is missing on either side.
    """
    if snapshot.ready is not None:
        torch.cuda.current_stream().wait_event(snapshot.ready)
    own = module.state_dict()
    if own.keys() != snapshot.tensors.keys():
        raise KeyError(f"snapshot does not fit: {sorted(own.keys() ^ snapshot.tensors.keys())}")
    for name, value in own.items():
        value.copy_(snapshot.tensors[name], non_blocking=True)

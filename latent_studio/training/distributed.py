"""One training on several devices or machines: every process works off a share of each batch.

Processes are started by ``torchrun``. The first one leads: it alone writes the run's folder, hears
people and looks at the clock; the others learn what it decided before each step. All hold the same
networks and optimisers and draw the same latents (:mod:`latent_studio.training.parts`), so that the
number of processes changes nothing but the order of additions.

Tensors travel by NCCL between graphics cards, by gloo otherwise; what the leader says always
travels by gloo, so that it waits for no kernel. Nothing is pickled.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import OptionError, RunError
from latent_studio.mailbox import StopToken
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import available_cores
from latent_studio.training.division import check_division
from latent_studio.training.parts import Shard, is_out_of_memory
from latent_studio.training.randomness import Randomness, derive_seed

# A process that dies is noticed at once. Silence has to last this long: the leader measures and
# saves while the others wait.
SILENCE = timedelta(hours=1)
_HEARTBEAT = 1.0  # seconds between two words of a leader that is paused, so that it is not silent
_WAIT = {"wait": True}


@dataclass(frozen=True)
class Place:
    """Where ``torchrun`` put this process: its rank among all, and on this machine."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1


def find_place() -> Place:
    """The place that the environment tells of; alone without one.

    Raises
    ------
    OptionError
        If the environment contradicts itself.
    """
    names = {"RANK": 0, "WORLD_SIZE": 1, "LOCAL_RANK": 0, "LOCAL_WORLD_SIZE": 1}
    found = {name: os.environ.get(name, "") for name in names}
    if not (found["RANK"] and found["WORLD_SIZE"]):
        return Place()
    try:
        rank, count, local_rank, local_count = (
            int(value) if value else names[name] for name, value in found.items()
        )
    except ValueError:
        rank, count, local_rank, local_count = -1, 1, 0, 1
    if not (0 <= rank < count and local_rank >= 0):
        told = ", ".join(f"{name}={value}" for name, value in found.items() if value)
        raise OptionError(
            f"The environment describes no process of several ({told}). Start the training by "
            "torchrun, or without these variables."
        )
    return Place(rank, count, local_rank, max(1, local_count))


@contextmanager
def joined(device: str = "auto", timeout: timedelta = SILENCE) -> Iterator[Shard]:
    """Meet the other processes of this training for as long as the block lasts.

    Parameters
    ----------
    device
        As in :class:`~latent_studio.training.config.TrainConfig`; says how tensors will travel.

    Yields
    ------
    Shard
        This process's share; a plain one where it is alone.

    Raises
    ------
    RunError
        When the others cannot be reached, or one of them ends early.
    """
    place = find_place()
    if place.count == 1:
        yield Shard()
        return
    import torch.distributed as dist

    if not dist.is_available():
        raise OptionError("This build of torch cannot train in several processes. Use one.")
    guest = dist.is_initialized()
    cards = _use_cards(device, place)
    if not guest:
        with _others():
            dist.init_process_group(_backend(cards), timeout=timeout)
    shard = ProcessShard(place.rank, place.count, place.local_rank, place.local_count, cards)
    try:
        yield shard
        shard.share()  # leave together: the leader may still be writing
    finally:
        if not guest:
            with suppress(Exception):  # the others may be gone; that is told already
                dist.destroy_process_group()


def _use_cards(device: str, place: Place) -> bool:
    cards = torch.cuda.is_available() and device.split(":")[0] in ("auto", "cuda")
    if cards:
        if place.local_rank >= torch.cuda.device_count():
            raise OptionError(
                f"This machine has {torch.cuda.device_count()} graphics cards, too few for process "
                f"{place.local_rank + 1} on it. Start as many processes as there are cards."
            )
        torch.cuda.set_device(place.local_rank)
    return cards


def _backend(cards: bool) -> str:
    import torch.distributed as dist

    return "cpu:gloo,cuda:nccl" if cards and dist.is_nccl_available() else "gloo"


@contextmanager
def _others() -> Iterator[None]:
    """Say that another process is missing, rather than how the network noticed."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if is_out_of_memory(error):
            raise
        raise RunError(
            "Another process of this training has ended or cannot be reached; what it printed says "
            "why. What was saved stays: resume the run, with any number of processes.",
            repr(error),
        ) from error


@dataclass(frozen=True)
class ProcessShard(Shard):
    """A share among processes that ``torch.distributed`` connects.

    Attributes
    ----------
    cards
        Whether each process has a graphics card, which may run out of memory on its own.
    """

    cards: bool = False

    def begin_step(self, random: Randomness, seed: int, step: int) -> None:
        # A function of the step, so that a resumed run needs no state but the leader's.
        purpose = f"augment {self.index} of {self.count} at {step}"
        random["augment"].manual_seed(derive_seed(seed, purpose))

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        self._average(tensors)

    @torch.no_grad()
    def align(self, buffers: Sequence[Tensor]) -> None:
        # float32 means of equal numbers are off by a bit for most counts, and constants (filters,
        # noise maps) would wander with the steps; float64 has the room to give them back.
        self._average(buffers, torch.float64)

    def _average(self, tensors: Sequence[Tensor], precision: torch.dtype | None = None) -> None:
        by_kind: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
        for tensor in tensors:
            by_kind.setdefault((tensor.dtype, tensor.device), []).append(tensor)
        for same in by_kind.values():
            flat = torch.cat([tensor.reshape(-1) for tensor in same]).to(precision or same[0].dtype)
            self._sum(flat)
            flat = (flat / self.count).to(same[0].dtype)
            means = flat.split([tensor.numel() for tensor in same])
            torch._foreach_copy_(
                list(same), [mean.view(t.shape) for mean, t in zip(means, same, strict=True)]
            )

    def _sum(self, tensor: Tensor) -> None:
        import torch.distributed as dist

        with _others():
            dist.all_reduce(tensor)

    def mean_of(self, values: Mapping[str, float]) -> dict[str, float]:
        if not values:
            return {}
        sums = torch.tensor(list(values.values()), dtype=torch.float64)
        self._sum(sums)
        return dict(zip(values, (sums / self.count).tolist(), strict=True))

    # -- running out of memory --------------------------------------------------------------------

    def confirm(self) -> None:
        if self.cards and self._failures(0):
            raise _OutOfMemoryElsewhereError("another process is out of memory")

    def report(self, error: BaseException) -> None:
        if self.cards and not isinstance(error, _OutOfMemoryElsewhereError):
            self._failures(1)

    def _failures(self, own: int) -> int:
        count = torch.tensor([own])
        self._sum(count)
        return int(count)

    # -- what the leader says ---------------------------------------------------------------------

    def share(self, value: Any = None) -> Any:
        if self.leads:
            return self._tell(value)
        while (heard := self._hear()) == _WAIT:
            pass
        return heard

    def wait_while_paused(self, token: StopToken) -> None:
        while token.paused:
            self._tell(_WAIT)
            token.wait(_HEARTBEAT)

    def _tell(self, value: Any) -> Any:
        tensors: list[Tensor] = []
        text = b"" if value is None else json.dumps(_flatten(value, tensors)).encode("utf-8")
        self._broadcast(torch.tensor([len(text)]))
        if text:
            self._broadcast(torch.frombuffer(bytearray(text), dtype=torch.uint8))
        for tensor in tensors:
            self._broadcast(_bytes(tensor.detach().cpu().contiguous()))
        return value

    def _hear(self) -> Any:
        length = torch.zeros(1, dtype=torch.int64)
        self._broadcast(length)
        if not length:
            return None
        text = torch.empty(int(length), dtype=torch.uint8)
        self._broadcast(text)
        return self._unflatten(json.loads(text.numpy().tobytes()))

    def _unflatten(self, value: Any) -> Any:
        """Undo :func:`_flatten`; tensors come one by one, in the order in which they went."""
        if isinstance(value, list):
            return [self._unflatten(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if "$tensor" in value:
            tensor = torch.empty(value["shape"], dtype=getattr(torch, value["$tensor"]))
            self._broadcast(_bytes(tensor))
            return tensor
        return {key: self._unflatten(entry) for key, entry in value.items()}

    def _broadcast(self, tensor: Tensor) -> None:
        import torch.distributed as dist

        with _others():
            dist.broadcast(tensor, src=0)


class _OutOfMemoryElsewhereError(RuntimeError):
    """Another process ran out of memory: this one does as it does."""


def _flatten(value: Any, tensors: list[Tensor]) -> Any:
    """``value`` as JSON takes it; tensors go to ``tensors``, in order."""
    if isinstance(value, Tensor):
        tensors.append(value)
        return {"$tensor": str(value.dtype).removeprefix("torch."), "shape": list(value.shape)}
    if isinstance(value, Mapping):
        return {str(key): _flatten(entry, tensors) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_flatten(entry, tensors) for entry in value]
    return value


def _bytes(tensor: Tensor) -> Tensor:
    """The memory of a contiguous tensor: any type of number travels so."""
    return tensor.reshape(-1).view(torch.uint8)


def place_config(config: TrainConfig, shard: Shard) -> TrainConfig:
    """Settings as this process carries them out: its own graphics card.

    Raises
    ------
    OptionError
        If the batch cannot be divided, or the device does not exist once for each process.
    """
    check_division(config, shard)
    if not isinstance(shard, ProcessShard):
        return config
    kind = config.device.split(":")[0]
    if kind == "mps":
        raise OptionError("Apple's graphics processor can't be shared. Train in one process.")
    return config.with_changes(device=f"cuda:{shard.local_index}") if kind == "cuda" else config


def share_threads(config: TrainConfig, shard: Shard) -> TrainConfig:
    """Settings with CPU threads for one of several processes, unless a number was asked for."""
    if not isinstance(shard, ProcessShard) or config.threads:
        return config
    return config.with_changes(threads=max(1, available_cores() // shard.local_count))

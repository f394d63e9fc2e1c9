"""What a training will take, told before it starts: memory and time.

Memory comes from a rehearsal of the run's own step on shapes. Against the peaks of real steps of
seven presets in fp32, one process each, it was 2 % too low to 11 % too high; of networks of a few
megabytes it is up to half too high.

Speed is the rehearsal's arithmetic (within 2 % of a full count) over rates that are measured here
and now, and so only an order: on a computer that was busy with other work it told a fifth to three
quarters of the speed that steps had by their processor time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.training.available import available_memory
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import DTYPES, available_cores, resolve_device, threads_set_to
from latent_studio.training.parts import Shard
from latent_studio.training.rehearsal import Rehearsal, Work, rehearse

# Beside what autograd keeps: gradients on their way back, and the libraries' rearranged copies.
_ON_THE_WAY = 1.2
_LIBRARIES = 70_000_000
# What the arithmetic leaves out: caches that are cold, kernels that are not at their best.
_FRICTION = 1.3
_CALL_SECONDS = 10e-6
# The estimate may be too high by so much.
_SURELY = 0.85
# Whose memory tells how that of others grows; parts that are to fit are no larger.
_FEW_ROWS = (4, 16)
_GROUP = 4  # of minibatch standard deviation
# Numbers kept for each pixel of a batch. The widest preset keeps a tenth of it.
_ROOMY = 40_000


@dataclass(frozen=True)
class Estimate:
    """What a training takes.

    Attributes
    ----------
    memory_bytes
        Peak on the device, beyond what the program itself takes.
    seconds_per_kimg
        Time for a thousand real pictures; None where it was not asked for.
    available_bytes
        What the device has left; None where nobody tells.
    """

    memory_bytes: int
    seconds_per_kimg: float | None = None
    available_bytes: int | None = None

    @property
    def fits(self) -> bool:
        """False only where it is known not to."""
        return self.available_bytes is None or self.memory_bytes <= self.available_bytes

    @property
    def images_per_second(self) -> float | None:
        return None if self.seconds_per_kimg is None else 1000 / self.seconds_per_kimg


@dataclass(frozen=True)
class Rates:
    """What a device does in a second: operations of each kind of :class:`Work`, and bytes."""

    dense: float
    grouped: float
    depthwise: float
    moved: float

    def seconds(self, work: Work) -> float:
        """How long ``work`` takes."""
        kinds = ("dense", "grouped", "depthwise", "moved")
        parts: list[float] = [getattr(work, kind) / getattr(self, kind) for kind in kinds]
        return _FRICTION * sum(parts) + work.calls * _CALL_SECONDS


def estimate(config: TrainConfig, *, speed: bool = True) -> Estimate:
    """Memory and time of a training with ``config``; takes some seconds.

    Parameters
    ----------
    speed
        Measure what the device can do, too.

    Raises
    ------
    StudioError
        If the settings do not go together or the device does not exist.
    """
    device = resolve_device(config.device)
    step = rehearse(_exact(config), memory_only=not speed)
    seconds = None
    if speed:
        with threads_set_to(config.threads or available_cores()):
            rates = measure_rates(device, DTYPES[_exact(config).precision])
        seconds = rates.seconds(step.work) * 1000 / step.images
    return Estimate(
        memory_bytes=_peak(step),
        seconds_per_kimg=seconds,
        available_bytes=available_memory(device),
    )


def _peak(step: Rehearsal) -> int:
    return round(step.fixed_bytes + _ON_THE_WAY * step.kept_bytes) + _LIBRARIES


def _exact(config: TrainConfig) -> TrainConfig:
    """With fp32, which takes most, where the precision is not chosen yet."""
    return config if config.precision != "auto" else config.with_changes(precision="fp32")


def check_memory(config: TrainConfig, shard: Shard | None = None, *, resumed: bool = False) -> bool:
    """Refuse a training that surely does not fit into the computer's memory.

    Only on the CPU: there the system ends a process that asks for too much, without a word, while
    graphics cards report it and the batch is divided.

    Parameters
    ----------
    config
        Its precision may be open yet: it is refused if it fits in none.
    shard
        This process's share; the memory is for all processes of this computer.
    resumed
        The batch can't be changed any more.

    Returns
    -------
    bool
        False where that depends on the precision, which is to be chosen first.

    Raises
    ------
    OptionError
        With the numbers and a way out.
    """
    device = resolve_device(config.device)
    available = available_memory(device) if device.type == "cpu" else None
    if available is None or _is_roomy(config, available):
        return True
    shard = shard or Shard()
    step = rehearse(_part(config, shard), memory_only=True)
    limit = int(available / _SURELY / shard.local_count)
    if _peak(step) <= limit:
        return True
    # Numbers of 16 bits take half at best.
    if (
        config.precision == "auto"
        and _peak(replace(step, kept_bytes=step.kept_bytes // 2)) <= limit
    ):
        return False
    cure = "Close other programs, or resume it on another computer."
    raise OptionError(
        f"This training needs about {_gigabytes(_peak(step) * shard.local_count)} of memory, and "
        f"{_gigabytes(available)} are free. " + (cure if resumed else _cure(config, shard, limit))
    )


def _part(config: TrainConfig, shard: Shard) -> TrainConfig:
    """What one process works off at a time."""
    return _exact(config).with_changes(accumulate=config.accumulate * shard.count)


def _cure(config: TrainConfig, shard: Shard, limit: int) -> str:
    """How the training fits after all: the fewest parts, or what else helps."""
    rows = _rows_that_fit(config, limit)
    if rows < 1:
        return "Not even a single picture fits: use a smaller preset, or close other programs."
    parts = _fewest_parts(config, shard, rows)
    divided = f"--set accumulate={parts}, which works a batch off in that many parts, "
    return (
        f"Use {divided if parts else ''}a batch of {rows * shard.count * config.accumulate} or "
        "less, or a smaller preset; or close other programs."
    )


def _fewest_parts(config: TrainConfig, shard: Shard, rows: int) -> int:
    """The smallest number that divides all batches into parts of up to ``rows``; 0: none does."""
    batches = {config.batch, *config.stage_batches.values()}
    shown = config.stage_batches.get(str(config.resolution), config.batch)
    for parts in range(config.accumulate + 1, min(batches) // shard.count + 1):
        count = parts * shard.count
        if shown // count <= rows and all(
            batch % count == 0 and _groups(batch // count) for batch in batches
        ):
            return parts
    return 0


def _groups(rows: int) -> bool:
    """Whether discriminators that compare the pictures of a group can take so many."""
    return rows < _GROUP or rows % _GROUP == 0


def _rows_that_fit(config: TrainConfig, limit: int) -> int:
    """How many pictures fit at a time; what they take grows in proportion to them."""
    config = _exact(config).with_changes(accumulate=2, stage_batches={})
    few, more = (
        _peak(rehearse(config.with_changes(batch=2 * rows), memory_only=True)) for rows in _FEW_ROWS
    )
    each = max(1.0, (more - few) / (_FEW_ROWS[1] - _FEW_ROWS[0]))
    rows = int(_FEW_ROWS[0] + (limit - few) / each)
    return rows if _groups(rows) else rows // _GROUP * _GROUP


def _is_roomy(config: TrainConfig, available: int) -> bool:
    """Whether nobody has to look closely; spares small runs the seconds of a rehearsal."""
    pixels = max(config.batch, *config.stage_batches.values(), 0) * config.resolution**2
    return pixels * 4 * _ROOMY < available


def measure_rates(device: torch.device, dtype: torch.dtype) -> Rates:
    """Time convolutions, forward and back, and additions on ``device``."""
    return Rates(
        dense=_convolution_rate(device, dtype, channels=64, groups=1),
        grouped=_convolution_rate(device, dtype, channels=64, groups=4) / 2,
        depthwise=_convolution_rate(device, dtype, channels=64, groups=64),
        moved=_addition_rate(device, dtype),
    )


def _convolution_rate(
    device: torch.device, dtype: torch.dtype, channels: int, groups: int
) -> float:
    shape = (4, channels, 32, 32) if device.type == "cpu" else (64, channels * 4, 32, 32)
    groups = groups if groups < channels else shape[1]
    x = torch.zeros(shape, device=device, dtype=dtype)
    x = x.contiguous(memory_format=torch.channels_last).requires_grad_(True)
    weight = torch.zeros(shape[1], shape[1] // groups, 3, 3, device=device, dtype=dtype)
    weight.requires_grad_(True)

    def both_ways() -> tuple[Tensor, ...]:
        out = F.conv2d(x, weight, padding=1, groups=groups)
        return torch.autograd.grad(out, (x, weight), torch.zeros_like(out))

    return 3 * 2 * x.numel() * weight[0].numel() / _best_time(both_ways, device)


def _addition_rate(device: torch.device, dtype: torch.dtype) -> float:
    x = torch.zeros(2**22, device=device, dtype=dtype)
    return 3 * x.numel() * x.element_size() / _best_time(lambda: x + x, device)


def _best_time(work: Callable[[], object], device: torch.device, rounds: int = 20) -> float:
    """Seconds of the quickest of a few short runs: what else the computer does slows the others."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        elif device.type == "mps":
            torch.mps.synchronize()
        best = min(best, time.perf_counter() - start)
    return best


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"

"""Where and how precisely a run computes: decided once, then stored with the run."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from latent_studio.errors import ModelError, OptionError
from latent_studio.models.base import Discriminator
from latent_studio.models.registry import build_discriminator
from latent_studio.training.config import TrainConfig

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
_PROBE_BATCH = 8
_PROBE_ROUNDS = 3
_WORTHWHILE = 1.15


def resolve(config: TrainConfig) -> TrainConfig:
    """Replace everything that says *automatic* by what this computer does best.

    Raises
    ------
    OptionError
        If the device does not exist here.
    """
    device = resolve_device(config.device)
    threads = config.threads or available_cores()
    config = replace(config, device=str(device), threads=threads)
    if config.precision == "auto":
        with threads_set_to(threads):
            config = replace(config, precision=pick_precision(config, device))
    if config.channels_last is None:
        # The networks hand channels-last pictures to their convolutions; weights that are stored
        # so, too, save a rearrangement on GPUs. CPU kernels rearrange weights in any case.
        config = replace(config, channels_last=device.type == "cuda")
    return config


def resolve_device(name: str) -> torch.device:
    """``auto`` is the first of CUDA, MPS and CPU that is there."""
    mps = torch.backends.mps.is_available()
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if mps else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise OptionError(
            f"There is no device '{name}'. Use auto, cpu, cuda, cuda:1 or mps.", str(error)
        ) from error
    missing = (
        (device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count())
        or (device.type == "mps" and not mps)
        or device.type not in ("cpu", "cuda", "mps")
    )
    if missing:
        raise OptionError(f"The device '{name}' is not available here. Use auto or cpu.")
    return device


def available_cores() -> int:
    """Cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def pick_precision(config: TrainConfig, device: torch.device) -> str:
    """bf16 where the hardware has it: known of GPUs, measured on CPUs.

    CPUs without matrix or bf16 instructions emulate it at a fraction of the speed of float32, and
    what instructions there are does not tell how fast they are.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device)[0] >= 8 else "fp32"
    if device.type != "cpu":
        return "fp32"
    try:
        network = build_discriminator(config.discriminator)
    except ModelError:
        return "fp32"  # building the run's own networks will say what is wrong
    times = {"fp32": float("inf"), "bf16": float("inf")}
    for _ in range(_PROBE_ROUNDS):
        for name in times:
            times[name] = min(times[name], _probe(network, config, DTYPES[name]))
            if times["bf16"] > 4 * times["fp32"]:
                return "fp32"
    return "bf16" if times["fp32"] > _WORTHWHILE * times["bf16"] else "fp32"


def _probe(network: Discriminator, config: TrainConfig, dtype: torch.dtype) -> float:
    """Seconds of one pass forward and back."""
    size = config.resolution
    images = torch.zeros(_PROBE_BATCH, config.channels, size, size, requires_grad=True)
    c = torch.zeros(_PROBE_BATCH, config.classes) if config.classes else None
    start = time.perf_counter()
    scores = network(images, c, generator=torch.Generator().manual_seed(0), dtype=dtype)
    torch.autograd.grad(scores.sum(), list(network.parameters()), allow_unused=True)
    return time.perf_counter() - start


@contextmanager
def threads_set_to(count: int) -> Iterator[None]:
    """Compute with ``count`` CPU threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""How many bits: 16 only where they are clearly faster and close enough, both measured."""

import time

import torch

from latent_studio.engine.backends.base import Backend
from latent_studio.engine.backends.check import MIN_PSNR, picture, psnr
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.device import half_dtype
from latent_studio.engine.processor import bf16_of_cpu
from latent_studio.models.base import Generator

MIN_SPEEDUP = 1.3
BUDGET_S = 1.0
_SEEDS = (0, 1, 2, 3)
_TURNS = 6


def choose_dtype(
    generator: Generator, device: torch.device, budget_s: float = BUDGET_S
) -> torch.dtype:
    """fp32, or the device's 16-bit type if that is worth it.

    It must be :data:`MIN_SPEEDUP` times as fast (best of interleaved pictures, after one of each)
    and keep the pictures of four seeds within :data:`MIN_PSNR` dB of fp32. A person waits for this:
    it ends as soon as 16 bits are out of the race, and with the first turn after ``budget_s``. A
    processor that would have to emulate bf16 is not tried at all.
    """
    half = half_dtype(device)
    if device.type == "cpu" and bf16_of_cpu() is False:
        return torch.float32
    plain, short = TorchEager(generator, device), TorchEager(generator, device, half)
    best = [float("inf"), float("inf")]
    began = time.perf_counter()
    try:
        for turn in range(1 + _TURNS):
            seed = _SEEDS[turn % len(_SEEDS)]
            (wanted, slow), (got, fast) = (_timed(backend, seed) for backend in (plain, short))
            if not psnr(wanted, got) >= MIN_PSNR:
                return torch.float32
            if turn == 0:
                continue  # both had to warm up
            best = [min(best[0], slow), min(best[1], fast)]
            if best[0] < best[1] or time.perf_counter() - began > budget_s:
                break
    except (RuntimeError, NotImplementedError):
        # This build cannot run the network in 16 bits on this device.
        return torch.float32
    return half if best[0] >= MIN_SPEEDUP * best[1] else torch.float32


def _timed(backend: Backend, seed: int) -> tuple[torch.Tensor, float]:
    """The picture and its seconds."""
    run = picture(backend, seed)
    backend.synchronize()
    began = time.perf_counter()
    image = run()
    backend.synchronize()
    return image, time.perf_counter() - began

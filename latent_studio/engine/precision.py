"""How many bits: 16 only where they are clearly faster and close enough, both measured."""

import time
from collections.abc import Callable
from statistics import median
from typing import cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.device import half_dtype
from latent_studio.latent.sampling import seed_z
from latent_studio.models.base import CONST_NOISE, Generator, StyledGenerator

MIN_SPEEDUP = 1.3
MIN_PSNR = 45.0
_SEEDS = (0, 1, 2, 3)


def psnr(a: Tensor, b: Tensor) -> float:
    """Peak signal to noise ratio in dB of pictures in [-1, 1] (peak to peak 2)."""
    error = (a.float().clamp(-1, 1) - b.float().clamp(-1, 1)).square().mean().item()
    return float("inf") if error == 0 else 10 * float(np.log10(4.0 / error))


def choose_dtype(generator: Generator, device: torch.device, repeats: int = 5) -> torch.dtype:
    """fp32, or the device's 16-bit type if that is worth it.

    It must be :data:`MIN_SPEEDUP` times as fast (medians of interleaved runs) and keep the pictures
    of four seeds within :data:`MIN_PSNR` dB of fp32.
    """
    half = half_dtype(device)
    plain, short = TorchEager(generator, device), TorchEager(generator, device, half)
    try:
        worst = min(psnr(_picture(plain, s)(), _picture(short, s)()) for s in _SEEDS)
        if not worst >= MIN_PSNR:
            return torch.float32
        slow, fast = _race([(plain, _picture(plain, 0)), (short, _picture(short, 0))], repeats)
    except (RuntimeError, NotImplementedError):
        # This build cannot run the network in 16 bits on this device.
        return torch.float32
    return half if slow >= MIN_SPEEDUP * fast else torch.float32


def _picture(backend: TorchEager, seed: int) -> Callable[[], Tensor]:
    """A call that makes the picture of ``seed``, without the mapping."""
    generator = backend.generator
    capabilities = generator.capabilities
    z = torch.from_numpy(np.array(seed_z(seed, capabilities.z_dim, capabilities.prior))).to(
        backend.device
    )
    c = None
    if capabilities.classes:
        c = torch.zeros(1, capabilities.classes, device=backend.device)
        c[0, seed % capabilities.classes] = 1
    if not capabilities.has_w:
        return lambda: backend.generate(z, c)
    styled = cast(StyledGenerator, generator)
    with torch.inference_mode():
        ws = styled.broadcast(styled.mapping(z, c))
    return lambda: cast(Tensor, backend.run(ws, CONST_NOISE).img)


def _race(
    runners: list[tuple[TorchEager, Callable[[], Tensor]]], repeats: int
) -> tuple[float, ...]:
    """Median seconds of each, interleaved."""
    times: list[list[float]] = [[] for _ in runners]
    for _ in range(repeats):
        for (backend, run), spent in zip(runners, times, strict=True):
            began = time.perf_counter()
            run()
            backend.synchronize()
            spent.append(time.perf_counter() - began)
    return tuple(median(spent) for spent in times)

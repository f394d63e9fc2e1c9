"""Is a backend's picture the eager one's, and which of the two is sooner?"""

import math
import time
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.engine.backends.base import Backend
from latent_studio.latent.sampling import seed_z
from latent_studio.latent.transform import transform_input
from latent_studio.models.base import CONST_NOISE, NoiseInput, StyledGenerator
from latent_studio.recipe import Recipe, Transform

TOLERANCE = 1e-3
MIN_PSNR = 45.0
SEEDS = tuple(range(10))
_REST_S = 0.025  # the other side's idle threads wait for more at full speed, for up to 20 ms
_MOVED = Recipe(transform=Transform(0.1, -0.2, 30.0))


def psnr(a: Tensor, b: Tensor) -> float:
    """Peak signal to noise ratio in dB of pictures in [-1, 1] (peak to peak 2)."""
    error = (a.float().clamp(-1, 1) - b.float().clamp(-1, 1)).square().mean().item()
    if math.isnan(error):
        return float("-inf")
    return float("inf") if error == 0 else 10 * float(np.log10(4.0 / error))


def fault(plain: Backend, fast: Backend, seeds: Sequence[int] = SEEDS) -> str:
    """Why ``fast`` may not stand in for ``plain``; empty if it may.

    In fp32 no value may differ by more than :data:`TOLERANCE` of the largest; with fewer bits each
    picture must reach :data:`MIN_PSNR`. Styled networks are asked with every mode of noise, and
    moved where they can be.
    """
    for seed in seeds:
        wanted, got = (picture(backend, seed)().cpu() for backend in (plain, fast))
        if wanted.shape != got.shape or not torch.isfinite(got).all():
            return "its pictures are broken"
        if fast.dtype == torch.float32:
            error = float((wanted - got).abs().max() / wanted.abs().max().clamp_min(1e-12))
            if not error <= TOLERANCE:
                return f"its pictures differ by {error:.1e}"
        else:
            quality = psnr(wanted, got)
            if not quality >= MIN_PSNR:
                return f"its pictures reach {quality:.0f} dB of {MIN_PSNR:.0f}"
    return ""


def picture(backend: Backend, seed: int) -> Callable[[], Tensor]:
    """A call that makes the picture of ``seed``, mapping and all; noise changes with it."""
    generator = backend.generator
    capabilities = generator.capabilities
    z = torch.from_numpy(np.array(seed_z(seed, capabilities.z_dim, capabilities.prior)))
    z = z.to(backend.device)
    c = None
    if capabilities.classes:
        c = torch.zeros(1, capabilities.classes, device=backend.device)
        c[0, seed % capabilities.classes] = 1
    if not capabilities.has_w:
        return lambda: backend.generate(z, c)
    styled = cast(StyledGenerator, generator)
    noise = _noise(styled, seed, backend.device)
    moved = capabilities.transform and seed % 2 == 1
    move = transform_input([_MOVED], backend.device) if moved else None

    def made() -> Tensor:
        ws = styled.broadcast(backend.map(z, c))
        return cast(Tensor, backend.run(ws, noise, transform=move).img).float()

    return made


def race(backends: Sequence[Backend], repeats: int = 12, seed: int = 0) -> list[float]:
    """Least milliseconds of a picture of each, interleaved.

    Not the median: other programs at work make some turns longer, none shorter.
    """
    runs = [picture(backend, seed) for backend in backends]
    times: list[list[float]] = [[] for _ in runs]
    for turn in range(repeats + 1):
        for backend, run, spent in zip(backends, runs, times, strict=True):
            time.sleep(_REST_S)
            began = time.perf_counter()
            run()
            backend.synchronize()
            if turn:  # the first one warms up
                spent.append((time.perf_counter() - began) * 1e3)
    return [min(spent) for spent in times]


def _noise(generator: StyledGenerator, seed: int, device: torch.device) -> NoiseInput:
    """Learned noise mostly; random, weakened or none for some seeds."""
    shapes = generator.synthesis.noise_shapes
    if not shapes or seed % 4 == 0:
        return CONST_NOISE
    if seed % 4 == 1:
        draw = torch.Generator().manual_seed(seed)
        maps = [torch.randn(shape, generator=draw).to(device) for shape in shapes]
        return NoiseInput("random", maps=maps, strength=0.7)
    return NoiseInput(strength=0.5) if seed % 4 == 2 else NoiseInput("none")

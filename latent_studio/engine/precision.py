"""How many bits: 16 only where they are clearly faster and close enough, both measured."""

import torch

from latent_studio.engine.backends.check import MIN_PSNR, picture, psnr, race
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.device import half_dtype
from latent_studio.models.base import Generator

MIN_SPEEDUP = 1.3
_SEEDS = (0, 1, 2, 3)


def choose_dtype(generator: Generator, device: torch.device, repeats: int = 5) -> torch.dtype:
    """fp32, or the device's 16-bit type if that is worth it.

    It must be :data:`MIN_SPEEDUP` times as fast (best of interleaved runs) and keep the pictures
    of four seeds within :data:`MIN_PSNR` dB of fp32.
    """
    half = half_dtype(device)
    plain, short = TorchEager(generator, device), TorchEager(generator, device, half)
    try:
        worst = min(psnr(picture(plain, s)(), picture(short, s)()) for s in _SEEDS)
        if not worst >= MIN_PSNR:
            return torch.float32
        slow, fast = race([plain, short], repeats)
    except (RuntimeError, NotImplementedError):
        # This build cannot run the network in 16 bits on this device.
        return torch.float32
    return half if slow >= MIN_SPEEDUP * fast else torch.float32

"""How alike two pictures are, as people read it: PSNR and SSIM of their 8-bit pixels."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from latent_studio.metrics.ssim import ssim


@dataclass(frozen=True)
class PictureFigures:
    """``psnr`` in dB (infinite for equal pictures), ``ssim`` at most 1."""

    psnr: float
    ssim: float


def figures(wanted: np.ndarray, found: np.ndarray) -> PictureFigures:
    """Of two pictures uint8 ``[H, W, C]`` of one size (SSIM is nan below 6 pixels)."""
    squared = np.square(wanted.astype(np.float64) - found.astype(np.float64)).mean()
    psnr = math.inf if squared == 0 else 10 * math.log10(255**2 / squared)
    if min(wanted.shape[:2]) <= 5:
        return PictureFigures(psnr, math.nan)
    x, y = (
        torch.from_numpy(p.transpose(2, 0, 1)[None].astype(np.float64)) for p in (wanted, found)
    )
    return PictureFigures(psnr, float(ssim(x, y)))

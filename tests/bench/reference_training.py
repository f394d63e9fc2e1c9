"""A plain training loop, for the networks of ``reference.py`` or any others that are called alike.

Non-saturating loss, lazy R1 as a step of its own, Adam corrected for it, averaged weights (Karras
et al. 2020, arXiv:1912.04958, appendix B). Everything in float32 and the default layout, each batch
in one piece, and every loss is read at once, which waits for the device. Stands on torch alone.
"""

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PlainLoop:
    """Trains a step at a time.

    Parameters
    ----------
    generator, discriminator
        ``generator(z, None, noise)`` and ``discriminator(pictures)``; trained in place.
    z_dim
        Width of the latents.
    rates, betas, eps
        Adam's, before the correction for lazy penalties (arXiv:1912.04958, appendix B).
    gamma, interval
        Weight of R1, applied every ``interval`` steps.
    fresh
        Draw new pictures for the generator's step, rather than keep those of the discriminator's.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        z_dim: int,
        rates: tuple[float, float],
        betas: tuple[float, float],
        eps: float,
        gamma: float,
        interval: int,
        fresh: bool = True,
    ) -> None:
        self.g, self.d, self.z_dim = generator.train(), discriminator.train(), z_dim
        self.average: Any = copy.deepcopy(generator).eval().requires_grad_(False)
        c = interval / (interval + 1) if gamma > 0 else 1.0
        lazy = (betas[0] ** c, betas[1] ** c)
        self.g_adam = torch.optim.Adam(self.g.parameters(), rates[0], betas, eps)
        self.d_adam = torch.optim.Adam(self.d.parameters(), rates[1] * c, lazy, eps)
        self.gamma, self.interval, self.fresh = gamma, interval, fresh
        self.steps = 0

    def step(
        self, real: Tensor, latents: torch.Generator, noise: torch.Generator, decay: float
    ) -> dict[str, float]:
        """One step on pictures ``real`` ``[N, C, H, W]``; ``decay`` is that of the average."""
        fake = self.pictures(len(real), latents, noise)
        losses = {"D": self.discriminator_step(real, fake.detach())}
        if self.gamma > 0 and self.steps % self.interval == 0:
            losses["R1"] = self.penalty_step(real)
        if self.fresh:
            fake = self.pictures(len(real), latents, noise)
        losses["G"] = self.generator_step(fake)
        with torch.no_grad():
            for old, new in zip(self.average.parameters(), self.g.parameters(), strict=True):
                old.copy_(new + (old - new) * decay)
        self.steps += 1
        return losses

    def pictures(self, count: int, latents: torch.Generator, noise: torch.Generator) -> Tensor:
        z = torch.randn(count, self.z_dim, generator=latents)
        fake: Tensor = self.g(z, None, noise)
        return fake

    def discriminator_step(self, real: Tensor, fake: Tensor) -> float:
        self.d_adam.zero_grad()
        fake_loss = F.softplus(self.d(fake)).mean()
        real_loss = F.softplus(-self.d(real)).mean()
        (fake_loss + real_loss).backward()
        self.d_adam.step()
        return float((fake_loss + real_loss).item())

    def penalty_step(self, real: Tensor) -> float:
        self.d_adam.zero_grad()
        real = real.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(self.d(real).sum(), real, create_graph=True)
        penalty = slope.square().sum(dim=(1, 2, 3)).mean()
        (penalty * (self.gamma / 2 * self.interval)).backward()
        self.d_adam.step()
        return float(penalty.item())

    def generator_step(self, fake: Tensor) -> float:
        self.g_adam.zero_grad()
        self.d.requires_grad_(False)
        loss = F.softplus(-self.d(fake)).mean()
        loss.backward()
        self.g_adam.step()
        self.d.requires_grad_(True)
        return float(loss.item())

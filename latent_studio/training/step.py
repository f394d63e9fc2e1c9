"""One training step: the discriminator learns, now and then its penalty, then the generator."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from latent_studio.models.base import StyledGenerator, one_hot
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import DTYPES
from latent_studio.training.ema import ema_decay
from latent_studio.training.losses import find_objective
from latent_studio.training.penalties import gradient_penalty
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics, norm

# Gradient lengths and diversity are a look at the run's health, not part of the method: taking them
# at some steps is enough and costs nothing that one would notice.
_HEALTH_INTERVAL = 8


def nothing() -> None:
    """A turn that nobody waits for."""


class Stepper:
    """Runs steps on a :class:`TrainState`; ``config`` may be exchanged between two steps.

    Parameters
    ----------
    turn
        Called before each part of a step; may block to let something more urgent use the
        processor. Must not touch the state.
    """

    def __init__(
        self,
        config: TrainConfig,
        state: TrainState,
        stats: Statistics,
        turn: Callable[[], None] = nothing,
    ) -> None:
        self.config = config
        self._state, self._stats, self._turn = state, stats, turn
        self._dtype = DTYPES[config.precision]
        self._objective = find_objective(config.objective)
        styled = isinstance(state.generator, StyledGenerator)
        self._mixing = {"mixing_prob": config.style_mixing} if styled else {}

    def run(self) -> None:
        """One step on the next batch; counters included."""
        state, config = self._state, self.config
        real, c = self._next_batch()
        fake = self._fakes(c, grad=config.reuse_fakes)
        self._train_discriminator(real, fake.detach(), c)
        if config.lazy_r1 and state.counters.step % config.r1_interval == 0:
            self._turn()
            self._penalise(real, c)
        if not config.reuse_fakes:
            self._turn()
            fake = self._fakes(c, grad=True)
        self._turn()
        self._train_generator(fake, c)
        state.counters.step += 1
        state.counters.images += config.batch
        decay = ema_decay(state.counters.images, config.batch, config.ema_kimg, config.ema_rampup)
        state.ema.update(decay)

    def _next_batch(self) -> tuple[Tensor, Tensor | None]:
        """Pictures in [-1, 1] and one-hot classes, on the device."""
        images, labels = self._state.stream.next()
        device = self._state.device
        real = torch.from_numpy(images).to(device).float().mul_(2 / 255).sub_(1)
        if not self.config.classes:
            return real, None
        assert labels is not None
        return real, one_hot(torch.from_numpy(labels).to(device), self.config.classes)

    def _fakes(self, c: Tensor | None, grad: bool) -> Tensor:
        """A batch of generated pictures, of the classes of the real batch."""
        state = self._state
        z = torch.randn(
            self.config.batch,
            state.generator.capabilities.z_dim,
            generator=state.random["latents"],
            device=state.device,
        )
        self._turn()
        with torch.set_grad_enabled(grad):
            fake: Tensor = state.generator(
                z, c, generator=state.random["noise"], dtype=self._dtype, **self._mixing
            )
        return fake

    def _scores(self, images: Tensor, c: Tensor | None) -> Tensor:
        scores: Tensor = self._state.discriminator(
            images, c, generator=self._state.random["dropout"], dtype=self._dtype
        )
        return scores

    def _train_discriminator(self, real: Tensor, fake: Tensor, c: Tensor | None) -> None:
        adam, penalised = self._state.d_adam, self._in_step_penalty()
        adam.zero_grad()
        self._turn()
        fake_scores = self._scores(fake, c)
        self._turn()
        real_scores = self._scores(real.requires_grad_(penalised), c)
        loss = self._objective.discriminator(real_scores, fake_scores).mean()
        self._stats.add("loss/D", loss)
        self._stats.add("score/real", real_scores)
        self._stats.add("score/fake", fake_scores)
        if penalised:
            loss = loss + self._weighted_penalty(real_scores, real)
        self._turn()
        loss.backward()
        real.requires_grad_(False)
        if self._health_step():
            self._stats.add("grad/D", norm(adam.gradients()))
            self._stats.add("diversity", fake.std(dim=0, correction=0))
        adam.step()

    def _in_step_penalty(self) -> bool:
        return self.config.r1_gamma > 0 and self.config.r1_interval == 1

    def _penalise(self, real: Tensor, c: Tensor | None) -> None:
        """The lazy R1 step, weighted by its interval."""
        adam = self._state.d_adam
        adam.zero_grad()
        images = real.detach().requires_grad_(True)
        penalty = self._weighted_penalty(self._scores(images, c), images)
        self._turn()
        (penalty * self.config.r1_interval).backward()
        adam.step()

    def _weighted_penalty(self, scores: Tensor, images: Tensor) -> Tensor:
        penalty = gradient_penalty(scores, images).mean()
        self._stats.add("loss/R1", penalty)
        return penalty * (self.config.r1_gamma / 2)

    def _train_generator(self, fake: Tensor, c: Tensor | None) -> None:
        adam = self._state.g_adam
        adam.zero_grad()
        with frozen(self._state.discriminator):
            scores = self._scores(fake, c)
        loss = self._objective.generator(scores).mean()
        self._stats.add("loss/G", loss)
        self._turn()
        loss.backward()
        if self._health_step():
            self._stats.add("grad/G", norm(adam.gradients()))
        adam.step()

    def _health_step(self) -> bool:
        return self._state.counters.step % _HEALTH_INTERVAL == 0


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Record no gradients for the weights of ``network`` inside the block."""
    trainable = [p for p in network.parameters() if p.requires_grad]
    for param in trainable:
        param.requires_grad_(False)
    try:
        yield
    finally:
        for param in trainable:
            param.requires_grad_(True)

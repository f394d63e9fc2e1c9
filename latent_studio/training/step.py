"""One training step: the discriminator learns (often more than once), then the generator; now and
then their regularisations have steps of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import NoiseInput, StyledGenerator, one_hot
from latent_studio.models.draws import normal, uniform
from latent_studio.models.spectral import follow_weights
from latent_studio.training.attempt import Attempt
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import DTYPES
from latent_studio.training.division import check_division
from latent_studio.training.ema import ema_decay
from latent_studio.training.health import (
    RandomExtractor,
    clipped,
    diversity,
    signs,
    weight_norm,
)
from latent_studio.training.losses import find_objective
from latent_studio.training.optim import NamedOptimizer
from latent_studio.training.parts import Part, Shard, deal, is_out_of_memory
from latent_studio.training.penalties import (
    between,
    gradient_penalty,
    lipschitz_penalty,
    path_lengths,
)
from latent_studio.training.schedule import rate_factor
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics, norm

# Gradient lengths and diversity are a look at the run's health, not part of the method: taking them
# at some steps is enough and costs nothing that one would notice.
HEALTH_INTERVAL = 8


def nothing() -> None:
    """A turn that nobody waits for."""


class Stepper:
    """Runs steps on a :class:`TrainState`; ``config`` may be exchanged between two steps.

    Parameters
    ----------
    turn
        Called before each part of a step; may block to let something more urgent use the
        processor. Must not touch the state.
    on_split
        Called with the new ``accumulate`` when an accelerator ran out of memory and the batch is
        divided further.
    shard
        This process's share of each batch.
    """

    def __init__(
        self,
        config: TrainConfig,
        state: TrainState,
        stats: Statistics,
        turn: Callable[[], None] = nothing,
        *,
        on_split: Callable[[int], None] | None = None,
        shard: Shard | None = None,
    ) -> None:
        self.config = config
        self._state, self._stats, self._turn = state, stats, turn
        self._on_split, self._shard = on_split, shard or Shard()
        self._dtype = DTYPES[config.precision]
        self._objective = find_objective(config.objective)
        self._styled = isinstance(state.generator, StyledGenerator)
        self._features = RandomExtractor(config.channels).to(state.device)
        self._fake: Tensor | None = None  # of the last step of D, with its graph

    def run(self) -> None:
        """One step on the next batches; counters included."""
        state, config = self._state, self.config
        stage = state.grow(config)
        self._set_rates()
        for turn in range(config.n_critic):
            real, c = self._next_batch(stage.batch)
            real = stage.show(real)
            self._discriminator_step(real, c, last=turn == config.n_critic - 1)
            if config.lazy_r1 and state.counters.step % config.r1_interval == 0 and turn == 0:
                self._turn()
                self._penalty_step(real, c)
        self._turn()
        self._generator_step(real, c)
        if config.pl_weight > 0 and state.counters.step % config.pl_interval == 0:
            self._turn()
            self._path_step(c, stage.batch)
        seen = stage.batch * config.n_critic
        state.counters.step += 1
        state.counters.images += seen
        self._shard.align(state.float_buffers())
        self._shard.average(state.augmentation.shared())
        state.augmentation.after_step(seen)
        state.ema.update(ema_decay(state.counters.images, seen, config.ema_kimg, config.ema_rampup))

    # -- what a step consists of ------------------------------------------------------------------

    def _discriminator_step(self, real: Tensor, c: Tensor | None, last: bool = True) -> None:
        optimizer, config = self._state.d_adam, self.config
        self._fake = None

        def work(part: Part, share: float) -> None:
            # asked here, since a second attempt may have more parts
            keep = last and config.reuse_fakes and self.config.accumulate == 1
            fake = self._fakes(part, c, len(real), grad=keep)
            self._turn()
            loss = self._discriminator_loss(part, self._pick(part, real), fake.detach(), c)
            self._turn()
            (loss * share).backward()
            self._fake = fake if keep else None
            self._look_at(fake, self._pick(part, real))

        self._phase(optimizer, work, "D")
        if config.weight_clip > 0:
            optimizer.clip_weights(config.weight_clip)
        follow_weights(self._state.discriminator)

    def _discriminator_loss(
        self, part: Part, real: Tensor, fake: Tensor, c: Tensor | None
    ) -> Tensor:
        config, c = self.config, part.of(c)
        in_step = config.input_penalty and config.r1_interval == 1
        fake.requires_grad_(in_step and config.r2_gamma > 0)
        fake_scores = self._scores(part, fake, c)
        self._turn()
        real = real.detach().requires_grad_(in_step and config.r1_gamma > 0)
        real_scores = self._scores(part, real, c)
        self._observe(real_scores, fake_scores)
        loss = self._objective.discriminator(real_scores, fake_scores).mean()
        self._stats.add("loss/D", loss)
        if config.drift > 0:
            loss = loss + config.drift * real_scores.square().mean()
        if in_step:
            loss = loss + self._input_penalties(real_scores, real, fake_scores, fake)
        if config.gp_weight > 0:
            loss = loss + self._lipschitz(part, real.detach(), fake.detach(), c)
        return loss

    def _observe(self, real: Tensor, fake: Tensor) -> None:
        self._state.augmentation.observe(real)
        self._stats.add("score/real", real)
        self._stats.add("score/fake", fake)
        for name, value in signs(real, fake, self.config.objective).items():
            self._stats.add(name, value)

    def _look_at(self, fake: Tensor, real: Tensor) -> None:
        """Measure how the pictures of a batch are, before augmentation."""
        if self._health_step():
            for name, value in diversity(fake, real, self._features).items():
                self._stats.add(name, value)

    def _input_penalties(
        self, real_scores: Tensor, real: Tensor, fake_scores: Tensor, fake: Tensor
    ) -> Tensor:
        """R1 and R2, weighted, of whichever pictures ask for gradients."""
        total = real_scores.new_zeros(())
        for name, gamma, scores, images in (
            ("loss/R1", self.config.r1_gamma, real_scores, real),
            ("loss/R2", self.config.r2_gamma, fake_scores, fake),
        ):
            if images.requires_grad:
                penalty = gradient_penalty(scores, images).mean()
                self._stats.add(name, penalty)
                total = total + penalty * (gamma / 2)
        return total

    def _lipschitz(self, part: Part, real: Tensor, fake: Tensor, c: Tensor | None) -> Tensor:
        mix = uniform((len(real),), part.source("penalty"), real.device)
        images = between(real, fake, mix).requires_grad_(True)
        self._turn()
        penalty = lipschitz_penalty(self._scores(part, images, c), images).mean()
        self._stats.add("loss/GP", penalty)
        return penalty * self.config.gp_weight

    def _penalty_step(self, real: Tensor, c: Tensor | None) -> None:
        """The lazy step of R1 and R2, weighted by its interval."""
        config = self.config

        def work(part: Part, share: float) -> None:
            labels = part.of(c)
            images = self._pick(part, real).detach().requires_grad_(config.r1_gamma > 0)
            total = images.new_zeros(())
            if config.r1_gamma > 0:
                scores = self._scores(part, images, labels)
                total = total + self._input_penalties(scores, images, scores, images.detach())
            if config.r2_gamma > 0:
                fake = self._fakes(part, c, len(real), grad=False).requires_grad_(True)
                scores = self._scores(part, fake, labels)
                total = total + self._input_penalties(scores, images.detach(), scores, fake)
            self._turn()
            (total * (config.r1_interval * share)).backward()

        self._phase(self._state.d_adam, work)
        follow_weights(self._state.discriminator)

    def _generator_step(self, real: Tensor, c: Tensor | None) -> None:
        kept, self._fake = self._fake, None

        def work(part: Part, share: float) -> None:
            nonlocal kept
            if kept is None:
                fake = self._fakes(part, c, len(real), grad=True)
            else:
                fake, kept = kept, None  # a second attempt must draw anew
            labels = part.of(c)
            self._turn()
            with frozen(self._state.discriminator):
                scores = self._scores(part, fake, labels)
                with torch.no_grad():
                    paired = self._objective.paired
                    other = self._scores(part, self._pick(part, real), labels) if paired else None
            loss = self._objective.generator(scores, other).mean()
            self._stats.add("loss/G", loss)
            self._turn()
            (loss * share).backward()

        self._phase(self._state.g_adam, work, "G")

    def _path_step(self, c: Tensor | None, batch: int) -> None:
        """Path-length regularisation on half a batch, weighted by its interval."""
        state, config = self._state, self.config
        generator = state.generator
        assert isinstance(generator, StyledGenerator)

        def work(part: Part, share: float) -> None:
            count = max(1, batch // part.count // 2) * part.count
            labels = part.of(None if c is None else c[:count])
            z = self._latents(part, count)
            ws = generator.broadcast(generator.mapping(z, labels))
            noise = NoiseInput("random", generator=part.source("noise"))
            images = generator.synthesis(ws, noise, dtype=self._dtype)
            direction = normal(images.shape, part.source("penalty"), images.device)
            lengths = path_lengths(images, ws, direction)
            average = lengths.detach().mean()
            self._shard.confirm()
            self._shard.average([average])
            mean = state.path_length.lerp(average, config.pl_decay)
            state.path_length.copy_(mean)
            penalty = (lengths - mean).square().mean()
            self._stats.add("loss/PL", penalty)
            self._stats.add("path", lengths)
            self._turn()
            (penalty * (config.pl_weight * config.pl_interval * share)).backward()

        self._phase(state.g_adam, work)

    # -- how --------------------------------------------------------------------------------------

    def _phase(
        self, optimizer: NamedOptimizer, work: Callable[[Part, float], None], health: str = ""
    ) -> None:
        """Sum gradients over the parts of the batch and move.

        When an accelerator runs out of memory, no weight has moved yet: what the attempt did
        change is undone, and the phase starts again in twice as many parts.
        """
        while True:
            # only where running out of memory is an error rather than the end
            attempt = Attempt(self._state, self._stats) if self._on_split else None
            optimizer.zero_grad()
            self._turn()
            try:
                for part in deal(self._state.random, self._shard, self.config.accumulate):
                    work(part, 1 / self.config.accumulate)
                self._shard.confirm()
                break
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                self._shard.report(error)
                if attempt is None or not self._split():
                    raise
                optimizer.zero_grad()
            attempt.undo()
            if self._state.device.type == "cuda":
                torch.cuda.empty_cache()
        gradients = optimizer.gradients()
        self._shard.average(gradients)
        if health and self._health_step() and gradients:
            self._stats.add(f"grad/{health}", norm(gradients))
            self._stats.add(f"weight/{health}", weight_norm(optimizer.params))
            if health == "D" and self.config.weight_clip > 0:
                self._stats.add("clipped/D", clipped(optimizer.params, self.config.weight_clip))
        optimizer.step()

    def _split(self) -> bool:
        """Divide the batch further; False if it cannot be."""
        if self._on_split is None:
            return False
        parts = self.config.accumulate * 2
        try:
            divided = self.config.with_changes(accumulate=parts)
            check_division(divided, self._shard, self._state.discriminator)
        except OptionError:
            return False
        self._fake = None
        self._on_split(parts)
        return True

    def _set_rates(self) -> None:
        factor = rate_factor(self.config, self._state.counters.images)
        self._state.g_adam.lr = self.config.g_lr * factor
        self._state.d_adam.lr = self.config.d_lr * factor
        # a penalty that was switched on or off meanwhile has or had steps of its own
        self._state.g_adam.correct_for(self.config.g_interval)
        self._state.d_adam.correct_for(self.config.d_interval)

    def _next_batch(self, batch: int) -> tuple[Tensor, Tensor | None]:
        """Pictures in [-1, 1] and one-hot classes, on the device."""
        images, labels = self._state.stream.next(batch)
        device = self._state.device
        real = torch.from_numpy(images).to(device).float().mul_(2 / 255).sub_(1)
        if not self.config.classes:
            return real, None
        assert labels is not None
        return real, one_hot(torch.from_numpy(labels).to(device), self.config.classes)

    def _pick(self, part: Part, batch: Tensor) -> Tensor:
        rows = part.of(batch)
        assert rows is not None
        return rows

    def _latents(self, part: Part, count: int) -> Tensor:
        z_dim = self._state.generator.capabilities.z_dim
        source = part.source("latents")
        return normal((count // part.count, z_dim), source, self._state.device)

    def _fakes(self, part: Part, c: Tensor | None, count: int, grad: bool) -> Tensor:
        """A part's share of ``count`` generated pictures, of the classes of the real batch."""
        z = self._latents(part, count)
        mixing = {"mixing_prob": self.config.style_mixing} if self._styled else {}
        self._turn()
        with torch.set_grad_enabled(grad):
            fake: Tensor = self._state.generator(
                z, part.of(c), generator=part.source("noise"), dtype=self._dtype, **mixing
            )
        return fake

    def _scores(self, part: Part, images: Tensor, c: Tensor | None) -> Tensor:
        state = self._state
        shown = state.augmentation.apply(images, state.random["augment"])
        scores: Tensor = state.discriminator(
            shown, c, generator=part.source("dropout"), dtype=self._dtype
        )
        return scores

    def _health_step(self) -> bool:
        return self._state.counters.step % HEALTH_INTERVAL == 0


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

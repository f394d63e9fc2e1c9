"""The search for a photograph's latent, stage by stage.

The best of several guesses are followed for some steps each, for a descent may end in a valley
beside the best one. What has come closest is followed on: first one vector (w; z where there is no
w), then one a layer near to it (w+), then the noise maps,
or the weights around the vector (pivotal tuning). Latents move in whitened coordinates (see
:mod:`latent_studio.latent.whitening`) by Adam, its rate rising for a twentieth of the steps and
falling along a cosine for the last half (as the projector of arXiv:1912.04958).
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal, cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.latent.descent import Adam
from latent_studio.latent.inversion.losses import FeatureMaps, PhotoLoss
from latent_studio.latent.inversion.noise import noise_penalty, normalise_noise
from latent_studio.latent.inversion.settings import (
    Inversion,
    InversionSettings,
    InversionStep,
    Stage,
    StageSettings,
)
from latent_studio.latent.inversion.start import Start, best_guesses
from latent_studio.latent.inversion.tuning import Tuning, draw
from latent_studio.latent.noise import learned_maps
from latent_studio.mailbox import StopToken
from latent_studio.models.base import CONST_NOISE, Generator, NoiseInput, StyledGenerator, Synthesis

_RISING, _FALLING = 0.05, 0.5
_CANDIDATES_AT_ONCE = 4


class Inverter:
    """Inverts photographs with one model; belongs to one thread.

    Parameters
    ----------
    generator
        In eval mode and without gradients; it is not changed.
    settings
        How to search.
    c
        Class weights ``[1, classes]``, or None.
    features
        Activations to compare beside the pixels (see :data:`FeatureMaps`), or None.
    token
        Ends the preparation early, and with it everything that follows.

    Raises
    ------
    OptionError
        If the model lacks what ``settings`` ask for.
    """

    def __init__(
        self,
        generator: Generator,
        settings: InversionSettings | None = None,
        *,
        c: Tensor | None = None,
        features: FeatureMaps | None = None,
        token: StopToken | None = None,
    ) -> None:
        self.generator, self.settings = generator, settings or InversionSettings()
        self._stages = self.settings.stages(generator.capabilities)
        self._c, self._features, self._token = c, features, token
        # Equal to the network itself up to rounding, and gradients of latents cost half.
        self._synthesis: Synthesis | None = None
        if isinstance(generator, StyledGenerator):
            self._synthesis = generator.synthesis.frozen(torch.float32)
        self._start = Start(generator, self.settings.samples, self.settings.seed, c, token)

    @property
    def total_steps(self) -> int:
        """Steps for one photograph."""
        trials = self.settings.trials
        tried = 0 if trials is None else self.settings.starts * trials.steps
        return tried + sum(self.settings.stage(stage).steps for stage in self._stages)

    def invert(
        self, photo: Tensor, watch: Callable[[InversionStep], None] | None = None
    ) -> Inversion:
        """Look for the latent of a photograph ``[1, C, H, W]`` in [-1, 1], of the model's size.

        Parameters
        ----------
        watch
            Called after every step.

        Returns
        -------
        Inversion
            When the token stops, the best until then.

        Raises
        ------
        OptionError
            If the photograph is of another size than the model's pictures.
        """
        model = self.generator.capabilities
        wanted = (1, model.channels, model.resolution, model.resolution)
        if tuple(photo.shape) != wanted:
            raise OptionError(
                f"The photograph must be {' x '.join(map(str, wanted))}, not "
                f"{' x '.join(map(str, photo.shape))}."
            )
        loss = PhotoLoss(photo, self.settings.loss, self._features)
        search = _Search(self, loss, watch or (lambda step: None))
        search.choose_start()
        for stage in self._stages:
            search.run(stage)
        return search.result()


class _Search:
    """One photograph: the latent as it moves, and the best so far."""

    def __init__(
        self, owner: Inverter, loss: PhotoLoss, watch: Callable[[InversionStep], None]
    ) -> None:
        self._owner, self._loss, self._watch = owner, loss, watch
        self._settings, self._generator = owner.settings, owner.generator
        self._token, self._c, self._synthesis = owner._token, owner._c, owner._synthesis
        self._whitening = owner._start.whitening
        self._done = 0
        self._tuned: Generator | None = None
        guesses = owner._start.guesses(loss.photo)
        pictures = self._pictures(guesses)
        self._guesses = best_guesses(guesses, pictures, loss, self._settings.starts)
        self._u = self._guesses[0]
        self._spread: Tensor | None = None
        self._maps: list[Tensor] | None = None
        self._mse = math.inf

    @property
    def stopped(self) -> bool:
        return self._token is not None and not self._token.wait_while_paused()

    # -- pictures ---------------------------------------------------------------------------------

    def latent(self) -> Tensor:
        """ws ``[1, num_ws, w_dim]``, or z ``[1, z_dim]``."""
        if not isinstance(self._generator, StyledGenerator):
            return self._whitening.unwhiten(self._u)
        if self._spread is None:
            return self._generator.broadcast(self._whitening.unwhiten(self._u))
        return self._whitening.unwhiten(self._u + self._spread)[None]

    def picture(self, latent: Tensor) -> Tensor:
        if self._tuned is not None or self._synthesis is None:
            return draw(self._tuned or self._generator, latent, self._c)
        noise = CONST_NOISE
        if self._maps is not None:
            noise = NoiseInput("random", maps=self._maps)
        image: Tensor = self._synthesis(latent, noise)
        return image

    @torch.no_grad()
    def _pictures(self, points: Tensor) -> list[Tensor]:
        """Of latents in standard deviations ``[K, dim]``, some at a time."""
        images = []
        for some in points.split(_CANDIDATES_AT_ONCE):
            latents = self._whitening.unwhiten(some)
            if isinstance(self._generator, StyledGenerator):
                latents = self._generator.broadcast(latents)
            c = None if self._c is None else self._c.expand(len(some), -1)
            images.append(draw(self._generator, latents, c))
        return images

    # -- stages -----------------------------------------------------------------------------------

    def choose_start(self) -> None:
        """Follow the best guesses for a while; go on from where it has become closest."""
        settings = self._settings.trials
        if settings is None or len(self._guesses) == 1:
            return
        best, chosen = math.inf, self._u
        for guess in self._guesses:
            if self.stopped:
                break
            self._u = guess
            with torch.enable_grad():
                value = self._descend("w", settings, self._parameters("w"))
            self._u.requires_grad_(False)
            if value < best:
                best, chosen = value, self._u
        self._u = chosen

    def run(self, stage: Stage) -> None:
        settings = self._settings.stage(stage)
        if self.stopped:
            return
        if stage == "tuning":
            self._tune(settings)
            return
        groups = self._parameters(stage)
        with torch.enable_grad():
            self._descend(stage, settings, groups)
        for tensor in (tensor for group in groups for tensor in group):
            tensor.requires_grad_(False)

    def _parameters(self, stage: Stage) -> list[list[Tensor]]:
        """What moves in a stage: all that moved before and what is new."""
        styled = self._generator
        if stage != "w" and self._spread is None:
            assert isinstance(styled, StyledGenerator)
            self._spread = self._u.new_zeros(styled.synthesis.num_ws, self._whitening.dim)
        if stage == "noise":
            assert isinstance(styled, StyledGenerator)
            self._maps = [maps.clone() for maps in learned_maps(styled.synthesis)]
        latents = [self._u] if self._spread is None else [self._u, self._spread]
        groups = [latents] if self._maps is None else [latents, self._maps]
        for tensor in (tensor for group in groups for tensor in group):
            tensor.requires_grad_(True)
        return groups

    def _descend(self, stage: Stage, settings: StageSettings, groups: list[list[Tensor]]) -> float:
        """Move what is in ``groups`` to the best place that is found; returns its distance."""
        tensors = _flat(groups)
        rates = [settings.rate] * len(tensors)
        if self._maps is not None:  # the latents have nearly arrived
            rates[: len(groups[0])] = [self._settings.plus.rate / 2] * len(groups[0])
        adam = Adam(tensors, rates)
        best, kept = math.inf, [tensor.detach().clone() for tensor in tensors]
        for step in range(settings.steps):
            if self.stopped:
                break
            image = self.picture(self.latent())
            distance = self._loss(image)
            value = float(distance.detach())
            if value < best:
                best = value
                self._mse = float(self._loss.squared(image.detach()))
                for old, tensor in zip(kept, tensors, strict=True):
                    old.copy_(tensor.detach())
            adam.clear()
            (distance + self._penalties()).sum().backward()
            adam.step(schedule(step / settings.steps))
            if self._maps is not None:
                normalise_noise(self._maps)
            self._tell(stage, image.detach())
        with torch.no_grad():
            for old, tensor in zip(kept, tensors, strict=True):
                tensor.copy_(old)
        return best

    def _penalties(self) -> Tensor:
        settings = self._settings
        total = settings.prior * self._u.square().mean()
        if self._spread is not None:
            total = total + settings.spread * self._spread.square().mean()
        if self._maps is not None:
            total = total + settings.noise_penalty * noise_penalty(self._maps).sum()
        return total

    def _tune(self, settings: StageSettings) -> None:
        tuning = Tuning(
            self._generator, self.latent(), self._c, self._settings.locality, self._settings.seed
        )
        for step in range(settings.steps):
            if self.stopped:
                break
            image = tuning.step(self._loss, settings.rate * schedule(step / settings.steps))
            self._mse = float(self._loss.squared(image))
            self._tell("tuning", image)
        self._tuned = tuning.finish()

    def _tell(self, stage: Stage, image: Tensor) -> None:
        self._done += 1
        total = self._owner.total_steps
        self._watch(InversionStep(stage, self._done, total, psnr_of(self._loss, image), image))

    # -- result -----------------------------------------------------------------------------------

    @torch.no_grad()
    def result(self) -> Inversion:
        space, latent = self._vector()
        noise = None
        if self._maps is not None:
            noise = tuple(_array(maps[0, 0]) for maps in self._maps)
        psnr = psnr_of(self._loss, self.picture(self.latent()))
        return Inversion(space, latent, noise, self._tuned, psnr, self._done, self.stopped)

    def _vector(self) -> tuple[Literal["z", "w", "w+"], np.ndarray]:
        latent = self.latent()
        if not isinstance(self._generator, StyledGenerator):
            return "z", _array(latent[0])
        if self._spread is None:
            return "w", _array(latent[0, 0])
        return "w+", _array(latent[0])


def schedule(progress: float) -> float:
    """The factor of the rate at ``progress`` in [0, 1): up, level, and down along a cosine."""
    falling = min(1.0, (1 - progress) / _FALLING)
    falling = 0.5 - 0.5 * math.cos(math.pi * falling)
    return falling * min(1.0, progress / _RISING + 0.1)


def psnr_of(loss: PhotoLoss, image: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of a picture in [-1, 1], clamped as it would be shown."""
    squared = float(loss.squared(image.clamp(-1, 1)))
    return 10 * math.log10(4 / max(squared, 1e-10))


def _flat(groups: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    return [tensor for group in groups for tensor in group]


def _array(values: Tensor) -> np.ndarray:
    return cast(np.ndarray, values.detach().float().cpu().numpy().copy())

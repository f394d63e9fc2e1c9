"""Single style channels as directions (StyleSpace, Wu et al. 2020, arXiv:2011.12799).

There are thousands. First they are ranked all at once to first order, by one backward pass a batch:
by what a channel's usual change (its standard deviation) does to an attribute's score, or, without
a judge, to the picture. With a judge the best are then measured: the score with the channel moved
to either side.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.classifier import AttributeClassifier, fit_pictures
from latent_studio.latent.direction import Direction
from latent_studio.latent.directions.sefa import styled_layers
from latent_studio.latent.mixing import group_layers
from latent_studio.latent.population import latent_batches
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.models.style_space import StyleSpace

SAMPLES = 64
STRENGTH = 3.0
"""Sigmas that an amount of one is: a channel by itself does little."""
_SIGMA_SAMPLES = 1_000
_BATCH = 16
_PROBES = 4  # random pictures a batch that the change is projected on
_SHORTLIST = 2  # measured for each that is wanted
_SEED_OF_PROBES = 5


def channel_directions(
    generator: Generator,
    count: int = 12,
    group: str = "",
    *,
    judge: AttributeClassifier | None = None,
    attribute: str = "",
    samples: int = SAMPLES,
    seed: int = 0,
    psi: float = 0.7,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Direction]:
    """The style channels that do most.

    Parameters
    ----------
    generator
        In eval mode, with styles: StyleGAN 1 to 3.
    count
        Channels wanted.
    group
        ``coarse``, ``middle`` or ``fine`` layers only; empty: all.
    judge, attribute
        Rank by the effect on this attribute of the judge's instead of by the change of the picture.
    samples
        Pictures looked at.
    seed, psi
        Of the latents.

    Returns
    -------
    list of Direction
        In S, the strongest first, named by layer and channel. ``info`` has ``layer``, ``channel``,
        and ``effect`` (change of the mean logit from -1 to +1) with ``attribute``, or ``change``
        (root mean square of the change of a pixel, in grey levels of 127.5). With a judge more of
        the amount is more of the attribute.

    Raises
    ------
    OptionError
        If the model has no styles, or the judge does not know the attribute.
    Cancelled
        If the token is stopped.
    """
    styled, _ = styled_layers(generator)
    if judge is not None and attribute not in judge.attributes:
        raise OptionError(f"The judge knows {', '.join(judge.attributes)}, not '{attribute}'.")
    search = _Search(styled, samples, seed, psi, emit, token)
    allowed = search.allowed(group)
    if judge is None:
        change = np.where(allowed, search.change_of_pictures(), 0)
        best = np.argsort(-change, kind="stable")[:count]
        return [search.direction(int(i), 1, change=float(change[i])) for i in best]
    column = judge.attributes.index(attribute)
    slopes = np.where(allowed, search.slopes(judge, column), 0)
    short = np.argsort(-np.abs(slopes), kind="stable")[: _SHORTLIST * count]
    effects = {int(i): search.effect(judge, column, int(i)) for i in short}
    ranked = sorted(effects, key=lambda i: -abs(effects[i]))[:count]
    return [
        search.direction(
            i, 1 if effects[i] >= 0 else -1, effect=abs(effects[i]), attribute=attribute
        )
        for i in ranked
    ]


class _Search:
    """The same latents for every look at the channels."""

    def __init__(
        self,
        styled: StyledGenerator,
        samples: int,
        seed: int,
        psi: float,
        emit: Emit,
        token: StopToken | None,
    ) -> None:
        self._styled, self._emit, self._token = styled, emit, token
        self._space = StyleSpace(styled.synthesis)
        self._sigmas = self._measure_sigmas(seed)
        with torch.no_grad():
            self._batches: list[Tensor] = [
                styled.truncate(styled.broadcast(batch.points), psi)
                for batch in latent_batches(styled, samples, seed, batch=_BATCH)
            ]
        self._done = 0

    def allowed(self, group: str) -> np.ndarray:
        """Which channels come into question, bool ``[size]``."""
        rows = group_layers(group, self._styled.synthesis.num_ws) if group else None
        fits = [
            layer.kind != "place" and (rows is None or layer.row in rows)
            for layer in self._space.layers
        ]
        return np.repeat(fits, [layer.size for layer in self._space.layers])

    def change_of_pictures(self) -> np.ndarray:
        """Root mean square change of a pixel by one sigma of each channel, ``[size]``.

        ``E[(v · J)²]`` over random signs ``v`` is the squared length of each column of ``J``.
        """
        draw = torch.Generator().manual_seed(_SEED_OF_PROBES)
        squares = torch.zeros(self._space.size, dtype=torch.float64)
        for ws in self._batches:
            shift, pictures = self._with_gradient(ws)
            for probe in range(_PROBES):
                signs = torch.randint(0, 2, pictures.shape, generator=draw) * 2.0 - 1
                (slope,) = torch.autograd.grad(
                    pictures, shift, signs.to(ws.device), retain_graph=probe + 1 < _PROBES
                )
                squares += slope.double().square().sum(0).cpu()
        pictures_seen = sum(map(len, self._batches))
        mean = squares / (_PROBES * pictures_seen * pictures[0].numel())
        return np.asarray(mean.sqrt().numpy() * self._sigmas)

    def slopes(self, judge: AttributeClassifier, column: int) -> np.ndarray:
        """Change of the mean logit by one sigma of each channel, to first order, ``[size]``."""
        total = torch.zeros(self._space.size, dtype=torch.float64)
        for ws in self._batches:
            shift, pictures = self._with_gradient(ws)
            logits = judge(fit_pictures(pictures, judge.size))[:, column]
            (slope,) = torch.autograd.grad(logits.sum(), shift)
            total += slope.double().sum(0).cpu()
        return np.asarray(total.numpy() / sum(map(len, self._batches)) * self._sigmas)

    @torch.no_grad()
    def effect(self, judge: AttributeClassifier, column: int, channel: int) -> float:
        """Change of the mean logit from an amount of -1 to +1, measured."""
        shift = torch.zeros(1, self._space.size, device=self._batches[0].device)
        shift[0, channel] = STRENGTH * float(self._sigmas[channel])
        means = []
        for way in (shift, -shift):
            logits = [judge.score(self._space.pictures(ws, way))[:, column] for ws in self._batches]
            means.append(float(torch.cat(logits).mean()))
        self._step(2 * len(self._batches))
        return means[0] - means[1]

    def direction(self, channel: int, sign: int, **facts: Any) -> Direction:
        layer = self._space.layer_of(channel)
        vector = np.zeros(self._space.size, np.float32)
        vector[channel] = sign
        return Direction(
            self._space.title(channel),
            vector,
            float(self._sigmas[channel]),
            "channel",
            "s",
            info={"layer": layer.name, "channel": channel - layer.start, **facts},
            strength=STRENGTH,
        )

    def _with_gradient(self, ws: Tensor) -> tuple[Tensor, Tensor]:
        """Shifts of zero ``[N, size]``, one a picture, and the pictures made with them."""
        with torch.enable_grad():
            shift = torch.zeros(len(ws), self._space.size, device=ws.device, requires_grad=True)
            pictures = self._space.pictures(ws, shift)
        self._step(1)
        return shift, pictures

    def _step(self, count: int) -> None:
        if self._token is not None:
            self._token.checkpoint()
        self._done += count
        self._emit(Progress(self._done, 0, "Looking at style channels"))

    @torch.no_grad()
    def _measure_sigmas(self, seed: int) -> np.ndarray:
        parts: Sequence[Tensor] = [
            self._space.styles(self._styled.broadcast(batch.points))
            for batch in latent_batches(self._styled, _SIGMA_SAMPLES, seed)
        ]
        sigmas: np.ndarray = torch.cat(list(parts)).double().std(0).cpu().numpy()
        return np.asarray(np.maximum(sigmas, 1e-6))

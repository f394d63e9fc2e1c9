"""Pull points of a picture to where they should be.

Pan et al. 2023 (DragGAN, arXiv:2305.10973). What the generator's features show around each *handle*
is asked to appear one small step nearer to its *target* (motion supervision): the latent moves by
one step of Adam. The handles are then looked for again, each where the features are most like those
it had at first (point tracking). Both repeat until the handles lie on their targets. A mask keeps
the features outside it as they were.

Latents move in whitened coordinates (see :mod:`latent_studio.latent.whitening`), so that one step
length serves every model.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.latent.descent import Adam
from latent_studio.latent.whitening import Whitening, w_whitening
from latent_studio.models.base import (
    CONST_NOISE,
    Generator,
    NoiseInput,
    StyledGenerator,
    SynthesisState,
)

Point: TypeAlias = tuple[float, float]
MAX_PAIRS = 32
_TRACK_GRID = 0.5  # pixels between the places that are looked at


@dataclass(frozen=True)
class DragPair:
    """What lies at ``handle`` should come to ``target``: ``(x, y)`` in pixels of the picture.

    The middle of the first pixel is (0, 0).
    """

    handle: Point
    target: Point


@dataclass(frozen=True)
class DragSettings:
    """How to pull.

    Parameters
    ----------
    space
        ``w+``: every layer moves by itself; ``w``: all of them alike.
    first, last
        Layers that move, ``first <= layer < last``; ``last`` None: up to the features. Early layers
        hold pose and shape.
    radius
        Pixels around a handle that are pulled; None: by the size of the picture.
    track_radius
        Pixels around a handle in which it is looked for after a step; None: by the size.
    rate
        Step length of Adam in standard deviations of the latent.
    mask_weight
        How strongly what lies outside the mask is held. Small models tie everything together: held
        too strongly, nothing moves.
    feature_side
        Width of the feature maps that are looked at; None: half the picture's, at least 32.
    tolerance
        Pixels within which a handle has arrived.
    """

    space: Literal["w", "w+"] = "w+"
    first: int = 0
    last: int | None = None
    radius: float | None = None
    track_radius: float | None = None
    rate: float = 0.015
    mask_weight: float = 2.0
    feature_side: int | None = None
    tolerance: float = 0.5

    def __post_init__(self) -> None:
        if self.space not in ("w", "w+"):
            raise OptionError(f"A drag moves w or w+, not {self.space!r}.")
        for name, low, high in (("rate", 1e-5, 10.0), ("tolerance", 0.1, 64.0)):
            if not low <= getattr(self, name) <= high:
                raise OptionError(f"The {name} must be from {low:g} to {high:g}.")
        if not 0 <= self.mask_weight <= 1000:
            raise OptionError("The weight of the mask must be from 0 to 1000.")
        for name in ("radius", "track_radius"):
            value = getattr(self, name)
            if value is not None and not 0.5 <= value <= 256:
                raise OptionError("A radius must be from 0.5 to 256 pixels.")


def usual_radius(side: int) -> float:
    """Pixels around a handle that are pulled, for pictures ``side`` pixels wide.

    Wide enough for the shape around a point, not only its texture; chosen by
    ``tests/bench/drag_cases.py`` (with less, points are pulled out of their surroundings).
    """
    return 5.0 + side / 64


@dataclass(frozen=True)
class DragStep:
    """After ``iteration`` steps: where the handles are and how far from their targets (pixels)."""

    iteration: int
    points: tuple[Point, ...]
    distances: tuple[float, ...]
    arrived: bool

    @property
    def farthest(self) -> float:
        return max(self.distances)


class Drag:
    """One drag, step by step; it can be stopped and gone on with at any time.

    Parameters
    ----------
    generator
        Style-based, in eval mode and without gradients; it is not changed.
    ws
        Where it starts, ``[1, num_ws, w_dim]``.
    pairs
        Handles and their targets.
    mask
        Where the picture may change: bool or float ``[H, W]`` of the picture's size; None: all.
    noise, transform
        Of the synthesis (see ``Synthesis.run``).
    whitening
        Of the generator's w, if it is known already.

    Raises
    ------
    OptionError
        If there is nothing to drag, a point lies outside the picture, the mask is of another size,
        or the model or its layers do not allow it.
    """

    def __init__(
        self,
        generator: Generator,
        ws: Tensor,
        pairs: Sequence[DragPair],
        settings: DragSettings | None = None,
        *,
        mask: np.ndarray | None = None,
        noise: NoiseInput = CONST_NOISE,
        transform: Tensor | None = None,
        whitening: Whitening | None = None,
    ) -> None:
        if not isinstance(generator, StyledGenerator):
            raise OptionError("Dragging needs a style-based model; this one has no w.")
        self.settings = settings or DragSettings()
        self.pairs = tuple(pairs)
        self._side = generator.capabilities.resolution
        _check_pairs(self.pairs, self._side)
        self._synthesis = generator.synthesis.frozen(torch.float32)
        self._noise, self._transform = noise, transform
        self._block = self._feature_block()
        self._whitening = w_whitening(generator) if whitening is None else whitening
        self._start = ws.detach().clone()
        self._layers = self._moving_layers()
        rows = len(self._layers) if self.settings.space == "w+" else 1
        self._delta = ws.new_zeros(rows, self._whitening.dim).requires_grad_(True)
        self._adam = Adam([self._delta], [self.settings.rate])
        scale = self._side / 64
        self._radius = self.settings.radius or usual_radius(self._side)
        self._track = self.settings.track_radius or 2.0 + scale
        self.points: tuple[Point, ...] = tuple(pair.handle for pair in self.pairs)
        self.iteration = 0
        self._state = self._run()
        self._look = _Look(self._features(self._state), self._side, self._rate_of(self._block))
        self._first = self._look.maps.detach()
        # Several places, for small networks have few channels to tell one place by.
        self._patch = _disc(1.0 + scale, (1.0 + scale) / 2)
        self._wanted = [self._around(self._first, point) for point in self.points]
        self._fixed = self._fixed_weights(mask)

    # -- what it is now ---------------------------------------------------------------------------

    @property
    def ws(self) -> Tensor:
        """The latent now, ``[1, num_ws, w_dim]``."""
        return self._moved().detach()

    @property
    def distances(self) -> tuple[float, ...]:
        """Pixels from each handle to its target."""
        return tuple(
            math.dist(point, pair.target)
            for point, pair in zip(self.points, self.pairs, strict=True)
        )

    @property
    def arrived(self) -> bool:
        return max(self.distances) <= self.settings.tolerance

    @torch.no_grad()
    def picture(self) -> Tensor:
        """``[1, C, H, W]`` in which the handles lie at :attr:`points`."""
        state = self._state
        kept = SynthesisState(
            state.block,
            None if state.x is None else state.x.detach(),
            None if state.img is None else state.img.detach(),
        )
        if state.block + 1 < self._synthesis.num_blocks:
            kept = self._synthesis.run(self.ws, self._noise, state=kept)
        return cast(Tensor, kept.img).float()

    @torch.no_grad()
    def feature_distances(self) -> tuple[float, ...]:
        """How much the features at the handles have changed: 0 not at all, 1 as much as
        features differ across the picture.
        """
        return tuple(
            self._change(self._look.maps, point, wanted)
            for point, wanted in zip(self.points, self._wanted, strict=True)
        )

    def change_to(self, other: "Drag", place: Point) -> tuple[float, ...]:
        """As :meth:`feature_distances`, were each handle at ``place`` of another drag's picture."""
        maps = other._look.maps
        return tuple(self._change(maps, place, wanted) for wanted in self._wanted)

    def _change(self, maps: Tensor, point: Point, wanted: Tensor) -> float:
        spread = float((self._first - self._first.mean((2, 3), keepdim=True)).abs().mean())
        return float((self._around(maps, point) - wanted).abs().mean()) / max(spread, 1e-9)

    # -- steps ------------------------------------------------------------------------------------

    def step(self) -> DragStep:
        """Move the latent once (unless everything has arrived) and find the handles again."""
        if not self.arrived:
            with torch.enable_grad():
                loss = self._motion(self._look)
                if self._fixed is not None:
                    loss = loss + self._held(self._look)
                self._adam.clear()
                loss.backward()
            self._adam.step()
            self.iteration += 1
            self._state = self._run()
            self._look = _Look(self._features(self._state), self._side, self._look.rate)
            self._find_points()
        return DragStep(self.iteration, self.points, self.distances, self.arrived)

    def retarget(self, targets: Sequence[Point]) -> None:
        """Give the handles, which are where they are, other targets.

        Raises
        ------
        OptionError
            If there are not as many, or one lies outside the picture.
        """
        if len(targets) != len(self.pairs):
            raise OptionError(f"There are {len(self.pairs)} handles; give as many targets.")
        pairs = tuple(
            DragPair(p.handle, target) for p, target in zip(self.pairs, targets, strict=True)
        )
        _check_pairs(pairs, self._side)
        self.pairs = pairs

    def _motion(self, look: "_Look") -> Tensor:
        """Features around each handle should appear a step nearer to the target."""
        offsets = _disc(self._radius, 1.0).to(look.maps.device)
        total = look.maps.new_zeros(())
        for point, pair in zip(self.points, self.pairs, strict=True):
            place = look.maps.new_tensor(point)
            way = look.maps.new_tensor(pair.target) - place
            way = way / way.norm().clamp(min=1.0)
            here = look.at(place + offsets).detach()
            there = look.at(place + offsets + way)
            total = total + (there - here).abs().mean()
        return total

    def _held(self, look: "_Look") -> Tensor:
        assert self._fixed is not None
        change = (look.maps - self._first).abs().mean(1, keepdim=True)
        held = (change * self._fixed).sum() / self._fixed.sum().clamp(min=1.0)
        return self.settings.mask_weight * held

    @torch.no_grad()
    def _find_points(self) -> None:
        """Point tracking: the nearest features in the neighbourhood of each handle."""
        maps = self._look.maps
        offsets = _disc(self._track, _TRACK_GRID).to(maps.device)
        patch = self._patch.to(maps.device)
        found = []
        for point, wanted in zip(self.points, self._wanted, strict=True):
            places = maps.new_tensor(point) + offsets
            seen = self._look.at((places[:, None] + patch).reshape(-1, 2))
            seen = seen.reshape(len(places), len(patch), -1)
            distance = (seen - wanted).abs().mean((1, 2))
            x, y = places[int(distance.argmin())].tolist()
            found.append((_clamped(x, self._side), _clamped(y, self._side)))
        self.points = tuple(found)

    # -- parts ------------------------------------------------------------------------------------

    def _run(self) -> SynthesisState:
        with torch.enable_grad():
            return self._synthesis.run(
                self._moved(), self._noise, last_block=self._block, transform=self._transform
            )

    def _moved(self) -> Tensor:
        shift = self._delta @ self._whitening.basis
        rows = self._start.new_zeros(self._start.shape[1], len(shift))
        for index, layer in enumerate(self._layers):
            rows[layer, index if len(shift) > 1 else 0] = 1.0
        return self._start + (rows @ shift)[None]

    def _features(self, state: SynthesisState) -> Tensor:
        assert state.x is not None
        return state.x.float()

    def _around(self, maps: Tensor, point: Point) -> Tensor:
        """Features of the small patch that a handle is known by, ``[P, C]``."""
        look = _Look(maps, self._side, self._look.rate)
        return look.at(maps.new_tensor(point) + self._patch.to(maps.device)).detach()

    def _rate_of(self, block: int) -> int:
        return self._synthesis.block_resolution(block)

    def _feature_block(self) -> int:
        """The last block whose maps are at most as wide as wanted."""
        side = self.settings.feature_side or max(32, self._side // 2)
        blocks = range(self._synthesis.num_blocks)
        # A network may end in pictures instead of features (StyleGAN3's last layer).
        fitting = [b for b in blocks[:-1] if self._rate_of(b) <= side]
        return fitting[-1] if fitting else 0

    def _moving_layers(self) -> list[int]:
        reach = self._synthesis.block_layers(self._block).stop
        last = reach if self.settings.last is None else self.settings.last
        layers = list(range(self.settings.first, min(last, self._start.shape[1])))
        if not any(layer < reach for layer in layers):
            raise OptionError(
                f"Layers {self.settings.first} to {last - 1} have no influence on where things "
                f"lie; choose a range that begins before {reach}."
            )
        return layers

    def _fixed_weights(self, mask: np.ndarray | None) -> Tensor | None:
        """1 where the features have to stay, at their size; None where nothing has to."""
        if mask is None:
            return None
        if mask.shape != (self._side, self._side):
            raise OptionError(
                f"The mask must be {self._side} x {self._side}, not "
                f"{' x '.join(map(str, mask.shape))}."
            )
        free = torch.from_numpy(np.ascontiguousarray(mask, np.float32)).clamp(0, 1)
        rate, size = self._look.rate, self._first.shape[-1]
        free = F.adaptive_avg_pool2d(free[None, None], rate)
        margin = (size - rate) // 2
        free = F.pad(free, (margin, size - rate - margin) * 2, mode="replicate")
        fixed = (1 - free).to(self._first.device)
        return fixed if float(fixed.sum()) else None


class _Look:
    """Feature maps ``[1, C, h, w]``, read at places of the picture.

    ``rate`` is how many of the maps' pixels the picture is wide; the rest is margin around it.
    """

    def __init__(self, maps: Tensor, side: int, rate: int) -> None:
        self.maps, self.rate = maps, rate
        self._side, self._size = side, maps.shape[-1]

    def at(self, places: Tensor) -> Tensor:
        """Features ``[N, C]`` at places ``[N, 2]``, bilinear."""
        inside = (places + 0.5) / self._side * self.rate + (self._size - self.rate) / 2
        grid = (inside / self._size * 2 - 1)[None, None]
        read = F.grid_sample(
            self.maps, grid, mode="bilinear", padding_mode="border", align_corners=False
        )
        return read[0, :, 0].t()


def _disc(radius: float, spacing: float) -> Tensor:
    """Places ``[N, 2]`` of a grid within ``radius`` of the origin, the origin first."""
    reach = int(radius / spacing)
    steps = torch.arange(-reach, reach + 1, dtype=torch.float32) * spacing
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    places = torch.stack([x.flatten(), y.flatten()], 1)
    places = places[places.norm(dim=1) <= radius + 1e-6]
    return places[places.norm(dim=1).argsort(stable=True)]


def _clamped(value: float, side: int) -> float:
    return min(max(value, 0.0), side - 1.0)


def _check_pairs(pairs: Sequence[DragPair], side: int) -> None:
    if not pairs:
        raise OptionError("There is nothing to drag; set a handle and its target.")
    if len(pairs) > MAX_PAIRS:
        raise OptionError(f"{len(pairs)} points are too many; {MAX_PAIRS} is the most.")
    for pair in pairs:
        for x, y in (pair.handle, pair.target):
            if not (-0.5 <= x <= side - 0.5 and -0.5 <= y <= side - 0.5):
                raise OptionError(
                    f"The point {x:g},{y:g} lies outside the picture, which is {side} pixels wide."
                )

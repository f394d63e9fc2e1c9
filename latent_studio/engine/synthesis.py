"""The picture half of a styled model, run as little as possible."""

import time
from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor

from latent_studio.engine.backends.base import Backend
from latent_studio.engine.device import precision_name
from latent_studio.engine.plan import (
    ActivationCache,
    BlockCosts,
    SynthesisInput,
    SynthesisPlan,
    noise_key,
)
from latent_studio.latent.noise import learned_maps, noise_input
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.transform import transform_input
from latent_studio.models.base import NoiseInput, StyledGenerator, SynthesisState
from latent_studio.models.style_space import StyleSpace
from latent_studio.recipe import Recipe
from latent_studio.storage.blobs import fetch_blob

MIN_PREVIEW = 64  # what skip architectures have below it is no picture yet but a blur


class KeptSynthesis:
    """Synthesis of one backend, with what is kept between frames."""

    def __init__(self, backend: Backend, resolver: LatentResolver) -> None:
        generator = cast(StyledGenerator, backend.generator)
        self._backend, self._resolver = backend, resolver
        self._pyramid = generator.capabilities.rgb_pyramid
        self._movable = generator.capabilities.transform
        self._shapes = generator.synthesis.noise_shapes
        self._plan = SynthesisPlan(generator.synthesis)
        self._cache = ActivationCache(self._plan)
        self._costs = BlockCosts(self._plan.resolutions)
        self._stops = backend.stops
        self._styles: StyleSpace | None = None
        self.forget()

    def forget(self) -> None:
        self._cache.clear()
        self._shown: SynthesisInput | None = None
        self._recent: tuple[Recipe, SynthesisInput] | None = None
        self._stretch_ms = 0.0

    def image(
        self, recipe: Recipe, max_resolution: int | None, cancelled: Callable[[], bool] | None
    ) -> Tensor | None:
        """``[1, C, H, W]``, or None if cancelled."""
        inputs = self._inputs(recipe)
        last = self._plan.num_blocks - 1
        if max_resolution is not None and self._pyramid:
            fitting = [b for b in self._stops if self._plan.resolutions[b] <= max_resolution]
            last = fitting[-1] if fitting else self._stops[0]
        self._stretch_ms = 0.0
        try:
            state = self._advance(inputs, last, cancelled)
        except BaseException:
            self.forget()
            raise
        if state is None:
            return None
        assert state.img is not None
        return state.img

    def many(self, ws: Tensor, recipes: Sequence[Recipe]) -> Tensor:
        noises = [self._noise(recipe) for recipe in recipes]
        transform = transform_input(recipes, self._backend.device) if self._movable else None
        inputs = SynthesisInput(
            ws, _stack(noises), (), transform, self._resolver.many_shifts(recipes)
        )
        img = self._run(inputs, None, self._plan.num_blocks - 1).img
        assert img is not None
        return img

    def preview_resolution(self, recipe: Recipe, budget_ms: float) -> int | None:
        inputs, final = self._inputs(recipe), self._plan.num_blocks - 1
        changed = self._plan.first_changed(self._shown, inputs)
        state = self._cache.resume(inputs, final)
        first = 0 if state is None else state.block + 1
        least = max(changed, self._plan.block_at(MIN_PREVIEW))
        smaller = [block for block in self._stops if least <= block < final]
        if not smaller or self._costs.estimate(first, final) <= budget_ms:
            return None
        fitting = [b for b in smaller if self._costs.estimate(first, b) <= budget_ms]
        return self._plan.resolutions[fitting[-1] if fitting else smaller[0]]

    def activations(
        self, recipe: Recipe, block: int, cancelled: Callable[[], bool] | None = None
    ) -> Tensor | None:
        """What leaves a block of the network itself: ``[1, C, h, w]`` float32; None if cancelled.

        Blocks are run one after the other, so that a cancel does not wait long. Nothing kept for
        the running edit is touched.
        """
        inputs, state = self._inputs(recipe), None
        synthesis = cast(StyledGenerator, self._backend.generator).synthesis
        for last in range(block + 1):
            if cancelled is not None and cancelled():
                return None
            if inputs.shift is not None:
                state = self._run_moved(inputs, state, last, torch.float32)
                continue
            with torch.inference_mode():
                state = synthesis.run(
                    inputs.ws,
                    inputs.noise,
                    state=state,
                    last_block=last,
                    transform=inputs.transform,
                )
        assert state is not None
        features = state.x if state.x is not None else state.img
        assert features is not None
        return features.float()

    @property
    def label(self) -> str:
        """What ran last, for people: a graph has no styles to move, the network itself has."""
        if self._shown is None or self._shown.shift is None:
            return self._backend.label
        return f"{self._backend.device} {precision_name(self._backend.dtype)}"

    def observe_total(self, ms: float) -> None:
        """Time of a whole frame, so that what surrounds the blocks is known too."""
        if self._stretch_ms:
            self._costs.observe_overhead(ms - self._stretch_ms)

    def _inputs(self, recipe: Recipe) -> SynthesisInput:
        if self._recent is None or self._recent[0] != recipe:
            noise = self._noise(recipe)
            move = transform_input([recipe], self._backend.device) if self._movable else None
            ws, shift = self._resolver.ws(recipe), self._resolver.style_shift(recipe)
            inputs = SynthesisInput(ws, noise, noise_key(recipe), move, shift)
            self._recent = recipe, inputs
        return self._recent[1]

    def _noise(self, recipe: Recipe) -> NoiseInput:
        def learned() -> list[Tensor]:
            return learned_maps(cast(StyledGenerator, self._backend.generator).synthesis)

        return noise_input(recipe, self._shapes, self._backend.device, fetch_blob, learned)

    def _advance(
        self, inputs: SynthesisInput, last: int, cancelled: Callable[[], bool] | None
    ) -> SynthesisState | None:
        """Run up to block ``last`` from the best kept state, keeping what will be of use."""
        edited = self._plan.first_changed(self._shown, inputs)
        state = self._cache.resume(inputs, last)
        boundary = self._boundary_before(edited)
        reached = -1 if state is None else state.block
        if edited < self._plan.num_blocks and reached < boundary <= last:
            state = self._stretch(inputs, state, boundary)
            self._cache.keep_boundary(state, inputs)
        self._shown = inputs
        while state is None or state.block < last:
            if cancelled is not None and state is not None and cancelled():
                self._cache.keep_tail(state, inputs)
                return None
            stop = last if cancelled is None else self._stop_behind(state)
            state = self._stretch(inputs, state, stop)
        unfinished = last < self._plan.num_blocks - 1
        self._cache.keep_tail(state if unfinished else None, inputs)
        return state

    def _boundary_before(self, edited: int) -> int:
        """The last block before ``edited`` whose activations may be kept; -1 if there is none."""
        stops = (block for block in self._stops if block < edited and self._cache.may_keep(block))
        return max(stops, default=-1)

    def _stop_behind(self, state: SynthesisState | None) -> int:
        """Where a pass that may be broken off is looked after next."""
        reached = -1 if state is None else state.block
        return next(block for block in self._stops if block > reached)

    def _stretch(
        self, inputs: SynthesisInput, state: SynthesisState | None, last: int
    ) -> SynthesisState:
        """Run to block ``last`` and note how long it took."""
        began = time.perf_counter()
        first = 0 if state is None else state.block + 1
        state = self._run(inputs, state, last)
        self._backend.synchronize()
        spent = (time.perf_counter() - began) * 1e3
        self._costs.observe(first, last, spent)
        self._stretch_ms += spent
        return state

    def _run(
        self, inputs: SynthesisInput, state: SynthesisState | None, last: int
    ) -> SynthesisState:
        """One pass of the backend; where styles are moved, of the network itself."""
        if inputs.shift is None:
            return self._backend.run(inputs.ws, inputs.noise, state, last, inputs.transform)
        return self._run_moved(inputs, state, last, self._backend.dtype)

    def _run_moved(
        self, inputs: SynthesisInput, state: SynthesisState | None, last: int, dtype: torch.dtype
    ) -> SynthesisState:
        """One pass of the network with moved styles."""
        assert inputs.shift is not None
        if self._styles is None:
            self._styles = StyleSpace(cast(StyledGenerator, self._backend.generator).synthesis)
        with torch.inference_mode():
            return self._styles.run(
                inputs.ws,
                inputs.shift,
                inputs.noise,
                state=state,
                last_block=last,
                dtype=dtype,
                transform=inputs.transform,
            )


def _stack(noises: Sequence[NoiseInput]) -> NoiseInput:
    """Noise of one mode and strength for a batch."""
    first = noises[0]
    if first.maps is None or all(noise.maps is first.maps for noise in noises):
        return first
    layers = zip(*(cast(Sequence[Tensor], noise.maps) for noise in noises), strict=True)
    return NoiseInput(first.mode, [torch.cat(list(maps)) for maps in layers], None, first.strength)

"""Recipes to pictures."""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.engine.backends.base import Backend
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.device import DTYPES, Precision, describe_device, pick_device
from latent_studio.engine.frame import Frame
from latent_studio.engine.pixels import PixelConverter, to_uint8
from latent_studio.engine.precision import choose_dtype
from latent_studio.engine.synthesis import KeptSynthesis
from latent_studio.errors import ModelError, OptionError, StudioError
from latent_studio.latent.direction import Direction
from latent_studio.latent.resolve import LatentResolver
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.models.snapshot import WeightSnapshot, load_snapshot
from latent_studio.recipe import Recipe


class Renderer:
    """Renders recipes with one generator; belongs to one thread.

    Puts the generator into evaluation mode and freezes it: give a copy if somebody trains it.
    Others may read it meanwhile; it is copied before it is moved to another device or takes the
    weights of a snapshot.

    Parameters
    ----------
    generator
        Any registered architecture.
    directions
        Named directions that recipes may use.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps`` or a ``torch.device``.
    precision
        ``fp32``, ``bf16``, ``fp16``; ``auto`` measures whether 16 bits are faster here and close
        enough (see :mod:`latent_studio.engine.precision`).
    epoch
        Stamp of the model, written on every frame.

    Attributes
    ----------
    note
        Why not the fastest backend serves, for people; written on every frame.

    Raises
    ------
    OptionError
        If the device or precision is unknown or missing here.
    ModelError
        If a direction does not fit.
    """

    def __init__(
        self,
        generator: Generator,
        directions: Sequence[Direction] = (),
        device: torch.device | str = "auto",
        precision: Precision = "fp32",
        epoch: int = 0,
    ) -> None:
        if precision != "auto" and precision not in DTYPES:
            raise OptionError(f"Unknown precision {precision!r}; known: auto, {', '.join(DTYPES)}.")
        target = pick_device(device)
        here = next(iter(generator.state_dict().values()), torch.empty(0)).device
        # Others may be reading it: moving or changing it is done to a copy.
        self._owner = here.type != target.type
        generator = copy.deepcopy(generator).to(target) if self._owner else generator
        auto = precision == "auto"
        self.precision: Precision = precision
        self._dtype = choose_dtype(generator, target) if auto else DTYPES[precision]
        self._device = target
        self.epoch = epoch
        self.run = ""
        self.kimg: float | None = None
        self.note = ""
        self._pixels = PixelConverter()
        self._build(generator, directions)

    def _build(self, generator: Generator, directions: Sequence[Direction]) -> None:
        self._sides: list[int] | None = None  # of a network without styles, once it was run
        self.resolver: LatentResolver = LatentResolver(generator, directions, self._device)
        self._use(TorchEager(generator, self._device, self._dtype))

    def _use(self, backend: Backend) -> None:
        self.backend: Backend = backend
        if self.has_w:
            self.resolver.map_with(backend.map)
        self._synthesis = KeptSynthesis(backend, self.resolver) if self.has_w else None
        self._last: Frame | None = None

    # -- what it is -------------------------------------------------------------------------------

    @property
    def generator(self) -> Generator:
        return self.backend.generator

    @property
    def has_w(self) -> bool:
        return self.generator.capabilities.has_w

    @property
    def label(self) -> str:
        """What runs, for people: ``cpu fp32``."""
        return self.backend.label

    @property
    def resolution(self) -> int:
        return self.generator.capabilities.resolution

    # -- pictures ---------------------------------------------------------------------------------

    def render(
        self,
        recipe: Recipe,
        *,
        max_resolution: int | None = None,
        request_id: int = 0,
        cancelled: Callable[[], bool] | None = None,
    ) -> Frame | None:
        """Make one picture.

        Parameters
        ----------
        recipe
            What to render.
        max_resolution
            Take the picture of a lower resolution out of the network where it has one (skip
            architectures); others render in full.
        request_id
            Stamp for the frame.
        cancelled
            Asked between blocks; True ends the work, and the next frame goes on from there if it
            can. Without it the result is never None.

        Raises
        ------
        OptionError
            If the recipe does not fit the model.
        StudioError
            If memory does not suffice.
        """
        began = time.perf_counter()
        last = self._last
        if last is not None and last.recipe == recipe and max_resolution is None:
            return self._stamp(last.pixels, recipe, request_id, last.render_ms)
        with self._memory():
            img = self._image(recipe, max_resolution, cancelled)
            if img is None:
                return None
            pixels = self._pixels.bgra(img)
        spent = (time.perf_counter() - began) * 1e3
        if self._synthesis is not None:
            self._synthesis.observe_total(spent)
        frame = self._stamp(pixels, recipe, request_id, spent)
        if not frame.preview:
            self._last = frame
        return frame

    def render_float(self, recipe: Recipe) -> np.ndarray:
        """The picture before clamping: float32 ``[1, C, H, W]``."""
        with self._memory():
            img = self._image(recipe)
            assert img is not None
            values: np.ndarray = img.float().contiguous().cpu().numpy().copy()
            return values

    def render_batch(self, recipes: Sequence[Recipe], batch: int = 8) -> np.ndarray:
        """Many pictures: uint8 ``[N, H, W, C]``. Nothing kept for the running edit is touched."""
        capabilities = self.generator.capabilities
        size = capabilities.resolution
        pictures = np.empty((len(recipes), size, size, capabilities.channels), np.uint8)
        with self._memory():
            for chosen in self._batches(recipes, batch):
                images = self._many([recipes[index] for index in chosen])
                pictures[chosen] = to_uint8(images)
        return pictures

    def layers(self) -> list[tuple[int, int]]:
        """Blocks whose activations :meth:`activations` gives: ``(block, side)``; may be empty."""
        if self.has_w:
            synthesis = cast(StyledGenerator, self.generator).synthesis
            sides = [synthesis.block_resolution(block) for block in range(synthesis.num_blocks)]
            return list(enumerate(sides))
        if self._sides is None:
            self._sides = sorted(self._maps_by_side(Recipe()))
        return list(enumerate(self._sides))

    def activations(
        self, recipe: Recipe, block: int, cancelled: Callable[[], bool] | None = None
    ) -> np.ndarray | None:
        """Feature maps that leave a block, float32 ``[C, h, w]``, of the network in float32.

        Networks without styles have a block for each size of maps: the last maps of that size.

        Returns
        -------
        numpy.ndarray or None
            None if ``cancelled()`` was true before the end.
        """
        with self._memory():
            if self._synthesis is not None:
                found = self._synthesis.activations(recipe, block, cancelled)
                return None if found is None else found[0].cpu().numpy()
            maps = self._maps_by_side(recipe)
            return maps[sorted(maps)[block]][0].float().cpu().numpy()

    def _maps_by_side(self, recipe: Recipe) -> dict[int, Tensor]:
        """The last feature maps of each height within a network without styles, but its picture."""
        found: dict[int, Tensor] = {}
        channels = self.generator.capabilities.channels

        def note(_module: torch.nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim == 4 and output.shape[1] != channels:
                found[output.shape[2]] = output

        hooks = [module.register_forward_hook(note) for module in self.generator.modules()]
        try:
            z, c = self.resolver.z(recipe), self.resolver.labels(recipe)
            with torch.inference_mode():
                self.generator(z, c)
        finally:
            for hook in hooks:
                hook.remove()
        found.pop(1, None)  # a vector in the form of a map
        return found

    def preview_resolution(self, recipe: Recipe, budget_ms: float) -> int | None:
        """The size of picture that can be had within ``budget_ms``.

        None: the full one (or the network has no smaller picture inside). Judged by the measured
        times of recent frames. A preview always includes the first block that the recipe changes.
        """
        if self._synthesis is None or not self.generator.capabilities.rgb_pyramid:
            return None
        return self._synthesis.preview_resolution(recipe, budget_ms)

    # -- changes of the model ---------------------------------------------------------------------

    def adopt(self, backend: Backend) -> None:
        """Render with another backend of the same weights from the next picture on.

        Raises
        ------
        ModelError
            If the backend is of another network.
        """
        if backend.generator.spec != self.generator.spec:
            raise ModelError("The backend belongs to another network than the one shown.")
        own = self.generator
        self._use(backend)
        # Its weights are equal; the module that may be written to stays the one at hand.
        backend.generator = own
        self.note = ""

    def frozen_copy(self) -> Generator:
        """The network with its present weights, for somebody who takes longer than they last."""
        return copy.deepcopy(self.generator) if self._owner else self.generator

    def set_directions(self, directions: Sequence[Direction]) -> None:
        """Replace the named directions.

        Raises
        ------
        ModelError
            If one does not fit; the old ones stay.
        """
        self.resolver.set_directions(directions)
        self._forget()

    def fits(self, snapshot: WeightSnapshot) -> bool:
        """Whether ``snapshot`` holds weights of this renderer's network."""
        mine, other = self.generator.spec, snapshot.spec
        if mine.architecture != other.architecture:
            return False
        both = mine.config.keys() & other.config.keys()
        if any(mine.config[key] != other.config[key] for key in both):
            return False
        state = self.generator.state_dict()
        return state.keys() == snapshot.tensors.keys() and all(
            value.shape == snapshot.tensors[name].shape for name, value in state.items()
        )

    def load_weights(self, snapshot: WeightSnapshot) -> None:
        """Copy a snapshot of a training into this renderer's own module.

        Raises
        ------
        ModelError
            If the snapshot is of another network; the present weights stay.
        """
        if not self.fits(snapshot):
            raise ModelError("The snapshot belongs to another network than the one shown.")
        if not self._owner:
            self._build(copy.deepcopy(self.generator), self.resolver.directions)
            self._owner = True
        if not self.backend.takes_weights:
            self._use(TorchEager(self.generator, self._device, self._dtype))
        load_snapshot(snapshot, self.generator)
        self.run, self.kimg = snapshot.run, snapshot.kimg
        self.backend.refresh()
        self.resolver.invalidate()
        self._forget()

    def _forget(self) -> None:
        """Drop whatever depends on weights or directions."""
        self._last = None
        if self._synthesis is not None:
            self._synthesis.forget()

    # -- inside -----------------------------------------------------------------------------------

    def _stamp(self, pixels: np.ndarray, recipe: Recipe, request_id: int, ms: float) -> Frame:
        return Frame(
            pixels,
            recipe,
            self.resolution,
            preview=pixels.shape[0] < self.resolution,
            request_id=request_id,
            model_epoch=self.epoch,
            run=self.run,
            kimg=self.kimg,
            render_ms=ms,
            backend=self.label if self._synthesis is None else self._synthesis.label,
            note=self.note,
        )

    def _image(
        self,
        recipe: Recipe,
        max_resolution: int | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Tensor | None:
        if self._synthesis is not None:
            return self._synthesis.image(recipe, max_resolution, cancelled)
        z, c = self.resolver.z(recipe), self.resolver.labels(recipe)
        return self.backend.generate(z, c, recipe.psi)

    def _many(self, recipes: Sequence[Recipe]) -> Tensor:
        latents = self.resolver.many(recipes)
        if self._synthesis is None:
            psi = [recipe.psi for recipe in recipes]
            return self.backend.generate(latents, self.resolver.many_labels(recipes), psi)
        return self._synthesis.many(latents, recipes)

    def _batches(self, recipes: Sequence[Recipe], batch: int) -> Iterator[list[int]]:
        """Indices of recipes that can run together: equal noise mode and strength."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for index, recipe in enumerate(recipes):
            noise = recipe.noise_mode, recipe.noise_strength, recipe.noise_layers
            key = noise if self.has_w else ()
            groups.setdefault(key, []).append(index)
        for group in groups.values():
            for start in range(0, len(group), max(1, batch)):
                yield group[start : start + max(1, batch)]

    @contextmanager
    def _memory(self) -> Iterator[None]:
        """Say a lack of memory in words, and give back what was kept."""
        try:
            yield
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not _is_memory_error(error):
                raise
            self._forget()
            raise StudioError(
                f"Not enough memory on {describe_device(self.backend.device)} for a picture of "
                f"{self.resolution} x {self.resolution}. Close other programs, or choose a smaller "
                "model, fewer pictures at once or another device.",
                str(error),
            ) from error


def _is_memory_error(error: RuntimeError) -> bool:
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or ("memory" in text and "alloc" in text)

"""Points of a recipe's picture dragged to where they should be."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Preview, Progress, ignore
from latent_studio.jobs.opened import AnyModel, open_model
from latent_studio.jobs.targets import check_target
from latent_studio.latent.drag import Drag, DragPair, DragSettings, Point
from latent_studio.latent.noise import learned_maps, noise_input
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.transform import transform_input
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.blobs import fetch_blob
from latent_studio.storage.images import Upscaling, write_image

STEPS = 300
_FRAME_S = 1 / 30
_COORDINATES = 2


@dataclass(frozen=True, eq=False)
class Dragged:
    """What a drag has come to.

    Attributes
    ----------
    recipe
        Shows the picture with the handles at ``points``.
    distances
        Pixels left from each handle to its target.
    feature_distances
        How much the features at the handles have changed (0 not at all, 1: as much as features
        differ across the picture).
    arrived, stopped
        Whether every handle is there, and whether the drag was stopped.
    """

    recipe: Recipe
    points: tuple[Point, ...]
    distances: tuple[float, ...]
    feature_distances: tuple[float, ...]
    iterations: int
    seconds: float
    arrived: bool
    stopped: bool


class RecipeDrag:
    """A drag that begins at a recipe and gives recipes; belongs to one thread at a time.

    It can be run, stopped and run on. Parameters are those of
    :class:`~latent_studio.latent.drag.Drag`.

    Raises
    ------
    OptionError
        If the model or the points do not allow it.
    """

    def __init__(
        self,
        generator: Generator,
        resolver: LatentResolver,
        recipe: Recipe,
        pairs: Sequence[DragPair],
        settings: DragSettings | None = None,
        mask: np.ndarray | None = None,
    ) -> None:
        if not isinstance(generator, StyledGenerator):
            raise OptionError("Dragging needs a style-based model; this one has no w.")
        device = resolver.device
        moved = transform_input([recipe], device) if generator.capabilities.transform else None
        self._recipe = recipe
        self.drag = Drag(
            generator,
            resolver.ws(recipe),
            pairs,
            settings,
            mask=mask,
            noise=noise_input(
                recipe,
                generator.synthesis.noise_shapes,
                device,
                fetch_blob,
                lambda: learned_maps(generator.synthesis),
            ),
            transform=moved,
        )

    @property
    def recipe(self) -> Recipe:
        """The recipe of now: an explicit w+; what was an edit of the old one is part of it."""
        source = LatentSource.from_vector("w+", self.drag.ws[0].cpu().numpy())
        return replace(
            self._recipe,
            source=source,
            psi=1.0,
            cutoff=None,
            directions=(),
            offsets=(),
            mixing=(),
        )

    def run(
        self, steps: int = STEPS, *, emit: Emit = ignore, token: StopToken | None = None
    ) -> Dragged:
        """Drag until everything has arrived, ``steps`` are done or the token stops.

        Emits progress and, 30 times a second at most, previews with the handles' places.
        """
        drag, began, told = self.drag, time.monotonic(), 0.0
        first, stopped = drag.iteration, False
        far = max(drag.distances)
        while not drag.arrived and drag.iteration - first < steps:
            if token is not None and not token.wait_while_paused():
                stopped = True
                break
            drag.step()
            now = time.monotonic()
            if now - told >= _FRAME_S:
                told = now
                self._tell(emit, drag.iteration - first, steps, far)
        self._tell(emit, drag.iteration - first, steps, far)
        return Dragged(
            self.recipe if drag.iteration else self._recipe,
            drag.points,
            drag.distances,
            drag.feature_distances(),
            drag.iteration,
            time.monotonic() - began,
            drag.arrived,
            stopped,
        )

    def _tell(self, emit: Emit, done: int, steps: int, far: float) -> None:
        left = max(self.drag.distances)
        share = 1.0 if self.drag.arrived else max(done / steps, 1 - left / max(far, 1e-9))
        emit(Progress(round(1000 * min(1.0, share)), 1000, f"{left:.1f} pixels left"))
        emit(Preview(_as_pixels(self.drag.picture()), left, self.drag.points))


def drag_points(
    model: AnyModel,
    recipe: Recipe,
    pairs: Sequence[DragPair],
    out: str | Path | None = None,
    settings: DragSettings | None = None,
    *,
    mask: np.ndarray | str | Path | None = None,
    steps: int = STEPS,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Dragged:
    """Drag points of a recipe's picture, and write the picture with its scene.

    Parameters
    ----------
    mask
        Where the picture may change: an array ``[H, W]``, or a picture file (white: may change),
        which is brought to the model's size. None: everywhere.
    out
        A .png, .jpg or .webp file; None writes nothing. A stopped drag writes what it has.

    Raises
    ------
    OptionError, ModelError, DataError, ExportError
        With the cause and the cure.
    """
    target = None if out is None else check_target(out, (".png", ".jpg", ".jpeg", ".webp"))
    opened = open_model(model, device=device, backend="torch")
    opened.warn([recipe], emit)
    renderer = opened.renderer
    free = read_mask(mask, opened.capabilities.resolution) if isinstance(mask, str | Path) else mask
    work = RecipeDrag(renderer.generator, renderer.resolver, recipe, pairs, settings, free)
    found = work.run(steps, emit=emit, token=token)
    if target is not None:
        (pixels,) = opened.pixels([found.recipe])
        write_image(target, pixels, opened.scene(found.recipe), scale, upscaling)
    return found


def read_mask(path: str | Path, side: int) -> np.ndarray:
    """A picture as a mask, float32 ``[side, side]``: 1 where it is white.

    Raises
    ------
    DataError
        The file is missing or no picture.
    """
    from latent_studio.jobs.photos import read_whole

    whole, _ = read_whole(Path(path).expanduser(), channels=1, largest=4096)
    grey = torch.from_numpy(whole[:, :, 0].astype(np.float32))[None, None] / 255
    mask: np.ndarray = torch.nn.functional.adaptive_avg_pool2d(grey, side)[0, 0].numpy()
    return mask


def parse_pair(text: str) -> DragPair:
    """``x,y:x2,y2``: handle and target in pixels of the model's picture.

    Raises
    ------
    OptionError
        If it is not that.
    """
    try:
        ends = [tuple(float(part) for part in end.split(",")) for end in text.split(":")]
    except ValueError:
        ends = []
    if len(ends) != 2 or not all(len(end) == _COORDINATES for end in ends):
        raise OptionError(f"A point to drag is written x,y:x2,y2, not {text!r}.")
    return DragPair((ends[0][0], ends[0][1]), (ends[1][0], ends[1][1]))


def _as_pixels(image: torch.Tensor) -> np.ndarray:
    values = (image[0].clamp(-1, 1) * 127.5 + 127.5).round().byte()
    pixels: np.ndarray = values.permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels

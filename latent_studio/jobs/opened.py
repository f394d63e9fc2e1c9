"""A model opened for rendering: what every job and the Python API work with."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from latent_studio.engine.backends.choice import check_backend, prepare, wants_preparation
from latent_studio.engine.device import Precision, pick_device
from latent_studio.engine.renderer import Renderer
from latent_studio.errors import OptionError
from latent_studio.events import Emit, Notice
from latent_studio.latent.classes import class_names, class_number
from latent_studio.latent.direction import Direction
from latent_studio.latent.sampling import recipe_warnings
from latent_studio.models.base import Capabilities
from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.storage.foreign.entrance import hash_of
from latent_studio.storage.foreign.entrance import open_model as open_bundle
from latent_studio.storage.library import model_ref, resolve_model
from latent_studio.storage.model_file import ModelBundle, load_generator
from latent_studio.storage.own_files import is_own

if TYPE_CHECKING:
    from PIL.Image import Image

PRECISIONS = ("auto", "fp32", "bf16", "fp16")
MANY_PICTURES = 100
_BATCH_PIXELS = 512 * 512


class Model:
    """A generator with its directions, ready to make pictures.

    Made by :func:`open_model`. Belongs to one thread at a time.

    Attributes
    ----------
    name
        What a person calls it.
    ref
        Names these exact weights in a scene.
    capabilities
        What the generator has: resolution, channels, z and w, layers, classes, noise.
    backend
        What was asked to run it: ``auto``, ``torch``, ``openvino`` …
    """

    def __init__(
        self, bundle: ModelBundle, ref: ModelRef, renderer: Renderer, backend: str = "torch"
    ) -> None:
        self.bundle = bundle
        self.ref = ref
        self.renderer = renderer
        self.backend = backend
        self.name = Path(ref.name).stem or bundle.spec.architecture
        self.capabilities: Capabilities = renderer.generator.capabilities

    def class_called(self, name: str) -> int:
        """The number of a class; OptionError if there is none of that name."""
        count = self.capabilities.classes
        if not count:
            raise OptionError("This model has no classes.")
        return class_number(name, class_names(self.bundle.card, count))

    @property
    def directions(self) -> list[Direction]:
        """Directions kept in the model file; a recipe names them."""
        return list(self.bundle.directions)

    @property
    def batch_size(self) -> int:
        """Pictures rendered at once by :meth:`batches`, by their size."""
        return max(1, min(32, _BATCH_PIXELS // self.capabilities.resolution**2))

    def array(self, recipe: Recipe | int = 0) -> np.ndarray:
        """One picture as float32 ``[1, C, H, W]``, about [-1, 1], before clamping.

        ``recipe`` may be a seed. Warns of directions that the model has not.
        """
        return self.renderer.render_float(self._checked(recipe))

    def pixels(self, recipes: Sequence[Recipe | int]) -> np.ndarray:
        """Pictures as uint8 ``[N, H, W, C]``, rendered in batches that fit into memory."""
        return np.concatenate(list(self.batches(recipes)))

    def batches(self, recipes: Iterable[Recipe | int]) -> Iterator[np.ndarray]:
        """As :meth:`pixels`, a batch at a time; takes any iterable and holds little of it."""
        size = self.batch_size
        waiting: list[Recipe] = []
        for recipe in recipes:
            waiting.append(as_recipe(recipe))
            if len(waiting) == size:
                yield self.renderer.render_batch(waiting)
                waiting = []
        if waiting:
            yield self.renderer.render_batch(waiting)

    def image(self, recipe: Recipe | int = 0) -> "Image":
        """One picture as a ``PIL.Image``; ``recipe`` may be a seed.

        Warns of directions that the model has not.
        """
        from PIL import Image

        pixels = self.pixels([self._checked(recipe)])[0]
        return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)

    def _checked(self, recipe: Recipe | int) -> Recipe:
        """As a recipe; a name that the model does not know does nothing, which is worth a word."""
        recipe = as_recipe(recipe)
        known = {direction.name for direction in self.bundle.directions}
        missing = [use.name for use in recipe.directions if use.name not in known]
        if missing:
            names = ", ".join(sorted(known)) or "none"
            text = f"{self.name} has no direction {', '.join(missing)}; it has {names}."
            warnings.warn(text, stacklevel=3)
        return recipe

    def expect(self, pictures: int) -> None:
        """So many pictures come: with the backend ``auto``, many are worth preparing a faster one.

        It depends on nothing else, so the same work gives the same files on one machine.
        """
        if self.backend == "auto" and pictures >= MANY_PICTURES:
            self._hurry("auto")

    def force(self) -> None:
        """Take the backend that was asked for, now.

        Raises
        ------
        OptionError
            If it is not to be had for this model.
        """
        if self.backend not in ("auto", "torch"):
            note = self._hurry(self.backend)
            if note:
                raise OptionError(f"{note}. Leave out the backend or choose torch.")

    def _hurry(self, name: str) -> str:
        """Change to a faster backend; if there is none, why."""
        renderer = self.renderer
        place, bits = renderer.backend.device, renderer.precision
        if not (renderer.backend.takes_weights and wants_preparation(name, place, bits)):
            return ""  # a faster one is there already, or none comes into question
        prepared = prepare(renderer.frozen_copy(), place, name, bits, apart=True)
        if prepared.backend is not None:
            renderer.adopt(prepared.backend)
        return prepared.note

    def scene(self, recipe: Recipe | int) -> Scene:
        """The model and a recipe: one exact picture."""
        return Scene(self.ref, as_recipe(recipe))

    def warn(self, recipes: Iterable[Recipe], emit: Emit) -> None:
        """Tell once about each field of the recipes that this model lacks."""
        names = [direction.name for direction in self.bundle.directions]
        found = (recipe_warnings(recipe, self.capabilities, names) for recipe in recipes)
        for text in dict.fromkeys(text for texts in found for text in texts):
            emit(Notice("warning", text))


AnyModel: TypeAlias = str | Path | ModelBundle | Model


def open_model(
    model: AnyModel, *, device: str = "auto", precision: str = "fp32", backend: str = "auto"
) -> Model:
    """Open a model file, also another program's, or a bundled model.

    Parameters
    ----------
    model
        A path, the name of a bundled model, a bundle in memory; a :class:`Model` is given back.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision
        ``fp32``, ``bf16``, ``fp16`` or ``auto`` (16 bits where measured faster and close enough).
    backend
        ``torch``; ``openvino``, ``cudagraphs`` or ``compile``, checked against it; ``auto``: torch,
        and for work of many pictures the fastest one.

    Raises
    ------
    ModelError
        The file is missing, damaged or no model.
    OptionError
        The device or the precision is not to be had.
    """
    if isinstance(model, Model):
        return model
    if precision not in PRECISIONS:
        raise OptionError(f"There is no precision {precision!r}; choose {', '.join(PRECISIONS)}.")
    check_backend(backend)
    bits = cast(Precision, precision)
    place = pick_device(device)
    if isinstance(model, ModelBundle):
        bundle, ref = model, ModelRef("file", str(model.path or ""), model.sha256)
    else:
        path = resolve_model(model)
        bundle = open_bundle(path)
        # A foreign file says nothing of itself that could be trusted: its weights are hashed.
        ref = model_ref(path) if is_own(path) else ModelRef("file", str(path), hash_of(bundle))
    generator = load_generator(bundle, place)
    opened = Model(bundle, ref, Renderer(generator, bundle.directions, place, bits), backend)
    opened.force()
    return opened


def as_recipe(value: Recipe | int) -> Recipe:
    """A recipe, or a seed as the recipe of its picture."""
    return value if isinstance(value, Recipe) else Recipe.from_seed(value)

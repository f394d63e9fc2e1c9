"""Photographs to scenes of a model: the search, its figures, and what it leaves on the disk."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError, StudioError
from latent_studio.events import Emit, Notice, Preview, Progress, ignore
from latent_studio.jobs.opened import AnyModel, Model, open_model
from latent_studio.jobs.photos import Photo, read_photo, reference_points
from latent_studio.jobs.similarity import PictureFigures, figures
from latent_studio.latent.inversion.search import Inverter
from latent_studio.latent.inversion.settings import Inversion, InversionSettings, InversionStep
from latent_studio.latent.noise import pack_maps
from latent_studio.mailbox import StopToken
from latent_studio.metrics.features import RandomConvExtractor
from latent_studio.models.base import Discriminator, Generator
from latent_studio.models.features import DiscriminatorFeatures, unit_maps
from latent_studio.models.registry import build_discriminator
from latent_studio.recipe import LatentSource, Recipe, Scene
from latent_studio.storage.blobs import keep_blob
from latent_studio.storage.foreign.entrance import open_discriminator
from latent_studio.storage.lpips_file import load_lpips, lpips_at_hand
from latent_studio.storage.model_file import MODEL_SUFFIX, ModelBundle, save_model
from latent_studio.storage.own_files import is_own

FEATURES = ("auto", "random", "discriminator", "lpips", "none")
_INTERVAL_S = 0.1


@dataclass(frozen=True, eq=False)
class InvertedPhoto:
    """One photograph, found in a model.

    Attributes
    ----------
    scene
        Shows it: the model (a derived one after pivotal tuning) and the recipe.
    target, picture
        The aligned photograph and the scene's picture, uint8 ``[H, W, C]``.
    figures
        PSNR and SSIM of the two.
    stopped
        Whether the search was ended early.
    bundle
        The tuned model, or None.
    """

    photo: Photo
    scene: Scene
    target: np.ndarray
    picture: np.ndarray
    figures: PictureFigures
    seconds: float
    stopped: bool
    bundle: ModelBundle | None = None


class PhotoInverter:
    """Inverts photographs with one opened model; what is found out about it serves all.

    Parameters
    ----------
    model
        A path, a bundled model's name, a bundle or an opened model.
    settings
        How to search.
    label
        Class of the photographs, for models with classes: its number or its name.
    features
        What is compared beside the pixels: ``random`` convolutions, the ``discriminator`` of the
        training run that the model is of or in another program's file, ``lpips`` (a weight file),
        ``none``, or a weight file's path; ``auto`` takes the best that is at hand.
    derived
        Folder that tuned models are written to; needed for the space ``pti``.

    Raises
    ------
    OptionError, ModelError
        With the cause and the cure.
    """

    def __init__(
        self,
        model: AnyModel,
        settings: InversionSettings | None = None,
        *,
        label: int | str | None = None,
        features: str | Path = "auto",
        derived: Path | None = None,
        device: str = "auto",
        emit: Emit = ignore,
        token: StopToken | None = None,
    ) -> None:
        self.model = open_model(model, device=device, backend="torch")
        self.settings = settings or InversionSettings()
        if isinstance(label, str):
            label = self.model.class_called(label)
        self.derived, self._label = derived, label
        self._emit, self._token = emit, token
        if self.settings.space == "pti" and derived is None:
            raise OptionError("Pivotal tuning makes a model; name a folder for it.")
        generator = self.model.renderer.generator
        self._device = self.model.renderer.backend.device
        c = _class_weights(generator, label, self._device)
        emit(Progress(0, 0, "Looking at random pictures"))
        found = feature_maps(self.model, features, c, emit)
        self._inverter = Inverter(generator, self.settings, c=c, features=found, token=token)
        self.reference = reference_points(self.model.bundle)

    @property
    def steps(self) -> int:
        """Steps for one photograph."""
        return self._inverter.total_steps

    def invert(self, photo: Photo, target: np.ndarray | None = None) -> InvertedPhoto:
        """Look for one photograph (``target``: its aligned picture, if it is there already).

        Emits progress and, ten times a second at most, previews. When the token stops, the result
        is the best until then.

        Raises
        ------
        DataError
            The file is no photograph.
        ExportError
            Noise maps or a tuned model can't be written.
        """
        if target is None:
            target = read_photo(photo, self.model.capabilities, self.reference)
        began = time.monotonic()
        found = self._inverter.invert(_as_tensor(target, self._device), self._watcher(photo, began))
        recipe = Recipe(
            LatentSource.from_vector(found.space, found.latent),
            label=self._label if self.model.capabilities.classes else None,
        )
        if found.noise is not None:
            name = keep_blob(pack_maps(found.noise))
            recipe = replace(recipe, noise_mode="maps", noise_maps=name)
        bundle = None if found.generator is None else self._derive(photo, found)
        shown = self.model if bundle is None else open_model(bundle, device=str(self._device))
        picture = shown.pixels([recipe])[0]
        return InvertedPhoto(
            photo,
            shown.scene(recipe),
            target,
            picture,
            figures(target, picture),
            time.monotonic() - began,
            found.stopped,
            bundle,
        )

    def _watcher(self, photo: Photo, began: float) -> Callable[[InversionStep], None]:
        told = 0.0

        def watch(step: InversionStep) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told < _INTERVAL_S and step.done < step.total:
                return
            told = now
            left = (now - began) / step.done * (step.total - step.done)
            text = f"{photo.name}: {step.psnr:.1f} dB ({step.stage})"
            self._emit(Progress(step.done, step.total, text, left))
            self._emit(Preview(_as_pixels(step.image), step.psnr, (), photo.name))

        return watch

    def _derive(self, photo: Photo, found: Inversion) -> ModelBundle:
        """Write the tuned network as a model file of its own."""
        assert found.generator is not None and self.derived is not None
        source = self.model.bundle
        card = {
            **source.card,
            "summary": f"{self.model.name}, tuned around one latent until it shows a photograph "
            "(pivotal tuning). For editing that picture; others changed a little, too.",
            "derived_from": self.model.ref.to_json(),
        }
        bundle = ModelBundle.from_generator(
            found.generator,
            directions=source.directions,
            card=card,
            training=source.training,
        )
        return save_model(_free_path(self.derived.absolute(), photo.name), bundle)


def invert_photos(
    model: AnyModel,
    photos: Sequence[Photo],
    settings: InversionSettings | None = None,
    *,
    done: Callable[[InvertedPhoto], None] = lambda found: None,
    emit: Emit = ignore,
    token: StopToken | None = None,
    **options: Any,
) -> list[InvertedPhoto]:
    """Invert photographs one after the other.

    A file that is no photograph is told of and left out. When the token stops, the one at hand
    comes as far as it is, and no more follow.

    Parameters
    ----------
    done
        Called with each as it is found.
    options
        Of :class:`PhotoInverter`.

    Raises
    ------
    OptionError, ModelError, DataError
        With the cause and the cure; DataError if no photograph can be used.
    """
    if not photos:
        raise OptionError("Name at least one photograph.")
    inverter = PhotoInverter(model, settings, emit=emit, token=token, **options)
    found: list[InvertedPhoto] = []
    for photo in photos:
        if token is not None and token.stopped:
            break
        try:
            found.append(inverter.invert(photo))
        except StudioError as error:
            if len(photos) == 1:
                raise
            emit(Notice("warning", error.message, error.detail))
            continue
        done(found[-1])
    return found


def feature_maps(
    model: Model, choice: str | Path, c: Tensor | None = None, emit: Emit = ignore
) -> Callable[[Tensor], Sequence[Tensor]] | None:
    """What is compared beside the pixels (see :class:`PhotoInverter`).

    Raises
    ------
    OptionError
        If the model has no discriminator at hand.
    ModelError
        If a weight file can't be used.
    """
    device = model.renderer.backend.device
    name = str(choice)
    if name == "none":
        return None
    lpips = lpips_at_hand() if name in ("auto", "lpips") else None
    if name not in FEATURES or lpips is not None:
        return load_lpips(name if lpips is None else lpips, device)
    if name == "lpips":
        raise OptionError(
            "LPIPS's weights are not here. Name their file, or put lpips-vgg.safetensors into the "
            "folder 'weights' of the program's data."
        )
    judge = _own_discriminator(model, c, name == "discriminator", emit)
    if judge is not None:
        return judge
    extractor = RandomConvExtractor(device)
    return lambda images: [unit_maps(maps) for maps in extractor.stages(images * 127.5 + 127.5)]


def _own_discriminator(
    model: Model, c: Tensor | None, wanted: bool, emit: Emit
) -> DiscriminatorFeatures | None:
    """Of the training run whose snapshot the model is; if ``wanted``, of another program's file."""
    try:
        network = None
        if model.ref.kind == "run":
            network = _run_discriminator(model.ref.name, emit)
        elif wanted and model.ref.kind == "file" and not is_own(Path(model.ref.name)):
            network = open_discriminator(model.ref.name)
    except (StudioError, KeyError, RuntimeError) as error:
        if wanted:
            raise OptionError(
                f"The discriminator of {model.ref.name} cannot be read; choose other features.",
                repr(error),
            ) from error
        return None
    if network is not None:
        return DiscriminatorFeatures(network.to(model.renderer.backend.device), c)
    if wanted:
        raise OptionError(
            "This model has no discriminator beside it: training runs keep theirs, and so do many "
            "files of other programs before they are imported. Choose other features."
        )
    return None


def _run_discriminator(run: str, emit: Emit) -> Discriminator:
    from latent_studio.storage.run_folder import RunFolder
    from latent_studio.training.config import TrainConfig

    saved = RunFolder.open(run, write=False).load_checkpoint(emit=emit)
    network = build_discriminator(TrainConfig.from_json(saved["config"]).discriminator)
    network.load_state_dict(saved["discriminator"])
    return network


def _class_weights(generator: Generator, label: int | None, device: torch.device) -> Tensor | None:
    classes = generator.capabilities.classes
    if not classes:
        if label is not None:
            raise OptionError("This model has no classes; leave the class out.")
        return None
    index = 0 if label is None else label
    if not 0 <= index < classes:
        raise OptionError(
            f"Class {index} does not exist: this model has classes 0 to {classes - 1}."
        )
    return torch.nn.functional.one_hot(torch.tensor([index]), classes).float().to(device)


def _free_path(folder: Path, stem: str) -> Path:
    """A name that no model has yet: another picture may need the old one."""
    path, number = folder / f"{stem}{MODEL_SUFFIX}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}{MODEL_SUFFIX}", number + 1
    return path


def _as_tensor(pixels: np.ndarray, device: torch.device) -> Tensor:
    values = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))[None].copy())
    return values.to(device).float() / 127.5 - 1


def _as_pixels(image: Tensor) -> np.ndarray:
    values = (image[0].clamp(-1, 1) * 127.5 + 127.5).round().byte()
    pixels: np.ndarray = values.permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels

"""State dicts without anything beside them, in NVIDIA's names or in ours.

Their settings are those that the shapes tell and the usual ones for the rest. Programs that
convert checkpoints write such files, as ``.pt``, ``.pth`` or ``.safetensors``.
"""

from latent_studio.errors import ModelError
from latent_studio.models.registry import ARCHITECTURES
from latent_studio.storage.foreign import nvidia_stylegan2
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format, NotThisFormat
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.nvidia_stylegan2 import Tensors
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.plain_families import FAMILIES
from latent_studio.storage.foreign.state_dicts import any_dict, dicts_of

TITLE = "state dict"
_NOTE = "The file has weights without settings; those that the shapes do not tell are the usual"


def _family(tensors: Tensors) -> str | None:
    """The architecture whose generator has such names, if any."""
    return next((name for name, f in FAMILIES.items() if f.is_generator(tensors)), None)


def is_generator(tensors: Tensors) -> bool:
    return _family(tensors) is not None


def translate(content: Content) -> ForeignModel:
    """The best generator, and a discriminator if there is one.

    Raises
    ------
    ModelError
        If a tensor is missing or of an impossible shape.
    """
    generators = dicts_of(content, is_generator)
    judges = [tensors for _, tensors in dicts_of(content, nvidia_stylegan2.is_discriminator)]
    options = Options({}, content.config)
    try:
        networks = [_generator(tensors, options) for _, tensors in generators[:2]]
        judge = nvidia_stylegan2.discriminator(judges[0], options, ada=True) if judges else None
    except NotThisFormat as error:
        raise ModelError(f"The weights in this file are damaged: {error}.") from error
    first = networks[0]
    raw = networks[1] if len(networks) > 1 and networks[1].spec == first.spec else None
    name = first.spec.architecture
    return ForeignModel(
        f"{TITLE} ({ARCHITECTURES[name].title})",
        generators[0][0] or "the file",
        first,
        raw,
        judge,
        (f"{_NOTE} ones, so {FAMILIES[name].unseen}.",),
    )


def _generator(tensors: Tensors, options: Options) -> ForeignNetwork:
    return FAMILIES[_family(tensors) or ""].generator(tensors, options)


_TITLES = ", ".join(ARCHITECTURES[name].title for name in FAMILIES)
FORMAT = Format(f"{TITLE}s ({_TITLES})", any_dict(is_generator), translate)

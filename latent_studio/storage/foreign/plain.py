"""State dicts without anything beside them, in NVIDIA's names or in ours.

Their settings are those that the shapes tell and the usual ones for the rest. Programs that
convert checkpoints write such files, as ``.pt``, ``.pth`` or ``.safetensors``.
"""

from collections.abc import Mapping
from typing import Any

from latent_studio.errors import ModelError
from latent_studio.storage.foreign import nvidia_stylegan2, nvidia_stylegan3
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format, NotThisFormat
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.state_dicts import any_dict, dicts_of
from latent_studio.storage.foreign.tensors import StoredTensor

TITLE = "state dict"
_NOTE = (
    "The file has weights without settings; those that the shapes do not tell are the usual ones, "
    "so clamping and filters may differ from the original's."
)


def is_generator(names: Any) -> bool:
    return nvidia_stylegan2.is_generator(names) or nvidia_stylegan3.is_generator(names)


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
    family = networks[0].spec.architecture
    return ForeignModel(
        f"{TITLE} ({'StyleGAN3' if family == 'stylegan3' else 'StyleGAN2'})",
        generators[0][0] or "the file",
        networks[0],
        networks[1] if len(networks) > 1 else None,
        judge,
        (_NOTE,),
    )


def _generator(tensors: Mapping[str, StoredTensor], options: Options) -> ForeignNetwork:
    if nvidia_stylegan3.is_generator(tensors):
        return nvidia_stylegan3.generator(tensors, options)
    return nvidia_stylegan2.generator(tensors, options, ada=True)


FORMAT = Format(TITLE, any_dict(is_generator), translate)

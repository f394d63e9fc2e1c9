"""BigGAN-deep as published for PyTorch: ``pytorch_model.bin`` with ``config.json`` beside it."""

from collections.abc import Mapping
from typing import Any

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format, NotThisFormat
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.state_dicts import any_dict, dicts_of, numbered
from latent_studio.storage.foreign.tensors import StoredTensor

TITLE = "BigGAN-deep"
_STEM = 16


def is_generator(names: Any) -> bool:
    return "embeddings.weight" in names and "generator.gen_z.weight_orig" in names


def translate(content: Content) -> ForeignModel:
    """The generator; names are ours as they are.

    Raises
    ------
    ModelError
        If a tensor is missing or of an impossible shape, or the settings do not fit them.
    """
    key, tensors = dicts_of(content, is_generator)[0]
    options = Options({}, content.config)
    try:
        config = _config(tensors, options)
    except (NotThisFormat, LookupError) as error:
        raise ModelError(f"The BigGAN in this file is damaged: {error}.") from error
    notes: tuple[str, ...] = ()
    if "eps" not in options.arguments:
        notes = ("There is no config.json beside the file; the usual eps of 1e-4 is used.",)
    network = ForeignNetwork(ModelSpec("biggan-deep", config), dict(tensors))
    names = _class_names(options.arguments.get("id2label"), config["num_classes"])
    facts = {"classes": names} if names else {}
    return ForeignModel(TITLE, key or "generator", network, notes=notes, facts=facts)


def _config(tensors: Mapping[str, StoredTensor], options: Options) -> dict[str, Any]:
    """The settings, from the shapes: up-sampling alone is not to be seen in them."""
    z_dim, classes = tensors["embeddings.weight"].shape
    width = tensors["generator.conv_to_rgb.weight_orig"].shape[0]
    attention = numbered(tensors, r"generator\.layers\.(\d+)\.gamma")
    places = numbered(tensors, r"generator\.layers\.(\d+)\.conv_0\.weight_orig")
    if not places or len(attention) > 1 or width < 1:
        raise NotThisFormat("its blocks are not those of a BigGAN-deep")
    sizes = []
    for place in places:
        path = f"generator.layers.{place}"
        into = tensors[f"{path}.conv_0.weight_orig"].shape[1]
        out = tensors[f"{path}.conv_3.weight_orig"].shape[0]
        sizes.append((into // width, out // width))
    stated = _stated_layers(options.arguments.get("layers"), sizes)
    layers = stated or _usual_layers(sizes)
    return {
        "output_dim": 4 << sum(up for up, _, _ in layers),
        "z_dim": z_dim,
        "channel_width": width,
        "num_classes": classes,
        "layers": [list(layer) for layer in layers],
        # Behind the last block there is none.
        "attention_layer_position": attention[0] if attention else len(places),
        "eps": options.real("eps", 1e-4),
        "n_stats": tensors["generator.bn.running_means"].shape[0],
    }


def _class_names(stated: Any, count: int) -> list[str]:
    """Names of all classes from ``id2label`` of ``config.json`` (number to name), or none."""
    if not isinstance(stated, dict):
        return []
    names = [stated.get(str(number), stated.get(number)) for number in range(count)]
    return [name for name in names if isinstance(name, str)] if all(names) else []


def _stated_layers(stated: Any, sizes: list[tuple[int, int]]) -> list[tuple[bool, int, int]] | None:
    """The layers of ``config.json``, if they are those of the tensors."""
    if not isinstance(stated, list) or len(stated) != len(sizes):
        return None
    layers = [tuple(layer) for layer in stated if isinstance(layer, list) and len(layer) == 3]
    if [layer[1:] for layer in layers] != sizes:
        return None
    return [(bool(up), into, out) for up, into, out in layers]


def _usual_layers(sizes: list[tuple[int, int]]) -> list[tuple[bool, int, int]]:
    """Published networks alternate: a block that keeps the size, then one that doubles it."""
    return [(index % 2 == 1, into, out) for index, (into, out) in enumerate(sizes)]


FORMAT = Format(TITLE, any_dict(is_generator), translate)

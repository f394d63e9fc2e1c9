"""Style mixing: some layers take their styles from other latents (Karras et al. 2019).

Early layers of a style-based generator set pose and shape, middle ones features, late ones colour.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.recipe import LatentSource, Recipe

LayerGroup: TypeAlias = Literal["coarse", "middle", "fine"]
GROUPS: tuple[LayerGroup, ...] = ("coarse", "middle", "fine")


def layer_groups(num_ws: int) -> dict[LayerGroup, range]:
    """Split layers into coarse (4² to 8²), middle (16² to 32²) and fine (the rest).

    In StyleGAN these are layers 0-3, 4-7 and the others (Karras et al. 2019, figure 3). Networks
    with fewer than 10 layers are cut into thirds, so that no group is empty where there are three
    layers or more.
    """
    if num_ws >= 10:
        first, second = 4, 8
    else:
        first, second = (num_ws + 2) // 3, (2 * num_ws + 2) // 3
    return {"coarse": range(first), "middle": range(first, second), "fine": range(second, num_ws)}


def group_layers(group: str, num_ws: int) -> range:
    """Layers of a group by name.

    Raises
    ------
    OptionError
        If there is no such group.
    """
    groups = layer_groups(num_ws)
    if group not in groups:
        raise OptionError(f"There is no layer group '{group}'; choose {', '.join(GROUPS)}.")
    return groups[group]


def parse_layers(text: str, num_ws: int) -> tuple[int, ...]:
    """Layers written as ``0-3``, ``0,2,5-7``, ``coarse`` or a mixture; sorted, each once.

    Raises
    ------
    OptionError
        If the text cannot be read or names a layer that the model lacks.
    """
    layers: set[int] = set()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        layers.update(_parse_part(part, num_ws))
    if not layers:
        raise OptionError("Name at least one layer, such as 0-3, or coarse, middle or fine.")
    if max(layers) >= num_ws:
        raise OptionError(
            f"Layer {max(layers)} does not exist: this model has layers 0 to {num_ws - 1}."
        )
    return tuple(sorted(layers))


def with_layers(
    recipe: Recipe, layers: Iterable[int], source: LatentSource | None, strength: float = 1.0
) -> Recipe:
    """Let several layers take their styles from ``source`` (None gives them back)."""
    for layer in layers:
        recipe = recipe.with_layer(layer, source, strength)
    return recipe


def mix_layers(ws: Tensor, mixes: Sequence[tuple[int, float]], others: Sequence[Tensor]) -> Tensor:
    """Move rows of ``ws`` towards the same rows of other latents.

    Parameters
    ----------
    ws
        ``[N, num_ws, w_dim]``, after truncation; left as it is.
    mixes
        ``(layer, strength)`` pairs; strength 0 keeps the row, 1 takes the other's, values beyond
        extrapolate. Pairs of one layer act one after the other.
    others
        ``[N, num_ws, w_dim]`` for each pair, after truncation.
    """
    mixed = ws.clone()
    for (layer, strength), other in zip(mixes, others, strict=True):
        row = other[:, layer]
        mixed[:, layer] = row if strength == 1 else torch.lerp(mixed[:, layer], row, strength)
    return mixed


def _parse_part(part: str, num_ws: int) -> range:
    if part in GROUPS:
        return group_layers(part, num_ws)
    first, dash, last = part.partition("-")
    try:
        start, end = int(first), int(last) if dash else int(first)
    except ValueError as error:
        raise OptionError(
            f"'{part}' is no layer: write numbers such as 0-3, or {', '.join(GROUPS)}."
        ) from error
    if start < 0 or end < start:
        raise OptionError(f"'{part}' is no range of layers; write the smaller number first.")
    return range(start, end + 1)

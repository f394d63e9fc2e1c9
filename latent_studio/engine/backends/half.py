"""What float16 needs that shorter ranges of numbers would break otherwise."""

import copy
from typing import Any, cast

import torch

from latent_studio.models.base import Synthesis

FP16_RESOLUTIONS = 4
CONV_CLAMP = 256.0


def for_dtype(synthesis: Synthesis, dtype: torch.dtype) -> Synthesis:
    """The network that is right in ``dtype``: itself, but for float16 (:func:`for_half`)."""
    return for_half(synthesis) if dtype == torch.float16 else synthesis


def for_half(synthesis: Synthesis) -> Synthesis:
    """A copy whose low resolutions stay in float32 and whose activations are bounded.

    As StyleGAN2 does it for float16 (Karras et al. 2020, arXiv:2006.06676): the four highest
    resolutions in half precision, clamped at 256. What a network says of itself stays; one that
    says everything is given back as it is.
    """
    open_layers = any(_open(module) for module in synthesis.modules())
    all_half = getattr(synthesis, "num_fp16_res", 0) is None
    if not (open_layers or all_half):
        return synthesis
    changed = copy.deepcopy(synthesis)
    if all_half:
        cast(Any, changed).num_fp16_res = FP16_RESOLUTIONS
    for module in changed.modules():
        if _open(module):
            cast(Any, module).conv_clamp = CONV_CLAMP
    return changed


def _open(module: torch.nn.Module) -> bool:
    """Whether it could clamp and does not."""
    return getattr(module, "conv_clamp", 0.0) is None

"""Variables of NVIDIA's TensorFlow StyleGAN2 to the names and layouts of PyTorch.

Kernels are ``[h, w, in, out]`` there. Those of up-sampling convolutions of the generator are
turned by 180 degrees as well; the biases of the styles are stored without their 1.
"""

import re
from collections.abc import Callable, Mapping

from torch import Tensor

from latent_studio.storage.foreign.tensors import StoredTensor

Change = Callable[[Tensor], Tensor]


def same(tensor: Tensor) -> Tensor:
    return tensor


def dense(tensor: Tensor) -> Tensor:
    return tensor.t()


def kernel(tensor: Tensor) -> Tensor:
    return tensor.permute(3, 2, 0, 1)


def turned(tensor: Tensor) -> Tensor:
    return tensor.permute(3, 2, 0, 1).flip(2, 3)


def plus_one(tensor: Tensor) -> Tensor:
    return tensor + 1


def first(tensor: Tensor) -> Tensor:
    return tensor[0]


def plane(tensor: Tensor) -> Tensor:
    return tensor[0, 0]


def scalar(tensor: Tensor) -> Tensor:
    return tensor.reshape(())


# Views of the same shape, for changes that copy.
_VIEWS: Mapping[Change, Change] = {turned: kernel, plus_one: same}
# Patterns of variables, what they become, and how their tensors change.
_STYLED: tuple[tuple[str, str, Change], ...] = (
    (r"mod_weight", "affine.weight", dense),
    (r"mod_bias", "affine.bias", plus_one),
    (r"noise_strength", "noise_strength", scalar),
    (r"bias", "bias", same),
)
_GENERATOR: tuple[tuple[str, str, Change], ...] = (
    (r"dlatent_avg", "mapping.w_avg", same),
    (r"mapping/Dense(\d+)/weight", r"mapping.fc\1.weight", dense),
    (r"mapping/Dense(\d+)/bias", r"mapping.fc\1.bias", same),
    (r"mapping/LabelEmbed/weight", "mapping.embed.weight", dense),
    (r"mapping/LabelEmbed/bias", "mapping.embed.bias", same),
    (r"synthesis/4x4/Const/const", "synthesis.b4.const", first),
    (r"synthesis/4x4/Conv/weight", "synthesis.b4.conv1.weight", kernel),
    (r"synthesis/(\d+)x\1/Conv0_up/weight", r"synthesis.b\1.conv0.weight", turned),
    (r"synthesis/(\d+)x\1/Conv1/weight", r"synthesis.b\1.conv1.weight", kernel),
    (r"synthesis/(\d+)x\1/ToRGB/weight", r"synthesis.b\1.torgb.weight", kernel),
    (r"synthesis/(\d+)x\1/Skip/weight", r"synthesis.b\1.skip.weight", turned),
    *((rf"synthesis/4x4/Conv/{a}", f"synthesis.b4.conv1.{b}", c) for a, b, c in _STYLED),
    *(
        (rf"synthesis/(\d+)x\1/{theirs}/{a}", rf"synthesis.b\1.{own}.{b}", c)
        for theirs, own in (("Conv0_up", "conv0"), ("Conv1", "conv1"), ("ToRGB", "torgb"))
        for a, b, c in _STYLED
    ),
)
_DISCRIMINATOR: tuple[tuple[str, str, Change], ...] = (
    *(
        (rf"(\d+)x\1/{theirs}/{part}", rf"b\1.{own}.{part}", change)
        for theirs, own in (
            ("FromRGB", "fromrgb"),
            ("Conv0", "conv0"),
            ("Conv1_down", "conv1"),
            ("Skip", "skip"),
            ("Conv", "conv"),
        )
        for part, change in (("weight", kernel), ("bias", same))
    ),
    (r"4x4/Dense0/weight", "b4.fc.weight", dense),
    (r"4x4/Dense0/bias", "b4.fc.bias", same),
    (r"Output/weight", "b4.out.weight", dense),
    (r"Output/bias", "b4.out.bias", same),
    (r"LabelEmbed/weight", "mapping.embed.weight", dense),
    (r"LabelEmbed/bias", "mapping.embed.bias", same),
    (r"Mapping(\d+)/weight", r"mapping.fc\1.weight", dense),
    (r"Mapping(\d+)/bias", r"mapping.fc\1.bias", same),
)


def generator_names(variables: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """A generator's variables by PyTorch's names; what has none, such as ``lod``, is left out."""
    found = _renamed(variables, _GENERATOR)
    for name, tensor in variables.items():
        noise = re.fullmatch(r"synthesis/noise(\d{1,3})", name)
        if noise:
            found[f"{_noisy_layer(int(noise[1]))}.noise_const"] = tensor.then(plane)
    return found


def discriminator_names(variables: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """A discriminator's variables by PyTorch's names."""
    return _renamed(variables, _DISCRIMINATOR)


def _renamed(
    variables: Mapping[str, StoredTensor], rules: tuple[tuple[str, str, Change], ...]
) -> dict[str, StoredTensor]:
    found: dict[str, StoredTensor] = {}
    for name, tensor in variables.items():
        for pattern, own, change in rules:
            match = re.fullmatch(pattern, name)
            if match:
                found[match.expand(own)] = tensor.then(change, _VIEWS.get(change))
                break
    return found


def _noisy_layer(index: int) -> str:
    """The layer that the fixed noise ``index`` belongs to: 0 is at 4x4, then two a resolution."""
    side = 4 << ((index + 1) // 2)
    return f"synthesis.b{side}.conv{0 if index % 2 and side > 4 else 1}"

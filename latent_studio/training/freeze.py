"""Layers that do not learn."""

from torch import nn

from latent_studio.errors import OptionError


def freeze_first_layers(network: nn.Module, count: int) -> None:
    """Let the first ``count`` layers of a discriminator, from the picture on, learn no more.

    Mo, Cho, Shin 2020, arXiv:2002.10964.

    Raises
    ------
    OptionError
        If nothing would be left to learn.
    """
    if not count:
        return
    names = [name for name, _ in network.named_parameters()]
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    if count >= len(layers):
        raise OptionError(
            f"'freeze_d' is {count}, but the discriminator has {len(layers)} layers; at least one "
            "must learn."
        )
    kept = set(layers[:count])
    for name, param in network.named_parameters():
        if name.rpartition(".")[0] in kept:
            param.requires_grad_(False)

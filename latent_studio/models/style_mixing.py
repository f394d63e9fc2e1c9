"""Mixing regularisation (Karras et al. 2019, arXiv:1812.04948, section 3.1)."""

from collections.abc import Callable

import torch
from torch import Tensor

from latent_studio.models.draws import RandomSource, normal, shared_uniform


def mix_styles(
    ws: Tensor,
    z: Tensor,
    mapping: Callable[[Tensor], Tensor],
    probability: float,
    source: RandomSource | None,
    layers: int | None = None,
) -> Tensor:
    """Now and then let the layers from a random one on take their style from other latents.

    Parameters
    ----------
    ws
        ``[N, num_ws, w_dim]``.
    z
        ``[N, z_dim]``; gives the shape of the others.
    mapping
        z to w ``[N, w_dim]``.
    probability
        The chance that a batch is mixed.
    layers
        How many layers are in use; None for all.
    """
    num_ws = ws.shape[1]
    draw = shared_uniform(2, source, z.device)
    other = normal(z.shape, source, z.device)
    crossover = (draw[0] * ((layers or num_ws) - 1)).floor() + 1
    crossover = torch.where(draw[1] < probability, crossover, float(num_ws))
    late = torch.arange(num_ws, device=z.device) >= crossover
    return torch.where(late[None, :, None], mapping(other).unsqueeze(1), ws)

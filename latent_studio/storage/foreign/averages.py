"""The centre of truncation where a file has none: the mean of w over random z."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from latent_studio.models.layers import MappingNetwork
from latent_studio.storage.foreign.tensors import StoredTensor

_SAMPLES = 10_000
_BATCH = 1_000


@torch.no_grad()
def mean_style(tensors: Mapping[str, StoredTensor], config: Mapping[str, Any]) -> Tensor:
    """The mean of w over ten thousand z and, if it is conditional, random classes.

    Parameters
    ----------
    tensors
        Those of the mapping network, with the prefix ``mapping.``.
    config
        The generator's.

    Returns
    -------
    Tensor
        float32 ``[w_dim]``, the same each time.
    """
    z_dim, c_dim = int(config["z_dim"]), int(config["c_dim"])
    options = {**config["mapping_kwargs"], "w_avg_beta": None}
    network = MappingNetwork(z_dim, c_dim, int(config["w_dim"]), **options)
    loaded = {name.removeprefix("mapping."): t.load().float() for name, t in tensors.items()}
    network.load_state_dict(loaded)
    draw = torch.Generator().manual_seed(0)
    total = torch.zeros(int(config["w_dim"]), dtype=torch.float64)
    for _ in range(_SAMPLES // _BATCH):
        z = torch.randn(_BATCH, z_dim, generator=draw)
        c = None
        if c_dim:
            chosen = torch.randint(c_dim, (_BATCH,), generator=draw)
            c = torch.nn.functional.one_hot(chosen, c_dim).float()
        total += network(z, c).double().sum(dim=0)
    return (total / _SAMPLES).float()

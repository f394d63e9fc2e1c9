"""Layers shared by the style-based networks.

*Equalised learning rate* (Karras et al. 2018, arXiv:1710.10196): weights are stored with unit
variance and scaled by ``1 / sqrt(fan_in)`` when used.

Leaky ReLU is positively homogeneous, so a gain behind it is folded into what stands before it: one
pass over the activations less.
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SQRT2 = math.sqrt(2.0)
_ALPHA = 0.2
_DEFAULT_GAIN = {"linear": 1.0, "relu": SQRT2, "lrelu": SQRT2, "tanh": 1.0, "sigmoid": 1.0}
_DEFAULT_GAIN |= {"elu": 1.0, "selu": 1.0, "softplus": 1.0, "swish": SQRT2}
_FUNCTIONS: dict[str, Any] = {
    "linear": lambda x: x,
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "elu": F.elu,
    "selu": F.selu,
    "softplus": F.softplus,
    "swish": F.silu,
}


def default_gain(activation: str) -> float:
    """The gain that keeps unit variance, by activation name."""
    return _DEFAULT_GAIN[activation]


def bias_act(
    x: Tensor,
    b: Tensor | None = None,
    dim: int = 1,
    act: str = "linear",
    alpha: float | None = None,
    gain: float | None = None,
    clamp: float | None = None,
) -> Tensor:
    """Add a bias along ``dim``, activate, multiply by ``gain``, clamp to ``[-clamp, clamp]``.

    ``alpha`` (slope of lrelu, 0.2) and ``gain`` default to what the activation wants.
    """
    if b is not None:
        x = x + b.to(x.dtype).reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    if act == "lrelu":
        x = F.leaky_relu(x, _ALPHA if alpha is None else alpha)
    else:
        x = _FUNCTIONS[act](x)
    gain = _DEFAULT_GAIN[act] if gain is None else gain
    x = x * gain if gain != 1 else x
    return x.clamp(-clamp, clamp) if clamp is not None and clamp >= 0 else x


def activate(x: Tensor, act: str, clamp: float | None) -> Tensor:
    """Activate and clamp pre-scaled values; in place where no gradient is recorded."""
    inplace = not torch.is_grad_enabled()
    if act == "lrelu":
        x = F.leaky_relu(x, _ALPHA, inplace=inplace)
    elif act == "relu":
        x = F.relu(x, inplace=inplace)
    elif act != "linear":
        x = _FUNCTIONS[act](x)
    if clamp is None:
        return x
    return x.clamp_(-clamp, clamp) if inplace else x.clamp(-clamp, clamp)


def normalize_2nd_moment(x: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Scale to unit mean square along ``dim``."""
    return x * (x.square().mean(dim=dim, keepdim=True) + eps).rsqrt()


class EqualLinear(nn.Module):
    """Dense layer with equalised learning rate; ``x`` ``[N, in]`` to ``[N, out]``.

    Parameters
    ----------
    lr_multiplier
        Slows this layer's learning (0.01 in the mapping network).
    bias_init
        Value that the bias has in effect at the start.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        activation: str = "linear",
        lr_multiplier: float = 1.0,
        bias_init: float = 0.0,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.empty(out_features))
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        self.bias_gain = lr_multiplier
        self.bias_init = bias_init

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, std=1 / self.bias_gain, generator=generator)
        nn.init.constant_(self.bias, self.bias_init / self.bias_gain)

    def forward(self, x: Tensor) -> Tensor:
        gain = default_gain(self.activation)
        homogeneous = self.activation in ("linear", "relu", "lrelu")
        inner = gain if homogeneous else 1.0
        x = torch.addmm(
            self.bias,
            x,
            self.weight.t(),
            beta=self.bias_gain * inner,
            alpha=self.weight_gain * inner,
        )
        x = activate(x, self.activation, None)
        return x if homogeneous or gain == 1 else x * gain


class MappingNetwork(nn.Module):
    """z and class to w (Karras et al. 2019, arXiv:1812.04948).

    Parameters
    ----------
    z_dim
        0 for a network that maps the class alone (conditional discriminators).
    w_avg_beta
        Decay of the running mean of w; None keeps none.
    """

    w_avg: Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        num_layers: int = 8,
        embed_features: int | None = None,
        layer_features: int | None = None,
        activation: str = "lrelu",
        lr_multiplier: float = 0.01,
        w_avg_beta: float | None = 0.998,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.num_layers, self.w_avg_beta = num_layers, w_avg_beta
        embed = 0 if c_dim == 0 else embed_features or w_dim
        widths = [z_dim + embed, *[layer_features or w_dim] * (num_layers - 1), w_dim]
        if c_dim > 0:
            self.embed = EqualLinear(c_dim, embed)
        for i in range(num_layers):
            layer = EqualLinear(widths[i], widths[i + 1], activation, lr_multiplier)
            self.add_module(f"fc{i}", layer)
        if w_avg_beta is not None:
            self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        """``[N, z_dim]`` (and ``[N, c_dim]``) to w ``[N, w_dim]``, not truncated."""
        parts = []
        if self.z_dim > 0:
            assert z is not None
            parts.append(normalize_2nd_moment(z.float()))
        if self.c_dim > 0:
            if c is None:
                raise ValueError("a conditional network needs class labels")
            parts.append(normalize_2nd_moment(self.embed(c.float())))
        x = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
        for i in range(self.num_layers):
            x = getattr(self, f"fc{i}")(x)
        return x

    @torch.no_grad()
    def track(self, w: Tensor) -> None:
        """Move ``w_avg`` towards the mean of a training batch ``[N, w_dim]``."""
        if self.w_avg_beta is not None:
            self.w_avg.lerp_(w.detach().float().mean(dim=0), 1 - self.w_avg_beta)


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Let every layer of ``network`` draw its start values from ``generator``, in module order."""
    for module in network.modules():
        start = getattr(module, "initialise", None)
        if start is not None:
            start(generator)


def has_batch_statistics(network: nn.Module) -> bool:
    """Whether ``network`` normalises with statistics of the batch, which mixes its pictures.

    Batch normalisation does; so does a module with the attribute ``batch_statistics = True``.
    Minibatch standard deviation is no normalisation and does not count.
    """
    return any(
        isinstance(part, nn.modules.batchnorm._BatchNorm)
        or getattr(part, "batch_statistics", False) is True
        for part in network.modules()
    )

"""StyleGAN3 on the CPU against the plain way of filtering, interleaved; below a minute.

    python tests/bench/bench_stylegan3.py

The plain way pads, stuffs with zeros and filters (``models.resample.upfirdn2d``) in the default
memory layout, and leaves padding to the convolutions. Networks, weights and pictures are the same.
"""

import statistics
import time
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.models import stylegan3_layers
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.models.resample import upfirdn2d

BATCH, ROUNDS = 4, 5
SETTINGS: dict[str, Any] = {
    "z_dim": 128,
    "w_dim": 128,
    "img_resolution": 64,
    "num_layers": 8,
    "margin_size": 4,
    "conv_clamp": None,
}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "T": {"channel_base": 2048, "channel_max": 64},
    "R": {
        "channel_base": 4096,
        "channel_max": 128,
        "conv_kernel": 1,
        "use_radial_filters": True,
    },
}


def plain_filtered_lrelu(
    x: Tensor,
    fu: Tensor | None,
    fd: Tensor | None,
    *,
    up: int,
    down: int,
    padding: tuple[int, ...],
    gain: float,
    slope: float,
    clamp: float | None,
) -> Tensor:
    x = upfirdn2d(x.contiguous(), fu, up=up, padding=padding, gain=up**2)
    x = F.leaky_relu(x, slope) * gain
    x = x if clamp is None else x.clamp(-clamp, clamp)
    return upfirdn2d(x, fd, down=down)


def plain_conv2d(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x.contiguous(), weight, padding=weight.shape[-1] - 1)


WAYS = {
    "ours": (stylegan3_layers.filtered_lrelu, stylegan3_layers._full_conv2d),
    "plain": (plain_filtered_lrelu, plain_conv2d),
}


def measure(config: dict[str, Any]) -> None:
    g = build_generator(ModelSpec("stylegan3", {**SETTINGS, **config}))
    z = torch.randn(BATCH, g.capabilities.z_dim, generator=torch.Generator().manual_seed(0))
    spent: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for way, functions in WAYS.items():
            stylegan3_layers.filtered_lrelu, stylegan3_layers._full_conv2d = functions
            began = time.process_time()
            with torch.no_grad():
                g.eval()(z)
            between = time.process_time()
            g.train()(z).square().mean().backward()
            ended = time.process_time()
            spent.setdefault((way, "forward"), []).append(between - began)
            spent.setdefault((way, "forward and backward"), []).append(ended - between)
    for what in ("forward", "forward and backward"):
        ours, plain = (statistics.median(spent[way, what]) * 1e3 / BATCH for way in WAYS)
        print(f"  {what}: {ours:.0f} ms of CPU a picture, plain {plain:.0f}: {plain / ours:.2f} x")


def main() -> None:
    torch.set_num_threads(1)
    for name, config in CONFIGURATIONS.items():
        print(f"StyleGAN3-{name}, 64 x 64")
        measure(config)


if __name__ == "__main__":
    main()

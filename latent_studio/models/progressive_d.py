"""What discriminators that grow have in common (Karras et al. 2018, arXiv:1710.10196)."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from latent_studio.models.base import Discriminator
from latent_studio.models.conditional import projection
from latent_studio.models.draws import RandomSource
from latent_studio.models.plain import at_least_float32
from latent_studio.models.progressive import Growth, Progressive, blend, shrink
from latent_studio.models.stylegan2_layers import MinibatchStd


class Scoring(nn.Module):
    """Features at 4x4 to scores: minibatch deviation, a convolution and two dense layers.

    Parameters
    ----------
    conv, dense, out
        The layers, activations included: ``[N, C + mbstd_num_channels, 4, 4]`` to
        ``[N, C, 4, 4]``, flattened to ``[N, C]``, to ``[N, 1]``.
    channels
        C.
    c_dim
        With classes the score includes the projection onto the class
        (Miyato and Koyama 2018, arXiv:1802.05637).
    """

    def __init__(
        self,
        conv: nn.Module,
        dense: nn.Module,
        out: nn.Module,
        channels: int,
        c_dim: int,
        mbstd_group_size: int | None,
        mbstd_num_channels: int,
    ) -> None:
        super().__init__()
        self.mbstd = (
            MinibatchStd(mbstd_group_size, mbstd_num_channels) if mbstd_num_channels else None
        )
        self.conv, self.dense, self.out = conv, dense, out
        self.project = projection(c_dim, "projection", channels)

    def forward(self, x: Tensor, c: Tensor | None) -> Tensor:
        x = x if self.mbstd is None else self.mbstd(x)
        x = self.dense(self.conv(x).flatten(1))
        scores: Tensor = self.out(x)
        return scores if self.project is None else scores + self.project(x, c)


class GrowingDiscriminator(Progressive, Discriminator):
    """Reads the picture at the resolution of its stage and halves it block by block.

    Parameters
    ----------
    sides, channels
        The resolutions from 4 on, and the features at each.
    from_rgb
        Makes the layer that reads pictures, given its features.
    block
        Makes the layers of a resolution, given the features it takes and gives; they halve it.
    scoring
        The end.
    """

    def __init__(
        self,
        sides: Sequence[int],
        channels: Sequence[int],
        from_rgb: Callable[[int], nn.Module],
        block: Callable[[int, int], nn.Module],
        scoring: Scoring,
    ) -> None:
        super().__init__()
        self.scale = Growth(sides)
        top = len(sides) - 1
        # In the order in which a grown network applies them: freezing counts from the picture on.
        self.add_module(f"from_rgb{sides[top]}", from_rgb(channels[top]))
        for stage in range(top, 0, -1):
            self.add_module(f"b{sides[stage]}", block(channels[stage], channels[stage - 1]))
        self.scoring = scoring
        for stage in range(top - 1, -1, -1):
            self.add_module(f"from_rgb{sides[stage]}", from_rgb(channels[stage]))

    @property
    def growth(self) -> Growth:
        return self.scale

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        fade = self.growth.fade
        img = self.growth.fit(img).to(dtype=dtype, memory_format=torch.channels_last)
        x = self._part("from_rgb", fade.high)(img)
        for stage in range(fade.high, 0, -1):
            x = self._part("b", stage)(x)
            if stage == fade.high and not fade.steady:
                x = blend(self._part("from_rgb", fade.low)(shrink(img)), x, fade)
        scores: Tensor = self.scoring(at_least_float32(x), c)
        return scores

    def _part(self, kind: str, stage: int) -> nn.Module:
        part = getattr(self, f"{kind}{self.resolutions[stage]}")
        assert isinstance(part, nn.Module)
        return part

"""Sampling rates, cutoffs and sizes of StyleGAN3's layers (arXiv:2106.12423, section 3).

Lengths are in units of the picture's edge, so that frequencies count cycles per edge. Every layer
passes frequencies up to its cutoff and suppresses those beyond its stopband; both grow
geometrically from the first layer to the first critically sampled one and are constant from there.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from latent_studio.errors import OptionError

Padding = tuple[int, int, int, int]


class Signal(NamedTuple):
    """A feature map: its channels and pixels per edge (margins included), and its spectrum.

    ``half_width`` is half the transition band of the filter that makes it.
    """

    channels: int
    size: int
    rate: int
    cutoff: float
    half_width: float


@dataclass(frozen=True)
class LayerGeometry:
    """What one layer turns into what.

    Attributes
    ----------
    source, target
        The feature maps before and after.
    is_rgb
        Whether it is the last layer, which neither up-samples nor bends.
    is_critical
        Whether its output is sampled at twice its cutoff, without room for a gentle filter.
    inner_rate
        Sampling rate at which the nonlinearity is applied.
    """

    source: Signal
    target: Signal
    is_rgb: bool
    is_critical: bool
    inner_rate: int

    @property
    def up(self) -> int:
        return self.inner_rate // self.source.rate

    @property
    def down(self) -> int:
        return self.inner_rate // self.target.rate

    def taps(self, factor: int, filter_size: int) -> int:
        """Length of the filter for a change of rate; 1 for none."""
        return 1 if factor == 1 or self.is_rgb else filter_size * factor

    def padding(self, kernel_size: int, filter_size: int) -> Padding:
        """What the up-sampled map lacks at its sides so that ``target.size`` pixels come out.

        ``kernel_size`` is that of the convolution before, padded by one less than its size. The
        centres of source and target coincide.
        """
        up, down = self.up, self.down
        wanted = (self.target.size - 1) * down + 1
        wanted += self.taps(up, filter_size) - 1 + self.taps(down, filter_size) - 1
        total = wanted - (self.source.size + kernel_size - 1) * up
        low = (total + up) // 2
        return low, total - low, low, total - low


def signals(
    img_resolution: int,
    img_channels: int,
    channel_base: int = 32768,
    channel_max: int = 512,
    num_layers: int = 14,
    num_critical: int = 2,
    first_cutoff: float = 2.0,
    first_stopband: float = 2**2.1,
    last_stopband_rel: float = 2**0.3,
    margin_size: int = 10,
) -> list[Signal]:
    """Outputs of layers 0 to ``num_layers``, the last of which is the picture.

    The Fourier features that enter layer 0 look like its output.

    Raises
    ------
    OptionError
        If no such filters exist.
    """
    _check(img_resolution, num_layers, num_critical)
    last_cutoff = img_resolution / 2
    last_stopband = last_cutoff * last_stopband_rel
    if not 0 < first_cutoff <= last_cutoff:
        raise OptionError(
            f"first_cutoff must be above 0 and at most half the resolution, not {first_cutoff}."
        )
    found = []
    for index in range(num_layers + 1):
        progress = min(index / (num_layers - num_critical), 1.0)
        cutoff = first_cutoff * (last_cutoff / first_cutoff) ** progress
        stopband = first_stopband * (last_stopband / first_stopband) ** progress
        rate = 2 ** math.ceil(math.log2(min(2 * stopband, img_resolution)))
        half_width = max(stopband, rate / 2) - cutoff
        if half_width <= 0:
            raise OptionError(
                f"Layer {index} would have to stop frequencies below those that it passes: raise "
                "first_stopband or last_stopband_rel."
            )
        is_picture = index == num_layers
        channels = max(1, min(round(channel_base / 2 / cutoff), channel_max))
        size = img_resolution if index >= num_layers - 1 else rate + 2 * margin_size
        found.append(
            Signal(img_channels if is_picture else channels, size, rate, cutoff, half_width)
        )
    if found[0].rate <= 2 * first_cutoff:
        raise OptionError(
            "There is no room above the first cutoff: raise first_stopband or the resolution."
        )
    return found


def layer_geometries(
    outputs: list[Signal], num_critical: int, lrelu_upsampling: int
) -> list[LayerGeometry]:
    """The layers that make ``outputs`` one of another."""
    layers = []
    count = len(outputs) - 1
    for index, target in enumerate(outputs):
        source = outputs[max(index - 1, 0)]
        is_rgb = index == count
        inner = max(source.rate, target.rate) * (1 if is_rgb else lrelu_upsampling)
        layers.append(LayerGeometry(source, target, is_rgb, index >= count - num_critical, inner))
    return layers


def _check(img_resolution: int, num_layers: int, num_critical: int) -> None:
    if img_resolution < 8 or img_resolution & (img_resolution - 1):
        raise OptionError(f"The resolution must be a power of two from 8, not {img_resolution}.")
    if not 0 <= num_critical < num_layers:
        raise OptionError(
            f"num_layers ({num_layers}) must be above num_critical ({num_critical}), and that at "
            "least 0."
        )

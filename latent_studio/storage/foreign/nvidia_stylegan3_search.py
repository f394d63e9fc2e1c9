"""What a StyleGAN3's names and filters tell of settings that its file does not state.

Layers are named after their sizes and channels, and the low-pass filters are stored: only settings
whose design has all of them are believed. A filter of another design in a network of the right
shape would make wrong pictures without a word.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from latent_studio.errors import ModelError, OptionError
from latent_studio.models.stylegan3_geometry import (
    LayerGeometry,
    Signal,
    layer_geometries,
    signals,
)
from latent_studio.models.stylegan3_layers import layer_filters
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.tensors import StoredTensor

Tensors = Mapping[str, StoredTensor]
SPECTRUM = ("num_layers", "first_cutoff", "first_stopband", "last_stopband_rel")
_MAX_TAPS = 32  # a step of the sampling rate
_MAX_RATE = 16
_MAX_CRITICAL = 32  # that is searched
_MAX_FILTER = (_MAX_TAPS * _MAX_RATE) ** 2
_USUAL_CRITICAL, _USUAL_MARGIN, _USUAL_RATE, _USUAL_TAPS = 2, 10, 2, 6


@dataclass(frozen=True)
class Layer:
    """A layer by its name in the file."""

    path: str
    size: int
    channels: int


@dataclass(frozen=True)
class _Plan:
    """Settings of the network as a whole, and the signals that they make."""

    settings: Mapping[str, int]
    outputs: list[Signal]


def fitting_settings(
    tensors: Tensors, layers: Sequence[Layer], config: Mapping[str, Any], options: Options
) -> dict[str, int]:
    """The settings that shape the network: channels, critical layers, margin, rates and filters.

    Parameters
    ----------
    config
        Those that are known: the picture's, :data:`SPECTRUM` and ``use_radial_filters``.
    options
        What the file states. Where it has the arguments of the network, an absent one has the
        published default; otherwise one is searched.

    Raises
    ------
    ModelError
        If no settings make such layers.
    """
    plans = list(_plans(layers, config, options))
    if not plans:
        raise ModelError(
            f"Its layers have sizes and channels that follow no rule of StyleGAN3 "
            f"({_names(layers)}), so its network cannot be built."
        )
    for plan in plans:
        for rate, taps, geometries in _rates(tensors, layers, plan, options):
            radial = bool(config["use_radial_filters"])
            if _is_stated(options) or _agree(tensors, layers, geometries, taps, radial):
                return {**plan.settings, "lrelu_upsampling": rate, "filter_size": taps}
    lengths = sorted({tensor.shape[0] for tensor in _stored(tensors, layers) if tensor.shape})
    raise ModelError(
        f"Its filters, of {', '.join(map(str, lengths[:12])) or 'no'} taps, are not those that "
        f"StyleGAN3 designs for such layers ({_names(layers)}) with the usual cutoffs, and the "
        "file does not state its settings, so its network cannot be built."
    )


def _plans(layers: Sequence[Layer], config: Mapping[str, Any], options: Options) -> Iterator[_Plan]:
    """All that make layers of these sizes and channels; the usual ones first.

    Raises
    ------
    ModelError
        If what the file states is impossible.
    """
    others = range(min(int(config["num_layers"]), _MAX_CRITICAL + 1))
    criticals = _choices(options, "num_critical", _USUAL_CRITICAL, (0, 128), others)
    for critical in criticals:
        try:
            bare = _signals(config, {"num_critical": critical, "margin_size": 0})
        except (OptionError, ArithmeticError, ValueError) as error:
            if len(criticals) == 1:
                text = f"Its settings make no StyleGAN3 network: {error}"
                raise ModelError(text) from error
            continue
        # One layer before the picture has the picture's size, and tells no margin.
        seen = (layers[0].size - bare[0].size) // 2 if len(layers) > 2 else _USUAL_MARGIN
        if seen < 0:
            continue
        margin = _choices(options, "margin_size", seen, (0, 1024), [], _USUAL_MARGIN)[0]
        settings = {"num_critical": critical, "margin_size": margin}
        outputs = _signals(config, settings)
        if [signal.size for signal in outputs] == [layer.size for layer in layers]:
            yield from _with_channels(layers, config, settings, outputs, options)


def _with_channels(
    layers: Sequence[Layer],
    config: Mapping[str, Any],
    settings: Mapping[str, int],
    outputs: Sequence[Signal],
    options: Options,
) -> Iterator[_Plan]:
    """The plan with the rule for channels, the file's or one that fits; none if none does."""
    base = options.whole("channel_base", 32768, 1, 1 << 24)
    highest = options.whole("channel_max", 512, 1, 1 << 20)
    widths = [layer.channels for layer in layers[:-1]]
    guesses = [(base, highest), (base * 2, highest * 2)]
    guesses += [(1 << power, max(widths)) for power in range(5, 21)]
    guesses += [(_base_of(widths, outputs), max(widths))]
    for base, highest in guesses:
        channels = {"channel_base": base, "channel_max": highest}
        made = _signals(config, {**settings, **channels})
        if [signal.channels for signal in made[:-1]] == widths:
            yield _Plan({**settings, **channels}, made)
            return


def _base_of(widths: Sequence[int], outputs: Sequence[Signal]) -> int:
    """A base that gives all of the widths by rounding, if there is one.

    ``base / (2 cutoff)`` lies within half a channel of each width below the highest.
    """
    pairs = [(width, 2 * signal.cutoff) for width, signal in zip(widths, outputs, strict=False)]
    low = max((width - 0.5) * divisor for width, divisor in pairs)
    below = [(width + 0.5) * divisor for width, divisor in pairs if width < max(widths)]
    high = min(below, default=low + 2)
    return min(max(1, math.ceil((low + high) / 2)), 1 << 24)


def _signals(config: Mapping[str, Any], settings: Mapping[str, int]) -> list[Signal]:
    spectrum = {key: config[key] for key in SPECTRUM}
    return signals(config["img_resolution"], config["img_channels"], **spectrum, **settings)


def _rates(
    tensors: Tensors, layers: Sequence[Layer], plan: _Plan, options: Options
) -> Iterator[tuple[int, int, list[LayerGeometry]]]:
    """Possible rates of the bend, taps for a step of the sampling rate, and what they make."""
    limits = (1, _MAX_RATE)
    every = range(1, _MAX_RATE + 1)
    for rate in _choices(options, "lrelu_upsampling", _USUAL_RATE, limits, every):
        geometries = layer_geometries(plan.outputs, plan.settings["num_critical"], rate)
        seen = _taps(tensors, layers, geometries)
        for taps in _choices(options, "filter_size", seen, (1, _MAX_TAPS), [], _USUAL_TAPS):
            if 1 <= taps <= _MAX_TAPS:
                yield rate, taps, geometries


def _choices(
    options: Options,
    name: str,
    usual: int,
    limits: tuple[int, int],
    others: Sequence[int],
    default: int | None = None,
) -> list[int]:
    """What the file states, or ``default`` (else ``usual``) beside other statements, or any."""
    layer = "synthesis"
    if _is_stated(options) or options.find(name, None, layer) is not None:
        return [options.whole(name, usual if default is None else default, *limits, layer)]
    return [usual, *(other for other in others if other != usual)]


def _is_stated(options: Options) -> bool:
    """Whether the arguments are there, among which this one has no default."""
    return "img_resolution" in options.arguments


def _taps(tensors: Tensors, layers: Sequence[Layer], geometries: Sequence[LayerGeometry]) -> int:
    """Taps for a step of the rate, by the first filter; 0 where they do not fit its rate."""
    for layer, geometry in zip(layers, geometries, strict=True):
        for name, factor in (("up_filter", geometry.up), ("down_filter", geometry.down)):
            stored = tensors.get(f"{layer.path}.{name}")
            if stored is not None and stored.shape:
                fits = geometry.taps(factor, 1) == factor > 1 and stored.shape[0] % factor == 0
                return stored.shape[0] // factor if fits else 0
    return _USUAL_TAPS


def _agree(
    tensors: Tensors,
    layers: Sequence[Layer],
    geometries: Sequence[LayerGeometry],
    taps: int,
    radial: bool,
) -> bool:
    """Whether all stored filters are those of the design."""
    for layer, geometry in zip(layers, geometries, strict=True):
        up, down = (tensors.get(f"{layer.path}.{name}_filter") for name in ("up", "down"))
        for stored, factor in ((up, geometry.up), (down, geometry.down)):
            length = 1 if stored is None or not stored.shape else stored.shape[0]
            if length != geometry.taps(factor, taps):
                return False
        designed = layer_filters(geometry, taps, radial)
        if not all(map(_is_made, (up, down), designed)):
            return False
    return True


def _is_made(stored: StoredTensor | None, designed: torch.Tensor | None) -> bool:
    """Whether a stored filter is the designed one, but for its own rounding."""
    if stored is None or designed is None:
        return stored is None and designed is None
    if stored.shape != tuple(designed.shape) or stored.numel > _MAX_FILTER:
        return False
    if not stored.dtype.is_floating_point:
        return False
    allowed = max(1e-4, torch.finfo(stored.dtype).eps) * float(designed.abs().max())
    return float((stored.load().float() - designed).abs().max()) <= allowed


def _stored(tensors: Tensors, layers: Sequence[Layer]) -> Iterator[StoredTensor]:
    for layer, name in itertools.product(layers, ("up_filter", "down_filter")):
        if f"{layer.path}.{name}" in tensors:
            yield tensors[f"{layer.path}.{name}"]


def _names(layers: Sequence[Layer]) -> str:
    """The layers for people, the middle of long lists left out."""
    names = [layer.path.rpartition(".")[2] for layer in layers]
    return ", ".join(names if len(names) <= 8 else [*names[:4], "…", *names[-4:]])

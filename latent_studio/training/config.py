"""Everything that decides how a run goes, as one frozen value with JSON in and out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.models.base import ModelSpec
from latent_studio.training.losses import find_objective

CONFIG_VERSION = 1
PRECISIONS = ("auto", "fp32", "bf16")

# What may differ when a run is resumed: it changes how long, how often and where, not the method.
CHANGEABLE = frozenset(
    {
        "data",
        "device",
        "threads",
        "total_kimg",
        "tick_kimg",
        "grid_kimg",
        "snapshot_kimg",
        "checkpoint_kimg",
        "checkpoint_seconds",
    }
)


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Settings of a training run.

    Attributes
    ----------
    generator, discriminator
        The networks.
    data
        Data specification as ``latent_studio.data.source.open_source`` takes it.
    limit
        Use at most this many pictures of the data; 0 for all.
    classes
        Number of classes the networks are conditioned on; 0 for none.
    batch
        Pictures of each kind in a step.
    total_kimg
        Length of the run in thousands of real pictures shown.
    objective
        Name in ``latent_studio.training.losses.OBJECTIVES``.
    g_lr, d_lr, betas, eps
        Adam (Kingma and Ba 2015, arXiv:1412.6980).
    r1_gamma, r1_interval
        Weight of R1, and every how many steps it is applied (1: in each; 16: lazily, Karras et
        al. 2020, arXiv:1912.04958, appendix B).
    ema_kimg, ema_rampup
        Half-life of the weight average: ``min(ema_kimg * 1000, ema_rampup * images seen)``.
    style_mixing
        Chance that a generated picture mixes two styles (style-based generators only).
    reuse_fakes
        Let G learn from the pictures that D was just trained on, instead of drawing new ones:
        one pass through G less a step.
    precision
        ``fp32``, ``bf16`` (convolutions only; weights, losses and penalties stay float32) or
        ``auto``, which is measured once when the run starts and then stored.
    channels_last
        Store convolution weights with channels last; None: where that is the layout in use.
    threads
        CPU threads; 0 for all cores. Another number gives other rounding, so a run keeps it.
    tick_kimg, grid_kimg, snapshot_kimg, checkpoint_kimg, checkpoint_seconds
        Distance of statistics, sample grids, model files and checkpoints (by both counts).
    grid_count
        Pictures in a sample grid.
    """

    generator: ModelSpec
    discriminator: ModelSpec
    data: str
    resolution: int
    channels: int = 3
    classes: int = 0
    preset: str = ""
    limit: int = 0
    mirror: bool = True
    batch: int = 16
    total_kimg: float = 1000.0
    objective: str = "non-saturating"
    g_lr: float = 2e-3
    d_lr: float = 2e-3
    betas: tuple[float, float] = (0.0, 0.99)
    eps: float = 1e-8
    r1_gamma: float = 0.0
    r1_interval: int = 16
    ema_kimg: float = 5.0
    ema_rampup: float = 0.1
    style_mixing: float = 0.0
    reuse_fakes: bool = True
    precision: str = "auto"
    channels_last: bool | None = None
    seed: int = 0
    threads: int = 0
    device: str = "auto"
    tick_kimg: float = 1.0
    grid_kimg: float = 1.0
    snapshot_kimg: float = 10.0
    checkpoint_kimg: float = 0.0
    checkpoint_seconds: float = 300.0
    grid_count: int = 36

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _typed(field.name, getattr(self, field.name)))
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise OptionError(f"'{name}' must be from {low:g} to {high:g}, not {value:g}.")
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise OptionError(f"'precision' must be one of {known}, not '{self.precision}'.")
        find_objective(self.objective)

    @property
    def lazy_r1(self) -> bool:
        """Whether R1 has steps of its own, which Adam's settings must make up for."""
        return self.r1_gamma > 0 and self.r1_interval > 1

    def with_changes(self, **changes: Any) -> "TrainConfig":
        """A copy with ``changes``.

        Raises
        ------
        OptionError
            For an unknown name or a value that makes no sense.
        """
        _check_names(changes)
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        values: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        values["generator"] = self.generator.to_json()
        values["discriminator"] = self.discriminator.to_json()
        values["betas"] = list(self.betas)
        return {"version": CONFIG_VERSION, **values}

    @classmethod
    def from_json(cls, value: Any) -> "TrainConfig":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        OptionError
            Naming what is wrong.
        """
        if not isinstance(value, Mapping):
            raise OptionError("A training configuration must be a JSON object.")
        settings = dict(value)
        version = settings.pop("version", CONFIG_VERSION)
        if version != CONFIG_VERSION:
            raise OptionError(
                f"This training configuration has version {version}; this program reads version "
                f"{CONFIG_VERSION}. Update Latent Studio."
            )
        _check_names(settings)
        missing = [
            n for n in ("generator", "discriminator", "data", "resolution") if n not in settings
        ]
        if missing:
            raise OptionError(f"The training configuration lacks {', '.join(missing)}.")
        return cls(**settings)


_RANGES: dict[str, tuple[float, float]] = {
    "resolution": (4, 2048),
    "channels": (1, 4),
    "classes": (0, 100_000),
    "limit": (0, 10**9),
    "batch": (1, 65_536),
    "total_kimg": (0, 1e9),
    "g_lr": (0, 10),
    "d_lr": (0, 10),
    "eps": (0, 1),
    "r1_gamma": (0, 1e6),
    "r1_interval": (1, 10_000),
    "ema_kimg": (0, 1e6),
    "ema_rampup": (0, 1e6),
    "style_mixing": (0, 1),
    "seed": (0, 2**32 - 1),
    "threads": (0, 1024),
    "tick_kimg": (1e-3, 1e6),
    "grid_kimg": (0, 1e6),
    "snapshot_kimg": (0, 1e6),
    "checkpoint_kimg": (0, 1e6),
    "checkpoint_seconds": (0, 1e6),
    "grid_count": (1, 1024),
}
_INTEGERS = frozenset(
    {
        "resolution",
        "channels",
        "classes",
        "limit",
        "batch",
        "r1_interval",
        "seed",
        "threads",
        "grid_count",
    }
)
_FLAGS = frozenset({"mirror", "reuse_fakes"})
_TEXTS = frozenset({"data", "preset", "objective", "precision", "device"})
_SPECS = frozenset({"generator", "discriminator"})


def _check_names(values: Mapping[str, Any]) -> None:
    known = {f.name for f in fields(TrainConfig)}
    unknown = sorted(set(map(str, values)) - known)
    if unknown:
        raise OptionError(f"Unknown training option: {', '.join(unknown)}.")


def _typed(name: str, value: Any) -> Any:
    """``value`` in the type of field ``name``."""
    if name in _SPECS:
        return _spec(name, value)
    if name in _TEXTS:
        return _expect(isinstance(value, str), name, "text", value)
    if name in _FLAGS:
        return _expect(isinstance(value, bool), name, "true or false", value)
    if name == "channels_last":
        return _expect(value is None or isinstance(value, bool), name, "true, false or null", value)
    if name == "betas":
        return _betas(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in _INTEGERS:
        whole = number and float(value).is_integer()
        return int(_expect(whole, name, "a whole number", value))
    return float(_expect(number and math.isfinite(value), name, "a finite number", value))


def _expect(condition: bool, name: str, what: str, value: Any) -> Any:
    if not condition:
        raise OptionError(f"'{name}' must be {what}, not {value!r}.")
    return value


def _betas(value: Any) -> tuple[float, float]:
    try:
        first, second = (float(beta) for beta in value)
    except (TypeError, ValueError):
        raise OptionError(f"'betas' must be two numbers, not {value!r}.") from None
    if not (0 <= first < 1 and 0 <= second < 1):
        raise OptionError(f"'betas' must be from 0 to below 1, not {first:g} and {second:g}.")
    return first, second


def _spec(name: str, value: Any) -> ModelSpec:
    if isinstance(value, ModelSpec):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("architecture"), str):
        return ModelSpec(value["architecture"], dict(value.get("config") or {}))
    raise OptionError(f"'{name}' must name an architecture and its config.")

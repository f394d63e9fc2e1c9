"""Everything that decides how a run goes, as one frozen value with JSON in and out."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.models.base import ModelSpec
from latent_studio.training.augment import AUGMENTATIONS
from latent_studio.training.losses import find_objective
from latent_studio.training.optim import OPTIMIZERS

CONFIG_VERSION = 1
PRECISIONS = ("auto", "fp32", "bf16")

# What may differ when a run is resumed: it changes how long, how often and where, not the method.
# The fall of the rates belongs to the length: a longer run wants it later.
CHANGEABLE = frozenset(
    {
        "data",
        "device",
        "threads",
        "total_kimg",
        "lr_decay",
        "lr_decay_from_kimg",
        "lr_decay_kimg",
        "tick_kimg",
        "grid_kimg",
        "snapshot_kimg",
        "checkpoint_kimg",
        "checkpoint_seconds",
        "metrics",
        "metrics_every",
        "metrics_samples",
        "metrics_features",
    }
)
LR_DECAYS = ("none", "linear", "cosine")


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
    optimizer
        Name in ``latent_studio.training.optim.OPTIMIZERS``.
    g_lr, d_lr, betas, eps
        Adam (Kingma and Ba 2015, arXiv:1412.6980); RMSProp takes the second of ``betas``. Two
        rates make the two time scales of TTUR (Heusel et al. 2017, arXiv:1706.08500).
    lr_warmup_kimg, lr_decay, lr_decay_from_kimg, lr_decay_kimg
        Both rates rise linearly at first; with ``lr_decay`` ``linear`` or ``cosine`` they stay
        until ``lr_decay_from_kimg`` and fall to 0 until ``lr_decay_kimg``.
    n_critic
        Steps of D for one of G.
    weight_clip
        Bound on D's weights (WGAN); 0 for none.
    gp_weight
        Weight of WGAN-GP's penalty, in every step of D.
    drift
        Weight of the mean squared score of real pictures, which keeps a critic near zero (Karras
        et al. 2018, arXiv:1710.10196).
    r1_gamma, r2_gamma, r1_interval
        Weights of R1 and R2, and every how many steps they are applied (1: in each; 16: lazily,
        Karras et al. 2020, arXiv:1912.04958, appendix B).
    pl_weight, pl_interval, pl_decay
        Path-length regularisation of G (there, section 3.2): weight, every how many steps, decay
        of the mean length.
    accumulate
        Parts that a batch is worked off in, for lack of memory.
    augment, ada_target, ada_kimg
        What happens to the pictures that D sees (``latent_studio.training.augment``); for ``ada``
        the aim of the overfitting heuristic, and the kimg in which its strength can go from 0 to 1.
    fade_kimg, stable_kimg, stage_batches
        Progressive growing: how long a resolution fades in and then stays, and batches of single
        resolutions (``{"4": 64}``) where they differ from ``batch``.
    init, freeze_d
        Model file or checkpoint that the networks begin from, and how many of D's layers, from the
        picture on, then stay as they are (Mo et al. 2020, arXiv:2002.10964).
    metrics, metrics_every, metrics_samples
        What is measured at every so many model files, by commas, and with how many pictures.
    metrics_features
        File with the weights of Inception-v3, for FID and its like; empty for random features.
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
    optimizer: str = "adam"
    g_lr: float = 2e-3
    d_lr: float = 2e-3
    betas: tuple[float, float] = (0.0, 0.99)
    eps: float = 1e-8
    lr_warmup_kimg: float = 0.0
    lr_decay: str = "none"
    lr_decay_from_kimg: float = 0.0
    lr_decay_kimg: float = 0.0
    n_critic: int = 1
    weight_clip: float = 0.0
    gp_weight: float = 0.0
    drift: float = 0.0
    r1_gamma: float = 0.0
    r2_gamma: float = 0.0
    r1_interval: int = 16
    pl_weight: float = 0.0
    pl_interval: int = 4
    pl_decay: float = 0.01
    accumulate: int = 1
    augment: str = "none"
    ada_target: float = 0.6
    ada_kimg: float = 500.0
    fade_kimg: float = 0.0
    stable_kimg: float = 0.0
    stage_batches: Mapping[str, int] = field(default_factory=dict)
    init: str = ""
    freeze_d: int = 0
    metrics: str = ""
    metrics_every: int = 1
    metrics_samples: int = 1000
    metrics_features: str = ""
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
        for entry in fields(self):
            object.__setattr__(self, entry.name, _typed(entry.name, getattr(self, entry.name)))
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise OptionError(f"'{name}' must be from {low:g} to {high:g}, not {value:g}.")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise OptionError(
                    f"'{name}' must be one of {', '.join(known)}, not '{getattr(self, name)}'."
                )
        find_objective(self.objective)

    @property
    def input_penalty(self) -> bool:
        """Whether R1 or R2 is in use."""
        return self.r1_gamma > 0 or self.r2_gamma > 0

    @property
    def g_interval(self) -> int | None:
        """Every how many steps G has one more, which its optimiser must make up for."""
        return self.pl_interval if self.pl_weight > 0 else None

    @property
    def d_interval(self) -> int | None:
        """As :attr:`g_interval`, of D."""
        return self.r1_interval if self.lazy_r1 else None

    @property
    def lazy_r1(self) -> bool:
        """Whether R1 and R2 have steps of their own, which D's optimiser must make up for."""
        return self.input_penalty and self.r1_interval > 1

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
        values["stage_batches"] = dict(self.stage_batches)
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
    "lr_warmup_kimg": (0, 1e6),
    "lr_decay_from_kimg": (0, 1e9),
    "lr_decay_kimg": (0, 1e9),
    "n_critic": (1, 1000),
    "weight_clip": (0, 1e3),
    "gp_weight": (0, 1e6),
    "drift": (0, 1e3),
    "r1_gamma": (0, 1e6),
    "r2_gamma": (0, 1e6),
    "r1_interval": (1, 10_000),
    "pl_weight": (0, 1e6),
    "pl_interval": (1, 10_000),
    "pl_decay": (1e-6, 1),
    "accumulate": (1, 65_536),
    "ada_target": (0, 1),
    "ada_kimg": (1e-3, 1e6),
    "fade_kimg": (0, 1e6),
    "stable_kimg": (0, 1e6),
    "freeze_d": (0, 1000),
    "metrics_every": (1, 10_000),
    "metrics_samples": (2, 10**6),
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
        "n_critic",
        "r1_interval",
        "pl_interval",
        "accumulate",
        "freeze_d",
        "metrics_every",
        "metrics_samples",
        "seed",
        "threads",
        "grid_count",
    }
)
_FLAGS = frozenset({"mirror", "reuse_fakes"})
_CHOICES: dict[str, tuple[str, ...]] = {
    "precision": PRECISIONS,
    "optimizer": tuple(OPTIMIZERS),
    "lr_decay": LR_DECAYS,
    "augment": tuple(AUGMENTATIONS),
}
_TEXTS = frozenset(
    {"data", "preset", "objective", "device", "init", "metrics", "metrics_features", *_CHOICES}
)
_SPECS = frozenset({"generator", "discriminator"})


def _check_names(values: Mapping[str, Any]) -> None:
    known = {f.name for f in fields(TrainConfig)}
    unknown = sorted(set(map(str, values)) - known)
    if unknown:
        near = [name for key in unknown for name in difflib.get_close_matches(key, known, 1)]
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise OptionError(f"Unknown training option: {', '.join(unknown)}.{hint}")


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
    if name == "stage_batches":
        return _stage_batches(value)
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


def _stage_batches(value: Any) -> dict[str, int]:
    try:
        batches = {str(int(size)): int(batch) for size, batch in dict(value).items()}
    except (TypeError, ValueError):
        batches = {"": 0}
    if any(batch < 1 for batch in batches.values()):
        raise OptionError(
            f"'stage_batches' must give a batch for each resolution it names, not {value!r}."
        )
    return batches


def _spec(name: str, value: Any) -> ModelSpec:
    if isinstance(value, ModelSpec):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("architecture"), str):
        return ModelSpec(value["architecture"], dict(value.get("config") or {}))
    raise OptionError(f"'{name}' must name an architecture and its config.")

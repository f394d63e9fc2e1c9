"""What a person chooses about an inversion, and what comes of it."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.latent.inversion.losses import LossWeights
from latent_studio.models.base import Capabilities, Generator

InversionSpace: TypeAlias = Literal["w", "w+", "noise", "pti"]
Stage: TypeAlias = Literal["w", "w+", "noise", "tuning"]
SPACES: tuple[InversionSpace, ...] = ("w", "w+", "noise", "pti")
_STAGES: dict[InversionSpace, tuple[Stage, ...]] = {
    "w": ("w",),
    "w+": ("w", "w+"),
    "noise": ("w", "w+", "noise"),
    "pti": ("w", "tuning"),
}
MAX_EFFORT = 20.0


@dataclass(frozen=True)
class StageSettings:
    """One stage: how many steps, and how far a step goes at most.

    ``rate`` is Adam's: of latents in their standard deviations, of noise maps in theirs, of weights
    as they are stored.
    """

    steps: int
    rate: float


@dataclass(frozen=True)
class InversionSettings:
    """How to look for a photograph's latent.

    Parameters
    ----------
    space
        ``w``: one vector, the most editable result. ``w+``: one a layer, kept near to one another.
        ``noise``: these and the noise maps. ``pti``: w, then the weights are tuned around it
        (pivotal tuning, arXiv:2106.05744). A model without w is inverted in z by the first three.
    effort
        Multiplies the steps of every stage.
    seed
        Of the random samples that the search starts from, and of the tuning's.
    samples
        Pictures looked at for a start; fewer of large ones.
    starts, trial
        So many of the best guesses are followed for so many steps each (times ``effort``); what has
        come closest by then is followed to the end.
    prior
        Weight of the squared Mahalanobis distance of w from its mean, per number.
    spread
        Weight of the squared distance of the layers' vectors from the common one, per number.
    noise_penalty
        Weight of the noise maps' correlations (Karras et al. 2020, arXiv:1912.04958).
    locality
        Weight of the demand that pictures of other latents stay as they are in a tuning.
    """

    space: InversionSpace = "w+"
    effort: float = 1.0
    seed: int = 0
    samples: int = 512
    starts: int = 3
    trial: int = 30
    loss: LossWeights = field(default_factory=LossWeights)
    prior: float = 2e-4
    spread: float = 2e-4
    noise_penalty: float = 1e-2
    locality: float = 0.1
    w: StageSettings = StageSettings(150, 0.2)
    plus: StageSettings = StageSettings(350, 0.12)
    noise: StageSettings = StageSettings(200, 0.05)
    tuning: StageSettings = StageSettings(250, 0.003)

    def __post_init__(self) -> None:
        if self.space not in SPACES:
            known = ", ".join(SPACES)
            raise OptionError(f"Photographs are inverted in {known}, not in {self.space!r}.")
        if self.starts < 1 or self.trial < 1:
            raise OptionError("At least one start must be tried, for at least one step.")
        if not 0 < self.effort <= MAX_EFFORT:
            raise OptionError(f"The effort must be above 0 and at most {MAX_EFFORT:g}.")

    def stage(self, name: Stage) -> StageSettings:
        """Settings of a stage, with the effort's number of steps."""
        found = {"w": self.w, "w+": self.plus, "noise": self.noise, "tuning": self.tuning}[name]
        return StageSettings(max(1, round(found.steps * self.effort)), found.rate)

    @property
    def trials(self) -> StageSettings | None:
        """How each start is tried; None where there is only one."""
        if self.starts == 1:
            return None
        return StageSettings(max(1, round(self.trial * self.effort)), self.w.rate)

    def stages(self, model: Capabilities) -> tuple[Stage, ...]:
        """The stages that a model allows, in order.

        Raises
        ------
        OptionError
            If ``space`` is ``noise`` and a style-based model has no noise maps.
        """
        if not model.has_w:
            return ("w", "tuning") if self.space == "pti" else ("w",)
        if self.space == "noise" and not model.noise:
            raise OptionError("This model has no noise maps to optimise; choose the space w+.")
        return _STAGES[self.space]


@dataclass(frozen=True, eq=False)
class InversionStep:
    """A look at a running inversion: ``done`` of ``total`` steps, the picture ``[1, C, H, W]``."""

    stage: Stage
    done: int
    total: int
    psnr: float
    image: Tensor = field(repr=False)


@dataclass(frozen=True, eq=False)
class Inversion:
    """What was found.

    Attributes
    ----------
    space
        Of ``latent``: ``z`` ``[z_dim]``, ``w`` ``[w_dim]`` or ``w+`` ``[num_ws, w_dim]``, float32.
    noise
        Noise maps ``[r, r]`` in layer order, or None where the model's own were kept.
    generator
        The tuned network of a pivotal tuning, else None.
    psnr
        Of the picture before rounding, in dB.
    stopped
        Whether it was ended early; the result is the best until then.
    """

    space: Literal["z", "w", "w+"]
    latent: np.ndarray
    noise: tuple[np.ndarray, ...] | None
    generator: Generator | None
    psnr: float
    steps: int
    stopped: bool

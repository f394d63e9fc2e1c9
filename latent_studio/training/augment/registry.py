"""The kinds of augmentation that a configuration can name, behind one interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.models.draws import RandomSource
from latent_studio.training.augment.ada import GROUPS, AdaController, AdaPipe
from latent_studio.training.augment.diffaug import POLICIES, DiffAugment


class Augmentation:
    """What happens to every picture, real or generated, before D sees it. This one: nothing.

    Attributes
    ----------
    target
        Aim of the overfitting heuristic, for kinds that adapt; may be changed between two steps.
    """

    def __init__(self, target: float = 0.6) -> None:
        self.target = target

    @property
    def p(self) -> float:
        """Strength, from 0 to 1. Reading it waits for the device: once a tick is enough."""
        return 0.0

    def to(self, device: torch.device | str) -> None:
        """Move the state to the device of the pictures."""

    def apply(self, images: Tensor, generator: RandomSource) -> Tensor:
        """``images [N, C, H, W]`` in [-1, 1] as D shall see them; differentiable twice."""
        return images

    def observe(self, real_scores: Tensor) -> None:
        """Take note of D's scores ``[N, 1]`` of augmented real pictures."""

    def after_step(self, batch: int) -> None:
        """A step on ``batch`` real pictures is over."""

    def shared(self) -> list[Tensor]:
        """Sums that several processes must average before :meth:`after_step`."""
        return []

    def state_dict(self) -> dict[str, Any]:
        """What a continuation needs beside the configuration."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where ``state`` was taken."""


class AdaAugmentation(Augmentation):
    """ADA: the changes of ``pipe`` with the strength that ``controller`` finds."""

    def __init__(self, pipe: AdaPipe, controller: AdaController) -> None:
        self.pipe, self.controller = pipe, controller

    @property
    def target(self) -> float:
        return self.controller.target

    @target.setter
    def target(self, value: float) -> None:
        self.controller.target = value

    @property
    def p(self) -> float:
        return float(self.controller.p)

    def to(self, device: torch.device | str) -> None:
        self.controller.to(device)

    def apply(self, images: Tensor, generator: RandomSource) -> Tensor:
        strength = self.controller.p
        if strength.device.type == "cpu" and not strength:  # elsewhere, looking means waiting
            return images
        return self.pipe(images, strength, generator)

    def observe(self, real_scores: Tensor) -> None:
        self.controller.observe(real_scores)

    def after_step(self, batch: int) -> None:
        self.controller.update(batch)

    def shared(self) -> list[Tensor]:
        return [self.controller.signs]

    def state_dict(self) -> dict[str, Any]:
        return self.controller.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.controller.load_state_dict(state)


class DiffAugmentation(Augmentation):
    """DiffAugment, always at full strength."""

    def __init__(self, changes: DiffAugment) -> None:
        super().__init__()
        self.changes = changes

    @property
    def p(self) -> float:
        return 1.0

    def apply(self, images: Tensor, generator: RandomSource) -> Tensor:
        return self.changes(images, generator)


@dataclass(frozen=True)
class AugmentationKind:
    """An entry of menus and ``--aug``."""

    name: str
    title: str
    summary: str


AUGMENTATIONS: dict[str, AugmentationKind] = {
    kind.name: kind
    for kind in (
        AugmentationKind("none", "None", "D sees the pictures as they are."),
        AugmentationKind(
            "ada",
            "Adaptive (ADA)",
            "For a few thousand pictures: as strong as D's overfitting asks for.",
        ),
        AugmentationKind(
            "diffaug",
            "DiffAugment",
            "For a few hundred pictures: always on, colours, moves and holes.",
        ),
    )
}


def build_augmentation(
    kind: str = "none",
    *,
    target: float = 0.6,
    speed_kimg: float = 500.0,
    interval: int = 4,
    boundary: float = 0.0,
    groups: Sequence[str] = tuple(GROUPS),
    policies: Sequence[str] = tuple(POLICIES),
) -> Augmentation:
    """The augmentation called ``kind``.

    Parameters
    ----------
    target, speed_kimg, interval, boundary
        Of :class:`~latent_studio.training.augment.ada.AdaController`.
    groups
        Of :class:`~latent_studio.training.augment.ada.AdaPipe`.
    policies
        Of :class:`~latent_studio.training.augment.diffaug.DiffAugment`.

    Raises
    ------
    OptionError
        For an unknown kind, group or policy.
    """
    if kind == "ada":
        controller = AdaController(target, speed_kimg, interval, boundary=boundary)
        return AdaAugmentation(AdaPipe(groups), controller)
    if kind == "diffaug":
        return DiffAugmentation(DiffAugment(policies))
    if kind == "none":
        return Augmentation(target)
    raise OptionError(
        f"There is no augmentation '{kind}'. Choose one of: {', '.join(AUGMENTATIONS)}."
    )

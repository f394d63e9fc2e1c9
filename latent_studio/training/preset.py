"""What a ready-made training is, and how it becomes a configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from latent_studio.errors import OptionError

if TYPE_CHECKING:
    from latent_studio.training.config import TrainConfig
    from latent_studio.training.losses import Objective


@dataclass(frozen=True)
class Preset:
    """A training that is known to work.

    Attributes
    ----------
    summary
        One sentence that helps a person to choose.
    generator, discriminator
        Arguments of the networks besides resolution, channels and classes.
    options
        Fields of :class:`~latent_studio.training.config.TrainConfig` that differ from its defaults.
    discriminator_architecture
        Family of the discriminator where it is another one.
    """

    name: str
    title: str
    summary: str
    architecture: str
    resolution: int
    channels: int = 3
    generator: Mapping[str, Any] = field(default_factory=dict)
    discriminator: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    discriminator_architecture: str = ""

    @property
    def conditional(self) -> bool:
        """Whether this family of networks can learn classes."""
        return bool(_ARGUMENTS.get(self.architecture, _PLAIN)[2])

    def config(
        self,
        data: str,
        *,
        resolution: int | None = None,
        channels: int | None = None,
        classes: int = 0,
        **options: Any,
    ) -> "TrainConfig":
        """The configuration for ``data``; ``options`` override the preset's.

        Another ``objective`` than the preset's brings the settings of its paper along. Options may
        also be arguments of the networks: ``generator.z_dim``, ``discriminator.dropout``.

        Raises
        ------
        OptionError
            If an option is unknown or makes no sense.
        """
        # Here and not above, so that presets can be listed without loading torch.
        from latent_studio.models.base import ModelSpec
        from latent_studio.training.config import TrainConfig
        from latent_studio.training.losses import find_objective

        resolution = self.resolution if resolution is None else resolution
        channels = self.channels if channels is None else channels
        if classes and not self.conditional:
            raise OptionError(
                f"The preset '{self.name}' cannot learn classes. Choose another one, or train "
                "without labels."
            )
        generator, discriminator, rest = _split(options)
        size = (resolution, channels, classes)
        own = str(self.options.get("objective", TrainConfig.objective))
        objective = find_objective(str(rest.get("objective", own)))
        beside = self.discriminator_architecture or self.architecture
        settings: dict[str, Any] = {
            "preset": self.name,
            "data": data,
            "resolution": resolution,
            "channels": channels,
            "classes": classes,
            "generator": ModelSpec(
                self.architecture,
                {**self.generator, **_size_arguments(self.architecture, *size), **generator},
            ),
            "discriminator": ModelSpec(
                beside,
                {
                    **_without_batch_statistics(beside, objective),
                    **self.discriminator,
                    **_size_arguments(beside, *size),
                    **discriminator,
                },
            ),
            **self.options,
            **(objective.options if objective.name != own else {}),
        }
        return TrainConfig(**settings).with_changes(**rest)


# What the networks of a family call resolution, channels and classes ("" where they learn none).
_PLAIN = ("resolution", "channels", "")
_STYLE = ("img_resolution", "img_channels", "c_dim")
_ARGUMENTS = {
    "mlp": ("resolution", "channels", "classes"),
    "dcgan": ("resolution", "channels", "classes"),
    "r3gan": ("resolution", "channels", "classes"),
    "pggan": _STYLE,
    "stylegan1": _STYLE,
    "stylegan2": _STYLE,
    "stylegan3": _STYLE,
}


def _size_arguments(
    architecture: str, resolution: int, channels: int, classes: int
) -> dict[str, int]:
    """Resolution, channels and classes under the names that the networks use."""
    names = _ARGUMENTS.get(architecture, _PLAIN)
    pairs = zip(names, (resolution, channels, classes), strict=True)
    return {name: value for name, value in pairs if name}


def _split(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """``generator.x``, ``discriminator.x`` and what remains, the networks' arguments by name."""
    parts: dict[str, dict[str, Any]] = {"generator": {}, "discriminator": {}, "": {}}
    for key, value in options.items():
        network, _, name = key.rpartition(".")
        if network not in parts:
            raise OptionError(
                f"Unknown training option: {key}. Options of the networks begin with 'generator.' "
                "or 'discriminator.'."
            )
        parts[network][name] = value
    return parts["generator"], parts["discriminator"], parts[""]


def _without_batch_statistics(architecture: str, objective: "Objective") -> dict[str, Any]:
    """A critic with a gradient penalty normalises single pictures (WGAN-GP, section 4)."""
    penalised = objective.options.get("gp_weight", 0) > 0
    return {"norm": "layer"} if architecture == "dcgan" and penalised else {}

"""Whether the parts of a training go together, by the mathematics they come from."""

from latent_studio.errors import OptionError
from latent_studio.models.base import Discriminator, Generator, StyledGenerator
from latent_studio.models.layers import has_batch_statistics
from latent_studio.models.progressive import Progressive
from latent_studio.models.spectral import has_spectral_norm
from latent_studio.training.config import TrainConfig
from latent_studio.training.losses import find_objective
from latent_studio.training.presets import PRESETS


def check_sound(
    config: TrainConfig, generator: Generator, discriminator: Discriminator
) -> list[str]:
    """Refuse what cannot be right; return a sentence for each thing that is merely doubtful.

    Raises
    ------
    OptionError
        Naming the reason and a way out.
    """
    _check_generator(config, generator)
    _check_schedule(config, generator)
    _check_critic(config, discriminator)
    return _doubts(config, discriminator)


def _check_generator(config: TrainConfig, generator: Generator) -> None:
    if isinstance(generator, StyledGenerator):
        return
    for name in ("pl_weight", "style_mixing"):
        if getattr(config, name) > 0:
            raise OptionError(
                f"'{name}' needs styles, which a generator of the family "
                f"{config.generator.architecture} does not have. Set it to 0, or choose a "
                "StyleGAN."
            )


def _check_schedule(config: TrainConfig, generator: Generator) -> None:
    growing = config.fade_kimg > 0 or config.stable_kimg > 0 or bool(config.stage_batches)
    if growing and not isinstance(generator, Progressive):
        raise OptionError(
            f"Networks of the family {config.generator.architecture} do not grow. Set 'fade_kimg' "
            "and 'stable_kimg' to 0, or choose PGGAN or StyleGAN 1."
        )
    begins = max(config.lr_warmup_kimg, config.lr_decay_from_kimg)
    if config.lr_decay != "none" and config.lr_decay_kimg <= begins:
        raise OptionError(
            f"'lr_decay' is {config.lr_decay}, but there is no time for it: set 'lr_decay_kimg' to "
            "the length of the run, above 'lr_warmup_kimg' and 'lr_decay_from_kimg'."
        )


def _check_critic(config: TrainConfig, discriminator: Discriminator) -> None:
    objective = find_objective(config.objective)
    bounded = (
        config.weight_clip > 0
        or config.gp_weight > 0
        or config.input_penalty
        or has_spectral_norm(discriminator)
    )
    if objective.critic and not bounded:
        raise OptionError(
            f"The objective '{config.objective}' estimates a distance only while the critic cannot "
            "become steeper and steeper. Set 'gp_weight' (10), 'weight_clip' (0.01) or an R1 "
            "penalty, or use spectral normalisation."
        )
    if config.gp_weight > 0 and has_batch_statistics(discriminator):
        raise OptionError(
            "A gradient penalty asks how the score of each picture changes with that picture, but "
            "this discriminator's batch normalisation mixes the pictures of a batch. Use "
            "--set discriminator.norm=layer (or none), or set 'gp_weight' to 0."
        )


def _doubts(config: TrainConfig, discriminator: Discriminator) -> list[str]:
    found = []
    if config.weight_clip > 0 and config.optimizer == "adam":
        found.append(
            "Clipped weights and Adam's momentum work against each other; the WGAN paper uses "
            "rmsprop."
        )
    if config.weight_clip > 0 and has_spectral_norm(discriminator):
        found.append(
            "Spectral normalisation divides each weight by its norm, so clipping bounds nothing "
            "more and only bends the weights. Set 'weight_clip' to 0, or "
            "'discriminator.spectral_norm' to false."
        )
    if 0 < config.weight_clip < 0.5 and _equalised(discriminator):
        found.append(
            f"This discriminator keeps weights of about one and scales them when it uses them; "
            f"clipped at {config.weight_clip:g} it says next to nothing. Clip at about 1."
        )
    if config.input_penalty and has_batch_statistics(discriminator) and not _as_preset(config):
        found.append(
            "R1 and R2 mean the gradient of single pictures; with batch normalisation in the "
            "discriminator it is only approximately that."
        )
    if find_objective(config.objective).paired and not (config.r1_gamma and config.r2_gamma):
        found.append(
            "Relativistic pairing converges with both penalties; without 'r1_gamma' and "
            "'r2_gamma' it may run in circles."
        )
    objective = find_objective(config.objective)
    if config.augment == "ada" and (objective.critic or objective.paired):
        found.append(
            f"ADA reads from the sign of the scores how much the discriminator overfits; with the "
            f"objective '{config.objective}' scores have no zero. DiffAugment goes with any."
        )
    if config.freeze_d and not config.init:
        found.append(
            "'freeze_d' keeps layers of the discriminator as they begin, which is at random "
            "without 'init'."
        )
    return found


def _as_preset(config: TrainConfig) -> bool:
    """Whether the penalty is that of a ready-made training, which was tried as it is."""
    preset = PRESETS.get(config.preset)
    if preset is None:
        return False
    own, names = preset.config(""), ("objective", "r1_gamma", "r2_gamma", "r1_interval")
    return all(getattr(config, name) == getattr(own, name) for name in names)


def _equalised(network: Discriminator) -> bool:
    """Whether weights are of about one and scaled when they are used."""
    first = next((p for p in network.parameters() if p.ndim > 1), None)
    return first is not None and float(first.detach().square().mean()) > 0.25

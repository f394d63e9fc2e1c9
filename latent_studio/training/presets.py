"""Ready-made trainings, as data."""

from typing import Any

from latent_studio.errors import OptionError
from latent_studio.training.preset import Preset

__all__ = ["PRESETS", "Preset", "find_preset", "preset_of"]


def _stylegan2_generator(
    width: int, base: int, mapping_layers: int, skip: bool = True
) -> dict[str, Any]:
    """At most ``width`` channels; z and w as wide."""
    return {
        "z_dim": width,
        "w_dim": width,
        "mapping_kwargs": {"num_layers": mapping_layers},
        **({"architecture": "skip"} if skip else {}),
        "channel_base": base,
        "channel_max": width,
    }


def _stylegan2_discriminator(width: int, base: int) -> dict[str, Any]:
    return {"architecture": "resnet", "channel_base": base, "channel_max": width}


_SMALL: dict[str, Any] = {"channel_base": 2048, "channel_max": 128}
_NARROW: dict[str, Any] = {"channel_base": 2048, "channel_max": 64}
_R3GAN: dict[str, Any] = {**_SMALL, "blocks": 1}
# The same small batch at every resolution: in a run as short as a CPU's, steps count, and the large
# batches of the papers' low resolutions leave a stage of ten thousand pictures 150 of them.
_GROWING: dict[str, Any] = {
    "batch": 16,
    "total_kimg": 2000.0,
    "fade_kimg": 10.0,
    "stable_kimg": 10.0,
}

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "mlp-mnist",
            "MLP, 28×28 digits",
            "The classic first GAN: dense layers only, digits appear within a minute.",
            architecture="mlp",
            resolution=28,
            channels=1,
            generator={"z_dim": 100, "batch_norm": True},
            options={
                "batch": 32,
                "total_kimg": 1000.0,
                "g_lr": 5e-4,
                "d_lr": 5e-4,
                "betas": (0.5, 0.999),
                "mirror": False,
                "tick_kimg": 4.0,
                "grid_kimg": 8.0,
                "snapshot_kimg": 100.0,
                "grid_count": 64,
            },
        ),
        Preset(
            "dcgan-64",
            "DCGAN, 64×64",
            "Shows learning fastest: faces after a few minutes on a CPU; no style to edit.",
            architecture="dcgan",
            resolution=64,
            generator={"z_dim": 128, "base_channels": 64, "max_channels": 256},
            discriminator={"base_channels": 64, "max_channels": 256},
            options={
                "batch": 32,
                "total_kimg": 1000.0,
                "g_lr": 2e-4,
                "d_lr": 2e-4,
                "betas": (0.5, 0.99),
                "r1_gamma": 1.0,
                "tick_kimg": 2.0,
                "grid_kimg": 2.0,
                "snapshot_kimg": 20.0,
            },
        ),
        Preset(
            "pggan-64-cpu",
            "PGGAN small, 64×64",
            "Grows from 4×4 while it learns: watch the pictures become finer stage by stage.",
            architecture="pggan",
            resolution=64,
            # Narrower at the low resolutions than its like, to come to 64×64 within half an hour of
            # a core.
            generator={"z_dim": 128, **_NARROW},
            discriminator=_NARROW,
            options={
                # With the paper's Wasserstein loss and its gradient penalty pictures had no faces
                # yet after 51,000 photographs (15 minutes of a core), with R1 they had after
                # 58,000 (17 minutes). `--objective wgan-gp` brings it back.
                "objective": "non-saturating",
                "r1_gamma": 1.0,
                "r1_interval": 4,
                "betas": (0.0, 0.99),
                "g_lr": 2.5e-3,
                "d_lr": 2.5e-3,
                **_GROWING,
                "fade_kimg": 8.0,
                "stable_kimg": 8.0,
            },
        ),
        Preset(
            "stylegan1-64-cpu",
            "StyleGAN small, 64×64",
            "The first style-based generator, grown progressively, with styles to mix.",
            architecture="stylegan1",
            resolution=64,
            generator=_stylegan2_generator(128, 2048, 4, skip=False),
            discriminator=_SMALL,
            options={"r1_gamma": 1.0, "r1_interval": 4, "style_mixing": 0.5, **_GROWING},
        ),
        Preset(
            "stylegan2-64-cpu",
            "StyleGAN2 small, 64×64",
            "The style-based model to train on a computer without a graphics card: every slider, "
            "good faces within hours.",
            architecture="stylegan2",
            resolution=64,
            generator=_stylegan2_generator(128, 2048, 2),
            discriminator=_stylegan2_discriminator(128, 2048),
            options={"batch": 16, "total_kimg": 2000.0, "r1_gamma": 0.25},
        ),
        Preset(
            "stylegan3-64-cpu",
            "StyleGAN3-T small, 64×64",
            "Without aliasing: details move with the face instead of sticking to the picture. Slow "
            "on a CPU.",
            architecture="stylegan3",
            resolution=64,
            generator={
                "z_dim": 128,
                "w_dim": 128,
                "channel_base": 2048,
                "channel_max": 96,
                "num_layers": 6,
                "margin_size": 4,
                "conv_clamp": None,
            },
            discriminator=_stylegan2_discriminator(128, 2048),
            options={"batch": 16, "total_kimg": 2000.0, "r1_gamma": 0.5},
        ),
        Preset(
            "r3gan-64-cpu",
            "R3GAN small, 64×64",
            "A plain modern network and an objective that converges: no tricks, many faces.",
            architecture="r3gan",
            resolution=64,
            generator={"z_dim": 64, **_R3GAN},
            discriminator=_R3GAN,
            options={
                "objective": "relativistic",
                "batch": 16,
                "total_kimg": 2000.0,
                "g_lr": 2e-4,
                "d_lr": 2e-4,
                "betas": (0.0, 0.99),
                "r1_gamma": 2.0,
                "r2_gamma": 2.0,
                # The paper's 1 costs a CPU three times the step.
                "r1_interval": 8,
            },
        ),
        Preset(
            "stylegan2-64",
            "StyleGAN2, 64×64",
            "Twice as wide, for a graphics card or a night of a fast CPU: better pictures.",
            architecture="stylegan2",
            resolution=64,
            generator=_stylegan2_generator(256, 8192, 4),
            discriminator=_stylegan2_discriminator(256, 8192),
            options={
                "batch": 32,
                "total_kimg": 5000.0,
                "r1_gamma": 0.25,
                "style_mixing": 0.5,
                "ema_kimg": 10.0,
                "tick_kimg": 4.0,
                "grid_kimg": 4.0,
                "snapshot_kimg": 50.0,
            },
        ),
        Preset(
            "stylegan2-128",
            "StyleGAN2, 128×128",
            "Finer pictures; wants a graphics card.",
            architecture="stylegan2",
            resolution=128,
            generator=_stylegan2_generator(256, 16384, 4),
            discriminator=_stylegan2_discriminator(256, 16384),
            options={
                "batch": 32,
                "total_kimg": 10000.0,
                "r1_gamma": 1.0,
                "style_mixing": 0.5,
                "ema_kimg": 10.0,
                "tick_kimg": 4.0,
                "grid_kimg": 4.0,
                "snapshot_kimg": 50.0,
            },
        ),
    )
}


def find_preset(name: str) -> Preset:
    """The preset called ``name``.

    Raises
    ------
    OptionError
        Listing the known ones.
    """
    try:
        return PRESETS[name]
    except KeyError:
        known = ", ".join(PRESETS)
        raise OptionError(f"There is no preset '{name}'. Choose one of: {known}.") from None


def preset_of(architecture: str) -> Preset:
    """The first preset of a family of networks.

    Raises
    ------
    OptionError
        Listing the families that can be trained.
    """
    for preset in PRESETS.values():
        if preset.architecture == architecture:
            return preset
    known = ", ".join(dict.fromkeys(preset.architecture for preset in PRESETS.values()))
    raise OptionError(f"No preset trains '{architecture}'. Choose one of: {known}.")

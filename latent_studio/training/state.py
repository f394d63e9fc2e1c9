"""What a run consists of besides its settings: networks, optimisers, chance, counters.

:meth:`TrainState.capture` gives all of it as nested plain values and tensors for a checkpoint;
:meth:`TrainState.restore` goes on from there, bit for bit on a CPU.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.data.dataset import ImageDataset
from latent_studio.data.sampler import BatchStream
from latent_studio.errors import ModelError, OptionError, RunError
from latent_studio.models.base import Discriminator, Generator
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.training.augment import build_augmentation
from latent_studio.training.config import TrainConfig
from latent_studio.training.diagnostics import Monitor
from latent_studio.training.ema import WeightAverage
from latent_studio.training.freeze import freeze_first_layers
from latent_studio.training.health import score_boundary
from latent_studio.training.optim import OPTIMIZERS
from latent_studio.training.progression import Stage, stage_at
from latent_studio.training.randomness import Randomness, derive_seed

STATE_VERSION = 1


@dataclass
class Counters:
    """Progress of a run. ``seconds`` is time spent training, pauses left out."""

    step: int = 0
    images: int = 0
    seconds: float = 0.0
    epoch: int = 0

    @property
    def kimg(self) -> float:
        return self.images / 1000.0


class TrainState:
    """Networks, weight average, optimisers, random generators, data position and counters.

    Raises
    ------
    OptionError
        If the networks, the data and the batch do not fit together.
    """

    def __init__(self, config: TrainConfig, dataset: ImageDataset) -> None:
        self.device = torch.device(config.device)
        self.random = Randomness(config.seed, self.device)
        self.generator = self._place(build_generator(config.generator, self.random["init"]), config)
        self.discriminator = self._place(
            build_discriminator(config.discriminator, self.random["init"]), config
        )
        self.average = self._place(build_generator(config.generator), config)
        self.average.load_state_dict(self.generator.state_dict())
        self.ema = WeightAverage(self.generator, self.average)
        freeze_first_layers(self.discriminator, config.freeze_d)
        optimizer = OPTIMIZERS[config.optimizer]
        self.g_adam = optimizer(
            self.generator,
            config.g_lr,
            config.betas,
            config.eps,
            config.g_interval,
        )
        self.d_adam = optimizer(
            self.discriminator,
            config.d_lr,
            config.betas,
            config.eps,
            config.d_interval,
        )
        self.path_length = torch.zeros((), device=self.device)  # running mean over w's steps
        self.augmentation = build_augmentation(
            config.augment,
            target=config.ada_target,
            speed_kimg=config.ada_kimg,
            boundary=score_boundary(config.objective),
        )
        self.augmentation.to(self.device)
        self.stream = BatchStream(
            dataset, config.batch, derive_seed(config.seed, "data") % 2**32, mirror=config.mirror
        )
        self.counters = Counters()
        self.monitor = Monitor("", config, dataset_size=len(dataset))
        self._progress = -1.0
        self.fingerprint = dataset.fingerprint
        check_fit(config, dataset, self.generator, self.discriminator)

    def _place(self, network: Any, config: TrainConfig) -> Any:
        network.to(self.device)
        if config.channels_last:
            network.to(memory_format=torch.channels_last)
        return network.train()

    def grow(self, config: TrainConfig) -> Stage:
        """Bring networks that grow to the stage of now."""
        stage = stage_at(config, self.generator, self.counters.images)
        if stage.resolutions and stage.progress != self._progress:
            for network in (self.generator, self.discriminator, self.average):
                network.set_progress(stage.progress)
            self._progress = stage.progress
        return stage

    def float_buffers(self) -> list[Tensor]:
        """What the networks measure of the batches they see, averages excepted."""
        networks = (self.generator, self.discriminator)
        return [b for n in networks for b in n.buffers() if b.is_floating_point()]

    def capture(self, config: TrainConfig) -> dict[str, Any]:
        """Everything that a continuation needs, for ``storage.checkpoint.save_checkpoint``.

        The tensors are the live ones: write them before the next step.
        """
        return {
            "version": STATE_VERSION,
            "config": config.to_json(),
            "fingerprint": self.fingerprint,
            "counters": dict(vars(self.counters)),
            "generator": _tensors(self.generator),
            "discriminator": _tensors(self.discriminator),
            "average": _tensors(self.average),
            "g_adam": self.g_adam.state_dict(),
            "d_adam": self.d_adam.state_dict(),
            "path_length": self.path_length,
            "augmentation": self.augmentation.state_dict(),
            "monitor": self.monitor.state_dict(),
            "random": self.random.state_dict(),
            "stream": self.stream.state_dict(),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on where ``saved`` was captured.

        Raises
        ------
        RunError
            If it was made by a newer program, from other data or for other networks.
        """
        if saved.get("version") != STATE_VERSION:
            raise RunError(
                f"The checkpoint has version {saved.get('version')}; this program reads version "
                f"{STATE_VERSION}. Update Latent Studio."
            )
        if saved["fingerprint"] != self.fingerprint:
            raise RunError(
                "The data have changed since this run began. Resume it with the same data, or "
                "start a new run."
            )
        _load(self.generator, saved["generator"])
        _load(self.discriminator, saved["discriminator"])
        _load(self.average, saved["average"])
        self.g_adam.load_state_dict(saved["g_adam"])
        self.d_adam.load_state_dict(saved["d_adam"])
        if "path_length" in saved:
            self.path_length.copy_(saved["path_length"])
        if "augmentation" in saved:
            self.augmentation.load_state_dict(saved["augmentation"])
        if "monitor" in saved:
            self.monitor.load_state_dict(saved["monitor"])
        self.random.load_state_dict(saved["random"])
        self.stream.load_state_dict(saved["stream"])
        known = vars(Counters())
        self.counters = Counters(**{k: v for k, v in saved["counters"].items() if k in known})

    @torch.no_grad()
    def is_finite(self) -> bool:
        """Whether all weights, averaged ones too, are finite numbers."""
        tensors = [
            p for n in (self.generator, self.discriminator, self.average) for p in n.parameters()
        ]
        return bool(torch.isfinite(torch.stack(torch._foreach_norm(tensors))).all())


def check_fit(
    config: TrainConfig, dataset: ImageDataset, generator: Generator, discriminator: Discriminator
) -> None:
    """Fail now, with a reason, rather than in the first step.

    Raises
    ------
    OptionError
        Naming what does not fit.
    """
    what = generator.capabilities
    if (what.resolution, what.channels) != (dataset.resolution, dataset.channels):
        raise OptionError(
            f"The data are {dataset.resolution}² with {dataset.channels} channels, the generator "
            f"makes {what.resolution}² with {what.channels}. Choose the same resolution for both."
        )
    if what.classes and dataset.labels is None:
        raise OptionError(
            "The model wants classes, but the data have no labels. Train without "
            "classes, or put the pictures into one folder a class."
        )
    if what.classes and what.classes != len(dataset.classes):
        raise OptionError(
            f"The model wants {what.classes} classes, the data have {len(dataset.classes)}."
        )
    if len(dataset) < 2:
        raise OptionError("Training needs at least two pictures.")
    _check_batch(config, discriminator)


@torch.no_grad()
def _check_batch(config: TrainConfig, discriminator: Discriminator) -> None:
    shape = (config.batch, config.channels, config.resolution, config.resolution)
    device = next(discriminator.parameters()).device
    c = torch.zeros(config.batch, config.classes, device=device) if config.classes else None
    discriminator.eval()
    try:
        discriminator(torch.zeros(shape, device=device), c)
    except (ValueError, RuntimeError, ModelError) as error:
        raise OptionError(
            f"A batch of {config.batch} does not fit this discriminator: {error}. Use a multiple "
            "of 4.",
            str(error),
        ) from error
    finally:
        discriminator.train()


def _tensors(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach() for name, value in network.state_dict().items()}


@torch.no_grad()
def _load(network: nn.Module, saved: Mapping[str, Tensor]) -> None:
    own = network.state_dict()
    if own.keys() != saved.keys():
        raise RunError(
            "The checkpoint's networks are not those of the run's config.json. Start the run anew.",
            ", ".join(sorted(own.keys() ^ saved.keys())),
        )
    for name, value in own.items():
        if value.shape != saved[name].shape:
            raise RunError(f"The checkpoint's '{name}' has another shape. Start the run anew.")
        value.copy_(saved[name])

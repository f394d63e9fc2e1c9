"""What a training leaves in its run folder, each told as an event."""

from typing import Any

import torch

from latent_studio.data.dataset import ImageDataset
from latent_studio.events import (
    Alarm,
    AlarmCleared,
    CheckpointSaved,
    Emit,
    SampleGrid,
    SnapshotSaved,
    TrainTick,
)
from latent_studio.models.base import Generator
from latent_studio.storage.alarm_log import CLEARED, AlarmRow
from latent_studio.storage.model_file import ModelBundle
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.config import TrainConfig
from latent_studio.training.samples import draw_pictures, fixed_latents, grid_columns
from latent_studio.training.state import Counters, TrainState


class RunOutput:
    """Writes statistics, grids, model files and checkpoints of one run."""

    def __init__(
        self, folder: RunFolder, dataset: ImageDataset, config: TrainConfig, emit: Emit
    ) -> None:
        self._folder, self._dataset, self._emit = folder, dataset, emit
        self._grid_count = config.grid_count

    def tick(self, event: TrainTick) -> None:
        """Append a line to ``stats.jsonl``."""
        self._folder.append_stats(
            {
                "step": event.step,
                "kimg": event.kimg,
                "seconds": round(event.seconds, 3),
                "images_per_second": round(event.images_per_second, 2),
                **event.values,
            }
        )
        self._emit(event)

    def alarm(self, alarm: Alarm, counters: Counters) -> None:
        """Log an alarm."""
        self._folder.append_alarm(AlarmRow(counters.step, counters.kimg, alarm))
        self._emit(alarm)

    def cleared(self, kind: str, counters: Counters) -> None:
        """Log that an alarm has passed."""
        alarm = Alarm(self._folder.name, kind, "")
        self._folder.append_alarm(AlarmRow(counters.step, counters.kimg, alarm, CLEARED))
        self._emit(AlarmCleared(self._folder.name, kind))

    def grid(self, generator: Generator, kimg: float) -> None:
        """Draw the fixed latents and keep the picture."""
        z, c = fixed_latents(generator, self._grid_count)
        images = draw_pictures(generator, z, c)
        columns = grid_columns(self._grid_count)
        path = self._folder.save_grid(images, columns, kimg)
        self._emit(SampleGrid(self._folder.name, kimg, images, columns, str(path)))

    def snapshot(self, generator: Generator, config: TrainConfig, counters: Counters) -> None:
        """Write the averaged generator as a model file."""
        names = [str(name) for name in self._dataset.classes]
        named = len(names) == generator.capabilities.classes > 0
        card = {"classes": names} if named else {}
        facts = self._facts(config, counters)
        bundle = ModelBundle.from_generator(generator, training=facts, card=card)
        path = self._folder.save_snapshot(bundle, counters.kimg)
        self._emit(SnapshotSaved(self._folder.name, counters.kimg, str(path)))

    def checkpoint(self, state: TrainState, config: TrainConfig) -> None:
        """Write the full state."""
        path = self._folder.save_checkpoint(state.capture(config))
        self._emit(CheckpointSaved(self._folder.name, state.counters.kimg, str(path)))

    def _facts(self, config: TrainConfig, counters: Counters) -> dict[str, Any]:
        """How the weights came about, for the header of a model file."""
        return {
            "run": self._folder.name,
            "preset": config.preset,
            "data": self._dataset.name,
            "data_images": len(self._dataset),
            "kimg": counters.kimg,
            "steps": counters.step,
            "seconds": round(counters.seconds, 1),
            "device": config.device,
            "torch": torch.__version__,
            "config": config.to_json(),
        }

"""Event files for TensorBoard, beside a run's own statistics."""

import socket
import time
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError, RunError
from latent_studio.events import Alarm, Emit, Event, RunFinished, RunStarted, SampleGrid, TrainTick
from latent_studio.storage import atomic
from latent_studio.storage.grid import compose_grid


class TensorBoardLog:
    """An ``emit`` that passes events on and writes statistics and sample grids of a run.

    The files lie in the run's folder, one for each time it was begun or resumed; the steps on
    TensorBoard's axis are real pictures shown, so that runs of different batches compare.

    Raises
    ------
    OptionError
        The package tensorboard is not installed.
    """

    def __init__(self, emit: Emit) -> None:
        try:
            from tensorboard.compat.proto import event_pb2, summary_pb2
            from tensorboard.summary.writer.record_writer import RecordWriter
        except ImportError as error:
            raise OptionError(
                "--tensorboard needs the package tensorboard, which is not installed. "
                "Install it with: pip install 'latent-studio[tensorboard]'"
            ) from error
        self._emit = emit
        self._event, self._summary, self._writer = event_pb2, summary_pb2, RecordWriter
        self._file: Any = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._open(Path(event.folder), _step(event.kimg))
        elif isinstance(event, TrainTick):
            values = {**event.values, "speed/images_per_second": event.images_per_second}
            for name, value in values.items():
                self._write(event.kimg, tag=name, simple_value=float(value))
        elif isinstance(event, SampleGrid):
            self._write(event.kimg, tag="samples", image=self._image(event))
        self._emit(event)
        if isinstance(event, TrainTick | SampleGrid | Alarm):
            self._flush()
        elif isinstance(event, RunFinished):
            self.close()

    def close(self) -> None:
        """Finish the file; nothing is written any more."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _open(self, folder: Path, step: int) -> None:
        self.close()
        name = f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}"
        try:
            self._file = (folder / name).open("wb")
        except OSError as error:
            raise RunError(atomic.explain(error, folder / name), repr(error)) from error
        self._record(file_version="brain.Event:2")
        # What an earlier file holds from here on was lost with the steps after the checkpoint.
        start = self._event.SessionLog(status=self._event.SessionLog.START)
        self._record(step=step, session_log=start)
        self._flush()

    def _write(self, kimg: float, **value: Any) -> None:
        summary = self._summary.Summary(value=[self._summary.Summary.Value(**value)])
        self._record(step=_step(kimg), summary=summary)

    def _record(self, **content: Any) -> None:
        if self._file is not None:
            event = self._event.Event(wall_time=time.time(), **content)
            self._writer(self._file).write(event.SerializeToString())

    def _flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def _image(self, event: SampleGrid) -> Any:
        from io import BytesIO

        from PIL import Image

        sheet = compose_grid(event.images, event.columns)
        height, width, channels = sheet.shape
        data = BytesIO()
        Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet).save(data, format="PNG")
        return self._summary.Summary.Image(
            height=height,
            width=width,
            colorspace=channels,
            encoded_image_string=data.getvalue(),
        )


def _step(kimg: float) -> int:
    return round(kimg * 1000)

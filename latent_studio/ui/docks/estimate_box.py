"""What the next run would take in memory and time, told before it starts."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from latent_studio.errors import StudioError
from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.numbers import duration, size_text
from latent_studio.ui.widgets.section import section_label

if TYPE_CHECKING:
    from latent_studio.jobs.estimate import TrainingEstimate

WAIT_MS = 800  # a measurement takes seconds: not for every key


def estimate_run(preset: str, classes: int, options: dict[str, Any]) -> "TrainingEstimate":
    """For a worker: it imports torch and tries the networks."""
    from latent_studio.jobs.estimate import estimate_training

    return estimate_training(preset, classes=classes, options=options)


class EstimateBox(QWidget):
    """Renewed on a worker while it is looked at and nothing trains."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._running = self._again = False
        self.text = QLabel(tr("Memory and speed appear here."))
        self.text.setWordWrap(True)
        self.text.setAccessibleName(tr("Estimate of memory and speed"))
        self.text.setToolTip(
            tr("Measured with a few steps of these networks on this computer, without the data")
        )
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(section_label(tr("Estimate")))
        column.addWidget(self.text)
        column.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._start)

    def renew(self) -> None:
        """The choices have changed."""
        self._timer.start()

    def _start(self) -> None:
        training = self._context.training
        if training.running or self._context.jobs.closed or not self.isVisible():
            return
        if self._running:
            self._again = True
            return
        try:
            request = training.chosen_request()
        except StudioError as error:
            self._show(error.message, bad=True)
            return
        options = dict(request.options)
        if request.kimg:
            options["total_kimg"] = request.kimg
        classes = len(training.report.classes) if request.conditional else 0
        self._running, self._again = True, False
        self._show(tr("Measuring…"))
        self._context.jobs.start(
            tr("Estimate the training"),
            estimate_run,
            request.preset,
            classes,
            options,
            plain=True,
            quiet=True,
            done=self._on_done,
            failed=self._on_failed,
        )

    def _on_done(self, found: "TrainingEstimate") -> None:
        self._end(estimate_text(found), bad=not found.estimate.fits)

    def _on_failed(self, error: BaseException) -> None:
        self._end(getattr(error, "message", str(error)), bad=True)

    def _end(self, text: str, bad: bool) -> None:
        self._running = False
        self._show(text, bad)
        if self._again:
            self._timer.start()

    def _show(self, text: str, bad: bool = False) -> None:
        self.text.setText(text)
        self.text.setStyleSheet(f"color: {theme.colors().bad};" if bad else "")


def estimate_text(found: "TrainingEstimate") -> str:
    """A line each for device, memory, speed, and what to do if it does not fit."""
    config, estimate = found.config, found.estimate
    lines = [
        tr(
            "{device}, {precision}, batch {batch}",
            device=config.device,
            precision=config.precision,
            batch=config.batch,
        )
    ]
    memory = size_text(estimate.memory_bytes)
    if estimate.available_bytes is None:
        lines.append(tr("about {memory} of memory", memory=memory))
    else:
        free = size_text(estimate.available_bytes)
        lines.append(tr("about {memory} of {free} free memory", memory=memory, free=free))
    if estimate.images_per_second is not None and estimate.seconds_per_kimg is not None:
        time = duration(estimate.seconds_per_kimg * config.total_kimg)
        lines.append(
            tr(
                "about {speed:,.3g} img/s; {kimg:,g} kimg take {time}",
                speed=estimate.images_per_second,
                kimg=config.total_kimg,
                time=time,
            )
        )
    if not estimate.fits:
        lines.append(tr("It does not fit: choose a smaller batch, or set accumulate to 2 or more."))
    return "\n".join(lines)

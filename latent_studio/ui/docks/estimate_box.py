"""What the next run would take in memory and time, told before it starts."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from latent_studio.errors import StudioError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken
from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.numbers import duration, size_text
from latent_studio.ui.widgets.section import section_label

if TYPE_CHECKING:
    from latent_studio.ui.threads.job_thread import JobThread

log = logging.getLogger(__name__)

WAIT_MS = 800  # a measurement takes seconds: not for every key


def estimate_run(
    preset: str,
    classes: int,
    options: dict[str, Any],
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> dict[str, Any]:
    """For a worker, which only waits: what tries the networks is a process of its own, since it
    would keep the interpreter from the window for seconds.
    """
    from latent_studio.jobs.apart import call_apart

    target = "latent_studio.jobs.estimate:estimate_facts"
    return dict(call_apart(target, preset, classes, options, token=token))


class EstimateBox(QWidget):
    """Renewed in the background while it is looked at and nothing trains; what can't be estimated
    is not spoken of.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: JobThread | None = None
        self._again = False
        self.text = QLabel(_nothing())
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
        context.training.running_changed.connect(lambda _running: self._give_up())

    def hideEvent(self, event: QHideEvent) -> None:
        self._give_up()
        super().hideEvent(event)

    def renew(self) -> None:
        """The choices have changed: what is being measured means nothing any more."""
        self._timer.start()
        if self._job is not None:
            self._job.cancel()

    def _give_up(self) -> None:
        self._timer.stop()
        self._again = False
        if self._job is not None:
            self._job.cancel()

    def _start(self) -> None:
        training = self._context.training
        if training.running or self._context.jobs.closed or not self.isVisible():
            return
        if self._job is not None:
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
        self._again = False
        self._show(tr("Measuring…"))
        self._job = self._context.jobs.start(
            tr("Estimate the training"),
            estimate_run,
            request.preset,
            classes,
            options,
            quiet=True,
            done=self._on_done,
            failed=self._on_failed,
            cancelled=lambda: self._end(_nothing()),
        )

    def _on_done(self, facts: dict[str, Any]) -> None:
        self._end(estimate_text(facts), bad=not facts["fits"])

    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, StudioError):
            self._end(error.message, bad=True)
        else:
            log.info("no estimate: %s", error)
            self._end(_nothing())

    def _end(self, text: str, bad: bool = False) -> None:
        self._job = None
        self._show(text, bad)
        if self._again:
            self._timer.start()

    def _show(self, text: str, bad: bool = False) -> None:
        self.text.setText(text)
        self.text.setStyleSheet(f"color: {theme.colors().bad};" if bad else "")


def _nothing() -> str:
    return tr("Memory and speed appear here.")


def estimate_text(facts: Mapping[str, Any]) -> str:
    """A line each for device, memory, speed, and what to do if it does not fit."""
    names = ("device", "precision", "batch")
    known = {name: facts[name] for name in names}
    lines = [tr("{device}, {precision}, batch {batch}", **known)]
    memory = size_text(facts["memory_bytes"])
    if facts["available_bytes"] is None:
        lines.append(tr("about {memory} of memory", memory=memory))
    else:
        free = size_text(facts["available_bytes"])
        lines.append(tr("about {memory} of {free} free memory", memory=memory, free=free))
    if facts["images_per_second"] is not None:
        speed, kimg = facts["images_per_second"], facts["total_kimg"]
        time = duration(facts["seconds_per_kimg"] * kimg)
        text = tr(
            "about {speed:,.3g} img/s; {kimg:,g} kimg take {time}",
            speed=speed,
            kimg=kimg,
            time=time,
        )
        lines.append(text)
    if not facts["fits"]:
        lines.append(tr("It does not fit: choose a smaller batch, or set accumulate to 2 or more."))
    return "\n".join(lines)

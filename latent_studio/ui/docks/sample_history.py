"""The same latents over time: a run's sample grids with a slider to go back."""

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_history import GridEntry
from latent_studio.ui.widgets.track import Track


class GridView(QWidget):
    """The pictures of a sample grid, in as many columns as make them largest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._tile = (0, 0)
        self.setAccessibleName(tr("Samples"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(64, 40))

    @property
    def image(self) -> QImage:
        return self._image

    def set_image(self, image: QImage, tile: tuple[int, int] = (0, 0)) -> None:
        """Show ``image``; ``tile`` is the size of one picture in it (0: the whole is one)."""
        fits = tile[0] > 0 and not image.width() % tile[0] and not image.height() % tile[1]
        self._image = image
        self._tile = tile if fits else (max(1, image.width()), max(1, image.height()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image.isNull():
            painter.setPen(QColor(theme.colors().muted))
            text = tr("Sample grids of the run appear here: the same latents over time.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        width, height = self._tile
        across = self._image.width() // width
        count = across * (self._image.height() // height)
        columns, scale = best_columns(count, self._tile, (self.width(), self.height()))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 4)
        left = (self.width() - columns * width * scale) / 2
        top = (self.height() - -(-count // columns) * height * scale) / 2
        for index in range(count):
            row, column = divmod(index, columns)
            x, y = left + column * width * scale, top + row * height * scale
            source = QRectF(index % across * width, index // across * height, width, height)
            painter.drawImage(QRectF(x, y, width * scale, height * scale), self._image, source)


def best_columns(count: int, tile: tuple[int, int], room: tuple[int, int]) -> tuple[int, float]:
    """Columns that show ``count`` pictures of size ``tile`` largest in ``room``, and the scale."""

    def scale(columns: int) -> float:
        rows = -(-count // columns)
        return min(room[0] / (columns * tile[0]), room[1] / (rows * tile[1]))

    best = max(range(1, count + 1), key=scale)
    return best, scale(best)


class SampleHistory(QWidget):
    """Grid, slider over kimg, and a way to open the model of that moment.

    Grids are read from the run folder on a worker, the wanted one first; while one is read, further
    moves of the slider only change which comes next. At its right end the slider follows the run.
    """

    shown = Signal(float)
    """A grid is on screen: its kimg."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._grids: list[GridEntry] = []
        self._following = True
        self._reading = False
        self._shown: GridEntry | None = None
        self.view = GridView()
        self.slider = Track()
        self.slider.setAccessibleName(tr("Moment of the run"))
        self.slider.setToolTip(tr("Go back to any earlier moment of the run"))
        self.slider.valueChanged.connect(self._on_slider)
        self.slider.reset_requested.connect(lambda: self.go_to(None))
        self._label = QLabel()
        self._label.setMinimumWidth(92)
        self._open = QPushButton(tr("Open this model"))
        self._open.setProperty("role", "flat")
        self._open.setToolTip(tr("Explore the saved model nearest to this moment"))
        self._open.clicked.connect(self._open_model)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._step_button("◂", -1, tr("Earlier samples")))
        row.addWidget(self.slider, 1)
        row.addWidget(self._step_button("▸", 1, tr("Later samples")))
        row.addWidget(self._label)
        row.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        training = context.training
        training.event_received.connect(lambda _event: self._sync())
        training.history_changed.connect(self._sync)
        self._sync()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want()

    def go_to(self, kimg: float | None) -> None:
        """Show the grid nearest to ``kimg``; None: the newest, and follow the run."""
        if kimg is None or not self._grids:
            self.slider.setValue(self.slider.maximum())
            return
        distances = [abs(grid.kimg - kimg) for grid in self._grids]
        self.slider.setValue(distances.index(min(distances)))

    def _step_button(self, text: str, step: int, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAutoRepeat(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self.slider.setValue(self.slider.value() + step))
        return button

    def _sync(self) -> None:
        """Take over the run's list of grids if it has changed."""
        grids = self._context.training.history.grids
        same = len(grids) == len(self._grids) and (not grids or grids[-1] is self._grids[-1])
        if same and grids:
            return
        self._grids = list(grids)
        if not grids:
            self._following, self._shown = True, None
            self.view.set_image(QImage())
        with blocked(self.slider):
            self.slider.setRange(0, max(0, len(grids) - 1))
            if self._following:
                self.slider.setValue(self.slider.maximum())
        self._update_label()
        self._want()

    def _on_slider(self, value: int) -> None:
        self._following = value == self.slider.maximum()
        self._update_label()
        self._want()

    def _wanted(self) -> GridEntry | None:
        index = self.slider.value()
        return self._grids[index] if index < len(self._grids) else None

    def _want(self) -> None:
        """Show the chosen grid, from memory or by reading it; nothing while hidden."""
        wanted = self._wanted()
        if wanted is None or wanted is self._shown or not self.isVisible():
            return
        if wanted.images is not None:
            self._show(wanted, compose(wanted.images, wanted.columns))
        elif not self._reading:
            self._reading = True
            self._context.jobs.start(
                tr("Read samples"),
                QImage,
                wanted.path,
                plain=True,
                quiet=True,
                done=lambda image: self._on_read(wanted, image),
                failed=lambda _error: self._on_read(wanted, QImage()),
            )

    def _on_read(self, entry: GridEntry, image: QImage) -> None:
        self._reading = False
        self._show(entry, image)
        self._want()

    def _show(self, entry: GridEntry, image: QImage) -> None:
        self._shown = entry
        self.view.set_image(image, self._context.training.history.tile)
        self.shown.emit(entry.kimg)

    def _update_label(self) -> None:
        wanted = self._wanted()
        self._label.setText(tr("{kimg:,.1f} kimg", kimg=wanted.kimg) if wanted else "")
        self._open.setEnabled(wanted is not None)
        self.slider.setEnabled(len(self._grids) > 1)

    def _open_model(self) -> None:
        wanted = self._wanted()
        path = self._context.training.history.snapshot_near(wanted.kimg) if wanted else ""
        if path:
            self._context.models.open_path(path, keep_recipe=True)
        else:
            message = tr("No model of this run has been saved yet; wait a little or press Save.")
            self._context.notifications.info(message)


def compose(images: np.ndarray, columns: int) -> QImage:
    """uint8 ``[N, H, W, C]`` as one picture of ``columns`` columns."""
    count, height, width, channels = images.shape
    columns = max(1, min(columns or count, count))
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width, 3), np.uint8)
    sheet[:count] = images if channels >= 3 else np.repeat(images[..., :1], 3, axis=3)
    sheet = sheet.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    pixels: Any = np.ascontiguousarray(sheet.reshape(rows * height, columns * width, 3))
    stride = 3 * columns * width
    image = QImage(pixels, columns * width, rows * height, stride, QImage.Format.Format_RGB888)
    return image.copy()  # owns its memory

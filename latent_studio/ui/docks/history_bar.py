"""The slider over a run's saved models: the same recipe at any moment of the training."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.run_models import RunModels


class HistoryBar(QWidget):
    """Dragged to the left it shows older models on the canvas; at its right end the newest, live.

    ``moved(kimg)`` follows the hand; None is the newest. Hidden until a model has been saved.
    """

    moved = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.models = RunModels(context, self)
        self._known: list[tuple[float, str]] = []
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Model of the run on the canvas"))
        self.slider.setMinimumWidth(120)
        self.slider.setToolTip(
            tr("Drag to see the same picture by earlier models; the right end is the newest")
        )
        self.slider.valueChanged.connect(self._on_slider)
        self.slider.sliderReleased.connect(self.models.end_drag)
        self.label = QLabel()
        self.label.setMinimumWidth(72)
        self.latest = QToolButton()
        self.latest.setText(tr("Latest"))
        self.latest.setProperty("role", "chip")
        self.latest.setToolTip(tr("Back to the newest model, live while it trains"))
        self.latest.setAccessibleName(tr("Back to the newest model"))
        self.latest.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.latest.clicked.connect(self._go_latest)
        title = QLabel(tr("Model over time"))
        title.setProperty("role", "muted")
        title.setBuddy(self.slider)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        row.addWidget(self.latest)
        training = context.training
        training.event_received.connect(lambda _event: self._sync())
        training.history_changed.connect(self._sync)
        context.state.scene_changed.connect(lambda _scene: self._follow_scene())
        self._sync()

    def _sync(self) -> None:
        """Take over the list of saved models if it has changed; the newest stays the newest."""
        snapshots = self.models.snapshots
        if snapshots == self._known and self._known:
            return
        at_end = not self._known or self.slider.value() == self.slider.maximum()
        shown = None if at_end else self._known[self.slider.value()][0]
        self._known = list(snapshots)
        with blocked(self.slider):
            self.slider.setRange(0, len(self._known))
            self.slider.setPageStep(max(1, len(self._known) // 8))
            self.slider.setValue(self._index(shown))
        self.setVisible(bool(self._known))
        self._show_label()

    def _index(self, kimg: float | None) -> int:
        """Where the slider stands for the model of ``kimg``; None: the newest."""
        if kimg is None or not self._known:
            return len(self._known)
        distances = [abs(known - kimg) for known, _ in self._known]
        return distances.index(min(distances))

    def _on_slider(self, value: int) -> None:
        self._show_label()
        if value < len(self._known):
            kimg, path = self._known[value]
            self.models.show(kimg, path)
            self.moved.emit(kimg)
        else:
            self.models.show_latest()
            self.moved.emit(None)
        if not self.slider.isSliderDown():
            self.models.end_drag()

    def _go_latest(self) -> None:
        if self.slider.value() == self.slider.maximum():
            self.models.show_latest()  # another model is on the canvas
        self.slider.setValue(self.slider.maximum())

    def _follow_scene(self) -> None:
        """Undo, or a model opened elsewhere, moves the slider, too."""
        ref = self._context.state.scene.model
        if self.slider.isSliderDown() or ref.kind != "run" or self.models.busy:
            return
        if ref.name == self._context.training.history.folder:
            with blocked(self.slider):
                self.slider.setValue(self._index(ref.kimg))
            self._show_label()

    def _show_label(self) -> None:
        value = self.slider.value()
        older = value < len(self._known)
        text = tr("{kimg:,.1f} kimg", kimg=self._known[value][0]) if older else tr("newest")
        self.label.setText(text)

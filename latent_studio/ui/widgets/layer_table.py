"""One row a layer: which source it takes its style from, and how strongly."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QWidget

from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.slider import FloatSlider

LEAST_TRACK = 70  # pixels in which a strength can still be set by hand


def layer_resolution(layer: int, resolution: int) -> int:
    """Size of the feature maps that a layer of a StyleGAN styles (4, then two layers a size)."""
    return int(min(resolution, 4 * 2 ** ((layer + 1) // 2)))


class LayerTable(QWidget):
    """``source_chosen(layer, source)``, ``strength_changed(layer, strength)`` and
    ``edit_finished()`` follow the user; source 0 is the picture's own.
    """

    source_chosen = Signal(int, int)
    strength_changed = Signal(int, float)
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2)
        self._grid.setVerticalSpacing(1)
        self._groups: list[QButtonGroup] = []
        self._strengths: list[FloatSlider] = []
        self._widgets: list[QWidget] = []

    def build(self, layers: int, letters: str, resolution: int) -> None:
        """Make rows for ``layers`` and columns for the sources named by ``letters``."""
        for widget in self._widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._groups, self._strengths, self._widgets = [], [], []
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)  # the sliders were there, a source is now
        for column, letter in enumerate(letters):
            head = QLabel(letter)
            head.setProperty("role", "muted")
            head.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._put(head, 0, column + 1)
        for layer in range(layers):
            self._add_row(layer, letters, resolution)
        self._grid.setColumnStretch(len(letters) + 1, 1)

    def show_layer(self, layer: int, source: int, strength: float) -> None:
        """Show silently what the recipe says."""
        button = self._groups[layer].button(source)
        if button is not None:
            button.setChecked(True)
        self._strengths[layer].set_value(strength)
        self._strengths[layer].setVisible(source > 0)

    def button(self, layer: int, source: int) -> QRadioButton:
        found = self._groups[layer].button(source)
        assert isinstance(found, QRadioButton)
        return found

    def strength(self, layer: int) -> FloatSlider:
        return self._strengths[layer]

    def _add_row(self, layer: int, letters: str, resolution: int) -> None:
        size = layer_resolution(layer, resolution)
        label = QLabel(f"{layer}")
        label.setToolTip(tr("Layer {layer}, {size}×{size}", layer=layer, size=size))
        label.setFixedWidth(26)
        self._put(label, layer + 1, 0)
        group = QButtonGroup(self)
        for source, letter in enumerate(letters):
            button = QRadioButton()
            name = tr("Layer {layer} from source {letter}", layer=layer, letter=letter)
            button.setAccessibleName(name)
            button.setToolTip(name)
            group.addButton(button, source)
            self._put(button, layer + 1, source + 1, Qt.AlignmentFlag.AlignCenter)
        group.idClicked.connect(lambda source: self.source_chosen.emit(layer, source))
        self._groups.append(group)
        self._add_strength(layer, len(letters) + 1)

    def _add_strength(self, layer: int, column: int) -> None:
        name = tr("Strength of layer {layer}", layer=layer)
        slider = FloatSlider(name, 0.0, 1.0, 0.01, 1.0, limits=(-2.0, 3.0))
        slider.label.hide()
        slider.track.setMinimumWidth(LEAST_TRACK)
        slider.setMinimumHeight(22)
        policy = slider.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        slider.setSizePolicy(policy)
        slider.value_changed.connect(lambda value: self.strength_changed.emit(layer, value))
        slider.edit_finished.connect(self.edit_finished)
        self._strengths.append(slider)
        self._put(slider, layer + 1, column)

    def _put(
        self,
        widget: QWidget,
        row: int,
        column: int,
        align: Qt.AlignmentFlag | None = None,
    ) -> None:
        self._widgets.append(widget)
        if align is None:
            self._grid.addWidget(widget, row, column)
        else:
            self._grid.addWidget(widget, row, column, align)
        widget.show()  # now: hidden ones take no room, and the rows below would jump
